import type { ListDocument } from '../list-document.ts';
import { citeList } from '../rules.ts';
import { defineCheck, found, type ZoneFacts } from './check.ts';

/** The list documents on which the verdict rests, apart from the quality basis, which looks at its own. */
const listsBehind = ({ defined, listed, pair, zoneRules }: ZoneFacts): readonly ListDocument[] => {
  const lists: ListDocument[] = [
    defined.edition,
    listed.list,
    zoneRules.zoneList,
    ...pair.directories,
    ...zoneRules.tierRules,
    ...zoneRules.negativeLists,
  ];
  for (const { list } of zoneRules.institutionLists) lists.push(list);
  return lists;
};

/**
 * Are all lists behind the verdict published by an authority? A draft (目录为草案，仅供参考) never makes a result one that
 * must be considered. Lists of a drill (演练) count, and the verdict says so.
 */
export const listsPublished = defineCheck({
  code: 'lists-published',
  findings: { 'lists-published': 'pass', 'lists-of-a-drill': 'pass', 'list-in-draft': 'fail' },
  look: (facts: ZoneFacts) => {
    let drill: ListDocument | null = null;
    for (const list of listsBehind(facts)) {
      if (list.status === 'draft')
        return found(
          'list-in-draft',
          { kind: list.kind, list: list.code, version: list.version },
          citeList(list),
        );
      if (list.drill) drill ??= list;
    }
    return drill === null
      ? found('lists-published', undefined, facts.listed.citation)
      : found(
          'lists-of-a-drill',
          { kind: drill.kind, list: drill.code, version: drill.version },
          citeList(drill),
        );
  },
});
