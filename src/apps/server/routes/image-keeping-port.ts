import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { ImageFigures, StudyProofAnswer } from '../../../web/wire/image-keeping.ts';
import type { Actor, CallOrigin } from '../flows-port.ts';

/** How an institution's images are kept: what they take up and moved, and the proof of each study. */
export interface ImageKeeping {
  figures(actor: Actor): Promise<Result<ImageFigures, Fault>>;
  /** @returns STUDY_UNKNOWN, also for another institution's */
  proof(actor: Actor, study: PublicId, origin: CallOrigin): Promise<Result<StudyProofAnswer, Fault>>;
}
