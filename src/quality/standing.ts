import type { Instant } from '../kernel/instant.ts';
import {
  type CampusCode,
  chinaPeriod,
  during,
  type InstitutionCode,
  type Period,
  startOfChinaDay,
} from '../organisation/index.ts';
import type { ConsortiumStandard, Grant, GrantTable } from './grant.ts';

/** A grant with its dates ready for comparison. */
export interface DatedGrant {
  readonly grant: Grant;
  readonly period: Period;
  readonly revocation: { readonly revokedOn: Instant; readonly effectiveFrom: Instant } | null;
}

/** The grants of one institution, found by item or by category. */
export interface GrantIndex {
  readonly byItem: ReadonlyMap<string, readonly DatedGrant[]>;
  readonly byCategory: ReadonlyMap<string, readonly DatedGrant[]>;
}

const add = <Key, Value>(index: Map<Key, Value[]>, key: Key, value: Value): void => {
  const known = index.get(key);
  if (known) known.push(value);
  else index.set(key, [value]);
};

/** Makes the grants of one institution ready for lookup. */
export const indexGrants = (table: GrantTable): GrantIndex => {
  const byItem = new Map<string, DatedGrant[]>();
  const byCategory = new Map<string, DatedGrant[]>();
  for (const grant of table.grants) {
    const dated: DatedGrant = {
      grant,
      period: chinaPeriod(grant.validFrom, grant.validTo),
      revocation: grant.revocation
        ? {
            revokedOn: startOfChinaDay(grant.revocation.revokedOn),
            effectiveFrom: startOfChinaDay(grant.revocation.effectiveFrom),
          }
        : null,
    };
    for (const item of grant.items) add(byItem, item, dated);
    for (const category of grant.categories ?? []) add(byCategory, category, dated);
  }
  return { byItem, byCategory };
};

/** What the mark says about one performance of an item. */
export interface Performance {
  readonly campus: CampusCode | null;
  readonly methodClass: string | null;
  /** The moment of collection or examination. */
  readonly performedAt: Instant;
  /** The moment of the question: a revocation decided later is not yet known. */
  readonly at: Instant;
}

/**
 * How a grant stands to a performance.
 * - `covers`: valid at the moment of collection or examination.
 * - `covers-since-ended`: was valid then, and has ended or was revoked since. A later failed round does not reach back.
 * - `revoked`: revoked for that moment; a revocation for cause may name a day before it was pronounced.
 * - `expired`, `not-begun`: outside its period then.
 * - `other-campus`, `other-method`: limited to another campus or method.
 * - `unknown`: limited to a campus or method that the report does not state.
 */
export type GrantStanding =
  | 'covers'
  | 'covers-since-ended'
  | 'revoked'
  | 'expired'
  | 'not-begun'
  | 'other-campus'
  | 'other-method'
  | 'unknown';

/** Tells how a grant of the HR mark stands to one performance of an item it names. */
export const grantStanding = (dated: DatedGrant, performance: Performance): GrantStanding => {
  const { grant, period, revocation } = dated;
  if (performance.performedAt < period.from) return 'not-begun';
  if (performance.performedAt >= period.to) return 'expired';
  const revoked = revocation !== null && performance.at >= revocation.revokedOn;
  if (revoked && performance.performedAt >= revocation.effectiveFrom) return 'revoked';
  if (grant.campus !== undefined && performance.campus !== null && performance.campus !== grant.campus)
    return 'other-campus';
  if (
    grant.methodClasses &&
    performance.methodClass !== null &&
    !grant.methodClasses.includes(performance.methodClass)
  )
    return 'other-method';
  if (grant.campus !== undefined && performance.campus === null) return 'unknown';
  if (grant.methodClasses && performance.methodClass === null) return 'unknown';
  return revoked || performance.at >= period.to ? 'covers-since-ended' : 'covers';
};

/** A line of a consortium's quality standard with its place (from 1) and its period ready for comparison. */
export interface DatedStandardRow {
  readonly place: number;
  readonly row: ConsortiumStandard['rows'][number];
  readonly period: Period;
}

/** The lines of a consortium's own quality standard by institution. */
export const indexConsortiumStandard = (
  standard: ConsortiumStandard,
): ReadonlyMap<InstitutionCode, readonly DatedStandardRow[]> => {
  const index = new Map<InstitutionCode, DatedStandardRow[]>();
  for (const [position, row] of standard.rows.entries())
    add(index, row.institution, {
      place: position + 1,
      row,
      period: chinaPeriod(row.validFrom, row.validTo),
    });
  return index;
};

/**
 * The line by which an institution met the consortium's own quality standard for an item at the moment of collection
 * or examination; null where none does.
 *
 * @param rows the institution's lines out of `indexConsortiumStandard`
 */
export const standardRowAt = (
  rows: readonly DatedStandardRow[],
  item: string,
  performedAt: Instant,
): DatedStandardRow | null => {
  for (const dated of rows)
    if (during(dated.period, performedAt) && (dated.row.items === 'all' || dated.row.items.includes(item)))
      return dated;
  return null;
};
