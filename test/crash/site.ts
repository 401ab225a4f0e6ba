import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { createClient } from '../../src/adapters/postgres/accounts-clients.ts';
import { isPostmasterOf, isRunning, readPostmaster } from '../../src/adapters/postgres/embedded-process.ts';
import { readConfiguration } from '../../src/apps/configuration.ts';
import { demonstrationClients } from '../../src/apps/demonstration/accounts.ts';
import { prepareRegion } from '../../src/apps/demonstration/load.ts';
import { openInstallation } from '../../src/apps/installation.ts';
import type { Instant } from '../../src/kernel/instant.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';

/** A data folder with the region's lists and senders and one hospital system's key, and nobody running on it yet. */
export interface Site {
  readonly folder: string;
  readonly cluster: string;
  readonly connectionString: string;
  /** Key of the county hospital's HIS. */
  readonly clientKey: string;
  readonly preparedAt: Instant;
  /** Ends every database process that is left and removes the folder. */
  remove(): Promise<void>;
}

/** The environment of the program over a folder; nothing of the caller's settings gets in. */
export const environmentOf = (folder: string): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  HUREN_DATA_DIR: folder,
  HUREN_HTTP_PORT: '0',
  HUREN_MLLP_PORT: '0',
  HUREN_DIMSE_PORT: '0',
  HUREN_LOG_LEVEL: 'warn',
  // As `huren` gives it: the program starts dozens of times.
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
});

/** Resolves as soon as `holds` is true. @throws when it does not become true in time */
export const until = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  waitMs = 60_000,
): Promise<void> => {
  const end = performance.now() + waitMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited ${waitMs} ms in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};

const parentOf = (pid: string): number => {
  try {
    return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ')[1]);
  } catch {
    return 0;
  }
};

/** The postmaster of a cluster and all of its processes; none when it does not run. */
export const databaseProcesses = (cluster: string): readonly number[] => {
  const postmaster = readPostmaster(cluster)?.pid;
  if (postmaster === undefined || !isPostmasterOf(postmaster, cluster)) return [];
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name) && parentOf(name) === postmaster);
  return [postmaster, ...children.map(Number)];
};

/** Sends a signal to every process of a cluster, the postmaster first, so that it starts no more of them. */
export const signalDatabase = (cluster: string, signal: NodeJS.Signals): readonly number[] => {
  const processes = databaseProcesses(cluster);
  for (const pid of processes)
    try {
      process.kill(pid, signal);
    } catch {
      // It had just ended by itself.
    }
  return processes;
};

/** Ends every process of a cluster as a power cut would. */
export const killDatabase = async (cluster: string): Promise<void> => {
  const killed = signalDatabase(cluster, 'SIGKILL');
  await until('the killed database ends', () => !killed.some(isRunning));
};

/** Makes a site in a folder of its own, or in `folder`. */
export const newSite = async (folder = mkdtempSync(join(tmpdir(), 'huren-crash-'))): Promise<Site> => {
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
  const installation = await openInstallation(readConfiguration(environmentOf(folder)));
  const { clock, newPublicId, database, connectionString } = installation;
  try {
    const now = clock();
    await prepareRegion(installation, now);
    const [wanted] = demonstrationClients();
    if (!wanted) throw new TypeError('the demonstration has no client');
    const { key } = await createClient(
      database,
      { ...wanted, institution: wanted.institution as string as InstitutionCode },
      { at: now, newId: newPublicId, by: 'test', peer: 'local' },
    );
    const cluster = join(folder, 'postgres', 'cluster');
    return {
      folder,
      cluster,
      connectionString,
      clientKey: key,
      preparedAt: now,
      async remove() {
        await killDatabase(cluster);
        rmSync(folder, { recursive: true, force: true });
      },
    };
  } finally {
    await installation.close();
  }
};

/** Asks the site's database over a connection of its own. */
export const queryRows = async <Row>(
  { connectionString }: Pick<Site, 'connectionString'>,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> => {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text, [...values])).rows as Row[];
  } finally {
    await client.end();
  }
};
