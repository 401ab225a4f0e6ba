import type { StatedTime } from '../../kernel/instant.ts';
import type { StatedCode } from '../../result/index.ts';
import type { Hl7Charset } from './charset.ts';
import type { DialectField, Hl7Dialect } from './dialect.ts';
import type { Hl7Code } from './faults.ts';
import type { LiftedAttachment } from './lift-attachments.ts';
import type { Segment } from './parse.ts';
import { type Hl7Refusal, refusal } from './refusal.ts';
import { readTime } from './time.ts';

/** What is known about a sender before its message is read. */
export interface SenderDefaults {
  /** Character set when MSH-18 is empty. */
  readonly charset: Hl7Charset;
  /** IANA zone of times without offset, e.g. `Asia/Shanghai`. */
  readonly zone: string;
  /** Code of the institution that the sender speaks for: issuer of the numbers it gives patients. */
  readonly institution: string;
  readonly dialect: Hl7Dialect;
}

/** No one mends more places of one message at a time. */
const REFUSALS_MAX = 50;

/**
 * One message being read. The first thing that cannot be read honestly is remembered as the refusal of the whole
 * message; the readers go on with an empty value, and the caller looks at `refusal` at the end. What else was found
 * on the way is kept for whoever mends the message.
 */
export class Reading {
  readonly defaults: SenderDefaults;
  /** Attachments that were taken out before, by the mark that stands in their place. */
  readonly lifted: ReadonlyMap<string, LiftedAttachment>;
  readonly #refusals: Hl7Refusal[] = [];
  /** The observations of a report mostly state one and the same time. */
  #latestTime: StatedTime | null = null;

  constructor(defaults: SenderDefaults, lifted: ReadonlyMap<string, LiftedAttachment> = new Map()) {
    this.defaults = defaults;
    this.lifted = lifted;
  }

  /** The reason for which the message is refused: the first. */
  get refusal(): Hl7Refusal | undefined {
    return this.#refusals[0];
  }

  /** Every reason found, in the order in which the message is read. */
  get refusals(): readonly Hl7Refusal[] {
    return this.#refusals;
  }

  /** Refuses the message. A field that several readers stumble over is one reason. */
  refuse(code: Hl7Code, place: string, detail = ''): void {
    const isKnown = this.#refusals.some((known) => known.code === code && known.place === place);
    if (!isKnown && this.#refusals.length < REFUSALS_MAX) this.#refusals.push(refusal(code, place, detail));
  }

  /** A time in a field; null when nothing is stated. An impossible one refuses the message. */
  time(segment: Segment, field: number, component = 1): StatedTime | null {
    return this.timeOf(segment.get(field, component), segment.placeOf(field, component > 1 ? component : 0));
  }

  /** As `time`, for a text that was already taken out of its field. */
  timeOf(text: string, place: string): StatedTime | null {
    if (text === '') return null;
    if (text === this.#latestTime?.text) return this.#latestTime;
    const time = readTime(text, this.defaults.zone);
    if (time === undefined) this.refuse('HL7_TIME_IMPOSSIBLE', place);
    else this.#latestTime = time;
    return time ?? null;
  }

  /** A value from the sender's own place for it: the segment and place found, undefined without such a habit. */
  ownField(name: DialectField, segments: readonly Segment[]): { text: string; place: string } | undefined {
    const path = this.defaults.dialect.fields?.[name];
    if (path === undefined) return undefined;
    const [segmentName = '', field = '', component = '1'] = path.split(/[-.]/);
    const segment = segments.find((candidate) => candidate.name === segmentName);
    if (!segment) return undefined;
    const text = segment.get(Number(field), Number(component));
    return text === '' ? undefined : { text, place: segment.placeOf(Number(field)) };
  }

  /** A time from the sender's own place for it. */
  ownTime(name: DialectField, segments: readonly Segment[]): StatedTime | null {
    const found = this.ownField(name, segments);
    return found ? this.timeOf(found.text, found.place) : null;
  }
}

/** First of the texts that is not empty, else null. */
export const firstText = (...texts: readonly string[]): string | null =>
  texts.find((text) => text !== '') ?? null;

/**
 * A coded element (CE, CWE, CNE): code, text, system, and the alternate coding beside it. Blanks around a code are the
 * padding of a fixed-width column, not part of it.
 */
export const readCode = (segment: Segment, repetition: string): StatedCode => {
  if (!repetition.includes(segment.delimiters.component)) {
    return { code: segment.textOf(repetition).trim(), text: '', system: '' };
  }
  const parts = segment.components(repetition);
  const part = (index: number) => segment.textOf(parts[index] ?? '');
  const code = { code: part(0).trim(), text: part(1) || part(8), system: part(2) };
  const alternate = { code: part(3).trim(), text: part(4), system: part(5) };
  return alternate.code === '' && alternate.text === '' ? code : { ...code, alternate };
};

/** The coded element in a field; null when the field is empty. */
export const codeIn = (segment: Segment, field: number): StatedCode | null => {
  const [first] = segment.repetitions(field);
  if (first === undefined) return null;
  const code = readCode(segment, first);
  return code.code === '' && code.text === '' && !code.alternate ? null : code;
};

/** An organisation (XON): its identifier where one is given, else its name. */
export const organisationIn = (segment: Segment, field: number): string | null =>
  firstText(segment.get(field, 10), segment.get(field, 3), segment.get(field, 1));

const HAN = /\p{Script=Han}/u;

/** At least family and given name of a Chinese person. */
const WHOLE_HAN_NAME = /\p{Script=Han}.*\p{Script=Han}/u;

/**
 * Joins family and given name: without a blank in Chinese, with one elsewhere. Chinese systems also write the whole name
 * in one of the two components and its pinyin in the other, on either side; then the name is the Chinese one.
 */
export const joinName = (family: string, given: string, middle = ''): string => {
  if (given === '' || given === family) return family;
  if (HAN.test(family) && !HAN.test(given)) return family;
  if (/[A-Za-z]/.test(family) && !HAN.test(family) && WHOLE_HAN_NAME.test(given)) return given;
  if (HAN.test(given)) return family + given + middle;
  return [family, given, middle].filter((part) => part !== '').join(' ');
};

/**
 * A member of staff (XCN, or CNN inside NDL-1): the name, else the id. Local systems also write just a name, or
 * `id^name`.
 */
export const staffIn = (segment: Segment, field: number): string | null => {
  const [first] = segment.repetitions(field);
  return first === undefined ? null : staffOf(segment, first);
};

/** As `staffIn`, for one repetition. */
export const staffOf = (segment: Segment, repetition: string): string | null => {
  if (segment.components(repetition)[0]?.includes(segment.delimiters.subcomponent)) {
    const part = (index: number) => segment.sub(repetition, 1, index);
    return firstText(joinName(part(2), part(3), part(4)), part(1));
  }
  const part = (index: number) => segment.sub(repetition, index, 1);
  // The second component of an NDL is a time, of an XCN a family name.
  const family = /^\d{8,}/.test(part(2)) ? '' : part(2);
  return firstText(family === '' ? '' : joinName(family, part(3), part(4)), part(1));
};
