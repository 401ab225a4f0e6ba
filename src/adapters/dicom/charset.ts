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

/** GBK's common part is full of Chinese characters; Latin text read that way is not. */
const isChinese = (text: string): boolean =>
  [...text].every((character) => character < '\u0080' || /\p{Script=Han}|[　-〿＀-￯]/u.test(character));

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

/** The set of a text that names none, from its bytes: UTF-8, GB18030, or what it means by the standard. */
const foundOut = (samples: readonly Uint8Array[]): string | null => {
  const high = samples.filter(isHigh);
  if (high.length === 0) return null;
  if (high.every((bytes) => decodesStrictly('utf-8', bytes) !== undefined)) return 'utf-8';
  const isGb = high.every((bytes) => {
    const text = decodesStrictly('gb18030', bytes);
    return text !== undefined && isChinese(text) && isMostlyPaired(bytes);
  });
  return isGb ? 'gb18030' : null;
};

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
 * @param assumed character set registered for this sender where the data set names none; a platform's name such as `gb18030`
 * @param samples texts of the data set, to find out from where nothing is named or assumed
 */
export const readingOf = (
  terms: readonly string[],
  assumed: string | null,
  samples: readonly Uint8Array[],
): CharsetReading => {
  const named = terms.map(normalised);
  const [first = '', ...others] = named;
  // Devices that send GBK often name Latin-1 or nothing: what is registered for them counts then.
  const saysLittle = named.length <= 1 && ['', 'ISO_IR 6', 'ISO_IR 100'].includes(first);
  if (saysLittle) {
    const derived = samples.some(isHigh)
      ? (assumed ?? (first === 'ISO_IR 100' ? null : foundOut(samples)))
      : null;
    if (derived !== null) return { ...whole(derived), derived };
  }
  const single = SINGLE[first];
  if (others.length === 0 && !first.startsWith('ISO 2022'))
    return single === undefined
      ? { ...whole(foundOut(samples) ?? 'windows-1252'), derived: foundOut(samples) ?? 'windows-1252' }
      : { ...whole(single), derived: null };
  // Whoever names UTF-8 or GB18030 among others, against the standard, means that.
  const complete = named.find((term) => ['ISO_IR 192', 'GB18030', 'GBK'].includes(term));
  if (complete !== undefined) return { ...whole(SINGLE[complete] as string), derived: null };
  return { ...withExtensions(single ?? 'windows-1252'), derived: null };
};

/** True for a name that `assumed` may have: the platform knows it. */
export const isKnownCharset = (label: string): boolean => {
  try {
    return new TextDecoder(label).encoding !== '';
  } catch {
    return false;
  }
};
