import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { EXIT } from '../../src/apps/cli/command.ts';
import { correctionCommand } from '../../src/apps/cli/correction.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { type CorrectionBench, correctionBench } from './correction-bench.ts';

let opened: CorrectionBench;
let folder: string;
beforeAll(async () => {
  opened = await correctionBench();
  folder = mkdtempSync(join(tmpdir(), 'huren-correction-'));
});
afterAll(async () => {
  await opened.bench.drop();
  rmSync(folder, { recursive: true });
});

const huren = async (...args: string[]) => {
  const lines: string[] = [];
  const code = await correctionCommand.run(args, {
    environment: { DATABASE_URL: opened.bench.url, HUREN_DATA_DIR: folder },
    out: (line) => void lines.push(line),
    note: () => undefined,
    progress: () => undefined,
    signal: new AbortController().signal,
  });
  return { code, text: lines.join('\n') };
};

test('huren correction lists what an institution is to answer, shows one, and says what is overdue', async () => {
  const patient = await opened.begin();
  const check = await patient.check();
  const sent = await opened.submit({ report: patient.report, kind: 'wrong-person', text: '不是他的' });
  // The region's present is long past by the clock of the command.
  const listed = await huren('list', '--institution', 'JIANG-1', '--overdue');
  expect(listed.code).toBe(EXIT.findings);
  expect(listed.text).toContain(sent.ticket);
  expect(listed.text).toContain('已超时 1 张');
  const none = await huren('list', '--institution', 'JIANG-2', '--json');
  expect(none.code).toBe(EXIT.done);
  expect(JSON.parse(none.text)).toMatchObject({ corrections: [], counts: { open: 0 } });
  const shown = await huren('show', sent.id, '--institution', 'JIANG-1');
  expect(shown.code).toBe(EXIT.done);
  expect(shown.text).toContain(check.id);
  expect(shown.text).not.toContain('周明轩');
  await expect(huren('show', sent.id, '--institution', 'JIANG-2')).rejects.toMatchObject({
    code: 'CORRECTION_UNKNOWN',
  });
  await expect(huren('list')).rejects.toBeInstanceOf(Fault);
  await expect(huren('list', '--institution', 'JIANG-1', '--state', 'lost')).rejects.toMatchObject({
    code: 'USAGE',
  });
});
