import type { ZoneRules } from '../rules.ts';
import { type CheckFacts, defineCheck, found } from './check.ts';

/** The facts, and the zone at issue: one common to both institutions whose list has the item, or null for none. */
export interface ZoneChoiceFacts extends CheckFacts {
  readonly zoneRules: ZoneRules | null;
}

/** Is there a zone common to both institutions whose item list has the item? (指导意见 二(一), 二(二)) */
export const commonZoneListsItem = defineCheck({
  code: 'common-zone-lists-item',
  findings: {
    'item-listed': 'pass',
    'item-not-listed': 'fail',
    'no-common-zone': 'fail',
  },
  look: ({ order, candidate, pair, zoneRules }: ZoneChoiceFacts) => {
    if (zoneRules !== null) {
      const listed = zoneRules.listedItem(order.item);
      return found('item-listed', { zone: zoneRules.zone.code }, listed?.citation ?? null);
    }
    if (pair.zones.length === 0)
      return found('no-common-zone', { source: candidate.performer, target: order.institution });
    return found('item-not-listed', {
      item: order.item,
      zones: pair.zones.map(({ zone }) => zone.code),
    });
  },
});
