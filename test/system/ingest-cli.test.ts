import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { POSTGRES_FAULTS } from '../../src/adapters/postgres/faults.ts';
import { raiser } from '../../src/kernel/fault.ts';
import type { CommandContext } from '../../src/apps/cli/command.ts';
import { ingestFiles } from '../../src/apps/cli/ingest-files.ts';
import { runCommandLine } from '../../src/apps/cli/main.ts';
import { fresh, type IngestBench, ingestBench, reportMessage } from './ingest-fixtures.ts';

let bench: IngestBench;
let folder: string;
beforeEach(async () => {
  bench = await ingestBench();
  folder = mkdtempSync(join(tmpdir(), 'ingest-cli-'));
});
afterEach(async () => {
  await bench.drop();
  rmSync(folder, { recursive: true, force: true });
});

const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, content);
  return path;
};

const run = async (args: readonly string[], over: Record<string, string> = {}) => {
  const out: string[] = [];
  const notes: string[] = [];
  const context: CommandContext = {
    environment: { DATABASE_URL: bench.url, HUREN_DATA_DIR: join(folder, 'data'), ...over },
    out: (line) => void out.push(line),
    note: (line) => void notes.push(line),
    progress: () => undefined,
    signal: new AbortController().signal,
  };
  const code = await runCommandLine(args, context);
  return { code, out, notes, json: () => JSON.parse(out.join('\n')) as never };
};

/** A ZIP archive (APPNOTE 4.3) of uncompressed files. */
const storedZip = (files: readonly (readonly [name: string, content: string])[]): Uint8Array => {
  const locals: Buffer[] = [];
  const entries: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of files) {
    const bytes = Buffer.from(content);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt32LE(crc32(bytes), 10);
    shared.writeUInt32LE(bytes.length, 14);
    shared.writeUInt32LE(bytes.length, 18);
    shared.writeUInt16LE(name.length, 22);
    const local = Buffer.concat([Buffer.from('PK\u0003\u0004'), shared, Buffer.from(name), bytes]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    entries.push(Buffer.concat([Buffer.from('PK\u0001\u0002\u0014\u0000'), shared, rest, Buffer.from(name)]));
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(entries);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(files.length, 4);
  end.writeUInt16LE(files.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...locals, directory, Buffer.from('PK\u0005\u0006'), end]);
};

describe('huren ingest', () => {
  test('takes files, folders, several messages in one file and gives a receipt; again it finds only duplicates', async () => {
    write('a/one.hl7', reportMessage({}));
    write('a/many.txt', [1, 2, 3].map(() => reportMessage({})).join('\r\n\r\n'));
    write('a/deeper/framed.hl7', `\u000b${reportMessage({})}\u001c\r\u000b${reportMessage({})}\u001c\r`);
    write('a/readme.md', 'not a message');
    const named = write('named.dat', reportMessage({}));
    const first = await run(['ingest', join(folder, 'a'), named, '--json']);
    expect(first.json()).toEqual({
      messages: 7,
      accepted: 7,
      duplicate: 0,
      quarantined: 0,
      refused: 0,
      reasons: {},
    });
    expect(first.code).toBe(0);
    const again = await run(['ingest', join(folder, 'a'), named, '--json']);
    expect(again.json()).toMatchObject({ messages: 7, accepted: 0, duplicate: 7 });
    expect(await bench.rows('select 1 from reports')).toHaveLength(7);
  });

  test('takes the messages of a zip archive', async () => {
    const archive = write(
      'messages.zip',
      storedZip([
        ['x.hl7', reportMessage({})],
        ['y.txt', reportMessage({})],
        ['z.pdf', 'no'],
      ]),
    );
    const { code, json } = await run(['ingest', archive, '--json']);
    expect(json()).toMatchObject({ messages: 2, accepted: 2 });
    expect(code).toBe(0);
  });

  test('names what it did not take, says so by its exit code, and leaks no patient', async () => {
    const file = write(
      'mixed.hl7',
      [
        reportMessage({}),
        reportMessage({ application: 'NOBODY', name: '端木隐名' }),
        reportMessage({ collectedAt: '20261345' }),
      ].join('\r'),
    );
    const stray = write('stray.txt', 'Dear colleague, please find attached\n');
    const broken = write('broken.zip', Buffer.from('PK\u0003\u0004 not really an archive'));
    const { code, json, notes } = await run([
      'ingest',
      file,
      stray,
      broken,
      join(folder, 'absent.hl7'),
      '--json',
    ]);
    expect(json()).toEqual({
      messages: 4,
      accepted: 1,
      duplicate: 0,
      quarantined: 3,
      refused: 2,
      reasons: {
        SENDER_UNKNOWN: 1,
        HL7_TIME_IMPOSSIBLE: 1,
        HL7_MSH_MISSING: 1,
        HL7_ARCHIVE_UNREADABLE: 1,
        ENOENT: 1,
      },
    });
    expect(code).toBe(1);
    expect(notes.join('\n')).toContain('HL7_TIME_IMPOSSIBLE');
    expect(notes.join('\n')).not.toContain('端木隐名');
  });

  test('stops where it was asked to, and ends when storage is gone', async () => {
    const file = write('many.txt', Array.from({ length: 5 }, () => reportMessage({})).join('\r'));
    const abort = new AbortController();
    const stopped = await ingestFiles(bench.dependencies, [file], {
      signal: abort.signal,
      onProgress: ({ messages }) => messages === 2 && abort.abort(),
    });
    expect(stopped).toMatchObject({ ended: 'stopped', receipt: { messages: 2, accepted: 2 } });
    const gone = {
      ...bench.dependencies.database,
      run: () => Promise.reject(raiser(POSTGRES_FAULTS)('DATABASE_UNREACHABLE')),
    };
    const ended = await ingestFiles({ ...bench.dependencies, database: gone }, [file]);
    expect(ended).toMatchObject({ ended: 'unreachable', receipt: { refused: 1 } });
  });

  test('without a path is a usage error, without a database unreachable', async () => {
    expect((await run(['ingest'])).code).toBe(2);
    const file = write('one.hl7', reportMessage({}));
    const nowhere = await run(['ingest', file], { DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none' });
    expect(nowhere.code).toBe(3);
  });
});

describe('huren quarantine', () => {
  test('lists, shows, replays and closes', async () => {
    const reportNumber = fresh('R');
    const file = write('one.hl7', reportMessage({ application: 'LATER', reportNumber }));
    await run(['ingest', file]);
    const listed = await run(['quarantine', 'list', '--reason', 'SENDER_UNKNOWN', '--json']);
    const [entry] = listed.json() as { publicId: string; senderAddress: string }[];
    expect(entry?.senderAddress).toBe('LATER|JIANG1');
    const id = entry?.publicId as string;

    const shown = await run(['quarantine', 'show', id]);
    expect(shown.code).toBe(0);
    expect(shown.out.join('\n')).toContain(`OBR[1]-3\t${reportNumber}`);
    expect(
      await bench.rows(
        "select 1 from system_audit_events where action = 'quarantine.show' and resource = $1",
        [`quarantine/${id}`],
      ),
    ).toHaveLength(1);

    expect((await run(['quarantine', 'replay', id])).code).toBe(1);
    await bench.register({ code: 'LATER', application: 'LATER', facility: 'JIANG1' });
    const replayed = await run(['quarantine', 'replay', id, '--json']);
    expect(replayed.json()).toMatchObject({ tried: 1, resolved: 1 });
    expect(replayed.code).toBe(0);
    expect((await run(['quarantine', 'list', '--json'])).json()).toEqual([]);

    await run(['ingest', write('two.hl7', reportMessage({ application: 'NOISE' }))]);
    const [noise] = (await run(['quarantine', 'list', '--json'])).json() as { publicId: string }[];
    expect((await run(['quarantine', 'discard', noise?.publicId as string])).code).toBe(0);
    expect((await run(['quarantine', 'list', '--state', 'discarded', '--json'])).json()).toHaveLength(1);
  });

  test('refuses a replay without a selection, an unknown id and an unknown verb', async () => {
    expect((await run(['quarantine', 'replay'])).notes.join()).toContain('QUARANTINE_SELECTION_MISSING');
    expect(
      (await run(['quarantine', 'show', '00000000-0000-7000-8000-000000000000'])).notes.join(),
    ).toContain('QUARANTINE_UNKNOWN');
    expect((await run(['quarantine', 'burn'])).code).toBe(2);
    expect((await run(['quarantine', 'show', 'not-an-id'])).code).toBe(2);
  });
});
