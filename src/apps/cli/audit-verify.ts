import { checkpointFile, checkpointReading } from '../../adapters/audit-checkpoints/checkpoint-file.ts';
import { compareInThreads } from '../../adapters/postgres/audit-comparison.ts';
import { type AuditVerified, verifyAudit } from '../flows/audit/verify-audit.ts';
import { type ArchiveVerified, verifyArchive } from '../flows/audit/verify-archive.ts';
import { readConfiguration } from '../configuration.ts';
import type { Installation } from '../installation.ts';
import { existsSync } from 'node:fs';
import { raiser } from '../../kernel/fault.ts';
import { type CommandContext, EXIT, type ExitCode } from './command.ts';
import { CLI_FAULTS } from './faults.ts';

/** The words after `huren audit` of a verification. */
export const VERIFY_USAGE = 'verify [--archive FILE [--checkpoints FOLDER] [--public-key FILE]] [--json]';

/** Options of the verification of an archive. */
export const VERIFY_OPTIONS = { checkpoints: { type: 'string' }, 'public-key': { type: 'string' } } as const;

type Finding = (AuditVerified | ArchiveVerified)['findings'][number];

const WORDS: Readonly<Record<Finding['kind'], string>> = {
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
  'archive-broken': '归档文件残缺或不是原来的内容，此行之后未核验',
  'archive-unsigned': '没有为此归档文件签过的记录：文件被改动，或不是本机的归档',
  'archive-differs': '归档文件与已签记录所说的范围不符',
};

const NOTHING_FOUND = '✓ 未发现改动';
const UNWITNESSED =
  '！有封存批次而没有任何已签检查点，不能作证：程序运行不到一分钟，检查点文件被拿走，或看的不是这个数据文件夹的日志';

const placeOf = (finding: Finding): string => {
  if ('event' in finding) return `${finding.book} event ${finding.event}`;
  if ('line' in finding) return `line ${finding.line}`;
  return 'sequence' in finding ? `${finding.book} batch ${finding.sequence}` : (finding.book ?? 'archive');
};

const asJson = (value: object): string =>
  JSON.stringify(value, (_key, member: unknown) => (typeof member === 'bigint' ? String(member) : member));

const tellFindings = (
  { findings, found }: Pick<AuditVerified | ArchiveVerified, 'findings' | 'found'>,
  { out }: CommandContext,
): void => {
  for (const finding of findings) out(`✕ ${placeOf(finding)}：${WORDS[finding.kind]}`);
  const unnamed = found - findings.length;
  if (unnamed > 0) out(`✕ 另有 ${unnamed} 处未逐一列出`);
};

/** `huren audit verify`: compares the whole log with its chain and the chain with what was signed. */
export const runVerify = async (
  { configuration, database, clock, connectionString }: Installation,
  isJson: boolean,
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
  const isEmpty = verified.books.every(({ batches }) => batches === 0);
  const isUnwitnessed = !isEmpty && verified.checkpoints === 0;
  if (isJson) context.out(asJson({ ...verified, elapsedMs }));
  else {
    for (const { book, batches, rows, tail, retired, unfinished } of verified.books) {
      const age = tail.oldestAt === null ? 0 : Math.max(0, Math.round((clock() - tail.oldestAt) / 1000));
      context.out(
        `${book}: ${rows} 行，${batches} 个批次；未封存 ${tail.rows} 行${tail.rows > 0 ? `，最早 ${age} 秒前` : ''}`,
      );
      if (retired) {
        context.out(`${book}: 另有 ${retired.rows} 行已归档（到第 ${retired.sequence} 批），未在此核验：`);
        for (const { retirement, archive, at } of retired.archives)
          context.out(`  ${retirement}　${at}　归档文件 SHA-256 ${archive}`);
      }
      for (const retirement of unfinished)
        context.out(`${book}: 归档 ${retirement} 已签而未删除，可继续执行 huren audit retire carry-out`);
    }
    context.out(`检查点 ${verified.checkpoints} 个（${configuration.checkpointDirectory}）`);
    tellFindings(verified, context);
    if (isUnwitnessed) context.out(UNWITNESSED);
    else if (verified.found === 0) context.out(isEmpty ? '没有已封存的记录，无可核验' : NOTHING_FOUND);
  }
  return verified.found === 0 && !isUnwitnessed ? EXIT.done : EXIT.findings;
};

/** `huren audit verify --archive`: verifies an archive by the signed lines alone, without any database. */
export const runVerifyArchive = async (
  path: string,
  options: {
    readonly checkpoints?: string | undefined;
    readonly 'public-key'?: string | undefined;
    readonly json?: boolean | undefined;
  },
  context: CommandContext,
): Promise<ExitCode> => {
  if (!existsSync(path)) throw raiser(CLI_FAULTS)('FILE_UNREADABLE', { place: path });
  const folder = options.checkpoints ?? readConfiguration(context.environment).checkpointDirectory;
  const verified = await verifyArchive(path, checkpointReading(folder, options['public-key']));
  if (options.json) context.out(asJson(verified));
  else {
    context.out(`归档 ${verified.retirement ?? '？'}　SHA-256 ${verified.digest}`);
    for (const { book, fromSequence, sequence, batches, rows } of verified.parts)
      context.out(`${book}: ${rows} 行，${batches} 个批次（第 ${fromSequence} 至 ${sequence} 批）`);
    tellFindings(verified, context);
    if (verified.found === 0) context.out(NOTHING_FOUND);
  }
  return verified.found === 0 ? EXIT.done : EXIT.findings;
};
