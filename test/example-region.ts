import type { ItemCode, ItemDefinition, ItemListRow } from '../src/catalogue/index.ts';
import { CHINA_ZONE } from '../src/kernel/civil-day.ts';
import { type Instant, parseInstant } from '../src/kernel/instant.ts';
import type { PublicId } from '../src/kernel/uuid.ts';
import type { Institution, InstitutionCode, RegionCode, Zone, ZoneCode } from '../src/organisation/index.ts';
import type { Grant } from '../src/quality/index.ts';
import {
  type CandidateFacts,
  type CompiledSnapshot,
  compileSnapshot,
  evaluate,
  type ListContents,
  type ListDocument,
  type ListKind,
  manifestOf,
  type OrderFacts,
  type OrderLine,
  type OrderSession,
  type PatientFacts,
} from '../src/recognition/index.ts';

/**
 * A small invented region for the tests of the decision: two big hospitals of one city, a hospital of another province,
 * a county hospital with its township centre in one consortium, an independent laboratory. Every list is published.
 */

/** A moment by its China clock: `moment('2026-11-20 09:30')`. */
export const moment = (text: string): Instant => {
  const at = parseInstant(`${text.replace(' ', 'T')}:00+08:00`);
  if (at === undefined) throw new Error(`not a moment: ${text}`);
  return at;
};

/** When the doctor of the examples orders, unless a test says otherwise. */
export const NOW = moment('2026-11-20 09:30');

const code = <Code extends string>(text: string): Code => text as Code;
const institutionCode = (text: string): InstitutionCode => code<InstitutionCode>(text);
/** A code of a zone. */
export const zoneCode = (text: string): ZoneCode => code<ZoneCode>(text);
/** An item code out of plain text. */
export const itemCode = (text: string): ItemCode => code<ItemCode>(text);

const institution = (name: string, nameZh: string, over: Partial<Institution>): Institution => ({
  code: institutionCode(name),
  nameZh,
  shortNameZh: nameZh,
  nameEn: name,
  region: code<RegionCode>('420100'),
  tier: '三级',
  grade: '甲等',
  kind: 'hospital',
  ownership: 'public',
  identifiers: [],
  campuses: [],
  ...over,
});

const INSTITUTIONS: readonly Institution[] = [
  institution('JIANG-1', '江城第一医院', {}),
  institution('JIANG-2', '江城第二医院', {}),
  institution('QIN-1', '秦都第一医院', { region: code<RegionCode>('610100') }),
  institution('COUNTY', '云溪县医院', { tier: '二级', region: code<RegionCode>('420900') }),
  institution('TOWN', '柳河镇卫生院', {
    tier: '一级',
    grade: '合格',
    kind: 'township-health-centre',
    region: code<RegionCode>('420900'),
  }),
  institution('LAB', '楚天医学检验所', {
    tier: '未定级',
    grade: '未定等',
    kind: 'independent-laboratory',
    ownership: 'private',
  }),
];

const members = (...institutions: string[]): Zone['members'] =>
  institutions.map((each) => ({ institution: institutionCode(each), from: '2024-01-01' }));

const ZONES: readonly Zone[] = [
  {
    code: zoneCode('E'),
    nameZh: '鄂',
    nameEn: 'E province',
    level: 'province',
    recognisesAllItems: false,
    members: members('JIANG-1', 'JIANG-2', 'COUNTY', 'TOWN', 'LAB'),
  },
  {
    code: zoneCode('JIANG'),
    nameZh: '江城',
    nameEn: 'Jiang city',
    level: 'city',
    recognisesAllItems: false,
    members: members('JIANG-1', 'JIANG-2'),
  },
  {
    code: zoneCode('YUNXI'),
    nameZh: '云溪县域医共体',
    nameEn: 'Yunxi county consortium',
    level: 'consortium',
    lead: institutionCode('COUNTY'),
    recognisesAllItems: true,
    members: members('COUNTY', 'TOWN'),
  },
  {
    code: zoneCode('QIN'),
    nameZh: '秦',
    nameEn: 'Qin province',
    level: 'province',
    recognisesAllItems: false,
    members: members('QIN-1'),
  },
];

const item = (name: string, nameZh: string, over: Partial<ItemDefinition>): ItemDefinition => ({
  code: itemCode(name),
  nameZh,
  nameEn: name,
  category: 'lab-chem',
  grain: 'analyte',
  specimens: ['serum', 'plasma'],
  comparability: 'A',
  hasSide: false,
  tags: [],
  ...over,
});

const examination = (name: string, nameZh: string, over: Partial<ItemDefinition>): ItemDefinition => {
  const { comparability: _, ...rest } = item(name, nameZh, {
    category: 'img-ct',
    grain: 'procedure',
    specimens: [],
    ...over,
  });
  return rest;
};

const ITEMS: readonly ItemDefinition[] = [
  item('LC-K', '钾', { unit: 'mmol/L' }),
  item('LC-ALT', '丙氨酸氨基转移酶', { unit: 'U/L' }),
  item('LC-AST', '天门冬氨酸氨基转移酶', { unit: 'U/L' }),
  item('LC-GLU', '葡萄糖', { unit: 'mmol/L' }),
  item('LH-WBC', '白细胞计数', { category: 'lab-haem', specimens: ['edta-blood'] }),
  item('LI-HBSAG', '乙肝表面抗原', {
    category: 'lab-immuno',
    comparability: 'B',
    tags: ['infection-marker'],
  }),
  item('LI-HIV', 'HIV抗原/抗体', {
    category: 'lab-immuno',
    comparability: 'B',
    tags: ['restricted-visibility'],
  }),
  item('LI-BHCG', 'β-人绒毛膜促性腺激素', { category: 'lab-immuno', comparability: 'C', unit: '[IU]/L' }),
  item('LG-DD', 'D-二聚体', {
    category: 'lab-coag',
    comparability: 'B',
    unit: 'mg/L{FEU}',
    specimens: ['plasma'],
  }),
  item('LB-ABO', 'ABO血型', { category: 'lab-haem', specimens: ['edta-blood'] }),
  examination('CT-CHEST-P', '胸部CT平扫', { bodyPartZh: '胸部' }),
  examination('XR-CHEST-2V', '胸部正侧位DR', { category: 'img-xray', bodyPartZh: '胸部' }),
  examination('MR-KNEE-P', '膝关节MR平扫', { category: 'img-mr', bodyPartZh: '膝关节', hasSide: true }),
];

/** A row of an item list with what most rows say; a window of `n` civil days in China. */
export const listRow = (name: string, n: number, over: Partial<ItemListRow> = {}): ItemListRow => ({
  item: itemCode(name),
  window: { unit: 'civilDays', n, zone: CHINA_ZONE },
  preconditions: [],
  receivedTimeAllowed: false,
  imagesRequired: false,
  reasonRequired: false,
  unfitSpecimenStates: ['haemolysed'],
  fastingRequired: false,
  pointOfCareAccepted: false,
  ...over,
});

const PROVINCE_ROWS: readonly ItemListRow[] = [
  listRow('LC-K', 7),
  listRow('LC-ALT', 30, { receivedTimeAllowed: true }),
  listRow('LC-AST', 30),
  listRow('LC-GLU', 30, { fastingRequired: true }),
  listRow('LH-WBC', 3),
  listRow('LI-HBSAG', 90),
  listRow('LI-HIV', 30),
  listRow('LI-BHCG', 7),
  listRow('LG-DD', 1),
  listRow('LB-ABO', 0, { window: null }),
  listRow('CT-CHEST-P', 30, { imagesRequired: true }),
  listRow('XR-CHEST-2V', 14, { imagesRequired: true, reasonRequired: true }),
  listRow('MR-KNEE-P', 90, { imagesRequired: true }),
];

/** A grant of the provincial mark for everything, valid through 2026. */
export const grant = (name: string, over: Partial<Grant> = {}): Grant => ({
  code: name,
  items: [],
  categories: ['lab-chem', 'lab-haem', 'lab-immuno', 'lab-coag', 'img-ct', 'img-xray', 'img-mr'],
  scope: zoneCode('E'),
  markZh: '鄂HR',
  issuerZh: '鄂省临床检验中心',
  validFrom: '2026-01-01',
  validTo: '2027-01-01',
  evidence: ['EQA-2026-1'],
  ...over,
});

/** What images of the chest are asked for in the example region: thinner slices where a nodule is followed. */
export const nodulesNeedThinSlices = (): ListDocument<'image-requirements'> =>
  listDocument('image-requirements', 'E', {
    zone: zoneCode('E'),
    rows: [
      {
        code: 'CT-BODY',
        items: [itemCode('CT-CHEST-P')],
        asks: { modalities: ['CT'], thicknessMaxMm: 5 },
        sourceZh: '常规胸部 CT',
      },
      {
        code: 'CT-NODULE',
        items: [itemCode('CT-CHEST-P')],
        when: { diagnosisPrefixes: ['R91'] },
        asks: { thicknessMaxMm: 1.25 },
        sourceZh: '肺结节随访',
      },
    ],
    senders: [{ institution: institutionCode('JIANG-1'), from: '2026-11-10' }],
  });

/** A published list document of the example region. */
export const listDocument = <Kind extends ListKind>(
  kind: Kind,
  name: string,
  content: ListContents[Kind],
  over: Partial<ListDocument<Kind>> = {},
): ListDocument<Kind> => ({
  kind,
  code: name,
  version: '2026',
  status: 'published',
  jurisdiction: '420000',
  authorityZh: '鄂省卫生健康委',
  drill: false,
  effectiveFrom: '2026-01-01',
  content,
  ...over,
});

/** All lists of the example region. */
export const exampleDocuments = (): readonly ListDocument[] => [
  listDocument('institutions', 'REGION', { institutions: INSTITUTIONS }),
  listDocument('zones', 'REGION', { zones: ZONES }),
  listDocument('catalogue', 'CN', { items: ITEMS }),
  listDocument('item-list', 'E', {
    zone: zoneCode('E'),
    qualityBases: ['hr-grant'],
    coverage: 'listed',
    rows: PROVINCE_ROWS,
  }),
  listDocument('item-list', 'YUNXI', {
    zone: zoneCode('YUNXI'),
    qualityBases: ['consortium-standard', 'hr-grant'],
    coverage: 'all',
    defaultRow: listRow('*', 14),
    rows: [listRow('LB-ABO', 0, { window: null })],
  }),
  listDocument('institution-list', 'E', {
    zone: zoneCode('E'),
    rows: INSTITUTIONS.filter(({ code: each }) => each !== 'QIN-1').map((each) => ({
      institution: each.code,
      scope: 'all' as const,
      state: 'listed' as const,
      from: '2025-01-01',
    })),
  }),
  listDocument('tier-rules', 'E', {
    zone: zoneCode('E'),
    sourceZh: '演示规则',
    rules: [
      {
        code: 'same',
        textZh: '同级互认',
        source: {},
        target: {},
        relation: 'same-tier',
        direction: 'should',
      },
      {
        code: 'up',
        textZh: '下级认上级',
        source: {},
        target: {},
        relation: 'source-tier-higher',
        direction: 'should',
      },
      {
        code: 'lab',
        textZh: '认独立检验所',
        source: { kinds: ['independent-laboratory'] },
        target: {},
        direction: 'should',
      },
    ],
    default: 'may',
  }),
  listDocument('negative-list', 'E', {
    zone: zoneCode('E'),
    rows: [
      {
        code: 'forensic',
        text: { zh: '司法、伤残、病退鉴定', en: 'forensic or disability assessment' },
        effect: 'out-of-scope',
        situation: 'N5',
        when: { purposes: ['forensic', 'disability-assessment'] },
      },
      {
        code: 'before-operation',
        text: { zh: '手术、输血前', en: 'before an operation or a transfusion' },
        effect: 'exempt-with-reason',
        situation: 'N3',
        when: { purposes: ['pre-operative', 'pre-transfusion'], itemTags: ['infection-marker'] },
      },
    ],
  }),
  ...['JIANG-1', 'JIANG-2', 'COUNTY', 'LAB'].map((each) =>
    listDocument('grants', each, { institution: institutionCode(each), grants: [grant(`HR-${each}`)] }),
  ),
  listDocument('policy', 'CN', {
    repeatReminderCivilDays: 90,
    consent: 'assumed-by-policy',
    silentEncounterClasses: ['emergency'],
    otherReasonMinimum: 10,
    restrictedClasses: [
      {
        code: 'hiv',
        text: { zh: '艾滋病相关检验', en: 'HIV tests' },
        itemTags: ['restricted-visibility'],
        purposes: ['pre-operative', 'pre-transfusion'],
      },
    ],
  }),
  listDocument('consortium-standard', 'YUNXI', {
    zone: zoneCode('YUNXI'),
    titleZh: '云溪县域医共体检查检验质量标准',
    rows: ['COUNTY', 'TOWN'].map((each) => ({
      institution: institutionCode(each),
      items: 'all' as const,
      validFrom: '2026-01-01',
      validTo: '2027-01-01',
    })),
  }),
  listDocument('code-map', 'JIANG-2', {
    institution: institutionCode('JIANG-2'),
    entries: [
      { localCode: 'K01', localNameZh: '血钾', item: itemCode('LC-K') },
      { localCode: 'BHCG', localNameZh: 'β-HCG', item: itemCode('LI-BHCG'), methodClass: 'eclia' },
      { localCode: 'ALT', localNameZh: '谷丙转氨酶', item: itemCode('LC-ALT') },
      { localCode: 'XB', localNameZh: '血细胞分析', item: itemCode('LH-WBC') },
      { localCode: 'DR2', localNameZh: '胸片正侧位', item: itemCode('XR-CHEST-2V') },
      { localCode: 'HIV', localNameZh: 'HIV抗体', item: itemCode('LI-HIV') },
    ],
  }),
  listDocument('panels', 'JIANG-2', {
    institution: institutionCode('JIANG-2'),
    panels: [
      {
        localCode: 'GN',
        nameZh: '肝功能两项',
        members: [
          { item: itemCode('LC-ALT'), required: true },
          { item: itemCode('LC-AST'), required: true },
        ],
        singles: { 'LC-AST': 'AST' },
      },
    ],
  }),
];

/** The documents with those of one kind (and code) changed. */
export const withChanged = <Kind extends ListKind>(
  kind: Kind,
  name: string | null,
  change: (document: ListDocument<Kind>) => ListDocument<Kind> | null,
  documents: readonly ListDocument[] = exampleDocuments(),
): readonly ListDocument[] =>
  documents.flatMap((document) => {
    if (document.kind !== kind || (name !== null && document.code !== name)) return [document];
    const changed = change(document as ListDocument<Kind>);
    return changed === null ? [] : [changed as ListDocument];
  });

/** The documents with another item list row in the province's list. */
export const withRow = (row: ItemListRow): readonly ListDocument[] =>
  withChanged('item-list', 'E', (document) => ({
    ...document,
    content: {
      ...document.content,
      rows: [...document.content.rows.filter((each) => each.item !== row.item), row],
    },
  }));

/** The documents with other grants of one institution. */
export const withGrants = (name: string, grants: readonly Grant[]): readonly ListDocument[] =>
  withChanged('grants', name, (document) => ({ ...document, content: { ...document.content, grants } }));

/** Compiles list documents. */
export const compiled = (documents: readonly ListDocument[]): CompiledSnapshot => {
  const { manifest, documents: byHash } = manifestOf(documents);
  return compileSnapshot(manifest, byHash);
};

/** The snapshot of the example region. */
export const EXAMPLE: CompiledSnapshot = compiled(exampleDocuments());

/** An order of one item at the second hospital of Jiang; any member may be told otherwise. */
export const orderOf = (
  name: string,
  over: Partial<Omit<OrderFacts, 'institution'>> & { institution?: string } = {},
): OrderFacts => ({
  encounterClass: 'outpatient',
  purpose: 'diagnosis',
  diagnoses: [],
  item: itemCode(name),
  ...over,
  institution: institutionCode(over.institution ?? 'JIANG-2'),
});

/** An earlier result of the first hospital of Jiang with nothing against it; any member may be told otherwise. */
export const resultOf = (
  name: string,
  collected: string | null,
  over: Partial<Omit<CandidateFacts, 'performer' | 'reporter'>> & {
    performer?: string;
    reporter?: string;
  } = {},
): CandidateFacts => {
  const definition = ITEMS.find((each) => each.code === name);
  const isImage = definition?.category.startsWith('img-') ?? false;
  const at = collected === null ? null : moment(collected);
  return {
    report: '01934e2a-0000-7000-8000-000000000001' as PublicId,
    ordinal: 1,
    reportVersion: 1,
    item: itemCode(name),
    side: null,
    specimen: definition?.specimens[0] ?? null,
    specimenStates: [],
    fasting: null,
    timePoint: null,
    pointOfCare: false,
    standing: 'final',
    identity: 'strong',
    collectedAt: at,
    collectedPrecision: at === null ? null : 'minute',
    receivedAt: at,
    reportedAt: at,
    performerCampus: null,
    methodClass: null,
    unit: definition?.unit ?? '',
    flag: 'normal',
    images: isImage ? 'present' : 'not-applicable',
    imaging: null,
    ...over,
    performer: institutionCode(over.performer ?? 'JIANG-1'),
    reporter: institutionCode(over.reporter ?? over.performer ?? 'JIANG-1'),
  };
};

/** A patient of whom it is known that nothing was done. */
export const UNTREATED: PatientFacts = { interventions: [] };

/** What one check of the table says of a case, and the verdict as a whole. */
export const lookAt = (
  check: string,
  order: OrderFacts,
  candidate: CandidateFacts,
  over: { readonly snapshot?: CompiledSnapshot; readonly patient?: PatientFacts; readonly at?: Instant } = {},
): {
  readonly finding: string | undefined;
  readonly outcome: string | undefined;
  readonly grade: string;
  readonly data: unknown;
} => {
  const verdict = evaluate(
    order,
    candidate,
    over.snapshot ?? EXAMPLE,
    over.patient ?? UNTREATED,
    over.at ?? NOW,
  );
  const found = verdict.checks.find((each) => each.check === check);
  return { finding: found?.finding, outcome: found?.outcome, grade: verdict.grade, data: found?.data };
};

/** An order session at the second hospital of Jiang; any member may be told otherwise. */
export const sessionOf = (lines: readonly OrderLine[], over: Partial<OrderSession> = {}): OrderSession => ({
  institution: institutionCode('JIANG-2'),
  encounterClass: 'outpatient',
  purpose: 'diagnosis',
  diagnoses: [],
  lines,
  ...over,
});
