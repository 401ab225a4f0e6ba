import { statfsSync } from 'node:fs';
import { citusDdl } from '../../adapters/postgres/citus-ddl.ts';
import { statement } from '../../adapters/postgres/database.ts';
import { readMigrations } from '../../adapters/postgres/migrate.ts';
import { countQuarantined } from '../../adapters/postgres/quarantine.ts';
import { loadSenders, type SenderDialect } from '../../adapters/postgres/senders.ts';
import { registerHl7Sender } from '../flows/ingest/ingest-senders.ts';
import { raiser } from '../../kernel/fault.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import { type Command, EXIT, parseArguments, withInstallation } from './command.ts';
import { CLI_FAULTS } from './faults.ts';

const raise = raiser(CLI_FAULTS);

/** `huren migrate`: brings the schema up to date; every start does the same. */
export const migrateCommand: Command = {
  usage: 'migrate [--json]',
  summaryZh: '把数据库结构升级到本程序的版本（每次启动也会自动进行）',
  summaryEn: 'brings the schema up to this program’s version (every start does it too)',
  async run(args, context) {
    const { values } = parseArguments(args, { json: { type: 'boolean' } }, 'migrate [--json]', {
      min: 0,
      max: 0,
    });
    return withInstallation(context, async ({ migrations }) => {
      context.out(
        values.json
          ? JSON.stringify(migrations)
          : `结构版本 ${migrations.version}；本次应用 ${migrations.applied.length} 个迁移。`,
      );
      return EXIT.done;
    });
  },
};

const SCHEMA_USAGE = 'schema --citus';

/** `huren schema --citus`: the statements that lay the tables out over a Citus cluster. */
export const schemaCommand: Command = {
  usage: SCHEMA_USAGE,
  summaryZh: '输出在 Citus 集群上分布各表的语句',
  summaryEn: 'prints the statements that distribute the tables over a Citus cluster',
  async run(args, context) {
    const { values } = parseArguments(args, { citus: { type: 'boolean' } }, SCHEMA_USAGE, { min: 0, max: 0 });
    if (!values.citus) throw raise('USAGE', { detail: `huren ${SCHEMA_USAGE}` });
    context.out(citusDdl(await readMigrations()));
    return EXIT.done;
  },
};

const SENDER_USAGE =
  'sender list | add CODE --institution CODE --application MSH-3 --facility MSH-4 [--charset C] [--zone Z] [--reuses-ids] [--dialect JSON] [--json]';

/** Settings of a sender as JSON; what they may hold is checked when the sender is registered. */
const dialectOf = (text: string | undefined): SenderDialect | undefined => {
  if (text === undefined) return undefined;
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === 'object' && read !== null && !Array.isArray(read)) return read as SenderDialect;
  } catch {
    // Said below, as of anything else that is no object.
  }
  throw raise('USAGE', { detail: '--dialect: a JSON object' });
};

/** `huren sender`: the systems whose messages are taken. */
export const senderCommand: Command = {
  usage: SENDER_USAGE,
  summaryZh: '查看或登记发送系统（按 MSH-3、MSH-4 识别；未登记者的消息进隔离区）',
  summaryEn: 'lists or registers the systems whose messages are taken (known by MSH-3 and MSH-4)',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      {
        institution: { type: 'string' },
        application: { type: 'string' },
        facility: { type: 'string' },
        charset: { type: 'string' },
        zone: { type: 'string' },
        'reuses-ids': { type: 'boolean' },
        dialect: { type: 'string' },
        json: { type: 'boolean' },
      },
      SENDER_USAGE,
      { min: 1, max: 2 },
    );
    const [verb, code] = positionals;
    if (verb === 'list')
      return withInstallation(context, async ({ database }) => {
        const senders = (await loadSenders(database)).map(
          ({ key: _key, institutionKey: _institution, ...shown }) => shown,
        );
        if (values.json) context.out(JSON.stringify(senders));
        else
          for (const sender of senders)
            context.out(`${sender.code}\t${sender.institution}\t${sender.charset}\t${sender.zone}`);
        return EXIT.done;
      });
    const { institution, application, facility, charset, zone } = values;
    const dialect = dialectOf(values.dialect);
    if (verb !== 'add' || !code || !institution || !application || facility === undefined)
      throw raise('USAGE', { detail: `huren ${SENDER_USAGE}` });
    return withInstallation(context, async ({ database }) => {
      await database.transaction((session) =>
        registerHl7Sender(session, {
          code,
          institution: institution as InstitutionCode,
          application,
          facility,
          ...(charset === undefined ? {} : { charset }),
          ...(zone === undefined ? {} : { zone }),
          reusesControlIds: values['reuses-ids'] ?? false,
          ...(dialect === undefined ? {} : { dialect }),
        }),
      );
      context.out(values.json ? JSON.stringify({ code }) : `已登记 ${code}`);
      return EXIT.done;
    });
  },
};

const UNMAPPED = statement(
  'maintenance.unmapped',
  'select count(*)::integer as results, count(distinct (institution_id, local_code))::integer as codes from results where item_id is null',
);
const WAITING = statement('maintenance.outbox', 'select count(*)::integer as waiting from outbox');

/** Less free space than this is a finding. */
const FREE_BYTES_MIN = 2e9;

/** `huren doctor`: what is in order and what needs a hand. */
export const doctorCommand: Command = {
  usage: 'doctor [--json]',
  summaryZh: '体检：数据库、清单、隔离消息、未对照项目、磁盘空间；有需处理者退出码为 1',
  summaryEn:
    'looks over the installation: database, lists, quarantine, unmapped codes, disk; exit code 1 with findings',
  async run(args, context) {
    const { values } = parseArguments(args, { json: { type: 'boolean' } }, 'doctor [--json]', {
      min: 0,
      max: 0,
    });
    return withInstallation(context, async ({ database, configuration, migrations, snapshots }) => {
      const ruling = await snapshots.current().catch(() => undefined);
      const quarantined = Object.values(await countQuarantined(database)).reduce(
        (sum, count) => sum + count,
        0,
      );
      const [unmapped] = await database.run<{ results: number; codes: number }>(UNMAPPED);
      const [outbox] = await database.run<{ waiting: number }>(WAITING);
      const { bavail, bsize } = statfsSync(configuration.dataDirectory);
      const rows = [
        { part: 'schema', finding: false, text: `结构版本 ${migrations.version}` },
        {
          part: 'database',
          finding: false,
          text: configuration.databaseUrl ? '外部数据库（DATABASE_URL）' : '内置数据库',
        },
        {
          part: 'lists',
          finding: ruling === undefined,
          text: ruling ? `第 ${ruling.epoch} 期清单` : '尚未发布清单',
        },
        {
          part: 'quarantine',
          finding: quarantined > 0,
          text: `待处理的隔离消息 ${quarantined} 条（huren quarantine list）`,
        },
        {
          part: 'mapping',
          finding: (unmapped?.codes ?? 0) > 0,
          text: `待对照代码 ${unmapped?.codes ?? 0} 个，涉及结果 ${unmapped?.results ?? 0} 条`,
        },
        { part: 'outbox', finding: false, text: `待处理事件 ${outbox?.waiting ?? 0} 条` },
        {
          part: 'disk',
          finding: bavail * bsize < FREE_BYTES_MIN,
          text: `数据盘可用 ${Math.floor((bavail * bsize) / 1e9)} GB`,
        },
      ];
      if (values.json) context.out(JSON.stringify(rows));
      else for (const { finding, text } of rows) context.out(`${finding ? '!' : '✓'} ${text}`);
      return rows.some(({ finding }) => finding) ? EXIT.findings : EXIT.done;
    });
  },
};
