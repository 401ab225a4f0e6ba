import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type KeyMaterial, keyRing } from '../keys/key-ring.ts';
import { filePart } from './file-part.ts';
import { fileImages } from './image-objects.ts';
import { openedBeside, type PartReader, type PartReading } from './read-lane.ts';

const material = (...ids: readonly string[]): KeyMaterial => ({
  hashingKey: new Uint8Array(32).fill(7),
  sealingKeys: ids.map((id, at) => ({ id, key: new Uint8Array(32).fill(at + 1) })),
});

let root: string;
let current: KeyMaterial = material('k1');
let readHere: number;
let reader: PartReader;
const keys = keyRing({ current: () => current, reread: () => current });
const read: PartReading = (...of) => {
  readHere += 1;
  return filePart(...of);
};

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'huren-read-lane-'));
  current = material('k1');
  readHere = 0;
  reader = openedBeside(keys, read);
});
afterEach(async () => {
  await reader.close();
  rmSync(root, { recursive: true, force: true });
});

/** Keeps an object; tells where its file is. */
const keep = async (bytes: Buffer): Promise<string> => {
  const images = fileImages(join(root, randomBytes(4).toString('hex')), keys);
  await images.put(bytes);
  await images.close();
  const [path] = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
    /[0-9a-f]{64}$/.test(name),
  );
  return join(root, path as string);
};

const many = (path: string, count = 12): Promise<Buffer[]> =>
  Promise.all(
    Array.from({ length: count }, async (_, at) =>
      Buffer.concat(await reader.part(path, at * 1_000, 100_000)),
    ),
  );

/** Asks for many until none of them is read here. */
const untilBeside = async (path: string): Promise<void> => {
  for (let before = -1; before !== readHere; ) {
    before = readHere;
    await many(path);
  }
};

test('few are read here, many by the thread, and each has its own bytes', async () => {
  const bytes = randomBytes(300_000);
  const path = await keep(bytes);
  expect(Buffer.concat(await reader.part(path, 5, 70_000)).equals(bytes.subarray(5, 70_005))).toBe(true);
  expect(readHere).toBe(1);
  await untilBeside(path);
  const before = readHere;
  for (const [at, part] of (await many(path, 40)).entries())
    expect(part.equals(bytes.subarray(at * 1_000, at * 1_000 + 100_000))).toBe(true);
  expect(readHere).toBe(before);
});

test('what is missing or was altered is the fault that it is here', async () => {
  const path = await keep(randomBytes(300_000));
  await untilBeside(path);
  await expect(reader.part(join(root, 'none'), 0, 10)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
  writeFileSync(path, randomBytes(300_400));
  await expect(reader.part(path, 0, 10)).rejects.toThrow(/OBJECT_DAMAGED|KEY_UNKNOWN/);
});

test('an object under a key that was made since is opened, and by a thread that has the key soon', async () => {
  await untilBeside(await keep(randomBytes(300_000)));
  rmSync(root, { recursive: true, force: true });
  current = material('k1', 'k2');
  const bytes = randomBytes(300_000);
  const path = await keep(bytes);
  expect(Buffer.concat(await reader.part(path, 0, 300_000)).equals(bytes)).toBe(true);
  await untilBeside(path);
  const before = readHere;
  expect(Buffer.concat(await reader.part(path, 0, 300_000)).equals(bytes)).toBe(true);
  expect(readHere).toBe(before);
});

test('after it was closed it reads here', async () => {
  const bytes = randomBytes(300_000);
  const path = await keep(bytes);
  await untilBeside(path);
  await reader.close();
  const before = readHere;
  expect((await many(path))[0]?.equals(bytes.subarray(0, 100_000))).toBe(true);
  expect(readHere).toBe(before + 12);
});
