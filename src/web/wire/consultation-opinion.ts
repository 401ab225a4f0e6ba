import { z } from 'zod';
import { opinionShape } from './order-check-answer.ts';

/** Body of `POST /api/reports/{id}/opinions`. */
export const opinionRequestShape = z.strictObject({ text: z.string().trim().min(1).max(4000) });

/** An opinion to add. */
export type OpinionRequest = z.output<typeof opinionRequestShape>;

/** All opinions beside the report, the earliest first. */
export const opinionsAnswerShape = z.strictObject({ opinions: z.array(opinionShape) });

/** Opinions beside a report. */
export type OpinionsAnswer = z.output<typeof opinionsAnswerShape>;
