import type { AnnotatedAnswer, MessageAnswer, ReplayResult } from '../../../web/wire/console.ts';

/**
 * A text of which only the shape is left: which kind of character stands where. Enough to see a date that is too short or
 * a separator in the wrong place, and nothing of what it says.
 */
export const shapeOf = (text: string): string =>
  text
    .replace(/\p{Script=Han}/gu, '某')
    .replace(/\p{N}/gu, '0')
    .replace(/[^\p{N}\p{P}\p{S}\p{Z}\p{C}某]/gu, 'x');

type Segment = AnnotatedAnswer['segments'][number];
type Field = Segment['fields'][number];

/** Segments that speak of the message alone: sender, control id, character set. */
const isAboutMessage = (segment: string): boolean => /^(MSH|SFT|BHS|FHS)/.test(segment);

const maskedField = (field: Field): Field => ({
  ...field,
  raw: shapeOf(field.raw),
  repetitions: field.repetitions.map((components) =>
    components.map(({ number, text }) => ({ number, text: shapeOf(text) })),
  ),
  reading: null,
  remarks: field.remarks.map((remark) => ({ ...remark, detail: '' })),
});

const maskedLine = (line: AnnotatedAnswer['lines'][number]): AnnotatedAnswer['lines'][number] => {
  const [first] = line;
  if (first && 'text' in first && isAboutMessage(first.text)) return line;
  return line.map((piece, place) => {
    if (!('text' in piece)) return piece;
    const name = place === 0 ? (/^[A-Z][A-Z0-9]{2}(?=\W|$)/.exec(piece.text)?.[0] ?? '') : '';
    return { text: name + shapeOf(piece.text.slice(name.length)) };
  });
};

/**
 * A message as whoever operates the platform sees it: which segments and fields are there, of what shape, and what is
 * wrong where; nothing of a patient or a result. Its content is for the institution that sent it.
 */
export const maskedMessage = (message: MessageAnswer): MessageAnswer => ({
  ...message,
  isMasked: true,
  annotated: {
    ...message.annotated,
    lines: message.annotated.lines.map(maskedLine),
    segments: message.annotated.segments.map((segment) =>
      isAboutMessage(segment.place)
        ? segment
        : { ...segment, fields: segment.fields.map((field) => maskedField(field)) },
    ),
    refusals: message.annotated.refusals.map((refusal) => ({ ...refusal, detail: '' })),
    reports: [],
  },
  editable: null,
  acknowledgement: { ...message.acknowledgement, segments: [] },
  acts: message.acts.map((act) => ({ ...act, text: null })),
});

/** What became of a message that was tried again, without the words of it that a reason quotes. */
export const maskedOutcome = (result: ReplayResult): ReplayResult => ({
  ...result,
  reason: result.reason && { ...result.reason, detail: '' },
  acknowledgement: { ...result.acknowledgement, segments: [] },
});
