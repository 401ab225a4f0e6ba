import { z } from 'zod';
import { COMPARED_FACTS, HOLD_ANSWERS, HOLD_REASONS } from '../../imaging/index.ts';
import { momentShape, publicIdShape } from './order-check-request.ts';

/** Longest note beside an answer. */
const NOTE_MAX = 500;

const holdShape = z.strictObject({
  id: publicIdShape,
  /** To be read out on the telephone. */
  ticket: z.string(),
  reason: z.enum(HOLD_REASONS),
  /** Code of what cannot be read; sides of images and report, e.g. `left/right`; else empty. */
  detail: z.string(),
  state: z.enum(['open', 'answered', 'reopened', 'settled']),
  /** Who sent what came first: `dimse:CT01`, `stow:…`, `ingest`. */
  sender: z.string(),
  instances: z.int(),
  openedAt: momentShape,
  lastAt: momentShape,
  /** By when the institution's office owes an answer; null once it has answered, or where no deadline was published. */
  due: z.strictObject({ by: momentShape, overdue: z.boolean() }).nullable(),
  /** null for what is of no study. */
  study: z
    .strictObject({
      id: publicIdShape,
      description: z.string().nullable(),
      modalities: z.array(z.string()),
      studiedAt: z.string().nullable(),
      accession: z.string().nullable(),
      instances: z.int(),
    })
    .nullable(),
});

/** Answer of `GET /api/image-holds`: what waits first. */
export const imageHoldListShape = z.strictObject({
  at: momentShape,
  waiting: z.int(),
  overdue: z.int(),
  truncated: z.boolean(),
  holds: z.array(holdShape),
});

const contentShape = z.strictObject({
  /** First characters of the SHA-256 of the object, to tell two apart. */
  content: z.string(),
  sizeBytes: z.int(),
});

const conflictShape = z.strictObject({
  sopInstanceUid: z.string(),
  sender: z.string(),
  foundAt: momentShape,
  state: z.enum(['open', 'kept-first', 'taken']),
  /** What is or was shown; null for an instance of another patient, of which there was none. */
  first: contentShape.nullable(),
  second: contentShape.nullable(),
  /** Whether the pixels are the same bytes; null where that was not compared. */
  samePixels: z.boolean().nullable(),
  /** What the two headers state; `first` and `second` are null where they state nothing. */
  facts: z.array(
    z.strictObject({
      fact: z.enum(COMPARED_FACTS),
      first: z.string().nullable(),
      second: z.string().nullable(),
    }),
  ),
});

const unreadableShape = z.strictObject({
  sopClassUid: z.string(),
  sopInstanceUid: z.string(),
  transferSyntaxUid: z.string(),
  content: z.string(),
  sizeBytes: z.int(),
  /** How often the same bytes came. */
  arrivals: z.int(),
  receivedAt: momentShape,
  lastReceivedAt: momentShape,
});

const sidedSeriesShape = z.strictObject({
  description: z.string().nullable(),
  modality: z.string().nullable(),
  instances: z.int(),
  side: z.enum(['left', 'right', 'both', 'unclear']).nullable(),
});

/** Answer of `GET /api/image-holds/{id}`: one case with what it is about, and what can be answered now. */
export const imageHoldCaseShape = z.strictObject({
  hold: holdShape,
  /** Of the first instances of the case; `truncated` where there are more. */
  conflicts: z.array(conflictShape),
  unreadable: z.array(unreadableShape),
  series: z.array(sidedSeriesShape),
  truncated: z.boolean(),
  answers: z.array(z.enum(HOLD_ANSWERS)),
  canUndo: z.boolean(),
  steps: z.array(
    z.strictObject({
      step: z.enum([...HOLD_ANSWERS, 'undo', 'settled']),
      note: z.string(),
      instances: z.int(),
      actor: z.string(),
      at: momentShape,
    }),
  ),
});

/** Body of `POST /api/image-holds/{id}/answers`. */
export const imageHoldAnswerShape = z.strictObject({
  kind: z.enum([...HOLD_ANSWERS, 'undo']),
  note: z.string().trim().max(NOTE_MAX).default(''),
  /** `instances` of the case as the caller has seen it: more may have come since. */
  seen: z.coerce.number().int().min(0),
});

/** An institution's cases. */
export type ImageHoldList = z.output<typeof imageHoldListShape>;
/** One of them. */
export type ImageHoldAnswer = ImageHoldList['holds'][number];
/** One with what it is about. */
export type ImageHoldCase = z.output<typeof imageHoldCaseShape>;
/** What is answered. */
export type ImageHoldDecision = z.output<typeof imageHoldAnswerShape>;
