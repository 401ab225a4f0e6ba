import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { Fault, raiser } from '../../kernel/fault.ts';
import { POSTGRES_FAULTS } from './faults.ts';
import { type SqlStatement, splitSql } from './sql-statements.ts';

const raise = raiser(POSTGRES_FAULTS);

/** The folder of numbered migrations that came with this program. */
export const MIGRATIONS_FOLDER = new URL('../../../migrations/', import.meta.url);

/** One numbered SQL file. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  /** A release that does not know this migration must not work on the schema (`-- breaking` in the file). */
  readonly breaking: boolean;
  readonly statements: readonly SqlStatement[];
}

/** What a run of the migrations did. */
export interface MigrationReport {
  /** Versions applied by this run, ascending. */
  readonly applied: readonly number[];
  /** Newest version in the database after the run. */
  readonly version: number;
  /** Versions in the database that this program does not know; none of them is breaking. */
  readonly unknown: readonly number[];
  /** Whether the tables are spread over a Citus cluster. */
  readonly isDistributed: boolean;
}

/** Taken while migrating, so that of two starters one waits for the other. */
const MIGRATION_LOCK = 4_877_201;

// The one table that no migration can create, because the first migration's first statement writes to it.
const CREATE_LEDGER = `create table if not exists schema_migrations (
  version integer primary key,
  name text not null,
  checksum text not null,
  breaking boolean not null,
  applied_at timestamptz not null default now()
)`;

/**
 * Reads `NNNN-name.sql` files in order of number.
 * @throws MIGRATION_INVALID for a bad name, a repeated number or an empty file.
 */
export const readMigrations = async (folder: URL = MIGRATIONS_FOLDER): Promise<Migration[]> => {
  // schema.sql shows what the migrations make; it is generated and never run.
  const names = (await readdir(folder))
    .filter((name) => name.endsWith('.sql') && name !== 'schema.sql')
    .toSorted();
  const migrations: Migration[] = [];
  for (const name of names) {
    const matched = /^(\d{4})-([a-z0-9-]+)\.sql$/.exec(name);
    if (!matched) throw raise('MIGRATION_INVALID', { place: name, detail: 'the name is not NNNN-words.sql' });
    const version = Number(matched[1]);
    if (migrations.some((other) => other.version === version))
      throw raise('MIGRATION_INVALID', { place: name, detail: `number ${version} is used twice` });
    const text = await readFile(new URL(name, folder), 'utf8');
    const statements = splitSql(text);
    if (statements.length === 0) throw raise('MIGRATION_INVALID', { place: name, detail: 'no statement' });
    migrations.push({
      version,
      name: matched[2] as string,
      checksum: createHash('sha256').update(text).digest('hex'),
      breaking: /^--\s*breaking\s*$/m.test(text),
      statements,
    });
  }
  return migrations;
};

interface LedgerRow {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
  readonly breaking: boolean;
}

/** Compares the ledger of the database with the program's migrations; gives what is still to be applied. */
const pendingMigrations = (ledger: readonly LedgerRow[], migrations: readonly Migration[]): Migration[] => {
  const known = new Map(migrations.map((migration) => [migration.version, migration]));
  const newest = ledger.at(-1)?.version ?? 0;
  for (const row of ledger) {
    const migration = known.get(row.version);
    if (!migration && row.breaking)
      throw raise('SCHEMA_TOO_NEW', { detail: `migration ${row.version} ${row.name}` });
    if (migration && migration.checksum !== row.checksum)
      throw raise('MIGRATION_ALTERED', { detail: `migration ${row.version} ${row.name}` });
  }
  const done = new Set(ledger.map((row) => row.version));
  const pending = migrations.filter((migration) => !done.has(migration.version));
  const early = pending.find((migration) => migration.version < newest);
  if (early) throw raise('MIGRATION_OUT_OF_ORDER', { detail: `migration ${early.version} ${early.name}` });
  return pending;
};

const applyMigration = async (client: pg.Client, migration: Migration): Promise<void> => {
  const { version, name, checksum, breaking, statements } = migration;
  let line = 0;
  try {
    await client.query('begin');
    await client.query(
      'insert into schema_migrations (version, name, checksum, breaking) values ($1, $2, $3, $4)',
      [version, name, checksum, breaking],
    );
    for (const statement of statements) {
      line = statement.line;
      await client.query(statement.text);
    }
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    const place = `${String(version).padStart(4, '0')}-${name}.sql:${line}`;
    throw raise('MIGRATION_FAILED', { place, detail: (error as Error).message, cause: error });
  }
};

/**
 * Brings the schema of the database up to this program's migrations. Each migration runs in one transaction whose
 * first statement records it, statement by statement; two starters wait for each other.
 * @throws SCHEMA_TOO_NEW when a newer release has made a breaking change; MIGRATION_ALTERED,
 * MIGRATION_OUT_OF_ORDER, MIGRATION_INVALID, MIGRATION_FAILED, DATABASE_UNREACHABLE.
 */
export const migrate = async (connectionString: string, folder?: URL): Promise<MigrationReport> => {
  const migrations = await readMigrations(folder);
  const client = new pg.Client({ connectionString, application_name: 'huren-migrate' });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (error) {
    throw raise('DATABASE_UNREACHABLE', { internal: (error as Error).message, cause: error });
  }
  try {
    await client.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    // On Citus a table with a foreign key to a reference table would become a local one; elsewhere this does nothing.
    await client.query('set citus.enable_local_reference_table_foreign_keys = off');
    await client.query(CREATE_LEDGER);
    const ledger = await client.query<LedgerRow>(
      'select version, name, checksum, breaking from schema_migrations order by version',
    );
    const pending = pendingMigrations(ledger.rows, migrations);
    for (const migration of pending) await applyMigration(client, migration);
    const extension = await client.query("select 1 from pg_extension where extname = 'citus'");
    const known = new Set(migrations.map((migration) => migration.version));
    const versions = [...ledger.rows, ...pending].map((row) => row.version);
    return {
      applied: pending.map((migration) => migration.version),
      version: Math.max(0, ...versions),
      unknown: versions.filter((version) => !known.has(version)),
      isDistributed: extension.rows.length > 0,
    };
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw raise('DATABASE_UNREACHABLE', { internal: (error as Error).message, cause: error });
  } finally {
    await client.end().catch(() => undefined);
  }
};
