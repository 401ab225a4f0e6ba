import { z } from 'zod';
import { informedShape, relationShape } from './informed.ts';
import { momentShape, publicIdShape } from './order-check-request.ts';

const shortText = (maximum: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(maximum)
    .regex(/^[^\p{Cc}]*$/u);

/** Body of `POST /api/order-checks/{id}/notices`: 未予互认告知单 about one line that is examined again. */
export const noticeRequestShape = z.strictObject({
  line: z.int().min(1).max(999),
  informed: informedShape,
  blanks: z
    .record(z.string().max(32), z.string().max(1_000))
    .default({})
    .describe('Blanks of the draft as the doctor changed them; those left out stand as proposed'),
  doctorName: shortText(100)
    .optional()
    .describe('Name of the doctor, where a system calls for him; a signed-in doctor is named by his account'),
  priceYuan: z
    .string()
    .regex(/^\d{1,7}(\.\d{1,2})?$/)
    .optional()
    .describe('Price of the repeat in yuan; only where the institution chose to name prices'),
});

/** A notice as it is asked for. */
export type NoticeRequest = z.output<typeof noticeRequestShape>;

const priorShape = z.strictObject({
  itemZh: z.string(),
  institutionZh: z.string(),
  atText: z.string(),
  valueZh: z.string(),
});

/** Answer of `GET /api/order-checks/{id}/notice-draft`: what the notice would say, with the blanks to confirm. */
export const noticeDraftShape = z.strictObject({
  check: publicIdShape,
  line: z.int(),
  itemZh: z.string(),
  prior: z.array(priorShape),
  plainZh: z.array(z.string()),
  purposeZh: z.string(),
  necessityZh: z.string(),
  blanks: z.array(
    z.strictObject({
      name: z.string(),
      labelZh: z.string(),
      valueZh: z.string(),
      /** Characters, as a reader counts them. */
      maximum: z.int(),
    }),
  ),
  relations: z.array(z.strictObject({ code: relationShape, zh: z.string() })),
  /** True where this institution chose to name the price. */
  namesPrice: z.boolean(),
});

/** A draft on the wire. */
export type NoticeDraft = z.output<typeof noticeDraftShape>;

/** A notice: answer of `POST /api/order-checks/{id}/notices` and `GET /api/notices/{id}`. */
export const noticeAnswerShape = z.strictObject({
  id: publicIdShape,
  check: publicIdShape,
  line: z.int(),
  version: z.int(),
  /** `superseded`: a later version is there; `undone`: the answer that it explains was taken back. */
  state: z.enum(['valid', 'superseded', 'undone']),
  titleZh: z.string(),
  institutionZh: z.string(),
  openingZh: z.string(),
  /** Line by line, as on paper. */
  lines: z.array(z.strictObject({ labelZh: z.string(), textZh: z.string() })),
  acknowledgementZh: z.string(),
  signatureZh: z.array(z.string()),
  template: z.strictObject({ code: z.string(), version: z.string() }),
  drill: z.boolean(),
  madeAt: momentShape,
  /** The whole notice as one text, for the ordering side's record. */
  recordText: z.string(),
  /** What the QR on the paper holds: where anybody who has it can verify it and read it. */
  verifyUrl: z.string(),
});

/** A notice on the wire. */
export type NoticeAnswer = z.output<typeof noticeAnswerShape>;

/** Answer of `GET /api/order-checks/{id}/notices`. */
export const noticeListShape = z.strictObject({ notices: z.array(noticeAnswerShape) });

/** Notices about one check. */
export type NoticeList = z.output<typeof noticeListShape>;
