import { nextSignInStep, type PasswordWeakness, type SignInRules } from '../../../access/index.ts';
import type { KeyRing } from '../../../adapters/keys/key-ring.ts';
import {
  type Account,
  accountById,
  type AccountAct,
  actorNameOf,
  checkPassword,
  completeSignIn,
  setAccountPassword,
} from '../../../adapters/postgres/accounts.ts';
import type { Database } from '../../../adapters/postgres/database.ts';
import {
  endPendingSignIn,
  findPendingSignIn,
  keepNewSecret,
  markSecondFactorShown,
  openPendingSignIn,
  type PendingSignIn,
} from '../../../adapters/postgres/pending-sign-ins.ts';
import { secondFactorSecret, setSecondFactor } from '../../../adapters/postgres/second-factors.ts';
import { enrolmentAddress, newSecret, periodOfCode } from '../../../adapters/second-factor/totp.ts';
import { Fault } from '../../../kernel/fault.ts';
import { type Clock, DAY_MS } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { SignInCall, SignInFlows, SignInOutcome } from '../../server/routes/sign-in-port.ts';
import { refusalOfCode } from './refusal-of-code.ts';

/** What the sign-in works with. */
export interface SignInDependencies {
  readonly database: Database;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly newPublicId: () => PublicId;
  readonly rules: SignInRules;
}

const EXPIRED: SignInOutcome = { kind: 'expired' };

/** A pending sign-in with the account it is for. */
interface Waiting {
  readonly token: string;
  readonly pending: PendingSignIn;
  readonly account: Account;
}

/**
 * Sign-in step by step: password, second factor, a new password where one is due (`nextSignInStep`). What was reached lies
 * in the database, so any process may take the next step; nothing of it opens anything before the last.
 */
export const signInFlows = (dependencies: SignInDependencies): SignInFlows => {
  const { database, keys, clock, newPublicId, rules } = dependencies;

  const actOf = ({ origin }: SignInCall, by = 'stranger'): AccountAct => ({
    at: clock(),
    newId: newPublicId,
    by,
    peer: origin.peer,
  });

  const stepOf = (account: Account, pending: Omit<PendingSignIn, 'newSecret'>, hasSecondFactor: boolean) =>
    nextSignInStep(rules, {
      role: account.role,
      hasSecondFactor,
      secondFactorShown: pending.secondFactorShown,
      byPassword: pending.issuerCode === null,
      passwordIsGiven: account.passwordIsGiven,
      passwordAgeDays: (clock() - account.passwordSetAt) / DAY_MS,
    });

  const enter = async (
    account: Account,
    { nextPath, issuerCode }: Omit<PendingSignIn, 'newSecret'>,
    call: SignInCall,
  ): Promise<SignInOutcome> => {
    await completeSignIn(database, account, actOf(call));
    return { kind: 'in', accountId: account.accountId, nextPath, issuerCode };
  };

  /** What the page of the next step shows; whoever has taken all steps gets in. */
  const advance = async ({ token, pending, account }: Waiting, call: SignInCall): Promise<SignInOutcome> => {
    const known = await secondFactorSecret(database, keys, account.accountId);
    switch (stepOf(account, pending, known !== null)) {
      case 'code':
        return { kind: 'code', pending: token, wrong: false };
      case 'enrol': {
        const secret = pending.newSecret ?? newSecret();
        if (pending.newSecret === null) await keepNewSecret(database, keys, token, secret);
        const address = enrolmentAddress(secret, account.login);
        return { kind: 'enrol', pending: token, secret, address, wrong: false };
      }
      case 'change-password':
        return { kind: 'change-password', pending: token, rules: rules.password, weakness: null };
      case 'done':
        return (await endPendingSignIn(database, token)) ? enter(account, pending, call) : EXPIRED;
    }
  };

  /** Begins the steps, or lets in whoever has none to take. */
  const start = async (
    account: Account,
    pending: Omit<PendingSignIn, 'newSecret'>,
    call: SignInCall,
  ): Promise<SignInOutcome> => {
    const known = await secondFactorSecret(database, keys, account.accountId);
    if (stepOf(account, pending, known !== null) === 'done') return enter(account, pending, call);
    const token = await openPendingSignIn(database, pending, call.browser, clock());
    return advance({ token, pending: { ...pending, newSecret: null }, account }, call);
  };

  const waitingOf = async (token: string, { browser }: SignInCall): Promise<Waiting | undefined> => {
    const pending = await findPendingSignIn(database, keys, token, browser, clock());
    const account = pending && (await accountById(database, pending.accountId));
    return account && account.disabledAt === null ? { token, pending, account } : undefined;
  };

  return {
    async begin({ login, password, code }, nextPath, call) {
      const checked = await checkPassword(database, login.toLowerCase(), password, actOf(call));
      if (!checked.ok) return { kind: 'refused', refusal: checked.reason };
      const account = checked.value;
      const first = {
        accountId: account.accountId,
        nextPath,
        issuerCode: null,
        secondFactorShown: false,
      };
      const known = code === null ? null : await secondFactorSecret(database, keys, account.accountId);
      if (code === null || known === null) return start(account, first, call);
      const refusal = await refusalOfCode(dependencies, account, code, actOf(call));
      return refusal
        ? { kind: 'refused', refusal }
        : start(account, { ...first, secondFactorShown: true }, call);
    },

    async admit({ accountId, issuerCode, secondFactorShown }, nextPath, call) {
      const account = await accountById(database, accountId);
      if (!account || account.disabledAt !== null)
        return { kind: 'refused', refusal: { reason: 'disabled' } };
      return start(account, { accountId, nextPath, issuerCode, secondFactorShown }, call);
    },

    async showCode(token, code, call) {
      const waiting = await waitingOf(token, call);
      if (!waiting) return EXPIRED;
      const refusal = await refusalOfCode(dependencies, waiting.account, code, actOf(call));
      if (refusal?.reason === 'locked') return { kind: 'refused', refusal };
      if (refusal) return { kind: 'code', pending: token, wrong: true };
      await markSecondFactorShown(database, token);
      const pending = { ...waiting.pending, secondFactorShown: true };
      return advance({ ...waiting, pending }, call);
    },

    async confirmEnrolment(token, code, call) {
      const waiting = await waitingOf(token, call);
      const secret = waiting?.pending.newSecret ?? null;
      if (!waiting || secret === null) return EXPIRED;
      const { account } = waiting;
      // Meanwhile set up in another window: that one counts, and its code is asked for.
      if ((await secondFactorSecret(database, keys, account.accountId)) !== null)
        return advance(waiting, call);
      const period = periodOfCode(secret, code.replace(/\s/g, ''), clock());
      if (period === null)
        return {
          kind: 'enrol',
          pending: token,
          secret,
          address: enrolmentAddress(secret, account.login),
          wrong: true,
        };
      const factor = { secret, lastPeriod: period };
      const act = actOf(call, actorNameOf(account));
      const codes = await setSecondFactor(database, keys, account, factor, act);
      await markSecondFactorShown(database, token);
      return { kind: 'recovery-codes', pending: token, codes };
    },

    async proceed(token, call) {
      const waiting = await waitingOf(token, call);
      return waiting ? advance(waiting, call) : EXPIRED;
    },

    async changePassword(token, { password, repeated }, call) {
      const waiting = await waitingOf(token, call);
      if (!waiting) return EXPIRED;
      const { account } = waiting;
      const again = (weakness: PasswordWeakness | 'not-repeated'): SignInOutcome => ({
        kind: 'change-password',
        pending: token,
        rules: rules.password,
        weakness,
      });
      const step = await advance(waiting, call);
      if (step.kind !== 'change-password') return step;
      if (password !== repeated) return again('not-repeated');
      try {
        const act = actOf(call, actorNameOf(account));
        const change = { password, isGiven: false, rules: rules.password };
        await setAccountPassword(database, account.login, change, act);
      } catch (error) {
        if (error instanceof Fault && error.code === 'PASSWORD_WEAK')
          return again((error.detail ?? 'too-short') as PasswordWeakness);
        throw error;
      }
      const changed = await accountById(database, account.accountId);
      return changed ? advance({ ...waiting, account: changed }, call) : EXPIRED;
    },
  };
};
