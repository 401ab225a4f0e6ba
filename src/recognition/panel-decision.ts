import { type ItemCode, type MissingMember, type Panel, panelCoverage } from '../catalogue/index.ts';
import type { LineOutcome, PartDecision } from './decide.ts';

/** How far an ordered panel is covered by earlier results. Only required members count; without any, all do. */
export interface PanelDecision {
  readonly outcome: LineOutcome;
  /** The panel as the ordering institution defines it. */
  readonly definition: Panel;
  /** How many members are required. */
  readonly required: number;
  /** Required members covered by a result from elsewhere or by an own recent one. */
  readonly covered: readonly ItemCode[];
  /** Required members without one, each with the local code by which it can be ordered alone. */
  readonly missing: readonly MissingMember[];
  /**
   * `nothing-to-order`: every required member is covered. `order-missing-alone`: each missing one has a code of its own.
   * `repeat-whole`: at least one has none, or nothing is covered: the whole panel is ordered.
   */
  readonly advice: 'nothing-to-order' | 'order-missing-alone' | 'repeat-whole';
}

const covers = ({ outcome }: PartDecision): boolean => outcome === 'recognisable' || outcome === 'own-recent';

const outcomeOf = (parts: readonly PartDecision[], complete: boolean): LineOutcome => {
  const some = (outcome: LineOutcome): boolean => parts.some((part) => part.outcome === outcome);
  if (parts.every(({ outcome }) => outcome === 'silent')) return 'silent';
  if (some('recognisable')) return complete ? 'recognisable' : 'partly-recognisable';
  if (some('consent-needed')) return 'consent-needed';
  if (some('own-recent')) return 'own-recent';
  if (some('not-checked')) return 'not-checked';
  if (some('reference-only')) return 'reference-only';
  return some('not-disclosed') ? 'not-disclosed' : 'nothing-found';
};

const requiredItems = ({ members }: Panel): readonly ItemCode[] => {
  const required = members.filter((member) => member.required);
  return (required.length > 0 ? required : members).map(({ item }) => item);
};

/**
 * Puts the decisions about a panel's members together: a panel is recognised as a whole only when every required member
 * is; else the missing members are named, each with the code by which it can be ordered alone.
 */
export const decidePanel = (definition: Panel, parts: readonly PartDecision[]): PanelDecision => {
  const required = requiredItems(definition);
  const available = new Set(parts.filter(covers).map(({ part }) => part.order.item));
  const coverage = panelCoverage(definition, available);
  const about = {
    definition,
    required: required.length,
    covered: required.filter((item) => available.has(item)),
    outcome: outcomeOf(parts, coverage.state === 'complete'),
  };
  switch (coverage.state) {
    case 'complete':
      return { ...about, missing: [], advice: 'nothing-to-order' };
    case 'partly':
      return {
        ...about,
        missing: coverage.missing,
        advice: coverage.canOrderMissingAlone ? 'order-missing-alone' : 'repeat-whole',
      };
    case 'none':
      return {
        ...about,
        missing: required.map((item) => ({ item, single: definition.singles[item] ?? null })),
        advice: 'repeat-whole',
      };
  }
};
