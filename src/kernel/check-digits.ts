/** What is wrong with a number that carries its own check character. */
export type CheckDigitProblem = 'length' | 'characters' | 'check-digit';

/** What is wrong with a resident identity number (GB 11643). */
export type NationalIdProblem = CheckDigitProblem | 'birth-date';

const NATIONAL_ID_WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const NATIONAL_ID_CHECKS = '10X98765432';

/** Sequence numbers that marked people over a hundred in the 15-digit scheme: their century is not known. */
const CENTENARIAN_SEQUENCE_FIRST = 996;

const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** True when year, month and day name a day of the Gregorian calendar in 1800 or later. */
const isCalendarDay = (year: number, month: number, day: number): boolean => {
  if (year < 1800 || month < 1 || month > 12 || day < 1) return false;
  const leap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= (DAYS_IN_MONTH[month - 1] as number) + (leap ? 1 : 0);
};

/** The check character of the first 17 digits: ISO 7064 MOD 11-2 as GB 11643 writes it. */
const nationalIdCheck = (first17: string): string => {
  let sum = 0;
  for (let index = 0; index < 17; index++)
    sum += (first17.charCodeAt(index) - 48) * (NATIONAL_ID_WEIGHTS[index] as number);
  return NATIONAL_ID_CHECKS[sum % 11] as string;
};

/**
 * Checks a resident identity number (居民身份证号码, GB 11643): 18 characters with a check character, or the 15 digits
 * of before 1999. A lower-case `x` is read as `X`; compare and store numbers in upper case. The region (the first six
 * digits) is not looked up: divisions merge and a number keeps the one of its issue.
 *
 * @returns null when nothing is wrong
 */
export const nationalIdProblem = (number: string): NationalIdProblem | null => {
  if (number.length !== 18 && number.length !== 15) return 'length';
  if (number.length === 15) {
    if (!/^[1-9]\d{14}$/.test(number)) return 'characters';
    const [year, month, day] = [number.slice(6, 8), number.slice(8, 10), number.slice(10, 12)].map(Number);
    return isCalendarDay(1900 + (year as number), month as number, day as number) ? null : 'birth-date';
  }
  if (!/^[1-9]\d{16}[\dXx]$/.test(number)) return 'characters';
  const [year, month, day] = [number.slice(6, 10), number.slice(10, 12), number.slice(12, 14)].map(Number);
  if (!isCalendarDay(year as number, month as number, day as number)) return 'birth-date';
  return nationalIdCheck(number) === (number[17] as string).toUpperCase() ? null : 'check-digit';
};

/**
 * The 18-character form of a 15-digit identity number: century 19 and the check character (GB 11643). An 18-character
 * number comes back in upper case.
 *
 * @returns null when the number is not valid, or when its sequence (996 to 999) marked a person over a hundred, whose
 *   century the number does not tell
 */
export const expandNationalId15 = (number: string): string | null => {
  if (nationalIdProblem(number) !== null) return null;
  if (number.length === 18) return number.toUpperCase();
  if (Number(number.slice(12)) >= CENTENARIAN_SEQUENCE_FIRST) return null;
  const first17 = `${number.slice(0, 6)}19${number.slice(6)}`;
  return first17 + nationalIdCheck(first17);
};

/** The alphabet of GB 32100-2015: digits and capitals without I, O, S, V and Z. A character counts by its place. */
const USCC_ALPHABET = '0123456789ABCDEFGHJKLMNPQRTUWXY';
const USCC_SHAPE = new RegExp(`^[${USCC_ALPHABET}]{2}\\d{6}[${USCC_ALPHABET}]{10}$`);

/**
 * Checks a unified social credit code (统一社会信用代码, GB 32100-2015): 18 characters, of which the third to eighth are
 * the digits of an administrative division and the last is the check character (weights 3^(i-1), modulo 31).
 *
 * @returns null when nothing is wrong
 */
export const usccProblem = (code: string): CheckDigitProblem | null => {
  if (code.length !== 18) return 'length';
  if (!USCC_SHAPE.test(code)) return 'characters';
  let sum = 0;
  let weight = 1;
  for (const character of code.slice(0, 17)) {
    sum += USCC_ALPHABET.indexOf(character) * weight;
    weight = (weight * 3) % 31;
  }
  return USCC_ALPHABET[(31 - (sum % 31)) % 31] === code[17] ? null : 'check-digit';
};

/**
 * Checks a LOINC code: up to seven digits, a hyphen and the check digit (modulus 10, every second digit doubled, as
 * the LOINC Users' Guide describes it).
 *
 * @returns null when nothing is wrong
 */
export const loincProblem = (code: string): CheckDigitProblem | null => {
  if (code.length < 3 || code.length > 9) return 'length';
  if (!/^[1-9]\d*-\d$/.test(code)) return 'characters';
  const digits = code.slice(0, -2);
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48;
    const counted = index % 2 === 0 ? digit * 2 : digit;
    sum += counted > 9 ? counted - 9 : counted;
  }
  return (10 - (sum % 10)) % 10 === code.charCodeAt(code.length - 1) - 48 ? null : 'check-digit';
};
