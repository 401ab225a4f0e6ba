import { ok } from '../../../kernel/result.ts';
import type { CheckFlows } from '../../server/flows-port.ts';
import { type FlowDependencies, orderingInstitution } from '../dependencies.ts';
import { institutionAnswer } from '../present.ts';

/** What an institution can order: the items of its code map and its panels, by local code. */
export const orderablesFlow =
  ({ snapshots, clock }: FlowDependencies): CheckFlows['orderables'] =>
  async (actor) => {
    const institution = orderingInstitution(actor);
    const { snapshot } = await snapshots.current();
    const rules = snapshot.rulesAt(clock());
    const panels = rules.panelsOf(institution).map((panel) => ({
      code: panel.localCode,
      nameZh: panel.nameZh,
      kind: 'panel' as const,
      category: rules.itemOf(panel.members[0]?.item ?? '')?.item.category ?? '',
      hasSide: false,
      memberNamesZh: panel.members.map(({ item }) => rules.itemOf(item)?.item.nameZh ?? item),
    }));
    const items = [...rules.codeMapOf(institution).values()].map((entry) => {
      const item = rules.itemOf(entry.item)?.item;
      return {
        code: entry.localCode,
        nameZh: entry.localNameZh,
        kind: 'item' as const,
        category: item?.category ?? '',
        hasSide: (item?.hasSide ?? false) && entry.side === undefined,
        memberNamesZh: [],
      };
    });
    return ok({ institution: institutionAnswer(rules, institution), orderables: [...panels, ...items] });
  };
