import { z } from 'zod';
import { ACCESS_KINDS } from '../../audit/index.ts';
import { institutionShape } from './order-check-answer.ts';
import { bilingualShape, momentShape, publicIdShape } from './order-check-request.ts';
import { ownPersonQuery } from './own-data.ts';
import { freeTextShape } from './photo.ts';

const wordedShape = z.strictObject({ code: z.string(), text: bilingualShape });

/** One line of 谁看过我的结果. */
export const accessLogLineShape = z.strictObject({
  /** Of the newest row that the line holds; by this a line is reported. */
  id: publicIdShape,
  kind: z
    .enum(['person', 'system', 'own'])
    .describe(
      'person: somebody, in one sitting. system: what systems did in a day. own: your own reading in a day',
    ),
  /** How many rows of the log the line holds. */
  count: z.int(),
  firstAt: momentShape,
  lastAt: momentShape,
  /** null for those who belong to no institution. */
  institution: institutionShape.nullable(),
  department: z.string().nullable(),
  role: wordedShape,
  /** Name of whoever looked, where the local policy tells it; by a share, what whoever opened it said, with 未核实. */
  name: z.string().nullable(),
  purpose: wordedShape.describe('接诊, 急救, 质控, 监管, 患者本人, 系统运行'),
  what: z.array(z.strictObject({ kind: z.enum(ACCESS_KINDS), text: bilingualShape })),
  /** The visit, where the look belongs to an order check. */
  visit: z.strictObject({ class: z.string(), number: z.string().nullable(), at: momentShape }).nullable(),
  /** True when it was refused: nothing was shown. */
  refused: z.boolean(),
  /** True when an emergency access (破窗) let it through. */
  emergency: z.boolean(),
  /** True when the institution has no visit, order or report of the patient: the filter “不认识的”. */
  unfamiliar: z.boolean(),
  /** What has become of it, where the patient reported the line (这不是我本次就医，我要反映). */
  reported: z
    .strictObject({
      at: momentShape,
      state: z.enum(['open', 'follow-up', 'closed']),
      outcome: z.enum(['justified', 'not-justified']).nullable(),
    })
    .nullable(),
});

/** One line of the log. */
export type AccessLogLine = z.output<typeof accessLogLineShape>;

/** Answer of `GET /api/own/access-log`: who looked, the newest first. */
export const accessLogAnswerShape = z.strictObject({
  person: publicIdShape,
  lines: z.array(accessLogLineShape),
  /** Ask again with this as `before` for older lines; null when there are none. */
  next: publicIdShape.nullable(),
  retiredBefore: momentShape
    .nullable()
    .describe(
      'Lines from before this moment are past their retention and in an archive: that none is listed does not say that nobody looked. null: nothing was retired',
    ),
});

/** The log on the wire. */
export type AccessLogAnswer = z.output<typeof accessLogAnswerShape>;

/** Query of `GET /api/own/access-log`. */
export const accessLogQueryShape = ownPersonQuery.extend({
  filter: z.enum(['all', 'unfamiliar']).default('all'),
  before: publicIdShape.optional(),
});

/** What the patient asks for. */
export type AccessLogQuery = z.output<typeof accessLogQueryShape>;

/** Body of `POST /api/own/access-log/{id}/reports`. */
export const accessReportRequestShape = z.strictObject({
  text: freeTextShape(500).default('').describe('In the patient’s own words; may be left out'),
});

/** A line that a patient reports. */
export type AccessReportRequest = z.output<typeof accessReportRequestShape>;

/** Answer of `POST /api/own/access-log/{id}/reports`. */
export const accessReportAnswerShape = z.strictObject({
  /** The case that the institution's privacy officer looks into. */
  id: publicIdShape,
  state: z.enum(['open', 'follow-up', 'closed']),
  /** By when it is to be closed. */
  dueAt: momentShape,
});

/** The case of a reported line. */
export type AccessReportAnswer = z.output<typeof accessReportAnswerShape>;
