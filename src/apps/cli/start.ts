import { createAccount } from '../../adapters/postgres/accounts.ts';
import { statement } from '../../adapters/postgres/database.ts';
import type { Instant } from '../../kernel/instant.ts';
import type { LoadedRegion } from '../demonstration/load.ts';
import type { ImitationHis } from '../imitation-his/server.ts';
import { readConfiguration } from '../configuration.ts';
import { type Installation, openInstallation } from '../installation.ts';
import { randomPassword } from './account.ts';
import { consoleAct } from './console-act.ts';
import { type Command, type CommandContext, EXIT, parseArguments } from './command.ts';
import { demonstrationFile, readDemonstration, writeDemonstration } from './demonstration-file.ts';
import { ALL_ROLES, announce, serveUntilStopped } from './serve.ts';

const USAGE = 'start [--empty]';
const ROLE_WORDS: Readonly<Record<string, string>> = {
  doctor: '医生',
  'medical-affairs': '医务处',
  'institution-it': '信息科',
  registrar: '服务台',
  'privacy-officer': '隐私保护',
  regulator: '卫生健康委',
  operator: '平台运维',
};

// The demonstration is loaded where it is needed: a process that serves a hospital has no use for invented people.
const COUNT_ACCOUNTS = statement('start.accounts', 'select count(*)::integer as accounts from accounts');

const loadDemonstration = async (
  installation: Installation,
  now: Instant,
  context: CommandContext,
): Promise<LoadedRegion> => {
  context.out('首次启动：正在载入演练区域（机构、清单、标识、人员与历史消息），约需一分钟。');
  context.out('First start: loading the demonstration region; about a minute.');
  writeDemonstration(installation.configuration, { now, region: null });
  const { loadRegion } = await import('../demonstration/load.ts');
  const region = await loadRegion(
    installation,
    now,
    randomPassword,
    (done) => context.progress(`已处理 ${done} 条消息`),
    (stored) => context.progress(`已接收影像 ${stored} 幅`),
  );
  context.progress('');
  const { accepted = 0, quarantined = 0, duplicate = 0, refused = 0 } = region.outcomes;
  context.out(
    `已接收消息 ${accepted} 条，隔离 ${quarantined} 条，重复 ${duplicate} 条，拒绝 ${refused} 条。`,
  );
  context.out(`已接收影像 ${region.images.stored} 幅（演练，人工合成）。`);
  writeDemonstration(installation.configuration, { now, region });
  return region;
};

const printSignIns = async (
  { accounts, patients, client, now }: LoadedRegion,
  installation: Installation,
  context: CommandContext,
): Promise<void> => {
  context.out('');
  context.out('登录（演练）Sign-ins (demonstration):');
  for (const { login, password, role, institution, displayName } of accounts)
    context.out(
      `  ${login.padEnd(16)} ${password}   ${ROLE_WORDS[role] ?? role}　${displayName}　${institution ?? ''}`,
    );
  context.out('  患者（手机页面 /me，无第二步）Patients (on the phone, /me):');
  for (const { login, password, displayName } of patients)
    context.out(`  ${login.padEnd(16)} ${password}   ${displayName}`);
  context.out('  登录第二步的动态口令 second step, the code of the moment:  ./huren account code doctor');
  context.out(`  系统密钥 system client ${client.code}: ${demonstrationFile(installation.configuration)}`);
  context.out('可以查找的患者 People to look up:');
  const { demonstrationCast, orderFormOf } = await import('../demonstration/cast.ts');
  for (const member of demonstrationCast(now)) {
    const ordered = orderFormOf(member).map(({ nameZh }) => nameZh);
    context.out(`  ${member.person.name}　${member.person.nationalId ?? ''}　开单：${ordered.join('、')}`);
    context.out(`      ${member.storyZh}`);
  }
  context.out('');
};

/** The imitated hospital is a stage beside the program: without a port for it the rest runs all the same. */
const startHis = async (
  installation: Installation,
  { client, now }: LoadedRegion,
  hurenUrl: string | null,
  context: CommandContext,
): Promise<ImitationHis | undefined> => {
  if (hurenUrl === null) return undefined;
  const { hisPort } = installation.configuration;
  try {
    const { connectImitationHis } = await import('../imitation-his/connect.ts');
    const his = await connectImitationHis(installation, client, { hurenUrl, port: hisPort, now });
    context.out(`模拟 HIS Imitation HIS (demonstration): ${his.url}`);
    return his;
  } catch (error) {
    if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
    context.note(`模拟 HIS 未启动：端口 ${hisPort} 已被占用，请改 HUREN_HIS_PORT（0 表示任取）。`);
    return undefined;
  }
};

/** A bare installation gets one operator, so that somebody can make the others. */
const ensureOperator = async (installation: Installation, context: CommandContext): Promise<void> => {
  const [counted] = await installation.database.run<{ accounts: number }>(COUNT_ACCOUNTS);
  if ((counted?.accounts ?? 0) > 0) return;
  const password = randomPassword();
  await createAccount(
    installation.database,
    {
      login: 'admin',
      password,
      role: 'operator',
      institution: null,
      displayName: '系统管理员',
      passwordIsGiven: true,
    },
    consoleAct(installation),
  );
  context.out(`登录 Sign-in (operator): admin ${password}`);
};

/** `huren start`: what `npm start` runs. Migrates, loads the demonstration on the first start, serves all roles. */
export const startCommand: Command = {
  usage: USAGE,
  summaryZh: '启动全部角色；首次启动载入演练区域（--empty 则不载入）',
  summaryEn: 'runs all roles; the first start loads the demonstration region (not with --empty)',
  async run(args, context) {
    const { values } = parseArguments(args, { empty: { type: 'boolean' } }, USAGE, { min: 0, max: 0 });
    const installation = await openInstallation(readConfiguration(context.environment));
    let his: ImitationHis | undefined;
    try {
      const kept = readDemonstration(installation.configuration);
      let region = kept?.region ?? null;
      if (values.empty) await ensureOperator(installation, context);
      else region ??= await loadDemonstration(installation, kept?.now ?? installation.clock(), context);
      await serveUntilStopped(installation, ALL_ROLES, context, async (running) => {
        if (region) {
          await printSignIns(region, installation, context);
          his = await startHis(installation, region, running.url, context);
        }
        announce(running, context);
      });
    } finally {
      await his?.close();
      await installation.close();
    }
    return EXIT.done;
  },
};
