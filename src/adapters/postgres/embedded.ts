import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fchownSync,
  linkSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { raiser } from '../../kernel/fault.ts';
import { installBinaries } from './embedded-binaries.ts';
import { createCluster } from './embedded-cluster.ts';
import { type Account, chooseAccount, makeFolder, socketFolder } from './embedded-folders.ts';
import {
  isPostmasterOf,
  isRunning,
  processMark,
  readPostmaster,
  startPostgres,
  stopPostgres,
} from './embedded-process.ts';
import { POSTGRES_FAULTS } from './faults.ts';

const raise = raiser(POSTGRES_FAULTS);

/** How to run the embedded database. */
export interface EmbeddedOptions {
  /** Folder that holds the binaries, the cluster, the password and the logs. Made when missing. */
  readonly dataDir: string;
  /** Also listen on this port of 127.0.0.1; without it only the socket is there. */
  readonly port?: number;
  /** Server settings over our own, by name. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** A running embedded database. */
export interface EmbeddedDatabase {
  /** For `pg`: user, password, database `huren`, socket folder. */
  readonly connectionString: string;
  /** Process number of the postmaster. */
  readonly pid: number;
  /** `started` by this call; `adopted` from a program that died; `joined` beside a program that lives. */
  readonly origin: 'started' | 'adopted' | 'joined';
  /** Stops the server cleanly and waits for its end; for a `joined` one it does nothing. */
  stop(): Promise<void>;
}

const LOCK_WAIT_MS = 30_000;
const RECOVERY_WAIT_MS = 600_000;
/** SQLSTATE of a password that the server does not take. */
const WRONG_PASSWORD = '28P01';

const readText = (path: string): string | undefined => {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
};

/** Whether the process that wrote this mark (`pid start-time`) is still the same living process. */
const isLiving = (mark: string | undefined): boolean => {
  const pid = Number(mark?.split(' ')[0]);
  return Number.isInteger(pid) && pid > 0 && isRunning(pid) && processMark(pid) === mark;
};

/** Runs `work` while holding a lock file, so that two starters of one folder take turns. */
const withLock = async <Value>(path: string, work: () => Promise<Value>): Promise<Value> => {
  const mine = processMark(process.pid);
  const draft = `${path}.${process.pid}`;
  for (let waitedMs = 0; ; waitedMs += 20) {
    try {
      // Written beside and linked into place, so that a lock never exists without its holder's mark.
      writeFileSync(draft, mine, { mode: 0o600 });
      linkSync(draft, path);
      break;
    } catch (error) {
      if ((error as { code?: string }).code !== 'EEXIST') throw error;
      const holder = readText(path);
      if (holder !== undefined && !isLiving(holder)) rmSync(path, { force: true });
      else if (waitedMs >= LOCK_WAIT_MS) throw raise('EMBEDDED_BUSY', { detail: path });
      else await delay(20);
    } finally {
      rmSync(draft, { force: true });
    }
  }
  try {
    return await work();
  } finally {
    if (readText(path) === mine) rmSync(path, { force: true });
  }
};

const readPassword = (path: string, account: Account): string => {
  const found = readText(path)?.trim();
  if (found) return found;
  const made = randomBytes(24).toString('base64url');
  const file = openSync(path, 'w', 0o600);
  if (account.switches) fchownSync(file, account.uid, account.gid);
  writeFileSync(file, `${made}\n`);
  closeSync(file);
  return made;
};

type Answer = 'answers' | 'silent' | 'refuses';

const ask = async (connectionString: string): Promise<Answer> => {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return 'answers';
  } catch (error) {
    return (error as { code?: string }).code === WRONG_PASSWORD ? 'refuses' : 'silent';
  } finally {
    await client.end().catch(() => undefined);
  }
};

/** The process number of the server that already runs on this cluster; waits while it recovers or goes down. */
const findRunning = async (cluster: string, connectionString: string): Promise<number | undefined> => {
  for (let waitedMs = 0; ; waitedMs += 20) {
    const running = readPostmaster(cluster);
    if (!running || !isPostmasterOf(running.pid, cluster)) return undefined;
    // A server that was just killed still counts as running for a moment: only an answer proves it.
    const answer = await ask(connectionString);
    if (answer === 'answers') return running.pid;
    if (answer === 'refuses' || waitedMs >= RECOVERY_WAIT_MS)
      throw raise('EMBEDDED_START_FAILED', { detail: `the server of process ${running.pid} ${answer}` });
    await delay(20);
  }
};

/**
 * Starts the PostgreSQL whose binaries came by npm, or takes over the one that a killed program left running, or joins
 * the one that a living program runs on the same folder. The first call in a folder makes the cluster. As root the
 * server runs under another uid. It listens on a socket in a folder that only that uid may enter, and asks for a
 * random password kept beside it.
 * @throws the EMBEDDED_* faults of `faults.ts`.
 */
export const startEmbedded = async (options: EmbeddedOptions): Promise<EmbeddedDatabase> => {
  const dataDir = resolve(options.dataDir);
  const account = chooseAccount(dataDir);
  makeFolder(dataDir, account);
  const cluster = join(dataDir, 'cluster');
  const ownerPath = join(dataDir, 'owner');
  const lockPath = join(dataDir, 'lock');
  const mine = processMark(process.pid);

  return withLock(lockPath, async () => {
    const socket = socketFolder(dataDir, account);
    const password = readPassword(join(dataDir, 'password'), account);
    const connectionString = `postgresql://huren:${password}@/huren?host=${encodeURIComponent(socket)}`;

    let origin: EmbeddedDatabase['origin'] = 'started';
    let pid = await findRunning(cluster, connectionString);
    if (pid !== undefined) {
      origin = isLiving(readText(ownerPath)) ? 'joined' : 'adopted';
    } else {
      const binaries = installBinaries(dataDir);
      if (!existsSync(cluster))
        createCluster(cluster, { binaries, account, passwordPath: join(dataDir, 'password') });
      pid = await startPostgres({ dataDir, cluster, socket, binaries, account, options });
    }
    if (origin !== 'joined') writeFileSync(ownerPath, mine, { mode: 0o600 });

    const server = pid;
    let ended = origin === 'joined';
    return {
      connectionString,
      pid: server,
      origin,
      async stop() {
        if (ended) return;
        ended = true;
        await withLock(lockPath, async () => {
          // Someone may have taken the server over since, if we were thought dead.
          if (readText(ownerPath) !== mine) return;
          await stopPostgres(server, cluster);
          rmSync(ownerPath, { force: true });
        });
      },
    };
  });
};

/**
 * Removes a throw-away data folder whose program was killed, and stops the server it may have left behind. A folder
 * that no program has marked, or whose program lives, is left alone.
 */
export const discardEmbedded = async (dataDir: string): Promise<void> => {
  const marks = [readText(join(dataDir, 'owner')), readText(join(dataDir, 'lock'))];
  if (marks.every((mark) => mark === undefined) || marks.some(isLiving)) return;
  const cluster = join(dataDir, 'cluster');
  const running = readPostmaster(cluster);
  if (running && isPostmasterOf(running.pid, cluster)) await stopPostgres(running.pid, cluster);
  rmSync(dataDir, { recursive: true, force: true });
};
