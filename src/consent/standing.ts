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

/** What counts for a question: the act that speaks to it most closely, or none. */
export type ConsentStanding =
  | { readonly kind: 'not-recorded' }
  | { readonly kind: ConsentAct['kind']; readonly act: ConsentAct };

const covers = (scope: ConsentScope, question: ConsentQuestion): boolean =>
  scope.purpose === question.purpose &&
  (scope.source === null || scope.source === question.source) &&
  (scope.recipient === null || scope.recipient === question.recipient) &&
  scope.recordClass === question.recordClass;

/** How closely a scope is drawn: one that names an institution speaks louder than one that means all. */
const closeness = ({ source, recipient }: ConsentScope): number =>
  (source === null ? 0 : 1) + (recipient === null ? 0 : 1);

const counts = (act: ConsentAct, question: ConsentQuestion): boolean =>
  covers(act.scope, question) &&
  act.actedAt <= question.at &&
  (act.until === null || question.at < act.until);

/**
 * Which act answers a question. The act drawn most closely counts before wider ones, whichever is later: who hid one
 * hospital does not show it again by agreeing to all at a registration desk. Of equally close ones the latest counts; of
 * the same moment, the stricter. Restricted classes are answered only by acts that name them.
 */
export const consentStanding = (acts: readonly ConsentAct[], question: ConsentQuestion): ConsentStanding => {
  let best: ConsentAct | undefined;
  for (const act of acts) {
    if (!counts(act, question)) continue;
    if (best === undefined || speaksLouder(act, best)) best = act;
  }
  return best === undefined ? { kind: 'not-recorded' } : { kind: best.kind, act: best };
};

const STRICTNESS: Readonly<Record<ConsentAct['kind'], number>> = {
  informed: 0,
  consented: 1,
  withdrawn: 2,
  denied: 3,
};

const speaksLouder = (act: ConsentAct, other: ConsentAct): boolean => {
  const closer = closeness(act.scope) - closeness(other.scope);
  if (closer !== 0) return closer > 0;
  if (act.actedAt !== other.actedAt) return act.actedAt > other.actedAt;
  return STRICTNESS[act.kind] > STRICTNESS[other.kind];
};
