import type { ItemCode, Panel } from '../catalogue/index.ts';
import type { LineOutcome, PartDecision } from './decide.ts';

/** A required member of a panel without a result that may stand in. */
export interface MissingMember {
  readonly item: ItemCode;
  /** Local code by which this member can be ordered alone; null when the institution has none. */
  readonly single: string | null;
}

/** How far a panel is covered by earlier results. Only required members count. */
export interface PanelCoverage {
  readonly outcome: LineOutcome;
  readonly localCode: string;
  readonly required: number;
  /** Required members covered by a result from elsewhere or by an own recent one. */
  readonly covered: readonly ItemCode[];
  readonly missing: readonly MissingMember[];
  /**
   * `nothing-to-order`: all members covered. `order-missing-alone`: each missing one has a code of its own.
   * `repeat-whole`: at least one has none, so the whole panel is done again.
   */
  readonly advice: 'nothing-to-order' | 'order-missing-alone' | 'repeat-whole';
}

const covers = ({ outcome }: PartDecision): boolean => outcome === 'recognisable' || outcome === 'own-recent';

const panelOutcome = (required: readonly PartDecision[]): LineOutcome => {
  const is = (outcome: LineOutcome) => (part: PartDecision) => part.outcome === outcome;
  if (required.every(is('silent'))) return 'silent';
  if (required.some(is('not-checked'))) return 'not-checked';
  if (required.some(is('recognisable')))
    return required.every(covers) ? 'recognisable' : 'partly-recognisable';
  if (required.some(is('own-recent'))) return 'own-recent';
  return required.some(is('reference-only')) ? 'reference-only' : 'nothing-found';
};

/**
 * Puts the decisions about a panel's members together: a panel is recognised as a whole only when every required member
 * is; else the members that are missing are named, each with the code by which it can be ordered alone.
 */
export const panelCoverage = (panel: Panel, parts: readonly PartDecision[]): PanelCoverage => {
  const demanded = parts.filter(({ part }) => part.required);
  // A panel whose members are all optional is covered like one whose members are all required.
  const required = demanded.length > 0 ? demanded : parts;
  const missing = required
    .filter((part) => !covers(part))
    .map(
      ({ part }): MissingMember => ({
        item: part.order.item,
        single: panel.singles[part.order.item] ?? null,
      }),
    );
  return {
    outcome: panelOutcome(required),
    localCode: panel.localCode,
    required: required.length,
    covered: required.filter(covers).map(({ part }) => part.order.item),
    missing,
    advice:
      missing.length === 0
        ? 'nothing-to-order'
        : missing.every(({ single }) => single !== null)
          ? 'order-missing-alone'
          : 'repeat-whole',
  };
};
