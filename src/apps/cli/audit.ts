import { raiser } from '../../kernel/fault.ts';
import { EXPORT_OPTIONS, EXPORT_USAGE, runExport } from './audit-export.ts';
import { runVerify } from './audit-verify.ts';
import { type Command, parseArguments, withInstallation } from './command.ts';
import { CLI_FAULTS } from './faults.ts';

const USAGE = `audit verify [--json] | ${EXPORT_USAGE}`;

/** `huren audit`: verifies the access log, or writes it out. */
export const auditCommand: Command = {
  usage: USAGE,
  summaryZh: '核验访问日志（指出封存后被改动、删除、插入或互换的每一行），或导出',
  summaryEn: 'verifies the access log: names every row altered, removed, inserted or moved; or exports it',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      { json: { type: 'boolean' }, ...EXPORT_OPTIONS },
      USAGE,
      { min: 1, max: 1 },
    );
    const [verb] = positionals;
    if (verb !== 'verify' && verb !== 'export')
      throw raiser(CLI_FAULTS)('USAGE', { detail: `huren ${USAGE}` });
    return withInstallation(context, (installation) =>
      verb === 'verify'
        ? runVerify(installation, values.json === true, context)
        : runExport(installation, values, context),
    );
  },
};
