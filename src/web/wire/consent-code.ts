import { z } from 'zod';
import { CONSENT_RELATIONS } from '../../consent/index.ts';
import { consentOverviewShape } from './consent.ts';
import { momentShape } from './order-check-request.ts';

/** The digits as they were typed: whoever copies them from a screen copies the gap in the middle too. */
const codeShape = z
  .string()
  .max(16)
  .transform((text) => text.normalize('NFKC').replaceAll(/[\s-]/g, ''))
  .pipe(z.string().regex(/^\d{8}$/))
  .describe('8 digits shown beside the QR code; blanks are left out');

const typedMembers = {
  code: codeShape,
  patientName: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe(
      'Name of the patient; needed of whoever is neither the patient nor recorded to act for the patient',
    ),
};

/** Body of `POST /api/own/consent-codes`. */
export const typedCodeShape = z.strictObject(typedMembers);

/** A code as typed. */
export type TypedCode = z.output<typeof typedCodeShape>;

/** Body of `POST /api/own/consent-codes/decision`. */
export const typedDecisionShape = z.strictObject({
  ...typedMembers,
  decision: z.strictObject({
    kind: z.enum(['consented', 'denied', 'withdrawn']),
    relation: z
      .enum(CONSENT_RELATIONS)
      .optional()
      .describe('What the holder is to the patient, where `relation` of the opened request is null'),
    scope: z
      .enum(['visit', 'own-institution', 'all'])
      .describe(
        'The institution that asked, for a day or until taken back; or every one that treats the patient',
      ),
  }),
});

/** A decision by a typed code. */
export type TypedDecision = z.output<typeof typedDecisionShape>;

/** Answer of `POST /api/own/consent-codes`: what is asked, in the same layers as by the QR code. */
export const codedRequestShape = z.strictObject({
  institutionZh: z.string(),
  /** First character of the patient's name. */
  patientZh: z.string(),
  expiresAt: momentShape,
  /** What the account is to the patient; null where the holder has to say it. */
  relation: z.enum(CONSENT_RELATIONS).nullable(),
  needsGuardian: consentOverviewShape.shape.needsGuardian,
  level: consentOverviewShape.shape.level,
  wording: consentOverviewShape.shape.wording,
});

/** A request for consent that a code opened. */
export type CodedRequestAnswer = z.output<typeof codedRequestShape>;
