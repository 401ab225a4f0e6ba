import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { checkpointFile } from '../src/adapters/audit-checkpoints/checkpoint-file.ts';
import { compareInThreads } from '../src/adapters/postgres/audit-comparison.ts';
import { auditSealer } from '../src/apps/flows/audit/seal-audit.ts';
import { verifyAudit } from '../src/apps/flows/audit/verify-audit.ts';
import { readConfiguration } from '../src/apps/configuration.ts';
import { openInstallation } from '../src/apps/installation.ts';
import { environmentOf } from './site.ts';

/** How fast a sealed access log is verified, in rows a second, by the digest of its chain. */
export interface AuditRates {
  readonly sha256: number;
  readonly sm3: number;
}

/** Rows as disclosures leave them: 300 doctors of 40 institutions, 90,000 patients, ids that do not compress. */
const fillOf = (
  rows: number,
): string => `insert into audit_events (person_id, public_id, occurred_at, actor, institution_id, action, resource, purpose,
    basis, outcome, peer, role, department, staff_number)
  select 1 + (n::bigint * 7919) % 90000, gen_random_uuid(), timestamptz '2026-01-01T00:00:00Z' + n * interval '37 milliseconds',
    'staff:doctor-' || n % 300, 1 + n % 40, 'report.read', 'report/' || gen_random_uuid() || '/v1', 'treatment', 'consented',
    'disclosed', '10.1.2.' || n % 250, 'doctor', '消化内科', (100000 + n % 300)::text
  from generate_series(1, ${rows}) n`;

/**
 * Fills the log of an installation of its own with so many rows, seals it with each digest, and verifies it with the
 * threads that `huren audit verify` uses.
 */
export const timeAuditVerify = async (
  parent: string,
  wanted: number,
  say: (text: string) => void,
): Promise<AuditRates> => {
  const folder = join(parent, 'audit');
  mkdirSync(folder, { recursive: true });
  // As root the database runs as another user, who has to get there.
  chmodSync(parent, 0o711);
  const installation = await openInstallation(readConfiguration(environmentOf(folder)));
  const { database, clock, connectionString } = installation;
  const admin = new pg.Client({ connectionString });
  await admin.connect();
  const rateOf = async (digest: 'sha256' | 'sm3'): Promise<number> => {
    await admin.query('truncate audit_seals');
    const checkpoints = checkpointFile(
      join(folder, `checkpoints-${digest}-${clock()}`),
      join(folder, 'key.pem'),
    );
    const sealer = auditSealer({ database, clock, digest, checkpoints });
    // The first turn notes the ids, the second the transactions, the third seals.
    for (let turn = 0; turn < 3; turn++) await sealer.turn();
    sealer.finish();
    await admin.query('vacuum (analyze) audit_seals');
    const comparison = compareInThreads(connectionString);
    try {
      const startedAt = performance.now();
      const { books, found } = await verifyAudit({
        session: database,
        checkpoints,
        compare: comparison.compare,
      });
      const seconds = (performance.now() - startedAt) / 1000;
      const rows = books.reduce((sum, each) => sum + each.rows, 0);
      if (rows !== wanted || found > 0)
        throw new Error(`verified ${rows} of ${wanted} rows, ${found} findings`);
      return rows / seconds;
    } finally {
      await comparison.close();
    }
  };
  try {
    say(`filling the access log with ${wanted} rows`);
    await admin.query('truncate audit_events');
    await admin.query(fillOf(wanted));
    await admin.query('vacuum (analyze) audit_events');
    say('verifying the access log');
    return { sha256: await rateOf('sha256'), sm3: await rateOf('sm3') };
  } finally {
    await admin.end();
    await installation.close();
  }
};
