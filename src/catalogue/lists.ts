import type { InstitutionCode, ZoneCode } from '../organisation/index.ts';
import type { Bilingual } from '../kernel/bilingual.ts';
import type { ItemCode, Side } from './item.ts';
import type { InterventionKind, ReferenceWindow } from './window.ts';

/** One line of an item list (互认项目清单, A1). */
export interface ItemListRow {
  readonly item: ItemCode;
  /** null: the authority sets no window; such an item is never proposed by itself. */
  readonly window: ReferenceWindow | null;
  /** Interventions since collection that end the window early. */
  readonly preconditions: readonly InterventionKind[];
  /** True where the receipt in the laboratory may stand for a missing collection time. The report time never may. */
  readonly receivedTimeAllowed: boolean;
  /** True where the images themselves must be there for recognition. */
  readonly imagesRequired: boolean;
  /** Situations N1–N6 may need a stated reason before a repeat passes as explained (A6). */
  readonly reasonRequired: boolean;
  /** Specimen states (`haemolysed`, `lipaemic` …) and collection conditions that make a result unfit for this item. */
  readonly unfitSpecimenStates: readonly string[];
  readonly fastingRequired: boolean;
  readonly pointOfCareAccepted: boolean;
  /** Article of the list's instrument that says so, where the row has one of its own. */
  readonly article?: string;
}

/** Which evidence of quality a list accepts: the HR mark, or the consortium's own standard (004). */
export type QualityBasisKind = 'hr-grant' | 'consortium-standard';

/** Content of list kind `item-list`. */
export interface ItemList {
  readonly zone: ZoneCode;
  readonly qualityBases: readonly QualityBasisKind[];
  /** `listed`: only the rows; `all`: every catalogue item, rows overriding (tight consortium). */
  readonly coverage: 'listed' | 'all';
  /** Used for catalogue items that a list of coverage `all` has no row for. */
  readonly defaultRow?: Omit<ItemListRow, 'item'>;
  readonly rows: readonly ItemListRow[];
}

/** When a negative-list row applies. All given members must hold; an absent member does not restrict. */
export interface NegativeCondition {
  readonly items?: readonly ItemCode[];
  readonly categories?: readonly string[];
  readonly itemTags?: readonly string[];
  readonly encounterClasses?: readonly string[];
  readonly purposes?: readonly string[];
  readonly diagnosisPrefixes?: readonly string[];
  /** Result flags (`abnormal`, `positive`) of the earlier result. */
  readonly resultFlags?: readonly string[];
}

/** One line of a negative list (负面清单, A3). */
export interface NegativeListRow {
  readonly code: string;
  readonly text: Bilingual;
  /** Two effects kept apart: not in scope at all, or exempt with a reason. */
  readonly effect: 'out-of-scope' | 'exempt-with-reason';
  /** National situation it corresponds to, where there is one. */
  readonly situation?: NationalReason;
  /** Article of the list's instrument that says so, where the row has one of its own. */
  readonly article?: string;
  readonly when: NegativeCondition;
}

/** Content of list kind `negative-list`. */
export interface NegativeList {
  readonly zone: ZoneCode;
  readonly rows: readonly NegativeListRow[];
}

/** The six national situations in which a doctor may examine again (A5). */
export type NationalReason = 'N1' | 'N2' | 'N3' | 'N4' | 'N5' | 'N6';

/** Content of list kind `reasons`: the national six, local codes mapped to them, machine-found sub-reasons O1–O11. */
export interface ReasonTable {
  readonly national: readonly {
    readonly code: NationalReason;
    readonly text: Bilingual;
    readonly textMinimum: number;
  }[];
  readonly local: readonly {
    readonly code: string;
    readonly jurisdiction: string;
    readonly national: NationalReason;
    readonly text: Bilingual;
  }[];
  readonly subReasons: readonly {
    readonly code: string;
    readonly text: Bilingual;
    readonly opensTicket: boolean;
    /** Findings of the checks for which the machine offers it. */
    readonly findings?: readonly string[];
  }[];
}

/** One line of an institution's code map: its local code for an item of the catalogue. */
export interface CodeMapEntry {
  readonly localCode: string;
  readonly localNameZh: string;
  readonly item: ItemCode;
  readonly side?: Side;
  /** Specimen or method the local code stands for, where the message itself does not say. */
  readonly specimen?: string;
  readonly methodClass?: string;
  /** Unit to assume when the message leaves it out. UCUM. */
  readonly unit?: string;
}

/** Content of list kind `code-map`: one institution's local codes. */
export interface CodeMap {
  readonly institution: InstitutionCode;
  readonly entries: readonly CodeMapEntry[];
}

/** A panel (组套) as one institution orders and reports it. One hospital's 肝功能十二项 is not another's 八项. */
export interface Panel {
  readonly localCode: string;
  readonly nameZh: string;
  readonly members: readonly { readonly item: ItemCode; readonly required: boolean }[];
  /** Local codes by which single members can be ordered alone, per item. */
  readonly singles: Readonly<Record<string, string>>;
}

/** Content of list kind `panels`: the panels of one institution. */
export interface PanelTable {
  readonly institution: InstitutionCode;
  readonly panels: readonly Panel[];
}
