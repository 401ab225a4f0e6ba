import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { checkpointFile, checkpointReading } from '../../src/adapters/audit-checkpoints/checkpoint-file.ts';
import { readRetirement, type Retirement } from '../../src/adapters/postgres/audit-retirements.ts';
import { decideRetirement, requestRetirement } from '../../src/apps/flows/audit/retire-audit.ts';
import { verifyArchive } from '../../src/apps/flows/audit/verify-archive.ts';
import {
  approved,
  archivePath,
  at,
  AUTHORITY,
  bench,
  benchHooks,
  carryOut,
  codeOf,
  count,
  dependencies,
  findings,
  LINES,
  look,
  OPERATOR,
  PERSON,
  request,
  sealAll,
  verify,
} from './retirement-bench.ts';

benchHooks();

describe('what may be retired', () => {
  it('is nothing while no retention is set, and nothing that is younger than it', async () => {
    expect(codeOf(await request({ years: null }))).toBe('AUDIT_RETENTION_UNSET');
    expect(codeOf(await request({ years: 7 }))).toBe('AUDIT_RETENTION_NOT_OVER');
    expect(codeOf(await request({ before: at('2021-11-25T08:00:00.001Z') }))).toBe(
      'AUDIT_RETENTION_NOT_OVER',
    );
    expect(codeOf(await request({ before: at('2018-01-01T00:00:00Z') }))).toBe('AUDIT_RETIREMENT_NOTHING');
  });

  it('is whole sealed batches of which every row is older', async () => {
    const requested = await request();
    expect(requested).toMatchObject({
      ok: true,
      value: {
        state: 'requested',
        parts: [
          { book: 'person', sequence: 2n, rows: 70n },
          { book: 'system', sequence: 2n, rows: 15n },
        ],
      },
    });
    expect(await count('audit_events')).toBe(100);
  });

  it('never is the newest batch, however old', async () => {
    await bench.admin.query("delete from audit_events where occurred_at > '2019-06-01'");
    await bench.admin.query("delete from audit_seals where book = 'person' and sequence > 2");
    expect(await request()).toMatchObject({ value: { parts: [{ book: 'person', sequence: 1n }, {}] } });
  });

  it('takes an operator to ask for it, the authority to decide, and two people', async () => {
    expect(codeOf(await request({ actor: AUTHORITY }))).toBe('AUDIT_RETIREMENT_ROLE');
    const requested = await request();
    const id = (requested as { value: Retirement }).value.id;
    expect(codeOf(await decideRetirement(dependencies(), OPERATOR, id, 'approved'))).toBe(
      'AUDIT_RETIREMENT_ROLE',
    );
    const samePerson = { ...AUTHORITY, name: OPERATOR.name };
    expect(codeOf(await decideRetirement(dependencies(), samePerson, id, 'approved'))).toBe(
      'AUDIT_RETIREMENT_SECOND_PERSON',
    );
    expect(codeOf(await carryOut({ id }))).toBe('AUDIT_RETIREMENT_NOT_APPROVED');
    expect(codeOf(await request())).toBe('AUDIT_RETIREMENT_OPEN');
    expect(codeOf(await decideRetirement(dependencies(), AUTHORITY, id, 'refused'))).toBe('ok');
    expect(codeOf(await decideRetirement(dependencies(), AUTHORITY, id, 'approved'))).toBe(
      'AUDIT_RETIREMENT_DECIDED',
    );
    expect(codeOf(await carryOut({ id }))).toBe('AUDIT_RETIREMENT_NOT_APPROVED');
    expect(await count('audit_events')).toBe(100);
    await expect(
      bench.admin.query("update audit_retirements set decided_by = requested_by, state = 'approved'"),
    ).rejects.toThrow('four_eyes');
    const acts = await bench.admin.query<{ actor: string; action: string }>(
      "select actor, action from system_audit_events where action like 'audit-retirement.%' order by event_id",
    );
    expect(acts.rows).toEqual([
      { actor: 'staff:ops', action: 'audit-retirement.request' },
      { actor: 'staff:authority', action: 'audit-retirement.decide' },
    ]);
  });
});

describe('a retired log', () => {
  it('verifies from the signed line on, and says how much is in which archive', async () => {
    const retirement = await approved();
    const done = await carryOut(retirement);
    expect(codeOf(done)).toBe('ok');
    expect(await count('audit_events')).toBe(30);
    expect(await count("system_audit_events where action = 'sign-in'")).toBe(3);
    const archive = (done as { value: { archiveDigest: string } }).value.archiveDigest;
    const verified = await verify();
    expect(verified.findings).toEqual([]);
    expect(verified.books).toMatchObject([
      {
        book: 'person',
        rows: 30,
        batches: 2,
        retired: { sequence: 2n, rows: 70n, archives: [{ retirement: retirement.id, archive }] },
        unfinished: [],
      },
      { book: 'system', retired: { sequence: 2n, rows: 15n }, unfinished: [] },
    ]);
    expect(await readRetirement(bench.store.database, retirement.id)).toMatchObject({ state: 'done' });
    expect(codeOf(await carryOut(retirement))).toBe('AUDIT_RETIREMENT_NOT_APPROVED');
  });

  it('has its rows in an archive that verifies without the database, with the public key alone', async () => {
    await bench.admin.query(
      `insert into persons (person_id, public_id, issuer, sex, multiple_birth, deceased, stated_at, created_at)
       overriding system value values (7, $1, 'H1', 'male', false, false, now(), now())`,
      [PERSON],
    );
    const { rows } = await bench.admin.query<{ id: string }>(
      'select public_id as id from audit_events order by event_id limit 70',
    );
    await carryOut(await approved());
    const verified = await verifyArchive(archivePath(), checkpointReading(bench.folder));
    expect(verified).toMatchObject({
      found: 0,
      parts: [
        { book: 'person', fromSequence: 1n, sequence: 2n, batches: 2, rows: 70 },
        { book: 'system', fromSequence: 1n, sequence: 2n, batches: 2, rows: 15 },
      ],
    });
    const text = gunzipSync(readFileSync(archivePath())).toString();
    for (const { id } of rows) expect(text).toContain(id);
    expect(text.split(`"person":"${PERSON}"`)).toHaveLength(71);
    await bench.admin.query('truncate persons');
  });

  it('goes on being sealed, and can be retired again where it was left', async () => {
    await carryOut(await approved());
    rmSync(archivePath());
    bench.now = at('2030-11-25T08:00:00Z');
    await look(4, '2030-11-01T08:00:00Z');
    await sealAll('2030-11-01T08:01:00Z');
    const second = await requestRetirement(dependencies(), OPERATOR, {
      before: at('2025-01-01T00:00:00Z'),
      reason: '满保存年限',
    });
    const { id } = (second as { value: Retirement }).value;
    await decideRetirement(dependencies(), AUTHORITY, id, 'approved');
    expect(codeOf(await carryOut({ id }))).toBe('ok');
    const verified = await verify();
    expect(verified.findings).toEqual([]);
    expect(verified.books[0]).toMatchObject({
      retired: { sequence: 3n, rows: 80n, archives: [{}, {}] },
      rows: 24,
    });
    expect(await verifyArchive(archivePath(), bench.checkpoints)).toMatchObject({
      found: 0,
      parts: [{ book: 'person', fromSequence: 3n, sequence: 3n, rows: 10 }],
    });
  });

  it('still names every row that is altered, removed or exchanged afterwards', async () => {
    await carryOut(await approved());
    const { rows } = await bench.admin.query<{ event: string }>(
      'select event_id::text as event from audit_events order by 1',
    );
    const [altered, removed] = [rows[2]?.event as string, rows[20]?.event as string];
    await bench.admin.query("update audit_events set actor = 'staff:nobody' where event_id = $1", [altered]);
    await bench.admin.query('delete from audit_events where event_id = $1', [removed]);
    expect(await findings()).toEqual([
      { book: 'person', kind: 'altered', event: BigInt(altered) },
      { book: 'person', kind: 'removed', event: BigInt(removed) },
    ]);
  });

  it('names rows that are put in where others were retired', async () => {
    await carryOut(await approved());
    await bench.admin.query(
      `insert into audit_events (person_id, event_id, public_id, occurred_at, actor, action, resource, purpose, basis, outcome, peer)
       overriding system value select 7, n, gen_random_uuid(), now(), 'a', 'b', 'c', 'd', 'e', 'f', 'g' from unnest(array[-3, 12]) n`,
    );
    expect(await findings()).toEqual([
      { book: 'person', kind: 'inserted', event: -3n },
      { book: 'person', kind: 'inserted', event: 12n },
    ]);
  });
});

describe('removal without the signed line', () => {
  const cut = async (): Promise<void> => {
    await bench.admin.query('delete from audit_events where event_id <= 70');
    await bench.admin.query("delete from audit_seals where book = 'person' and sequence <= 2");
  };

  it('is found: of rows alone, of rows with their batches, and of more than was signed for', async () => {
    await bench.admin.query('delete from audit_events where event_id <= 70');
    expect(await findings()).toHaveLength(70);
    await bench.admin.query("delete from audit_seals where book = 'person' and sequence <= 2");
    expect(await findings()).toEqual([{ book: 'person', kind: 'seal-missing', sequence: 1n }]);
  });

  it('is found when somebody took more than the line says', async () => {
    await carryOut(await approved());
    await bench.admin.query('delete from audit_events where event_id <= 80');
    await bench.admin.query("delete from audit_seals where book = 'person' and sequence <= 3");
    expect(await findings()).toEqual([{ book: 'person', kind: 'seal-missing', sequence: 3n }]);
  });

  it('is found when the line is forged, by another key or from an honest one', async () => {
    const elsewhere = join(bench.folder, 'elsewhere');
    const mark = {
      retirement: '00000000-0000-7000-8000-000000000001' as Retirement['id'],
      book: 'person' as const,
      fromSequence: 1n,
      sequence: 2n,
      toEvent: 70n,
      chainHash: 'ab'.repeat(32),
      rows: 70n,
      archive: 'cd'.repeat(32),
      requestedBy: 'staff:ops',
      decidedBy: 'staff:authority',
      at: '2026-11-25T08:00:00.000Z',
    };
    checkpointFile(elsewhere, join(bench.folder, 'other-key.pem')).appendRetirement(mark);
    const honest = readFileSync(LINES(), 'utf8').split('\n').length - 1;
    appendFileSync(LINES(), readFileSync(join(elsewhere, 'audit-checkpoints.jsonl')));
    await cut();
    expect(await findings()).toEqual([
      { kind: 'checkpoint-broken', line: honest + 1 },
      { book: 'person', kind: 'seal-missing', sequence: 1n },
    ]);
  });

  it('is found when the honest line was moved to a later batch', async () => {
    await carryOut(await approved());
    const text = readFileSync(LINES(), 'utf8');
    const line =
      text.split('\n').findIndex((each) => each.includes('"retirement"') && each.includes('"person"')) + 1;
    writeFileSync(
      LINES(),
      text.replace(
        '"fromSequence":"1","sequence":"2","toEvent":"70"',
        '"fromSequence":"1","sequence":"3","toEvent":"80"',
      ),
    );
    await bench.admin.query('delete from audit_events where event_id <= 80');
    await bench.admin.query("delete from audit_seals where book = 'person' and sequence <= 3");
    expect(await findings()).toEqual([
      { kind: 'checkpoint-broken', line },
      { book: 'person', kind: 'seal-missing', sequence: 1n },
    ]);
  });

  it('is found when the signed line itself is taken away', async () => {
    await carryOut(await approved());
    const kept = readFileSync(LINES(), 'utf8')
      .split('\n')
      .filter((line) => !line.includes('"retirement"'));
    writeFileSync(LINES(), kept.join('\n'));
    expect(await findings()).toEqual([
      { book: 'person', kind: 'seal-missing', sequence: 1n },
      { book: 'system', kind: 'seal-missing', sequence: 1n },
    ]);
  });
});
