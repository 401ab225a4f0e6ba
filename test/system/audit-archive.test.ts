import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkpointReading } from '../../src/adapters/audit-checkpoints/checkpoint-file.ts';
import { verifyArchive } from '../../src/apps/flows/audit/verify-archive.ts';
import { approved, archivePath, bench, benchHooks, carryOut } from './retirement-bench.ts';

benchHooks();

describe('an archive', () => {
  let text: string;
  beforeEach(async () => {
    await carryOut(await approved());
    text = gunzipSync(readFileSync(archivePath())).toString();
  });
  const kindsOf = async (changed: string | Uint8Array): Promise<readonly string[]> => {
    writeFileSync(archivePath(), typeof changed === 'string' ? gzipSync(changed) : changed);
    const { findings: found } = await verifyArchive(archivePath(), checkpointReading(bench.folder));
    return found.map((each) => ('event' in each ? `${each.kind} ${each.event}` : each.kind));
  };

  it('names the row that was altered or taken out, and that the file is not what was signed', async () => {
    expect(await kindsOf(text.replace('report/6\\"', 'report/7\\"'))).toEqual([
      'altered 6',
      'archive-unsigned',
    ]);
    const lines = text.split('\n');
    const at6 = lines.findIndex((line) => line.startsWith('{"event":"6"'));
    const without = lines.toSpliced(at6, 1).join('\n').replace('"rows":40', '"rows":39');
    expect(await kindsOf(without)).toEqual(['removed 6', 'archive-unsigned']);
  });

  it('is told from one whose seals were made to fit altered rows', async () => {
    // The names beside a row are not sealed; the file's digest covers them.
    expect(await kindsOf(text.replace('"institution":null', '"institution":"H9"'))).toEqual([
      'archive-unsigned',
    ]);
    const [first] = /"chainHash":"[^"]+"/.exec(text) as RegExpExecArray;
    const forged = `"chainHash":"${randomBytes(32).toString('base64')}"`;
    expect(await kindsOf(text.replace(first, forged))).toEqual([
      'seal-altered',
      'checkpoint-differs',
      'seal-detached',
      'archive-unsigned',
    ]);
  });

  it('is told from half a file, from another file, and from one with something behind its end', async () => {
    const whole = readFileSync(archivePath());
    expect(await kindsOf(whole.subarray(0, whole.length / 2))).toContain('archive-broken');
    expect(await kindsOf('{}\n')).toEqual(['archive-broken', 'archive-unsigned']);
    expect(await kindsOf(Buffer.from('not gzip'))).toEqual(['archive-broken', 'archive-unsigned']);
    expect(await kindsOf(`${text}{"end":true}\n`)).toEqual(['archive-broken', 'archive-unsigned']);
    expect(await kindsOf(text.replace('{"end":true}\n', ''))).toEqual(['archive-broken', 'archive-unsigned']);
    expect(await kindsOf(whole)).toEqual([]);
  });
});
