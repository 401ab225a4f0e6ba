import {
  type AcknowledgementContext,
  acknowledgementMode,
  answerHeader,
  encodeAnswer,
} from './acknowledge.ts';
import { encodeText, holdsChinese, type Hl7Charset } from './charset.ts';
import type { Hl7Header } from './header.ts';
import type { ParsedMessage, Segment } from './parse.ts';
import { gatherOrders, type OrderGroup } from './read-order.ts';
import {
  completeDelimiters,
  type FieldContent,
  fieldsAt,
  type SegmentContent,
  writeText,
} from './write-message.ts';

/** What the answer to an order message says besides that it was taken: one thought a note. */
export interface OrderNotes {
  /** About the message as a whole. */
  readonly general: readonly string[];
  /** About each order, in the order of the message. */
  readonly orders: readonly (readonly string[])[];
}

/** Type and structure of the application answer, by what is answered (HL7 v2 chapter 4). */
const ANSWERS: Readonly<Record<string, readonly [type: string, event: string, structure: string]>> = {
  'ORM^O01': ['ORR', 'O02', 'ORR_O02'],
  'ORM^': ['ORR', 'O02', 'ORR_O02'],
  'OML^O21': ['ORL', 'O22', 'ORL_O22'],
  'OML^O33': ['ORL', 'O34', 'ORL_O34'],
  'OML^O35': ['ORL', 'O36', 'ORL_O36'],
  'OMG^O19': ['ORG', 'O20', 'ORG_O20'],
};

/** ORC-1 of the answer by ORC-1 of the order (table 0119); what is not listed is accepted with `OK`. */
const CONTROLS: Readonly<Record<string, string>> = {
  CA: 'CR',
  DC: 'DR',
  XO: 'XR',
  RP: 'RQ',
  HD: 'HR',
  RL: 'OE',
};

const raw = (segment: Segment | null, field: number): FieldContent => ({ raw: segment?.raw(field) ?? '' });

const patientSegment = (pid: Segment): SegmentContent => [
  'PID',
  ...fieldsAt({ 1: '1', 3: raw(pid, 3), 5: raw(pid, 5), 7: raw(pid, 7), 8: raw(pid, 8) }),
];

const noteSegments = (notes: readonly string[]): readonly SegmentContent[] =>
  notes.map((note, index) => ['NTE', String(index + 1), 'O', note]);

const orderSegments = (
  { orc, obr }: OrderGroup,
  index: number,
  notes: readonly string[],
): readonly SegmentContent[] => {
  const control = orc?.get(1).trim().toUpperCase() ?? '';
  const numbers = orc?.raw(2) ? orc : obr;
  return [
    ['ORC', CONTROLS[control] ?? 'OK', raw(numbers, 2), raw(numbers, 3), raw(orc, 4)],
    ...(obr ? [['OBR', String(index + 1), raw(obr, 2), raw(obr, 3), raw(obr, 4)] as SegmentContent] : []),
    ...noteSegments(notes),
  ];
};

const RAISED = '⁰¹²³⁴⁵⁶⁷⁸⁹⁻';
const LEVEL = '0123456789-';
const RAISED_RUN = /[⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+/gu;

/**
 * Text as a character set can hold it. GBK has no raised digits, and 10⁹ must not become 109: it becomes 10^9. Any
 * other character without place is shown as missing by 〓, as Chinese printing does.
 */
export const heldText = (text: string, charset: Hl7Charset): string => {
  const isHeld = (part: string): boolean => encodeText(part, charset) !== undefined;
  if (isHeld(text)) return text;
  const levelled = text.replace(RAISED_RUN, (run) =>
    isHeld(run) ? run : `^${[...run].map((raised) => LEVEL[RAISED.indexOf(raised)]).join('')}`,
  );
  return [...levelled]
    .map((character) => (isHeld(character) ? character : character === 'µ' ? 'μ' : '〓'))
    .join('');
};

const inCharset = (notes: readonly string[], charset: Hl7Charset): readonly string[] =>
  holdsChinese(charset) ? notes.map((note) => heldText(note, charset)) : notes;

/**
 * Writes the application answer to an order message that was taken (ORR to ORM, ORL to OML, ORG to OMG): MSA with AA,
 * the patient, every order with its numbers as sent, and the notes behind it. In the sender's delimiters and character
 * set; a set without Chinese gives way to UTF-8.
 *
 * @returns null when the sender's acknowledgement conditions ask for none, or for an accept acknowledgement only.
 */
export const writeOrderAnswer = (
  answered: Hl7Header,
  parsed: ParsedMessage,
  notes: OrderNotes,
  context: AcknowledgementContext,
): Uint8Array | null => {
  const mode = acknowledgementMode(answered, false);
  const type = ANSWERS[`${answered.type}^${answered.event}`];
  if (!type || mode === 'none' || mode === 'accept') return null;
  const pid = parsed.segments.find(({ name }) => name === 'PID');
  const write = (charset: Hl7Charset): string => {
    const segments: SegmentContent[] = [
      answerHeader(answered, type, charset, context),
      ['MSA', 'AA', answered.controlId],
      ...noteSegments(inCharset(notes.general, charset)),
      ...(pid ? [patientSegment(pid)] : []),
      ...gatherOrders(parsed, answered).flatMap((group, index) =>
        orderSegments(group, index, inCharset(notes.orders[index] ?? [], charset)),
      ),
    ];
    return writeText(segments, {
      delimiters: completeDelimiters(answered.delimiters),
      charset,
      segmentEnd: '\r',
    });
  };
  return encodeAnswer(write, answered.charset);
};
