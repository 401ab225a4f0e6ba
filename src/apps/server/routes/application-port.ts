import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { PersonSummary } from '../../../web/wire/order-check-answer.ts';
import type { Actor, CallOrigin, PatientActor, StaffActor } from '../flows-port.ts';

/** What a person is asked when an app wants to act in their name. */
export interface ApplicationRequest {
  readonly uid: string;
  readonly application: { readonly name: string; readonly institution: string | null };
  /** What can be granted to this person, of what was asked for. */
  readonly scopes: readonly string[];
  /**
   * Whom the app is to see: `own`: the patient who is asked; `launched`: the patient for whom a hospital's system launched
   * the app; `chosen`: the doctor has yet to say; `none`: nobody in particular.
   */
  readonly patient: 'own' | 'launched' | 'chosen' | 'none';
  /** The launched patient, for the doctor to recognise. */
  readonly person: PersonSummary | null;
  /** Where the app goes on: the page's form leads there. */
  readonly formTargets: readonly string[];
}

/** A launch that a hospital's system made. */
export interface MadeLaunch {
  readonly launch: string;
  /** Where to send the doctor's browser. */
  readonly address: string;
}

/** What the pages and routes of apps call. */
export interface ApplicationFlows {
  /** @returns APPLICATION_REQUEST_OVER, APPLICATION_LAUNCH_INVALID, NOT_PERMITTED as faults */
  ask(
    actor: StaffActor | PatientActor,
    uid: string,
    origin: CallOrigin,
  ): Promise<Result<ApplicationRequest, Fault>>;
  /**
   * Grants what was asked.
   *
   * @param chosen the patient whom the doctor chose
   * @returns where the browser goes on
   */
  approve(
    actor: StaffActor | PatientActor,
    uid: string,
    chosen: PublicId | null,
    origin: CallOrigin,
  ): Promise<Result<string, Fault>>;
  deny(actor: StaffActor | PatientActor, uid: string, origin: CallOrigin): Promise<Result<string, Fault>>;
  /** Makes a launch of an app for one doctor and one patient. */
  launch(
    actor: Actor,
    wanted: { readonly application: string; readonly staffNumber: string; readonly person: PublicId },
    origin: CallOrigin,
  ): Promise<Result<MadeLaunch, Fault>>;
}
