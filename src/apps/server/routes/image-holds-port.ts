import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { ImageHoldCase, ImageHoldDecision, ImageHoldList } from '../../../web/wire/image-hold.ts';
import type { Actor, CallOrigin } from '../flows-port.ts';

/** Cases of images that are kept and not shown (影像核对单), before the institution that sent them. */
export interface ImageHolds {
  list(actor: Actor): Promise<Result<ImageHoldList, Fault>>;
  /** One case. That it was opened is on record before it is shown. @returns IMAGE_HOLD_UNKNOWN */
  open(actor: Actor, id: PublicId, origin: CallOrigin): Promise<Result<ImageHoldCase, Fault>>;
  /** @returns IMAGE_HOLD_UNKNOWN, IMAGE_HOLD_MOVED_ON, IMAGE_HOLD_NOTE_MISSING, IMAGE_HOLD_IMPOSSIBLE */
  answer(
    actor: Actor,
    id: PublicId,
    decision: ImageHoldDecision,
    origin: CallOrigin,
  ): Promise<Result<ImageHoldCase, Fault>>;
}
