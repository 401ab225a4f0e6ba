import { raiser } from '../../kernel/fault.ts';
import { isUuid, type PublicId } from '../../kernel/uuid.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import {
  calendarGapText,
  CORRECTION_KIND_WORDS,
  CORRECTION_STATE_WORDS,
  CORRECTION_STEP_WORDS,
  distanceText,
} from '../../web/correction-words.ts';
import {
  type CorrectionAnswer,
  type CorrectionCase,
  type DeskQuery,
  deskQueryShape,
} from '../../web/wire/correction.ts';
import { correctionFlows } from '../flows/corrections/corrections.ts';
import type { Installation } from '../installation.ts';
import type { CallOrigin, StaffActor } from '../server/flows-port.ts';
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
  'correction list|show ID --institution CODE [--state open|all|STATE] [--kind KIND] [--overdue] [--json]';

const usage = (detail: string) => raiser(CLI_FAULTS)('USAGE', { detail: `${detail} (huren ${USAGE})` });

/** The console at an institution's desk: whoever can run this has the database anyway; the audit trail says so. */
const consoleDesk = (institution: string): StaffActor => ({
  kind: 'staff',
  name: 'console',
  login: 'console',
  role: 'institution-it',
  institution: institution as InstitutionCode,
  staffNumber: null,
  department: null,
  displayName: 'console',
});

const line = (each: CorrectionAnswer): string =>
  [
    each.id,
    each.ticket,
    CORRECTION_STATE_WORDS[each.state],
    CORRECTION_KIND_WORDS[each.kind],
    each.reportNumber,
    each.submittedAt,
    each.due
      ? [each.due.by, distanceText(each.due), calendarGapText(each.due)].filter(Boolean).join(' ')
      : '-',
  ].join('\t');

const originOf = (installation: Installation): CallOrigin => ({
  requestId: installation.newPublicId(),
  peer: 'local',
  purpose: 'quality',
});

const list = async (
  installation: Installation,
  institution: string,
  query: DeskQuery,
  json: boolean,
  out: CommandContext['out'],
): Promise<ExitCode> => {
  const desk = await correctionFlows(installation).desk(
    consoleDesk(institution),
    query,
    originOf(installation),
  );
  if (!desk.ok) throw desk.reason;
  const { corrections, counts } = desk.value;
  if (json) out(JSON.stringify(desk.value));
  else {
    out(`待办结 ${counts.open} 张，已超时 ${counts.overdue} 张，列出 ${corrections.length} 张`);
    for (const each of corrections) out(line(each));
  }
  return counts.overdue > 0 ? EXIT.findings : EXIT.done;
};

const shown = ({ correction, decisions }: CorrectionCase): readonly string[] => [
  line(correction),
  ...correction.history.map(
    ({ step, at, by, text, reason, remedy }) =>
      `  ${at}\t${by}\t${CORRECTION_STEP_WORDS[step]}\t${[remedy, reason?.zh, text].filter(Boolean).join('　')}`,
  ),
  ...decisions.map(
    ({ check, institution, department, doctor, checkedAt, answer, review }) =>
      `  ${checkedAt}\t${institution.nameZh}\t${department ?? '-'}\t${doctor ?? '-'}\t${answer}\t${
        review?.lines
          .flatMap(({ results }) => results)
          .map(({ itemZh, before, after }) => `${itemZh} ${before ?? '-'} → ${after ?? '-'}`)
          .join('；') ?? '-'
      }\t${check}`,
  ),
];

const show = async (
  installation: Installation,
  institution: string,
  id: PublicId,
  json: boolean,
  out: CommandContext['out'],
): Promise<ExitCode> => {
  const opened = await correctionFlows(installation).openCase(
    consoleDesk(institution),
    id,
    originOf(installation),
  );
  if (!opened.ok) throw opened.reason;
  if (json) out(JSON.stringify(opened.value));
  else for (const each of shown(opened.value)) out(each);
  return EXIT.done;
};

/** `huren correction`: the tickets that an institution is to answer, and one with the decisions that hang on it. */
export const correctionCommand: Command = {
  usage: USAGE,
  summaryZh: '查看某机构待处理的纠错单，或一张纠错单的经过与受影响的核查',
  summaryEn: 'lists the tickets an institution is to answer, or shows one with the decisions it touches',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      {
        institution: { type: 'string' },
        state: { type: 'string' },
        kind: { type: 'string' },
        overdue: { type: 'boolean' },
        json: { type: 'boolean' },
      },
      USAGE,
      { min: 1, max: 2 },
    );
    const [verb, id] = positionals;
    const { institution, state, kind, overdue, json = false } = values;
    if (institution === undefined) throw usage('--institution');
    const query = deskQueryShape.safeParse({ state, kind, ...(overdue ? { overdue: 'yes' } : {}) });
    if (!query.success) throw usage(query.error.issues.map(({ path }) => path.join('.')).join(', '));
    return withInstallation(context, async (installation) => {
      if (verb === 'list' && id === undefined)
        return list(installation, institution, query.data, json, context.out);
      if (verb === 'show' && id !== undefined && isUuid(id))
        return show(installation, institution, id, json, context.out);
      throw usage(positionals.join(' '));
    });
  },
};
