import { shapeOf } from '../console/masked-message.ts';
import type { ShownQuarantine, ShownSegment } from './ingest-replay.ts';

/** Segments about the message, the visit, the order and the result. Every other one, known or local (Z), may say who somebody is. */
const SHOWN_SEGMENTS: ReadonlySet<string> = new Set(
  'MSH SFT BHS BTS FHS FTS MSA ERR EVN PV1 PV2 ORC OBR OBX NTE SPM TQ1 TQ2 DG1 TXA'.split(' '),
);

/** Fields of person segments that name nobody: set ids, sex, relationship. */
const CODED_FIELDS: ReadonlySet<string> = new Set('PID-1 PID-8 NK1-1 NK1-3 GT1-1 IN1-1 IN3-1'.split(' '));

/** Identifiers (data type CX): assigning authority and type (CX.4, CX.5) stay, because that is what a repair looks at. */
const IDENTIFIER_FIELDS: ReadonlySet<string> = new Set(
  'PID-2 PID-3 PID-4 PID-18 PID-21 MRG-1 MRG-2 MRG-3 MRG-4 NK1-33 GT1-2 IN1-49'.split(' '),
);
const AUTHORITY_AND_TYPE: readonly number[] = [4, 5];

/** Fields in which somebody wrote freely: they may name anybody. */
const FREE_TEXT_FIELDS: ReadonlySet<string> = new Set('NTE-3 OBR-13 OBR-31 OBR-39 PV2-3 EVN-4'.split(' '));
/** Value types of OBX-5 (OBX-2) that hold prose or a document. */
const PROSE_TYPES: ReadonlySet<string> = new Set(['TX', 'FT', 'ED', 'RP']);

/** National ids (GB 11643: 18 characters; 15 digits before 1999), mobile and fixed telephone numbers of the mainland. */
const NUMBERS_OF_PEOPLE =
  /(?<!\d)(?:\d{17}[\dXx]|\d{15}|(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}[- ]\d{7,8})(?!\d)/g;

/** Below this a word of a person segment is a sex, a flag or a set id, and would be found everywhere. */
const WORD_MIN_CHARACTERS = { han: 2, other: 4 };

interface Delimiting {
  readonly component: string;
  readonly repetition: string;
  readonly subcomponent: string;
}

const delimitersOf = (segments: readonly ShownSegment[]): Delimiting => {
  const declared = segments.find(({ place }) => place.startsWith('MSH'))?.fields[1] ?? '';
  const [component = '^', repetition = '~', , subcomponent = '&'] = declared;
  return { component, repetition, subcomponent };
};

const nameOf = ({ place }: ShownSegment): string => place.slice(0, 3);

const numberOf = (name: string, index: number): number => (name === 'MSH' ? index + 1 : index);

const isWord = (text: string): boolean =>
  text.length >= (/\p{Script=Han}/u.test(text) ? WORD_MIN_CHARACTERS.han : WORD_MIN_CHARACTERS.other);

/** Names and numbers that the person segments say; the longest first, so that none is left half. */
const wordsOfPeople = (segments: readonly ShownSegment[], delimiters: Delimiting): readonly string[] => {
  const { component, repetition, subcomponent } = delimiters;
  const words = new Set<string>();
  for (const segment of segments) {
    const name = nameOf(segment);
    if (SHOWN_SEGMENTS.has(name)) continue;
    for (const [index, field] of segment.fields.entries()) {
      if (index === 0 || CODED_FIELDS.has(`${name}-${index}`)) continue;
      for (const repeated of field.split(repetition))
        for (const [at, part] of repeated.split(component).entries()) {
          if (IDENTIFIER_FIELDS.has(`${name}-${index}`) && AUTHORITY_AND_TYPE.includes(at + 1)) continue;
          for (const word of part.split(subcomponent)) if (isWord(word.trim())) words.add(word.trim());
        }
    }
  }
  return [...words].toSorted((left, right) => right.length - left.length);
};

const maskedIdentifier = (field: string, { component, repetition }: Delimiting): string =>
  field
    .split(repetition)
    .map((repeated) =>
      repeated
        .split(component)
        .map((part, at) => (AUTHORITY_AND_TYPE.includes(at + 1) ? part : shapeOf(part)))
        .join(component),
    )
    .join(repetition);

const maskedSegment = (
  segment: ShownSegment,
  delimiters: Delimiting,
  words: readonly string[],
): ShownSegment => {
  const name = nameOf(segment);
  const isProse = name === 'OBX' && PROSE_TYPES.has(segment.fields[2] ?? '');
  const mask = (field: string, index: number): string => {
    const place = `${name}-${numberOf(name, index)}`;
    if (index === 0 || CODED_FIELDS.has(place)) return field;
    if (IDENTIFIER_FIELDS.has(place)) return maskedIdentifier(field, delimiters);
    if (!SHOWN_SEGMENTS.has(name) || FREE_TEXT_FIELDS.has(place) || (isProse && index === 5))
      return shapeOf(field);
    const scrubbed = words.reduce((text, word) => text.replaceAll(word, shapeOf(word)), field);
    return scrubbed.replace(NUMBERS_OF_PEOPLE, shapeOf);
  };
  return { place: segment.place, fields: segment.fields.map(mask) };
};

/**
 * A quarantined message without who it is about: what the person segments say is left as a shape (数字 as 0, 汉字 as 某,
 * letters as x), and so are the same words, national ids and telephone numbers wherever else they stand. Orders, codes,
 * values and times stay, because those are what a repair looks at. Prose is a shape too: it may name anybody. What could
 * not be taken apart is a shape from end to end.
 */
export const maskedQuarantine = (shown: ShownQuarantine): ShownQuarantine => {
  const delimiters = delimitersOf(shown.segments);
  const words = wordsOfPeople(shown.segments, delimiters);
  return {
    ...shown,
    bytes: Buffer.from(shown.unreadable ? shapeOf(Buffer.from(shown.bytes).toString('utf8')) : ''),
    segments: shown.segments.map((segment) => maskedSegment(segment, delimiters, words)),
  };
};
