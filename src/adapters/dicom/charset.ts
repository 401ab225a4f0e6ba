/**
 * Decodes the texts of a data set (PS3.3 §C.12.1.1.2, PS3.5 §6.1). A text is decoded whole and split afterwards: in
 * GB18030 and GBK the second byte of a character may be the backslash.
 */
export interface TextDecoding {
  decode(bytes: Uint8Array): string;
}

/** How the texts of one data set are to be read. */
export interface CharsetReading extends TextDecoding {
  /** Name of the character set that was found out or assumed because the data set named none; null where it named one. */
  readonly derived: string | null;
  /** Whether it was found out against what the data set names. Nobody's identity may rest on such a reading. */
  readonly overrules: boolean;
}

/** Single-valued defined terms, and the first values of code extensions, by the name the platform's decoders know. */
const SINGLE: Readonly<Record<string, string>> = {
  '': 'windows-1252',
  'ISO_IR 6': 'windows-1252',
  'ISO 2022 IR 6': 'windows-1252',
  'ISO_IR 100': 'windows-1252',
  'ISO 2022 IR 100': 'windows-1252',
  'ISO_IR 101': 'iso-8859-2',
  'ISO 2022 IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO 2022 IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO 2022 IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO 2022 IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO 2022 IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO 2022 IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO 2022 IR 138': 'iso-8859-8',
  'ISO_IR 148': 'windows-1254',
  'ISO 2022 IR 148': 'windows-1254',
  'ISO_IR 203': 'iso-8859-15',
  'ISO 2022 IR 203': 'iso-8859-15',
  'ISO_IR 13': 'shift_jis',
  'ISO 2022 IR 13': 'shift_jis',
  'ISO_IR 166': 'windows-874',
  'ISO 2022 IR 166': 'windows-874',
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
};

/** What an escape sequence brings into use: one byte or two a character, in the lower or the upper half. */
interface CodeElement {
  readonly half: 'G0' | 'G1';
  readonly wide: boolean;
  readonly decode: (bytes: Uint8Array) => string;
}

const decoders = new Map<string, { decode(bytes: Uint8Array): string }>();
const decodeAs = (label: string, bytes: Uint8Array): string => {
  let decoder = decoders.get(label);
  if (!decoder) {
    decoder = new TextDecoder(label, { ignoreBOM: true });
    decoders.set(label, decoder);
  }
  return decoder.decode(bytes);
};

const upper = (label: string, wide: boolean): CodeElement => ({
  half: 'G1',
  wide,
  decode: (bytes) => decodeAs(label, bytes),
});

/** Two-byte sets of the lower half, lifted into the upper one, where the platform's decoder expects them. */
const lower = (label: string, prefix: readonly number[]): CodeElement => ({
  half: 'G0',
  wide: true,
  decode(bytes) {
    const lifted: number[] = [];
    for (let at = 0; at + 1 < bytes.length; at += 2)
      lifted.push(...prefix, (bytes[at] as number) | 0x80, (bytes[at + 1] as number) | 0x80);
    return decodeAs(label, Uint8Array.from(lifted));
  },
});

const ASCII: CodeElement = {
  half: 'G0',
  wide: false,
  decode: (bytes) => decodeAs('windows-1252', bytes),
};

/** Escape sequences after ESC (PS3.3 table C.12-3 and C.12-4), as characters. */
const ESCAPES: Readonly<Record<string, CodeElement>> = {
  '(B': ASCII,
  '(J': ASCII,
  ')I': upper('shift_jis', false),
  '-A': upper('windows-1252', false),
  '-B': upper('iso-8859-2', false),
  '-C': upper('iso-8859-3', false),
  '-D': upper('iso-8859-4', false),
  '-L': upper('iso-8859-5', false),
  '-G': upper('iso-8859-6', false),
  '-F': upper('iso-8859-7', false),
  '-H': upper('iso-8859-8', false),
  '-M': upper('windows-1254', false),
  '-b': upper('iso-8859-15', false),
  '-T': upper('windows-874', false),
  $B: lower('euc-jp', []),
  '$(D': lower('euc-jp', [0x8f]),
  '$)C': upper('euc-kr', true),
  // GB 2312 has its codes in common with GBK.
  '$)A': upper('gbk', true),
};

const ESCAPE = 0x1b;
/** Where designations start anew: end of line, page, tab, and between values, groups and components. */
const RESETS = new Set([0x0a, 0x0c, 0x0d, 0x09, 0x5c, 0x5e, 0x3d]);

/** Reads the escape sequence at `at`: what it designates, and how many bytes it has. */
const escapeAt = (
  bytes: Uint8Array,
  at: number,
): { readonly element: CodeElement; readonly length: number } | undefined => {
  for (const length of [3, 4]) {
    const element = ESCAPES[String.fromCharCode(...bytes.subarray(at + 1, at + length))];
    if (element) return { element, length };
  }
  return undefined;
};

/** Decoding with code extensions (ISO 2022): what escape sequences designate counts until a delimiter. */
const withExtensions = (first: string): TextDecoding => {
  const initialUpper = upper(first, false);
  return {
    decode(bytes) {
      let text = '';
      let lowerHalf = ASCII;
      let upperHalf = initialUpper;
      let at = 0;
      while (at < bytes.length) {
        const byte = bytes[at] as number;
        if (byte === ESCAPE) {
          const found = escapeAt(bytes, at);
          if (found?.element.half === 'G0') lowerHalf = found.element;
          else if (found) upperHalf = found.element;
          at += found?.length ?? 1;
          continue;
        }
        const isUpper = byte >= 0x80;
        const element = isUpper ? upperHalf : lowerHalf;
        if (!isUpper && !element.wide && RESETS.has(byte)) {
          lowerHalf = ASCII;
          upperHalf = initialUpper;
          text += String.fromCharCode(byte);
          at += 1;
          continue;
        }
        let end = at + 1;
        while (
          end < bytes.length &&
          bytes[end] !== ESCAPE &&
          (bytes[end] as number) >= 0x80 === isUpper &&
          (element.wide || isUpper || !RESETS.has(bytes[end] as number))
        )
          end += 1;
        text += element.decode(bytes.subarray(at, end));
        at = end;
      }
      return text;
    },
  };
};

const whole = (label: string): TextDecoding => ({ decode: (bytes) => decodeAs(label, bytes) });

const isHigh = (bytes: Uint8Array): boolean => bytes.some((byte) => byte >= 0x80);

const decodesStrictly = (label: string, bytes: Uint8Array): string | undefined => {
  try {
    return new TextDecoder(label, { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
};

/** Whether a text is of Chinese characters, marks and letters of ASCII: GBK's common part is, Latin text read that way is not. */
const isChinese = (text: string): boolean => /^[\0-\x7f\p{Script=Han}·　-〿＀-￯]*$/u.test(text);

/** Two high bytes make a character of GB 2312, where nearly all names are; Latin text has hardly two in a row. */
const isMostlyPaired = (bytes: Uint8Array): boolean => {
  let paired = 0;
  let mixed = 0;
  for (let at = 0; at < bytes.length; at++) {
    if ((bytes[at] as number) < 0x80) continue;
    if ((bytes[at + 1] ?? 0) >= 0x80) paired += 1;
    else mixed += 1;
    at += 1;
  }
  return paired > 0 && paired >= mixed;
};

/**
 * A Chinese character by itself within a Latin word: two accented letters that follow each other make one (`Conceição`,
 * `FUNDAÇÃO`, `Þóra`). Chinese texts set single characters before and after abbreviations in capitals (`头MR`, `T2像`).
 */
const WITHIN_A_WORD =
  /(?<!\p{Script=Han})(?:(?<=[a-z])\p{Script=Han}|\p{Script=Han}(?=[a-z])|(?<=[A-Z])\p{Script=Han}(?=[A-Z]))(?!\p{Script=Han})/u;

/** Words of a name: what stands between delimiters, spaces, figures and marks. High bytes count as letters. */
const wordsOf = (name: Uint8Array): readonly Uint8Array[] => {
  const words: Uint8Array[] = [];
  let from = 0;
  for (let at = 0; at <= name.length; at++) {
    const byte = name[at] ?? 0;
    if (byte >= 0x80 || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)) continue;
    if (at > from) words.push(name.subarray(from, at));
    from = at + 1;
  }
  return words;
};

/** Whether bytes are Chinese characters of GB 2312 and nothing else, two bytes each. */
const isGb2312 = (word: Uint8Array): boolean =>
  word.length % 2 === 0 &&
  word.every((byte, at) => (at % 2 === 0 ? byte >= 0xb0 && byte <= 0xf7 : byte >= 0xa1 && byte <= 0xfe));

/** A word of a Chinese name: characters alone, and a letter by which twins are told apart. */
const WORD_OF_NAME = /^(?:\p{Script=Han}+|\p{Script=Han}{2,}[A-Z])?$/u;
const MARKS = /[·　-〿＀-￯]/u;

/** Characters of the shortest Chinese name. */
const NAME_CHARACTERS_MIN = 2;
const charactersIn = (text: string): number => text.match(/\p{Script=Han}/gu)?.length ?? 0;

/** Letters of the shortest word whose capital and small letters are looked at: two or three are in any order by chance. */
const CAPITALISED_MIN = 6;

/**
 * Whether a word is a capital and small letters in a one-byte set of Europe (Cyrillic as Windows has it, Greek): there whole words
 * are of high bytes, as in Chinese, but in this order.
 */
const isCapitalised = (word: Uint8Array): boolean =>
  word.length >= CAPITALISED_MIN &&
  word.every((byte, at) => (at === 0 ? byte >= 0xc0 && byte <= 0xdf : byte >= 0xdc));

/** Whether a name is in GB18030: what is doubtful is not, for another's name is worse than one that nobody can read. */
const isNameInGb = (name: Uint8Array): boolean => {
  const words = wordsOf(name).filter(isHigh);
  return (
    words.every((word) => {
      const text = decodesStrictly('gb18030', word);
      return text !== undefined && text.split(MARKS).every((part) => WORD_OF_NAME.test(part));
    }) && !words.some(isCapitalised)
  );
};

/** A word in an alphabet of which UTF-8 makes two bytes a letter. */
const WORD_OF_TWO_BYTES =
  /\p{Script=Cyrillic}{3}|\p{Script=Greek}{3}|\p{Script=Arabic}{3}|\p{Script=Hebrew}{3}|\p{Script=Armenian}{3}/u;

/**
 * Whether a name in GB 2312 is UTF-8 by chance: `郑伟` and `谢强` are, each character two bytes that make a letter of some script.
 */
const isUtf8ByChance = (name: Uint8Array): boolean => {
  const text = decodesStrictly('utf-8', name) ?? '';
  return (
    wordsOf(name).filter(isHigh).every(isGb2312) &&
    /^[\0-\u07ff]*$/.test(text) &&
    !WORD_OF_TWO_BYTES.test(text)
  );
};

/**
 * The set of texts that name none, from their bytes: UTF-8, GB18030, or what they mean by the standard.
 *
 * @param name the patient's, one of them: its words are Chinese from their first byte to their last
 */
const foundOut = (samples: readonly Uint8Array[], name: Uint8Array | null): string | null => {
  const high = samples.filter(isHigh);
  if (high.length === 0) return null;
  const read = high.map((bytes) => ({ bytes, text: decodesStrictly('gb18030', bytes) ?? '\ufffd' }));
  const isGb =
    read.every(({ bytes, text }) => isChinese(text) && !WITHIN_A_WORD.test(text) && isMostlyPaired(bytes)) &&
    read.reduce((sum, { text }) => sum + charactersIn(text), 0) >= NAME_CHARACTERS_MIN &&
    (name === null || isNameInGb(name));
  const isUtf8 = high.every((bytes) => decodesStrictly('utf-8', bytes) !== undefined);
  if (isUtf8 && !(isGb && name !== null && isHigh(name) && isUtf8ByChance(name))) return 'utf-8';
  return isGb ? 'gb18030' : null;
};

/** Whether bytes are Chinese characters in UTF-8 and nothing else. In Latin-1 each would begin with a letter and two marks. */
const isHanInUtf8 = (word: Uint8Array): boolean =>
  /^\p{Script=Han}+$/u.test(decodesStrictly('utf-8', word) ?? '');

/**
 * The set that a name is in though its data set names Latin-1: where each of its words is either ASCII or Chinese characters
 * from its first byte to its last. Latin names do not look like that: where letters with accents follow each other in one
 * (`Conceição`, `Þóra`), others without stand beside them.
 */
const namedOtherwise = (name: Uint8Array, samples: readonly Uint8Array[]): string | null => {
  if (samples.some((bytes) => bytes.includes(ESCAPE))) return null;
  const words = wordsOf(name).filter(isHigh);
  if (words.reduce((sum, { length }) => sum + length, 0) < NAME_CHARACTERS_MIN * 2) return null;
  const found = words.every(isHanInUtf8) ? 'utf-8' : words.every(isGb2312) ? 'gb18030' : null;
  // All other texts must be of that set as well: one that is not stays what it is said to be, and with it the name.
  return found !== null && foundOut([name, ...samples], name) === found ? found : null;
};

const LATIN = new Set(['', 'ISO_IR 6', 'ISO 2022 IR 6', 'ISO_IR 100', 'ISO 2022 IR 100']);
const GB2312_BY_ESCAPES = 'ISO 2022 IR 58';

/** Latin-1 alone, which devices name that send GBK; or GB 2312 by escape sequences, with or without Latin-1 before it. */
const isOftenWrong = (named: readonly string[]): boolean =>
  named.every((term) => LATIN.has(term) || term === GB2312_BY_ESCAPES) &&
  (named.includes(GB2312_BY_ESCAPES) ||
    (named.length === 1 && ['ISO_IR 100', 'ISO 2022 IR 100'].includes(named[0] as string)));

/** Terms as senders write them: stray case, spaces and underscores. */
const normalised = (term: string): string => {
  const plain = term.trim().toUpperCase().replaceAll('_', ' ').replace(/\s+/g, ' ');
  if (plain === 'GB 18030' || plain === 'GB18030') return 'GB18030';
  if (plain === 'UTF-8' || plain === 'UTF8' || plain === 'ISO-IR 192') return 'ISO_IR 192';
  return plain.replace(/^ISO IR /, 'ISO_IR ');
};

/**
 * How to read the texts of a data set.
 *
 * @param terms values of Specific Character Set (0008,0005); empty when absent
 * @param assumed character set registered for this sender, or found out for this study, where the data set names none or
 * Latin-1; a platform's name such as `gb18030`
 * @param samples texts of the data set, to find out from where nothing is named or assumed
 * @param name the patient's, one of the samples: what it is in may overrule what is named
 */
export const readingOf = (
  terms: readonly string[],
  assumed: string | null,
  samples: readonly Uint8Array[],
  name: Uint8Array | null = null,
): CharsetReading => {
  const named = terms.map(normalised);
  const [first = '', ...others] = named;
  const derivedAs = (derived: string, overrules = false): CharsetReading => ({
    ...whole(derived),
    derived,
    overrules,
  });
  const asNamed = (decoding: TextDecoding): CharsetReading => ({
    ...decoding,
    derived: null,
    overrules: false,
  });
  const high = samples.filter(isHigh);
  // Devices that send GBK often name Latin-1 or nothing: what is registered for them counts then; before Latin-1 only where it
  // fits any text.
  if (high.length > 0 && others.length === 0 && ['', 'ISO_IR 6', 'ISO_IR 100'].includes(first)) {
    const isLatin = first === 'ISO_IR 100';
    const derived = assumed ?? (isLatin ? null : foundOut(samples, name));
    const fits = (label: string) => high.some((bytes) => decodesStrictly(label, bytes) !== undefined);
    if (derived !== null && (!isLatin || fits(derived))) return derivedAs(derived);
  }
  const overruling = name !== null && isOftenWrong(named) ? namedOtherwise(name, samples) : null;
  if (overruling !== null) return derivedAs(overruling, true);
  const single = SINGLE[first];
  if (others.length === 0 && !first.startsWith('ISO 2022'))
    return single === undefined
      ? derivedAs(foundOut(samples, name) ?? 'windows-1252')
      : asNamed(whole(single));
  // Whoever names UTF-8 or GB18030 among others, against the standard, means that.
  const complete = named.find((term) => ['ISO_IR 192', 'GB18030', 'GBK'].includes(term));
  if (complete !== undefined) return asNamed(whole(SINGLE[complete] as string));
  return asNamed(withExtensions(single ?? 'windows-1252'));
};

/** True for a name that `assumed` may have: the platform knows it. */
export const isKnownCharset = (label: string): boolean => {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
};
