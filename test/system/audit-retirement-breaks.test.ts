import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { type CheckpointFile, checkpointFile } from '../../src/adapters/audit-checkpoints/checkpoint-file.ts';
import { RETIREMENT_STEPS } from '../../src/apps/flows/audit/carry-out-retirement.ts';
import { decideRetirement } from '../../src/apps/flows/audit/retire-audit.ts';
import { verifyArchive } from '../../src/apps/flows/audit/verify-archive.ts';
import { instant } from '../../src/kernel/instant.ts';
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
  fill,
  findings,
  LINES,
  verify,
} from './retirement-bench.ts';

benchHooks();

describe('a log that was tampered with', () => {
  it.each([
    ['a row', "update audit_events set actor = 'staff:nobody' where event_id = 5"],
    ['a row that is gone', 'delete from audit_events where event_id = 5'],
    ['a row that was made older', "update audit_events set occurred_at = '2017-01-01' where event_id = 5"],
    ['a batch', "update audit_seals set previous_hash = chain_hash where book = 'person' and sequence = 2"],
    [
      'the moment of a seal',
      "update audit_seals set sealed_at = '2017-01-01' where book = 'person' and sequence <= 3",
    ],
  ])('is not retired over %s: nothing is written, signed or removed', async (what, tamper) => {
    await bench.admin.query(tamper);
    const before = await findings();
    const retirement = await approved();
    const lines = readFileSync(LINES(), 'utf8');
    const rows = await count('audit_events');
    if (what === 'the moment of a seal') {
      // Not part of the seal, so it is not believed: the rows say how old they are.
      expect(retirement.parts[0]).toMatchObject({ sequence: 2n });
      return;
    }
    expect(codeOf(await carryOut(retirement))).toBe('AUDIT_RETIREMENT_ALTERED');
    expect(existsSync(archivePath())).toBe(false);
    expect(readFileSync(LINES(), 'utf8')).toBe(lines);
    expect(await count('audit_events')).toBe(rows);
    expect(await findings()).toEqual(before);
    // It stays open to be refused: what was found is evidence, and the next retirement is not held up.
    expect(codeOf(await decideRetirement(dependencies(), AUTHORITY, retirement.id, 'refused'))).toBe('ok');
  });

  it('is not retired while nothing signed vouches for the chain', async () => {
    writeFileSync(LINES(), '');
    const retirement = await approved();
    expect(codeOf(await carryOut(retirement))).toBe('AUDIT_RETIREMENT_UNWITNESSED');
    expect(await count('audit_events')).toBe(100);
  });

  it('is not retired when the whole chain was made anew over altered rows', async () => {
    for (const table of ['audit_events', 'system_audit_events', 'audit_seals'])
      await bench.admin.query(`truncate ${table} restart identity`);
    const honest = bench.checkpoints;
    bench.checkpoints = checkpointFile(join(bench.folder, 'elsewhere'), join(bench.folder, 'key.pem'));
    await fill();
    bench.checkpoints = honest;
    const retirement = await approved();
    expect(codeOf(await carryOut(retirement))).toBe('AUDIT_RETIREMENT_UNWITNESSED');
    expect(existsSync(archivePath())).toBe(false);
    expect(await count('audit_events')).toBe(100);
  });
});

describe('a retirement that is interrupted', () => {
  it.each(RETIREMENT_STEPS.slice(0, 3))('after it was %s loses nothing and goes on', async (step) => {
    const retirement = await approved();
    const onStep = (reached: string): void => {
      if (reached === step) throw new Error('killed');
    };
    await expect(carryOut(retirement, { onStep })).rejects.toThrow('killed');
    expect(await count('audit_events')).toBe(100);
    const between = await verify();
    expect(between.findings).toEqual([]);
    expect(between.books[0]).toMatchObject({
      retired: null,
      unfinished: step === 'signed' ? [retirement.id] : [],
    });
    const written = readFileSync(archivePath());
    expect(codeOf(await carryOut(retirement))).toBe('ok');
    expect(readFileSync(archivePath()).equals(written)).toBe(true);
    expect(await count('audit_events')).toBe(30);
    const verified = await verify();
    expect(verified.findings).toEqual([]);
    expect(verified.books[0]).toMatchObject({ retired: { rows: 70n, archives: [{}] }, unfinished: [] });
    expect((await verifyArchive(archivePath(), bench.checkpoints)).found).toBe(0);
    expect(readFileSync(LINES(), 'utf8').match(/"retirement"/g)).toHaveLength(2);
  });

  it('while it wrote the archive, or between the lines of the two books, goes on too', async () => {
    const retirement = await approved();
    writeFileSync(`${archivePath()}.part`, 'half an archi');
    let lines = 0;
    const once: CheckpointFile = {
      ...bench.checkpoints,
      appendRetirement(mark) {
        if (lines++ === 1) throw new Error('killed');
        bench.checkpoints.appendRetirement(mark);
      },
    };
    await expect(carryOut(retirement, { checkpoints: once })).rejects.toThrow('killed');
    // Half a line, as a crash within the write leaves it.
    appendFileSync(LINES(), '{"retirement":"');
    expect(await count('audit_events')).toBe(100);
    expect(codeOf(await carryOut(retirement))).toBe('ok');
    expect(await findings()).toMatchObject([{ kind: 'checkpoint-broken' }]);
    expect(await verify()).toMatchObject({ books: [{ retired: { rows: 70n } }, { retired: { rows: 15n } }] });
  });

  it('does not go on with another archive, a changed one or none', async () => {
    const retirement = await approved();
    const onStep = (reached: string): void => {
      if (reached === 'signed') throw new Error('killed');
    };
    await expect(carryOut(retirement, { onStep })).rejects.toThrow('killed');
    const written = readFileSync(archivePath());
    writeFileSync(archivePath(), 'somebody else’s file');
    expect(codeOf(await carryOut(retirement))).toBe('AUDIT_ARCHIVE_EXISTS');
    const changed = gunzipSync(written).toString().replace('report.read', 'report.seen');
    writeFileSync(archivePath(), gzipSync(changed));
    expect(codeOf(await carryOut(retirement))).toBe('AUDIT_ARCHIVE_WRONG');
    expect(readFileSync(archivePath()).equals(gzipSync(changed))).toBe(true);
    expect(await count('audit_events')).toBe(100);
    // Lost altogether it is written again, the same bytes.
    rmSync(archivePath());
    expect(codeOf(await carryOut(retirement))).toBe('ok');
    expect(readFileSync(archivePath()).equals(written)).toBe(true);
  });

  it('keeps every row that a clock set back or a longer retention protects again', async () => {
    const retirement = await approved();
    expect(codeOf(await carryOut(retirement, { retentionYears: 30 }))).toBe('AUDIT_RETENTION_NOT_OVER');
    expect(codeOf(await carryOut(retirement, { clock: () => instant(at('2022-01-01T00:00:00Z')) }))).toBe(
      'AUDIT_RETENTION_NOT_OVER',
    );
    expect(await count('audit_events')).toBe(100);
  });
});
