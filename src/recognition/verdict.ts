import type { JsonValue } from '../kernel/canonical-json.ts';
import type { Instant } from '../kernel/instant.ts';
import type { ZoneCode } from '../organisation/index.ts';

/** From nothing to most: excluded is never offered, only listed in the explanation. */
export type VerdictGrade = 'excluded' | 'view-only' | 'not-covered' | 'may-consider' | 'must-consider';

/** What a rule rests on: the list with version and row, and the instrument that publishes it with the article it names. */
export interface Citation {
  readonly list?: {
    readonly kind: string;
    readonly code: string;
    readonly version: string;
    readonly row?: string;
  };
  readonly instrument?: { readonly titleZh: string; readonly number: string; readonly article?: string };
}

/** Outcome of one check, with the data it used. Codes and data only: sentences are rendered from templates. */
export interface CheckOutcome {
  readonly check: string;
  readonly outcome: 'pass' | 'fail' | 'unknown' | 'assumed-by-policy';
  /** Which way it failed or passed, e.g. `window-passed`; key of the sentence that explains it. */
  readonly finding: string;
  readonly data: Readonly<Record<string, JsonValue>>;
  readonly citation: Citation | null;
}

/** What Huren says about one earlier result for one ordered item. */
export interface Verdict {
  readonly grade: VerdictGrade;
  /** Code of the fold row that decided. */
  readonly row: string;
  /** The zone whose rules applied; null when none is common. */
  readonly zone: ZoneCode | null;
  readonly checks: readonly CheckOutcome[];
  /** When the verdict would change by the mere passing of time; null when never. */
  readonly until: Instant | null;
}
