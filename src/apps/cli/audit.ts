import { checkpointFile } from '../../adapters/audit-checkpoints/checkpoint-file.ts';
import { auditEvent } from '../../adapters/fhir/audit-event.ts';
import { compareInThreads } from '../../adapters/postgres/audit-comparison.ts';
import { recordSystemAct } from '../../adapters/postgres/accounts.ts';
import { type ExportedEvent, readAuditEvents } from '../../adapters/postgres/audit-export.ts';
import { parseCivilDay } from '../../kernel/civil-day.ts';
import { raiser } from '../../kernel/fault.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { Installation } from '../installation.ts';
import { consoleAct } from './console-act.ts';
import { type AuditVerified, verifyAudit } from '../flows/audit/verify-audit.ts';
import {
  type Command,
  type CommandContext,
  EXIT,
  type ExitCode,
  parseArguments,
  withInstallation,
} from './command.ts';
import { CLI_FAULTS } from './faults.ts';

const USAGE = 'audit verify [--json] | export --from DATE --until DATE [--format fhir|csv]';

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

const runVerify = async (
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

const COLUMNS = [
  'event',
  'id',
  'occurredAt',
  'actor',
  'role',
  'department',
  'staffNumber',
  'institution',
  'action',
  'resource',
  'purpose',
  'basis',
  'outcome',
  'peer',
  'person',
] as const satisfies readonly (keyof ExportedEvent)[];

/** A cell of CSV (RFC 4180); one that a spreadsheet would run as a formula is made a text. */
const cell = (value: string): string => {
  const tamed = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(tamed) ? `"${tamed.replaceAll('"', '""')}"` : tamed;
};

const csvLine = (event: ExportedEvent): string =>
  COLUMNS.map((column) => {
    const value = event[column];
    if (value === null) return '';
    return cell(column === 'occurredAt' ? isoInstant(value as Instant) : String(value));
  }).join(',');

/** Start of a calendar day in China, e.g. of `2026-11-25`. */
const dayOf = (text: string | undefined): Instant => {
  const day = parseCivilDay(text ?? '');
  if (day === undefined) throw raiser(CLI_FAULTS)('USAGE', { detail: `huren ${USAGE}` });
  return day;
};

const runExport = async (
  installation: Installation,
  {
    from,
    until,
    format = 'fhir',
  }: { readonly from?: string; readonly until?: string; readonly format?: string },
  context: CommandContext,
): Promise<ExitCode> => {
  const period = { from: dayOf(from), until: dayOf(until) };
  if (format !== 'fhir' && format !== 'csv') throw raiser(CLI_FAULTS)('USAGE', { detail: `huren ${USAGE}` });
  const { database } = installation;
  // The log of who looked is itself looked at: first the trace, then the rows.
  await recordSystemAct(database, consoleAct(installation), 'audit.export', `audit/${from}/${until}`, format);
  if (format === 'csv') context.out(COLUMNS.join(','));
  for await (const event of readAuditEvents(database, period))
    context.out(format === 'csv' ? csvLine(event) : JSON.stringify(auditEvent(event)));
  return EXIT.done;
};

/** `huren audit`: verifies the access log, or writes it out as FHIR AuditEvents (NDJSON) or CSV. */
export const auditCommand: Command = {
  usage: USAGE,
  summaryZh: '核验访问日志（指出封存后被改动、删除、插入或互换的每一行），或导出',
  summaryEn: 'verifies the access log: names every row altered, removed, inserted or moved; or exports it',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      {
        json: { type: 'boolean' },
        from: { type: 'string' },
        until: { type: 'string' },
        format: { type: 'string' },
      },
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
