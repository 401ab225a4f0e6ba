import type {
  Catalogue,
  CodeMap,
  ItemList,
  NegativeList,
  PanelTable,
  ReasonTable,
} from '../catalogue/index.ts';
import type { ImageRequirements } from '../imaging/index.ts';
import type { JsonValue } from '../kernel/canonical-json.ts';
import type {
  InstitutionDirectory,
  InstitutionList,
  RegionTable,
  TierRules,
  ZoneTable,
} from '../organisation/index.ts';
import type { ConsortiumStandard, GrantTable } from '../quality/index.ts';
import type { LegalBases } from './legal-bases.ts';
import type { ConsentWording } from './consent-wording.ts';
import type { CorrectionRules } from './correction-rules.ts';
import type { NoticeTemplateTable } from './notice-template.ts';
import type { Policy } from './policy.ts';
import type { SentenceTable } from './sentences.ts';

/** What each kind of list holds. */
export interface ListContents {
  readonly regions: RegionTable;
  readonly institutions: InstitutionDirectory;
  readonly zones: ZoneTable;
  readonly catalogue: Catalogue;
  readonly 'item-list': ItemList;
  readonly 'institution-list': InstitutionList;
  readonly 'negative-list': NegativeList;
  readonly 'tier-rules': TierRules;
  readonly grants: GrantTable;
  readonly 'consortium-standard': ConsortiumStandard;
  readonly 'code-map': CodeMap;
  readonly panels: PanelTable;
  readonly reasons: ReasonTable;
  readonly policy: Policy;
  readonly sentences: SentenceTable;
  readonly 'legal-bases': LegalBases;
  readonly 'notice-templates': NoticeTemplateTable;
  readonly 'consent-wording': ConsentWording;
  readonly 'correction-rules': CorrectionRules;
  readonly 'image-requirements': ImageRequirements;
}

/** The kinds of lists there are. */
export type ListKind = keyof ListContents;

/**
 * A published (or draft) list version: the unit of everything that rules a verdict. Content-addressed: the same
 * content is the same version everywhere. Codes, lists, windows, tiers, reasons and sentences are all such data.
 */
export interface ListDocument<Kind extends ListKind = ListKind> {
  readonly kind: Kind;
  /** Stable code of the list inside its kind, e.g. the zone, or the institution for grants and code maps. */
  readonly code: string;
  readonly version: string;
  /** A draft caps every verdict that rests on it at `may-consider`. */
  readonly status: 'draft' | 'published';
  readonly jurisdiction: string;
  readonly authorityZh: string;
  /** The instrument that publishes it: title, number, and where it has one the article. A row may name its own article. */
  readonly instrument?: { readonly titleZh: string; readonly number: string; readonly article?: string };
  /** True for demonstration data (演练). */
  readonly drill: boolean;
  /** Civil days in China; end exclusive. Of several effective versions of one list the latest `effectiveFrom` counts. */
  readonly effectiveFrom: string;
  readonly effectiveTo?: string;
  readonly content: ListContents[Kind];
}

/** A line of a snapshot's manifest. */
export interface ManifestEntry {
  readonly kind: ListKind;
  readonly code: string;
  readonly version: string;
  /** `contentHash` of the whole document. */
  readonly hash: string;
}

/** Which list versions ruled at a moment. Its identity is the content hash of its entries, sorted by kind, code, version. */
export interface SnapshotManifest {
  readonly entries: readonly ManifestEntry[];
}

/** A list document as plain JSON, for hashing and storing. */
export const documentJson = (document: ListDocument): JsonValue => document as unknown as JsonValue;
