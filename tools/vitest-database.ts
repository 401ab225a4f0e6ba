import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { discardEmbedded, startEmbedded } from '../src/adapters/postgres/embedded.ts';
import { migrate } from '../src/adapters/postgres/migrate.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Connection string of the run's server, database `huren`, as its superuser. */
    databaseServer: string;
    /** Name of the migrated database that every test database is a copy of. */
    databaseTemplate: string;
  }
}

const PREFIX = 'huren-test-';

/** Throws away the servers of runs that were killed. */
const sweep = async (): Promise<void> => {
  const names = readdirSync(tmpdir()).filter((name) => name.startsWith(PREFIX));
  for (const name of names) await discardEmbedded(join(tmpdir(), name)).catch(() => undefined);
};

/** Vitest's global setup: one throw-away PostgreSQL for the run, with a migrated template database. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  await sweep();
  const dataDir = mkdtempSync(join(tmpdir(), PREFIX));
  chmodSync(dataDir, 0o711);
  const server = await startEmbedded({
    dataDir,
    // The cluster lives as long as the run; process crashes are tested on clusters of their own.
    settings: {
      fsync: 'off',
      full_page_writes: 'off',
      shared_buffers: '128MB',
      max_connections: '200',
      // The kernel copies the template's two thousand files; by reading and writing them a copy takes six times as long.
      ...(process.platform === 'linux' ? { file_copy_method: 'clone' } : {}),
    },
  });
  const template = `template_${randomBytes(4).toString('hex')}`;
  const client = new pg.Client({ connectionString: server.connectionString });
  await client.connect();
  await client.query(`create database ${template}`);
  await client.end();
  await migrate(server.connectionString.replace('@/huren?', `@/${template}?`));
  project.provide('databaseServer', server.connectionString);
  project.provide('databaseTemplate', template);
  return async () => {
    await server.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}
