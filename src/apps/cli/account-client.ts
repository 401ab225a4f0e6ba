import { createClient, listClients, setClientDisabled } from '../../adapters/postgres/accounts-clients.ts';
import { raiser } from '../../kernel/fault.ts';
import { CLIENT_PURPOSES, type ClientPurpose, type InstitutionCode } from '../../organisation/index.ts';
import { consoleAct } from './console-act.ts';
import { CDS_OPTIONS, CDS_USAGE, runClientCds } from './account-client-cds.ts';
import { LAUNCH_OPTIONS, LAUNCH_USAGE, runClientLaunch } from './account-client-launch.ts';
import { type Command, EXIT, parseArguments, withInstallation } from './command.ts';
import { CLI_FAULTS } from './faults.ts';

const USAGE = `client list | add CODE --institution CODE --purpose treatment|operations… [--name NAME] | lock|unlock CODE | ${CDS_USAGE} | ${LAUNCH_USAGE} [--json]`;

const raise = raiser(CLI_FAULTS);

const purposesOf = (texts: readonly string[]): ClientPurpose[] =>
  texts.map((text) => {
    const purpose = CLIENT_PURPOSES.find((known) => known === text);
    if (!purpose) throw raise('USAGE', { detail: `--purpose ${CLIENT_PURPOSES.join('|')}` });
    return purpose;
  });

/** `huren client`: the systems that may call, each with its own key. */
export const clientCommand: Command = {
  usage: USAGE,
  summaryZh: '系统客户端：列出、新增（密钥只显示这一次）、停用与恢复、登记 CDS Hooks、登记启动地址与应答方式',
  summaryEn:
    'system clients: list, add (the key is shown once), lock and unlock, register for CDS Hooks, launches and answers',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      {
        institution: { type: 'string' },
        purpose: { type: 'string', multiple: true },
        name: { type: 'string' },
        json: { type: 'boolean' },
        ...CDS_OPTIONS,
        ...LAUNCH_OPTIONS,
      },
      USAGE,
      { min: 1, max: 2 },
    );
    const [verb, code] = positionals as [string, string?];
    if (verb === 'list' && code === undefined)
      return withInstallation(context, async ({ database }) => {
        const clients = await listClients(database);
        if (values.json) context.out(JSON.stringify(clients));
        else
          for (const client of clients)
            context.out(
              [
                client.code,
                client.institution,
                client.purposes.join(','),
                client.name,
                client.disabled ? '已停用' : '',
              ]
                .join('\t')
                .trimEnd(),
            );
        return EXIT.done;
      });
    if (verb === 'launch' && code !== undefined) return runClientLaunch(code, values, context);
    if (verb === 'cds' && code !== undefined) return runClientCds(code, values, context);
    if (code === undefined || !['add', 'lock', 'unlock'].includes(verb))
      throw raise('USAGE', { detail: `huren ${USAGE}` });
    if (verb !== 'add')
      return withInstallation(context, async (installation) => {
        await setClientDisabled(installation.database, code, verb === 'lock', consoleAct(installation));
        context.out(values.json ? JSON.stringify({ code }) : `已完成：${code}`);
        return EXIT.done;
      });
    const { institution } = values;
    const purposes = purposesOf(values.purpose ?? []);
    if (institution === undefined || purposes.length === 0)
      throw raise('USAGE', { detail: '--institution CODE --purpose treatment|operations' });
    return withInstallation(context, async (installation) => {
      const wanted = {
        code,
        name: values.name ?? code,
        institution: institution as InstitutionCode,
        purposes,
      };
      const { key } = await createClient(installation.database, wanted, consoleAct(installation));
      context.out(values.json ? JSON.stringify({ code, key }) : `${code}\t${key}`);
      return EXIT.done;
    });
  },
};
