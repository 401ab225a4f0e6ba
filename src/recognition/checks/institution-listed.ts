import { listingOf } from '../../organisation/index.ts';
import { citeList } from '../rules.ts';
import { defineCheck, found, type Look, type ZoneFacts } from './check.ts';

/**
 * Does the institution that performed it take part in the zone for this item (互认医疗机构清单, 指导意见 二(一))? Asked
 * for now and for the moment of collection: an authority that suspends an institution stops it at once, and what was
 * made while it was suspended does not come back later. In a consortium that recognises all items membership is the list.
 */
export const institutionListed = defineCheck({
  code: 'institution-listed',
  findings: {
    'institution-listed': 'pass',
    'member-of-consortium': 'pass',
    'institution-not-listed': 'fail',
    'institution-suspended': 'fail',
    'institution-removed': 'fail',
    'institution-suspended-then': 'fail',
    'no-institution-list': 'unknown',
  },
  look: ({ candidate, defined, zoneRules, at, anchor }: ZoneFacts) => {
    const { performer } = candidate;
    const { code, category } = defined.item;
    const firstList = zoneRules.institutionLists[0];
    if (firstList === undefined)
      return zoneRules.zone.recognisesAllItems
        ? found('member-of-consortium', { institution: performer, zone: zoneRules.zone.code })
        : found('no-institution-list', { zone: zoneRules.zone.code });
    let listing: Look<'institution-listed'> | null = null;
    for (const { list, rows } of zoneRules.institutionLists) {
      const own = rows.get(performer);
      const now = own && listingOf(own, code, category, at);
      if (!now) continue;
      const citation = citeList(list, String(now.place));
      const data = { institution: performer, from: now.row.from, reason: now.row.reasonZh ?? null };
      if (now.row.state === 'suspended') return found('institution-suspended', data, citation);
      if (now.row.state === 'removed') return found('institution-removed', data, citation);
      const then = anchor && listingOf(own, code, category, anchor.at);
      if (then && then.row.state !== 'listed')
        return found(
          'institution-suspended-then',
          { institution: performer, from: then.row.from, reason: then.row.reasonZh ?? null },
          citeList(list, String(then.place)),
        );
      listing ??= found('institution-listed', { institution: performer, from: now.row.from }, citation);
    }
    return (
      listing ??
      found('institution-not-listed', { institution: performer, item: code }, citeList(firstList.list))
    );
  },
});
