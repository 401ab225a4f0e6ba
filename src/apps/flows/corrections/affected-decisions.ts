import type { CorrectionRow } from '../../../adapters/postgres/corrections.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import {
  type AffectedDecisionRow,
  type DecisionReviewRow,
  readAffectedDecisions,
  readReviewsOfCheck,
  readReviewsOfCorrection,
} from '../../../adapters/postgres/decision-reviews.ts';
import { type OrderCheckRow, readOrderCheck } from '../../../adapters/postgres/order-checks.ts';
import { memberOf, textOf } from '../../../adapters/postgres/report-content-fields.ts';
import { readReportByPublicId, readVersionsOf } from '../../../adapters/postgres/report-reading.ts';
import { everLinked } from '../../../adapters/postgres/reports-marks.ts';
import { type ComparableDecision, type LineChange, lineChanges } from '../../../correction/index.ts';
import { type Instant, isoInstant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import {
  type Decision,
  type DecisionFacts,
  disclose,
  replay,
  type Rules,
} from '../../../recognition/index.ts';
import { isTakenBack } from '../../../result/index.ts';
import type { AffectedDecision } from '../../../web/wire/correction.ts';
import { openKeptCheck } from '../checks/kept-check.ts';
import { orderedName } from '../checks/present-check.ts';
import type { FlowDependencies } from '../dependencies.ts';
import { institutionAnswer, itemAnswer } from '../present.ts';

/** Decisions that are listed to the desk; those beyond are marked and reviewed all the same. */
export const AFFECTED_MAX = 100;

const gradeText = (grade: string | null, rules: Rules): string | null =>
  grade === null ? null : (rules.sentenceOf(`grade.${grade}`)?.zh ?? grade);

/** What a line of a report said in one of its versions; null where it says nothing any more. */
type ValueIn = (version: number | undefined, ordinal: number) => string | null;

const valuesOfReport = async (session: Session, report: PublicId): Promise<ValueIn> => {
  const reading = await readReportByPublicId(session, report);
  const versions = reading ? await readVersionsOf(session, reading) : [];
  return (version, ordinal) => {
    const found = versions.find((each) => each.version === version);
    const line = found?.content.observations.find((one, index) => (one.ordinal ?? index + 1) === ordinal);
    if (!found || !line || isTakenBack(line.standing ?? found.standing)) return null;
    const { value, unit } = line.stated;
    return [textOf(memberOf(value, 'text')), textOf(unit)].filter(Boolean).join(' ');
  };
};

const lineAnswer = (
  { index, before, after, results }: LineChange,
  { session, search }: DecisionFacts,
  rules: Rules,
  { report_public_id: report, report_version: version }: DecisionReviewRow,
  valueIn: ValueIn,
): NonNullable<AffectedDecision['review']>['lines'][number] => {
  const weighed = search.kind === 'searched' ? search.candidates : [];
  const versionThen = (ordinal: number) =>
    weighed.find((each) => each.report === report && each.ordinal === ordinal)?.reportVersion;
  return {
    line: session.lines[index]?.line ?? index + 1,
    name: orderedName(session.lines[index], session, rules),
    outcomeBefore: before,
    outcomeAfter: after,
    results: results.map((each) => ({
      ordinal: each.ordinal,
      itemZh: itemAnswer(rules, each.item).nameZh,
      before: gradeText(each.before, rules),
      after: gradeText(each.after, rules),
      changed: each.before !== each.after,
      valueBefore: valueIn(versionThen(each.ordinal), each.ordinal),
      valueAfter: each.after === null ? null : valueIn(version, each.ordinal),
    })),
  };
};

/** A decision and its review, decided again from their records and laid side by side as the reader may see them. */
const reviewAnswer = async (
  { snapshots }: Pick<FlowDependencies, 'snapshots'>,
  check: OrderCheckRow,
  review: DecisionReviewRow,
  shownTo: (decision: Decision, rules: Rules) => ComparableDecision,
  valueIn: ValueIn,
): Promise<AffectedDecision['review']> => {
  const replayed = async (row: OrderCheckRow | DecisionReviewRow) => {
    const { evaluator, snapshot_id: snapshotId, facts, verdicts } = row;
    return replay({ evaluator, snapshotId, facts, verdicts }, await snapshots.byId(snapshotId));
  };
  const [before, after] = await Promise.all([replayed(check), replayed(review)]);
  if (before.outcome === 'facts-erased' || after.outcome === 'facts-erased') return null;
  const rules = (await snapshots.byId(check.snapshot_id)).rulesAt(check.checked_at as Instant);
  const changes = lineChanges(
    shownTo(before.decision, rules),
    shownTo(after.decision, rules),
    review.report_public_id,
  );
  return {
    reviewedAt: isoInstant(review.reviewed_at as Instant),
    reportVersion: review.report_version,
    lines: changes.map((change) => lineAnswer(change, before.facts, rules, review, valueIn)),
  };
};

const decisionAnswer = (
  row: AffectedDecisionRow,
  code: InstitutionCode | undefined,
  rules: Rules,
  review: AffectedDecision['review'],
): AffectedDecision => {
  const named = code && institutionAnswer(rules, code);
  return {
    check: row.public_id,
    institution: { code: code ?? 'UNKNOWN', nameZh: named?.nameZh ?? '未知机构' },
    department: row.department,
    doctor: row.doctor,
    checkedAt: isoInstant(row.checked_at as Instant),
    answer: row.recognised ? 'recognise' : row.re_examined ? 're-examine' : 'none',
    told: row.told,
    review,
  };
};

/** Decisions that weighed the report of a ticket, for the desk of the institution that issued it: its own report throughout. */
export const affectedDecisions = async (
  dependencies: FlowDependencies,
  session: Session,
  row: CorrectionRow,
): Promise<{
  readonly decisions: AffectedDecision[];
  readonly truncated: boolean;
  readonly rows: readonly AffectedDecisionRow[];
}> => {
  const persons = await everLinked(session, row.person_id);
  const [found, kept, ruling] = await Promise.all([
    readAffectedDecisions(session, persons, row.report_public_id, AFFECTED_MAX + 1),
    readReviewsOfCorrection(session, row.public_id),
    dependencies.snapshots.current(),
  ]);
  const rules = ruling.snapshot.rulesAt(dependencies.clock());
  const reviews = new Map(kept.map((review) => [review.check_public_id, review]));
  const rows = found.slice(0, AFFECTED_MAX);
  const valueIn = await valuesOfReport(session, row.report_public_id);
  const decisions: AffectedDecision[] = [];
  for (const each of rows) {
    const review = reviews.get(each.public_id);
    const check = review && (await readOrderCheck(session, each.public_id));
    const shown =
      review && check
        ? await reviewAnswer(dependencies, check, review, (decision) => decision, valueIn)
        : null;
    decisions.push(decisionAnswer(each, ruling.registry.institutionCode(each.institution_id), rules, shown));
  }
  return { decisions, truncated: found.length > rows.length, rows };
};

/** The reviews of one decision, for its own institution: without what that institution may not see by now. */
export const reviewsOfCheck = async (
  dependencies: FlowDependencies,
  check: OrderCheckRow,
): Promise<{ readonly reviews: AffectedDecision[]; readonly basis: string }> => {
  const { database, snapshots, clock } = dependencies;
  const [ruling, { consent, replayed, basis }] = await Promise.all([
    snapshots.current(),
    openKeptCheck(dependencies, check, null),
  ]);
  const rulesNow = ruling.snapshot.rulesAt(clock());
  const { institution } = replayed.facts.session;
  const shownTo = (decision: Decision, rules: Rules): ComparableDecision =>
    disclose(decision, { institution }, consent, rules);
  const reviews: AffectedDecision[] = [];
  for (const review of await readReviewsOfCheck(database, check.person_id, check.public_id)) {
    const affected = await readAffectedDecisions(
      database,
      [check.person_id],
      review.report_public_id,
      AFFECTED_MAX,
    );
    const row = affected.find(({ public_id }) => public_id === check.public_id);
    if (!row) continue;
    const valueIn = await valuesOfReport(database, review.report_public_id);
    const shown = await reviewAnswer(dependencies, check, review, shownTo, valueIn);
    reviews.push(decisionAnswer(row, institution, rulesNow, shown));
  }
  return { reviews, basis };
};
