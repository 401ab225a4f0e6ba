import type { Fault } from '../../../kernel/fault.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { ImagesAnswer, PersonSummary } from '../../../web/wire/order-check-answer.ts';
import type {
  OwnAccount,
  OwnRepeats,
  OwnReport,
  OwnResults,
  OwnShare,
  OwnShares,
  ShareMade,
  ShareRequest,
} from '../../../web/wire/own-data.ts';
import type { OwnNotifications } from '../../../web/wire/own-notifications.ts';
import type { CallOrigin, PatientActor } from '../flows-port.ts';

/** For whom a patient asks (absent: for themselves), and whether results of restricted classes were asked for. */
export interface OwnQuestion {
  readonly person?: PublicId | undefined;
  readonly restricted?: 'shown' | undefined;
}

/** A report that its patient shows. */
export interface SharedReport {
  readonly kind: 'report';
  readonly report: OwnReport;
}

/** The images of one study that its patient shows. Whether a report has come since is not said: it is not shown. */
export interface SharedStudy {
  readonly kind: 'study';
  readonly titleZh: string;
  readonly institutionZh: string;
  /** On the institution's own clock, `2026-11-18 09:15`; null where headers state none. */
  readonly studiedAt: string | null;
  readonly images: ImagesAnswer;
}

/** What its patient let somebody open. */
export interface Shared {
  readonly shows: SharedReport | SharedStudy;
  readonly person: PersonSummary | null;
  readonly masked: boolean;
  readonly drill: boolean;
  readonly at: Instant;
  /** How often it may still be opened. */
  readonly left: number;
  readonly expiresAt: Instant;
}

/** What a code would open, looked at from outside. */
export interface LookedAtShare {
  readonly state: OwnShare['state'] | 'unknown';
  readonly shows: Shared['shows']['kind'];
}

/** A patient's own data, and those of persons the patient acts for. Others' are answered as if they did not exist. */
export interface OwnDataFlows {
  account(actor: PatientActor): Promise<Result<Omit<OwnAccount, 'formToken'>, Fault>>;
  results(actor: PatientActor, question: OwnQuestion, origin: CallOrigin): Promise<Result<OwnResults, Fault>>;
  report(
    actor: PatientActor,
    report: PublicId,
    question: OwnQuestion,
    origin: CallOrigin,
  ): Promise<Result<OwnReport, Fault>>;
  /** One attachment of a report, by its place from 1 on. */
  attachment(
    actor: PatientActor,
    wanted: { readonly report: PublicId; readonly n: number },
    question: OwnQuestion,
    origin: CallOrigin,
  ): Promise<Result<{ readonly mediaType: string; readonly bytes: Uint8Array }, Fault>>;
  /** Why something was done again. */
  repeats(actor: PatientActor, question: OwnQuestion, origin: CallOrigin): Promise<Result<OwnRepeats, Fault>>;
  /** What the patient was told without having asked: emergency accesses, and what was found about them. */
  notifications(
    actor: PatientActor,
    question: OwnQuestion,
    origin: CallOrigin,
  ): Promise<Result<OwnNotifications, Fault>>;
  /** Keeps that one was opened; again changes nothing. */
  openNotification(
    actor: PatientActor,
    notification: PublicId,
    question: OwnQuestion,
    origin: CallOrigin,
  ): Promise<Result<void, Fault>>;
  endRepresentation(
    actor: PatientActor,
    representation: PublicId,
    origin: CallOrigin,
  ): Promise<Result<void, Fault>>;
  share(actor: PatientActor, request: ShareRequest, origin: CallOrigin): Promise<Result<ShareMade, Fault>>;
  shares(actor: PatientActor, question: OwnQuestion): Promise<Result<OwnShares, Fault>>;
  revokeShare(
    actor: PatientActor,
    share: PublicId,
    question: OwnQuestion,
    origin: CallOrigin,
  ): Promise<Result<void, Fault>>;
  /** Whether a code would still open something; opens nothing. */
  lookAtShare(token: string): Promise<LookedAtShare>;
  /**
   * Opens what is shared; null where the code opens nothing (any more).
   *
   * @param opener as whoever opens it says, unchecked; kept for the patient
   */
  openShare(
    token: string,
    opener: { readonly name: string | null; readonly place: string | null },
    origin: CallOrigin,
  ): Promise<Shared | null>;
}
