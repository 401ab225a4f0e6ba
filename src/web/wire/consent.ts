import { z } from 'zod';
import {
  CONSENT_ACT_KINDS,
  CONSENT_DEFAULTS,
  CONSENT_PURPOSES,
  CONSENT_RELATIONS,
  CONSENT_WAYS,
} from '../../consent/index.ts';
import { bilingualShape, momentShape, publicIdShape } from './order-check-request.ts';
import { photoShape } from './photo.ts';

const codeShape = z.string().min(1).max(128);
const nameShape = z
  .string()
  .trim()
  .min(1)
  .max(100)
  .regex(/^[^\p{Cc}]*$/u);

/** What an act is about, as whoever records it states it. */
const scopeMembers = {
  source: codeShape.optional().describe('Institution whose results are meant; absent: all'),
  recordClass: codeShape
    .optional()
    .describe(
      'Code of a restricted class, which only an act that names it opens; absent: all that is not restricted',
    ),
  until: momentShape.optional().describe('When it ends by itself'),
};

/** Body of `POST /api/persons/{id}/consents`: an act of a patient that the institution's staff or system records. */
export const consentRequestShape = z.strictObject({
  kind: z.enum(CONSENT_ACT_KINDS),
  way: z.enum(['spoken', 'registration', 'paper']).describe('spoken: at the desk; paper: with a scan'),
  relation: z.enum(CONSENT_RELATIONS).describe('Who acted, to the patient; self: the patient'),
  representative: nameShape
    .optional()
    .describe(
      'Name of whoever acted for the patient; needed where it is signed for: at registration and on paper',
    ),
  witness: z.string().trim().min(1).max(64).optional().describe('Staff number of who was there'),
  ...scopeMembers,
  recipient: z
    .enum(['own-institution', 'all'])
    .default('own-institution')
    .describe(
      'Who may read, or may not: the institution that records it, or every one that treats the patient',
    ),
  check: publicIdShape.optional().describe('The order check at which the patient was asked'),
  doctor: z
    .strictObject({ staffNumber: z.string().min(1).max(64) })
    .optional()
    .describe('Who asked, where a system records it'),
  scan: photoShape.optional(),
});

/** An act to be recorded. */
export type ConsentRequest = z.output<typeof consentRequestShape>;

/** Body of `POST /api/own/consents`: an act of the patient, or of who acts for one, by a phone. */
export const ownConsentRequestShape = z.strictObject({
  kind: z.enum(['consented', 'denied', 'withdrawn']),
  ...scopeMembers,
  recipient: codeShape.optional().describe('Institution that may read, or may not; absent: all'),
  person: publicIdShape.optional().describe('For whom, where it is not the patient signed in'),
});

/** An act of the patient. */
export type OwnConsentRequest = z.output<typeof ownConsentRequestShape>;

const institutionShape = z.strictObject({ code: z.string(), nameZh: z.string(), nameEn: z.string() });
const classShape = z.strictObject({ code: z.string(), text: bilingualShape });

/** One act as recorded. */
export const consentActShape = z.strictObject({
  id: publicIdShape,
  kind: z.enum(CONSENT_ACT_KINDS),
  purpose: z.enum(CONSENT_PURPOSES),
  source: institutionShape.nullable(),
  recipient: institutionShape.nullable(),
  recordClass: classShape.nullable(),
  relation: z.enum(CONSENT_RELATIONS),
  /** Name of whoever acted for the patient. */
  representative: z.string().nullable(),
  way: z.enum(CONSENT_WAYS),
  /** Code and version of the text that was read or shown. */
  wording: z.string(),
  actedAt: momentShape,
  until: momentShape.nullable(),
  /** True while it counts: not ended by itself. Whether a later act counts instead is what `standing` says. */
  inForce: z.boolean(),
  recordedBy: z.strictObject({
    /** Code; null on the patient’s own phone. */
    institution: z.string().nullable(),
    institutionZh: z.string().nullable(),
    staffNumber: z.string().nullable(),
    witness: z.string().nullable(),
  }),
  hasScan: z.boolean(),
});

/** One act of consent. */
export type ConsentActAnswer = z.output<typeof consentActShape>;

const textShape = z.strictObject({
  lineZh: z.string(),
  detailsZh: z.array(z.string()),
  fullZh: z.array(z.string()),
});

const effectsShape = z.strictObject({
  consentedZh: z.string(),
  deniedZh: z.string(),
  withdrawnZh: z.string(),
});

/** Answer of `GET /api/persons/{id}/consents` and `GET /api/own/consents`. */
export const consentOverviewShape = z.strictObject({
  person: publicIdShape,
  /** What counts before anything is recorded. */
  default: z.enum(CONSENT_DEFAULTS),
  /**
   * What counts of results of all institutions, to the institution that asks; to the patient himself, to all of them.
   */
  standing: z.enum(['not-recorded', ...CONSENT_ACT_KINDS]),
  /** How much of other institutions’ results is shown by that. */
  level: z.enum(['content', 'existence', 'nothing']),
  /** The same for each restricted class. */
  classes: z.array(classShape.extend({ standing: z.enum(['not-recorded', ...CONSENT_ACT_KINDS]) })),
  /** True for a child under fourteen: a parent or guardian agrees (PIPL art. 31). */
  needsGuardian: z.boolean(),
  /** Newest first. */
  acts: z.array(consentActShape),
  /** Those of the acts that hide something now, until an agreement to the same takes them back. */
  restrictions: z.array(consentActShape),
  /** Those that agree to one institution’s reading and stand, until a withdrawal that names it or all. */
  agreements: z.array(consentActShape),
  wording: z.strictObject({
    version: z.string(),
    titleZh: z.string(),
    treatment: textShape,
    restricted: textShape,
    spokenZh: z.string(),
    effects: effectsShape,
    /** Of an act about one hospital, `{hospital}` and `{reader}` left open; null where the wording has none. */
    hospitalEffects: effectsShape.nullable(),
    /** Of an act about one restricted class, `{class}` and `{reader}` left open. */
    classEffects: effectsShape.nullable(),
    signatureZh: z.array(z.string()),
  }),
});

/** A person's consent with the words in which it is asked for. */
export type ConsentOverview = z.output<typeof consentOverviewShape>;

/** Answer of a recorded act. */
export const recordedConsentShape = z.strictObject({
  act: consentActShape,
  /** True when the same Idempotency-Key had been answered before; nothing was written again. */
  repeated: z.boolean(),
  /** What follows from it, in plain words. */
  effectZh: z.string(),
});

/** A recorded act of consent. */
export type RecordedConsent = z.output<typeof recordedConsentShape>;
