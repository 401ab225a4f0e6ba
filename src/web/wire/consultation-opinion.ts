import { z } from 'zod';
import { opinionShape } from './order-check-answer.ts';

/** Body of `POST /api/reports/{id}/opinions`. */
export const opinionRequestShape = z.strictObject({ text: z.string().trim().min(1).max(4000) });

/** An opinion to add. */
export type OpinionRequest = z.output<typeof opinionRequestShape>;

/** Body of `POST /api/reports/{id}/opinions/{opinion}/withdrawal`: why the opinion is taken back. */
export const opinionWithdrawalShape = z.strictObject({ reason: z.string().trim().min(1).max(500) });

/** Why an opinion is taken back. */
export type OpinionWithdrawal = z.output<typeof opinionWithdrawalShape>;

/** All opinions beside the report, the earliest first. */
export const opinionsAnswerShape = z.strictObject({ opinions: z.array(opinionShape) });

/** Opinions beside a report. */
export type OpinionsAnswer = z.output<typeof opinionsAnswerShape>;
