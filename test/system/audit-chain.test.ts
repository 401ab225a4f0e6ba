import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type CheckpointFile, checkpointFile } from '../../src/adapters/audit-checkpoints/checkpoint-file.ts';
import { auditSealer, CHECKPOINT_EVERY_MS } from '../../src/apps/flows/audit/seal-audit.ts';
import { FINDINGS_MAX, verifyAudit } from '../../src/apps/flows/audit/verify-audit.ts';
import { compareInThreads } from '../../src/adapters/postgres/audit-comparison.ts';
import { readSeals } from '../../src/adapters/postgres/audit-seals.ts';
import { digestOf } from '../../src/adapters/postgres/sealed-rows.ts';
import { chainHash } from '../../src/audit/index.ts';
import { type Instant, instant } from '../../src/kernel/instant.ts';
import { type TestDatabase, testDatabase } from './database.ts';

let store: TestDatabase;
let admin: pg.Client;
let folder: string;
let checkpoints: CheckpointFile;
let now = Date.UTC(2026, 10, 25, 8) as Instant;
const clock = (): Instant => now;

beforeAll(async () => {
  store = await testDatabase();
  admin = new pg.Client({ connectionString: store.url });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await store.drop();
});

/** Rows as disclosures leave them; values hold what could be mistaken for a separator. */
const write = async (client: pg.Client, count: number): Promise<void> => {
  await client.query(
    `insert into audit_events (person_id, public_id, occurred_at, actor, institution_id, action, resource, purpose, basis, outcome,
       peer, role, department, staff_number)
     select 7, gen_random_uuid(), '2026-11-25T08:00:00Z', 'staff:"doctor\\n2 [', 1, 'order.check', 'order-check/' || n, 'treatment',
       'assumed-by-policy', 'disclosed', '127.0.0.1', 'doctor', '消化内科', '100118' from generate_series(1, $1::integer) n`,
    [count],
  );
};

type Sealer = ReturnType<typeof auditSealer>;

const turns = async (sealer: Sealer, count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn++) await sealer.turn();
};

const UNSEALED = `select (select count(*) from audit_events where event_id > coalesce(
    (select max(to_event) from audit_seals where book = 'person'), 0)) + (select count(*) from system_audit_events
    where event_id > coalesce((select max(to_event) from audit_seals where book = 'system'), 0)) as rows`;

/** Turns until nothing is left: transactions of other tests on the same server may hold the sealer back meanwhile. */
const sealAll = async (sealer: Sealer): Promise<void> => {
  for (let turn = 0; turn < 1_000; turn++) {
    await sealer.turn();
    const { rows } = await admin.query<{ rows: string }>(UNSEALED);
    if (rows[0]?.rows === '0') return;
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
  throw new Error('the sealer never came to an end');
};

const newSealer = (digest: 'sha256' | 'sm3' = 'sha256') =>
  auditSealer({ database: store.database, clock, digest, checkpoints });

const events = async (): Promise<string[]> => {
  const { rows } = await admin.query<{ event_id: string }>(
    'select event_id::text from audit_events order by event_id',
  );
  return rows.map(({ event_id }) => event_id);
};

const verify = () => verifyAudit({ session: store.database, checkpoints });

const findings = async () => (await verify()).findings;

beforeEach(async () => {
  for (const table of ['audit_events', 'system_audit_events', 'audit_seals'])
    await admin.query(`truncate ${table} restart identity`);
  folder = mkdtempSync(join(tmpdir(), 'huren-audit-'));
  checkpoints = checkpointFile(folder, join(folder, 'key.pem'));
  return () => rmSync(folder, { recursive: true, force: true });
});

describe.each(['sha256', 'sm3'] as const)('the access log sealed with %s', (digest) => {
  it('verifies while nobody touched it, in several batches, and says how long the tail is', async () => {
    const sealer = newSealer(digest);
    await write(admin, 12_000);
    await sealAll(sealer);
    await write(admin, 3);
    const verified = await verify();
    expect(verified.findings).toEqual([]);
    expect(verified.books[0]).toMatchObject({ book: 'person', batches: 3, rows: 12_000, tail: { rows: 3 } });
  });

  it.each([
    ['altered', "update audit_events set actor = 'staff:somebody-else' where event_id = $1"],
    [
      'altered',
      "update audit_events set occurred_at = occurred_at + interval '1 microsecond' where event_id = $1",
    ],
    ['altered', 'update audit_events set person_id = 8 where event_id = $1'],
    ['altered', "update audit_events set role = 'operator' where event_id = $1"],
    [
      'altered',
      'update audit_events set role = null, department = null, staff_number = null where event_id = $1',
    ],
    ['removed', 'delete from audit_events where event_id = $1'],
  ])('names a row that was %s by: %s', async (kind, tamper) => {
    await write(admin, 50);
    await sealAll(newSealer(digest));
    const victim = (await events())[20] as string;
    await admin.query(tamper, [victim]);
    expect(await findings()).toEqual([{ book: 'person', kind, event: BigInt(victim) }]);
  });
});

describe('the access log', () => {
  it('names both rows whose contents were exchanged', async () => {
    await write(admin, 10);
    await sealAll(newSealer());
    const [first, second] = await events();
    await admin.query(
      `update audit_events a set public_id = b.public_id, resource = b.resource from audit_events b
       where (a.event_id, b.event_id) in (($1::bigint, $2::bigint), ($2::bigint, $1::bigint))`,
      [first, second],
    );
    expect(await findings()).toEqual([
      { book: 'person', kind: 'reordered', event: BigInt(first as string) },
      { book: 'person', kind: 'reordered', event: BigInt(second as string) },
    ]);
  });

  it('names a row that was put in between', async () => {
    await write(admin, 10);
    const gap = (await events())[4] as string;
    await admin.query('delete from audit_events where event_id = $1', [gap]);
    await sealAll(newSealer());
    await admin.query(
      `insert into audit_events (person_id, event_id, public_id, occurred_at, actor, action, resource, purpose, basis, outcome, peer)
       overriding system value values (7, $1, gen_random_uuid(), now(), 'a', 'b', 'c', 'd', 'e', 'f', 'g')`,
      [gap],
    );
    expect(await findings()).toEqual([{ book: 'person', kind: 'inserted', event: BigInt(gap) }]);
  });

  it('names a row that was put in below all others', async () => {
    await write(admin, 3);
    await sealAll(newSealer());
    await admin.query(
      `insert into audit_events (person_id, event_id, public_id, occurred_at, actor, action, resource, purpose, basis, outcome, peer)
       overriding system value values (7, -4, gen_random_uuid(), now(), 'a', 'b', 'c', 'd', 'e', 'f', 'g')`,
    );
    expect(await findings()).toEqual([{ book: 'person', kind: 'inserted', event: -4n }]);
  });

  it('is compared by threads as it is compared here, and every missing row counts when all are gone', async () => {
    await write(admin, 15_003);
    await sealAll(newSealer());
    await admin.query("update audit_events set outcome = 'refused' where event_id in (1, 5001, 15003)");
    const comparison = compareInThreads(store.url, 2);
    onTestFinished(comparison.close);
    const inThreads = await verifyAudit({
      session: store.database,
      checkpoints,
      compare: comparison.compare,
    });
    expect(inThreads).toEqual(await verify());
    expect(inThreads.findings).toEqual(
      [1n, 5_001n, 15_003n].map((event) => ({ book: 'person', kind: 'altered', event })),
    );
    await admin.query('truncate audit_events');
    const emptied = await verifyAudit({ session: store.database, checkpoints, compare: comparison.compare });
    expect(emptied.found).toBe(15_003);
    expect(emptied.findings).toHaveLength(FINDINGS_MAX);
  });

  it('tells by the signed checkpoint when the whole chain was made anew over altered rows', async () => {
    await write(admin, 10);
    const sealer = newSealer();
    await sealAll(sealer);
    sealer.finish();
    const [victim] = await events();
    await admin.query("update audit_events set actor = 'nobody' where event_id = $1", [victim]);
    await admin.query('truncate audit_seals');
    await sealAll(newSealer());
    expect(await findings()).toEqual([{ kind: 'checkpoint-differs', book: 'person', sequence: 1n }]);
  });

  it('tells when the end of rows and chain was cut off together', async () => {
    const sealer = newSealer();
    await write(admin, 5);
    await sealAll(sealer);
    await write(admin, 5);
    await sealAll(sealer);
    sealer.finish();
    await admin.query('delete from audit_events where event_id > 5');
    await admin.query('delete from audit_seals where sequence = 2');
    expect(await findings()).toEqual([{ kind: 'checkpoint-beyond', book: 'person', sequence: 2n }]);
  });

  it('tells a checkpoint that another hand wrote, and half a line after a crash', async () => {
    await write(admin, 5);
    const sealer = newSealer();
    await sealAll(sealer);
    sealer.finish();
    const path = join(folder, 'audit-checkpoints.jsonl');
    const honest = readFileSync(path, 'utf8');
    writeFileSync(path, honest.replace(/"at":"2026/, '"at":"2025'));
    appendFileSync(path, '{"book":"pers');
    expect(await findings()).toEqual([
      { kind: 'checkpoint-broken', line: 1 },
      { kind: 'checkpoint-broken', line: 2 },
    ]);
  });

  it('waits for a transaction that took its event id early and commits late', async () => {
    const slow = new pg.Client({ connectionString: store.url });
    await slow.connect();
    const sealer = newSealer();
    await slow.query('begin');
    await write(slow, 1);
    await write(admin, 5);
    await turns(sealer, 6);
    expect((await verify()).books[0]).toMatchObject({ rows: 0 });
    await slow.query('commit');
    await slow.end();
    await sealAll(sealer);
    const verified = await verify();
    expect(verified).toMatchObject({ findings: [], books: [{ rows: 6, tail: { rows: 0 } }, {}] });
  });

  it('still verifies batches from before their rows had a digest together, row by row', async () => {
    await write(admin, 30);
    await sealAll(newSealer());
    // As a release without that digest wrote it.
    for await (const batch of readSeals(store.database, 'person')) {
      const value = chainHash({ ...batch, rowsHash: null }, digestOf('sha256'));
      await admin.query('update audit_seals set rows_hash = null, chain_hash = $1', [value]);
    }
    expect(await findings()).toEqual([]);
    await admin.query("update audit_events set basis = 'consented' where event_id = 9");
    expect(await findings()).toEqual([{ book: 'person', kind: 'altered', event: 9n }]);
  });

  it('is sealed in as many batches as it takes', async () => {
    const sealer = newSealer();
    for (let batch = 0; batch < 60; batch++) {
      await write(admin, 1);
      await sealAll(sealer);
    }
    await sealAll(sealer);
    const verified = await verify();
    expect(verified.findings).toEqual([]);
    expect(verified.books[0]).toMatchObject({ rows: 60, tail: { rows: 0 } });
    expect(verified.books[0]?.batches).toBeGreaterThan(50);
  });

  it('is sealed by many at once as by one', async () => {
    const sealers = [newSealer(), newSealer(), newSealer()];
    for (let round = 0; round < 6; round++) {
      await write(admin, 20);
      await Promise.all(sealers.map((sealer) => sealer.turn()));
    }
    for (const sealer of sealers) await sealAll(sealer);
    const verified = await verify();
    expect(verified).toMatchObject({ findings: [], books: [{ rows: 120, tail: { rows: 0 } }, {}] });
  });

  it('seals events without a person in a book of their own, and signs each chain now and then', async () => {
    const sealer = newSealer();
    await admin.query(
      `insert into system_audit_events (public_id, occurred_at, actor, action, resource, outcome, peer)
       values (gen_random_uuid(), now(), 'staff:it', 'sign-in', 'session', 'done', '127.0.0.1')`,
    );
    await sealAll(sealer);
    now = instant(now + CHECKPOINT_EVERY_MS);
    await sealer.turn();
    expect(checkpoints.read()).toMatchObject([
      { kind: 'signed', checkpoint: { book: 'system', sequence: 1n } },
    ]);
    await admin.query("update system_audit_events set outcome = 'refused'");
    expect(await findings()).toEqual([{ book: 'system', kind: 'altered', event: 1n }]);
  });
});
