import { raiser } from '../kernel/fault.ts';
import type { Fault } from '../kernel/fault.ts';
import { civilDateText } from '../kernel/civil-day.ts';
import type { Instant } from '../kernel/instant.ts';
import type { PublicId } from '../kernel/uuid.ts';
import { fail, ok, type Result } from '../kernel/result.ts';
import { CORRECTION_FAULTS } from './faults.ts';

/** What is wrong with a value: another person's, the value, the unit, an image missing, poor quality, something else. */
export const CORRECTION_KINDS = [
  'wrong-person',
  'wrong-value',
  'wrong-unit',
  'image-missing',
  'quality',
  'other',
] as const;

/** One of `CORRECTION_KINDS`. */
export type CorrectionKind = (typeof CORRECTION_KINDS)[number];

/** What somebody reports about a report or one value in it. */
export interface StatedCorrection {
  readonly kind: CorrectionKind;
  /** In the reporter's own words; may be empty except for `other`. */
  readonly text: string;
}

/**
 * True when the whole report must stop deciding anything at once: what came from another person's body in one value came
 * from it in all. A missed recognition costs an examination; a wrong one can cost more.
 */
export const disputesIdentity = ({ kind }: Pick<StatedCorrection, 'kind'>): boolean =>
  kind === 'wrong-person';

/**
 * Whether a report of an error says enough to be looked into.
 *
 * @returns the report with its text trimmed, or CORRECTION_TEXT_MISSING
 */
export const validateCorrection = (stated: StatedCorrection): Result<StatedCorrection, Fault> => {
  const text = stated.text.trim();
  if (stated.kind === 'other' && text === '')
    return fail(raiser(CORRECTION_FAULTS)('CORRECTION_TEXT_MISSING', { place: 'text' }));
  return ok({ ...stated, text });
};

/**
 * The number of a ticket, to be written down and read out on the telephone: the civil day in China and ten digits of the
 * ticket's own id.
 *
 * @param series JC for reported errors (纠错), YX for images (影像)
 */
export const ticketNumber = (at: Instant, id: PublicId, series: 'JC' | 'YX' = 'JC'): string =>
  `${series}${civilDateText(at).replaceAll('-', '')}-${id.replaceAll('-', '').slice(-10).toUpperCase()}`;
