import type { Fault } from '../../../kernel/fault.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { StatedRepresentation } from '../../../person/index.ts';
import type { DeskVisitView } from '../../../web/desk-pages.ts';
import type { AccessLogAnswer } from '../../../web/wire/access-log.ts';
import type { OwnRepeats, OwnRepresentation, OwnResults } from '../../../web/wire/own-data.ts';
import type { OwnNotification } from '../../../web/wire/own-notifications.ts';
import type { CallOrigin, StaffActor } from '../flows-port.ts';

/** What the desk saw before it began: who is there, and by which document they were known. */
export interface DeskVisitRequest {
  readonly person: PublicId;
  readonly present: DeskVisitView['present'];
  readonly document: DeskVisitView['document'];
}

/** What the desk shows of a visit, and the visit. */
export interface DuringVisit<Shown> {
  readonly visit: DeskVisitView;
  readonly shown: Shown;
}

/**
 * What the desk does with a patient who has no phone. All of it during a visit that begins with a look at a document and
 * ends by itself; whoever did not begin it finds none.
 */
export interface DeskFlows {
  open(actor: StaffActor, request: DeskVisitRequest, origin: CallOrigin): Promise<Result<PublicId, Fault>>;
  /** The visit, with what there is to tell the patient unasked: who has no phone hears it here. */
  visit(
    actor: StaffActor,
    visit: PublicId,
    origin: CallOrigin,
  ): Promise<DuringVisit<readonly OwnNotification[]>>;
  results(
    actor: StaffActor,
    visit: PublicId,
    restricted: 'shown' | undefined,
    origin: CallOrigin,
  ): Promise<DuringVisit<OwnResults>>;
  repeats(actor: StaffActor, visit: PublicId, origin: CallOrigin): Promise<DuringVisit<OwnRepeats>>;
  accessLog(actor: StaffActor, visit: PublicId, origin: CallOrigin): Promise<DuringVisit<AccessLogAnswer>>;
  /** Who acts for the patient. */
  representations(actor: StaffActor, visit: PublicId): Promise<DuringVisit<readonly OwnRepresentation[]>>;
  /** @returns first moment at which it no longer holds */
  recordRepresentation(
    actor: StaffActor,
    visit: PublicId,
    stated: StatedRepresentation & { readonly nationalId: string },
    origin: CallOrigin,
  ): Promise<Result<Instant, Fault>>;
  endRepresentation(
    actor: StaffActor,
    visit: PublicId,
    representation: PublicId,
    origin: CallOrigin,
  ): Promise<Result<void, Fault>>;
  close(actor: StaffActor, visit: PublicId): Promise<void>;
}
