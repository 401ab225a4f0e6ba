import { parseCivilDay } from '../../kernel/civil-day.ts';
import { type Instant, isoInstant, parseInstant } from '../../kernel/instant.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import { answerReview } from '../flows/checks/answer-review.ts';
import type { AnswerReview } from '../server/routes/answer-review.ts';
import type { ExecutedAnswer } from '../../web/wire/answer-review.ts';
import { ANSWER_LINES } from './answer-lines.ts';
import { type Command, EXIT, parseArguments, withInstallation } from './command.ts';
import { consoleActor } from './console-actor.ts';
import { CLI_FAULTS } from './faults.ts';
import { raiser } from '../../kernel/fault.ts';

const raise = raiser(CLI_FAULTS);

const USAGE = 'answers executed|waiting|repeats --institution CODE [--since DAY|MOMENT] [--json]';

type ReviewName = keyof typeof ANSWER_LINES & keyof AnswerReview;

const isReview = (name: string | undefined): name is ReviewName =>
  name !== undefined && Object.hasOwn(ANSWER_LINES, name);

/** A moment, or the beginning of a day in China. */
const momentOf = (text: string): Instant | undefined => parseCivilDay(text) ?? parseInstant(text);

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
    const since = values.since === undefined ? undefined : momentOf(values.since);
    if (!isReview(name) || institution === undefined || (values.since !== undefined && since === undefined))
      throw raise('USAGE', { detail: `huren ${USAGE}` });
    return withInstallation(context, async (installation) => {
      const { registry } = await installation.snapshots.current();
      if (registry.institutionKey(institution as InstitutionCode) === undefined)
        throw raise('INSTITUTION_UNKNOWN', { detail: institution });
      const reviewed = await answerReview(installation)[name](
        consoleActor(institution),
        since === undefined ? {} : { since: isoInstant(since) },
        { requestId: installation.newPublicId(), peer: 'local', purpose: 'quality' },
      );
      if (!reviewed.ok) throw reviewed.reason;
      if (values.json) context.out(JSON.stringify(reviewed.value));
      else for (const line of ANSWER_LINES[name](reviewed.value as never)) context.out(line);
      return name === 'executed' && (reviewed.value as ExecutedAnswer).recognitions.length > 0
        ? EXIT.findings
        : EXIT.done;
    });
  },
};
