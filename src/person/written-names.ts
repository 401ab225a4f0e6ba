import { pinyin } from 'pinyin-pro';
import { comparableName, nameForm } from './names.ts';

/** Characters by which systems replace one they cannot show. */
const UNSHOWN = /[?□■�〓＊*]/u;
const HAN = /\p{Script=Han}/u;
const SEPARATORS = /[\s.,'’‘`´·•・‧∙⋅･‐‑–—_-]+/u;
/** Of the components of a DICOM name the last two are titles (PS3.5 §6.2.1.1). */
const NAME_COMPONENTS = 3;

/** How a device writes ü is its own affair: U, V, YU, Ü. */
const plainLetters = (text: string): string =>
  text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toUpperCase()
    .replace(/(?<=[LN])(?:V|YU)/g, 'U');

const readings = (character: string): readonly string[] =>
  HAN.test(character)
    ? [
        ...new Set(
          pinyin(character, { toneType: 'none', multiple: true, type: 'array', v: true }).map(plainLetters),
        ),
      ]
    : [plainLetters(character)];

/** Whether letters are these characters read one after the other, each in one of its readings. */
const spells = (letters: string, [first, ...rest]: readonly string[]): boolean =>
  first === undefined
    ? letters === ''
    : readings(first).some(
        (reading) => letters.startsWith(reading) && spells(letters.slice(reading.length), rest),
      );

/** A name in Chinese characters against one in Latin letters, family name first or last. */
const isReading = (characters: string, letters: string): boolean => {
  const all = [...characters];
  return [0, 1, 2].some((family) => spells(letters, [...all.slice(family), ...all.slice(0, family)]));
};

const wordsOf = (name: string): readonly string[] =>
  name
    .split(SEPARATORS)
    .map(plainLetters)
    .filter((word) => word !== '')
    .toSorted();

/** Whether two texts of one script write one name: the same but for case, width, delimiters, order and what could not be shown. */
const isSameForm = (one: string, other: string): boolean => {
  const [left, right] = [nameForm(one), nameForm(other)].map((form) => [...plainLetters(form)]) as [
    string[],
    string[],
  ];
  if (left.length === right.length) {
    const differing = left.filter(
      (character, index) =>
        character !== right[index] && !UNSHOWN.test(character) && !UNSHOWN.test(right[index] as string),
    );
    if (differing.length === 0) return true;
  }
  return !HAN.test(one) && wordsOf(one).join(' ') === wordsOf(other).join(' ');
};

/** A name's groups as texts: what says nothing (nothing but what could not be shown, a stand-in for somebody unknown) is left out. */
const saying = (groups: readonly (string | null)[]): readonly string[] =>
  groups.flatMap((group) => {
    const text = (group ?? '').split('^').slice(0, NAME_COMPONENTS).join(' ').trim();
    const { kind, form } = comparableName(text);
    const shown = [...form].filter((character) => !UNSHOWN.test(character));
    return kind === 'absent' || kind === 'anonymous' || shown.length === 0 ? [] : [text];
  });

/**
 * Whether two written names can be one person's under one number, where nothing but the writing differs: a group in Latin letters
 * or Chinese characters that one of them leaves out, one script for the other, case, width, delimiters, blanks, order. A homophone,
 * a changed family name, a name that goes on where the other ends is not writing: that is how relatives and neighbours are named.
 * A name that says nothing stands against nothing.
 *
 * @param one groups of a name, in any order; components joined by `^`
 */
export const isOneNameWritten = (
  one: readonly (string | null)[],
  other: readonly (string | null)[],
): boolean => {
  const [left, right] = [saying(one), saying(other)];
  if (left.length === 0 || right.length === 0) return true;
  const pairs = left.flatMap((a) => right.map((b) => [a, b] as const));
  // Characters say more than letters, and letters against letters more than letters against characters.
  const inCharacters = pairs.filter(([a, b]) => HAN.test(a) && HAN.test(b));
  const inLetters = pairs.filter(([a, b]) => !HAN.test(a) && !HAN.test(b));
  if (inCharacters.length > 0) return inCharacters.some(([a, b]) => isSameForm(a, b));
  if (inLetters.length > 0) return inLetters.some(([a, b]) => isSameForm(a, b));
  return pairs.some(([a, b]) => {
    const [characters, letters] = HAN.test(a) ? [a, b] : [b, a];
    return isReading(nameForm(characters), plainLetters(nameForm(letters)));
  });
};
