import { linkIdentity, unlinkIdentity } from '../../adapters/postgres/account-identities.ts';
import { removeSecondFactor } from '../../adapters/postgres/second-factors.ts';
import { CODE_PERIOD_SECONDS, codeAt } from '../../adapters/second-factor/totp.ts';
import { raiser } from '../../kernel/fault.ts';
import { readConfiguration } from '../configuration.ts';
import { systemClock } from '../installation.ts';
import { readSignInSettings } from '../sign-in-settings.ts';
import { consoleAct } from './console-act.ts';
import { type CommandContext, EXIT, type ExitCode, withInstallation } from './command.ts';
import { readDemonstration } from './demonstration-file.ts';
import { CLI_FAULTS } from './faults.ts';

/** Usage of the verbs about how somebody signs in. */
export const SIGN_IN_USAGE =
  'code LOGIN | forget-second-factor LOGIN | link LOGIN --issuer CODE --subject SUBJECT | unlink LOGIN --issuer CODE';

/** Options of those verbs. */
export const SIGN_IN_OPTIONS = { issuer: { type: 'string' }, subject: { type: 'string' } } as const;

/** The verbs. */
export const SIGN_IN_VERBS = ['code', 'forget-second-factor', 'link', 'unlink'] as const;

/** One of `SIGN_IN_VERBS`. */
export type SignInVerb = (typeof SIGN_IN_VERBS)[number];

interface SignInValues {
  readonly issuer?: string | undefined;
  readonly subject?: string | undefined;
  readonly json?: boolean | undefined;
}

const raise = raiser(CLI_FAULTS);

/**
 * The code of the moment for a sign-in of the demonstration. Of real people the command line opens no secret: whoever could
 * read codes off the console could sign in as anybody.
 */
const tellCode = (login: string, values: SignInValues, context: CommandContext): ExitCode => {
  const kept = readDemonstration(readConfiguration(context.environment));
  const secret = kept?.region?.accounts.find((account) => account.login === login)?.secret;
  if (secret === undefined) throw raise('NOT_OF_DEMONSTRATION', { place: login });
  const now = systemClock();
  const code = codeAt(secret, now);
  const secondsLeft = CODE_PERIOD_SECONDS - (Math.floor(now / 1000) % CODE_PERIOD_SECONDS);
  context.out(
    values.json ? JSON.stringify({ login, code, secondsLeft, secret }) : `${code}　还有 ${secondsLeft} 秒`,
  );
  return EXIT.done;
};

/** Runs one of `SIGN_IN_VERBS` for an account. */
export const runAccountSignIn = (
  verb: SignInVerb,
  login: string,
  values: SignInValues,
  context: CommandContext,
): Promise<ExitCode> | ExitCode => {
  if (verb === 'code') return tellCode(login, values, context);
  return withInstallation(context, async (installation) => {
    const act = consoleAct(installation);
    const { database, configuration } = installation;
    if (verb === 'forget-second-factor') await removeSecondFactor(database, login, act);
    else {
      const { issuers } = readSignInSettings(configuration.signInFile);
      const issuer = issuers.find(({ code }) => code === values.issuer)?.issuer;
      if (issuer === undefined)
        throw raise('USAGE', { detail: `--issuer ${issuers.map(({ code }) => code).join('|')}` });
      const { subject } = values;
      if (verb === 'unlink') await unlinkIdentity(database, login, issuer, act);
      else if (subject === undefined) throw raise('USAGE', { detail: '--subject SUBJECT' });
      else await linkIdentity(database, login, { issuer, subject }, act);
    }
    context.out(values.json ? JSON.stringify({ login }) : `已完成：${login}`);
    return EXIT.done;
  });
};
