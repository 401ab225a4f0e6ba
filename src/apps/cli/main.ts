import { Fault } from '../../kernel/fault.ts';
import { type Command, type CommandContext, EXIT, type ExitCode, exitCodeOf } from './command.ts';
import { COMMANDS } from './commands.ts';

const overview = async (): Promise<string> => {
  const commands = await Promise.all(Object.values(COMMANDS).map((load) => load()));
  const lines = commands.map(
    ({ usage, summaryZh, summaryEn }) => `  huren ${usage}\n      ${summaryZh}\n      ${summaryEn}`,
  );
  return [
    'huren：医疗机构检查检验结果互认平台 / mutual recognition of examinations and tests',
    '',
    ...lines,
    '',
  ].join('\n');
};

const describe = (command: Command): string =>
  [
    `huren ${command.usage}`,
    '',
    command.summaryZh,
    command.summaryEn,
    '',
    '0 完成 done · 1 完成但有发现 done with findings · 2 用法有误 usage · 3 所需服务不可达 unreachable',
  ].join('\n');

const report = (error: unknown, context: CommandContext, json: boolean): void => {
  if (error instanceof Fault) {
    if (json)
      context.out(
        JSON.stringify({
          error: { code: error.code, zh: error.zh, en: error.en, place: error.place, detail: error.detail },
        }),
      );
    else {
      const where = error.place ? ` [${error.place}]` : '';
      context.note(
        `${error.code}${where}\n  ${error.zh}\n  ${error.en}${error.detail ? `\n  ${error.detail}` : ''}`,
      );
      if (error.internal && context.environment['HUREN_LOG_LEVEL'] === 'debug')
        context.note(`  ${error.internal}`);
    }
    return;
  }
  context.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
};

/** Runs one command line and gives its exit code. */
export const runCommandLine = async (args: readonly string[], context: CommandContext): Promise<ExitCode> => {
  const [name, ...rest] = args;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    context.out(await overview());
    return name === undefined ? EXIT.usage : EXIT.done;
  }
  const load = COMMANDS[name];
  if (!load) {
    context.note(await overview());
    return EXIT.usage;
  }
  const command = await load();
  if (rest.includes('--help') || rest.includes('-h')) {
    context.out(describe(command));
    return EXIT.done;
  }
  try {
    return await command.run(rest, context);
  } catch (error) {
    report(error, context, rest.includes('--json'));
    return exitCodeOf(error);
  }
};

/** In a log progress is a line now and then: enough to see that the work goes on. */
const PROGRESS_LINE_MS = 15_000;

const rareLines = (): CommandContext['progress'] => {
  let toldAt = performance.now();
  return (text) => {
    if (text === '' || performance.now() - toldAt < PROGRESS_LINE_MS) return;
    toldAt = performance.now();
    process.stderr.write(`${text}\n`);
  };
};

if (import.meta.main) {
  const abort = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => abort.abort());
  // A reader that has seen enough (`huren explain ID | head`) closes the pipe; there is nobody left to write to.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT.done);
    throw error;
  });
  const terminal = process.stderr.isTTY;
  const code = await runCommandLine(process.argv.slice(2), {
    environment: process.env,
    out: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
    progress: terminal ? (text) => void process.stderr.write(`\r\u001b[2K${text}`) : rareLines(),
    signal: abort.signal,
  });
  process.exitCode = code;
}
