import { comparableBirthDate } from './profile.ts';
import { compareBirthDates, compareSexes } from './comparison.ts';
import type { Sex } from './incoming-patient.ts';
import { comparableName, compareNames, newbornName, type NewbornName } from './names.ts';
import { isOneNameWritten } from './written-names.ts';

/** What somebody states of a person beside his number, as it is written. */
export interface WrittenPerson {
  /** Groups of a name (Latin letters, characters), in any order; components joined by `^` or not. */
  readonly names: readonly (string | null)[];
  /** `YYYY-MM-DD`, or as much of it as was stated. */
  readonly birthDate: string | null;
  readonly sex: Sex;
}

/** A field in which two statements contradict each other. */
export type ContradictedField = 'name' | 'birth-date' | 'sex';

type Standing = 'agrees' | 'unsaid' | 'contradicts';

/** How far an age that was guessed of somebody unknown may be from the true one. */
const GUESSED_YEARS = 15;
/** Characters that a name cut by a narrow column (10 bytes) still has. */
const CUT_CHARACTERS_MIN = 4;

const HAN = /\p{Script=Han}/u;
/** What stands in brackets behind a name is a remark: 丁守业（复查）. */
const REMARK = /[(（【[][^)）】\]]*[)）】\]]/gu;
/** Marks that no name has: a name in another character set than its header says looks like that (¶¡ÊØÒµ). */
const BROKEN = /[^\p{L}\p{M}\p{N}\s^.,'’‘`´·•・‧∙⋅･‐‑–—_?□■�〓＊*()/-]/u;
/** One syllable of pinyin, ü as U; a few that nobody speaks are among them. */
const SYLLABLE =
  /^(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uan|uai|ai|ei|ao|ou|an|en|in|un|ia|ie|iu|ua|ui|uo|ue|er|[aeiou])$/;
const SYLLABLE_LETTERS_MAX = 6;
/** Longer letters are no name of a few syllables. */
const PINYIN_LETTERS_MAX = 64;

/** Whether letters can be read as pinyin, syllable after syllable. */
const isPinyin = (text: string): boolean => {
  const letters = text.normalize('NFKD').replace(/\P{L}/gu, '').toLowerCase().replaceAll('v', 'u');
  if (letters.length > PINYIN_LETTERS_MAX) return false;
  const ends = new Set([0]);
  for (const from of ends)
    for (let to = from + 1; to <= Math.min(from + SYLLABLE_LETTERS_MAX, letters.length); to++)
      if (SYLLABLE.test(letters.slice(from, to))) ends.add(to);
  return ends.has(letters.length);
};

/** Groups that can be compared: Chinese characters and Latin letters, without remarks. */
const comparableGroups = (names: readonly (string | null)[]): readonly string[] =>
  names.flatMap((name) => {
    const bare = (name ?? '').replace(REMARK, '').trim();
    const text = bare === '' ? (name ?? '').trim() : bare;
    const isKnownScript = HAN.test(text) || /\p{Script=Latin}/u.test(text);
    return !isKnownScript || BROKEN.test(text) ? [] : [text];
  });

const plain = (text: string): string => text.replaceAll('^', HAN.test(text) ? '' : ' ');

const isAnonymous = ({ names }: WrittenPerson): boolean =>
  comparableGroups(names).some((group) => comparableName(plain(group)).kind === 'anonymous');

const newbornIn = (groups: readonly string[]): NewbornName | undefined =>
  groups.map((group) => newbornName(plain(group))).find((one) => one !== undefined);

/** Two newborns' stand-ins: of two mothers, or of one mother's twins told apart. */
const newbornsStand = (one: NewbornName, other: NewbornName): Standing => {
  if (one.order !== null && other.order !== null && one.order !== other.order) return 'contradicts';
  if (one.mother === null || other.mother === null) return 'unsaid';
  return isOneNameWritten([one.mother], [other.mother]) ? 'agrees' : 'contradicts';
};

const isCutOff = (one: string, other: string): boolean => {
  const [shorter, longer] = [one, other].toSorted((a, b) => a.length - b.length) as [string, string];
  return HAN.test(shorter) && [...shorter].length >= CUT_CHARACTERS_MIN && longer.startsWith(shorter);
};

/** A husband's family name put before the whole name (陈李美玲), as in Hong Kong and Taiwan. */
const isMarriedForm = (one: string, other: string): boolean => {
  const [shorter, longer] = [one, other].toSorted((a, b) => a.length - b.length) as [string, string];
  return (
    [...shorter].length >= 3 &&
    HAN.test(shorter) &&
    [1, 2].includes([...longer].length - [...shorter].length) &&
    longer.endsWith(shorter)
  );
};

/** Letters against characters: a romanisation that is no pinyin can be held against nothing. */
const isOtherRomanisation = (one: string, other: string): boolean =>
  HAN.test(one) !== HAN.test(other) && !isPinyin(HAN.test(one) ? other : one);

/**
 * @param isBornAlike whether both state the same day of birth: then what one person's name really undergoes (a homophone, another
 *   family name) speaks against nothing
 */
const namesStand = (one: WrittenPerson, other: WrittenPerson, isBornAlike: boolean): Standing => {
  const [left, right] = [comparableGroups(one.names), comparableGroups(other.names)];
  if (left.length === 0 || right.length === 0 || isAnonymous(one) || isAnonymous(other)) return 'unsaid';
  const [child, otherChild] = [newbornIn(left), newbornIn(right)];
  if (child && otherChild) return newbornsStand(child, otherChild);
  // Named later, if born on the same day; else a child under its mother's number, or under anybody's.
  if (child || otherChild) return isBornAlike ? 'unsaid' : 'contradicts';
  if (isOneNameWritten(left, right)) return 'agrees';
  const pairs = left.flatMap((a) =>
    right.map((b) => [comparableName(plain(a)), comparableName(plain(b))] as const),
  );
  const inCharacters = pairs.filter(([a, b]) => HAN.test(a.form) && HAN.test(b.form));
  const weighed = inCharacters.length > 0 ? inCharacters : pairs;
  const isExcused = weighed.some(
    ([a, b]) =>
      isCutOff(a.form, b.form) ||
      (isBornAlike &&
        (compareNames(a, b) === 'similar' ||
          isMarriedForm(a.form, b.form) ||
          isOtherRomanisation(a.form, b.form))),
  );
  return isExcused ? 'unsaid' : 'contradicts';
};

/** The first of January is what a console writes that was told a year or an age. */
const tellingDate = (text: string | null): string | null =>
  comparableBirthDate(text)?.replace(/-01-01$/, '') ?? null;

const birthDatesStand = (one: WrittenPerson, other: WrittenPerson, isNamedAlike: boolean): Standing => {
  if (one.birthDate !== null && one.birthDate.length === 10 && one.birthDate === other.birthDate)
    return comparableBirthDate(one.birthDate) === null ? 'unsaid' : 'agrees';
  const [left, right] = [tellingDate(one.birthDate), tellingDate(other.birthDate)];
  const agreement = compareBirthDates(left, right);
  if (agreement === 'agrees') return 'agrees';
  if (agreement === 'unknown' || left === null || right === null) return 'unsaid';
  if (isAnonymous(one) || isAnonymous(other))
    return Math.abs(Number(left.slice(0, 4)) - Number(right.slice(0, 4))) > GUESSED_YEARS
      ? 'contradicts'
      : 'unsaid';
  return agreement === 'swapped' && isNamedAlike ? 'unsaid' : 'contradicts';
};

/** The sex as stated, else as a newborn's stand-in tells it (之子, 女婴). */
const sexOf = ({ sex, names }: WrittenPerson): Sex =>
  sex === 'male' || sex === 'female' ? sex : (newbornIn(comparableGroups(names))?.sex ?? 'unknown');

const sexesStand = (one: WrittenPerson, other: WrittenPerson): Standing => {
  const compared = compareSexes(sexOf(one), sexOf(other));
  return compared === 'conflicts' ? 'contradicts' : compared === 'agrees' ? 'agrees' : 'unsaid';
};

/**
 * In which fields a statement under a known number plainly speaks of somebody else than the number's holder. The number speaks for
 * him, so that only what cannot be writing, a slip of the usual kind or a gap counts: another name, another day of birth, male
 * against female. Where his records say different things (a name before and after a change), one that agrees is enough.
 *
 * @param known his records that are joined beyond doubt, in any order
 */
export const contradictedFields = (
  stated: WrittenPerson,
  known: readonly WrittenPerson[],
): readonly ContradictedField[] => {
  const contradicts = (standing: (record: WrittenPerson) => Standing): boolean => {
    const all = known.map(standing);
    return all.includes('contradicts') && !all.includes('agrees');
  };
  const isBornAlike = known.some((record) => birthDatesStand(stated, record, false) === 'agrees');
  const isNamedAlike = known.some((record) => namesStand(stated, record, isBornAlike) === 'agrees');
  return [
    ...(contradicts((record) => namesStand(stated, record, isBornAlike)) ? (['name'] as const) : []),
    ...(contradicts((record) => birthDatesStand(stated, record, isNamedAlike))
      ? (['birth-date'] as const)
      : []),
    ...(contradicts((record) => sexesStand(stated, record)) ? (['sex'] as const) : []),
  ];
};
