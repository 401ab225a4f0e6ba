import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { raiser } from '../../kernel/fault.ts';
import type { EmbeddedOptions } from './embedded.ts';
import type { Binaries } from './embedded-binaries.ts';
import { processOptions } from './embedded-cluster.ts';
import type { Account } from './embedded-folders.ts';
import { POSTGRES_FAULTS } from './faults.ts';

const raise = raiser(POSTGRES_FAULTS);

const POLL_MS = 5;
const READY_WAIT_MS = 600_000;
const ORPHANS_WAIT_MS = 20_000;
const STOP_WAIT_MS = 60_000;

/** Whether a process of this number exists, ours or another user's. */
export const isRunning = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as { code?: string }).code === 'EPERM';
  }
};

const readText = (path: string): string => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
};

/** A text that names one process for ever, even after its number has been given to another: `pid start-time`. */
export const processMark = (pid: number): string => {
  if (process.platform === 'linux') {
    // The command name, in parentheses, may itself hold spaces; the start time is the 20th field after it.
    const fields = readText(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
    return `${pid} ${fields[19] ?? ''}`;
  }
  const { stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  return `${pid} ${(stdout ?? '').trim()}`;
};

const commandLine = (pid: number): string =>
  process.platform === 'linux'
    ? readText(`/proc/${pid}/cmdline`).replaceAll('\0', ' ')
    : (spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '');

/** Whether this process is a PostgreSQL server of this cluster, and not a stranger that got its number. */
export const isPostmasterOf = (pid: number, cluster: string): boolean =>
  isRunning(pid) && commandLine(pid).includes(`-D ${cluster} `);

/** What the cluster's `postmaster.pid` says. */
export const readPostmaster = (
  cluster: string,
): { readonly pid: number; readonly ready: boolean } | undefined => {
  const lines = readText(join(cluster, 'postmaster.pid')).split('\n');
  const pid = Number(lines[0]);
  return Number.isInteger(pid) && pid > 0 ? { pid, ready: lines[7]?.trim() === 'ready' } : undefined;
};

/** Our settings. A site that wants its own runs its own server and names it in DATABASE_URL. */
const settings = (socket: string, { port, settings: over }: EmbeddedOptions): Record<string, string> => {
  const constrained = process.constrainedMemory();
  const memoryMb = Math.min(totalmem(), constrained > 0 ? constrained : Infinity) / 2 ** 20;
  return {
    listen_addresses: port === undefined ? '' : '127.0.0.1',
    port: String(port ?? 5432),
    unix_socket_directories: socket,
    unix_socket_permissions: '0700',
    max_connections: '60',
    shared_buffers: `${Math.round(Math.min(2048, Math.max(64, memoryMb / 8)))}MB`,
    effective_cache_size: `${Math.round(Math.max(256, memoryMb / 2))}MB`,
    // Compressing page images takes a third of the database's CPU under load and saves a third of the log.
    wal_compression: 'off',
    max_wal_size: '2GB',
    random_page_cost: '1.1',
    jit: 'off',
    timezone: 'UTC',
    logging_collector: 'on',
    log_directory: 'log',
    // One file for each weekday, overwritten a week later.
    log_filename: 'postgresql-%a.log',
    log_truncate_on_rotation: 'on',
    log_rotation_age: '1d',
    log_rotation_size: '0',
    // The details of an error can hold the values of a row.
    log_error_verbosity: 'terse',
    ...over,
  };
};

/** What `startPostgres` needs. */
export interface StartContext {
  readonly dataDir: string;
  readonly cluster: string;
  readonly socket: string;
  readonly binaries: Binaries;
  readonly account: Account;
  readonly options: EmbeddedOptions;
}

/**
 * Starts the server and waits until it takes connections; gives its process number. The caller has made sure that no
 * server of this cluster is running.
 * @throws EMBEDDED_DATA_VERSION, EMBEDDED_START_FAILED, EMBEDDED_NO_ORDINARY_USER
 */
export const startPostgres = async (context: StartContext): Promise<number> => {
  const { dataDir, cluster, socket, binaries, account, options } = context;
  const made = readText(join(cluster, 'PG_VERSION')).trim();
  if (made !== binaries.major)
    throw raise('EMBEDDED_DATA_VERSION', { detail: `data ${made}, program ${binaries.major}` });
  const wanted = settings(socket, options);
  const logPath = join(dataDir, 'start.log');
  for (let waitedMs = 0; ; waitedMs += 200) {
    // Left by a killed server whose number may since belong to a stranger, before which PostgreSQL would give up.
    rmSync(join(cluster, 'postmaster.pid'), { force: true });
    rmSync(join(socket, `.s.PGSQL.${wanted['port']}.lock`), { force: true });
    const log = openSync(logPath, 'w', 0o600);
    const child = spawn(
      join(binaries.folder, 'bin', 'postgres'),
      ['-D', cluster, ...Object.entries(wanted).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      // In a session of its own, so that Ctrl-C reaches only us and we end it in order.
      { ...processOptions(account, cluster), detached: true, stdio: ['ignore', log, log] },
    );
    closeSync(log);
    child.unref();
    const failed = new Promise<Error>((resolve) => child.once('error', resolve));
    const pid = child.pid;
    if (pid === undefined) {
      const error = (await failed) as Error & { code?: string };
      if (error.code === 'EPERM') throw raise('EMBEDDED_NO_ORDINARY_USER', { cause: error });
      throw raise('EMBEDDED_START_FAILED', { detail: error.message, cause: error });
    }
    if (await becomesReady(pid, cluster, () => child.exitCode === null && child.signalCode === null))
      return pid;
    const told = readText(logPath).trim();
    // The children of a killed server hold its memory until they notice; they do within moments.
    if (/still in use/.test(told) && waitedMs < ORPHANS_WAIT_MS) await delay(200);
    else throw raise('EMBEDDED_START_FAILED', { detail: told.split('\n').at(-1) ?? '', internal: told });
  }
};

const becomesReady = async (pid: number, cluster: string, lives: () => boolean): Promise<boolean> => {
  for (let waitedMs = 0; waitedMs < READY_WAIT_MS && lives(); waitedMs += POLL_MS) {
    const found = readPostmaster(cluster);
    if (found?.pid === pid && found.ready) return true;
    await delay(POLL_MS);
  }
  return false;
};

/** Asks the server for a fast shutdown, then for an immediate one; resolves when the process has gone. */
export const stopPostgres = async (pid: number, cluster: string): Promise<void> => {
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) {
    if (!isPostmasterOf(pid, cluster)) return;
    process.kill(pid, signal);
    for (let waitedMs = 0; waitedMs < STOP_WAIT_MS; waitedMs += POLL_MS) {
      if (!isPostmasterOf(pid, cluster)) return;
      await delay(POLL_MS);
    }
  }
};
