import type { PasswordRules, PasswordWeakness } from '../../../access/index.ts';
import type { SignInRefusal } from '../../../adapters/postgres/accounts.ts';
import type { OwnSession } from '../../../adapters/postgres/accounts-sessions.ts';
import type { AllowedApplication } from '../../../adapters/postgres/allowed-applications.ts';
import type { Result } from '../../../kernel/result.ts';
import type { CallOrigin } from '../flows-port.ts';

/** Somebody at their own account: by the session they came with, so that no other account of theirs is meant. */
export interface OwnAccountCall {
  readonly sessionToken: string;
  /** What only this browser's forms carry. */
  readonly browser: string;
  readonly origin: CallOrigin;
}

/** What somebody sees of their own account. */
export interface OwnAccount {
  readonly login: string;
  readonly displayName: string;
  readonly hasSecondFactor: boolean;
  readonly passwordRules: PasswordRules;
  /** The last used first. */
  readonly sessions: readonly OwnSession[];
  readonly applications: readonly AllowedApplication[];
}

/** Why nothing was changed: what was shown as proof, or what the new password is. */
export type OwnAccountRefusal =
  | { readonly kind: 'proof'; readonly by: 'password' | 'code'; readonly refusal: SignInRefusal }
  | { readonly kind: 'weak'; readonly weakness: PasswordWeakness | 'not-repeated' }
  /** Begun too long ago, or in another session. */
  | { readonly kind: 'expired' };

/** A second factor that is being set up. */
export interface NewSecondFactor {
  readonly pending: string;
  /** In base 32, for whoever cannot scan. */
  readonly secret: string;
  /** The `otpauth:` address for the QR code. */
  readonly address: string;
}

/** 我的账户: what people do with their own account, without an administrator. */
export interface OwnAccountFlows {
  read(call: OwnAccountCall): Promise<OwnAccount>;
  /**
   * Takes a new password for the old one. Every session of the account ends.
   *
   * @returns what a new session is opened with
   */
  changePassword(
    entered: { readonly current: string; readonly password: string; readonly repeated: string },
    call: OwnAccountCall,
  ): Promise<Result<{ readonly accountId: string; readonly issuerCode: string | null }, OwnAccountRefusal>>;
  /** Begins to set a second factor up, for the password and, where there is one already, a code of it. */
  beginSecondFactor(
    entered: { readonly password: string; readonly code: string },
    call: OwnAccountCall,
  ): Promise<Result<NewSecondFactor, OwnAccountRefusal>>;
  /**
   * Puts it in the place of the old one, for its first code. Every other session ends.
   *
   * @returns the recovery codes, this once; or the same step again after a code that was not right
   */
  confirmSecondFactor(
    entered: { readonly pending: string; readonly code: string },
    call: OwnAccountCall,
  ): Promise<
    Result<
      { readonly codes: readonly string[] } | { readonly again: NewSecondFactor },
      Extract<OwnAccountRefusal, { kind: 'expired' }>
    >
  >;
  /** @returns false when there is no such session */
  endSession(handle: string, call: OwnAccountCall): Promise<boolean>;
  /** Takes back what an app was allowed. @returns false when it was allowed nothing */
  withdraw(application: string, call: OwnAccountCall): Promise<boolean>;
}
