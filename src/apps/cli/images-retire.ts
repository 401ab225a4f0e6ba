import { actorNameOf } from '../../adapters/postgres/accounts.ts';
import { type ImageRetirement, listImageRetirements } from '../../adapters/postgres/image-retirements.ts';
import { raiser } from '../../kernel/fault.ts';
import { isUuid, type PublicId } from '../../kernel/uuid.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import type { RetirementActor } from '../flows/audit/retire-audit.ts';
import {
  carryOutImageRetirement,
  decideImageRetirement,
  type ImageRetirementDependencies,
  requestImageRetirement,
} from '../flows/imaging/retire-images.ts';
import type { Installation } from '../installation.ts';
import { type CommandContext, EXIT, type ExitCode } from './command.ts';
import { SIGN_IN_AS_OPTIONS, SIGN_IN_AS_USAGE, signInAtConsole } from './console-sign-in.ts';
import { CLI_FAULTS } from './faults.ts';

/** The words after `huren images` of a retirement. */
export const IMAGES_RETIRE_USAGE = `retire list | retire request INSTITUTION --reason TEXT ${SIGN_IN_AS_USAGE} | retire approve|refuse ID ${SIGN_IN_AS_USAGE} | retire carry-out ID`;

/** Options of a retirement. */
export const IMAGES_RETIRE_OPTIONS = { reason: { type: 'string' }, ...SIGN_IN_AS_OPTIONS } as const;

type Options = { readonly [Name in keyof typeof IMAGES_RETIRE_OPTIONS]?: string | undefined } & {
  readonly json?: boolean | undefined;
};

const REASON_MIN_CHARACTERS = 4;
const STATE_ZH = {
  requested: '待批准',
  refused: '已否决',
  approved: '已批准，待执行',
  done: '已执行',
} as const;

const usage = (wrong: string) =>
  raiser(CLI_FAULTS)('USAGE', { detail: `${wrong} (huren images ${IMAGES_RETIRE_USAGE})` });

const tell = (retirement: ImageRetirement, { json }: Options, { out }: CommandContext): void => {
  const { id, state, reason, requestedBy, decidedBy, studies } = retirement;
  if (json) {
    const shown = studies.map(({ personId: _person, studyId: _study, ...study }) => study);
    out(JSON.stringify({ id, state, reason, requestedBy, decidedBy, studies: shown }));
    return;
  }
  const bytes = studies.reduce((sum, study) => sum + study.bytes, 0);
  out(
    `${id}\t${STATE_ZH[state]}\t${studies.length} 项检查、${bytes} 字节\t${requestedBy} → ${decidedBy ?? '-'}\t${reason}`,
  );
  for (const { studyPublicId, retainUntil, rule, countedFrom, removedAt, leftReason } of studies)
    out(
      `  ${studyPublicId}\t保存至 ${retainUntil}（${rule}，自 ${countedFrom}）\t${removedAt === null ? (leftReason ?? '-') : '已删除'}`,
    );
};

const idOf = (text: string | undefined): PublicId => {
  if (text === undefined || !isUuid(text)) throw usage(text ?? 'ID');
  return text;
};

const dependenciesOf = ({ configuration, ...installation }: Installation): ImageRetirementDependencies => ({
  ...installation,
  retentionYears: configuration.imageRetentionYears,
});

const actorAt = async (installation: Installation, options: Options): Promise<RetirementActor> => {
  const account = await signInAtConsole(installation, options);
  return { name: actorNameOf(account), role: account.role, peer: 'local' };
};

/** `huren images retire`: what is past its retention leaves, by two people. */
export const runImagesRetire = async (
  installation: Installation,
  [step, name, ...more]: readonly string[],
  options: Options,
  context: CommandContext,
): Promise<ExitCode> => {
  if (more.length > 0) throw usage(more.join(' '));
  const dependencies = dependenciesOf(installation);
  if (step === 'list' && name === undefined) {
    for (const each of await listImageRetirements(installation.database)) tell(each, options, context);
    return EXIT.done;
  }
  let taken: Awaited<ReturnType<typeof requestImageRetirement>>;
  if (step === 'request' && name !== undefined) {
    const reason = (options.reason ?? '').trim();
    if (reason.length < REASON_MIN_CHARACTERS)
      throw usage(`--reason: at least ${REASON_MIN_CHARACTERS} characters`);
    const institution = name as InstitutionCode;
    taken = await requestImageRetirement(dependencies, await actorAt(installation, options), {
      institution,
      reason,
    });
  } else if (step === 'approve' || step === 'refuse') {
    const id = idOf(name);
    const state = step === 'approve' ? 'approved' : 'refused';
    taken = await decideImageRetirement(dependencies, await actorAt(installation, options), id, state);
  } else if (step === 'carry-out') taken = await carryOutImageRetirement(dependencies, idOf(name));
  else throw usage(step ?? 'retire');
  if (!taken.ok) throw taken.reason;
  tell(taken.value, options, context);
  return EXIT.done;
};
