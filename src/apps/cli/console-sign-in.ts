import { randomUUID } from 'node:crypto';
import { type Account, accountById } from '../../adapters/postgres/accounts.ts';
import { raiser } from '../../kernel/fault.ts';
import { signInFlows } from '../flows/sign-in/sign-in.ts';
import type { Installation } from '../installation.ts';
import { readSignInSettings } from '../sign-in-settings.ts';
import { CLI_FAULTS } from './faults.ts';
import { secretOfFile } from './secret-file.ts';

/** Options by which somebody at the terminal says who they are. */
export const SIGN_IN_AS_OPTIONS = {
  as: { type: 'string' },
  'password-file': { type: 'string' },
  code: { type: 'string' },
} as const;

/** How these options are written. */
export const SIGN_IN_AS_USAGE = '--as LOGIN --password-file FILE [--code CODE]';

type Options = { readonly [Name in keyof typeof SIGN_IN_AS_OPTIONS]?: string | undefined };

const raise = raiser(CLI_FAULTS);

/**
 * Signs somebody in for one command, by the rules of every sign-in: password, second factor, lock after wrong ones, a line in
 * the log. Whoever has the terminal is not thereby anybody.
 *
 * @throws USAGE NOT_SIGNED_IN FILE_UNREADABLE
 */
export const signInAtConsole = async (installation: Installation, options: Options): Promise<Account> => {
  const { as: login, 'password-file': passwordFile, code = null } = options;
  if (login === undefined || passwordFile === undefined) throw raise('USAGE', { detail: SIGN_IN_AS_USAGE });
  const { rules } = readSignInSettings(installation.configuration.signInFile);
  const outcome = await signInFlows({ ...installation, rules }).begin(
    { login, password: secretOfFile(passwordFile), code },
    '/',
    {
      browser: randomUUID(),
      origin: { requestId: installation.newPublicId(), peer: 'local', purpose: 'operations' },
    },
  );
  const account =
    outcome.kind === 'in' ? await accountById(installation.database, outcome.accountId) : undefined;
  if (!account)
    throw raise('NOT_SIGNED_IN', {
      detail: outcome.kind === 'refused' ? outcome.refusal.reason : outcome.kind,
    });
  return account;
};
