import { checkpointFile } from '../../adapters/audit-checkpoints/checkpoint-file.ts';
import { raiser } from '../../kernel/fault.ts';
import { type AuditVerified, verifyAudit } from '../flows/verify-audit.ts';
import { type Command, EXIT, parseArguments, withInstallation } from './command.ts';
import { CLI_FAULTS } from './faults.ts';

const USAGE = 'audit verify [--json]';

const WORDS: Readonly<Record<AuditVerified['findings'][number]['kind'], string>> = {
  altered: '内容被改动',
  removed: '被删除',
  inserted: '封存之后被插入',
  reordered: '与另一行互换了内容',
  'seal-altered': '封存批次被改动',
  'seal-detached': '封存批次与前一批不相连',
  'seal-missing': '封存批次缺失',
  'checkpoint-broken': '检查点行不是本机所签',
  'checkpoint-differs': '链值与已签检查点不符：整条链被重写',
  'checkpoint-beyond': '已签检查点之后的链尾被截去',
};

const placeOf = (finding: AuditVerified['findings'][number]): string => {
  if ('event' in finding) return `${finding.book} event ${finding.event}`;
  return 'line' in finding ? `line ${finding.line}` : `${finding.book} batch ${finding.sequence}`;
};

/** `huren audit verify`: names every row of the access log that was changed since it was sealed. */
export const auditCommand: Command = {
  usage: USAGE,
  summaryZh: '核验访问日志：指出封存后被改动、删除、插入或互换的每一行',
  summaryEn:
    'verifies the access log: names every row altered, removed, inserted or moved since it was sealed',
  async run(args, context) {
    const { values, positionals } = parseArguments(args, { json: { type: 'boolean' } }, USAGE, {
      min: 1,
      max: 1,
    });
    if (positionals[0] !== 'verify') throw raiser(CLI_FAULTS)('USAGE', { detail: `huren ${USAGE}` });
    return withInstallation(context, async ({ configuration, database, clock }) => {
      const checkpoints = checkpointFile(configuration.checkpointDirectory, configuration.checkpointKeyFile);
      const startedAt = clock();
      const verified = await verifyAudit(database, checkpoints, (rows) =>
        context.progress(`已核验 ${rows} 行`),
      );
      context.progress('');
      const elapsedMs = clock() - startedAt;
      if (values.json)
        context.out(
          JSON.stringify({ ...verified, elapsedMs }, (_key, value: unknown) =>
            typeof value === 'bigint' ? String(value) : value,
          ),
        );
      else {
        for (const { book, batches, rows, tail } of verified.books) {
          const age = tail.oldestAt === null ? 0 : Math.max(0, Math.round((clock() - tail.oldestAt) / 1000));
          context.out(
            `${book}: ${rows} 行，${batches} 个批次；未封存 ${tail.rows} 行${tail.rows > 0 ? `，最早 ${age} 秒前` : ''}`,
          );
        }
        context.out(`检查点 ${verified.checkpoints} 个`);
        for (const finding of verified.findings) context.out(`✕ ${placeOf(finding)}：${WORDS[finding.kind]}`);
        if (verified.findings.length === 0) context.out('✓ 未发现改动');
      }
      return verified.findings.length === 0 ? EXIT.done : EXIT.findings;
    });
  },
};
