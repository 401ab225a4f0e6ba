import { readFileSync } from 'node:fs';
import { draftCatalogue, draftDocument, draftItemList, readDraftCatalogue } from '../../catalogue/index.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { ListContents, ListDocument, ListKind } from '../../recognition/index.ts';
import { consortiumStandard, grantTables, institutionList, tierRules } from './grants.ts';
import { itemLists, negativeList } from './item-lists.ts';
import { codeMapOf, panelTableOf } from './local-lists.ts';
import { INSTITUTION_CODES, institutionDirectory, regionTable, ZONES, zoneTable } from './region.ts';
import { reasonTable } from './reasons.ts';
import { imageRequirements } from './studies/image-requirements.ts';

const VERSION = '2026.1';
const SINCE = '2024-01-01';
const PROVINCE = '480000';

const AUTHORITY = '云岫省卫生健康委员会（演练）';
const NUMBER = '云卫医演〔2026〕1号';

/** A list as the invented authority publishes it, marked 演练. */
const published = <Kind extends ListKind>(
  kind: Kind,
  code: string,
  content: ListContents[Kind],
  titleZh: string,
): ListDocument<Kind> => ({
  kind,
  code,
  version: VERSION,
  status: 'published',
  jurisdiction: PROVINCE,
  authorityZh: AUTHORITY,
  instrument: { titleZh: `${titleZh}（演练）`, number: NUMBER },
  drill: true,
  effectiveFrom: SINCE,
  content,
});

/** One city asks before a doctor reads what another institution found; the rest of the province assumes consent. */
const askingPolicy = (): ListContents['policy'] => ({
  zone: ZONES.qinglan,
  repeatReminderCivilDays: 90,
  consent: 'required',
  spokenConsentHours: 24,
  silentEncounterClasses: ['emergency'],
  otherReasonMinimum: 10,
});

const shippedDraft = () => {
  const read = readDraftCatalogue(
    readFileSync(new URL('../../../data/catalogue-draft.csv', import.meta.url), 'utf8'),
  );
  if (!read.ok) throw new RangeError(`the catalogue draft has ${read.reason.length} problems`);
  return read.value;
};

/**
 * Every list of the demonstration region. Most are published by an invented authority and marked 演练; the national
 * draft stays what it is, a draft. `now` places the grants and suspensions that have ended or begun of late.
 */
export const demonstrationLists = (now: Instant): readonly ListDocument[] => {
  const drafts = shippedDraft();
  const directory = institutionDirectory();
  const zones = Object.keys(ZONES) as (keyof typeof ZONES)[];
  const zoneLists = itemLists(drafts);
  const publishedZones = zones.filter((zone) => zone !== 'nation');
  return [
    published('regions', 'GB2260', regionTable(), '行政区划代码'),
    published('institutions', 'DIRECTORY', directory, '医疗机构名录'),
    published('zones', 'ZONES', zoneTable(), '互认区域'),
    published('catalogue', 'CATALOGUE', draftCatalogue(drafts), '检查检验项目目录（演练采用草案）'),
    ...publishedZones.map((zone) => {
      const code = ZONES[zone];
      const list = zoneLists.get(code);
      if (!list) throw new RangeError(`zone ${code} has no item list`);
      return published('item-list', code, list, '检查检验结果互认项目清单');
    }),
    draftDocument('item-list', draftItemList(drafts, ZONES.nation, ['hr-grant']), {
      code: ZONES.nation,
      version: 'draft-1',
      jurisdiction: '000000',
      effectiveFrom: SINCE,
    }),
    ...publishedZones.map((zone) =>
      published('institution-list', ZONES[zone], institutionList(zone, now), '互认医疗机构清单'),
    ),
    ...zones.map((zone) =>
      published('negative-list', ZONES[zone], negativeList(ZONES[zone]), '不予互认情形“负面”清单'),
    ),
    ...(['wangxi', 'qinglan'] as const).map((zone) =>
      published('tier-rules', ZONES[zone], tierRules(ZONES[zone], 'may'), '互认实施细则'),
    ),
    ...(['province', 'cross'] as const).map((zone) =>
      published('tier-rules', ZONES[zone], tierRules(ZONES[zone], 'not'), '互认实施细则'),
    ),
    ...grantTables(now).map((table) => published('grants', table.institution, table, '互认标识授予名单')),
    published('consortium-standard', ZONES.consortium, consortiumStandard(), '医共体质量标准'),
    ...INSTITUTION_CODES.map((institution) =>
      published('code-map', institution, codeMapOf(institution), '院内项目对码表'),
    ),
    ...INSTITUTION_CODES.map((institution) =>
      published('panels', institution, panelTableOf(institution), '院内组套'),
    ),
    published('image-requirements', 'IMAGES', imageRequirements(now), '医学影像互认质量要求'),
    published('reasons', 'REASONS', reasonTable(), '不予互认原因'),
    published('policy', ZONES.qinglan, askingPolicy(), '跨机构查阅授权管理规定'),
  ];
};
