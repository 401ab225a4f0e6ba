import { acknowledge } from '../../../adapters/hl7v2/acknowledge.ts';
import {
  type AnnotatedField,
  annotateHl7Message,
  type AnnotatedSegment,
} from '../../../adapters/hl7v2/annotate.ts';
import { charsetName, decodeText } from '../../../adapters/hl7v2/charset.ts';
import { HL7_FAULTS, type Hl7Code } from '../../../adapters/hl7v2/faults.ts';
import { peekHeader } from '../../../adapters/hl7v2/header.ts';
import { parseMessage } from '../../../adapters/hl7v2/parse.ts';
import { refusal } from '../../../adapters/hl7v2/refusal.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import type { Sender } from '../../../adapters/postgres/senders.ts';
import type { Bilingual } from '../../../kernel/bilingual.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { AcknowledgementAnswer, AnnotatedAnswer } from '../../../web/wire/console.ts';
import { conformanceHints } from './console-hints.ts';
import { type Readings, readingsOf } from './console-reading.ts';
import { lineRemarks, readReports, reportAnswer } from './console-reports.ts';
import { OWN_PLACES, reasonText } from './console-words.ts';
import { INGEST_FAULTS, type IngestCode } from '../ingest/ingest-faults.ts';
import { refusalOf } from '../ingest/ingest-outcome.ts';
import { senderDefaults, STRANGER_DEFAULTS } from '../ingest/ingest-senders.ts';

type FieldAnswer = AnnotatedAnswer['segments'][number]['fields'][number];
type Remark = FieldAnswer['remarks'][number];

/** Why a message was not taken: what its sender was told. */
export interface ToldReason {
  readonly code: string;
  readonly place: string;
  readonly detail: string;
}

/** What an annotation is made with. */
export interface AnnotationContext {
  readonly sender: Sender | undefined;
  readonly ruling: RulingSnapshot;
  readonly at: Instant;
  /** The reason that stands; it may have been found behind the reading (an unknown sender, a missing number). */
  readonly reason: ToldReason | null;
}

/** Place of a whole field: `OBX[3]-5` of `OBX[3]-5.1` and of `OBX[3]-5(2)`. */
const fieldOf = (place: string): string => place.replace(/[(.].*$/, '');

const ownWords = (own: string): Bilingual => {
  const name = OWN_PLACES[own];
  return { zh: `本系统约定：${name?.zh ?? own}`, en: `Agreed with this sender: ${name?.en ?? own}` };
};

const fieldAnswer = (field: AnnotatedField, readings: Readings, remarks: readonly Remark[]): FieldAnswer => {
  const worst = remarks.some(({ state }) => state === 'error') ? 'error' : 'warning';
  return {
    place: field.place,
    number: field.number,
    name: field.own === null ? (field.named?.name ?? null) : ownWords(field.own),
    clause: field.named?.clause ?? null,
    raw: field.raw,
    length: field.length,
    repetitions: field.repetitions.map((components) => components.map((component) => ({ ...component }))),
    state: remarks.length > 0 ? worst : field.isRead ? 'ok' : 'unused',
    reading: field.isRead ? (readings.get(field.place) ?? null) : null,
    remarks: [...remarks],
  };
};

/** How much a state matters: a segment stands as its worst field does. */
const RANK = { unused: 0, ok: 1, warning: 2, error: 3 } as const;
const QUIET: keyof typeof RANK = 'unused';

const segmentAnswer = (
  segment: AnnotatedSegment,
  readings: Readings,
  remarksAt: ReadonlyMap<string, readonly Remark[]>,
): AnnotatedAnswer['segments'][number] => {
  const fields = segment.fields.map((field) =>
    fieldAnswer(field, readings, remarksAt.get(field.place) ?? []),
  );
  const states = fields.map(({ state }) => state);
  if (remarksAt.has(segment.place)) states.push('error');
  return {
    place: segment.place,
    name: segment.named?.name ?? null,
    clause: segment.named?.clause ?? null,
    state: states.reduce((worst, state) => (RANK[state] > RANK[worst] ? state : worst), QUIET),
    fields,
  };
};

/** A message as it was sent, field by field beside our reading of it. */
export const annotationAnswer = (
  bytes: Uint8Array,
  { sender, ruling, at, reason }: AnnotationContext,
): { readonly annotated: AnnotatedAnswer; readonly text: string } => {
  const message = annotateHl7Message(bytes, sender ? senderDefaults(sender) : STRANGER_DEFAULTS);
  const content = message.read.ok ? message.read.value.message : ({ kind: 'unsupported' } as const);
  const reports = readReports(content, sender, ruling, at);
  const readings: Readings = message.read.ok
    ? readingsOf(message.read.value, message, sender, reports)
    : new Map();
  const found = message.refusals.map(({ code, place, detail }) => ({ code: code as string, place, detail }));
  // The annotation may know the place more exactly than the reason that was written down at first.
  const told = reason && !found.some(({ code }) => code === reason.code) ? [reason] : [];
  const refusals = [...told, ...found].map((each) => ({ ...each, text: reasonText(each.code) }));
  const remarksAt = new Map<string, Remark[]>();
  const remark = (place: string, added: Remark): void => {
    const known = remarksAt.get(place);
    if (known) known.push(added);
    else remarksAt.set(place, [added]);
  };
  for (const { place, code, detail, text } of refusals)
    remark(fieldOf(place), { code, state: 'error', text, detail });
  const placed = new Set<string>();
  for (const { place, remark: added } of reports.flatMap(lineRemarks)) {
    if (placed.has(`${place} ${added.code}`)) continue;
    placed.add(`${place} ${added.code}`);
    remark(place, added);
  }
  return {
    text: message.text,
    annotated: {
      charset: charsetName(message.charset),
      lines: message.bytes.lines.map((line) => line.map((piece) => ({ ...piece }))),
      undecodable: message.bytes.undecodable,
      cut: message.bytes.cut,
      segments: message.segments.map((segment) => segmentAnswer(segment, readings, remarksAt)),
      refusals,
      reports: reports.map(reportAnswer),
      hints: [...conformanceHints(message, reports)],
    },
  };
};

/** An acknowledgement on the wire. */
export const acknowledgementAnswer = (bytes: Uint8Array | null, kept: boolean): AcknowledgementAnswer => {
  const header = bytes === null ? undefined : peekHeader(bytes);
  const text = bytes !== null && header ? decodeText(bytes, header.charset) : undefined;
  if (text === undefined) return { code: null, segments: [], kept };
  const parsed = parseMessage(text, () => undefined);
  const msa = parsed.ok ? parsed.value.segments.find(({ name }) => name === 'MSA') : undefined;
  return { code: msa?.get(1) ?? null, segments: text.split('\r').filter((line) => line !== ''), kept };
};

/** AE or AR of a reason, as its sender was told. */
const classOf = (code: string): 'AE' | 'AR' => {
  if (Object.hasOwn(HL7_FAULTS, code)) return refusal(code as Hl7Code).class;
  return Object.hasOwn(INGEST_FAULTS, code) ? refusalOf(code as IngestCode).class : 'AE';
};

/** The answer that a refused message got, written again from its reason. Its own MSH-10 was another. */
export const refusalAcknowledgement = (
  bytes: Uint8Array,
  sender: Sender | undefined,
  reason: ToldReason,
  at: Instant,
): AcknowledgementAnswer => {
  const { charset } = sender ? senderDefaults(sender) : STRANGER_DEFAULTS;
  const error = { ...reason, ...reasonText(reason.code), class: classOf(reason.code) };
  return acknowledgementAnswer(
    acknowledge(peekHeader(bytes, charset), error, { at, controlId: 'REWRITTEN' }),
    false,
  );
};
