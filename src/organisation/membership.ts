import { CHINA_ZONE, startOfCivilDay } from '../kernel/civil-day.ts';
import { DAY_MS, type Instant } from '../kernel/instant.ts';
import type { InstitutionCode } from './institution.ts';
import type { InstitutionList, InstitutionListRow, Zone, ZoneLevel } from './zone.ts';

/** Width of the levels, narrow to wide. */
const LEVEL_WIDTH: Readonly<Record<ZoneLevel, number>> = {
  consortium: 0,
  city: 1,
  province: 2,
  'cross-province': 3,
  nation: 4,
};

/** A period between two moments; the end is the first moment outside it, `Infinity` where there is none. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** The first moment, in China, of a civil day written `2026-11-23`. */
export const startOfChinaDay = (date: string): Instant =>
  startOfCivilDay(Math.floor(Date.parse(`${date}T00:00:00Z`) / DAY_MS), CHINA_ZONE);

/** A period out of civil days in China, end exclusive, as all lists write it. */
export const chinaPeriod = (from: string, to?: string): Period => ({
  from: startOfChinaDay(from),
  to: to === undefined ? Number.POSITIVE_INFINITY : startOfChinaDay(to),
});

/** True when the moment lies in the period. */
export const during = (period: Period, at: Instant): boolean => at >= period.from && at < period.to;

/** How wide a zone is: 0 consortium, 1 city, 2 province, 3 across provinces, 4 nation. */
export const zoneWidth = (zone: Pick<Zone, 'level'>): number => LEVEL_WIDTH[zone.level];

/** Order of zones from narrow to wide, by code where equally wide: the same list always gives the same order. */
export const narrowToWide = (
  left: Pick<Zone, 'level' | 'code'>,
  right: Pick<Zone, 'level' | 'code'>,
): number =>
  zoneWidth(left) - zoneWidth(right) || (left.code < right.code ? -1 : left.code > right.code ? 1 : 0);

/** The zones of every institution that is a member of any at the moment, narrow to wide. */
export const membershipsAt = (
  zones: readonly Zone[],
  at: Instant,
): ReadonlyMap<InstitutionCode, readonly Zone[]> => {
  const memberships = new Map<InstitutionCode, Zone[]>();
  for (const zone of zones.toSorted(narrowToWide))
    for (const member of zone.members) {
      if (!during(chinaPeriod(member.from, member.to), at)) continue;
      const known = memberships.get(member.institution);
      if (known === undefined) memberships.set(member.institution, [zone]);
      else if (known.at(-1) !== zone) known.push(zone);
    }
  return memberships;
};

/** The zones common to two lists that are both in order narrow to wide; the order is kept. */
export const commonZones = <Place extends Pick<Zone, 'code'>>(
  left: readonly Place[],
  right: readonly Place[],
): readonly Place[] => left.filter((zone) => right.some((other) => other.code === zone.code));

const inScope = (scope: InstitutionListRow['scope'], item: string, category: string): boolean =>
  scope === 'all' ||
  (scope.items?.includes(item) ?? false) ||
  (scope.categories?.includes(category) ?? false);

/** A row of an institution list with its place and its period ready for comparison. */
export interface DatedListing {
  /** Place of the row in the list, from 1. */
  readonly place: number;
  readonly row: InstitutionListRow;
  readonly period: Period;
}

/** The rows of an institution list by institution. */
export const indexInstitutionList = (
  list: Pick<InstitutionList, 'rows'>,
): ReadonlyMap<InstitutionCode, readonly DatedListing[]> => {
  const index = new Map<InstitutionCode, DatedListing[]>();
  for (const [position, row] of list.rows.entries()) {
    const dated = { place: position + 1, row, period: chinaPeriod(row.from, row.to) };
    const known = index.get(row.institution);
    if (known) known.push(dated);
    else index.set(row.institution, [dated]);
  }
  return index;
};

const STATE_WEIGHT = { listed: 1, suspended: 2, removed: 3 } as const;

/**
 * How an institution stands on an institution list (互认医疗机构清单) for one item at one moment: the row that decides, or
 * null where none applies. Of several a removal outweighs a suspension, and a suspension outweighs a listing: the
 * authority that stops a laboratory must not be undone by an older line.
 *
 * @param rows the institution's rows out of `indexInstitutionList`
 */
export const listingOf = (
  rows: readonly DatedListing[],
  item: string,
  category: string,
  at: Instant,
): DatedListing | null => {
  let found: DatedListing | null = null;
  for (const dated of rows) {
    if (!during(dated.period, at) || !inScope(dated.row.scope, item, category)) continue;
    if (found === null || STATE_WEIGHT[dated.row.state] > STATE_WEIGHT[found.row.state]) found = dated;
  }
  return found;
};
