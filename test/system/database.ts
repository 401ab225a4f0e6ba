import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { type Database, openDatabase } from '../../src/adapters/postgres/database.ts';

/** A database of one test file's own. */
export interface TestDatabase {
  /** Connection string, for a program or driver of the test's own. */
  readonly url: string;
  readonly database: Database;
  /** Closes `database` and removes it from the server. */
  drop(): Promise<void>;
}

const onServer = async (text: string): Promise<void> => {
  const client = new pg.Client({ connectionString: inject('databaseServer') });
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
};

const create = async (template: string): Promise<TestDatabase> => {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await onServer(`create database ${name} template ${template} strategy file_copy`);
  const url = inject('databaseServer').replace('@/huren?', `@/${name}?`);
  const database = openDatabase({ connectionString: url, transactionConnections: 4 });
  return {
    url,
    database,
    async drop() {
      await database.close();
      await onServer(`drop database ${name} with (force)`);
    },
  };
};

/** A fresh, migrated, empty database on the run's PostgreSQL. Call `drop` when done. */
export const testDatabase = (): Promise<TestDatabase> => create(inject('databaseTemplate'));

/** A fresh database without any schema, for tests of the migrations themselves. */
export const bareDatabase = (): Promise<TestDatabase> => create('template0');
