import { raiser } from '../../kernel/fault.ts';
import { EXPORT_OPTIONS, EXPORT_USAGE, runExport } from './audit-export.ts';
import { RETIRE_OPTIONS, RETIRE_USAGE, runRetire } from './audit-retire.ts';
import { runVerify, runVerifyArchive, VERIFY_OPTIONS, VERIFY_USAGE } from './audit-verify.ts';
import { type Command, parseArguments, withInstallation } from './command.ts';
import { CLI_FAULTS } from './faults.ts';

const USAGE = `audit ${VERIFY_USAGE} | ${EXPORT_USAGE} | ${RETIRE_USAGE}`;

/** `huren audit`: verifies the access log, writes it out, or retires what is past its retention. */
export const auditCommand: Command = {
  usage: USAGE,
  summaryZh:
    '核验访问日志（指出封存后被改动、删除、插入或互换的每一行），导出，或经两人批准把满保存年限的部分归档',
  summaryEn:
    'verifies the access log: names every row altered, removed, inserted or moved; exports it; or retires, by two people, what is past its retention',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      { json: { type: 'boolean' }, ...VERIFY_OPTIONS, ...EXPORT_OPTIONS, ...RETIRE_OPTIONS },
      USAGE,
      { min: 1, max: 3 },
    );
    const [verb, ...rest] = positionals as [string, ...string[]];
    // Without a database: an archive outlives the one it came from.
    if (verb === 'verify' && rest.length === 0 && values.archive !== undefined)
      return runVerifyArchive(values.archive, values, context);
    if (values.checkpoints !== undefined || values['public-key'] !== undefined)
      throw raiser(CLI_FAULTS)('USAGE', { detail: `huren audit ${VERIFY_USAGE}` });
    const isKnown = verb === 'retire' || ((verb === 'verify' || verb === 'export') && rest.length === 0);
    if (!isKnown) throw raiser(CLI_FAULTS)('USAGE', { detail: `huren ${USAGE}` });
    return withInstallation(context, (installation) => {
      if (verb === 'retire') return runRetire(installation, rest, values, context);
      return verb === 'verify'
        ? runVerify(installation, values.json === true, context)
        : runExport(installation, values, context);
    });
  },
};
