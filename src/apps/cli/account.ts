import { randomInt } from 'node:crypto';
import {
  createAccount,
  listAccounts,
  setAccountDisabled,
  setAccountPassword,
} from '../../adapters/postgres/accounts.ts';
import { setAccountIdentity } from '../../adapters/postgres/accounts-identity.ts';
import { raiser } from '../../kernel/fault.ts';
import { isoInstant } from '../../kernel/instant.ts';
import { type InstitutionCode, STAFF_ROLES, type StaffRole } from '../../organisation/index.ts';
import { consoleAct } from './console-act.ts';
import { runAccountSignIn, SIGN_IN_OPTIONS, SIGN_IN_USAGE, SIGN_IN_VERBS } from './account-sign-in.ts';
import { type Command, type CommandContext, EXIT, parseArguments, withInstallation } from './command.ts';
import { CLI_FAULTS } from './faults.ts';
import { secretOfFile } from './secret-file.ts';

const USAGE = `account list | add LOGIN --role ROLE --name NAME [--institution CODE] [--staff-number N] [--department D] [--password-file FILE] | lock|unlock LOGIN | password LOGIN [--password-file FILE] | identity LOGIN --national-id-file FILE | ${SIGN_IN_USAGE} [--json]`;

const raise = raiser(CLI_FAULTS);

// Without 0 O 1 l I: the password is read off a screen once.
const ALPHABET = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** A password of 16 random characters in groups of four, about 92 bits. */
export const randomPassword = (): string =>
  Array.from({ length: 4 }, () =>
    Array.from({ length: 4 }, () => ALPHABET[randomInt(ALPHABET.length)]).join(''),
  ).join('-');

/** The password of the first line of a file, or a fresh random one. A command line argument would stay in the history. */
const passwordFrom = (file: string | undefined): { password: string; made: boolean } => {
  if (file === undefined) return { password: randomPassword(), made: true };
  return { password: secretOfFile(file), made: false };
};

const roleOf = (text: string | undefined): StaffRole => {
  const role = STAFF_ROLES.find((known) => known === text);
  if (!role) throw raise('USAGE', { detail: `--role ${STAFF_ROLES.join('|')}` });
  return role;
};

const list = (context: CommandContext, json: boolean) =>
  withInstallation(context, async ({ database }) => {
    const accounts = await listAccounts(database);
    if (json) {
      const shown = accounts.map(({ accountId: _key, lockedUntil, disabledAt, ...account }) => ({
        ...account,
        lockedUntil: lockedUntil === null ? null : isoInstant(lockedUntil),
        disabledAt: disabledAt === null ? null : isoInstant(disabledAt),
      }));
      context.out(JSON.stringify(shown));
    } else
      for (const account of accounts)
        context.out(
          [
            account.login,
            account.role,
            account.institution ?? '-',
            account.staffNumber ?? '-',
            account.displayName,
            account.disabledAt === null ? '' : '已停用',
          ]
            .join('\t')
            .trimEnd(),
        );
    return EXIT.done;
  });

const tell = (context: CommandContext, json: boolean, login: string, password: string | null): void => {
  if (json) context.out(JSON.stringify({ login, ...(password === null ? {} : { password }) }));
  else context.out(password === null ? `已完成：${login}` : `${login}\t${password}`);
};

/** `huren account`: the people who may sign in. */
export const accountCommand: Command = {
  usage: USAGE,
  summaryZh:
    '登录账号：列出、新增、停用与恢复、重设密码（未给密码文件时生成一个并只显示这一次）、解除动态口令、关联统一身份；code 显示演练账号此刻的动态口令',
  summaryEn:
    'accounts of staff: list, add, lock and unlock, set a password (without a file one is made and shown once), forget a second factor, link another identity; code tells the code of the moment of a demonstration account',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      {
        role: { type: 'string' },
        name: { type: 'string' },
        institution: { type: 'string' },
        'staff-number': { type: 'string' },
        department: { type: 'string' },
        'password-file': { type: 'string' },
        'national-id-file': { type: 'string' },
        ...SIGN_IN_OPTIONS,
        json: { type: 'boolean' },
      },
      USAGE,
      { min: 1, max: 2 },
    );
    const [verb, login] = positionals as [string, string?];
    const json = values.json ?? false;
    if (verb === 'list' && login === undefined) return list(context, json);
    const signInVerb = SIGN_IN_VERBS.find((known) => known === verb);
    if (signInVerb && login !== undefined) return runAccountSignIn(signInVerb, login, values, context);
    if (verb === 'identity' && login !== undefined) {
      const file = values['national-id-file'];
      if (file === undefined) throw raise('USAGE', { detail: '--national-id-file FILE' });
      const nationalId = secretOfFile(file);
      return withInstallation(context, async (installation) => {
        const { database, keys } = installation;
        await setAccountIdentity(database, keys, login, nationalId, consoleAct(installation));
        tell(context, json, login, null);
        return EXIT.done;
      });
    }
    if (login === undefined || !['add', 'lock', 'unlock', 'password'].includes(verb))
      throw raise('USAGE', { detail: `huren ${USAGE}` });
    if (verb === 'add') {
      const role = roleOf(values.role);
      if (values.name === undefined) throw raise('USAGE', { detail: '--name NAME' });
      const displayName = values.name;
      const { password, made } = passwordFrom(values['password-file']);
      return withInstallation(context, async (installation) => {
        const account = {
          login,
          password,
          role,
          institution: (values.institution ?? null) as InstitutionCode | null,
          displayName,
          passwordIsGiven: true,
          ...(values['staff-number'] === undefined ? {} : { staffNumber: values['staff-number'] }),
          ...(values.department === undefined ? {} : { department: values.department }),
        };
        await createAccount(installation.database, account, consoleAct(installation));
        tell(context, json, login, made ? password : null);
        return EXIT.done;
      });
    }
    return withInstallation(context, async (installation) => {
      const act = consoleAct(installation);
      if (verb !== 'password') {
        await setAccountDisabled(installation.database, login, verb === 'lock', act);
        tell(context, json, login, null);
        return EXIT.done;
      }
      const { password, made } = passwordFrom(values['password-file']);
      await setAccountPassword(installation.database, login, { password, isGiven: true }, act);
      tell(context, json, login, made ? password : null);
      return EXIT.done;
    });
  },
};
