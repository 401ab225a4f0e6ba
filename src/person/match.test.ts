import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareProfiles } from './comparison.ts';
import { findContradiction } from './contradiction.ts';
import type { IncomingPatient, StatedIdentifier } from './incoming-patient.ts';
import { judgePair } from './match.ts';
import { comparableName } from './names.ts';
import { lifelongNumber, personProfile } from './profile.ts';

const ID = '11010519491231002X';
const OTHER_ID = '440524188001010014';
const id = (number: string): StatedIdentifier => ({ type: 'national-id', issuer: 'CN', number });
const insured = (number: string): StatedIdentifier => ({ type: 'insurance-number', issuer: 'CN', number });

type Over = Partial<Omit<IncomingPatient, 'birthDate'>> & { readonly birthDate?: string | null };

const profile = ({ birthDate = '19491231', ...over }: Over) =>
  personProfile({
    identifiers: [],
    name: '周明轩',
    sex: 'male',
    phones: [],
    address: null,
    motherIdentifiers: [],
    birthOrder: null,
    multipleBirth: false,
    deceased: false,
    ...over,
    birthDate: birthDate === null ? null : { at: 0 as never, precision: 'day', text: birthDate },
  });

const judged = (left: Over, right: Over, shared: readonly string[] = []) => {
  const { rule, outcome, grade } = judgePair(compareProfiles(profile(left), profile(right), new Set(shared)));
  return { rule, outcome, grade };
};

describe('two records', () => {
  it('with one national ID, name and birth date are linked strongly', () => {
    expect(judged({ identifiers: [id(ID)] }, { identifiers: [id(ID)] })).toMatchObject({
      outcome: 'link',
      grade: 'strong',
    });
  });

  it('with two independent identifiers are linked strongly even without a name', () => {
    const passport = { type: 'passport' as const, issuer: 'DEU', number: 'C01X0006H' };
    const both = [passport, insured('530001')];
    expect(judged({ identifiers: both, name: null }, { identifiers: both })).toMatchObject({
      outcome: 'link',
      grade: 'strong',
    });
  });

  it('do not count the health card index as independent of the ID it was made of', () => {
    const both = [id(ID), { type: 'health-card-index' as const, issuer: 'CN', number: 'AB12' }];
    expect(judged({ identifiers: both, birthDate: null }, { identifiers: both })).toMatchObject({
      grade: 'weak',
    });
  });

  it('with one national ID and conflicting sexes are linked for reading only', () => {
    const sexes = judged({ identifiers: [id(ID)], sex: 'female' }, { identifiers: [id(ID)] });
    expect(sexes).toMatchObject({ outcome: 'link', grade: 'weak' });
  });

  it('with one national ID but another name go to a person: the card may be borrowed', () => {
    expect(judged({ identifiers: [id(ID)], name: '谢文钦' }, { identifiers: [id(ID)] }).outcome).toBe(
      'review',
    );
  });

  it('with day and month exchanged are linked for reading only', () => {
    const swapped = judged(
      { identifiers: [insured('530001')], birthDate: '20080611' },
      { identifiers: [insured('530001')], birthDate: '20081106' },
    );
    expect(swapped).toMatchObject({ outcome: 'link', grade: 'weak' });
  });

  it('with an ID mistyped by one key, name and birth date are linked for reading only', () => {
    expect(judged({ identifiers: [id('11010519491231003X')] }, { identifiers: [id(ID)] })).toEqual({
      rule: 'national-id-mistyped',
      outcome: 'link',
      grade: 'weak',
    });
  });

  it('with two valid IDs are twins or strangers, however much else agrees', () => {
    const all = { phones: ['13912345678'], address: '甲市中区人民路90号11栋2603' };
    expect(judged({ ...all, identifiers: [id(ID)] }, { ...all, identifiers: [id(OTHER_ID)] }).outcome).toBe(
      'review',
    );
    expect(judged({ identifiers: [id(ID)] }, { identifiers: [id(OTHER_ID)] }).outcome).toBe('apart');
  });

  it('with name and birth date alone go to a person', () => {
    expect(judged({}, {})).toEqual({ rule: 'name-and-birth-date', outcome: 'review', grade: 'weak' });
  });

  it('with a phone that many share are no better than without', () => {
    const phone = { phones: ['13912345678'] };
    expect(judged(phone, phone).outcome).toBe('link');
    expect(judged(phone, phone, phone.phones).outcome).toBe('review');
  });

  it('of a newborn and the child named later go to a person', () => {
    const mother = { phones: ['13912345678'], birthDate: '20260101' };
    const stated = judged({ ...mother, name: '赵霞之子' }, { ...mother, name: '赵强' });
    expect(stated).toEqual({ rule: 'newborn-named-later', outcome: 'review', grade: 'weak' });
  });

  it('of siblings of one birth stay apart', () => {
    const one = { motherIdentifiers: [id(ID)], birthDate: '20260101', name: '赵霞之子', multipleBirth: true };
    expect(judged({ ...one, birthOrder: 1 }, { ...one, birthOrder: 2 }).outcome).toBe('apart');
    expect(judged(one, one).outcome).toBe('review');
  });
});

const patients: fc.Arbitrary<Over> = fc.record(
  {
    identifiers: fc.subarray(
      [id(ID), id(OTHER_ID), id('11010519491231003X'), insured('530001'), insured('530002')],
      {
        maxLength: 2,
      },
    ),
    name: fc.constantFrom('周明轩', '周明軒', '谢文钦', '赵霞之子', '赵霞', '无名氏', 'ZHOU MINGXUAN', null),
    sex: fc.constantFrom('male', 'female', 'not-stated'),
    birthDate: fc.constantFrom('19491231', '20080611', '20081106', '1949', null),
    phones: fc.constantFrom([], ['13912345678']),
    address: fc.constantFrom(null, '甲市中区人民路90号11栋2603'),
    motherIdentifiers: fc.constantFrom([], [id(ID)]),
    birthOrder: fc.constantFrom(null, 1, 2),
    multipleBirth: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** Two records that mostly agree, as those of one person do: of two drawn apart hardly any pair is linked. */
const alike: fc.Arbitrary<readonly [Over, Over]> = fc
  .tuple(
    patients,
    patients,
    fc.subarray(['identifiers', 'name', 'sex', 'birthDate', 'phones', 'address'] as const, { maxLength: 3 }),
  )
  .map(([left, other, differing]) => {
    const differences = differing.filter((field) => field in other).map((field) => [field, other[field]]);
    return [left, { ...left, ...Object.fromEntries(differences) }];
  });

describe('every pair of records', () => {
  it('is judged the same from either side', () => {
    fc.assert(
      fc.property(patients, patients, (left, right) => {
        expect(judged(left, right)).toEqual(judged(right, left));
      }),
    );
  });

  it('is never linked over two different valid national IDs, an anonymous name, or no identifier and no contact', () => {
    fc.assert(
      fc.property(alike, ([left, right]) => {
        if (judged(left, right).outcome !== 'link') return;
        const [one, other] = [profile(left), profile(right)];
        const numbers = [lifelongNumber(one)?.number, lifelongNumber(other)?.number];
        if (numbers[0] && numbers[1]) expect(numbers[0]).toBe(numbers[1]);
        expect([one.name.kind, other.name.kind]).not.toContain('anonymous');
        const identified = one.identifiers.length > 0 && other.identifiers.length > 0;
        const contact = one.phones.length + other.phones.length > 1 || (one.address && other.address);
        expect(identified || contact).toBeTruthy();
      }),
      { numRuns: 2000 },
    );
  });

  it('is linked strongly only with an identifier in common, and nothing that speaks against it', () => {
    fc.assert(
      fc.property(alike, ([left, right]) => {
        const { outcome, grade } = judged(left, right);
        if (outcome !== 'link' || grade !== 'strong') return;
        const comparison = compareProfiles(profile(left), profile(right), new Set());
        expect(comparison.agreeingSources.size).toBeGreaterThan(0);
        expect([comparison.name, comparison.birthDate, comparison.sex]).not.toContain('differs');
        expect(comparison.sex).not.toBe('conflicts');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a newborn under a stand-in name', () => {
  it('does not own the mother’s ID that stands in its field', () => {
    const newborn = profile({ name: '赵霞之子', birthDate: '20260101', identifiers: [id(ID)] });
    expect(lifelongNumber(newborn)).toBeUndefined();
    expect(newborn.motherIdentifiers.map(({ number }) => number)).toEqual([ID]);
  });
});

describe('a statement under a known record number', () => {
  const known = (
    name: string,
    birthDate: string | null,
    lifelong: 'agrees' | 'differs' | 'unknown' = 'unknown',
  ) => ({
    name: comparableName(name),
    birthDate,
    sex: 'male' as const,
    lifelong,
  });

  it('is of two people when it states two valid national IDs itself', () => {
    expect(findContradiction(profile({ identifiers: [id(ID), id(OTHER_ID)] }), undefined)).toBe(
      'two-national-ids-stated',
    );
  });

  it('is no contradiction when only the name changed, or the unknown got a name', () => {
    expect(findContradiction(profile({}), known('谢文钦', '1949-12-31'))).toBeUndefined();
    expect(findContradiction(profile({}), known('无名氏', null))).toBeUndefined();
  });

  it('is one when name and birth date both differ, even under the same ID: a child on the mother’s card', () => {
    expect(findContradiction(profile({}), known('谢文钦', '2001-01-01'))).toBe('name-and-birth-date-differ');
    const child = profile({ identifiers: [id(ID)], name: '孙小', birthDate: '20200101' });
    expect(findContradiction(child, known('周明轩', '1949-12-31', 'agrees'))).toBe(
      'name-and-birth-date-differ',
    );
  });

  it('corrects a mistyped record when ID and stated birth date agree with each other', () => {
    const right = profile({ identifiers: [id(ID)] });
    expect(findContradiction(right, known('周名', '1994-12-13', 'agrees'))).toBeUndefined();
  });
});
