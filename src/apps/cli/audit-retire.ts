import { checkpointFile } from '../../adapters/audit-checkpoints/checkpoint-file.ts';
import { actorNameOf } from '../../adapters/postgres/accounts.ts';
import { readRetirements, type Retirement } from '../../adapters/postgres/audit-retirements.ts';
import { civilTimeText, parseCivilDay } from '../../kernel/civil-day.ts';
import { raiser } from '../../kernel/fault.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import { isUuid, type PublicId } from '../../kernel/uuid.ts';
import { carryOutRetirement } from '../flows/audit/carry-out-retirement.ts';
import {
  decideRetirement,
  requestRetirement,
  type RetirementActor,
  type RetirementDependencies,
} from '../flows/audit/retire-audit.ts';
import type { Installation } from '../installation.ts';
import { type CommandContext, EXIT, type ExitCode } from './command.ts';
import { SIGN_IN_AS_OPTIONS, SIGN_IN_AS_USAGE, signInAtConsole } from './console-sign-in.ts';
import { CLI_FAULTS } from './faults.ts';

/** The words after `huren audit` of a retirement. */
export const RETIRE_USAGE = `retire list | retire request --before DATE --reason TEXT ${SIGN_IN_AS_USAGE} | retire approve|refuse ID ${SIGN_IN_AS_USAGE} | retire carry-out ID --archive FILE [--json]`;

/** Options of a retirement. */
export const RETIRE_OPTIONS = {
  before: { type: 'string' },
  reason: { type: 'string' },
  archive: { type: 'string' },
  ...SIGN_IN_AS_OPTIONS,
} as const;

type Options = { readonly [Name in keyof typeof RETIRE_OPTIONS]?: string | undefined } & {
  readonly json?: boolean | undefined;
};

const REASON_MIN_CHARACTERS = 4;

const usage = (wrong: string) =>
  raiser(CLI_FAULTS)('USAGE', { detail: `${wrong} (huren audit ${RETIRE_USAGE})` });

const STATE_ZH = {
  requested: '待批准',
  refused: '已否决',
  approved: '已批准，待执行',
  done: '已归档',
} as const;
const BOOK_ZH = { person: '涉及患者的记录', system: '系统记录' } as const;

const shownOf = (retirement: Retirement) => ({
  id: retirement.id,
  state: retirement.state,
  before: isoInstant(retirement.before),
  reason: retirement.reason,
  requestedBy: retirement.requestedBy,
  decidedBy: retirement.decidedBy,
  archive: retirement.archiveDigest,
  parts: retirement.parts.map(({ book, sequence, toEvent, rows }) => ({
    book,
    sequence: String(sequence),
    toEvent: String(toEvent),
    rows: String(rows),
  })),
});

const linesOf = (retirement: Retirement): string[] => [
  `${retirement.id}\t${STATE_ZH[retirement.state]}\t早于 ${civilTimeText(retirement.before)}\t${retirement.requestedBy} → ${retirement.decidedBy ?? '-'}\t${retirement.reason}`,
  ...retirement.parts.map(
    ({ book, sequence, rows }) => `  ${BOOK_ZH[book]}：到第 ${sequence} 批，${rows} 行`,
  ),
  ...(retirement.archiveDigest === null ? [] : [`  归档文件 SHA-256 ${retirement.archiveDigest}`]),
];

const tell = (retirement: Retirement, { json }: Options, { out }: CommandContext): void => {
  if (json) out(JSON.stringify(shownOf(retirement)));
  else for (const line of linesOf(retirement)) out(line);
};

const dayOf = (text: string | undefined): Instant => {
  const day = parseCivilDay(text ?? '');
  if (day === undefined) throw usage(`--before ${text ?? ''}`);
  return day;
};

const reasonOf = (text: string | undefined): string => {
  const reason = (text ?? '').trim();
  if (reason.length < REASON_MIN_CHARACTERS)
    throw usage(`--reason: at least ${REASON_MIN_CHARACTERS} characters`);
  return reason;
};

const idOf = (text: string | undefined): PublicId => {
  if (text === undefined || !isUuid(text)) throw usage(text ?? 'ID');
  return text;
};

const dependenciesOf = ({ configuration, ...installation }: Installation): RetirementDependencies => ({
  ...installation,
  retentionYears: configuration.auditRetentionYears,
});

const actorAt = async (installation: Installation, options: Options): Promise<RetirementActor> => {
  const account = await signInAtConsole(installation, options);
  return { name: actorNameOf(account), role: account.role, peer: 'local' };
};

const list = async ({ database }: Installation, options: Options, context: CommandContext) => {
  const retirements = await readRetirements(database);
  if (options.json) context.out(JSON.stringify(retirements.map((each) => shownOf(each))));
  else for (const each of retirements) tell(each, options, context);
  return EXIT.done;
};

const request = async (installation: Installation, options: Options, context: CommandContext) => {
  const asked = { before: dayOf(options.before), reason: reasonOf(options.reason) };
  const actor = await actorAt(installation, options);
  const requested = await requestRetirement(dependenciesOf(installation), actor, asked);
  if (!requested.ok) throw requested.reason;
  tell(requested.value, options, context);
  return EXIT.done;
};

const decide = async (
  installation: Installation,
  { id, state }: { readonly id: PublicId; readonly state: 'approved' | 'refused' },
  options: Options,
  context: CommandContext,
) => {
  const actor = await actorAt(installation, options);
  const decided = await decideRetirement(dependenciesOf(installation), actor, id, state);
  if (!decided.ok) throw decided.reason;
  tell(decided.value, options, context);
  return EXIT.done;
};

const carryOut = async (
  installation: Installation,
  id: PublicId,
  options: Options,
  context: CommandContext,
) => {
  const { configuration } = installation;
  if (options.archive === undefined) throw usage('--archive FILE');
  const carried = await carryOutRetirement(
    {
      ...dependenciesOf(installation),
      checkpoints: checkpointFile(configuration.checkpointDirectory, configuration.checkpointKeyFile),
      onStep: (step) => context.progress(step),
    },
    id,
    options.archive,
  );
  context.progress('');
  if (!carried.ok) throw carried.reason;
  const { archiveDigest, parts } = carried.value;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0n);
  context.out(
    options.json
      ? JSON.stringify({ id, archive: archiveDigest, rows: String(rows) })
      : `已归档 ${rows} 行，归档文件 SHA-256 ${archiveDigest}；数据库中已删除`,
  );
  return EXIT.done;
};

/** `huren audit retire`: what is past its retention leaves the database for an archive, by two people. */
export const runRetire = (
  installation: Installation,
  [step, id, ...more]: readonly string[],
  options: Options,
  context: CommandContext,
): Promise<ExitCode> => {
  if (more.length > 0) throw usage(more.join(' '));
  if (step === 'list' && id === undefined) return list(installation, options, context);
  if (step === 'request' && id === undefined) return request(installation, options, context);
  if (step === 'approve') return decide(installation, { id: idOf(id), state: 'approved' }, options, context);
  if (step === 'refuse') return decide(installation, { id: idOf(id), state: 'refused' }, options, context);
  if (step === 'carry-out') return carryOut(installation, idOf(id), options, context);
  throw usage(step ?? 'retire');
};
