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
    // A second time there is nothing to close, and nothing to write down.
    expect((await run(['quarantine', 'discard', noise?.publicId as string])).code).toBe(1);
    expect(
      await bench.rows(
        `select actor, resource, outcome from system_audit_events where action = 'quarantine.discard'`,
      ),
    ).toEqual([{ actor: 'console', resource: `quarantine/${noise?.publicId}`, outcome: 'discarded' }]);
    expect((await run(['quarantine', 'list', '--state', 'discarded', '--json'])).json()).toHaveLength(1);
  });

  /** A message whose patient is named in every way a hospital does, refused because nobody registered its sender. */
  const telling = (reportNumber: string): string =>
    [
      'MSH|^~\\&|STRANGER|JIANG1|HUREN|REGION|20261120093000||ORU^R01|C1|P|2.5.1||||||UNICODE UTF-8',
      'PID|1||ZY0004711^^^JIANG-1^MR~480225196308190571^^^CN^NI||欧阳锦程^^^^^^L||19630819|M|||槐安路18号^^石家庄||13803119999|0311-85551234',
      'NK1|1|欧阳望舒|CHD|裕华路7号|13912345678',
      'GT1|1||欧阳长缨|||0311-66667777',
      'IN1|1|A|B||||||||||||||欧阳锦程|||||||||||||||||||480225196308190571',
      'ZPI|1|家属欧阳长缨',
      `OBR|1||${reportNumber}|CTC^胸部CT平扫|||20261120080000|||||||||ouyang^医师甲`,
      'OBX|1|ST|K^钾||4.1 欧阳锦程 13803119999|mmol/L|||||F',
      'OBX|2|FT|CTC^胸部CT平扫||患者之兄欧阳不群来取||||||F',
      'NTE|1||请致电 0311-85551234 或 13700001111',
    ].join('\r');

  /** Quarantines a message by the command line, whose keys the later commands have too. */
  const quarantined = async (message: string): Promise<string> => {
    await run(['ingest', write('strange.hl7', message)]);
    const [newest] = await bench.rows<{ public_id: string }>(
      'select public_id from quarantined_messages order by received_at desc limit 1',
    );
    return newest?.public_id as string;
  };

  const SECRETS =
    /欧阳|锦程|望舒|长缨|不群|480225196308190571|ZY0004711|13803119999|13912345678|13700001111|85551234|66667777|槐安路|裕华路|19630819/;

  test('masks by default who a message is about, wherever it says so, and keeps what a repair looks at', async () => {
    const reportNumber = fresh('R');
    const id = await quarantined(telling(reportNumber));
    const listed = await run(['quarantine', 'list']);
    expect(listed.out.join('\n')).toContain(id);
    expect(listed.out.join('\n')).not.toMatch(SECRETS);
    expect((await run(['quarantine', 'list', '--json'])).out.join('\n')).not.toMatch(SECRETS);

    const shown = await run(['quarantine', 'show', id]);
    const text = shown.out.join('\n');
    expect(shown.code).toBe(0);
    expect(text).not.toMatch(SECRETS);
    expect(text).toContain('PID[1]-3\txx0000000^^^JIANG-1^MR~000000000000000000^^^CN^NI');
    expect(text).toContain('PID[1]-5\t某某某某^^^^^^x');
    expect(text).toContain('PID[1]-8\tM');
    expect(text).toContain(`OBR[1]-3\t${reportNumber}`);
    expect(text).toContain('OBX[1]-5\t4.1 某某某某 00000000000');
    const asJson = await run(['quarantine', 'show', id, '--json']);
    expect(asJson.json()).toMatchObject({ isMasked: true, bytes: '' });
    expect(asJson.out.join('\n')).not.toMatch(SECRETS);
  });

  test('shows the whole message for a reason, and keeps the reason; without one it shows nothing', async () => {
    const message = telling(fresh('R'));
    const id = await quarantined(message);
    const acts = () =>
      bench.rows<{ outcome: string }>(
        "select outcome from system_audit_events where action = 'quarantine.show' order by event_id",
      );
    const refused = await run(['quarantine', 'show', id, '--clear', '  ']);
    expect(refused).toMatchObject({ code: 2, out: [] });
    expect(await acts()).toEqual([]);
    const shown = await run(['quarantine', 'show', id, '--clear', '核对新接口的姓名字段', '--json']);
    const { bytes, isMasked } = shown.json() as { bytes: string; isMasked: boolean };
    expect(isMasked).toBe(false);
    expect(Buffer.from(bytes, 'base64').toString()).toBe(message);
    expect((await run(['quarantine', 'show', id, '--clear', '再次核对'])).out.join('\n')).toContain(
      'PID[1]-5\t欧阳锦程^^^^^^L',
    );
    await run(['quarantine', 'show', id]);
    expect(await acts()).toEqual([
      { outcome: 'disclosed: 核对新接口的姓名字段' },
      { outcome: 'disclosed: 再次核对' },
      { outcome: 'masked' },
    ]);
    expect((await run(['quarantine', 'list', '--clear', '不适用'])).code).toBe(2);
  });

  test('leaves a shape of what cannot be taken apart', async () => {
    const id = await quarantined('姓名 欧阳锦程 身份证 480225196308190571 Tel 13803119999');
    const shown = await run(['quarantine', 'show', id]);
    expect(shown.out.join('\n')).not.toMatch(SECRETS);
    expect(shown.out.join('\n')).toContain('某某 某某某某 某某某 000000000000000000 xxx 00000000000');
    expect((await run(['quarantine', 'show', id, '--clear', '接口排查'])).out.join('\n')).toContain(
      '欧阳锦程',
    );
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
