import { chinaDays, type ItemCode, windowState } from '../catalogue/index.ts';
import type { Instant } from '../kernel/instant.ts';
import { type AnsweredOffer, asksAbout, isAnswered } from './answered-offers.ts';
import { type Evaluate, evaluate } from './evaluate.ts';
import type { CandidateFacts, PatientFacts } from './facts.ts';
import { foldRow, rowRank } from './fold.ts';
import {
  type OrderLine,
  type OrderPart,
  type OrderSession,
  type ReadLine,
  readOrder,
} from './order-session.ts';
import { type PanelDecision, decidePanel } from './panel-decision.ts';
import type { Policy } from './policy.ts';
import type { Rules } from './rules.ts';
import type { CompiledSnapshot } from './snapshot.ts';
import type { Verdict, VerdictGrade } from './verdict.ts';

/** What was found when earlier results were looked for. `not-checked` is never the same as nothing found. */
export type Search =
  | {
      readonly kind: 'searched';
      readonly candidates: readonly CandidateFacts[];
      readonly patient: PatientFacts;
      /**
       * The patient is known by record numbers alone, so nothing ties other institutions' results to him: what was found
       * counts, and an item of which nothing was found was not checked.
       */
      readonly ownRecordOnly?: true;
    }
  | {
      readonly kind: 'not-checked';
      /** Why: the person is not established, or the data could not be reached. */
      readonly reason: 'person-not-established' | 'person-ambiguous' | 'data-not-reachable';
    };

/**
 * What is said about one ordered item or line.
 * - `recognisable`: another institution's result may stand in.
 * - `partly-recognisable`: of a panel some members are covered, others are missing.
 * - `own-recent`: 本院近期已检, never counted as recognition between institutions.
 * - `reference-only`: there is something to read, nothing to recognise.
 * - `silent`: serial monitoring ordered as such; nothing is said.
 * - `nothing-found`, `not-checked`, `unmapped`: three different things, never mixed up.
 * - `consent-needed`: only after `disclose`; there is a like result, to be read once the patient has agreed.
 * - `not-disclosed`: only after `disclose`; the same whether or not there is anything.
 */
export type LineOutcome =
  | 'recognisable'
  | 'partly-recognisable'
  | 'own-recent'
  | 'reference-only'
  | 'silent'
  | 'nothing-found'
  | 'not-checked'
  | 'unmapped'
  | 'consent-needed'
  | 'not-disclosed';

/** One earlier result with its verdict and what the doctor is shown of it. */
export interface Assessed {
  readonly candidate: CandidateFacts;
  /** Place of the candidate in the search, from 0. */
  readonly index: number;
  readonly verdict: Verdict;
  /** Made or reported by the ordering institution itself. */
  readonly own: boolean;
  readonly offer: 'recognise' | 'own' | 'reference' | 'none';
}

/** The decision about one ordered item. */
export interface PartDecision {
  readonly part: OrderPart;
  readonly outcome: Exclude<LineOutcome, 'partly-recognisable' | 'unmapped'>;
  /** The result that carries the outcome; null when none does. */
  readonly chosen: Assessed | null;
  /** Every candidate for the item, the most favourable first. */
  readonly assessed: readonly Assessed[];
  /** Best grade of another institution's result on offer: null means that the order was no opportunity. */
  readonly best: VerdictGrade | null;
}

/** The decision about one ordered line. */
export interface LineDecision {
  readonly outcome: LineOutcome;
  readonly parts: readonly PartDecision[];
  readonly panel: PanelDecision | null;
  /** Why the doctor is not interrupted although there is something; null when nothing holds it back. */
  readonly quiet: 'encounter-class' | 'answered' | null;
  /** The ordering system says that the doctor has answered this line before. */
  readonly isStatedAnswered: boolean;
  /** True when the doctor is to be asked. */
  readonly interrupts: boolean;
}

/** The decision about an order session. */
export interface Decision {
  readonly at: Instant;
  readonly snapshotId: string;
  /** False when nothing was looked for, so that every line is `not-checked`. */
  readonly isSearched: boolean;
  readonly lines: readonly LineDecision[];
  /** What had been answered in this order session before. */
  readonly answered: readonly AnsweredOffer[];
  /** True when any line is to be asked about: one consolidated prompt for the session. */
  readonly interrupts: boolean;
}

/**
 * The best known moment of a result for the order of results; never for a window. A moment that is still to come is a
 * wrong clock's: it must not pass for the newest.
 */
const momentOf = (candidate: CandidateFacts, at: Instant): number => {
  const moment = candidate.collectedAt ?? candidate.receivedAt ?? candidate.reportedAt;
  return moment === null || moment > at ? Number.NEGATIVE_INFINITY : moment;
};

/** Inside the repeat reminder's own clock (重复提醒), which is not the item's reference window. */
const inReminder = (candidate: CandidateFacts, policy: Policy, at: Instant): boolean => {
  const moment = candidate.collectedAt ?? candidate.receivedAt ?? candidate.reportedAt;
  if (moment === null) return false;
  return windowState(chinaDays(policy.repeatReminderCivilDays), moment, 'minute', at).state !== 'passed';
};

const windowHolds = (verdict: Verdict): boolean =>
  verdict.checks.some(({ check, outcome }) => check === 'within-window' && outcome === 'pass');

const offerOf = (
  verdict: Verdict,
  own: boolean,
  candidate: CandidateFacts,
  policy: Policy,
  at: Instant,
): Assessed['offer'] => {
  const { offer } = foldRow(verdict.row);
  if (offer === 'none') return 'none';
  if (own) return inReminder(candidate, policy, at) ? 'own' : 'none';
  return windowHolds(verdict) || inReminder(candidate, policy, at) ? offer : 'none';
};

/** The later first; results without a moment alike. */
const laterFirst = (left: number, right: number): number => (left === right ? 0 : left > right ? -1 : 1);

const byFavour = (left: Assessed, right: Assessed, at: Instant): number =>
  rowRank(right.verdict.row) - rowRank(left.verdict.row) ||
  laterFirst(momentOf(left.candidate, at), momentOf(right.candidate, at)) ||
  (left.candidate.report < right.candidate.report
    ? -1
    : left.candidate.report > right.candidate.report
      ? 1
      : 0) ||
  left.candidate.ordinal - right.candidate.ordinal;

const newest = (results: readonly Assessed[], at: Instant): Assessed | null =>
  results.reduce<Assessed | null>(
    (best, each) =>
      best === null || momentOf(each.candidate, at) > momentOf(best.candidate, at) ? each : best,
    null,
  );

/**
 * Of all results of an item the one to speak of. An own result at least as new as the best one from elsewhere comes
 * first: who has been examined here yesterday needs no result from there of last week.
 */
export const chooseAmong = (
  assessed: readonly Assessed[],
  at: Instant,
): Pick<PartDecision, 'outcome' | 'chosen'> => {
  const elsewhere = assessed.find(({ offer }) => offer === 'recognise') ?? null;
  const own = newest(
    assessed.filter(({ offer }) => offer === 'own'),
    at,
  );
  if (
    own !== null &&
    (elsewhere === null || momentOf(own.candidate, at) >= momentOf(elsewhere.candidate, at))
  )
    return { outcome: 'own-recent', chosen: own };
  if (elsewhere !== null) return { outcome: 'recognisable', chosen: elsewhere };
  const reference = assessed.find(({ offer }) => offer === 'reference') ?? null;
  return reference === null
    ? { outcome: 'nothing-found', chosen: null }
    : { outcome: 'reference-only', chosen: reference };
};

interface Context {
  readonly evaluate: Evaluate;
  readonly snapshot: CompiledSnapshot;
  readonly policy: Policy;
  readonly search: Search;
  /** Places of the candidates by item. */
  readonly byItem: ReadonlyMap<ItemCode, readonly number[]>;
  readonly at: Instant;
}

const decidePart = (part: OrderPart, context: Context): PartDecision => {
  const { snapshot, policy, search, at } = context;
  if (search.kind === 'not-checked')
    return { part, outcome: 'not-checked', chosen: null, assessed: [], best: null };
  const assessed = (context.byItem.get(part.order.item) ?? []).map((index): Assessed => {
    const candidate = search.candidates[index] as CandidateFacts;
    const verdict = context.evaluate(part.order, candidate, snapshot, search.patient, at);
    const { institution } = part.order;
    const own = candidate.performer === institution || candidate.reporter === institution;
    return { candidate, index, verdict, own, offer: offerOf(verdict, own, candidate, policy, at) };
  });
  assessed.sort((left, right) => byFavour(left, right, at));
  const best = assessed.find(({ own, offer }) => !own && offer !== 'none')?.verdict.grade ?? null;
  if (part.order.purpose === 'serial-monitoring')
    return { part, outcome: 'silent', chosen: null, assessed, best };
  const chosen = chooseAmong(assessed, at);
  const outcome = search.ownRecordOnly && chosen.outcome === 'nothing-found' ? 'not-checked' : chosen.outcome;
  return { part, ...chosen, outcome, assessed, best };
};

const decideLine = (
  line: ReadLine,
  ordered: OrderLine | undefined,
  session: OrderSession,
  context: Context,
): LineDecision => {
  const parts = line.parts.map((part) => decidePart(part, context));
  const panel = line.kind === 'panel' ? decidePanel(line.panel, parts) : null;
  const outcome: LineOutcome =
    line.kind === 'unmapped' ? 'unmapped' : (panel?.outcome ?? parts[0]?.outcome ?? 'unmapped');
  const asks = asksAbout(outcome);
  const isStatedAnswered = ordered?.answered ?? false;
  const answered = isStatedAnswered || isAnswered({ parts }, session.answered ?? []);
  const silentClass = context.policy.silentEncounterClasses.includes(session.encounterClass);
  const quiet = !asks ? null : silentClass ? 'encounter-class' : answered ? 'answered' : null;
  return { outcome, parts, panel, quiet, isStatedAnswered, interrupts: asks && quiet === null };
};

const indexByItem = (search: Search): ReadonlyMap<ItemCode, readonly number[]> => {
  const byItem = new Map<ItemCode, number[]>();
  if (search.kind === 'searched')
    for (const [index, { item }] of search.candidates.entries()) {
      const known = byItem.get(item);
      if (known) known.push(index);
      else byItem.set(item, [index]);
    }
  return byItem;
};

/**
 * Decides about all lines of an order session: reads them by the institution's lists, gives every earlier result of each
 * item its verdict, ranks them and chooses what the doctor is told. Pure: the same input gives the same decision.
 *
 * @param search what was found of the items that `itemsAsked` named
 * @param at the moment of the order
 */
export type Decide = (
  session: OrderSession,
  search: Search,
  snapshot: CompiledSnapshot,
  at: Instant,
) => Decision;

/** Makes the decision that rests on an evaluation: one per version of the evaluator. */
export const decideWith =
  (evaluation: Evaluate): Decide =>
  (session, search, snapshot, at) => {
    const rules: Rules = snapshot.rulesAt(at);
    const context: Context = {
      evaluate: evaluation,
      snapshot,
      policy: rules.policyOf(session.institution),
      search,
      byItem: indexByItem(search),
      at,
    };
    const lines = readOrder(session, rules).map((line, index) =>
      decideLine(line, session.lines[index], session, context),
    );
    return {
      at,
      snapshotId: snapshot.id,
      isSearched: search.kind === 'searched',
      lines,
      answered: session.answered ?? [],
      interrupts: lines.some(({ interrupts }) => interrupts),
    };
  };

/** The decision of today's version. */
export const decide: Decide = decideWith(evaluate);
