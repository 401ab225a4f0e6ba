import { readFileSync } from 'node:fs';
import { readApplication, readKeyAddress, readPublicKeys } from '../../adapters/issuer/read-application.ts';
import {
  APPLICATION_KINDS,
  createApplication,
  listApplications,
  setApplicationDisabled,
  setApplicationKeys,
} from '../../adapters/postgres/applications.ts';
import { raiser } from '../../kernel/fault.ts';
import { type Command, EXIT, parseArguments, withInstallation } from './command.ts';
import { consoleAct } from './console-act.ts';
import { CLI_FAULTS } from './faults.ts';

const USAGE =
  'application list | add CODE --kind public|confidential|backend|resource-server [--scope SCOPE…] [--name NAME] [--institution CODE] [--redirect URL…] [--launch-url URL] [--keys FILE|--keys-url URL] | keys CODE --keys FILE|--keys-url URL | lock|unlock CODE [--json]';

const raise = raiser(CLI_FAULTS);

const keySetOf = (file: string): unknown => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw raise('FILE_UNREADABLE', { place: file, cause });
  }
};

/** `huren application`: the SMART apps and backends that may ask for tokens. */
export const applicationCommand: Command = {
  usage: USAGE,
  summaryZh: '应用（SMART、OpenID Connect）：列出、登记、更换公钥、停用与恢复',
  summaryEn: 'apps (SMART, OpenID Connect): list, register, give new public keys, lock and unlock',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      {
        kind: { type: 'string' },
        scope: { type: 'string', multiple: true },
        name: { type: 'string' },
        institution: { type: 'string' },
        redirect: { type: 'string', multiple: true },
        'launch-url': { type: 'string' },
        keys: { type: 'string' },
        'keys-url': { type: 'string' },
        json: { type: 'boolean' },
      },
      USAGE,
      { min: 1, max: 2 },
    );
    const [verb, code] = positionals as [string, string?];
    const wrong = (detail = `huren ${USAGE}`) => raise('USAGE', { detail });
    if (verb === 'list' && code === undefined)
      return withInstallation(context, async ({ database }) => {
        const applications = await listApplications(database);
        if (values.json) context.out(JSON.stringify(applications));
        else
          for (const { code: each, kind, institution, name, scopes, disabled } of applications)
            context.out(
              [each, kind, institution ?? '-', name, scopes.join(' '), disabled ? '已停用' : '']
                .join('\t')
                .trimEnd(),
            );
        return EXIT.done;
      });
    if (code === undefined || !['add', 'keys', 'lock', 'unlock'].includes(verb)) throw wrong();
    const done = () => {
      context.out(values.json ? JSON.stringify({ code }) : `已完成：${code}`);
      return EXIT.done;
    };
    if (verb === 'add') {
      const kind = APPLICATION_KINDS.find((known) => known === values.kind);
      if (!kind) throw wrong(`--kind ${APPLICATION_KINDS.join('|')}`);
      const application = await readApplication({
        code,
        name: values.name ?? code,
        institution: values.institution ?? null,
        kind,
        redirectAddresses: values.redirect ?? [],
        launchAddress: values['launch-url'] ?? null,
        keys: values.keys === undefined ? null : [...(await readPublicKeys(keySetOf(values.keys)))],
        keyAddress: values['keys-url'] ?? null,
        scopes: values.scope ?? [],
      });
      return withInstallation(context, async (installation) => {
        await createApplication(installation.database, application, consoleAct(installation));
        return done();
      });
    }
    if (verb === 'keys') {
      const { keys: file, 'keys-url': address } = values;
      if ((file === undefined) === (address === undefined)) throw wrong('--keys FILE, or --keys-url URL');
      const proof = file === undefined ? readKeyAddress(address ?? '') : await readPublicKeys(keySetOf(file));
      return withInstallation(context, async (installation) => {
        await setApplicationKeys(installation.database, code, proof, consoleAct(installation));
        return done();
      });
    }
    return withInstallation(context, async (installation) => {
      await setApplicationDisabled(installation.database, code, verb === 'lock', consoleAct(installation));
      return done();
    });
  },
};
