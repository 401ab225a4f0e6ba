import type { PersonIdentifierType, RecordSpace } from '../../person/index.ts';

/**
 * Identifier type codes (CX-5) as Chinese and other systems send them: HL7 table 0203, the national value set of
 * identity documents CV02.01.101 (01 居民身份证, 03 护照, 04 军官证, 06 港澳通行证, 07 台湾通行证) and common words.
 * A sender's own codes come from its dialect.
 */
const TYPES: Readonly<Record<string, PersonIdentifierType>> = {
  NNCHN: 'national-id',
  SFZ: 'national-id',
  SFZH: 'national-id',
  IDCARD: 'national-id',
  IDNO: 'national-id',
  '01': 'national-id',
  身份证: 'national-id',
  身份证号: 'national-id',
  居民身份证: 'national-id',
  PPN: 'passport',
  PASSPORT: 'passport',
  '03': 'passport',
  护照: 'passport',
  '04': 'military-id',
  MI: 'military-id',
  军官证: 'military-id',
  '06': 'hk-macao-permit',
  港澳居民来往内地通行证: 'hk-macao-permit',
  '07': 'taiwan-permit',
  台湾居民来往大陆通行证: 'taiwan-permit',
  港澳台居民居住证: 'residence-permit-hmt',
  PRC: 'foreign-permanent-residence',
  外国人永久居留身份证: 'foreign-permanent-residence',
  SS: 'insurance-number',
  YB: 'insurance-number',
  YBH: 'insurance-number',
  社保卡: 'insurance-number',
  医保号: 'insurance-number',
  医保卡: 'insurance-number',
  HC: 'health-card-index',
  JKK: 'health-card-index',
  健康卡: 'health-card-index',
  电子健康卡: 'health-card-index',
  MR: 'medical-record',
  MRN: 'medical-record',
  PI: 'medical-record',
  PT: 'medical-record',
  PN: 'medical-record',
  HIS: 'medical-record',
  OP: 'medical-record',
  IP: 'medical-record',
  MZH: 'medical-record',
  ZYH: 'medical-record',
  BLH: 'medical-record',
  JZK: 'medical-record',
  门诊号: 'medical-record',
  住院号: 'medical-record',
  病历号: 'medical-record',
  病案号: 'medical-record',
  就诊卡号: 'medical-record',
};

/** Codes of numbers that name a visit or an account, not a person. */
const VISIT_NUMBERS = new Set(['VN', 'AN', 'JZLSH', '就诊流水号']);

const CHINESE_AUTHORITY = /CHN|^CN$|^GA$|^MPS$|公安|2\.16\.156\.10011\.1\.3/i;
/** The shape of a Chinese citizen identity number, whatever its check character. */
export const looksLikeChineseId = (number: string): boolean => /^(?:\d{15}|\d{17}[\dXx])$/.test(number);

/** What an identifier is. `visit` numbers are kept out of the person's identifiers. */
export const identifierType = (
  code: string,
  number: string,
  authority: string,
): PersonIdentifierType | 'visit' | 'untyped' => {
  const key = code.trim().toUpperCase();
  if (key === '') return 'untyped';
  if (VISIT_NUMBERS.has(key)) return 'visit';
  // NI is any country's national id: Chinese when the authority says so, or when nothing says otherwise.
  if (key === 'NI' || key === 'NN' || key === 'ID') {
    if (CHINESE_AUTHORITY.test(authority) || looksLikeChineseId(number)) return 'national-id';
    return authority === '' ? 'national-id' : 'other';
  }
  return TYPES[key] ?? 'other';
};

const RECORD_SPACE_CODES: Readonly<Record<string, RecordSpace>> = {
  MZH: 'outpatient',
  OP: 'outpatient',
  门诊号: 'outpatient',
  ZYH: 'inpatient',
  IP: 'inpatient',
  住院号: 'inpatient',
};

/** The number space that an identifier type code names; undefined for the institution's general record number. */
export const recordSpaceOf = (typeCode: string): RecordSpace | undefined =>
  RECORD_SPACE_CODES[typeCode.toUpperCase()];
