import { readReportCandidates } from '../../../adapters/postgres/candidate-rows.ts';
import {
  type CorrectionRow,
  readCorrection,
  readDisputedReports,
} from '../../../adapters/postgres/corrections.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import { keepDecisionReview } from '../../../adapters/postgres/decision-reviews.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import { everLinked } from '../../../adapters/postgres/reports-marks.ts';
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
import { factsOfRows } from '../checks/candidates.ts';
import type { FlowDependencies } from '../dependencies.ts';

/**
 * How sure it is by now that the report is of the decision's patient; null: it is not. Who was found by how much that day
 * is a fact of that day, so where the person is in no doubt, the old grade stands.
 */
const identityNow = async (
  session: Session,
  decision: NamingDecision,
  { person_id, report_public_id }: CorrectionRow,
  facts: DecisionFacts,
): Promise<IdentityGrade | null> => {
  const { members } = await clusterOf(session, decision.person_id);
  const grade = members.find(({ personId }) => personId === person_id)?.grade;
  if (grade === undefined) return null;
  if ((await readDisputedReports(session, [person_id])).has(report_public_id)) return 'disputed';
  const weighed =
    facts.search.kind === 'searched'
      ? facts.search.candidates.find(({ report }) => report === report_public_id)?.identity
      : undefined;
  return weighed === undefined || weighed === 'disputed' ? grade : weighed;
};

const reviewOne = async (
  dependencies: FlowDependencies,
  session: Session,
  row: CorrectionRow,
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
  const identity = await identityNow(session, decision, row, facts);
  const asked = new Set<string>(itemsAsked(readOrder(facts.session, rules)));
  const corrected: readonly CandidateFacts[] =
    identity === null
      ? []
      : factsOfRows(
          await readReportCandidates(session, row.person_id, row.report_public_id),
          registry,
          rules,
          identity,
        ).filter(({ item }) => asked.has(item));
  const reviewed = reEvaluate(facts, row.report_public_id, corrected, snapshot);
  if (!reviewed) return false;
  return keepDecisionReview(
    session,
    {
      personId: decision.person_id,
      check: decision.public_id,
      correction: row.public_id,
      report: row.report_public_id,
      reportVersion: row.current_version,
      record: reviewed.record,
    },
    at,
  );
};

/**
 * Decides every decision that weighed the report of an answered ticket once more with the corrected facts, and keeps that
 * beside it. Each is kept once; whatever was interrupted goes on where it stopped.
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
  const persons = await everLinked(session, row.person_id);
  let reviewed = 0;
  for (const decision of await readDecisionsNaming(session, persons, row.report_public_id, null, null))
    if (await reviewOne(dependencies, session, row, decision, at)) reviewed++;
  return reviewed;
};
