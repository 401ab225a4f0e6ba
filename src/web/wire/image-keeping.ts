import { z } from 'zod';
import { momentShape, publicIdShape } from './order-check-request.ts';

const count = z.int().min(0);

const monthFiguresShape = z.strictObject({
  /** `YYYY-MM`, Beijing time. */
  month: z.string().regex(/^\d{4}-\d{2}$/),
  /** Studies whose first image came in this month, with all that they hold now. */
  studies: count,
  instances: count,
  storedBytes: count,
  /** Bytes that came in, also what was there already or was set aside. */
  receivedBytes: count,
  /** Bytes that went out: to the institution itself, to other institutions, to patients and whom they showed them. */
  sentBytes: z.strictObject({ own: count, elsewhere: count, patient: count }),
});

/** Answer of `GET /api/institution/images/figures`. Bytes are of original images; what is made of them is not counted. */
export const imageFiguresShape = z.strictObject({
  institution: z.string(),
  at: momentShape,
  kept: z.strictObject({
    studies: count,
    instances: count,
    bytes: count,
    /** Of these bytes, those in the far tier. */
    farBytes: count,
  }),
  /** Studies by the state of their proof; `waiting`: not looked at since their last image came. */
  proofs: z.strictObject({ sound: count, withFindings: count, waiting: count }),
  /** Newest first, thirteen at most; months without anything are left out. */
  months: z.array(monthFiguresShape),
});

/** What an institution's images take up and moved. */
export type ImageFigures = z.output<typeof imageFiguresShape>;

/** Answer of `GET /api/institution/studies/{id}/proof`. */
export const studyProofAnswerShape = z.strictObject({
  study: publicIdShape,
  /** `waiting`: images came since the last proof, or there was none yet. */
  state: z.enum(['sound', 'findings', 'waiting']),
  /** The last proof; null before the first. */
  proof: z
    .strictObject({
      id: publicIdShape,
      provedAt: momentShape,
      findings: count,
      /** JSON, exactly as it was signed. */
      document: z.string(),
      /** SHA-256 of the document. */
      digest: z.string().regex(/^[0-9a-f]{64}$/),
      /** Ed25519 over `huren-image-proof-1|` and the document, Base64. */
      signature: z.string(),
    })
    .nullable(),
});

/** The proof that a study's images were stored and could be opened. */
export type StudyProofAnswer = z.output<typeof studyProofAnswerShape>;
