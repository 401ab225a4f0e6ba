import { createCipheriv } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { READ_AT_ONCE_MAX_BYTES } from '../../../adapters/hl7v2/read-large.ts';
import { type Hl7Message, readHl7Message } from '../../../adapters/hl7v2/read-message.ts';
import type { SenderDefaults } from '../../../adapters/hl7v2/reading.ts';
import { loadKeyFile } from '../../../adapters/keys/key-file.ts';
import { type KeyRing, keyRing } from '../../../adapters/keys/key-ring.ts';
import { type Pieces, SLICE_BYTES } from '../../../adapters/keys/large-content.ts';
import { fileObjects, type ObjectStore } from '../../../adapters/objects/file-objects.ts';
import { sha256Hex } from '../../../kernel/content-hash.ts';
import type { Result } from '../../../kernel/result.ts';
import { openBody, sealBody } from './ingest-body.ts';
import { largeMessages } from './large-messages.ts';
import type { LargeMessages } from './take-large.ts';

const SENDER: SenderDefaults = { charset: 'utf-8', zone: 'Asia/Shanghai', institution: 'H', dialect: {} };

let documents = 0;

/** Noise, as a real PDF is, of a length that needs padding, and another every time. */
const newDocument = (): Buffer => {
  const cipher = createCipheriv('aes-128-ctr', Buffer.alloc(16, ++documents), Buffer.alloc(16));
  const pdf = cipher.update(Buffer.alloc(READ_AT_ONCE_MAX_BYTES + 500));
  pdf.write('%PDF-1.7\n');
  return pdf;
};

const message = (...lines: readonly string[]): Buffer =>
  Buffer.from(
    [
      'MSH|^~\\&|LIS|H|||20261101080000+0800||ORU^R01|M1|P|2.5|||||CHN|UNICODE UTF-8',
      'PID|1||MR1^^^H^MR||张三||19800101|M',
      'OBR|1|O1|R1|GLU^葡萄糖^L|||20261101080000|||||||||||||||20261101090000||LAB|F',
      'OBX|1|NM|GLU^葡萄糖^L||5.6|mmol/L|3.9-6.1||||F',
      ...lines,
    ].join('\r'),
  );
const line = (number: number, data: string, encoding = 'Base64'): string =>
  `OBX|${number}|ED|PDF^报告||^AP^PDF^${encoding}^${data}||||||F`;
const SMALL = Buffer.from('%PDF-1.4 small').toString('base64');

/** As a socket gives it: pieces, each in memory of its own. */
const pieces = (bytes: Buffer): Pieces =>
  Array.from(
    { length: Math.ceil(bytes.length / SLICE_BYTES) },
    (_, index) => new Uint8Array(bytes.subarray(index * SLICE_BYTES, (index + 1) * SLICE_BYTES)),
  );

/** What is read at once, without the bytes of attachments, which are kept by then. */
const readAtOnce = (bytes: Buffer): Result<Hl7Message, unknown> => {
  const read = readHl7Message(bytes, SENDER);
  if (!read.ok || read.value.message.kind !== 'reports') return read;
  const reports = read.value.message.reports.map((report) => ({
    ...report,
    observations: report.observations.map(({ value, ...rest }) => ({
      ...rest,
      value: value.attachment ? { ...value, attachment: { ...value.attachment, bytes: null } } : value,
    })),
  }));
  return { ok: true, value: { ...read.value, message: { ...read.value.message, reports } } };
};

let folder: string;
let keys: KeyRing;
let objects: ObjectStore;
let thread: LargeMessages & { close(): Promise<void> };

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'large-messages-'));
  const keyFile = join(folder, 'keys.json');
  keys = keyRing(loadKeyFile(keyFile));
  const objectsDirectory = join(folder, 'objects');
  mkdirSync(objectsDirectory);
  objects = fileObjects(objectsDirectory, keys);
  thread = largeMessages({ keyFile, objectsDirectory });
});

afterAll(async () => {
  await thread.close();
  rmSync(folder, { recursive: true, force: true });
});

const objectCount = (): number =>
  readdirSync(join(folder, 'objects'), { recursive: true, withFileTypes: true }).filter((each) =>
    each.isFile(),
  ).length;

describe('a large message, taken by the thread', () => {
  it.each<readonly [string, number, (base64: string, hex: string) => Buffer]>([
    ['with a document', 1, (base64) => message(line(2, base64))],
    ['without its padding', 1, (base64) => message(line(2, base64.replace(/=+$/, '')))],
    [
      'with last bits that no encoder writes',
      1,
      (base64) => message(line(2, base64.replace(/.(=*)$/, '9$1'))),
    ],
    [
      'with a document twice and a small one',
      2,
      (base64) => message(line(2, base64), line(3, base64), line(4, SMALL)),
    ],
    // Nothing can be lifted out: the message is kept whole, and its document besides.
    ['with a document in hex', 2, (_, hex) => message(line(2, hex, 'Hex'))],
    [
      'that cannot be read behind its document',
      1,
      (base64) => message(line(2, base64), 'OBX|5|NM|X||5.6||||||?'),
    ],
    [
      'with a byte that its character set does not have',
      1,
      (base64) => Buffer.concat([message(line(2, base64)), Buffer.of(0xff)]),
    ],
  ])(
    '%s: says what it would have said at once, and comes back byte for byte',
    async (_, objectsMore, make) => {
      const document = newDocument();
      const bytes = make(document.toString('base64'), document.toString('hex'));
      const before = objectCount();
      const taken = await thread.take(pieces(bytes), SENDER);
      expect(taken.kept.sha256).toBe(sha256Hex(bytes));
      const body = sealBody(keys, taken.kept.body, bytes.length, 'message|1|M1');
      expect(bytes.equals(await openBody({ keys, objects }, body, 'message|1|M1'))).toBe(true);
      const atOnce = structuredClone(readAtOnce(bytes));
      expect(isDeepStrictEqual(await taken.read(), atOnce)).toBe(true);
      expect(objectCount() - before).toBe(objectsMore);
    },
  );

  it('leaves whole bytes with whoever has them, and takes those of pieces', async () => {
    const bytes = message(line(2, newDocument().toString('base64')));
    const given = pieces(bytes);
    await (await thread.take(given, SENDER)).read();
    expect(given.every(({ length }) => length === 0)).toBe(true);
    const before = Buffer.from(bytes);
    await (await thread.take(bytes, SENDER)).read();
    expect(bytes.equals(before)).toBe(true);
  });

  it('is taken in its turn, each with its own answer', async () => {
    const numbered = [1, 2, 3].map(() => message(line(2, newDocument().toString('base64'))));
    const taken = await Promise.all(numbered.map((bytes) => thread.take(pieces(bytes), SENDER)));
    expect(taken.map(({ kept }) => kept.sha256)).toEqual(numbered.map((bytes) => sha256Hex(bytes)));
  });

  it('stays with its sender where the thread cannot keep it', async () => {
    const keyFile = join(folder, 'broken.json');
    writeFileSync(keyFile, 'no keys');
    const broken = largeMessages({ keyFile, objectsDirectory: join(folder, 'objects') });
    await expect(broken.take(message(), SENDER)).rejects.toMatchObject({
      code: 'LARGE_MESSAGE_NOT_KEPT',
      status: 503,
    });
    await broken.close();
  });

  it('that waits when the program ends stays with its sender', async () => {
    const ending = largeMessages({
      keyFile: join(folder, 'keys.json'),
      objectsDirectory: join(folder, 'objects'),
    });
    const ended = Promise.allSettled([1, 2].map(() => ending.take(message(), SENDER)));
    await ending.close();
    expect((await ended).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  });
});

describe('a body without its attachments', () => {
  it('is not taken for the message when an attachment is another', async () => {
    const bytes = message(line(2, newDocument().toString('base64')));
    const { kept } = await thread.take(pieces(bytes), SENDER);
    const body = sealBody(keys, kept.body, bytes.length, 'message|1|M1');
    const other = { ...objects, get: async () => newDocument() };
    await expect(openBody({ keys, objects: other }, body, 'message|1|M1')).rejects.toMatchObject({
      code: 'OBJECT_DAMAGED',
    });
  });
});
