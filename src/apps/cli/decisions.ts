import { readFileSync } from 'node:fs';
import { type OrderCheckRow, readOrderCheck } from '../../adapters/postgres/order-checks.ts';
import { type Session, statement } from '../../adapters/postgres/database.ts';
import { raiser } from '../../kernel/fault.ts';
import { type Instant, isoInstant, parseInstant } from '../../kernel/instant.ts';
import { isUuid, type PublicId } from '../../kernel/uuid.ts';
import { orderCheckRequestShape } from '../../web/wire/order-check-request.ts';
import type { OrderCheckAnswer } from '../../web/wire/order-check-answer.ts';
import { checkFlows } from '../flows/check-flows.ts';
import { flowFault } from '../flows/dependencies.ts';
import { openKeptCheck } from '../flows/checks/kept-check.ts';
import { explanationOf, explanationText } from '../flows/checks/explain-check.ts';
import { replayRow } from '../flows/checks/review-check.ts';
import type { Installation } from '../installation.ts';
import {
  type Command,
  type CommandContext,
  EXIT,
  type ExitCode,
  parseArguments,
  withInstallation,
} from './command.ts';
import { consoleActor } from './console-actor.ts';
import { CLI_FAULTS } from './faults.ts';

const raise = raiser(CLI_FAULTS);

const MARK_WORDS: Readonly<Record<string, string>> = {
  corrected: '已更正',
  withdrawn: '已撤回',
  reinstated: '重新有效',
  disputed: '归属核实中',
  upheld: '归属核实无误',
  'other-person': '确认不属于该患者',
  'other-item': '实为另一项目',
  'other-images': '所附影像不是该患者的',
};

const CHECK_USAGE = 'check REQUEST.json --institution CODE [--json]   (- reads standard input)';
const EXPLAIN_USAGE = 'explain ID [--language zh|en] [--json]';
const REPLAY_USAGE = 'replay ID… | --all [--since MOMENT] [--json]';

const idOf = (text: string): PublicId => {
  const id = text.toLowerCase();
  if (!isUuid(id)) throw flowFault('ORDER_CHECK_UNKNOWN', { place: text });
  return id;
};

const readRequest = (path: string) => {
  try {
    return JSON.parse(readFileSync(path === '-' ? 0 : path, 'utf8')) as unknown;
  } catch (cause) {
    throw raise('FILE_UNREADABLE', { place: path, cause });
  }
};

const showCheck = (answer: OrderCheckAnswer, context: CommandContext): void => {
  context.out(`${answer.title.zh}　${answer.id}`);
  for (const line of answer.lines) {
    context.out(`${line.line}. ${line.name}：${line.outcome}${line.notice ? `　${line.notice.zh}` : ''}`);
    for (const { grade, item, institution, collectedAt, value, reasons } of line.candidates)
      context.out(
        `   ${grade}　${item.nameZh}　${value ? `${value.text} ${value.unit}` : ''}　${institution.nameZh}　${collectedAt ?? '未注明采样时间'}　${reasons.map(({ zh }) => zh).join('；')}`,
      );
  }
};

/** `huren check`: one order check from a JSON request, kept like any other. */
export const checkCommand: Command = {
  usage: CHECK_USAGE,
  summaryZh: '按请求文件核对一次开单（与接口 POST /api/order-checks 同一流程，决策同样留存）',
  summaryEn:
    'checks one order from a request file, the same way as POST /api/order-checks; the decision is kept',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      { institution: { type: 'string' }, json: { type: 'boolean' } },
      CHECK_USAGE,
      { min: 1, max: 1 },
    );
    const { institution } = values;
    if (institution === undefined) throw raise('USAGE', { detail: `huren ${CHECK_USAGE}` });
    const request = orderCheckRequestShape.safeParse(readRequest(positionals[0] as string));
    if (!request.success) {
      const places = request.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
      throw raise('REQUEST_INVALID', { detail: places.join('; ') });
    }
    return withInstallation(context, async (installation) => {
      const checked = await checkFlows(installation).check(consoleActor(institution), request.data, {
        requestId: installation.newPublicId(),
        peer: 'local',
        purpose: 'treatment',
      });
      if (!checked.ok) throw checked.reason;
      if (values.json) context.out(JSON.stringify(checked.value));
      else showCheck(checked.value, context);
      return checked.value.status === 'checked' ? EXIT.done : EXIT.findings;
    });
  },
};

const checkById = async ({ database }: Installation, id: PublicId): Promise<OrderCheckRow> => {
  const row = await readOrderCheck(database, id);
  if (!row) throw flowFault('ORDER_CHECK_UNKNOWN', { place: id });
  return row;
};

/** `huren explain`: every check of a decision, with data and citation, in words. */
export const explainCommand: Command = {
  usage: EXPLAIN_USAGE,
  summaryZh: '说明一次核对：每一项条件、所用数据、依据的清单与版本',
  summaryEn: 'explains a decision: every condition, the data used, the list and version it rests on',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      { language: { type: 'string', default: 'zh' }, json: { type: 'boolean' } },
      EXPLAIN_USAGE,
      { min: 1, max: 1 },
    );
    const language = values.language === 'en' ? 'en' : 'zh';
    return withInstallation(context, async (installation) => {
      const check = await openKeptCheck(
        installation,
        await checkById(installation, idOf(positionals[0] as string)),
        null,
      );
      if (values.json) {
        context.out(JSON.stringify({ ...explanationOf(check), marks: check.marks }));
        return EXIT.done;
      }
      context.out(
        `${check.row.public_id}　${isoInstant(check.row.checked_at as Instant)}　evaluator ${check.row.evaluator}　snapshot ${check.row.snapshot_id}`,
      );
      for (const line of explanationText(check)) context.out(line[language]);
      for (const mark of check.marks)
        context.out(
          language === 'zh'
            ? `此后：报告 ${mark.report_public_id} 第 ${mark.report_version} 版${MARK_WORDS[mark.kind] ?? mark.kind}${mark.relied ? '，本决策曾据以互认，请复核' : ''}`
            : `Since then: report ${mark.report_public_id} version ${mark.report_version} (${mark.kind})${mark.relied ? '; a recognition relied on it' : ''}`,
        );
      return EXIT.done;
    });
  },
};

const CHECKS_AFTER = statement(
  'decisions.checks-after',
  `select person_id, check_id, public_id, institution_id, actor, doctor, encounter_class, encounter_number, request_number, checked_at,
     evaluator, snapshot_id, cluster_version, facts, verdicts
   from order_checks where (person_id, check_id) > ($1, $2) and checked_at >= $3 order by person_id, check_id limit 500`,
);

async function* allChecks(session: Session, since: string): AsyncGenerator<OrderCheckRow> {
  let after: readonly [string, string] = ['0', '0'];
  for (;;) {
    const rows = await session.run<OrderCheckRow & { check_id: string }>(CHECKS_AFTER, [...after, since]);
    yield* rows;
    const last = rows.at(-1);
    if (!last) return;
    after = [last.person_id, last.check_id];
  }
}

async function* namedChecks(
  installation: Installation,
  ids: readonly string[],
): AsyncGenerator<OrderCheckRow> {
  for (const id of ids) yield await checkById(installation, idOf(id));
}

/** `huren replay`: decides kept decisions again with the lists of their day; the bytes must be the same. */
export const replayCommand: Command = {
  usage: REPLAY_USAGE,
  summaryZh: '用当日清单重放决策，逐字节比对；不一致时退出码为 1',
  summaryEn:
    'decides again with the lists of that day and compares byte for byte; exit code 1 when any differs',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      { all: { type: 'boolean' }, since: { type: 'string' }, json: { type: 'boolean' } },
      REPLAY_USAGE,
      { min: 0, max: 10_000 },
    );
    const since = values.since === undefined ? ('1970-01-01T00:00:00Z' as const) : values.since;
    if ((positionals.length === 0) === !values.all || parseInstant(since) === undefined)
      throw raise('USAGE', { detail: `huren ${REPLAY_USAGE}` });
    return withInstallation(context, async (installation): Promise<ExitCode> => {
      const counts = { same: 0, different: 0, 'facts-erased': 0 };
      const checks = values.all
        ? allChecks(installation.database, since)
        : namedChecks(installation, positionals);
      for await (const row of checks) {
        if (context.signal.aborted) break;
        const { outcome } = await replayRow(installation, row);
        counts[outcome]++;
        if (!values.json && (outcome !== 'same' || !values.all)) context.out(`${row.public_id}　${outcome}`);
      }
      context.out(
        values.json
          ? JSON.stringify(counts)
          : `一致 ${counts.same}，不一致 ${counts.different}，事实已依法删除 ${counts['facts-erased']}`,
      );
      return counts.different > 0 ? EXIT.findings : EXIT.done;
    });
  },
};
