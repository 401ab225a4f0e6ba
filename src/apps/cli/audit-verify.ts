import { checkpointFile } from '../../adapters/audit-checkpoints/checkpoint-file.ts';
import { compareInThreads } from '../../adapters/postgres/audit-comparison.ts';
import { type AuditVerified, verifyAudit } from '../flows/audit/verify-audit.ts';
import type { Installation } from '../installation.ts';
import { type CommandContext, EXIT, type ExitCode } from './command.ts';

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

/** `huren audit verify`: compares the whole log with its chain and the chain with what was signed. */
export const runVerify = async (
  { configuration, database, clock, connectionString }: Installation,
  asJson: boolean,
  context: CommandContext,
): Promise<ExitCode> => {
  const checkpoints = checkpointFile(configuration.checkpointDirectory, configuration.checkpointKeyFile);
  const startedAt = clock();
  const comparison = compareInThreads(connectionString);
  let verified: AuditVerified;
  try {
    verified = await verifyAudit({
      session: database,
      checkpoints,
      compare: comparison.compare,
      onRows: (rows) => context.progress(`已核验 ${rows} 行`),
    });
  } finally {
    await comparison.close();
  }
  context.progress('');
  const elapsedMs = clock() - startedAt;
  if (asJson)
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
    const unnamed = verified.found - verified.findings.length;
    if (unnamed > 0) context.out(`✕ 另有 ${unnamed} 处未逐一列出`);
    if (verified.found === 0) context.out('✓ 未发现改动');
  }
  return verified.found === 0 ? EXIT.done : EXIT.findings;
};
