import { type ChildProcess, spawn } from 'node:child_process';
import { openSync, closeSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { leanClient } from './http-client.ts';
import { cpuSecondsOfTree, residentMb } from './measure.ts';
import { environmentOf, type Site } from './site.ts';

/** The program under test, running as its own process over a site. */
export interface RunningServer {
  readonly pid: number;
  /** Process number of its database. */
  readonly databasePid: number;
  readonly httpPort: number;
  readonly mllpPort: number;
  /** From the start of the process until `/readyz` said so, in milliseconds. */
  readonly readyMs: number;
  /** CPU seconds used so far by the program and by its database with all its processes. */
  cpu(): ServerCpu;
  residentMb(): number;
  /** Ends it as an administrator would. */
  stop(): Promise<void>;
  /** Ends program and database as a power cut would. */
  kill(): Promise<void>;
}

/** CPU seconds of the two halves. */
export interface ServerCpu {
  readonly program: number;
  readonly database: number;
}

const ROOT = new URL('..', import.meta.url).pathname;
const PRODUCT = [join(ROOT, 'src/apps/cli/main.ts'), 'serve'];
/** The program without rights, audit rows and consent. */
export const BARE = [join(ROOT, 'bench/bare-server.ts')];
/** The statements of an order check alone. */
export const BARE_STATEMENTS = [join(ROOT, 'bench/bare-statements.ts')];
const START_WAIT_MS = 60_000;
/** Pause between two looks at whether it is ready. */
const LOOK_MS = 5;

const portIn = (text: string, pattern: RegExp): number | undefined => {
  const found = pattern.exec(text)?.[1];
  return found === undefined ? undefined : Number(found);
};

const isReady = async (port: number): Promise<boolean> => {
  try {
    const client = await leanClient('127.0.0.1', port);
    try {
      return (await client.request('GET', '/readyz', {}, '')).status === 200;
    } finally {
      client.close();
    }
  } catch {
    return false;
  }
};

const postmasterOf = (site: Pick<Site, 'folder'>): number =>
  Number(readFileSync(join(site.folder, 'postgres', 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0]);

const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const ended = async (child: ChildProcess): Promise<void> => {
  while (child.exitCode === null && child.signalCode === null) await delay(LOOK_MS);
};

/**
 * Starts `huren serve` over a site and waits until it is ready. Its log goes to a file in the site's folder, as it
 * would go to a log file: reading it here would burden the load generator.
 *
 * @param program what to run instead of the product, with its arguments
 * @param nodeOptions further options of Node, e.g. `--cpu-prof`
 */
export const startServer = async (
  site: Pick<Site, 'folder'>,
  nodeOptions: readonly string[] = [],
  program: readonly string[] = PRODUCT,
): Promise<RunningServer> => {
  const logFile = join(site.folder, 'server.log');
  const log = openSync(logFile, 'w');
  const startedAt = performance.now();
  const child = spawn(process.execPath, [...nodeOptions, ...program], {
    cwd: ROOT,
    env: environmentOf(site.folder),
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  const pid = child.pid as number;
  let httpPort: number | undefined;
  let mllpPort: number | undefined;
  while (httpPort === undefined || !(await isReady(httpPort))) {
    const text = readFileSync(logFile, 'utf8');
    if (child.exitCode !== null || performance.now() - startedAt > START_WAIT_MS) {
      child.kill('SIGKILL');
      throw new Error(`the server did not start:\n${text.slice(-2_000)}`);
    }
    httpPort = portIn(text, /Huren is ready: http:\/\/127\.0\.0\.1:(\d+)/);
    mllpPort = portIn(text, /MLLP: 127\.0\.0\.1:(\d+)/);
    if (httpPort === undefined) await delay(LOOK_MS);
  }
  const readyMs = performance.now() - startedAt;
  const databasePid = postmasterOf(site);
  return {
    pid,
    databasePid,
    httpPort,
    mllpPort: mllpPort ?? 0,
    readyMs,
    cpu: () => ({ program: cpuSecondsOfTree(pid), database: cpuSecondsOfTree(databasePid) }),
    residentMb: () => residentMb(pid),
    async stop() {
      child.kill('SIGTERM');
      await ended(child);
    },
    async kill() {
      child.kill('SIGKILL');
      await ended(child);
      process.kill(databasePid, 'SIGKILL');
      while (isRunning(databasePid)) await delay(LOOK_MS);
    },
  };
};
