import { readConsentRecords, consentStateOf } from '../../adapters/postgres/consents.ts';
import { readDisputedReports } from '../../adapters/postgres/corrections.ts';
import type { Session } from '../../adapters/postgres/database.ts';
import { keepOpportunities, readOpenOrders } from '../../adapters/postgres/opportunities.ts';
import { clusterOf } from '../../adapters/postgres/person-lookup.ts';
import { type Instant, instant } from '../../kernel/instant.ts';
import {
  type EncounterClass,
  decide,
  disclose,
  itemsAsked,
  itemsToldUnlessRefused,
  mayBeTold,
  type OrderSession,
  readOrder,
} from '../../recognition/index.ts';
import { findCandidates } from '../flows/checks/candidates.ts';
import type { FlowDependencies } from '../flows/dependencies.ts';

/** Orders older than this are history and counted by whoever imports it. */
const COUNTED_DAYS = 30;

/**
 * Counts the opportunities in the orders that an ordering system stated by message: an ordered item for which another
 * institution's result was there when it was ordered. Nobody was told of it, so it counts as not shown; a check of the
 * same encounter and item that did show it has counted it already. What the ordering institution may not be told of, by
 * the consent that stands when it is counted, is no opportunity: a count that it reads later would tell.
 */
export const countOrderedOpportunities = async (
  dependencies: FlowDependencies,
  session: Session,
  personId: string,
): Promise<void> => {
  const now = dependencies.clock();
  const since = instant(now - COUNTED_DAYS * 86_400_000);
  const orders = await readOpenOrders(session, personId, since);
  if (orders.length === 0) return;
  const [ruling, cluster] = await Promise.all([
    dependencies.snapshots.current(),
    clusterOf(session, personId),
  ]);
  const persons = cluster.members.map((member) => member.personId);
  const [records, disputed] = await Promise.all([
    readConsentRecords(session, persons),
    readDisputedReports(session, persons),
  ]);
  // An emergency opens what is hidden to one doctor, and an order by message names none.
  const consent = consentStateOf(records, ruling.registry, now, null);
  for (const order of orders) {
    const institution = ruling.registry.institutionCode(order.institution_id);
    if (!institution) continue;
    const at = order.requested_at as Instant;
    const orderSession: OrderSession = {
      institution,
      encounterClass: (order.encounter_class ?? 'outpatient') as EncounterClass,
      purpose: 'diagnosis',
      diagnoses: order.diagnoses,
      lines: [{ localCode: order.local_code }],
    };
    const rules = ruling.snapshot.rulesAt(at);
    const reader = { institution };
    const lines = readOrder(orderSession, rules);
    const sought = {
      items: itemsAsked(lines),
      toldUnlessRefused: itemsToldUnlessRefused(lines, reader, rules),
    };
    const limits = { disputed, consent, mayBeTold: mayBeTold(lines, reader, consent, rules) };
    const found = await findCandidates(session, ruling, cluster, institution, sought, at, async () => limits);
    // What was collected after the order is its answer, not an earlier result.
    const candidates = found.facts.filter(
      ({ collectedAt, receivedAt, reportedAt }) => (collectedAt ?? receivedAt ?? reportedAt ?? at) < at,
    );
    const decision = decide(
      orderSession,
      { kind: 'searched', candidates, patient: { interventions: null } },
      ruling.snapshot,
      at,
    );
    const opportunities = disclose(decision, reader, consent, rules).lines.flatMap(({ parts }) =>
      parts.flatMap(({ part, best }) => {
        const itemKey = ruling.registry.itemKey(part.order.item);
        return best !== null && itemKey ? [{ itemKey, bestGrade: best, shown: false }] : [];
      }),
    );
    if (opportunities.length > 0)
      await keepOpportunities(session, {
        personId,
        institutionKey: order.institution_id,
        encounterKey: order.encounter_number ?? order.placer_number,
        encounterClass: orderSession.encounterClass,
        at,
        opportunities,
      });
  }
};
