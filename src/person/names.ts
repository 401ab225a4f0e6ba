import { Converter } from 'opencc-js/t2cn';
import { pinyin } from 'pinyin-pro';
import type { Sex } from './incoming-patient.ts';

/**
 * What a stated name is: a person's name; a newborn's stand-in made of the mother's name (赵霞之子); a stand-in for
 * somebody unknown (无名氏); or nothing.
 */
export type NameKind = 'named' | 'newborn' | 'anonymous' | 'absent';

/** A name prepared for comparison. The exact characters received are kept elsewhere; nothing here is ever shown. */
export interface ComparableName {
  readonly kind: NameKind;
  /** Comparison form; for a newborn's stand-in the whole of it. Empty when absent. */
  readonly form: string;
  /** For a newborn's stand-in: the comparison form of the mother's name. */
  readonly motherForm: string | null;
  /** Words of a name in Latin letters, sorted, so that the order of family and given name does not matter. */
  readonly words: readonly string[];
}

/** How two names stand to each other. `unknown`: at least one of them says nothing. */
export type NameAgreement = 'agrees' | 'similar' | 'differs' | 'unknown';

/**
 * Private-use code points under which GBK and older GB 18030 systems keep characters that Unicode encoded later. 䶮 is
 * the one that occurs in names; the others are the components whose code points GB 18030-2022 moved.
 */
const PRIVATE_USE: ReadonlyMap<string, string> = new Map([
  ['\uE863', '\u4DAE'],
  ['\uE81E', '\u9FB4'],
  ['\uE826', '\u9FB5'],
  ['\uE82B', '\u9FB6'],
  ['\uE82C', '\u9FB7'],
  ['\uE832', '\u9FB8'],
  ['\uE843', '\u9FB9'],
  ['\uE854', '\u9FBA'],
  ['\uE864', '\u9FBB'],
]);

/** Family names that the second simplification scheme merged and that one person carries in either form. */
const SURNAME_VARIANTS: ReadonlyMap<string, string> = new Map([
  ['萧', '肖'],
  ['阎', '闫'],
  ['傅', '付'],
  ['戴', '代'],
]);

const SEPARATORS = /[\s.,'’‘`´·•・‧∙⋅･‐‑–—_-]+/gu;
const ANONYMOUS =
  /^(?:急诊|急救|抢救)?(?:无名[氏男女]?|未知名?|不详|佚名|不明|三无人员|三无|ANONYMOUS|UNKNOWN|JOHNDOE|JANEDOE)[男女]?[A-Z]?\d*$/u;
/** What systems append to the mother's name for a child without one; the bare forms need a whole name before them. */
const NEWBORN_MARK =
  /(?<=.)之(?:[长大次小一二三四](?=[子女婴男]))?(?:儿子|女儿|男婴|女婴|婴儿|[子女婴男]|[大小]双)[一二三四甲乙丙A-D1-4]?$|(?<=..)(?:婴儿?|BABY|BB)[一二三四甲乙丙A-D1-4]?$/u;
/** A child without a name and without its mother's. */
const NAMELESS_NEWBORN = /^(?:新生儿|婴儿|[男女]婴|BABY(?:BOY|GIRL)?)(?:之?[大小一二三四甲乙丙A-D]|\d+)?$/u;
/** Characters by which systems replace one they cannot show. */
const UNSHOWN = /^[?□■�〓＊*]$/u;
const HAN = /\p{Script=Han}/u;
const TRUNCATED_MINIMUM = 4;

const simplify = Converter({ from: 't', to: 'cn' });

/**
 * Comparison form of a name: compatibility forms folded (NFKC), private-use code points replaced by their standard
 * ones, traditional characters simplified, every kind of interpunct and space removed, Latin letters in capitals, and
 * a varying family name in one of its forms. Works on code points: 𠮷 is one character.
 */
export const nameForm = (name: string): string => {
  const standard = [...name.normalize('NFKC')]
    .map((character) => PRIVATE_USE.get(character) ?? character)
    .join('');
  const [first = '', ...rest] = simplify(standard).replace(SEPARATORS, '').toUpperCase();
  return (SURNAME_VARIANTS.get(first) ?? first) + rest.join('');
};

const wordsOf = (name: string): string[] =>
  name
    .normalize('NFKC')
    .toUpperCase()
    .split(SEPARATORS)
    .filter((word) => word !== '')
    .sort();

/** Prepares a stated name for comparison. */
export const comparableName = (name: string | null): ComparableName => {
  const form = name === null ? '' : nameForm(name);
  if (name === null || form === '') return { kind: 'absent', form: '', motherForm: null, words: [] };
  if (ANONYMOUS.test(form)) return { kind: 'anonymous', form, motherForm: null, words: [] };
  const mark = NEWBORN_MARK.exec(form);
  if (mark && mark.index > 0)
    return { kind: 'newborn', form, motherForm: form.slice(0, mark.index), words: [] };
  return { kind: 'named', form, motherForm: null, words: HAN.test(form) ? [] : wordsOf(name) };
};

/** What a newborn's stand-in name says. */
export interface NewbornName {
  /** Comparison form of the mother's name; null where none or only a family name is there. */
  readonly mother: string | null;
  readonly sex: Sex;
  /** Which of several children: `大`, `1`, `A`; null where it is not said. */
  readonly order: string | null;
}

const ORDERS: Readonly<Record<string, string>> = {
  长: '1',
  大: '1',
  一: '1',
  甲: '1',
  A: '1',
  次: '2',
  小: '2',
  二: '2',
  乙: '2',
  B: '2',
  三: '3',
  丙: '3',
  C: '3',
  四: '4',
  D: '4',
};

/** Reads a newborn's stand-in name (赵霞之子, 王女婴, 女婴); undefined for any other name. */
export const newbornName = (name: string): NewbornName | undefined => {
  const form = nameForm(name);
  const mark = NAMELESS_NEWBORN.test(form) ? form : NEWBORN_MARK.exec(form)?.[0];
  if (mark === undefined) return undefined;
  const before = form.slice(0, form.length - mark.length);
  // 王女婴 is a girl of the family Wang, not a child of 王女.
  const ofFamily = mark.startsWith('婴') ? before.replace(/[男女]$/u, '') : before;
  const said = form.slice(ofFamily.length);
  const order =
    /[长大次小一二三四甲乙丙A-D1-4](?=[子女婴男双])|(?<=[子女婴男儿双Y])[一二三四甲乙丙A-D1-4]$/u.exec(
      said,
    )?.[0];
  return {
    mother: [...ofFamily].length >= 2 ? ofFamily : null,
    sex: /女|GIRL/u.test(said) ? 'female' : /[男子]|BOY/u.test(said) ? 'male' : 'unknown',
    order: order === undefined ? null : (ORDERS[order] ?? order),
  };
};

/** Pinyin without tones in capitals; ü is U, since systems write it V, U or (in passports) YU. */
const pinyinOf = (form: string): string =>
  pinyin(form, {
    toneType: 'none',
    type: 'string',
    separator: '',
    surname: 'head',
    nonZh: 'consecutive',
    v: true,
  })
    .replaceAll(' ', '')
    .toUpperCase()
    .replace(/(?<=[LN])(?:V|YU)/g, 'U');

const sameWithUnshown = (left: string, right: string): boolean => {
  const leftCharacters = [...left];
  const rightCharacters = [...right];
  if (leftCharacters.length !== rightCharacters.length || leftCharacters.length < 2) return false;
  let shown = 0;
  for (const [index, character] of leftCharacters.entries()) {
    const other = rightCharacters[index] as string;
    if (UNSHOWN.test(character) || UNSHOWN.test(other)) continue;
    if (character !== other) return false;
    shown++;
  }
  return shown > 0;
};

const oneIsCutOff = (left: string, right: string): boolean => {
  const [shorter, longer] = left.length < right.length ? [left, right] : [right, left];
  return [...shorter].length >= TRUNCATED_MINIMUM && longer.startsWith(shorter);
};

const wordsContained = (left: readonly string[], right: readonly string[]): boolean => {
  const [fewer, more] = left.length < right.length ? [left, right] : [right, left];
  return fewer.length >= 2 && fewer.every((word) => more.includes(word));
};

const sameGivenName = (left: string, right: string): boolean => {
  const [leftFirst, ...leftGiven] = left;
  const [rightFirst, ...rightGiven] = right;
  return leftFirst !== rightFirst && leftGiven.length >= 2 && leftGiven.join('') === rightGiven.join('');
};

/**
 * Compares two names. `similar` covers what one person's name really undergoes: a homophone typed for another, pinyin
 * for characters, a character the system could not show, a long name cut by a narrow column, words in another order, a
 * changed family name. One differing character is not similar: that is how twins are named. Stand-ins for newborns and
 * unknown persons agree with nothing.
 */
export const compareNames = (left: ComparableName, right: ComparableName): NameAgreement => {
  if (left.kind !== 'named' || right.kind !== 'named') return 'unknown';
  if (left.form === right.form) return 'agrees';
  if (sameWithUnshown(left.form, right.form) || oneIsCutOff(left.form, right.form)) return 'similar';
  if (wordsContained(left.words, right.words)) return 'similar';
  if (sameGivenName(left.form, right.form)) return 'similar';
  return pinyinOf(left.form) === pinyinOf(right.form) ? 'similar' : 'differs';
};
