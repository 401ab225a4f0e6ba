import { parseInstant } from '../../kernel/instant.ts';
import { isoInstant } from '../../kernel/instant.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import { answerReview } from '../flows/answer-review.ts';
import type { ClientActor } from '../server/flows-port.ts';
import type { AnswerReview } from '../server/routes/answer-review.ts';
import type { ExecutedAnswer, RepeatsAnswer, WaitingAnswer } from '../../web/wire/answer-review.ts';
import { type Command, type CommandContext, EXIT, parseArguments, withInstallation } from './command.ts';
import { CLI_FAULTS } from './faults.ts';
import { raiser } from '../../kernel/fault.ts';

const raise = raiser(CLI_FAULTS);

const USAGE = 'answers executed|waiting|repeats --institution CODE [--since MOMENT] [--json]';

/** The console, asking for an institution as its medical affairs office would; the audit trail says who it was. */
const consoleActor = (institution: string): ClientActor => ({
  kind: 'client',
  name: 'console',
  code: 'console',
  institution: institution as InstitutionCode,
  purposes: ['treatment'],
});

const recognitionLine = (each: WaitingAnswer['recognitions'][number]): string =>
  `${each.recognisedAt}　${each.item.nameZh}　申请单 ${each.orderNumber ?? '—'}　医师 ${each.doctor ?? '—'}　核查 ${each.check} 第 ${each.line} 行`;

const SHOW = {
  executed: ({ recognitions }: ExecutedAnswer): readonly string[] => [
    `已互认仍执行 ${recognitions.length}`,
    ...recognitions.map(
      (each) => `${recognitionLine(each)}　${each.execution.text.zh}　${each.execution.at ?? ''}`,
    ),
  ],
  waiting: ({ recognitions }: WaitingAnswer): readonly string[] => [
    `已互认、待开单系统确认撤销 ${recognitions.length}`,
    ...recognitions.map(recognitionLine),
  ],
  repeats: ({ items }: RepeatsAnswer): readonly string[] => [
    '项目　重复　其中可避免　理由',
    ...items.map(
      ({ item, repeats, avoidable, reasons }) =>
        `${item.nameZh}　${repeats}　${avoidable}　${reasons.map(({ reason, answers }) => `${reason ?? '未注明'}×${answers}`).join(' ')}`,
    ),
  ],
} as const;

type ReviewName = keyof typeof SHOW & keyof AnswerReview;

const isReview = (name: string | undefined): name is ReviewName => name !== undefined && name in SHOW;

const show = (
  name: ReviewName,
  answer: ExecutedAnswer | WaitingAnswer | RepeatsAnswer,
  context: CommandContext,
): void => {
  for (const line of SHOW[name](answer as never)) context.out(line);
};

/** `huren answers`: what became of the answers of an institution's doctors. */
export const answersCommand: Command = {
  usage: USAGE,
  summaryZh: '应答之后：已互认仍执行、待确认撤销、各项目重复检查（有已互认仍执行的时退出码为 1）',
  summaryEn:
    'what became of answers: recognised yet executed (exit code 1 when there are any), waiting, repeats by item',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      { institution: { type: 'string' }, since: { type: 'string' }, json: { type: 'boolean' } },
      USAGE,
      { min: 1, max: 1 },
    );
    const [name] = positionals;
    const { institution } = values;
    const since = values.since === undefined ? undefined : parseInstant(values.since);
    if (!isReview(name) || institution === undefined || (values.since !== undefined && since === undefined))
      throw raise('USAGE', { detail: `huren ${USAGE}` });
    return withInstallation(context, async (installation) => {
      const reviewed = await answerReview(installation)[name](
        consoleActor(institution),
        since === undefined ? {} : { since: isoInstant(since) },
        { requestId: installation.newPublicId(), peer: 'local' },
      );
      if (!reviewed.ok) throw reviewed.reason;
      if (values.json) context.out(JSON.stringify(reviewed.value));
      else show(name, reviewed.value, context);
      return name === 'executed' && (reviewed.value as ExecutedAnswer).recognitions.length > 0
        ? EXIT.findings
        : EXIT.done;
    });
  },
};
