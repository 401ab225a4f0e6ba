import type { AccessPurpose } from '../../access/index.ts';
import type { Fault } from '../../kernel/fault.ts';
import type { Result } from '../../kernel/result.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { ClientPurpose, InstitutionCode, StaffRole } from '../../organisation/index.ts';
import type { SessionAnswer } from '../../web/wire/session.ts';
import type { CheckAnswers } from '../../web/wire/check-answers.ts';
import type {
  CheckResponseAnswer,
  CheckResponsesAnswer,
  Explanation,
  FulfilmentAnswer,
  MarkedChecksAnswer,
  OrderablesAnswer,
  OrderCheckAnswer,
  PersonSearchAnswer,
  PersonSummary,
  ReplayAnswer,
  ReportAnswer,
} from '../../web/wire/order-check-answer.ts';
import type {
  CheckResponseRequest,
  FulfilmentRequest,
  OrderCheckRequest,
  PersonSearchRequest,
} from '../../web/wire/order-check-request.ts';

/** A person signed in. */
export interface StaffActor {
  readonly kind: 'staff';
  /** `staff:` and the login: how decisions and audit rows name this actor. */
  readonly name: string;
  readonly login: string;
  readonly role: StaffRole;
  /** null for those who belong to no institution (regulator, operator). */
  readonly institution: InstitutionCode | null;
  /** 工号 inside the institution. */
  readonly staffNumber: string | null;
  readonly department: string | null;
  readonly displayName: string;
}

/** A system of an institution that calls with its own key, e.g. a HIS. */
export interface ClientActor {
  readonly kind: 'client';
  /** `client:` and the client's code. */
  readonly name: string;
  readonly code: string;
  readonly institution: InstitutionCode;
  readonly purposes: readonly ClientPurpose[];
}

/** A doctor without a session here whom a client's system let into the card of one order check, and into nothing else. */
export interface LaunchedActor {
  readonly kind: 'launched';
  /** `launched:`, the client's code, `/` and the staff number. */
  readonly name: string;
  /** Code of the client that vouches for the doctor. */
  readonly client: string;
  readonly institution: InstitutionCode;
  /** 工号, as the client states it. */
  readonly staffNumber: string;
  readonly department: string | null;
  /** The one check that may be read and answered. */
  readonly check: PublicId;
  /** Origins of the client whose pages may frame what this doctor sees. */
  readonly frameOrigins: readonly string[];
}

/**
 * A patient signed in: reads own data, and those of persons they are recorded to act for. Apart from `Actor`, so that no
 * flow of the hospital can be handed a patient.
 */
export interface PatientActor {
  readonly kind: 'patient';
  /** `patient:` and the person's public id: neither a name nor a number of the person. */
  readonly name: string;
  /** The person whose account it is. */
  readonly person: PublicId;
}

/** The person in whose name a SMART app acts. */
export type ApplicationUser =
  | {
      readonly kind: 'staff';
      readonly login: string;
      readonly role: StaffRole;
      readonly institution: InstitutionCode | null;
      /** 工号 inside the institution. */
      readonly staffNumber: string | null;
      readonly department: string | null;
    }
  | { readonly kind: 'patient'; readonly person: PublicId };

/**
 * A SMART app with an access token of the embedded issuer. Apart from `Actor`, so that only what was written for apps takes
 * one: a route must declare the scope it asks for, and no other lets an app in.
 */
export interface ApplicationActor {
  readonly kind: 'application';
  /** `application:` and the app's code; for one in a person's name also `/` and that person's name as an actor. */
  readonly name: string;
  /** The `client_id`. */
  readonly clientCode: string;
  /** For which institution it acts: that of its user, for a backend service its own; null for a patient's app. */
  readonly institution: InstitutionCode | null;
  /** As granted; `scopeLevelFor` of `src/access` says what they allow. */
  readonly scopes: readonly string[];
  /** The one patient the token is about; null for nobody in particular. */
  readonly patient: PublicId | null;
  /** null for a backend service. */
  readonly user: ApplicationUser | null;
}

/** Who is asking on behalf of an institution or the authority. Every request but the public ones has one, and only `actor.ts` makes it. */
export type Actor = StaffActor | ClientActor | LaunchedActor;

/** From where, in which request and for which purpose, for the audit row. */
export interface CallOrigin {
  readonly requestId: string;
  /** Address of the caller's end of the connection. */
  readonly peer: string;
  /** Of the grant that let the actor in (`src/access/policy.ts`); what everybody may call serves operations. */
  readonly purpose: AccessPurpose;
}

/** What a card is made of. */
export interface CardReading {
  readonly check: OrderCheckAnswer;
  /** null where the check is of nobody who is known. */
  readonly person: PersonSummary | null;
  /** What the page around the frame is told; null where no page of the client may stand there. */
  readonly answers: CheckAnswers | null;
  /** When the emergency access that the doctor has open to the patient ends; null while none is open. */
  readonly emergencyUntil: string | null;
}

/**
 * What the server calls to check orders and answer for them. A refusal that a caller can cause (unknown id, reason
 * missing, text too short) is a `Fault` handed back as a value; the server makes the same problem document out of it
 * as out of one that is thrown.
 */
export interface CheckFlows {
  /**
   * One order check with its durable decision.
   *
   * @param keepBeside told the answer of a check that is about to be kept; what it writes leaves ahead of the check in the
   *   same flight, and the answer waits for both
   */
  check(
    actor: Actor,
    request: OrderCheckRequest,
    origin: CallOrigin,
    keepBeside?: (answer: OrderCheckAnswer) => Promise<void>,
  ): Promise<Result<OrderCheckAnswer, Fault>>;
  /**
   * Makes the check of the actor's card once more, as it was ordered: more may be told by now. From then on the card shows
   * it; to the ordering system both are one.
   */
  checkAgain(actor: LaunchedActor, origin: CallOrigin): Promise<Result<void, Fault>>;
  read(actor: Actor, check: PublicId, origin: CallOrigin): Promise<Result<OrderCheckAnswer, Fault>>;
  /** The doctor's answer to one line. The same key again gives the same answer and writes nothing. */
  respond(
    actor: Actor,
    check: PublicId,
    request: CheckResponseRequest,
    idempotencyKey: string | null,
    origin: CallOrigin,
  ): Promise<Result<CheckResponseAnswer, Fault>>;
  /** What has been answered so far, without any result: for polling. */
  responses(actor: Actor, check: PublicId): Promise<Result<CheckResponsesAnswer, Fault>>;
  /** What was answered to one check so far, event by event: what a client is told or asks for. */
  answers(actor: Actor, check: PublicId, origin: CallOrigin): Promise<Result<CheckAnswers, Fault>>;
  /** What the card of the actor's check is made of. */
  readCard(actor: LaunchedActor, origin: CallOrigin): Promise<Result<CardReading, Fault>>;
  /**
   * What a check shows its actor of this report: the HR mark with its scope. null when it shows no result of it; only
   * where it does, its card opens the report.
   */
  shownReport(
    actor: Actor,
    check: PublicId,
    report: PublicId,
  ): Promise<{ readonly mark: string | null } | null>;
  explain(actor: Actor, check: PublicId, origin: CallOrigin): Promise<Result<Explanation, Fault>>;
  replay(actor: Actor, check: PublicId, origin: CallOrigin): Promise<Result<ReplayAnswer, Fault>>;
  fulfil(
    actor: Actor,
    check: PublicId,
    request: FulfilmentRequest,
    origin: CallOrigin,
  ): Promise<Result<FulfilmentAnswer, Fault>>;
  report(actor: Actor, report: PublicId, origin: CallOrigin): Promise<Result<ReportAnswer, Fault>>;
  /** One attachment of a report, by its place from 1 on. */
  attachment(
    actor: Actor,
    report: PublicId,
    n: number,
    origin: CallOrigin,
  ): Promise<Result<{ readonly mediaType: string; readonly bytes: Uint8Array }, Fault>>;
  searchPersons(
    actor: Actor,
    request: PersonSearchRequest,
    origin: CallOrigin,
  ): Promise<Result<PersonSearchAnswer, Fault>>;
  /** One person for the banner of the order page. */
  person(actor: Actor, person: PublicId, origin: CallOrigin): Promise<Result<PersonSummary, Fault>>;
  /** What the actor's institution can order. */
  orderables(actor: Actor): Promise<Result<OrderablesAnswer, Fault>>;
  /** Who is signed in, as a browser app's header says it; the form token is the caller's to add. */
  session(actor: StaffActor): Promise<Result<Omit<SessionAnswer, 'formToken'>, Fault>>;
  /** Recent decisions of this actor that relied on a report corrected or withdrawn since. */
  markedChecks(actor: Actor, origin: CallOrigin): Promise<Result<MarkedChecksAnswer, Fault>>;
}

export type {
  CheckAnswers,
  CheckResponseAnswer,
  CheckResponseRequest,
  Explanation,
  FulfilmentAnswer,
  FulfilmentRequest,
  MarkedChecksAnswer,
  OrderablesAnswer,
  OrderCheckAnswer,
  OrderCheckRequest,
  PersonSearchAnswer,
  PersonSearchRequest,
  PersonSummary,
  ReplayAnswer,
  ReportAnswer,
};
