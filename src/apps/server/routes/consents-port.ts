import type { ConsentRelation } from '../../../consent/index.ts';
import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type {
  ConsentActAnswer,
  ConsentOverview,
  ConsentRequest,
  OwnConsentRequest,
  RecordedConsent,
} from '../../../web/wire/consent.ts';
import type { CodedRequestAnswer, TypedCode, TypedDecision } from '../../../web/wire/consent-code.ts';
import type { Actor, CallOrigin, PatientActor } from '../flows-port.ts';
import type { Photo } from '../photo.ts';

/** A code that was shown to a patient. */
export interface ConsentCode {
  readonly url: string;
  /** The address as one path over a square of so many modules. */
  readonly qr: { readonly size: number; readonly path: string };
  readonly expiresAt: string;
  /** For whoever cannot scan: digits to be typed on the patient's own page, for one account and one decision. */
  readonly typed: {
    readonly digits: string;
    /** Address of the page where they are typed. */
    readonly at: string;
    readonly expiresAt: string;
  };
}

/** What whoever holds a code may see and decide. */
export interface InvitedConsent {
  readonly token: string;
  readonly institutionZh: string;
  /** First character of the patient's name, so that the wrong phone is noticed. */
  readonly personZh: string;
  readonly expiresAt: string;
  readonly drill: boolean;
  readonly overview: ConsentOverview;
}

/** An act by a code, as the phone's form states it. */
export interface InvitedAct {
  readonly kind: 'consented' | 'denied' | 'withdrawn';
  readonly relation: ConsentRelation;
  readonly representative: string | null;
  /** The institution that showed the code, for this visit or until taken back; or every one that treats the patient. */
  readonly scope: 'visit' | 'own-institution' | 'all';
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
  /** Consent by word of mouth at an order check, recorded by whoever may read it: of the patient of that check. */
  recordOnCheck(
    actor: Actor,
    check: PublicId,
    request: Pick<ConsentRequest, 'relation'>,
    idempotencyKey: string | null,
    origin: CallOrigin,
  ): Promise<Result<RecordedConsent, Fault>>;
  /** Every hospital whose results a patient could hide: those of the lists, whoever the patient is. */
  hospitals(): Promise<readonly { readonly code: string; readonly nameZh: string }[]>;
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
  /** A code by which the patient, or who acts for him, decides on a phone. */
  invite(actor: Actor, person: PublicId, origin: CallOrigin): Promise<Result<ConsentCode, Fault>>;
  /** What a code opens; null for one that opens nothing (any more). */
  invited(token: string, origin: CallOrigin): Promise<InvitedConsent | null>;
  /** CONSENT_INVITATION_INVALID for a code that opens nothing (any more). */
  recordInvited(
    token: string,
    act: InvitedAct,
    idempotencyKey: string,
    origin: CallOrigin,
  ): Promise<Result<RecordedConsent, Fault>>;
  /**
   * The request for which typed digits stand, to the patient signed in: CONSENT_CODE_INVALID, or
   * CONSENT_CODE_TRIES_EXCEEDED after too many wrong ones of the account or from the address.
   */
  openTyped(
    actor: PatientActor,
    typed: TypedCode,
    origin: CallOrigin,
  ): Promise<Result<CodedRequestAnswer, Fault>>;
  /** The one decision that typed digits are good for; refused as `openTyped` is. */
  recordTyped(
    actor: PatientActor,
    decision: TypedDecision,
    idempotencyKey: string | null,
    origin: CallOrigin,
  ): Promise<Result<RecordedConsent, Fault>>;
  ownOverview(
    actor: PatientActor,
    person: PublicId | null,
    origin: CallOrigin,
  ): Promise<Result<ConsentOverview, Fault>>;
}
