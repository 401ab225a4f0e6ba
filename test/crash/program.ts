import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { environmentOf, type Site, until } from './site.ts';

/** `huren serve` as a process of its own. */
export interface Program {
  readonly pid: number;
  readonly mllpPort: number;
  readonly dimsePort: number;
  readonly url: string;
  /** Everything it wrote so far. */
  log(): string;
  isAlive(): boolean;
  /** kill -9. */
  kill(): Promise<void>;
  /** Ends it as an administrator would; gives its exit code. */
  stop(): Promise<number | null>;
}

const ROOT = new URL('../..', import.meta.url).pathname;
/** After a crash the database first repairs itself, on a machine that may have other things to do. */
const START_WAIT_MS = 180_000;
const LOG_KEPT_CHARACTERS = 2_000_000;

const isEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/**
 * Starts the program over a site and waits until it says that it is ready.
 *
 * @param nodeArguments options of Node itself
 */
export const startProgram = async (site: Site, nodeArguments: readonly string[] = []): Promise<Program> => {
  const child = spawn(process.execPath, [...nodeArguments, join(ROOT, 'src/apps/cli/main.ts'), 'serve'], {
    cwd: ROOT,
    env: environmentOf(site.folder),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      log = (log + chunk.toString('utf8')).slice(-LOG_KEPT_CHARACTERS);
    });
  const ready = () => /^Huren is ready: (\S+)$/m.exec(log)?.[1];
  await until('the program is ready', () => ready() !== undefined || isEnded(child), START_WAIT_MS);
  const url = ready();
  const mllpPort = Number(/^MLLP: 127\.0\.0\.1:(\d+)$/m.exec(log)?.[1]);
  const dimsePort = Number(/^DICOM: HUREN 127\.0\.0\.1:(\d+)$/m.exec(log)?.[1]);
  if (url === undefined) throw new Error(`the program ended while starting: ${log.slice(-2_000)}`);
  const gone = (): Promise<void> => until('the program ends', () => isEnded(child));
  return {
    pid: child.pid as number,
    mllpPort,
    dimsePort,
    url,
    log: () => log,
    isAlive: () => !isEnded(child),
    async kill() {
      child.kill('SIGKILL');
      await gone();
    },
    async stop() {
      child.kill('SIGTERM');
      await gone();
      return child.exitCode;
    },
  };
};
