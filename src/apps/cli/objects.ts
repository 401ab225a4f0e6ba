import { verifyObjects } from '../flows/imaging/verify-objects.ts';
import { type Command, EXIT, parseArguments, withInstallation } from './command.ts';
import { raiser } from '../../kernel/fault.ts';
import { CLI_FAULTS } from './faults.ts';

const USAGE = 'objects verify [--json]';

const FINDING_WORDS = { missing: '缺失', changed: '已改动' } as const;
const ASIDE_WORDS = { conflict: '冲突待查', quarantine: '隔离' } as const;

/** `huren objects`: whether the stored images are what they were. */
export const objectsCommand: Command = {
  usage: USAGE,
  summaryZh: '核对影像对象：逐个读出，指出缺失或被改动的对象及其所属机构与检查',
  summaryEn:
    'reads every image object and names those that are missing or changed, with institution and study',
  async run(args, context) {
    const { values, positionals } = parseArguments(args, { json: { type: 'boolean' } }, USAGE, {
      min: 1,
      max: 1,
    });
    if (positionals[0] !== 'verify') throw raiser(CLI_FAULTS)('USAGE', { detail: `huren ${USAGE}` });
    return withInstallation(context, async (installation) => {
      const result = await verifyObjects(
        installation,
        (finding) =>
          context.out(
            values.json
              ? JSON.stringify(finding)
              : [
                  FINDING_WORDS[finding.finding],
                  finding.institution,
                  finding.study ?? '-',
                  finding.seriesUid ?? '-',
                  finding.sopInstanceUid ?? '-',
                  ...(finding.aside === null ? [] : [ASIDE_WORDS[finding.aside]]),
                ].join('\t'),
          ),
        context.signal,
      );
      if (values.json) context.out(JSON.stringify(result));
      else
        context.out(
          `共 ${result.series} 个序列、${result.objects} 个对象、${result.bytes} 字节：${result.findings === 0 ? '全部完好' : `${result.findings} 个有问题`}`,
        );
      return result.findings === 0 ? EXIT.done : EXIT.findings;
    });
  },
};
