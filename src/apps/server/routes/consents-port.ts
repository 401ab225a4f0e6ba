import type { Fault } from '../../../kernel/fault.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type {
  ConsentActAnswer,
  ConsentOverview,
  ConsentRequest,
  OwnConsentRequest,
  RecordedConsent,
} from '../../../web/wire/consent.ts';
import type { Actor, CallOrigin, LaunchedActor, PatientActor } from '../flows-port.ts';
import type { Photo } from '../photo.ts';

/** Whom a code on a screen or paper lets in: the patient or who acts for him, to the consent of this one person. */
export interface ConsentInvitation {
  readonly person: PublicId;
  readonly expiresAt: Instant;
  /** Name of the institution that showed the code. */
  readonly institutionZh: string;
}

/** What the server calls about the consent of patients. */
export interface ConsentFlows {
  /** An act of a patient, recorded by the staff or the system of an institution. The same key again writes nothing. */
  record(
    actor: Actor,
    person: PublicId,
    request: ConsentRequest,
    idempotencyKey: string | null,
    origin: CallOrigin,
  ): Promise<Result<RecordedConsent, Fault>>;
  /** Consent by word of mouth, recorded on the card by the doctor who was let into it: of the patient of that check. */
  recordOnCard(
    actor: LaunchedActor,
    request: Pick<ConsentRequest, 'relation'>,
    idempotencyKey: string | null,
    origin: CallOrigin,
  ): Promise<Result<RecordedConsent, Fault>>;
  overview(actor: Actor, person: PublicId, origin: CallOrigin): Promise<Result<ConsentOverview, Fault>>;
  /** One act by its id, for the institution that recorded it or treats the patient. */
  read(
    actor: Actor,
    act: PublicId,
    origin: CallOrigin,
  ): Promise<Result<ConsentActAnswer & { readonly person: PublicId }, Fault>>;
  /** The scan of a signed paper, for the institution that recorded it. */
  scan(actor: Actor, act: PublicId, origin: CallOrigin): Promise<Result<Photo, Fault>>;
  /** An act of the patient signed in, for himself or for a person he acts for. */
  recordOwn(
    actor: PatientActor,
    request: OwnConsentRequest,
    idempotencyKey: string | null,
    origin: CallOrigin,
  ): Promise<Result<RecordedConsent, Fault>>;
  ownOverview(
    actor: PatientActor,
    person: PublicId | null,
    origin: CallOrigin,
  ): Promise<Result<ConsentOverview, Fault>>;
}
