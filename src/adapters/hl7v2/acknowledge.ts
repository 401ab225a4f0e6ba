import { type Instant, isoInstant } from '../../kernel/instant.ts';
import { charsetName, encodeText, holdsChinese, type Hl7Charset } from './charset.ts';
import type { Hl7Header } from './header.ts';
import { USUAL_DELIMITERS } from './parse.ts';
import { placeParts } from './place.ts';
import type { RefusalClass } from './refusal.ts';
import {
  completeDelimiters,
  type FieldContent,
  fieldsAt,
  type SegmentContent,
  writeText,
} from './write-message.ts';

/** Why a message is not taken: a refusal of this adapter, or a fault of what follows it. */
export interface AcknowledgedError {
  readonly code: string;
  readonly class: RefusalClass;
  /** See `place.ts`; empty when the whole message is meant. */
  readonly place: string;
  readonly zh: string;
  readonly en: string;
  /** Added to the sentence; never patient data. */
  readonly detail?: string;
}

/** What an acknowledgement needs besides the header of the message that it answers. */
export interface AcknowledgementContext {
  readonly at: Instant;
  /** MSH-10 of the acknowledgement itself. */
  readonly controlId: string;
}

/** HL7 table 0357 for our codes; what is not listed is 207 (application error). */
const ERROR_CONDITIONS: Readonly<Record<string, readonly [code: string, text: string]>> = {
  HL7_EMPTY: ['100', 'Segment sequence error'],
  HL7_MSH_MISSING: ['100', 'Segment sequence error'],
  HL7_SEGMENT_UNREADABLE: ['100', 'Segment sequence error'],
  HL7_SEVERAL_MESSAGES: ['100', 'Segment sequence error'],
  HL7_RESULT_OUTSIDE_REPORT: ['100', 'Segment sequence error'],
  HL7_REPORT_MISSING: ['100', 'Segment sequence error'],
  HL7_ORDER_MISSING: ['100', 'Segment sequence error'],
  HL7_PATIENT_MISSING: ['100', 'Segment sequence error'],
  HL7_CONTROL_ID_MISSING: ['101', 'Required field missing'],
  HL7_PATIENT_EMPTY: ['101', 'Required field missing'],
  HL7_MERGE_INCOMPLETE: ['101', 'Required field missing'],
  HL7_STATUS_WITHOUT_VALUE: ['101', 'Required field missing'],
  HL7_DELIMITERS_INVALID: ['102', 'Data type error'],
  HL7_TIME_IMPOSSIBLE: ['102', 'Data type error'],
  HL7_BYTES_UNDECODABLE: ['102', 'Data type error'],
  HL7_CONTROL_CHARACTER: ['102', 'Data type error'],
  HL7_ATTACHMENT_UNREADABLE: ['102', 'Data type error'],
  HL7_STATUS_UNKNOWN: ['103', 'Table value not found'],
  HL7_CHARSET_UNSUPPORTED: ['103', 'Table value not found'],
  HL7_CHARSET_CONFLICT: ['103', 'Table value not found'],
  HL7_VERSION_UNSUPPORTED: ['203', 'Unsupported version id'],
};

const hl7Time = (at: Instant): string => `${isoInstant(at).slice(0, 19).replace(/[-T:]/g, '')}+0000`;

/** ERR-2 (ERL): segment, which one, field, repetition, component. */
const errorLocation = (place: string): FieldContent => {
  const parts = placeParts(place);
  if (!parts) return '';
  const { segment, sequence, field, repetition, component } = parts;
  const text = (number: number | null) => (number === null ? '' : String(number));
  return [segment, String(sequence), text(field), text(repetition), text(component)];
};

/** ERR-1 (ELD), where versions before 2.5 look: segment, sequence, field, code of table 0357. */
const legacyLocation = (place: string, condition: readonly [string, string]): FieldContent => {
  const parts = placeParts(place);
  return [
    parts?.segment ?? '',
    parts ? String(parts.sequence) : '',
    parts?.field ? String(parts.field) : '',
    [condition[0], condition[1], 'HL70357'],
  ];
};

const errorSegment = (error: AcknowledgedError, version: string, sentence: string): SegmentContent => {
  const condition = ERROR_CONDITIONS[error.code] ?? ['207', 'Application internal error'];
  const isOlder = /^2\.[1-4]/.test(version);
  return [
    'ERR',
    ...fieldsAt({
      1: isOlder ? legacyLocation(error.place, condition) : '',
      2: errorLocation(error.place),
      3: [condition[0], condition[1], 'HL70357'],
      4: 'E',
      5: [error.code, '', 'HUREN'],
      7: [error.code, error.place, error.detail ?? ''].filter((part) => part !== '').join(' '),
      8: sentence,
    }),
  ];
};

/** `none`: the sender waits for no answer. */
type Mode = 'original' | 'accept' | 'application' | 'none';

/**
 * Which acknowledgement the sender waits for (HL7 v2 chapter 2, acknowledgement conditions). In enhanced mode a
 * message is answered once, after it has been stored: with the application code where MSH-16 asks for one, else with
 * the accept code where MSH-15 does. Two answers to one message would be taken for the answer to the next by the
 * many senders that count them.
 */
export const acknowledgementMode = (header: Hl7Header, isError: boolean): Mode => {
  const { acceptAcknowledgement: accept, applicationAcknowledgement: application } = header;
  if (accept === '' && application === '') return 'original';
  const wants = (condition: string) =>
    condition === 'AL' || (condition === 'ER' && isError) || (condition === 'SU' && !isError);
  if (wants(application)) return 'application';
  return wants(accept) ? 'accept' : 'none';
};

/** What the sender of a message without readable header gets: its fields are empty. */
const NO_HEADER: Hl7Header = {
  application: '',
  facility: '',
  receivingApplication: '',
  receivingFacility: '',
  controlId: '',
  type: '',
  event: '',
  processingId: 'P',
  version: '2.5.1',
  charset: 'utf-8',
  delimiters: USUAL_DELIMITERS,
  sentAt: null,
  acceptAcknowledgement: '',
  applicationAcknowledgement: '',
};

const versionOf = ({ version }: Hl7Header): string => (version === '' ? '2.5.1' : version);

/** Whether MSH-9 of this version names the event, and from 2.3.1 on the structure too. */
const hasStructures = (version: string): boolean => !/^2(?:\.[12]|\.3)?$/.test(version);

/** MSH of an answer: the sender's names turned round, his version, processing id and character set. */
export const answerHeader = (
  header: Hl7Header,
  type: FieldContent,
  charset: Hl7Charset,
  context: AcknowledgementContext,
): SegmentContent => [
  'MSH',
  ...fieldsAt(
    {
      3: header.receivingApplication,
      4: header.receivingFacility,
      5: header.application,
      6: header.facility,
      7: hl7Time(context.at),
      9: type,
      10: context.controlId,
      11: header.processingId === '' ? 'P' : header.processingId,
      12: versionOf(header),
      18: charset === 'ascii' ? '' : charsetName(charset),
    },
    3,
  ),
];

/** Encodes the answer; a set that cannot hold the echo of a badly declared header gives way to UTF-8. */
export const encodeAnswer = (write: (charset: Hl7Charset) => string, charset: Hl7Charset): Uint8Array =>
  encodeText(write(charset), charset) ?? Buffer.from(write('utf-8'), 'utf8');

/**
 * Writes the acknowledgement of one message in the sender's delimiters, character set and version: AA, AE or AR in
 * original mode, CA, CE or CR for an accept acknowledgement. MSA-2 is MSH-10 of the message answered, also when the
 * rest of it could not be parsed: pass what `peekHeader` found then.
 *
 * @returns null when the sender's acknowledgement conditions ask for no answer.
 */
export const acknowledge = (
  answered: Hl7Header | undefined,
  error: AcknowledgedError | null,
  context: AcknowledgementContext,
): Uint8Array | null => {
  const header = answered ?? NO_HEADER;
  const mode = acknowledgementMode(header, error !== null);
  if (mode === 'none') return null;
  const code = `${mode === 'accept' ? 'C' : 'A'}${error === null ? 'A' : error.class.slice(1)}`;
  const version = versionOf(header);
  const write = (charset: Hl7Charset): string => {
    const sentence = error === null ? '' : holdsChinese(charset) ? error.zh : error.en;
    const type: FieldContent =
      !hasStructures(version) || header.event === '' ? 'ACK' : ['ACK', header.event, 'ACK'];
    const msa = fieldsAt({
      1: code,
      2: header.controlId,
      3: error === null ? '' : `${error.code} ${sentence}`,
    });
    const segments: SegmentContent[] = [answerHeader(header, type, charset, context), ['MSA', ...msa]];
    if (error !== null) segments.push(errorSegment(error, version, sentence));
    return writeText(segments, {
      delimiters: completeDelimiters(header.delimiters),
      charset,
      segmentEnd: '\r',
    });
  };
  return encodeAnswer(write, header.charset);
};
