import { charsetOf } from '../../adapters/hl7v2/charset.ts';
import { readDelimiters } from '../../adapters/hl7v2/parse.ts';
import {
  type FieldContent,
  fieldsAt,
  type SegmentContent,
  type WritingStyle,
  writeMessage,
} from '../../adapters/hl7v2/write-message.ts';
import { civilTimeText } from '../../kernel/civil-day.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { Dialect } from './dialects.ts';

/** Fields of a segment by number; the others stay empty. */
export type Fields = Readonly<Record<number, FieldContent>>;

/** Makes a segment. MSH begins at its third field, the delimiters are the style's. */
export const segment = (name: string, fields: Fields): SegmentContent => [
  name,
  ...fieldsAt(fields, name === 'MSH' ? 3 : 1),
];

const styles = new Map<string, WritingStyle>();

/** A dialect's delimiters and character set as the HL7 writer takes them. */
const styleOf = ({ delimiters, charset }: Dialect): WritingStyle => {
  const key = delimiters + charset;
  let style = styles.get(key);
  if (!style) {
    const read = readDelimiters(`MSH${delimiters}${delimiters[0]}`);
    const named = charsetOf(charset);
    if (!read || !named)
      throw new RangeError(`a dialect with delimiters ${delimiters} in ${charset} cannot be written`);
    style = { delimiters: read, charset: named, segmentEnd: '\r' };
    styles.set(key, style);
  }
  return style;
};

/** Writes a message in a dialect's delimiters and character set. */
export const writeInDialect = (dialect: Dialect, segments: readonly SegmentContent[]): Uint8Array =>
  writeMessage(segments, styleOf(dialect));

/** A moment in China as the dialect writes it. */
export const hl7Time = (dialect: Pick<Dialect, 'timeForm'>, at: Instant): string => {
  const minute = civilTimeText(at).replace(/[- :]/g, '');
  if (dialect.timeForm === 'minute') return minute;
  return minute + isoInstant(at).slice(17, 19) + (dialect.timeForm === 'offset' ? '+0800' : '');
};
