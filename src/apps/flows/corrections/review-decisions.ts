import { readReportCandidates } from '../../../adapters/postgres/candidate-rows.ts';
import { readCorrection, readDisputedReports } from '../../../adapters/postgres/corrections.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import { keepDecisionReview } from '../../../adapters/postgres/decision-reviews.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import { readReportByPublicId } from '../../../adapters/postgres/report-reading.ts';
import { everLinked } from '../../../adapters/postgres/reports-marks.ts';
import { readImageEvidence } from '../../../adapters/postgres/imaging-evidence.ts';
import { type NamingDecision, readDecisionsNaming } from '../../../adapters/postgres/weighed-decisions.ts';
import { isOpen, reEvaluate } from '../../../correction/index.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  type CandidateFacts,
  type DecisionFacts,
  type IdentityGrade,
  itemsAsked,
  readFacts,
  readOrder,
} from '../../../recognition/index.ts';
import { factsOfRows, withImages } from '../checks/candidates.ts';
import type { FlowDependencies } from '../dependencies.ts';

/** A report that was put right, with results as they are now. */
interface ReportToReview {
  /** Internal key of the report's person. */
  readonly personId: string;
  readonly report: PublicId;
  /** Of the report now. */
  readonly version: number;
  /** The ticket that was answered; null: nobody had reported it. */
  readonly correction: PublicId | null;
}

/**
 * How sure it is by now that the report is of the decision's patient; null: it is not. Who was found by how much that day
 * is a fact of that day, so where the person is in no doubt, the old grade stands.
 */
const identityNow = async (
  session: Session,
  decision: NamingDecision,
  { personId, report }: ReportToReview,
  facts: DecisionFacts,
): Promise<IdentityGrade | null> => {
  const { members } = await clusterOf(session, decision.person_id);
  const grade = members.find((member) => member.personId === personId)?.grade;
  if (grade === undefined) return null;
  if ((await readDisputedReports(session, [personId])).has(report)) return 'disputed';
  const weighed =
    facts.search.kind === 'searched'
      ? facts.search.candidates.find((each) => each.report === report)?.identity
      : undefined;
  return weighed === undefined || weighed === 'disputed' ? grade : weighed;
};

const reviewOne = async (
  dependencies: FlowDependencies,
  session: Session,
  about: ReportToReview,
  decision: NamingDecision,
  at: Instant,
): Promise<boolean> => {
  const facts = readFacts(decision.facts);
  if ('erased' in facts) return false;
  const [snapshot, { registry }] = await Promise.all([
    dependencies.snapshots.byId(decision.snapshot_id),
    dependencies.snapshots.current(),
  ]);
  const rules = snapshot.rulesAt(facts.at);
  const identity = await identityNow(session, decision, about, facts);
  const asked = new Set<string>(itemsAsked(readOrder(facts.session, rules)));
  const images = await readImageEvidence(session, [about.personId]);
  const corrected: readonly CandidateFacts[] =
    identity === null
      ? []
      : factsOfRows(
          await readReportCandidates(session, about.personId, about.report),
          registry,
          rules,
          identity,
        )
          .map((each) => withImages(each, images.get(each.report), at))
          .filter(({ item }) => asked.has(item));
  const reviewed = reEvaluate(facts, about.report, corrected, snapshot);
  if (!reviewed) return false;
  return keepDecisionReview(
    session,
    {
      personId: decision.person_id,
      check: decision.public_id,
      correction: about.correction,
      report: about.report,
      reportVersion: about.version,
      record: reviewed.record,
    },
    at,
  );
};

/** Each decision is reviewed once for a ticket or a version; whatever was interrupted goes on where it stopped. */
const reviewAll = async (
  dependencies: FlowDependencies,
  session: Session,
  about: ReportToReview,
  at: Instant,
): Promise<number> => {
  const persons = await everLinked(session, about.personId);
  let reviewed = 0;
  for (const decision of await readDecisionsNaming(session, persons, about.report, null, null))
    if (await reviewOne(dependencies, session, about, decision, at)) reviewed++;
  return reviewed;
};

/**
 * Decides every decision that weighed the report of an answered ticket once more with the corrected facts, and keeps that
 * beside it.
 *
 * @returns how many were reviewed now
 */
export const reviewDecisions = async (
  dependencies: FlowDependencies,
  session: Session,
  correction: PublicId,
  at: Instant,
): Promise<number> => {
  const row = await readCorrection(session, correction);
  if (!row || isOpen(row.state)) return 0;
  const { person_id: personId, report_public_id: report, current_version: version } = row;
  return reviewAll(dependencies, session, { personId, report, version, correction }, at);
};

/**
 * The same for a report that was corrected, withdrawn or given back by a message, whether or not anybody had reported it:
 * a doctor who relied on it learns what the decision would have been.
 *
 * @returns how many were reviewed now
 */
export const reviewAmended = async (
  dependencies: FlowDependencies,
  session: Session,
  report: PublicId,
  at: Instant,
): Promise<number> => {
  const reading = await readReportByPublicId(session, report);
  if (!reading) return 0;
  const { personId, version } = reading;
  return reviewAll(dependencies, session, { personId, report, version, correction: null }, at);
};
