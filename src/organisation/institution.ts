import type { Brand } from '../kernel/brand.ts';

/** Short stable code of an institution inside one installation, e.g. `YX-COUNTY`. Public; names the institution in lists. */
export type InstitutionCode = Brand<string, 'InstitutionCode'>;
/** Code of a campus (院区) inside its institution. */
export type CampusCode = Brand<string, 'CampusCode'>;
/** GB/T 2260 code of an administrative division, six digits. */
export type RegionCode = Brand<string, 'RegionCode'>;

/** Hospital level (医疗机构级别) as the hospital accreditation rules name it. */
export type InstitutionTier = '三级' | '二级' | '一级' | '未定级';
/** Grade (等次) inside a level. */
export type InstitutionGrade = '甲等' | '乙等' | '丙等' | '合格' | '未定等';

/** What kind of place it is. `military-hospital` takes part by the rules of its territory (指导意见 二(二)). */
export type InstitutionKind =
  | 'hospital'
  | 'maternal-and-child-hospital'
  | 'traditional-medicine-hospital'
  | 'community-health-centre'
  | 'township-health-centre'
  | 'independent-laboratory'
  | 'imaging-centre'
  | 'military-hospital';

/** Who owns it; the military ones take part by the rules of their territory. */
export type InstitutionOwnership = 'public' | 'private' | 'military';

/** An identifier of an institution in one of the official systems. One institution carries several. */
export interface InstitutionIdentifier {
  /** `uscc` 统一社会信用代码 (GB 32100-2015), `ws218` the 22-character 医疗机构代码, `nhsa` H + 11 digits. */
  readonly type: 'uscc' | 'ws218' | 'nhsa';
  readonly value: string;
}

/** A campus of an institution: results and orders may name it; quality grants may be limited to it. */
export interface Campus {
  readonly code: CampusCode;
  readonly nameZh: string;
}

/** A medical institution as the directory (list kind `institutions`) describes it. */
export interface Institution {
  readonly code: InstitutionCode;
  readonly nameZh: string;
  readonly shortNameZh: string;
  readonly nameEn: string;
  readonly region: RegionCode;
  readonly tier: InstitutionTier;
  readonly grade: InstitutionGrade;
  readonly kind: InstitutionKind;
  readonly ownership: InstitutionOwnership;
  readonly identifiers: readonly InstitutionIdentifier[];
  readonly campuses: readonly Campus[];
}

/** Content of list kind `institutions`: the directory of one installation. */
export interface InstitutionDirectory {
  readonly institutions: readonly Institution[];
}

/** One administrative division of GB/T 2260. */
export interface Region {
  readonly code: RegionCode;
  readonly nameZh: string;
  readonly level: 'province' | 'prefecture' | 'county';
}

/** Content of list kind `regions`: a year's edition of GB/T 2260, as far as the installation needs it. */
export interface RegionTable {
  readonly edition: string;
  readonly regions: readonly Region[];
}
