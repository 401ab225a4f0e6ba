import { parseArgs, type ParseArgsConfig } from 'node:util';
import { Fault, raiser } from '../../kernel/fault.ts';
import { readConfiguration } from '../configuration.ts';
import { type Installation, openInstallation } from '../installation.ts';
import { CLI_FAULTS } from './faults.ts';

/** Exit codes of every command (DESIGN §7). */
export const EXIT = { done: 0, findings: 1, usage: 2, unreachable: 3 } as const;

/** One of `EXIT`. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What a command is given: its arguments and where to write. Nothing else of the process. */
export interface CommandContext {
  readonly environment: NodeJS.ProcessEnv;
  /** A line of the result, to standard output. */
  readonly out: (line: string) => void;
  /** A line about the work itself, to standard error. */
  readonly note: (line: string) => void;
  /** Progress that replaces itself on a terminal, to standard error; nothing when it is not a terminal. */
  readonly progress: (text: string) => void;
  /** Aborted by Ctrl-C: finish what is in hand and stop. */
  readonly signal: AbortSignal;
}

/** A command of `huren`. */
export interface Command {
  /** The words after `huren`, e.g. `explain ID [--json]`. */
  readonly usage: string;
  readonly summaryZh: string;
  readonly summaryEn: string;
  readonly run: (args: readonly string[], context: CommandContext) => Promise<ExitCode>;
}

const raise = raiser(CLI_FAULTS);

/** Parses arguments strictly. @throws USAGE with what is wrong and the usage line */
export const parseArguments = <Options extends NonNullable<ParseArgsConfig['options']>>(
  args: readonly string[],
  options: Options,
  usage: string,
  positionals: { readonly min: number; readonly max: number },
) => {
  let parsed: ReturnType<
    typeof parseArgs<{ args: string[]; options: Options; allowPositionals: true; strict: true }>
  >;
  try {
    parsed = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
  } catch (cause) {
    throw raise('USAGE', { detail: `${(cause as Error).message} (huren ${usage})`, cause });
  }
  const given = (parsed.positionals as string[]).length;
  if (given < positionals.min || given > positionals.max) throw raise('USAGE', { detail: `huren ${usage}` });
  return parsed;
};

/** Opens the installation for one piece of work and closes it again, with few connections. */
export const withInstallation = async <Value>(
  context: CommandContext,
  work: (installation: Installation) => Promise<Value>,
): Promise<Value> => {
  const installation = await openInstallation(readConfiguration(context.environment), {
    transactions: 4,
    pipelined: 1,
  });
  try {
    return await work(installation);
  } finally {
    await installation.close();
  }
};

/** The exit code that a thrown error means. */
export const exitCodeOf = (error: unknown): ExitCode => {
  if (!(error instanceof Fault)) return EXIT.findings;
  if (error.code === 'USAGE') return EXIT.usage;
  return error.status === 503 || error.code === 'CONFIGURATION_INVALID' ? EXIT.unreachable : EXIT.findings;
};
