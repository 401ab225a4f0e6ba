import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PasswordRules, PasswordWeakness } from '../../../access/index.ts';
import type { SignInRefusal } from '../../../adapters/postgres/accounts.ts';
import type { CallOrigin } from '../flows-port.ts';

/** Where a step of a sign-in comes from. */
export interface SignInCall {
  /** What only this browser's forms carry. */
  readonly browser: string;
  readonly origin: CallOrigin;
}

/**
 * How far a sign-in has come. `pending` is the token that the page carries on to the next step.
 * - refused: as at the start, with the reason.
 * - expired: the steps took too long, or were begun in another browser.
 * - code: a code of the second factor is asked for; `wrong` after one that was not right.
 * - enrol: a second factor is to be set up.
 * - recovery-codes: it was; the codes are shown this once.
 * - change-password: the password is to be changed; `weakness` after one that will not do.
 * - in: a session may begin.
 */
export type SignInOutcome =
  | { readonly kind: 'refused'; readonly refusal: SignInRefusal }
  | { readonly kind: 'expired' }
  | { readonly kind: 'code'; readonly pending: string; readonly wrong: boolean }
  | {
      readonly kind: 'enrol';
      readonly pending: string;
      /** In base 32, for whoever cannot scan. */
      readonly secret: string;
      /** The `otpauth:` address for the QR code. */
      readonly address: string;
      readonly wrong: boolean;
    }
  | { readonly kind: 'recovery-codes'; readonly pending: string; readonly codes: readonly string[] }
  | {
      readonly kind: 'change-password';
      readonly pending: string;
      readonly rules: PasswordRules;
      readonly weakness: PasswordWeakness | 'not-repeated' | null;
    }
  | {
      readonly kind: 'in';
      readonly accountId: string;
      readonly nextPath: string;
      readonly issuerCode: string | null;
    };

/** Who another issuer vouches for. */
export interface VouchedPerson {
  readonly accountId: string;
  readonly issuerCode: string;
  /** True where that issuer is trusted with the second factor. */
  readonly secondFactorShown: boolean;
}

/** What the sign-in pages call. */
export interface SignInFlows {
  /** @param code of the second factor, where the caller has it at hand; pages ask for it afterwards */
  begin(
    entered: { readonly login: string; readonly password: string; readonly code: string | null },
    nextPath: string,
    call: SignInCall,
  ): Promise<SignInOutcome>;
  /** Goes on with somebody for whom another issuer vouches. */
  admit(person: VouchedPerson, nextPath: string, call: SignInCall): Promise<SignInOutcome>;
  showCode(pending: string, code: string, call: SignInCall): Promise<SignInOutcome>;
  confirmEnrolment(pending: string, code: string, call: SignInCall): Promise<SignInOutcome>;
  /** Goes on after the recovery codes. */
  proceed(pending: string, call: SignInCall): Promise<SignInOutcome>;
  changePassword(
    pending: string,
    entered: { readonly password: string; readonly repeated: string },
    call: SignInCall,
  ): Promise<SignInOutcome>;
}

/** Signing in by another issuer. */
export interface OutsideSignIn {
  /** @returns where to send the browser, or ISSUER_UNKNOWN @throws ISSUER_UNREACHABLE */
  begin(code: string, nextPath: string, call: SignInCall): Promise<Result<string, Fault>>;
  /**
   * Goes on with what the browser brought back.
   *
   * @returns ISSUER_UNKNOWN, ISSUER_ANSWER_REFUSED, ISSUER_STRANGER as faults
   * @throws ISSUER_UNREACHABLE
   */
  finish(code: string, answer: URLSearchParams, call: SignInCall): Promise<Result<SignInOutcome, Fault>>;
  /** Where to sign out there too; null where there is no such place. */
  leave(code: string): Promise<string | null>;
}
