import {
  chinaDays,
  draftItemList,
  type DraftRow,
  hours,
  type ItemList,
  type ItemListRow,
  type NegativeList,
  type NegativeListRow,
  type QualityBasisKind,
  type ItemCode,
} from '../../catalogue/index.ts';
import type { ZoneCode } from '../../organisation/index.ts';
import { ZONES } from './region.ts';

/** Items that break down or are taken up by cells while the sample waits: the received time never stands in for them. */
const LABILE: ReadonlySet<string> = new Set([
  'LC-TBIL',
  'LC-DBIL',
  'LC-IBIL',
  'LC-K',
  'LC-GLU',
  'LC-FPG',
  'LC-LDH',
  'LC-LAC',
  'LC-NH3',
  'LC-HCY',
  'LC-TCO2',
  'LG-PT',
  'LG-INR',
  'LG-APTT',
  'LG-TT',
  'LG-FIB',
  'LG-DD',
  'LG-DDU',
  'LC-CRP',
  'LC-PCT',
  'LH-ESR',
]);

const BLOOD_COUNT = /^LH-(WBC|RBC|HGB|HCT|PLT|M|R|NEUT|LYM|MON|EOS|BAS|PDW|PCTT)/;

/** Hospitals in the demonstration have no image archive connected: where images are asked for, they are not there. */
const IMAGES_ASKED: ReadonlySet<string> = new Set(['CT-CHEST-HR', 'CT-CCTA', 'MR-HEART-PC', 'XR-MG']);

type Change = (row: ItemListRow, draft: DraftRow) => ItemListRow;

const listOf = (
  drafts: readonly DraftRow[],
  zone: ZoneCode,
  bases: readonly QualityBasisKind[],
  isListed: (draft: DraftRow) => boolean,
  change: Change,
): ItemList => {
  const listed = drafts.filter((draft) => isListed(draft));
  const list = draftItemList(listed, zone, bases);
  return { ...list, rows: list.rows.map((row, index) => change(row, listed[index] as DraftRow)) };
};

const categoryIs =
  (pattern: RegExp): ((draft: DraftRow) => boolean) =>
  ({ item, window }) =>
    window !== null && pattern.test(item.category);

const everywhere: Change = (row, { item }) => ({
  ...row,
  imagesRequired: IMAGES_ASKED.has(item.code),
  receivedTimeAllowed: item.category.startsWith('lab-') && !LABILE.has(item.code),
});

/** A city's list: everyday laboratory, plain imaging, ultrasound and ECG; windows in civil days. */
const cityList = (drafts: readonly DraftRow[], zone: ZoneCode, change: Change): ItemList =>
  listOf(
    drafts,
    zone,
    ['hr-grant'],
    categoryIs(/^(lab-(chem|haem|coag|immuno|urine|micro|molecular)|img-(xray|ct|mr|us)|ecg)$/),
    (row, draft) => change(everywhere(row, draft), draft),
  );

/** All item lists of the region by zone, out of the catalogue draft. */
export const itemLists = (drafts: readonly DraftRow[]): ReadonlyMap<ZoneCode, ItemList> =>
  new Map([
    [
      ZONES.consortium,
      {
        ...listOf(
          drafts,
          ZONES.consortium,
          ['consortium-standard'],
          () => true,
          (row, draft) => ({
            ...everywhere(row, draft),
            ...(BLOOD_COUNT.test(draft.item.code) ? { window: chinaDays(3) } : {}),
          }),
        ),
        coverage: 'all',
      },
    ],
    [
      ZONES.wangxi,
      cityList(drafts, ZONES.wangxi, (row, { item }) => ({
        ...row,
        // The neighbouring city does not take the received time at all.
        reasonRequired: /^(CT|MR)-/.test(item.code),
        ...(BLOOD_COUNT.test(item.code) ? { window: chinaDays(3) } : {}),
      })),
    ],
    [
      ZONES.qinglan,
      cityList(drafts, ZONES.qinglan, (row, { item }) => ({
        ...row,
        receivedTimeAllowed: false,
        ...(BLOOD_COUNT.test(item.code) ? { window: chinaDays(2) } : {}),
      })),
    ],
    [
      ZONES.province,
      listOf(
        drafts,
        ZONES.province,
        ['hr-grant'],
        categoryIs(/^(lab-(chem|haem|coag|immuno)|img-(xray|ct|mr|us))$/),
        (row, draft) => ({
          ...everywhere(row, draft),
          receivedTimeAllowed: false,
          ...(BLOOD_COUNT.test(draft.item.code)
            ? { window: hours(48) }
            : draft.item.category.startsWith('lab-') && row.window?.unit === 'civilDays'
              ? { window: hours(Math.max(24, row.window.n * 24)) }
              : {}),
        }),
      ),
    ],
    [
      ZONES.cross,
      listOf(
        drafts,
        ZONES.cross,
        ['hr-grant'],
        (draft) =>
          draft.window !== null &&
          (draft.item.tags.some((tag) => tag.startsWith('jjjl60')) ||
            /^img-(xray|ct|mr)$/.test(draft.item.category)),
        (row, draft) => ({
          ...everywhere(row, draft),
          receivedTimeAllowed: false,
          ...(BLOOD_COUNT.test(draft.item.code) ? { window: hours(24) } : {}),
        }),
      ),
    ],
    [ZONES.nation, draftItemList(drafts, ZONES.nation, ['hr-grant'])],
  ]);

const codes = (text: string): readonly ItemCode[] => text.split(' ') as unknown as readonly ItemCode[];

const NEGATIVE_ROWS: readonly NegativeListRow[] = [
  {
    code: 'B1',
    text: {
      zh: '输血前血型鉴定和不规则抗体筛查',
      en: 'Blood grouping and antibody screening before transfusion',
    },
    effect: 'out-of-scope',
    when: { items: codes('LH-ABO LH-RHD LH-ABSC'), purposes: ['pre-transfusion'] },
  },
  {
    code: 'B2',
    text: { zh: '病理检查', en: 'Pathology' },
    effect: 'out-of-scope',
    when: { categories: ['pathology'] },
  },
  {
    code: 'M1',
    text: {
      zh: '手术、输血前的感染性疾病筛查',
      en: 'Infection screening before an operation or a transfusion',
    },
    effect: 'exempt-with-reason',
    situation: 'N3',
    when: {
      items: codes('LI-HBSAG LI-HCVAB LI-HIV LI-TPAB'),
      purposes: ['pre-operative', 'pre-transfusion'],
    },
  },
  {
    code: 'M2',
    text: { zh: '司法、伤残及病退等鉴定', en: 'Forensic, disability and sick-retirement assessment' },
    effect: 'exempt-with-reason',
    situation: 'N5',
    when: { purposes: ['forensic', 'disability-assessment'] },
  },
  {
    code: 'M3',
    text: { zh: '急诊、急救状态下变化较快的项目', en: 'Fast-changing items in an emergency' },
    effect: 'exempt-with-reason',
    situation: 'N4',
    when: { itemTags: ['acute'], encounterClasses: ['emergency'] },
  },
];

/** The negative list of a zone. All zones of the region publish the same rows, or the mildest zone would undo them. */
export const negativeList = (zone: ZoneCode): NegativeList => ({ zone, rows: NEGATIVE_ROWS });
