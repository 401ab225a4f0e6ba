import type {
  Catalogue,
  CodeMapEntry,
  ItemCode,
  ItemDefinition,
  ItemListRow,
  NegativeListRow,
  Panel,
  ReasonTable,
} from '../catalogue/index.ts';
import shippedBases from '../../data/lists/legal-bases.json' with { type: 'json' };
import shippedConsentWording from '../../data/lists/consent-wording.json' with { type: 'json' };
import shippedCorrectionRules from '../../data/lists/correction-rules.json' with { type: 'json' };
import shippedNoticeTemplates from '../../data/lists/notice-templates.json' with { type: 'json' };
import shippedPolicy from '../../data/lists/policy.json' with { type: 'json' };
import shippedReasons from '../../data/lists/reasons.json' with { type: 'json' };
import shippedSentences from '../../data/lists/sentences.json' with { type: 'json' };
import type { ImageRequirement } from '../imaging/index.ts';
import type { Bilingual } from '../kernel/bilingual.ts';
import { instant } from '../kernel/instant.ts';
import {
  commonZones,
  type DatedListing,
  during,
  indexInstitutionList,
  membershipsAt,
  startOfChinaDay,
  type Institution,
  type InstitutionCode,
  type Period,
  type Region,
  type Zone,
} from '../organisation/index.ts';
import {
  type DatedStandardRow,
  type GrantIndex,
  indexConsortiumStandard,
  indexGrants,
} from '../quality/index.ts';
import type { LegalBasis } from './legal-bases.ts';
import type { ListDocument, ListKind } from './list-document.ts';
import type { BindingPolicy } from './policy.ts';
import type { Citation } from './verdict.ts';

/** The national six and the machine-found sub-reasons: what counts where no list says otherwise. Rules no verdict. */
const SHIPPED_REASONS = shippedReasons as unknown as ListDocument<'reasons'>;
/** The clock of tickets about errors where no list says otherwise. Rules no verdict. */
const SHIPPED_CORRECTION_RULES = shippedCorrectionRules as unknown as ListDocument<'correction-rules'>;
/** The words of the notice to the patient where no list says otherwise. Rule no verdict. */
const SHIPPED_NOTICE_TEMPLATES = shippedNoticeTemplates as unknown as ListDocument<'notice-templates'>;
/** The words of consent where no list says otherwise. Rule no verdict. */
const SHIPPED_CONSENT_WORDING = shippedConsentWording as unknown as ListDocument<'consent-wording'>;
/**
 * What counts where no policy says otherwise: restricted classes stay hidden and an emergency stays undisturbed, also
 * where a jurisdiction has published nothing about them yet. Rules no verdict.
 */
const SHIPPED_POLICY = shippedPolicy as unknown as ListDocument<'policy'> & {
  readonly content: BindingPolicy;
};

/** The policy of a list with the shipped one in the parts that it does not have. */
const bindingPolicy = (list: ListDocument<'policy'>): BindingPolicy => {
  const by = list.content.privacy ? list : SHIPPED_POLICY;
  const { code, version, authorityZh, content } = by;
  const isShipped = by === SHIPPED_POLICY;
  return {
    ...SHIPPED_POLICY.content,
    ...list.content,
    privacyBy: { code, version, authorityZh, isShipped, sources: content.sources ?? [] },
  };
};
/** Sentences for every key that the explanation uses; a jurisdiction's own come first. Rules no verdict. */
const SHIPPED_SENTENCES: Readonly<Record<string, Bilingual>> = shippedSentences.content.sentences;

/** The program's own sentence of a key, whatever lists are published. */
export const shippedSentence = (key: string): Bilingual | undefined => SHIPPED_SENTENCES[key];

/** The articles on which the checks rest, as far as they have been read. Rules no verdict. */
const SHIPPED_BASES = Map.groupBy(shippedBases.content.bases as readonly LegalBasis[], ({ check }) => check);

/** A list document with its period of effect. */
export interface DatedDocument {
  readonly document: ListDocument;
  readonly period: Period;
}

/** An item as a zone's list has it, with the list that says so. */
export interface ListedItem {
  readonly row: Omit<ItemListRow, 'item'>;
  readonly list: ListDocument<'item-list'>;
  readonly citation: Citation;
}

/** A catalogue item with the edition that defines it. */
export interface DefinedItem {
  readonly item: ItemDefinition;
  readonly edition: ListDocument<'catalogue'>;
  readonly citation: Citation;
}

/** One row of a negative list with its citation. */
export interface NegativeRuling {
  readonly row: NegativeListRow;
  readonly citation: Citation;
}

/** One row of requirements on images with its citation. */
export interface ImageRuling {
  readonly row: ImageRequirement;
  readonly citation: Citation;
}

/** What rules in one zone during one stretch of time. */
export interface ZoneRules {
  readonly zone: Zone;
  /** The list that says who belongs to the zone. */
  readonly zoneList: ListDocument<'zones'>;
  /** The first item list of the zone, in order of code, that has the item. */
  listedItem(item: ItemCode): ListedItem | undefined;
  /** Rows of the negative lists that can concern an item, in order of list and row. */
  negativeRows(item: ItemDefinition): readonly NegativeRuling[];
  /** Requirements on the images of an item: the zone's own and those that hold everywhere, in order of list and row. */
  imageRequirements(item: ItemCode): readonly ImageRuling[];
  readonly itemLists: readonly ListDocument<'item-list'>[];
  readonly institutionLists: readonly {
    readonly list: ListDocument<'institution-list'>;
    readonly rows: ReadonlyMap<InstitutionCode, readonly DatedListing[]>;
  }[];
  readonly negativeLists: readonly ListDocument<'negative-list'>[];
  readonly tierRules: readonly ListDocument<'tier-rules'>[];
  readonly standards: readonly {
    readonly list: ListDocument<'consortium-standard'>;
    readonly rows: ReadonlyMap<InstitutionCode, readonly DatedStandardRow[]>;
  }[];
}

/** Two institutions as the rules see them: the one that performed and the one that would recognise. */
export interface InstitutionPair {
  readonly source: Institution | undefined;
  readonly target: Institution | undefined;
  /** Zones common to both, narrow to wide. */
  readonly zones: readonly ZoneRules[];
  readonly sameConsortium: boolean;
  /** The directories in which the two stand, with tier, grade and kind. */
  readonly directories: readonly ListDocument<'institutions'>[];
}

/** Everything that rules during one stretch of time: from `from` on, until before `to`. */
export interface Rules {
  readonly from: number;
  readonly to: number;
  itemOf(code: string): DefinedItem | undefined;
  institutionOf(code: string): Institution | undefined;
  /** Every institution of the lists in effect, each once. */
  readonly institutions: readonly Institution[];
  zoneOf(code: string): Zone | undefined;
  zonesOf(institution: InstitutionCode): readonly Zone[];
  pairOf(source: InstitutionCode, target: InstitutionCode): InstitutionPair;
  grantsOf(
    institution: InstitutionCode,
  ): readonly { readonly list: ListDocument<'grants'>; readonly index: GrantIndex }[];
  codeMapOf(institution: string): ReadonlyMap<string, CodeMapEntry>;
  /** Institutions that have a code map, in the order of their lists. */
  readonly codedInstitutions: readonly InstitutionCode[];
  /** The lists that `codeMapOf` is made of; where several have a code the later one counts. */
  codeMapListsOf(institution: string): readonly ListDocument<'code-map'>[];
  /** Every item of all editions in effect. */
  catalogue(): Catalogue;
  panelOf(institution: string, localCode: string): Panel | undefined;
  /** All panels of an institution, in the order of its lists. */
  panelsOf(institution: string): readonly Panel[];
  /**
   * The policy that binds an institution: of its narrowest zone that has one, else the one that names no zone; that one
   * too for those who belong to no institution.
   */
  policyOf(institution: string | null): BindingPolicy;
  /** From when on an institution's examinations are expected with images; infinity: not at all. */
  imagesExpectedFrom(institution: InstitutionCode): number;
  readonly regions: ReadonlyMap<string, Region>;
  /** True when any list in effect is demonstration data (演练). */
  readonly drill: boolean;
  /** Reasons of all tables in effect, then the shipped ones, each code once. */
  readonly reasons: ReasonTable;
  /** The list that defines a reason, national or local: the source of the rule a notice cites. */
  reasonSourceOf(code: string): ListDocument<'reasons'>;
  readonly noticeTemplates: ListDocument<'notice-templates'>;
  readonly consentWording: ListDocument<'consent-wording'>;
  /** The clock of tickets about errors, and the reasons to refuse one. */
  readonly correctionRules: ListDocument<'correction-rules'>;
  sentenceOf(key: string): Bilingual | undefined;
  /** The articles that a check carries out: those of a jurisdiction's own list, else the shipped ones. */
  legalBasesOf(check: string): readonly LegalBasis[];
}

/**
 * The citation of a list, optionally of one row in it, with the instrument that publishes it.
 *
 * @param article that the row itself names; it comes before the one of the whole list
 */
export const citeList = (document: ListDocument, row?: string, article?: string): Citation => ({
  list: {
    kind: document.kind,
    code: document.code,
    version: document.version,
    ...(row === undefined ? {} : { row }),
  },
  ...(document.instrument === undefined
    ? {}
    : { instrument: article === undefined ? document.instrument : { ...document.instrument, article } }),
});

/**
 * Of several versions of one list that are in effect, which counts: a published one before a draft, then the latest
 * begin, then the greater version text.
 */
const outranks = (left: ListDocument, right: ListDocument): boolean => {
  if (left.status !== right.status) return left.status === 'published';
  if (left.effectiveFrom !== right.effectiveFrom) return left.effectiveFrom > right.effectiveFrom;
  return left.version > right.version;
};

/** The documents in effect at a moment, one per kind and code, by kind, in order of code. */
const rulingDocuments = (dated: readonly DatedDocument[], at: number): Map<ListKind, ListDocument[]> => {
  const ruling = new Map<string, ListDocument>();
  for (const { document, period } of dated) {
    if (!during(period, instant(at))) continue;
    const name = `${document.kind}\0${document.code}`;
    const known = ruling.get(name);
    if (!known || outranks(document, known)) ruling.set(name, document);
  }
  const byKind = new Map<ListKind, ListDocument[]>();
  for (const name of [...ruling.keys()].sort()) {
    const document = ruling.get(name) as ListDocument;
    const known = byKind.get(document.kind);
    if (known) known.push(document);
    else byKind.set(document.kind, [document]);
  }
  return byKind;
};

/** In the order of their codes, drafts before published ones: where both speak, the later and so the published one counts. */
const draftsFirst = <Kind extends ListKind>(
  lists: readonly ListDocument<Kind>[],
): readonly ListDocument<Kind>[] => [
  ...lists.filter(({ status }) => status === 'draft'),
  ...lists.filter(({ status }) => status !== 'draft'),
];

/** Keeps the answers of a pure function of one key. */
const remembered = <Key, Value>(answer: (key: Key) => Value): ((key: Key) => Value) => {
  const known = new Map<Key, Value>();
  return (key) => {
    if (known.has(key)) return known.get(key) as Value;
    const value = answer(key);
    known.set(key, value);
    return value;
  };
};

const concerns = (row: NegativeListRow, item: ItemDefinition): boolean =>
  (row.when.items?.includes(item.code) ?? true) &&
  (row.when.categories?.includes(item.category) ?? true) &&
  (row.when.itemTags?.some((tag) => item.tags.includes(tag)) ?? true);

/** The first of each code: what a jurisdiction publishes comes before what is shipped. */
const uniqueByCode = <Row extends { readonly code: string }>(rows: readonly Row[]): readonly Row[] => {
  const seen = new Set<string>();
  return rows.filter(({ code }) => !seen.has(code) && seen.add(code));
};

type OfKind = <Kind extends ListKind>(kind: Kind) => readonly ListDocument<Kind>[];

/** The documents of a kind by the institution they are about, sorted out when they are first asked for. */
const byInstitution = <Kind extends 'grants' | 'code-map' | 'panels'>(
  ofKind: OfKind,
  kind: Kind,
): ((institution: string) => readonly ListDocument<Kind>[]) => {
  let sorted: Map<string, ListDocument<Kind>[]> | undefined;
  return (institution) => {
    sorted ??= Map.groupBy(
      ofKind(kind),
      ({ content }) => (content as { readonly institution: string }).institution,
    );
    return sorted.get(institution) ?? [];
  };
};

const assembleZone = (zone: Zone, zoneList: ListDocument<'zones'>, ofKind: OfKind): ZoneRules => {
  const inZone = <
    Kind extends 'item-list' | 'institution-list' | 'negative-list' | 'tier-rules' | 'consortium-standard',
  >(
    kind: Kind,
  ): readonly ListDocument<Kind>[] =>
    ofKind(kind).filter((list) => (list.content as { readonly zone: string }).zone === zone.code);
  const itemLists = inZone('item-list').map((list) => ({
    list,
    rows: new Map(list.content.rows.map((row) => [row.item, row])),
  }));
  const negativeLists = inZone('negative-list');
  return {
    zone,
    zoneList,
    itemLists: itemLists.map(({ list }) => list),
    negativeLists,
    tierRules: inZone('tier-rules'),
    institutionLists: inZone('institution-list').map((list) => ({
      list,
      rows: indexInstitutionList(list.content),
    })),
    standards: inZone('consortium-standard').map((list) => ({
      list,
      rows: indexConsortiumStandard(list.content),
    })),
    listedItem: remembered((item) => {
      for (const { list, rows } of itemLists) {
        const row = rows.get(item);
        if (row) return { row, list, citation: citeList(list, item, row.article) };
        if (list.content.coverage === 'all' && list.content.defaultRow)
          return {
            row: list.content.defaultRow,
            list,
            citation: citeList(list, '*', list.content.defaultRow.article),
          };
      }
      return undefined;
    }),
    imageRequirements: remembered((item) =>
      ofKind('image-requirements')
        .filter(({ content }) => content.zone === undefined || content.zone === zone.code)
        .flatMap((list) =>
          list.content.rows
            .filter(({ items }) => items.includes(item))
            .map((row) => ({ row, citation: citeList(list, row.code, row.article) })),
        ),
    ),
    negativeRows: remembered((item) =>
      negativeLists.flatMap((list) =>
        list.content.rows
          .filter((row) => concerns(row, item))
          .map((row) => ({ row, citation: citeList(list, row.code, row.article) })),
      ),
    ),
  };
};

/** Assembles what rules from one cut of time to the next. */
export const assembleRules = (dated: readonly DatedDocument[], from: number, to: number): Rules => {
  const byKind = rulingDocuments(dated, from);
  const ofKind: OfKind = <Kind extends ListKind>(kind: Kind) =>
    (byKind.get(kind) ?? []) as unknown as readonly ListDocument<Kind>[];

  const items = new Map<string, DefinedItem>();
  for (const edition of ofKind('catalogue'))
    for (const item of edition.content.items)
      items.set(item.code, { item, edition, citation: citeList(edition, item.code) });
  const institutions = new Map<string, Institution>();
  const directories = new Map<string, ListDocument<'institutions'>>();
  for (const list of draftsFirst(ofKind('institutions')))
    for (const each of list.content.institutions) {
      institutions.set(each.code, each);
      directories.set(each.code, list);
    }
  const zoneRules = new Map<string, ZoneRules>();
  for (const list of draftsFirst(ofKind('zones')))
    for (const zone of list.content.zones) zoneRules.set(zone.code, assembleZone(zone, list, ofKind));
  const zones = [...zoneRules.values()].map(({ zone }) => zone);
  const memberships = membershipsAt(zones, instant(from));
  const zonesOfInstitution = (institution: InstitutionCode): readonly Zone[] =>
    memberships.get(institution) ?? [];
  const pairs = remembered((source: InstitutionCode) =>
    remembered((target: InstitutionCode): InstitutionPair => {
      const common = commonZones(zonesOfInstitution(source), zonesOfInstitution(target));
      return {
        source: institutions.get(source),
        target: institutions.get(target),
        zones: common.map(({ code }) => zoneRules.get(code) as ZoneRules),
        sameConsortium: common.some(({ level }) => level === 'consortium'),
        directories: [source, target].flatMap((each) => directories.get(each) ?? []),
      };
    }),
  );
  const policies = ofKind('policy').map(bindingPolicy);
  const reasonTables = ofKind('reasons').map(({ content }) => content);
  const generalPolicy = policies.find(({ zone }) => zone === undefined) ?? bindingPolicy(SHIPPED_POLICY);
  const sentences = new Map(ofKind('sentences').flatMap(({ content }) => Object.entries(content.sentences)));
  const ownBases = Map.groupBy(
    ofKind('legal-bases').flatMap(({ content }) => content.bases),
    ({ check }) => check,
  );
  const grantTables = byInstitution(ofKind, 'grants');
  const codeMaps = byInstitution(ofKind, 'code-map');
  let whole: Catalogue | undefined;
  const panelTables = byInstitution(ofKind, 'panels');
  const panels = remembered(
    (institution: string) =>
      new Map(
        draftsFirst(panelTables(institution)).flatMap(({ content }) =>
          content.panels.map((panel) => [panel.localCode, panel] as const),
        ),
      ),
  );

  return {
    from,
    to,
    itemOf: (code) => items.get(code),
    institutionOf: (code) => institutions.get(code),
    institutions: [...institutions.values()],
    zoneOf: (code) => zoneRules.get(code)?.zone,
    zonesOf: zonesOfInstitution,
    pairOf: (source, target) => pairs(source)(target),
    grantsOf: remembered((institution) =>
      grantTables(institution).map((list) => ({ list, index: indexGrants(list.content) })),
    ),
    codeMapListsOf: (institution) => draftsFirst(codeMaps(institution)),
    catalogue: () => {
      whole ??= { items: [...items.values()].map(({ item }) => item) };
      return whole;
    },
    codedInstitutions: [...new Set(ofKind('code-map').map(({ content }) => content.institution))],
    codeMapOf: remembered(
      (institution) =>
        new Map(
          draftsFirst(codeMaps(institution)).flatMap(({ content }) =>
            content.entries.map((entry) => [entry.localCode, entry] as const),
          ),
        ),
    ),
    panelOf: (institution, localCode) => panels(institution).get(localCode),
    panelsOf: (institution) => [...panels(institution).values()],
    drill: [...byKind.values()].some((documents) => documents.some(({ drill }) => drill)),
    policyOf: remembered((institution) => {
      if (institution === null) return generalPolicy;
      for (const { code } of zonesOfInstitution(institution as InstitutionCode)) {
        const own = policies.find(({ zone }) => zone === code);
        if (own) return own;
      }
      return generalPolicy;
    }),
    imagesExpectedFrom: remembered((institution) =>
      Math.min(
        Number.POSITIVE_INFINITY,
        ...ofKind('image-requirements').flatMap(({ content }) =>
          content.senders
            .filter((sender) => sender.institution === institution)
            .map(({ from }) => startOfChinaDay(from)),
        ),
      ),
    ),
    regions: new Map(
      ofKind('regions').flatMap(({ content }) => content.regions.map((each) => [each.code, each] as const)),
    ),
    reasons: {
      national: uniqueByCode([
        ...reasonTables.flatMap(({ national }) => national),
        ...SHIPPED_REASONS.content.national,
      ]),
      local: uniqueByCode(reasonTables.flatMap(({ local }) => local)),
      subReasons: uniqueByCode([
        ...reasonTables.flatMap(({ subReasons }) => subReasons),
        ...SHIPPED_REASONS.content.subReasons,
      ]),
    },
    legalBasesOf: (check) => ownBases.get(check) ?? SHIPPED_BASES.get(check) ?? [],
    reasonSourceOf: (code) =>
      ofKind('reasons').find(({ content: { national, local } }) =>
        [...national, ...local].some((row) => row.code === code),
      ) ?? SHIPPED_REASONS,
    consentWording: draftsFirst(ofKind('consent-wording')).at(-1) ?? SHIPPED_CONSENT_WORDING,
    noticeTemplates: draftsFirst(ofKind('notice-templates')).at(-1) ?? SHIPPED_NOTICE_TEMPLATES,
    correctionRules: draftsFirst(ofKind('correction-rules')).at(-1) ?? SHIPPED_CORRECTION_RULES,
    sentenceOf: (key) => sentences.get(key) ?? shippedSentence(key),
  };
};
