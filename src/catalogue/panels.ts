import type { ItemCode } from './item.ts';
import type { Panel } from './lists.ts';

/** How far a panel (组套) is answered by earlier results of its members. */
export type PanelCoverage =
  | {
      readonly state: 'complete';
      readonly covered: readonly ItemCode[];
      readonly optionalMissing: readonly ItemCode[];
    }
  | {
      readonly state: 'partly';
      readonly covered: readonly ItemCode[];
      /** Required members without a result, in the panel's order. */
      readonly missing: readonly MissingMember[];
      /** True when each missing member can be ordered alone; otherwise the whole panel is done again. */
      readonly canOrderMissingAlone: boolean;
    }
  | { readonly state: 'none' };

/** A member that is missing, and the local code by which it can be ordered alone; null when there is none. */
export interface MissingMember {
  readonly item: ItemCode;
  readonly single: string | null;
}

/**
 * Coverage of a panel by the items for which a usable result exists. A panel is recognised as such only with every
 * required member; members that are not required are named when they are missing, and a panel without required members
 * needs all of them.
 */
export const panelCoverage = (panel: Panel, available: ReadonlySet<ItemCode>): PanelCoverage => {
  const covered = panel.members.filter(({ item }) => available.has(item)).map(({ item }) => item);
  if (covered.length === 0) return { state: 'none' };
  const anyRequired = panel.members.some(({ required }) => required);
  const absent = panel.members.filter(({ item }) => !available.has(item));
  const needed = absent.filter(({ required }) => required || !anyRequired);
  if (needed.length === 0)
    return { state: 'complete', covered, optionalMissing: absent.map(({ item }) => item) };
  const missing = needed.map(({ item }) => ({
    item,
    single: Object.hasOwn(panel.singles, item) ? (panel.singles[item] ?? null) : null,
  }));
  return {
    state: 'partly',
    covered,
    missing,
    canOrderMissingAlone: missing.every(({ single }) => single !== null),
  };
};
