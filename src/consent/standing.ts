import type { Instant } from '../kernel/instant.ts';
import type { InstitutionCode } from '../organisation/index.ts';
import type { ConsentAct, ConsentPurpose, ConsentScope } from './act.ts';

/** One question of consent: may this institution read results of that one, for this purpose, now. */
export interface ConsentQuestion {
  readonly purpose: ConsentPurpose;
  readonly source: InstitutionCode;
  readonly recipient: InstitutionCode | null;
  /** The restricted class that the result belongs to; null when none. */
  readonly recordClass: string | null;
  readonly at: Instant;
}

/** What counts for a question: the act that speaks to it, or none. */
export type ConsentStanding =
  | { readonly kind: 'not-recorded' }
  | { readonly kind: ConsentAct['kind']; readonly act: ConsentAct };

/** True of an act that has been done and has not ended by itself. */
const isInForce = (act: ConsentAct, at: Instant): boolean =>
  act.actedAt <= at && (act.until === null || at < act.until);

const covers = (scope: ConsentScope, question: ConsentQuestion): boolean =>
  scope.purpose === question.purpose &&
  (scope.source === null || scope.source === question.source) &&
  (scope.recipient === null || scope.recipient === question.recipient) &&
  scope.recordClass === question.recordClass;

const restricts = ({ kind }: ConsentAct): boolean => kind === 'denied' || kind === 'withdrawn';

const isSameScope = (left: ConsentScope, right: ConsentScope): boolean =>
  left.purpose === right.purpose &&
  left.source === right.source &&
  left.recipient === right.recipient &&
  left.recordClass === right.recordClass;

/** True when a scope names every institution and class that the other names. */
const namesAllOf = (scope: ConsentScope, other: ConsentScope): boolean =>
  scope.purpose === other.purpose &&
  scope.recordClass === other.recordClass &&
  (other.source === null || other.source === scope.source) &&
  (other.recipient === null || other.recipient === scope.recipient);

/**
 * True when a later act takes a refusal or a withdrawal back: an agreement that names whatever it names, or another
 * refusal or withdrawal of the very same scope. Of one moment the stricter stands.
 */
const isLifted = (restriction: ConsentAct, acts: readonly ConsentAct[]): boolean =>
  acts.some(
    (later) =>
      later.actedAt > restriction.actedAt &&
      (later.kind === 'consented'
        ? namesAllOf(later.scope, restriction.scope)
        : restricts(later) && isSameScope(later.scope, restriction.scope)),
  );

const latest = (acts: readonly ConsentAct[], kind: ConsentAct['kind']): ConsentAct | undefined => {
  let found: ConsentAct | undefined;
  for (const act of acts)
    if (act.kind === kind && (found === undefined || act.actedAt > found.actedAt)) found = act;
  return found;
};

/**
 * Which act answers a question. A refusal or a withdrawal stands, however widely it was drawn, until the patient agrees
 * again and names what it named: who hid one hospital does not show it again by agreeing to all at a registration desk,
 * and who withdraws everything has withdrawn what was agreed to at one desk too. Of refusals and withdrawals that stand
 * the refusal counts; without any, the latest agreement; else that the patient was informed. Restricted classes are
 * answered only by acts that name them.
 */
export const consentStanding = (acts: readonly ConsentAct[], question: ConsentQuestion): ConsentStanding => {
  if (acts.length === 0) return { kind: 'not-recorded' };
  const counting = acts.filter((act) => isInForce(act, question.at) && covers(act.scope, question));
  const standing = counting.filter((act) => !restricts(act) || !isLifted(act, counting));
  for (const kind of ['denied', 'withdrawn', 'consented', 'informed'] as const) {
    const act = latest(standing, kind);
    if (act) return { kind, act };
  }
  return { kind: 'not-recorded' };
};

/**
 * True when the patient refuses that this institution reads results of some source, whichever it is. Asked where the
 * answer must be the same whether or not that source has any.
 *
 * @param recordClasses the classes in question; null among them for what is not restricted
 */
export const refusesAnySource = (
  acts: readonly ConsentAct[],
  {
    purpose,
    recipient,
    recordClasses,
    at,
  }: Pick<ConsentQuestion, 'purpose' | 'recipient' | 'at'> & {
    readonly recordClasses: readonly (string | null)[];
  },
): boolean => {
  const counting = acts.filter(
    (act) =>
      isInForce(act, at) &&
      act.scope.purpose === purpose &&
      (act.scope.recipient === null || act.scope.recipient === recipient) &&
      recordClasses.includes(act.scope.recordClass),
  );
  return counting.some(
    (act) =>
      // Of a restricted class what was taken back is hidden as a whole; of anything else its existence may be told.
      (act.kind === 'denied' || (act.kind === 'withdrawn' && act.scope.recordClass !== null)) &&
      // An agreement about one source leaves a refusal of all the others standing.
      !isLifted(
        act,
        counting.filter(({ scope }) => scope.source === act.scope.source),
      ),
  );
};

/**
 * The refusals and withdrawals that stand for this institution, each whole act once: what could be taken back, and by
 * naming what. Of a patient's own (null) those that name no institution.
 */
export const standingRestrictions = (
  acts: readonly ConsentAct[],
  { purpose, recipient, at }: Pick<ConsentQuestion, 'purpose' | 'recipient' | 'at'>,
): readonly ConsentAct[] => {
  const counting = acts.filter(
    (act) =>
      isInForce(act, at) &&
      act.scope.purpose === purpose &&
      (act.scope.recipient === null || act.scope.recipient === recipient),
  );
  return counting.filter(
    (act) =>
      restricts(act) &&
      !isLifted(
        act,
        counting.filter(({ scope }) => scope.source === act.scope.source),
      ),
  );
};

/**
 * The agreements that stand and were given to one institution alone: each could be taken back by naming that institution
 * and class. Those that a refusal or withdrawal has overtaken are not among them.
 */
export const standingAgreements = (
  acts: readonly ConsentAct[],
  { purpose, at }: Pick<ConsentQuestion, 'purpose' | 'at'>,
): readonly ConsentAct[] =>
  acts.filter((act) => {
    const { recipient, source, recordClass } = act.scope;
    if (act.kind !== 'consented' || recipient === null || source !== null) return false;
    const standing = consentStanding(
      acts.filter(({ scope }) => scope.source === null),
      { purpose, source: recipient, recipient, recordClass, at },
    );
    return standing.kind === 'consented' && standing.act === act;
  });
