import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { createClient } from '../src/adapters/postgres/accounts-clients.ts';
import { demonstrationClients } from '../src/apps/demonstration/accounts.ts';
import { fillInBulk } from '../src/apps/demonstration/bulk.ts';
import { prepareRegion } from '../src/apps/demonstration/load.ts';
import { readConfiguration } from '../src/apps/configuration.ts';
import { openInstallation } from '../src/apps/installation.ts';
import type { InstitutionCode } from '../src/organisation/index.ts';

/** An installation of the bench: its own data folder with so many results, and the key of a hospital system. */
export interface Site {
  readonly folder: string;
  readonly connectionString: string;
  /** Key of the county hospital's HIS. */
  readonly clientKey: string;
  readonly persons: number;
  readonly results: number;
  readonly buildSeconds: number;
}

const FILE = 'bench.json';

/** The environment of the program over this folder; nothing of the caller's settings gets in. */
export const environmentOf = (folder: string): NodeJS.ProcessEnv => ({
  PATH: process.env['PATH'],
  HOME: process.env['HOME'],
  // As `huren` sets it.
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'],
  HUREN_DATA_DIR: folder,
  // What is measured lies behind the sign-in: it is made with a password alone.
  HUREN_SIGN_IN: fileURLToPath(new URL('sign-in.json', import.meta.url)),
  HUREN_HTTP_PORT: '0',
  HUREN_MLLP_PORT: '0',
  HUREN_DIMSE_PORT: '0',
});

/** Runs statements one by one over a connection of their own. */
export const runPlainly = async (connectionString: string, texts: readonly string[]): Promise<void> => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    for (const text of texts) await client.query(text);
  } finally {
    await client.end();
  }
};

const build = async (folder: string, wanted: number, say: (text: string) => void): Promise<Site> => {
  const startedAt = performance.now();
  mkdirSync(folder, { recursive: true });
  const installation = await openInstallation(readConfiguration(environmentOf(folder)));
  try {
    const { database, keys, clock, newPublicId, snapshots, connectionString } = installation;
    const now = clock();
    await prepareRegion(installation, now);
    const { snapshot } = await snapshots.current();
    const filled = await fillInBulk(database, keys, {
      results: wanted,
      now,
      snapshot,
      onProgress: ({ results }) => say(`building: ${results} of ${wanted} results`),
    });
    const [client] = demonstrationClients();
    if (!client) throw new TypeError('the demonstration has no client');
    const { key } = await createClient(
      database,
      { ...client, institution: client.institution as string as InstitutionCode },
      { at: clock(), newId: newPublicId, by: 'bench', peer: 'local' },
    );
    // What autovacuum would do in its own time; otherwise it would do it while we measure.
    say('building: vacuum');
    await runPlainly(connectionString, ['vacuum (analyze)', 'checkpoint']);
    const site: Site = {
      folder,
      connectionString,
      clientKey: key,
      persons: filled.persons,
      results: filled.results,
      buildSeconds: (performance.now() - startedAt) / 1000,
    };
    writeFileSync(join(folder, FILE), JSON.stringify(site), { mode: 0o600 });
    return site;
  } finally {
    await installation.close();
  }
};

/**
 * Builds a site with about so many results under `parent`, or takes one that an earlier run built there. The database
 * is shut down afterwards, as a server finds it on its start.
 */
export const openSite = async (
  parent: string,
  wanted: number,
  say: (text: string) => void,
): Promise<Site> => {
  mkdirSync(parent, { recursive: true });
  // The embedded database may run under another uid, which must be able to pass through.
  chmodSync(parent, 0o711);
  const folder = join(parent, `results-${wanted}`);
  const file = join(folder, FILE);
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Site;
  return build(folder, wanted, say);
};
