import type { PasswordWeakness } from '../../../access/index.ts';
import {
  type Account,
  accountById,
  type AccountAct,
  actorNameOf,
  checkPassword,
  setAccountPassword,
} from '../../../adapters/postgres/accounts.ts';
import {
  accountOfSession,
  endOwnSession,
  sessionsOfAccount,
} from '../../../adapters/postgres/accounts-sessions.ts';
import { allowedApplications, withdrawApplication } from '../../../adapters/postgres/allowed-applications.ts';
import {
  endPendingSignIn,
  findPendingSignIn,
  keepNewSecret,
  openPendingSignIn,
} from '../../../adapters/postgres/pending-sign-ins.ts';
import { secondFactorSecret, setSecondFactor } from '../../../adapters/postgres/second-factors.ts';
import { enrolmentAddress, newSecret, periodOfCode } from '../../../adapters/second-factor/totp.ts';
import { Fault } from '../../../kernel/fault.ts';
import { fail, ok } from '../../../kernel/result.ts';
import { serverFault } from '../../server/problem.ts';
import type { OwnAccountCall, OwnAccountFlows } from '../../server/routes/own-account-port.ts';
import { refusalOfCode } from './refusal-of-code.ts';
import type { SignInDependencies } from './sign-in.ts';

/** Where the steps of a new second factor would lead on to, if they were those of a sign-in. */
const ACCOUNT_PATH = '/account';

interface Owner {
  readonly account: Account;
  readonly issuerCode: string | null;
  readonly act: AccountAct;
}

/** People at their own account: password, second factor, sessions, apps. */
export const ownAccountFlows = (dependencies: SignInDependencies): OwnAccountFlows => {
  const { database, keys, clock, newPublicId, rules } = dependencies;

  /** @throws SIGN_IN_REQUIRED where the session ended since the request came in */
  const ownerOf = async ({ sessionToken, origin }: OwnAccountCall): Promise<Owner> => {
    const held = await accountOfSession(database, sessionToken);
    const account = held && (await accountById(database, held.accountId));
    if (!held || !account) throw serverFault('SIGN_IN_REQUIRED');
    const act = { at: clock(), newId: newPublicId, by: actorNameOf(account), peer: origin.peer };
    return { account, issuerCode: held.issuerCode, act };
  };

  return {
    async read(call) {
      const { account, act } = await ownerOf(call);
      const { accountId, login, displayName } = account;
      const [secret, sessions, applications] = await Promise.all([
        secondFactorSecret(database, keys, accountId),
        sessionsOfAccount(database, accountId, call.sessionToken, act.at),
        allowedApplications(database, accountId, act.at),
      ]);
      return {
        login,
        displayName,
        hasSecondFactor: secret !== null,
        passwordRules: rules.password,
        sessions,
        applications,
      };
    },

    async changePassword({ current, password, repeated }, call) {
      const { account, issuerCode, act } = await ownerOf(call);
      if (password !== repeated) return fail({ kind: 'weak', weakness: 'not-repeated' });
      const checked = await checkPassword(database, account.login, current, act);
      if (!checked.ok) return fail({ kind: 'proof', by: 'password', refusal: checked.reason });
      try {
        const change = { password, isGiven: false, rules: rules.password };
        await setAccountPassword(database, account.login, change, act);
      } catch (error) {
        if (!(error instanceof Fault) || error.code !== 'PASSWORD_WEAK') throw error;
        return fail({ kind: 'weak', weakness: (error.detail ?? 'too-short') as PasswordWeakness });
      }
      return ok({ accountId: account.accountId, issuerCode });
    },

    async beginSecondFactor({ password, code }, call) {
      const { account, issuerCode, act } = await ownerOf(call);
      const checked = await checkPassword(database, account.login, password, act);
      if (!checked.ok) return fail({ kind: 'proof', by: 'password', refusal: checked.reason });
      const known = await secondFactorSecret(database, keys, account.accountId);
      if (known !== null) {
        const refusal = await refusalOfCode(dependencies, account, code, act);
        if (refusal) return fail({ kind: 'proof', by: 'code', refusal });
      }
      const secret = newSecret();
      const pending = await openPendingSignIn(
        database,
        {
          accountId: account.accountId,
          nextPath: ACCOUNT_PATH,
          issuerCode,
          secondFactorShown: known !== null,
        },
        call.browser,
        act.at,
      );
      await keepNewSecret(database, keys, pending, secret);
      return ok({ pending, secret, address: enrolmentAddress(secret, account.login) });
    },

    async confirmSecondFactor({ pending, code }, call) {
      const { account, act } = await ownerOf(call);
      const begun = await findPendingSignIn(database, keys, pending, call.browser, act.at);
      if (begun?.accountId !== account.accountId || begun.newSecret === null)
        return fail({ kind: 'expired' });
      const secret = begun.newSecret;
      const period = periodOfCode(secret, code.replace(/\s/g, ''), act.at);
      if (period === null)
        return ok({ again: { pending, secret, address: enrolmentAddress(secret, account.login) } });
      if (!(await endPendingSignIn(database, pending))) return fail({ kind: 'expired' });
      const factor = { secret, lastPeriod: period, keepSession: call.sessionToken };
      return ok({ codes: await setSecondFactor(database, keys, account, factor, act) });
    },

    async endSession(handle, call) {
      const { account, act } = await ownerOf(call);
      return endOwnSession(database, account, handle, act);
    },

    async withdraw(application, call) {
      const { account, act } = await ownerOf(call);
      return withdrawApplication(database, account, application, act);
    },
  };
};
