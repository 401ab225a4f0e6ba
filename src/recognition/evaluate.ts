import { type Instant, instant } from '../kernel/instant.ts';
import { type Anchor, type Check, type CheckFacts, outcomeOf, type ZoneFacts } from './checks/check.ts';
import { RESULT_CHECKS, ZONE_CHECKS, ZONE_CHOICE } from './checks/checks.ts';
import type { CandidateFacts, OrderFacts, PatientFacts } from './facts.ts';
import { FOLD, foldIndex, rowRank } from './fold.ts';
import type { DefinedItem, ListedItem, ZoneRules } from './rules.ts';
import type { CompiledSnapshot } from './snapshot.ts';
import type { CheckOutcome, Verdict } from './verdict.ts';

/** The verdict without the moment at which it would change. */
type Standing = Omit<Verdict, 'until'> & { readonly index: number; readonly zonesCommon: number };

const MUST = FOLD.length - 1;
const WINDOW_PASSED = rowRank('window-passed');

/** What a version of the evaluator asks of the lists of a zone. */
type ZoneChecks = readonly Check<ZoneFacts>[];

const anchorOf = (candidate: CandidateFacts, listed: ListedItem): Anchor | null => {
  if (candidate.collectedAt !== null)
    return {
      at: candidate.collectedAt,
      precision: candidate.collectedPrecision ?? 'day',
      basis: 'collected',
    };
  if (listed.row.receivedTimeAllowed && candidate.receivedAt !== null)
    return { at: candidate.receivedAt, precision: 'minute', basis: 'received' };
  return null;
};

const checkZone = (
  checks: ZoneChecks,
  facts: CheckFacts,
  defined: DefinedItem,
  zoneRules: ZoneRules,
  listed: ListedItem,
): CheckOutcome[] => {
  const zoneFacts: ZoneFacts = {
    order: facts.order,
    candidate: facts.candidate,
    patient: facts.patient,
    at: facts.at,
    rules: facts.rules,
    pair: facts.pair,
    defined,
    zoneRules,
    listed,
    anchor: anchorOf(facts.candidate, listed),
  };
  const outcomes = [outcomeOf(ZONE_CHOICE, zoneFacts)];
  for (const check of checks) outcomes.push(outcomeOf(check, zoneFacts));
  return outcomes;
};

/**
 * The verdict at one moment. Of all zones common to both institutions whose list has the item, the one most favourable
 * counts: the furthest row down the fold; of equals the narrowest.
 */
const assess = (
  checks: ZoneChecks,
  order: OrderFacts,
  candidate: CandidateFacts,
  snapshot: CompiledSnapshot,
  patient: PatientFacts,
  at: Instant,
): Standing => {
  const rules = snapshot.rulesAt(at);
  const defined = rules.itemOf(order.item);
  const pair = rules.pairOf(candidate.performer, order.institution);
  const facts: CheckFacts = { order, candidate, patient, at, rules, defined, pair };
  const common: CheckOutcome[] = [];
  for (const check of RESULT_CHECKS) common.push(outcomeOf(check, facts));
  const commonIndex = foldIndex(common);

  let best: CheckOutcome[] | null = null;
  let bestIndex = -1;
  let zone: ZoneRules | null = null;
  if (defined !== undefined)
    for (const zoneRules of pair.zones) {
      const listed = zoneRules.listedItem(order.item);
      if (listed === undefined) continue;
      const outcomes = checkZone(checks, facts, defined, zoneRules, listed);
      const index = foldIndex(outcomes);
      if (index > bestIndex) {
        best = outcomes;
        bestIndex = index;
        zone = zoneRules;
      }
      if (index === MUST) break;
    }
  if (best === null) {
    best = [outcomeOf(ZONE_CHOICE, { ...facts, zoneRules: null })];
    bestIndex = foldIndex(best);
  }
  const index = Math.min(commonIndex, bestIndex);
  const { grade, row } = FOLD[index] as (typeof FOLD)[number];
  for (const outcome of best) common.push(outcome);
  // Of an excluded result no zone's rules have applied, though they were looked at for the explanation.
  return {
    grade,
    row,
    zone: grade === 'excluded' ? null : (zone?.zone.code ?? null),
    checks: common,
    index,
    zonesCommon: pair.zones.length,
  };
};

/** The end of the reference window as the verdict's own check reported it. */
const windowEnd = ({ checks }: Standing): number => {
  for (const { check, data } of checks)
    if (check === 'within-window')
      return typeof data['until'] === 'number' ? data['until'] : Number.POSITIVE_INFINITY;
  return Number.POSITIVE_INFINITY;
};

/** The first moment after `from` at which anything a verdict rests on turns by the mere passing of time. */
const nextEvent = (
  standing: Standing,
  candidate: CandidateFacts,
  patient: PatientFacts,
  from: number,
  rulesTo: number,
): number => {
  let next = rulesTo;
  // What stands above the window in the fold does not turn with it, unless another zone could come to be named.
  const namesOneZone = standing.grade === 'excluded' || standing.zonesCommon < 2;
  if (standing.index < WINDOW_PASSED && namesOneZone) return next;
  const consider = (moment: number | null): void => {
    if (moment !== null && moment > from && moment < next) next = moment;
  };
  consider(windowEnd(standing));
  // Where the list of another zone counts from the receipt, its window begins then.
  consider(candidate.receivedAt);
  for (const { at } of patient.interventions ?? []) consider(at);
  return next;
};

/** When the grade, the row or the zone of a verdict would change by the mere passing of time; null when never. */
const until = (
  checks: ZoneChecks,
  now: Standing,
  order: OrderFacts,
  candidate: CandidateFacts,
  snapshot: CompiledSnapshot,
  patient: PatientFacts,
  at: Instant,
): Instant | null => {
  let standing = now;
  let from = at;
  for (;;) {
    const rulesTo = snapshot.rulesAt(from).to;
    const next = nextEvent(standing, candidate, patient, from, rulesTo);
    if (next === Number.POSITIVE_INFINITY) return null;
    const moment = instant(next);
    // A result that must be considered surely stops being so when its window ends; no need to look.
    if (standing.index === MUST && next < rulesTo && next === windowEnd(standing)) return moment;
    const then = assess(checks, order, candidate, snapshot, patient, moment);
    if (then.row !== standing.row || then.zone !== standing.zone) return moment;
    standing = then;
    from = moment;
  }
};

/**
 * What may be done with one earlier result for one ordered item (DESIGN: the verdict). Pure and deterministic: the same
 * facts under the same snapshot at the same moment give the same verdict, byte for byte.
 *
 * @param order the ordering side of one item
 * @param candidate the earlier result
 * @param patient what is known of the patient beside the results
 * @param at the moment of the order
 */
export type Evaluate = (
  order: OrderFacts,
  candidate: CandidateFacts,
  snapshot: CompiledSnapshot,
  patient: PatientFacts,
  at: Instant,
) => Verdict;

/** Makes the evaluation that asks these checks of a zone's lists: one per version of the evaluator. */
export const evaluateWith =
  (checks: ZoneChecks): Evaluate =>
  (order, candidate, snapshot, patient, at) => {
    const now = assess(checks, order, candidate, snapshot, patient, at);
    return {
      grade: now.grade,
      row: now.row,
      zone: now.zone,
      checks: now.checks,
      until: until(checks, now, order, candidate, snapshot, patient, at),
    };
  };

/** The evaluation of today's version. */
export const evaluate: Evaluate = evaluateWith(ZONE_CHECKS);
