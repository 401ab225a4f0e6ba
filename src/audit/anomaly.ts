import { type Instant, MINUTE_MS } from '../kernel/instant.ts';
import type { AnomalyRule } from '../recognition/index.ts';
import type { CaseKind } from './case.ts';

/** One look at a person's data, as the log has it. */
export interface Look {
  readonly event: string;
  readonly at: Instant;
  readonly actor: string;
  readonly institution: string;
  readonly person: string;
  readonly action: string;
}

/** What is known beside the log about one look. */
export interface LookCircumstances {
  /** The person looked at has an account of staff of the same institution. */
  readonly isColleague: boolean;
  readonly isWatched: boolean;
  /** The institution has a visit, an order or a report of the person within the window of the rule. */
  readonly hasEncounter: boolean;
}

/** A look that a rule found, or the last of the many. */
export interface Anomaly {
  readonly kind: Extract<CaseKind, AnomalyRule['kind']>;
  readonly look: Look;
  /** Of `bulk`: how many persons within the window. */
  readonly persons?: number;
}

/** Acts that show the content of results: only these need a visit or order behind them. */
const CONTENT_ACTIONS: ReadonlySet<string> = new Set([
  'results.read',
  'report.read',
  'report-attachment.read',
]);

/** What the rules that look at one look alone find in it. */
export const anomaliesOf = (
  look: Look,
  circumstances: LookCircumstances,
  rules: readonly AnomalyRule[],
): readonly Anomaly[] =>
  rules.flatMap((rule): Anomaly[] => {
    switch (rule.kind) {
      case 'colleague':
        return circumstances.isColleague ? [{ kind: 'colleague', look }] : [];
      case 'watched-person':
        return circumstances.isWatched ? [{ kind: 'watched-person', look }] : [];
      case 'no-encounter':
        return CONTENT_ACTIONS.has(look.action) && !circumstances.hasEncounter
          ? [{ kind: 'no-encounter', look }]
          : [];
      case 'bulk':
        return [];
    }
  });

/**
 * The moment at which one actor had looked at more persons within the window than the rule allows; null when never.
 *
 * @param looks of one actor, in order of time
 */
export const bulkOf = (
  looks: readonly Look[],
  { persons, windowMinutes }: Extract<AnomalyRule, { kind: 'bulk' }>,
): Anomaly | null => {
  const seen = new Map<string, Instant>();
  for (const look of looks) {
    seen.delete(look.person);
    seen.set(look.person, look.at);
    for (const [person, at] of seen)
      if (look.at - at > windowMinutes * MINUTE_MS) seen.delete(person);
      else break;
    if (seen.size > persons) return { kind: 'bulk', look, persons: seen.size };
  }
  return null;
};
