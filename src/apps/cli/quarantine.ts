import { isUtf8 } from 'node:buffer';
import { recordSystemAct } from '../../adapters/postgres/accounts.ts';
import {
  closeQuarantined,
  listQuarantined,
  type QuarantinedMessage,
  type QuarantineFilter,
  type QuarantineState,
} from '../../adapters/postgres/quarantine.ts';
import { senderDirectory } from '../../adapters/postgres/senders.ts';
import { raiser } from '../../kernel/fault.ts';
import { civilTimeText } from '../../kernel/civil-day.ts';
import { isUuid, type PublicId } from '../../kernel/uuid.ts';
import {
  type ReplayReport,
  replayQuarantine,
  showQuarantine,
  type ShownQuarantine,
} from '../flows/ingest/ingest-replay.ts';
import { maskedQuarantine } from '../flows/ingest/masked-quarantine.ts';
import type { IngestDependencies } from '../flows/ingest/ingest-work.ts';
import {
  type Command,
  type CommandContext,
  EXIT,
  type ExitCode,
  parseArguments,
  withInstallation,
} from './command.ts';
import { CLI_FAULTS } from './faults.ts';

const USAGE =
  'quarantine list|show ID [--clear REASON]|replay ID…|discard ID… [--reason CODE] [--sender CODE] [--state open|resolved|discarded] [--limit N] [--json]';

const raise = raiser(CLI_FAULTS);
const usage = (detail: string) => raise('USAGE', { detail: `${detail} (huren ${USAGE})` });

const LIMIT_USUAL = 100;
const LIMIT_MAX = 100_000;
const STATES: readonly string[] = ['open', 'resolved', 'discarded'] satisfies QuarantineState[];

interface Options {
  readonly reason?: string | undefined;
  readonly sender?: string | undefined;
  readonly state?: string | undefined;
  readonly limit?: string | undefined;
  readonly clear?: string | undefined;
  readonly json?: boolean | undefined;
}

const limitOf = ({ limit }: Options): number => {
  const number = Number(limit ?? LIMIT_USUAL);
  if (!Number.isInteger(number) || number < 1 || number > LIMIT_MAX)
    throw usage(`--limit 1…${LIMIT_MAX}: ${limit}`);
  return number;
};

const idsOf = (texts: readonly string[]): PublicId[] =>
  texts.map((text) => {
    if (!isUuid(text)) throw usage(text);
    return text;
  });

const filterOf = async (
  { senders }: IngestDependencies,
  options: Options,
  ids: readonly PublicId[],
): Promise<QuarantineFilter> => {
  const sender = options.sender === undefined ? undefined : await senders.findByCode(options.sender);
  if (options.sender !== undefined && !sender) throw usage(`--sender ${options.sender}`);
  if (options.state !== undefined && !STATES.includes(options.state)) throw usage(`--state ${options.state}`);
  return {
    ...(ids.length > 0 ? { publicIds: ids } : {}),
    ...(options.reason === undefined ? {} : { reasonCode: options.reason }),
    ...(sender ? { senderKey: sender.key } : {}),
    ...(options.state === undefined ? {} : { state: options.state as QuarantineState }),
  };
};

const line = (message: QuarantinedMessage): string =>
  [
    message.publicId,
    civilTimeText(message.receivedAt),
    message.state,
    [message.reasonCode, message.place, message.detail].filter((part) => part !== '').join(' '),
    message.messageType ?? '-',
    message.senderAddress,
    `×${message.arrivals}`,
  ].join('\t');

const list = async (
  dependencies: IngestDependencies,
  options: Options,
  context: CommandContext,
): Promise<ExitCode> => {
  const filter = await filterOf(dependencies, { ...options, state: options.state ?? 'open' }, []);
  const messages = await listQuarantined(dependencies.database, filter, limitOf(options));
  if (options.json) context.out(JSON.stringify(messages));
  else for (const message of messages) context.out(line(message));
  return EXIT.done;
};

const LINE_MAX_CHARACTERS = 2_000;

const shortened = (text: string): string =>
  text.length <= LINE_MAX_CHARACTERS ? text : `${text.slice(0, LINE_MAX_CHARACTERS)}… (${text.length})`;

/** Bytes that nobody could read as a message: text where it is UTF-8, else every other byte as an escape. */
const rawLines = (bytes: Uint8Array): string[] => {
  const text = isUtf8(bytes)
    ? Buffer.from(bytes).toString('utf8')
    : Buffer.from(bytes)
        .toString('latin1')
        .replace(
          /[^\r\n\x20-\x7e]/g,
          (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
        );
  return text.split(/\r\n?|\n/).map(shortened);
};

const shownLines = ({ message, bytes, segments, unreadable }: ShownQuarantine): string[] => [
  line(message),
  ...(unreadable
    ? [`${unreadable.code} ${unreadable.place} ${unreadable.detail}`, ...rawLines(bytes)]
    : segments.flatMap(({ place, fields }) => [
        place,
        ...fields.flatMap((field, index) =>
          index === 0 || field === ''
            ? []
            : [`  ${place}-${place.startsWith('MSH') ? index + 1 : index}\t${shortened(field)}`],
        ),
      ])),
];

/** Shortest reason for which a whole message is shown. */
const REASON_MIN_CHARACTERS = 4;

const reasonOf = ({ clear }: Options): string | null => {
  if (clear === undefined) return null;
  const reason = clear.trim();
  if (reason.length < REASON_MIN_CHARACTERS)
    throw usage(`--clear REASON: at least ${REASON_MIN_CHARACTERS} characters`);
  return reason;
};

const show = async (
  dependencies: IngestDependencies,
  ids: readonly PublicId[],
  options: Options,
  context: CommandContext,
): Promise<ExitCode> => {
  const [id, ...others] = ids;
  if (id === undefined || others.length > 0) throw usage('show ID');
  const reason = reasonOf(options);
  const { database, clock, newPublicId } = dependencies;
  const whole = await showQuarantine(dependencies, id);
  // On record before a line of it is shown; with what reason, where it says who the patient is.
  await recordSystemAct(
    database,
    { at: clock(), newId: newPublicId, by: 'console', peer: 'console' },
    'quarantine.show',
    `quarantine/${id}`,
    reason === null ? 'masked' : `disclosed: ${reason}`,
  );
  const shown = reason === null ? maskedQuarantine(whole) : whole;
  if (options.json)
    context.out(
      JSON.stringify({
        ...shown,
        isMasked: reason === null,
        bytes: Buffer.from(shown.bytes).toString('base64'),
      }),
    );
  else {
    for (const text of shownLines(shown)) context.out(text);
    if (reason === null) context.note('身份信息已遮盖；确需查看原文时用 --clear 原因，会留下记录。');
  }
  return EXIT.done;
};

const reportLines = ({ tried, resolved, stillOpen, reasons, stopped }: ReplayReport): string[] => [
  `重放 ${tried} 条：已受理 ${resolved}，仍隔离 ${stillOpen}${stopped ? '（提前停止）' : ''}`,
  ...Object.entries(reasons).map(([code, count]) => `  ${code}\t${count}`),
];

const replay = async (
  dependencies: IngestDependencies,
  ids: readonly PublicId[],
  options: Options,
  context: CommandContext,
): Promise<ExitCode> => {
  if (options.state !== undefined) throw usage('--state');
  const filter = await filterOf(dependencies, options, ids);
  const report = await replayQuarantine(
    dependencies,
    { filter, limit: limitOf(options) },
    {
      signal: context.signal,
      onProgress: (tried, resolved) => context.progress(`${tried} / ${resolved}`),
    },
  );
  context.progress('');
  const { database, clock, newPublicId } = dependencies;
  await recordSystemAct(
    database,
    { at: clock(), newId: newPublicId, by: 'console', peer: 'console' },
    'quarantine.replay',
    'quarantine',
    `tried ${report.tried}, resolved ${report.resolved}`,
  );
  if (options.json) context.out(JSON.stringify(report));
  else for (const text of reportLines(report)) context.out(text);
  return report.stillOpen > 0 || report.stopped ? EXIT.findings : EXIT.done;
};

const discard = async (
  dependencies: IngestDependencies,
  ids: readonly PublicId[],
  options: Options,
  context: CommandContext,
): Promise<ExitCode> => {
  if (ids.length === 0) throw usage('discard ID…');
  const { database, clock, newPublicId } = dependencies;
  let discarded = 0;
  for (const id of ids)
    await database.transaction(async (session) => {
      const at = clock();
      if (!(await closeQuarantined(session, id, 'discarded', 'console', at))) return;
      await recordSystemAct(
        session,
        { at, newId: newPublicId, by: 'console', peer: 'console' },
        'quarantine.discard',
        `quarantine/${id}`,
        'discarded',
      );
      discarded++;
    });
  context.out(options.json ? JSON.stringify({ discarded }) : `已关闭 ${discarded} 条，内容仍然保存`);
  return discarded === ids.length ? EXIT.done : EXIT.findings;
};

/** `huren quarantine`: messages that could not be processed, to be looked at, mended and tried again. */
export const quarantineCommand: Command = {
  usage: USAGE,
  summaryZh: '查看隔离的消息及原因（默认遮盖身份信息），改正后重放（按到达顺序，有上限，可用 Ctrl-C 停止）',
  summaryEn:
    'shows quarantined messages with their reasons (who they are about is masked unless a reason is given) and tries them again (in order of arrival, bounded, stopped by Ctrl-C)',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      {
        reason: { type: 'string' },
        sender: { type: 'string' },
        state: { type: 'string' },
        limit: { type: 'string' },
        clear: { type: 'string' },
        json: { type: 'boolean' },
      },
      USAGE,
      { min: 1, max: 100_000 },
    );
    const [verb, ...rest] = positionals;
    const verbs = { list, show, replay, discard };
    if (verb === undefined || !Object.hasOwn(verbs, verb) || (verb === 'list' && rest.length > 0))
      throw usage(verb ?? '');
    if (values.clear !== undefined && verb !== 'show') throw usage('--clear');
    const ids = idsOf(rest);
    return withInstallation(context, async (installation) => {
      const dependencies: IngestDependencies = {
        ...installation,
        senders: senderDirectory(installation.database, installation.clock),
      };
      return verb === 'list'
        ? list(dependencies, values, context)
        : verbs[verb as 'show' | 'replay' | 'discard'](dependencies, ids, values, context);
    });
  },
};
