import type { Institution, InstitutionGrade, InstitutionTier } from './institution.ts';
import type { TierCondition, TierDirection, TierRelation, TierRule, TierRules } from './zone.ts';

const TIER_RANK: Readonly<Record<InstitutionTier, number>> = { 三级: 30, 二级: 20, 一级: 10, 未定级: 0 };
const GRADE_RANK: Readonly<Record<InstitutionGrade, number>> = {
  甲等: 4,
  乙等: 3,
  丙等: 2,
  合格: 1,
  未定等: 0,
};

/** What the direction rules ask about an institution. */
export type RankedInstitution = Pick<Institution, 'tier' | 'grade' | 'kind' | 'ownership'>;

/** Rank of an institution by level, then grade: a number that only serves to compare (三级甲等 highest). */
export const rankOf = (institution: Pick<Institution, 'tier' | 'grade'>): number =>
  TIER_RANK[institution.tier] + GRADE_RANK[institution.grade];

const holds = (condition: TierCondition, institution: RankedInstitution): boolean =>
  (condition.tiers?.includes(institution.tier) ?? true) &&
  (condition.grades?.includes(institution.grade) ?? true) &&
  (condition.kinds?.includes(institution.kind) ?? true) &&
  (condition.ownerships?.includes(institution.ownership) ?? true);

const relationHolds = (
  relation: TierRelation | undefined,
  source: RankedInstitution,
  target: RankedInstitution,
): boolean => {
  if (relation === undefined) return true;
  const difference = rankOf(source) - rankOf(target);
  const tierDifference = TIER_RANK[source.tier] - TIER_RANK[target.tier];
  switch (relation) {
    case 'same':
      return difference === 0;
    case 'source-higher-or-same':
      return difference >= 0;
    case 'source-higher':
      return difference > 0;
    case 'source-lower':
      return difference < 0;
    case 'same-tier':
      return tierDifference === 0;
    case 'source-tier-higher':
      return tierDifference > 0;
    case 'source-tier-lower':
      return tierDifference < 0;
  }
};

/** Which direction rule decided, and what it says. `rule` is null where none matched and the default counts. */
export interface TierRuling {
  readonly direction: TierDirection;
  readonly rule: TierRule | null;
}

/**
 * Applies the direction rules between levels of one zone to a pair of institutions: the first rule that matches
 * decides, the default where none does. Null where the rules are not about this category of items.
 *
 * @param source the institution that performed the examination
 * @param target the institution that would recognise it
 * @param category item category, e.g. `img-ct`
 * @param sameConsortium both sit in one consortium at the moment
 */
export const tierDirection = (
  rules: TierRules,
  source: RankedInstitution,
  target: RankedInstitution,
  category: string,
  sameConsortium: boolean,
): TierRuling | null => {
  if (rules.categories && !rules.categories.includes(category)) return null;
  for (const rule of rules.rules)
    if (
      (rule.sameConsortium === undefined || rule.sameConsortium === sameConsortium) &&
      holds(rule.source, source) &&
      holds(rule.target, target) &&
      relationHolds(rule.relation, source, target)
    )
      return { direction: rule.direction, rule };
  return { direction: rules.default, rule: null };
};
