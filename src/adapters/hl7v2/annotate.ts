import { ok, type Result } from '../../kernel/result.ts';
import { chooseCharset, decodeText, type Hl7Charset } from './charset.ts';
import type { DialectField, Hl7Dialect } from './dialect.ts';
import { fieldName, type PlaceName, segmentName } from './field-names.ts';
import { declaredCharsets } from './header.ts';
import { decodePieces, holdsByteMark, markedText, showBytes, type ShownBytes } from './lenient-text.ts';
import { type ParsedMessage, parseMessage, Segment } from './parse.ts';
import { placeParts } from './place.ts';
import { type Hl7Message, parseBytes, readParsed } from './read-message.ts';
import { Reading, type SenderDefaults } from './reading.ts';
import { type Hl7Refusal, refusal } from './refusal.ts';

/** One component of a repetition, escapes resolved. */
export interface AnnotatedComponent {
  readonly number: number;
  readonly text: string;
}

/** One field of a segment as sent, with what we call it and whether the reading looked at it. */
export interface AnnotatedField {
  /** `OBX[3]-5`. */
  readonly place: string;
  readonly number: number;
  /** As sent, escapes untouched; long ones are cut. */
  readonly raw: string;
  /** Characters as sent; more than `raw` has when it was cut. */
  readonly length: number;
  readonly repetitions: readonly (readonly AnnotatedComponent[])[];
  readonly named: PlaceName | undefined;
  /** True when the reading asked for this field. */
  readonly isRead: boolean;
  /** The value that this sender keeps here by agreement. */
  readonly own: DialectField | null;
}

/** One segment of a message. */
export interface AnnotatedSegment {
  /** `OBX[3]`. */
  readonly place: string;
  readonly name: string;
  readonly named: PlaceName | undefined;
  /** Fields that hold something, or that are refused for holding nothing. */
  readonly fields: readonly AnnotatedField[];
}

/** A message with everything that was made of it. */
export interface AnnotatedMessage {
  /** The set in which it was decoded; for one that cannot be decoded, the set it should be in. */
  readonly charset: Hl7Charset;
  readonly bytes: ShownBytes;
  /** The characters, for mending; undecodable bytes as marks (`lenient-text.ts`). */
  readonly text: string;
  /** Empty when not even the segments can be told apart. */
  readonly segments: readonly AnnotatedSegment[];
  /** Why it is refused: the first reason, which the sender was told, and what was found after it. */
  readonly refusals: readonly Hl7Refusal[];
  /** What ingest reads from it. */
  readonly read: Result<Hl7Message, Hl7Refusal>;
}

const RAW_MAX_CHARACTERS = 400;
const COMPONENT_MAX_CHARACTERS = 200;
const REPETITIONS_MAX = 20;

/** The fields that are used before there are segments: separator, encoding characters, character set. */
const HEADER_FIELDS: readonly number[] = [1, 2, 18];

/** A segment that remembers which of its fields were asked for. */
class WatchedSegment extends Segment {
  readonly asked = new Set<number>();

  override raw(field: number): string {
    // The parent's constructor never reads a field, so `asked` is there.
    this.asked.add(field);
    return super.raw(field);
  }
}

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most)}…`);

const ownFieldsOf = (dialect: Hl7Dialect): ReadonlyMap<string, DialectField> =>
  new Map(
    Object.entries(dialect.fields ?? {}).flatMap(([name, path]) =>
      path === undefined ? [] : [[path.split('.')[0] as string, name as DialectField]],
    ),
  );

const annotateField = (
  segment: Segment,
  number: number,
  isRead: boolean,
  own: ReadonlyMap<string, DialectField>,
): AnnotatedField => {
  const raw = segment.raw(number);
  const isEncoding = segment.name === 'MSH' && number <= 2;
  const shown = isEncoding ? [raw] : segment.repetitions(number).slice(0, REPETITIONS_MAX);
  const repetitions = shown.map((repetition) => {
    const components = isEncoding ? [repetition] : segment.components(repetition);
    return components.flatMap((component, index) => {
      const long = component.length > COMPONENT_MAX_CHARACTERS;
      // A cut escape would be resolved wrongly, so what is long is shown as sent.
      const text = long ? cut(component, COMPONENT_MAX_CHARACTERS) : segment.textOf(component);
      return text === '' ? [] : [{ number: index + 1, text: isEncoding ? raw : text }];
    });
  });
  return {
    place: segment.placeOf(number),
    number,
    raw: cut(raw, RAW_MAX_CHARACTERS),
    length: raw.length,
    repetitions,
    named: fieldName(segment.name, number),
    isRead,
    own: own.get(`${segment.name}-${number}`) ?? null,
  };
};

const fieldCount = (segment: Segment): number =>
  segment.text.split(segment.delimiters.field).length - (segment.name === 'MSH' ? 0 : 1);

const annotateSegment = (
  segment: Segment,
  asked: ReadonlySet<number>,
  refusals: readonly Hl7Refusal[],
  own: ReadonlyMap<string, DialectField>,
): AnnotatedSegment => {
  const refused = refusals.flatMap(({ place }) => {
    const parts = placeParts(place);
    return parts?.segment === segment.name && parts.sequence === segment.sequence && parts.field !== null
      ? [parts.field]
      : [];
  });
  const last = Math.max(fieldCount(segment), ...refused);
  const fields: AnnotatedField[] = [];
  for (let number = 1; number <= last; number++)
    if (segment.raw(number) !== '' || refused.includes(number))
      fields.push(annotateField(segment, number, asked.has(number), own));
  return { place: segment.place, name: segment.name, named: segmentName(segment.name), fields };
};

const annotateSegments = (
  parsed: ParsedMessage,
  askedOf: (segment: Segment) => ReadonlySet<number>,
  refusals: readonly Hl7Refusal[],
  { dialect }: SenderDefaults,
): readonly AnnotatedSegment[] => {
  const own = ownFieldsOf(dialect);
  return parsed.segments.map((segment) => annotateSegment(segment, askedOf(segment), refusals, own));
};

/** The field in which an undecodable byte stands, as the place of the refusal. */
const markedPlace = (parsed: ParsedMessage): string | undefined => {
  for (const segment of parsed.segments) {
    if (!holdsByteMark(segment.text)) continue;
    for (let number = 1; number <= fieldCount(segment); number++)
      if (holdsByteMark(segment.raw(number))) return segment.placeOf(number);
  }
  return undefined;
};

/** A message that could not be taken apart as it came: its marked text may show where. */
const annotateBroken = (
  bytes: Uint8Array,
  reason: Hl7Refusal,
  defaults: SenderDefaults,
): AnnotatedMessage => {
  const declared = defaults.dialect.ignoreDeclaredCharset ? [] : declaredCharsets(bytes);
  const chosen = chooseCharset(declared, defaults.charset);
  const charset = chosen === 'unsupported' ? defaults.charset : chosen;
  const text = markedText(decodePieces(bytes, charset));
  const parsed = parseMessage(text, (hex) => decodeText(hex, charset));
  const place = parsed.ok ? markedPlace(parsed.value) : undefined;
  const placed = place === undefined ? reason : refusal(reason.code, place, reason.detail);
  const nothing: ReadonlySet<number> = new Set();
  return {
    charset,
    bytes: showBytes(bytes, charset),
    text,
    segments: parsed.ok ? annotateSegments(parsed.value, () => nothing, [placed], defaults) : [],
    refusals: [placed],
    read: { ok: false, reason: placed },
  };
};

/**
 * Reads a message exactly as ingest does and tells, field by field, what was sent, what it is called, whether the
 * reading used it and what stands against it. Pure; never throws.
 */
export const annotateHl7Message = (bytes: Uint8Array, defaults: SenderDefaults): AnnotatedMessage => {
  const decoded = parseBytes(bytes, defaults);
  if (!decoded.ok) return annotateBroken(bytes, decoded.reason, defaults);
  const { parsed, charset } = decoded.value;
  const decodeHex = (hex: Uint8Array) => decodeText(hex, charset);
  const watched = parsed.segments.map(
    ({ name, sequence, text, delimiters }) => new WatchedSegment(name, sequence, text, delimiters, decodeHex),
  );
  const reading = new Reading(defaults);
  const read = readParsed(
    { ...parsed, header: watched[0] as WatchedSegment, segments: watched },
    charset,
    reading,
  );
  const refusals = read.ok || reading.refusal === read.reason ? reading.refusals : [read.reason];
  // Taken before the annotation asks for every field itself.
  const asked = new Map(
    watched.map((segment) => [segment.place, new Set([...segment.asked, ...headerFields(segment)])]),
  );
  const nothing: ReadonlySet<number> = new Set();
  return {
    charset,
    bytes: showBytes(bytes, charset),
    text: markedText(decodePieces(bytes, charset)),
    segments: annotateSegments(parsed, (segment) => asked.get(segment.place) ?? nothing, refusals, defaults),
    refusals,
    read: read.ok ? ok(read.value) : read,
  };
};

const headerFields = (segment: Segment): readonly number[] => (segment.name === 'MSH' ? HEADER_FIELDS : []);
