import { tierDirection } from '../../organisation/index.ts';
import { citeList } from '../rules.ts';
import { defineCheck, found, type ZoneFacts } from './check.ts';

/**
 * Do the zone's direction rules let this institution recognise that one's results (same level, lower accepts higher,
 * inside one alliance …)? The rules are data. A zone that has none leaves the direction free, and the verdict says that
 * this was assumed.
 */
export const tierDirectionAllows = defineCheck({
  code: 'tier-direction',
  findings: {
    'direction-should': 'pass',
    'direction-free': 'assumed-by-policy',
    'direction-may': 'fail',
    'direction-not': 'fail',
  },
  look: ({ defined, pair, zoneRules }: ZoneFacts) => {
    const { source, target, sameConsortium } = pair;
    if (source !== undefined && target !== undefined)
      for (const list of zoneRules.tierRules) {
        const ruling = tierDirection(list.content, source, target, defined.item.category, sameConsortium);
        if (ruling === null) continue;
        const data = {
          source: `${source.tier}${source.grade}`,
          target: `${target.tier}${target.grade}`,
          rule: ruling.rule?.textZh ?? null,
        };
        const citation = citeList(list, ruling.rule?.code ?? 'default', ruling.rule?.article);
        switch (ruling.direction) {
          case 'should':
            return found('direction-should', data, citation);
          case 'may':
            return found('direction-may', data, citation);
          case 'not':
            return found('direction-not', data, citation);
        }
      }
    return found('direction-free', { zone: zoneRules.zone.code });
  },
});
