import { describe, expect, test } from 'vitest';
import { contradictedFields, type WrittenPerson } from './another-person.ts';

const person = (
  name: string | null,
  birthDate: string | null = '1958-04-17',
  sex: WrittenPerson['sex'] = 'male',
): WrittenPerson => ({ names: (name ?? '').split('=').map((one) => one || null), birthDate, sex });

const HOLDER = person('丁守业');
const fields = (stated: WrittenPerson, known: WrittenPerson = HOLDER) => contradictedFields(stated, [known]);

describe('under a known number somebody else is stated', () => {
  test.each([
    ['by another name, and nothing else', person('王^五', null, 'unknown'), ['name']],
    ['by another name with the same birth date and sex', person('王^五'), ['name']],
    ['by another name in pinyin', person('Wang^Wu', null), ['name']],
    ['by another name in pinyin, born alike', person('Wang^Wu'), ['name']],
    ['by a name that goes on', person('丁守业田'), ['name']],
    ['by a homophone where no birth date is stated', person('丁守叶', null), ['name']],
    ['by another given name of one family, as twins have', person('丁守成'), ['name']],
    ['by another birth date', person('丁^守业', '1990-01-01'), ['birth-date']],
    ['by a birth date a day off', person('丁^守业', '1958-04-18'), ['birth-date']],
    ['by another year alone', person('丁^守业', '1990'), ['birth-date']],
    ['by the other sex', person('丁^守业', '1958-04-17', 'female'), ['sex']],
    ['by all of it', person('Wang^Wu=王^五', '1980-02-03', 'female'), ['name', 'birth-date', 'sex']],
    ['by characters, whatever the letters say', person('Ding^Shouye=王^五'), ['name']],
    ['by day and month exchanged under another name', person('王五', '1958-17-04'), ['name', 'birth-date']],
    ['by a child’s stand-in', person('丁守业之女', null, 'unknown'), ['name', 'sex']],
    ['by a girl without a name', person('女婴', '2026-11-01', 'unknown'), ['name', 'birth-date', 'sex']],
    ['by nobody who is forty years younger', person('无名氏', '1998-01-01'), ['birth-date']],
    ['by nobody of the other sex', person('无名氏', null, 'female'), ['sex']],
  ])('%s', (_, stated, expected) => {
    expect([fields(stated), fields(HOLDER, stated)]).toEqual([expected, expected]);
  });

  test('twins told apart by their sex', () => {
    const child = (name: string) => person(name, '2026-11-01', 'unknown');
    expect(fields(child('李红之子'), child('李红之女'))).toEqual(['sex']);
  });

  test('newborns of two mothers, and twins of one', () => {
    const child = (name: string) => person(name, '2026-11-01', 'female');
    expect(fields(child('李红之女'), child('赵霞之女'))).toEqual(['name']);
    expect(fields(child('李红之大女'), child('李红之小女'))).toEqual(['name']);
    expect(fields(child('李红婴A'), child('李红婴2'))).toEqual(['name']);
  });
});

describe('under a known number nobody else is stated', () => {
  test.each([
    ['nothing', person(null, null, 'unknown'), HOLDER],
    ['the name without a delimiter', person('丁守业'), person('丁^守业')],
    ['the name in pinyin', person('DING^SHOUYE', null), HOLDER],
    ['the name in pinyin, given name first', person('Shouye Ding'), HOLDER],
    ['the name in both scripts', person('Ding^Shouye=丁^守业'), HOLDER],
    ['traditional characters', person('丁^守業'), HOLDER],
    ['a name with a remark', person('丁守业（复查）'), HOLDER],
    ['a character that could not be shown', person('丁守?'), HOLDER],
    ['nothing but question marks', person('????'), HOLDER],
    ['letters of a wrong character set', person('¶¡^ÊØÒµ'), HOLDER],
    ['a name in another script', person('Дин Шоуе'), HOLDER],
    ['a homophone, born alike', person('丁守叶'), HOLDER],
    ['another family name, born alike', person('李守业'), HOLDER],
    ['a year alone', person('丁守业', '1958'), HOLDER],
    ['the first of January, which an age makes', person('丁守业', '1958-01-01'), HOLDER],
    ['a stand-in for a birth date', person('丁守业', '1900-01-01'), HOLDER],
    ['day and month exchanged', person('丁守业', '1958-12-04'), person('丁守业', '1958-04-12')],
    ['a sex that is not said', person('丁守业', '1958-04-17', 'not-stated'), HOLDER],
    ['a middle dot', person('古丽·阿依'), person('古丽阿依')],
    ['a long name that was cut', person('阿卜杜热合', null), person('阿卜杜热合曼·买买提')],
    ['a husband’s family name before', person('陳^李美玲'), person('李美玲')],
    ['a romanisation that is no pinyin, born alike', person('Cheung^Hok^Yau'), person('张学友')],
    ['a name of an unknown person before', HOLDER, person('无名氏', '1960-01-01')],
    ['a name of an unknown person still', person('急诊无名氏男1', null), HOLDER],
    ['the child named later', person('丁小宝', '2026-11-01'), person('李红之子', '2026-11-01', 'unknown')],
    [
      'a child without its mother’s name',
      person('女婴', '2026-11-01', 'female'),
      person('李红之女', '2026-11-01', 'unknown'),
    ],
    [
      'a stand-in written otherwise',
      person('李红女婴', '2026-11-01', 'female'),
      person('李红之女', '2026-11-01', 'female'),
    ],
    ['a stand-in in both', person('李红之子', '2026-11-01'), person('李红之子', '2026-11-01')],
  ])('by %s', (_, stated, known) => {
    expect([fields(stated, known), fields(known, stated)]).toEqual([[], []]);
  });

  test('where one of the holder’s records says so, as after a change of name or a merge', () => {
    const changed = person('王小华');
    expect(fields(person('李小梅'), changed)).toEqual(['name']);
    expect(contradictedFields(person('李小梅'), [changed, person('李小梅')])).toEqual([]);
    // A record that says nothing excuses nobody.
    expect(contradictedFields(person('李小梅'), [changed, person(null, null, 'unknown')])).toEqual(['name']);
  });

  test('no name takes long to read', () => {
    expect(fields(person(`${'ai'.repeat(5000)}x`, null))).toEqual(['name']);
  });
});
