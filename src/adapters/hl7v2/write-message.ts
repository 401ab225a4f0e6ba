import { encodeTextOrFault, type Hl7Charset } from './charset.ts';
import { escapeText } from './escapes.ts';
import { type Delimiters, USUAL_DELIMITERS } from './parse.ts';

/** A component: text, or its subcomponents. */
export type ComponentContent = string | readonly string[];
/** A field: text (one value, escaped whole), its components, its repetitions, or as a sender of these delimiters wrote it. */
export type FieldContent =
  | string
  | { readonly raw: string }
  | readonly ComponentContent[]
  | { readonly repeat: readonly FieldContent[] };
/** A segment: its name, then its fields from 1. For MSH the fields begin at MSH-3: delimiters are written here. */
export type SegmentContent = readonly [name: string, ...fields: readonly FieldContent[]];

/** How a message is written. */
export interface WritingStyle {
  readonly delimiters: Delimiters;
  readonly charset: Hl7Charset;
  /** Normally CR; files often have CRLF or LF. */
  readonly segmentEnd: '\r' | '\n' | '\r\n';
}

/** `|^~\&`, UTF-8, CR. */
export const USUAL_STYLE: WritingStyle = { delimiters: USUAL_DELIMITERS, charset: 'utf-8', segmentEnd: '\r' };

const writeComponent = (content: ComponentContent, delimiters: Delimiters): string =>
  typeof content === 'string'
    ? escapeText(content, delimiters)
    : content.map((part) => escapeText(part, delimiters)).join(delimiters.subcomponent);

const writeField = (content: FieldContent, delimiters: Delimiters): string => {
  if (typeof content === 'string') return escapeText(content, delimiters);
  if ('raw' in content) return content.raw;
  if ('repeat' in content) {
    return content.repeat.map((one) => writeField(one, delimiters)).join(delimiters.repetition);
  }
  return content
    .map((component) => writeComponent(component, delimiters))
    .join(delimiters.component)
    .replace(new RegExp(`${escapeForPattern(delimiters.component)}+$`), '');
};

const escapeForPattern = (character: string): string => character.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');

const writeSegment = ([name, ...fields]: SegmentContent, delimiters: Delimiters): string => {
  const { field, component, repetition, escape, subcomponent, truncation } = delimiters;
  const written = fields.map((content) => writeField(content, delimiters));
  while (written.at(-1) === '') written.pop();
  const encoding = component + repetition + escape + subcomponent + truncation;
  const head = name === 'MSH' ? [name, encoding] : [name];
  return [...head, ...written].join(field);
};

const SUBSTITUTES = ['~', '\\', '&', '#', '!', '%'] as const;

/**
 * Delimiters for an answer to a message that declares only some: the others are filled in, because an answer has to
 * escape and to divide where the message did not. Without this the placeholders of reading would be written.
 */
export const completeDelimiters = (declared: Delimiters): Delimiters => {
  const isDeclared = (character: string): boolean => character !== '' && character !== '\u0000';
  const { field, component, repetition, escape, subcomponent, truncation } = declared;
  const taken = new Set([field, component, repetition, escape, subcomponent, truncation].filter(isDeclared));
  const complete = (character: string): string => {
    if (isDeclared(character)) return character;
    const free = SUBSTITUTES.find((substitute) => !taken.has(substitute)) as string;
    taken.add(free);
    return free;
  };
  return {
    field,
    component,
    repetition: complete(repetition),
    escape: complete(escape),
    subcomponent: complete(subcomponent),
    truncation,
  };
};

/** Writes a message as characters; every segment is ended. */
export const writeText = (segments: readonly SegmentContent[], style: WritingStyle = USUAL_STYLE): string =>
  segments.map((segment) => writeSegment(segment, style.delimiters) + style.segmentEnd).join('');

/**
 * Writes a message as the bytes that go between VT and FS. A character without place in the character set is a fault
 * (`HL7_TEXT_NOT_ENCODABLE`), never a question mark.
 */
export const writeMessage = (
  segments: readonly SegmentContent[],
  style: WritingStyle = USUAL_STYLE,
): Uint8Array => encodeTextOrFault(writeText(segments, style), style.charset);

/** Places fields by number: `fieldsAt({ 3: 'A', 11: 'F' })`, the gaps empty. */
export const fieldsAt = (
  fields: Readonly<Record<number, FieldContent>>,
  first = 1,
): readonly FieldContent[] => {
  const numbers = Object.keys(fields).map(Number);
  const last = Math.max(first - 1, ...numbers);
  return Array.from({ length: last - first + 1 }, (_, index) => fields[index + first] ?? '');
};
