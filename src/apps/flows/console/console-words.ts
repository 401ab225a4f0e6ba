import { HL7_FAULTS } from '../../../adapters/hl7v2/faults.ts';
import type { Bilingual } from '../../../kernel/bilingual.ts';
import { civilDateText, civilTimeText } from '../../../kernel/civil-day.ts';
import type { StatedTime } from '../../../kernel/instant.ts';
import { PERSON_FAULTS } from '../../../person/index.ts';
import type { ReadingFinding, StatedStatus, StatedValue } from '../../../result/index.ts';
import { INGEST_FAULTS } from '../ingest/ingest-faults.ts';

const words = (zh: string, en: string): Bilingual => ({ zh, en });

/** A text that is the same in every language: codes, numbers, names. */
export const verbatim = (text: string): Bilingual => ({ zh: text, en: text });

/** A stated time, no finer than it was stated. */
export const timeWords = (time: StatedTime | null): string | null => {
  if (time === null) return null;
  const { at, precision } = time;
  if (precision === 'year') return civilDateText(at).slice(0, 4);
  if (precision === 'month') return civilDateText(at).slice(0, 7);
  return precision === 'day' ? civilDateText(at) : civilTimeText(at);
};

const REASONS: Readonly<Record<string, Bilingual>> = { ...HL7_FAULTS, ...PERSON_FAULTS, ...INGEST_FAULTS };

/** What a reason's code means and what to do about it. */
export const reasonText = (code: string): Bilingual => {
  const known = REASONS[code];
  return known ? words(known.zh, known.en) : verbatim(code);
};

/** Where a finding of the reading shows, and what to mend. Field 0 of SPM: OBX-3 where there is no SPM. */
export const FINDINGS: Readonly<
  Record<ReadingFinding, { readonly at: 'OBX-3' | 'OBX-6' | 'SPM-4' | 'OBR-7'; readonly text: Bilingual }>
> = {
  unmapped: {
    at: 'OBX-3',
    text: words(
      '该院内代码尚未对码，结果已保存，等待对码；请在“未对码”中选择目录项目。',
      'This local code is not mapped yet. The result is kept and waits; choose its item under Unmapped codes.',
    ),
  },
  'unit-not-understood': {
    at: 'OBX-6',
    text: words(
      '单位无法识别，结果可查阅但不能换算比较；请改用 UCUM 或规范写法，或联系平台补充单位表。',
      'The unit is not understood, so the value can be read but not compared; write it in UCUM or another known form, or ask for it to be added.',
    ),
  },
  'unit-not-stated': {
    at: 'OBX-6',
    text: words('数值没有单位；请填写 OBX-6。', 'A number without its unit; fill OBX-6.'),
  },
  'unit-unfit': {
    at: 'OBX-6',
    text: words(
      '单位与对码项目不相称，无法换算；请核对对码是否正确，或单位是否写错。',
      'The unit cannot be converted into that of the mapped item; check the mapping, or the unit.',
    ),
  },
  'specimen-not-understood': {
    at: 'SPM-4',
    text: words(
      '标本类型无法识别；请使用 HL7 表 0487 代码或规范名称。',
      'The specimen type is not understood; use a code of HL7 table 0487 or a usual name.',
    ),
  },
  'specimen-unfit': {
    at: 'SPM-4',
    text: words(
      '标本类型与对码项目不符；请核对标本或对码。',
      'The mapped item is not measured in this specimen; check the specimen, or the mapping.',
    ),
  },
  'specimen-unclear': {
    at: 'SPM-4',
    text: words(
      '标本类型太笼统，无法判断是否适用；请写明具体标本。',
      'The specimen type is too broad to tell whether it fits; name it exactly.',
    ),
  },
  'specimen-contradicted': {
    at: 'SPM-4',
    text: words(
      '消息与对码表的标本不一致，或一份报告有多种标本而未说明；请分别出具报告或改正。',
      'Message and code map name different specimens, or the report has several without saying which; separate them, or correct one.',
    ),
  },
  'side-contradicted': {
    at: 'OBX-3',
    text: words('消息与项目的侧别不一致；请核对。', 'Message and item name different sides; check them.'),
  },
  'body-part-contradicted': {
    at: 'OBX-3',
    text: words(
      '消息中的部位与对码项目不符，未采用该项目；请核对。',
      'The message names another part of the body than the mapped item, which is not believed; check them.',
    ),
  },
  'collection-time-coarse': {
    at: 'OBR-7',
    text: words(
      '采样时间只精确到年或月；请写到分钟。',
      'The collection time states only a year or month; state it to the minute.',
    ),
  },
  'collection-times-differ': {
    at: 'OBR-7',
    text: words(
      'OBR-7 与 SPM-17 的采样时间不一致，已按较早的计算；请统一。',
      'OBR-7 and SPM-17 state different collection times; the earlier one counts. Make them agree.',
    ),
  },
  'collected-after-report': {
    at: 'OBR-7',
    text: words(
      '采样时间晚于报告时间，未采用；请核对两处时间。',
      'The collection is later than the report and is not believed; check both times.',
    ),
  },
};

/** Status of a report or a line. */
export const STATUSES: Readonly<Record<StatedStatus, Bilingual>> = {
  registered: words('已登记', 'registered'),
  preliminary: words('初步', 'preliminary'),
  final: words('正式', 'final'),
  corrected: words('已更正', 'corrected'),
  cancelled: words('已取消', 'cancelled'),
  'not-obtained': words('未检出结果', 'could not be obtained'),
  deleted: words('已删除', 'deleted'),
  wrong: words('误录', 'entered in error'),
  'not-stated': words('未说明', 'not stated'),
};

/** How a value was understood. */
export const VALUE_KINDS: Readonly<Record<StatedValue['kind'], Bilingual>> = {
  numeric: words('数值', 'number'),
  compared: words('界值', 'bound'),
  range: words('范围', 'range'),
  ratio: words('比值', 'ratio'),
  coded: words('编码值', 'coded value'),
  text: words('文本', 'text'),
  attachment: words('附件', 'attachment'),
  empty: words('无值', 'no value'),
};

/** Kinds of reports. */
export const REPORT_KINDS: Readonly<Record<string, Bilingual>> = {
  laboratory: words('检验', 'laboratory'),
  imaging: words('影像', 'imaging'),
  electrocardiogram: words('心电', 'electrocardiogram'),
  other: words('其他', 'other'),
};

/** Classes of encounters. */
export const ENCOUNTERS: Readonly<Record<string, Bilingual>> = {
  outpatient: words('门诊', 'outpatient'),
  emergency: words('急诊', 'emergency'),
  inpatient: words('住院', 'inpatient'),
  'health-check': words('体检', 'health check'),
};

/** Sexes. */
export const SEXES: Readonly<Record<string, Bilingual>> = {
  male: words('男', 'male'),
  female: words('女', 'female'),
  unknown: words('未知', 'unknown'),
  'not-stated': words('未说明', 'not stated'),
};

/** Printed flags. */
export const FLAGS: Readonly<Record<string, Bilingual>> = {
  normal: words('正常', 'normal'),
  abnormal: words('异常', 'abnormal'),
  high: words('高 ↑', 'high ↑'),
  low: words('低 ↓', 'low ↓'),
  positive: words('阳性', 'positive'),
  critical: words('危急值', 'critical'),
  'critical-high': words('危急值 ↑', 'critical ↑'),
  'critical-low': words('危急值 ↓', 'critical ↓'),
};

/** Kinds of identifiers, by `PersonIdentifierType`. */
export const IDENTIFIERS: Readonly<Record<string, Bilingual>> = {
  'national-id': words('身份证号', 'national id'),
  passport: words('护照', 'passport'),
  'hk-macao-permit': words('港澳居民来往内地通行证', 'Hong Kong and Macao permit'),
  'taiwan-permit': words('台湾居民来往大陆通行证', 'Taiwan permit'),
  'residence-permit-hmt': words('港澳台居民居住证', 'residence permit'),
  'foreign-permanent-residence': words('外国人永久居留身份证', 'foreign permanent residence card'),
  'military-id': words('军官证', 'military id'),
  'insurance-number': words('医保个人编号', 'insurance number'),
  'health-card-index': words('健康卡主索引', 'health card index'),
  'medical-record': words('病历号', 'medical record number'),
  other: words('其他编号', 'other number'),
};

/** Values that a sender keeps in places of its own, by `DialectField`. */
export const OWN_PLACES: Readonly<Record<string, Bilingual>> = {
  reportNumber: words('报告单号', 'report number'),
  replaces: words('被替换的报告单号', 'replaced report'),
  collectedAt: words('采样时间', 'collection time'),
  receivedAt: words('接收时间', 'received time'),
  reportedAt: words('报告时间', 'report time'),
  verifiedAt: words('审核时间', 'verification time'),
  reporter: words('报告者', 'reporter'),
  verifier: words('审核者', 'verifier'),
  performer: words('执行机构', 'performing organisation'),
  barcode: words('条码号', 'barcode'),
  specimen: words('标本', 'specimen'),
  collectionCondition: words('采集条件', 'collection condition'),
  reagent: words('试剂', 'reagent'),
  instrument: words('仪器', 'instrument'),
  bodyPart: words('部位', 'body part'),
  studyUid: words('检查实例号', 'study uid'),
  encounterNumber: words('就诊流水号', 'visit number'),
};
