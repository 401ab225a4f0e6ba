import { ANSWER_WAYS, registerLaunch, SIGNATURE_DIGESTS } from '../../adapters/postgres/client-launches.ts';
import { raiser } from '../../kernel/fault.ts';
import { consoleAct } from './console-act.ts';
import { type CommandContext, EXIT, type ExitCode, withInstallation } from './command.ts';
import { CLI_FAULTS } from './faults.ts';

/** Usage of `huren client launch`. */
export const LAUNCH_USAGE =
  'launch CODE [--frame-origin ORIGIN…] [--answers polling|callback|form-post] [--answer-url URL] [--digest sha256|sm3] [--new-secrets]';

/** Options of `huren client launch`. */
export const LAUNCH_OPTIONS = {
  'frame-origin': { type: 'string', multiple: true },
  answers: { type: 'string' },
  'answer-url': { type: 'string' },
  digest: { type: 'string' },
  'new-secrets': { type: 'boolean' },
} as const;

/** Values of those options as parsed. */
export interface LaunchValues {
  readonly 'frame-origin'?: readonly string[] | undefined;
  readonly answers?: string | undefined;
  readonly 'answer-url'?: string | undefined;
  readonly digest?: string | undefined;
  readonly 'new-secrets'?: boolean | undefined;
  readonly json?: boolean | undefined;
}

const oneOf = <Word extends string>(
  words: readonly Word[],
  text: string | undefined,
  option: string,
): Word | undefined => {
  if (text === undefined) return undefined;
  const word = words.find((known) => known === text);
  if (!word) throw raiser(CLI_FAULTS)('USAGE', { detail: `--${option} ${words.join('|')}` });
  return word;
};

/** Registers how a client's doctors come in and how their answers go back; new secrets are told this once. */
export const runClientLaunch = (
  code: string,
  values: LaunchValues,
  context: CommandContext,
): Promise<ExitCode> => {
  const digest = oneOf(SIGNATURE_DIGESTS, values.digest, 'digest');
  const way = oneOf(ANSWER_WAYS, values.answers, 'answers');
  return withInstallation(context, async (installation) => {
    const made = await registerLaunch(
      installation.database,
      installation.keys,
      code,
      {
        ...(digest === undefined ? {} : { digest }),
        ...(values['frame-origin'] === undefined ? {} : { frameOrigins: values['frame-origin'] }),
        ...(way === undefined ? {} : { way }),
        ...(values['answer-url'] === undefined ? {} : { answerUrl: values['answer-url'] }),
        newSecrets: values['new-secrets'] === true,
      },
      consoleAct(installation),
    );
    if (values.json) context.out(JSON.stringify({ code, ...made }));
    else {
      context.out(`已登记：${code}`);
      if (made.launchSecret !== null) context.out(`启动地址签名密钥（只显示这一次）\t${made.launchSecret}`);
      if (made.answerSecret !== null) context.out(`应答签名密钥（只显示这一次）\t${made.answerSecret}`);
    }
    return EXIT.done;
  });
};
