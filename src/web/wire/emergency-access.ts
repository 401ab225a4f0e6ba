import { z } from 'zod';
import { EMERGENCY_REASONS } from '../../consent/index.ts';
import { momentShape } from './order-check-request.ts';
import { freeTextShape } from './photo.ts';

/** Shortest explanation of an emergency, in characters: a reviewer must be able to follow it. */
export const EMERGENCY_TEXT_MINIMUM = 4;

/** Body of `POST /api/persons/{id}/emergency-access`. */
export const emergencyRequestShape = z.strictObject({
  reason: z.enum(EMERGENCY_REASONS),
  text: freeTextShape(500)
    .min(EMERGENCY_TEXT_MINIMUM)
    .describe('What happened, for the officer who reviews it'),
  confirmation: z
    .string()
    .min(1)
    .max(200)
    .describe('The doctor’s password once more; inside a card the doctor’s staff number (工号)'),
});

/** An emergency as the flows receive it. */
export type EmergencyRequest = z.output<typeof emergencyRequestShape>;

/**
 * Whether the caller has an emergency access open to a person. It says nothing of whether there is anything to see: it is
 * offered for everybody alike.
 */
export const emergencyAnswerShape = z.strictObject({
  open: z.boolean(),
  /** When it ends by itself; null while none is open. */
  until: momentShape.nullable(),
  /** The platform's clock when it answered: what is left does not depend on how a hospital's computer is set. */
  at: momentShape,
  /** How long one lasts. */
  minutes: z.int(),
});

/** The state of emergency access on the wire. */
export type EmergencyAnswer = z.output<typeof emergencyAnswerShape>;
