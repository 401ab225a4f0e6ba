import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbedded } from '../src/adapters/postgres/embedded.ts';
import { migrate } from '../src/adapters/postgres/migrate.ts';
import { dumpSchema } from './schema-dump.ts';

// Applies the migrations to an empty database and writes what they made to schema.sql.
const dataDir = mkdtempSync(join(tmpdir(), 'huren-schema-'));
chmodSync(dataDir, 0o711);
const server = await startEmbedded({ dataDir, settings: { fsync: 'off', shared_buffers: '64MB' } });
try {
  await migrate(server.connectionString);
  const client = new pg.Client({ connectionString: server.connectionString });
  await client.connect();
  writeFileSync(new URL('../migrations/schema.sql', import.meta.url), await dumpSchema(client));
  await client.end();
} finally {
  await server.stop();
  rmSync(dataDir, { recursive: true, force: true });
}
