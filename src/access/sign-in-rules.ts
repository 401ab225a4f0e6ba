import type { AccountRole } from '../organisation/index.ts';
import { STAFF_ROLES } from '../organisation/index.ts';

/** What a password must be (GB/T 22239-2019 §8.1.4.1: complexity, and changed at intervals). */
export interface PasswordRules {
  readonly charactersMin: number;
  /** How many of the four kinds it must have: small letters, capitals, digits, others. */
  readonly kindsMin: number;
  /** How many of the last passwords must not come again. */
  readonly history: number;
  /** After how many days it must be changed; null for never. */
  readonly lifeDays: number | null;
  /** True where a password that somebody else made must be changed at the first sign-in. */
  readonly changeFirst: boolean;
}

/** How people sign in to the accounts of this installation. */
export interface SignInRules {
  /** Roles that do not get in with a password alone. Others may set a second factor up, and then need it too. */
  readonly secondFactorRoles: readonly AccountRole[];
  readonly password: PasswordRules;
}

/**
 * The rules where an installation says nothing else. GB/T 22239 names no numbers; ten characters of three kinds, five
 * passwords remembered and ninety days are what assessors commonly ask for at level 3.
 */
export const DEFAULT_SIGN_IN_RULES: SignInRules = {
  secondFactorRoles: STAFF_ROLES,
  password: { charactersMin: 10, kindsMin: 3, history: 5, lifeDays: 90, changeFirst: true },
};

/** What is known of somebody whose password was right. */
export interface SignInFacts {
  readonly role: AccountRole;
  readonly hasSecondFactor: boolean;
  /** True when a code was shown, or the issuer that vouches for the person is trusted with the second factor. */
  readonly secondFactorShown: boolean;
  /** False where another issuer vouches for the person: its passwords are its own business. */
  readonly byPassword: boolean;
  /** Set by somebody else, not by the person. */
  readonly passwordIsGiven: boolean;
  readonly passwordAgeDays: number;
}

/** What stands between a right password and a session. */
export type SignInStep = 'code' | 'enrol' | 'change-password' | 'done';

/**
 * The next step of a sign-in. The second factor comes before a new password: whoever has only the password must not be
 * able to change it.
 */
export const nextSignInStep = (
  { secondFactorRoles, password }: SignInRules,
  facts: SignInFacts,
): SignInStep => {
  if (!facts.secondFactorShown) {
    if (facts.hasSecondFactor) return 'code';
    if (secondFactorRoles.includes(facts.role)) return 'enrol';
  }
  if (!facts.byPassword) return 'done';
  if (password.changeFirst && facts.passwordIsGiven) return 'change-password';
  return password.lifeDays !== null && facts.passwordAgeDays >= password.lifeDays
    ? 'change-password'
    : 'done';
};

/** Longest password accepted: beyond this the work of hashing would be the caller's weapon. */
const PASSWORD_CHARACTERS_MAX = 200;

/** Why a password is refused. `used` is found by comparing with the passwords before. */
export type PasswordWeakness = 'too-short' | 'too-long' | 'contains-login' | 'too-uniform' | 'used';

/** Whether a password keeps the rules that can be told by looking at it; undefined when it does. */
export const passwordWeakness = (
  password: string,
  login: string,
  { charactersMin, kindsMin }: PasswordRules = DEFAULT_SIGN_IN_RULES.password,
): PasswordWeakness | undefined => {
  const characters = [...password];
  if (characters.length < charactersMin) return 'too-short';
  if (characters.length > PASSWORD_CHARACTERS_MAX) return 'too-long';
  if (password.toLowerCase().includes(login.toLowerCase())) return 'contains-login';
  const kinds = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{Ll}\p{Lu}\p{Nd}]/u].filter((kind) =>
    kind.test(password),
  );
  if (kinds.length < kindsMin || new Set(characters).size < 5) return 'too-uniform';
  return undefined;
};
