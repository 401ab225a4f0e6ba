import type { Brand } from '../kernel/brand.ts';
import type { InstitutionCode, RegionCode } from './institution.ts';

/** Code of a recognition zone (互认区域). */
export type ZoneCode = Brand<string, 'ZoneCode'>;

/** Width of a zone, narrow to wide: tight medical consortium (紧密型医联体), city, province, cross-province, nation. */
export type ZoneLevel = 'consortium' | 'city' | 'province' | 'cross-province' | 'nation';

/** Membership of an institution in a zone for a period; dates are civil days in China, end exclusive. */
export interface ZoneMembership {
  readonly institution: InstitutionCode;
  readonly from: string;
  readonly to?: string;
}

/** A recognition zone. An institution sits in several; the verdict names the one that applied (A4). */
export interface Zone {
  readonly code: ZoneCode;
  readonly nameZh: string;
  readonly nameEn: string;
  readonly level: ZoneLevel;
  readonly region?: RegionCode;
  /** Lead institution (牵头单位) of a consortium. */
  readonly lead?: InstitutionCode;
  /** A tight consortium recognises all items on its own quality standard (指导意见 一, 二(二)). */
  readonly recognisesAllItems: boolean;
  readonly members: readonly ZoneMembership[];
}

/** Content of list kind `zones`. */
export interface ZoneTable {
  readonly zones: readonly Zone[];
}

/** One line of an institution list (互认医疗机构清单, A2): who takes part, for what, and since when. */
export interface InstitutionListRow {
  readonly institution: InstitutionCode;
  /** `all`, or the categories and items it is listed for. */
  readonly scope: 'all' | { readonly categories?: readonly string[]; readonly items?: readonly string[] };
  readonly state: 'listed' | 'suspended' | 'removed';
  readonly from: string;
  readonly to?: string;
  /** Why it was suspended or removed (C4). */
  readonly reasonZh?: string;
}

/** Content of list kind `institution-list`. */
export interface InstitutionList {
  readonly zone: ZoneCode;
  readonly rows: readonly InstitutionListRow[];
}

/**
 * Content of list kind `tier-rules`: which tiers recognise which (direction rules between levels) in one zone. Seven
 * real rule sets stand in the research notes; they are data, never code.
 */
export interface TierRules {
  readonly zone: ZoneCode;
  readonly sourceZh: string;
  /** Item categories the rules are about (`img-ct` …); absent means all. */
  readonly categories?: readonly string[];
  /** First rule that matches decides; no rule matching means `default`. */
  readonly rules: readonly TierRule[];
  readonly default: TierDirection;
}

/** `should`: recognised; `may`: the receiving doctor may; `not`: not covered. */
export type TierDirection = 'should' | 'may' | 'not';

/** A condition on one side of the pair. All given members must hold. */
export interface TierCondition {
  readonly tiers?: readonly string[];
  readonly grades?: readonly string[];
  readonly kinds?: readonly string[];
  readonly ownerships?: readonly string[];
}

/**
 * How the source ranks against the target; absent in a rule means any. The first four compare level and grade (三级甲等
 * highest), those with `tier` the level alone (同级, 上级, 下级).
 */
export type TierRelation =
  | 'same'
  | 'source-higher-or-same'
  | 'source-higher'
  | 'source-lower'
  | 'same-tier'
  | 'source-tier-higher'
  | 'source-tier-lower';

/** One direction rule between levels. */
export interface TierRule {
  readonly code: string;
  readonly textZh: string;
  readonly source: TierCondition;
  readonly target: TierCondition;
  readonly relation?: TierRelation;
  /** Both in one medical alliance (consortium zone). */
  readonly sameConsortium?: boolean;
  /** Article of the list's instrument that says so, where it has one of its own. */
  readonly article?: string;
  readonly direction: TierDirection;
}
