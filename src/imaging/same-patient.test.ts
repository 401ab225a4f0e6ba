import { describe, expect, test } from 'vitest';
import type { HeaderPatient } from './instance.ts';
import { areTwoPatients, statedTogether } from './same-patient.ts';

/** A patient as headers state him, `name` with `=` between its groups. */
const stating = ({
  name = 'Zhang^San=张^三',
  ...rest
}: Partial<Omit<HeaderPatient, 'name'>> & { readonly name?: string | null } = {}): HeaderPatient => {
  const [alphabetic = '', ideographic = '', phonetic = ''] = (name ?? '').split('=');
  return {
    patientId: 'M000100108',
    issuerOfPatientId: null,
    name:
      name === null
        ? null
        : { alphabetic: alphabetic || null, ideographic: ideographic || null, phonetic: phonetic || null },
    birthDate: '19660214',
    sex: 'M',
    ...rest,
  };
};
const areTwo = (
  one: Parameters<typeof stating>[0],
  other: Parameters<typeof stating>[0],
  institutions: readonly string[] = [],
): readonly boolean[] =>
  [
    [one, other],
    [other, one],
  ].map(([left, right]) =>
    areTwoPatients(stating(left), stating(right), (issuer) => institutions.includes(issuer)),
  );
const TWO = [true, true];
const ONE = [false, false];

describe('two patients in one study, under one number', () => {
  test.each([
    ['another birth date', { birthDate: '19660215' }],
    ['another sex', { sex: 'F' }],
    ['another name', { name: 'Li^Si=李^四' }],
    ['all of it', { name: 'Qian^Er=钱^二', birthDate: '19550101', sex: 'F' }],
    ['a homophone of the name', { name: 'Zhang^San=章^三' }],
    ['another name with Latin letters alone', { name: 'Li^Si' }],
    ['another name with characters alone', { name: '=李^四' }],
    ['a name that goes on', { name: 'Zhang^Sanfeng=张^三丰' }],
    ['another family name', { name: 'Wang^San=王^三' }],
    ['the child under the mother’s number', { name: '张三之子', birthDate: null }],
  ])('are stated by %s', (_, other) => {
    expect(areTwo({}, other)).toEqual(TWO);
  });

  test.each([
    ['Zhang^San', 'ZHANG^SAN'],
    ['Zhang^San', 'Zhang San'],
    ['Zhang^San', 'ZHANGSAN'],
    ['Zhang^San', 'San^Zhang'],
    ['Zhang^San', 'Ｚｈａｎｇ^Ｓａｎ'],
    ['Zhang^San=张^三', 'Zhang^San'],
    ['Zhang^San=张^三', '=张^三'],
    ['Zhang^San=张^三', '张三'],
    ['Zhang^San', '张三'],
    ['Zhang^San', '=张 三'],
    ['Zhang^San=張^三', '张三'],
    ['Zhang^San^^^', 'Zhang^San^^^Mr'],
    ['Lü^Bu', '吕布'],
    ['LV^BU', '吕布'],
    ['LYU^BU', 'Lu^Bu'],
    // 曾 as a family name is zeng, 乐 is le or yue.
    ['Zeng^Yue', '曾乐'],
    ['Zeng^Le', '曾乐'],
    ['Ouyang^Xiu', '欧阳修'],
    ['Xiu^Ouyang', '欧阳修'],
    ['????', '张三'],
    ['Zhang^San=张^三', '张?'],
    ['无名氏', '张三'],
    ['古丽·阿依', '古丽阿依'],
  ])('are not stated by %s and %s', (one, other) => {
    expect(areTwo({ name: one }, { name: other })).toEqual(ONE);
  });

  test.each([
    ['Zhang^San', '李四'],
    ['Wang^Wei', 'Fang^Wei'],
    ['Li^Wei', 'Li^Weiming'],
    ['李伟', '李伟明'],
    ['Zeng^Ke', '曾乐'],
  ])('are stated by %s and %s', (one, other) => {
    expect(areTwo({ name: one }, { name: other })).toEqual(TWO);
  });

  test.each([
    ['no name', { name: null }],
    ['no birth date', { birthDate: null }],
    ['no sex', { sex: null }],
    ['a sex that is neither', { sex: 'O' }],
    ['a year alone', { birthDate: '1966' }],
    ['a birth date as it was written before', { birthDate: '1966.02.14' }],
    ['a birth date of zeros', { birthDate: '00000000' }],
    ['an issuer that is the sender’s own', { issuerOfPatientId: 'HIS' }],
  ])('are not stated by %s', (_, other) => {
    expect(areTwo({}, other)).toEqual(ONE);
  });

  test('are stated by two issuers, or by one that is another institution', () => {
    expect(areTwo({ issuerOfPatientId: 'HIS' }, { issuerOfPatientId: 'ADT' })).toEqual(TWO);
    expect(areTwo({}, { issuerOfPatientId: 'WX-CENTRAL' }, ['WX-CENTRAL'])).toEqual(TWO);
  });

  test('are stated by numbers that differ or are not there', () => {
    expect(areTwo({}, { patientId: 'M000100109' })).toEqual(TWO);
    expect(areTwo({}, { patientId: null })).toEqual(TWO);
    expect(areTwo({ patientId: null }, { patientId: null })).toEqual(ONE);
    expect(areTwo({ patientId: null }, { patientId: null, birthDate: null })).toEqual(TWO);
    expect(areTwo({ patientId: null, name: '无名氏' }, { patientId: null })).toEqual(TWO);
    expect(areTwo({ patientId: null }, { patientId: null, sex: 'F' })).toEqual(TWO);
  });
});

describe('what headers state together', () => {
  test('holds a third against all that was said before', () => {
    const first = stating({ name: 'Zhang^San', birthDate: null, sex: null });
    const second = stating({ name: '张^三' });
    expect(areTwoPatients(first, second, () => false)).toBe(false);
    const together = statedTogether(first, second);
    expect(together).toMatchObject({
      name: { alphabetic: 'Zhang^San', ideographic: '张^三' },
      birthDate: '19660214',
      sex: 'M',
    });
    for (const third of [{ sex: 'F' }, { birthDate: '19800101' }, { name: '章三' }]) {
      const other = stating({ name: 'Zhang^San', birthDate: null, sex: null, ...third });
      expect([
        areTwoPatients(first, other, () => false),
        areTwoPatients(together, other, () => false),
      ]).toEqual([false, true]);
    }
    expect(statedTogether(together, first)).toEqual(together);
  });
});
