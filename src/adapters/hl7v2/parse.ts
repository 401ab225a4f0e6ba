import { fail, ok, type Result } from '../../kernel/result.ts';
import { type HexDecoder, unescapeText } from './escapes.ts';
import { fieldPlace } from './place.ts';
import { type Hl7Refusal, refusal } from './refusal.ts';

/** Delimiters as MSH-1 and MSH-2 declare them. */
export interface Delimiters {
  readonly field: string;
  readonly component: string;
  readonly repetition: string;
  /** Empty when MSH-2 declares fewer than three characters: then nothing is escaped. */
  readonly escape: string;
  readonly subcomponent: string;
  /** Fifth character of MSH-2 (v2.7 and later); empty when not declared. */
  readonly truncation: string;
}

/** `|^~\&`, the delimiters nearly everybody uses. */
export const USUAL_DELIMITERS: Delimiters = {
  field: '|',
  component: '^',
  repetition: '~',
  escape: '\\',
  subcomponent: '&',
  truncation: '',
};

const NULL_VALUE = '""';

/** One segment. Fields are split on first use; nothing is copied before that. */
export class Segment {
  readonly name: string;
  /** Which segment of this name it is in the message, from 1. */
  readonly sequence: number;
  /** The characters as decoded, escapes untouched. */
  readonly text: string;
  readonly delimiters: Delimiters;
  readonly #decodeHex: HexDecoder;
  #fields: readonly string[] | undefined;

  constructor(name: string, sequence: number, text: string, delimiters: Delimiters, decodeHex: HexDecoder) {
    this.name = name;
    this.sequence = sequence;
    this.text = text;
    this.delimiters = delimiters;
    this.#decodeHex = decodeHex;
  }

  /** `OBX[3]`. */
  get place(): string {
    return `${this.name}[${this.sequence}]`;
  }

  /** `OBX[3]-5` or `OBX[3]-5.1`. */
  placeOf(field: number, component = 0): string {
    return fieldPlace(this.name, this.sequence, field, component);
  }

  /** A field as sent, escapes and delimiters untouched; empty when absent. Fields count from 1. */
  raw(field: number): string {
    this.#fields ??= this.text.split(this.delimiters.field);
    // MSH-1 is the field separator itself, so that every later field of a header stands one place earlier.
    if (this.name === 'MSH') return field === 1 ? this.delimiters.field : (this.#fields[field - 1] ?? '');
    return this.#fields[field] ?? '';
  }

  /** The repetitions of a field as sent; none when the field is empty. */
  repetitions(field: number): readonly string[] {
    const raw = this.raw(field);
    if (raw === '' || raw === NULL_VALUE) return [];
    return raw.includes(this.delimiters.repetition) ? raw.split(this.delimiters.repetition) : [raw];
  }

  /** The text of a component of the first repetition. The HL7 null `""` reads as empty. */
  get(field: number, component = 1): string {
    let raw = this.raw(field);
    if (raw === '') return '';
    const end = raw.indexOf(this.delimiters.repetition);
    if (end >= 0) raw = raw.slice(0, end);
    return this.componentOf(raw, component);
  }

  /** The text of a component of a repetition that `repetitions` gave. */
  componentOf(repetition: string, component: number): string {
    return this.textOf(nth(repetition, this.delimiters.component, component));
  }

  /** The text of a subcomponent: `sub(field, 4, 2)` is the universal id of an assigning authority. */
  sub(repetition: string, component: number, subcomponent: number): string {
    const whole = nth(repetition, this.delimiters.component, component);
    return this.textOf(nth(whole, this.delimiters.subcomponent, subcomponent));
  }

  /** The components of a repetition as sent, escapes untouched. */
  components(repetition: string): readonly string[] {
    return repetition.split(this.delimiters.component);
  }

  /** Resolves the escapes of any part of this segment. */
  textOf(raw: string): string {
    return raw === NULL_VALUE ? '' : unescapeText(raw, this.delimiters, this.#decodeHex);
  }
}

/** The nth part of a text, from 1; empty when there are fewer. */
const nth = (text: string, delimiter: string, wanted: number): string => {
  let start = 0;
  for (let part = 1; part < wanted; part++) {
    const end = text.indexOf(delimiter, start);
    if (end < 0) return '';
    start = end + 1;
  }
  const end = text.indexOf(delimiter, start);
  return end < 0 ? text.slice(start) : text.slice(start, end);
};

/** A message taken apart into segments, Z segments included. */
export interface ParsedMessage {
  readonly delimiters: Delimiters;
  readonly header: Segment;
  readonly segments: readonly Segment[];
}

const isVisible = (character: string): boolean => /^[!-~]$/.test(character) && !/[A-Za-z0-9]/.test(character);

/** Reads the delimiters from the beginning of `MSH…`. */
export const readDelimiters = (text: string): Delimiters | undefined => {
  const field = text.charAt(3);
  if (!isVisible(field)) return undefined;
  const end = text.indexOf(field, 4);
  const encoding = text.slice(4, end < 0 ? undefined : end).trimEnd();
  // v2.1 and v2.2 senders may leave out trailing characters that they never use, but not the component separator.
  if (encoding.length < 1 || encoding.length > 5) return undefined;
  const characters = [field, ...encoding];
  if (!characters.every(isVisible) || new Set(characters).size !== characters.length) return undefined;
  const [, component = '', repetition = '', escape = '', subcomponent = '', truncation = ''] = characters;
  const unused = (declared: string, substitute: string) => (declared === '' ? substitute : declared);
  return {
    field,
    component,
    // A character that no text contains: an undeclared delimiter never splits anything.
    repetition: unused(repetition, '\u0000'),
    escape,
    subcomponent: unused(subcomponent, '\u0000'),
    truncation,
  };
};

const isUpper = (code: number): boolean => code >= 65 && code <= 90;
const isUpperOrDigit = (code: number): boolean => isUpper(code) || (code >= 48 && code <= 57);

/** Whether the line at `start` begins like a segment: three characters and the field separator or the line's end. */
const beginsSegment = (text: string, start: number, end: number, field: string): boolean =>
  end - start >= 3 &&
  isUpper(text.charCodeAt(start)) &&
  isUpperOrDigit(text.charCodeAt(start + 1)) &&
  isUpperOrDigit(text.charCodeAt(start + 2)) &&
  (end - start === 3 || text[start + 3] === field);

/** Where line breaks in the middle of a text are tolerated: inside OBX-5 of a text type, and inside NTE-3. */
const isInsideText = (line: string, field: string): boolean => {
  const fields = line.split(field);
  if (fields[0] === 'NTE') return fields.length === 4;
  return fields[0] === 'OBX' && fields.length === 6 && /^(?:TX|FT|ST)$/.test(fields[2] as string);
};

/** NUL, VT and FS: left by senders that frame wrongly; none may stand in a text unescaped. */
const FORBIDDEN = ['\u0000', '\u000b', '\u001c'];

/**
 * Takes a decoded message apart. Segments end with CR, LF or CRLF; form feeds and blank lines between them are
 * skipped. Never throws, whatever the characters are.
 */
export const parseMessage = (text: string, decodeHex: HexDecoder): Result<ParsedMessage, Hl7Refusal> => {
  let start = firstContent(text);
  if (start === text.length) return fail(refusal('HL7_EMPTY'));
  if (!text.startsWith('MSH', start)) return fail(refusal('HL7_MSH_MISSING', 'MSH'));
  const delimiters = readDelimiters(text.slice(start, start + 12));
  if (!delimiters) return fail(refusal('HL7_DELIMITERS_INVALID', 'MSH-2'));
  for (const character of FORBIDDEN) {
    const index = text.indexOf(character, start);
    if (index >= 0) return fail(refusal('HL7_CONTROL_CHARACTER', '', `character ${index + 1}`));
  }

  const endOf = lineEnds(text);
  const lines: string[] = [];
  let continuation: string[] = [];
  /** Whether a broken line may follow; undefined until the first one asks. */
  let mayContinue: boolean | undefined = false;
  for (let lineNumber = 1; start < text.length; lineNumber++) {
    const end = endOf(start);
    const line = text.slice(start, end);
    if (beginsSegment(text, start, end, delimiters.field)) {
      finishLine(lines, continuation);
      continuation = [];
      lines.push(line);
      mayContinue = undefined;
    } else if ((mayContinue ??= isInsideText(lines.at(-1) ?? '', delimiters.field))) {
      continuation.push(line);
      mayContinue = !line.includes(delimiters.field);
    } else if (line.trim() !== '') {
      return fail(refusal('HL7_SEGMENT_UNREADABLE', '', `line ${lineNumber}`));
    }
    start = end + (text[end] === '\r' && text[end + 1] === '\n' ? 2 : 1);
    while (text[start] === '\f') start++;
  }
  finishLine(lines, continuation);

  const counts = new Map<string, number>();
  const segments = lines.map((line) => {
    const name = line.slice(0, 3);
    const sequence = (counts.get(name) ?? 0) + 1;
    counts.set(name, sequence);
    return new Segment(name, sequence, line, delimiters, decodeHex);
  });
  if ((counts.get('MSH') ?? 0) > 1 || counts.has('FHS') || counts.has('BHS')) {
    return fail(refusal('HL7_SEVERAL_MESSAGES', 'MSH[2]'));
  }
  return ok({ delimiters, header: segments[0] as Segment, segments });
};

/** Joins the broken lines of a text to the segment that they belong to; blank lines at its end are dropped. */
const finishLine = (lines: string[], continuation: readonly string[]): void => {
  if (continuation.length === 0) return;
  const last = lines.length - 1;
  lines[last] = `${lines[last]}\n${continuation.join('\n')}`.trimEnd();
};

/** Index of the first character that is neither a byte order mark, a blank nor a line end. */
const firstContent = (text: string): number => {
  let index = 0;
  while (index < text.length && (text.charCodeAt(index) <= 0x20 || text[index] === '\ufeff')) index++;
  return index;
};

/**
 * Finds the end of each line in turn. Searches natively and keeps the place of the other line end, so that a text
 * without LF is not searched to its end for every CR.
 */
const lineEnds = (text: string): ((start: number) => number) => {
  let carriageReturn = -1;
  let lineFeed = -1;
  const next = (character: string, start: number): number => {
    const at = text.indexOf(character, start);
    return at < 0 ? text.length : at;
  };
  return (start) => {
    if (carriageReturn < start) carriageReturn = next('\r', start);
    if (lineFeed < start) lineFeed = next('\n', start);
    return Math.min(carriageReturn, lineFeed);
  };
};
