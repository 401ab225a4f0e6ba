import { DIALECTS } from './dialects.ts';
import type { PersonRecord } from './events.ts';
import { oldNationalId } from './identity-numbers.ts';
import { gbkName, traditionalName } from './names.ts';
import type { DemonstrationPerson } from './person.ts';
import type { Random } from './random.ts';
import type { DemonstrationInstitution } from './region.ts';

/** Surnames and characters that clerks take for one another. */
const MISHEARD: Readonly<Record<string, string>> = {
  静: '静',
  晶: '静',
  婷: '亭',
  伟: '炜',
  莉: '丽',
  艳: '燕',
  芳: '方',
  明: '民',
  杰: '洁',
  梅: '玫',
  轩: '萱',
  华: '花',
  志: '智',
  英: '瑛',
  红: '虹',
  玲: '铃',
};

const misspelt = (name: string): string => {
  const characters = [...name];
  const last = characters.length - 1;
  return [...characters.slice(0, last), MISHEARD[characters[last] as string] ?? characters[last]].join('');
};

/** An institution's record number for a person; a second record of the same person gets another. */
export const recordNumberOf = (
  institution: DemonstrationInstitution,
  person: DemonstrationPerson,
  copy = 0,
): string => {
  const { prefix, width } = DIALECTS[institution].recordNumber;
  return prefix + String(100_000 + person.number * 4 + copy).padStart(width, '0');
};

/**
 * What an institution's clerks wrote down about a person. Most records are right; some have another spelling, the ID
 * of fifteen digits, no ID, or traditional characters. The cast is always written down as it is.
 */
export const recordOf = (
  institution: DemonstrationInstitution,
  person: DemonstrationPerson,
  random: Random,
  exact: boolean,
  copy = 0,
): PersonRecord => {
  const stream = random.fork(`record-${institution}-${copy}`);
  const slip = exact ? 1 : stream.next();
  const old = person.nationalId !== null && Number(person.birthDate) < 19_850_101;
  const written =
    slip < 0.012 ? misspelt(person.name) : slip < 0.018 ? traditionalName(person.name) : person.name;
  const nationalId =
    slip > 0.02 && slip < 0.032
      ? null
      : slip < 0.04 && slip > 0.032 && old
        ? oldNationalId(person.nationalId as string)
        : person.nationalId;
  return {
    institution,
    recordNumber: recordNumberOf(institution, person, copy),
    name: DIALECTS[institution].charset === 'GBK' ? gbkName(written) : written,
    sex: person.sex,
    birthDate: person.birthDate,
    nationalId,
    document: person.document ?? null,
    motherId: person.nationalId === null ? (person.mother?.nationalId ?? null) : null,
    phone: person.phone,
    address: person.address,
    birthOrder: person.birthOrder ?? null,
    multipleBirth: person.multipleBirth ?? false,
  };
};
