/** Check digits of invented numbers, so that what the region sends passes every check a receiver makes. */

const ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** 居民身份证 out of region (6), birth date (8) and sequence (3), by GB 11643-1999. */
export const nationalId = (region: string, birthDate: string, sequence: string): string => {
  const body = region + birthDate + sequence;
  let sum = 0;
  for (let index = 0; index < 17; index++) sum += Number(body[index]) * (ID_WEIGHTS[index] as number);
  return body + '10X98765432'[sum % 11];
};

/** The 15-digit form that cards had before 1999: no century, no check digit. */
export const oldNationalId = (id18: string): string => id18.slice(0, 6) + id18.slice(8, 17);

const ORGANISATION_WEIGHTS = [3, 7, 9, 10, 5, 8, 4, 2];

/** 组织机构代码: eight digits and a check character, by GB 11714-1997. */
export const organisationCode = (serial: string): string => {
  let sum = 0;
  for (let index = 0; index < 8; index++)
    sum += Number(serial[index]) * (ORGANISATION_WEIGHTS[index] as number);
  const check = 11 - (sum % 11);
  return serial + (check === 10 ? 'X' : check === 11 ? '0' : String(check));
};

const CREDIT_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';

/** 统一社会信用代码 out of department and kind (2), region (6) and organisation code (9), by GB 32100-2015. */
export const creditCode = (kind: string, region: string, organisation: string): string => {
  const body = kind + region + organisation;
  let sum = 0;
  let weight = 1;
  for (const character of body) {
    sum += CREDIT_ALPHABET.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  return body + CREDIT_ALPHABET[(31 - (sum % 31)) % 31];
};

/** 22-character 医疗机构代码 (WS 218-2002): organisation code, region, economic type, category, class. */
export const facilityCode = (organisation: string, region: string, category: string): string =>
  `${organisation}${region}10${category}1`;
