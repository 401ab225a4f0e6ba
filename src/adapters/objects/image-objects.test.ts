import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { instant } from '../../kernel/instant.ts';
import { keyRing } from '../keys/key-ring.ts';
import { type ContentHash, fileImages, type ImageObjects } from './image-objects.ts';

let root: string;
let images: ImageObjects;
const ringOf = (cipher: 'aes-256-gcm' | 'sm4-ctr-hmac-sm3') =>
  keyRing({
    hashingKey: new Uint8Array(32).fill(7),
    sealingKeys: [{ id: 'k1', key: new Uint8Array(32).fill(9), cipher }],
  });
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'images-'));
  images = fileImages(root, ringOf('aes-256-gcm'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const files = (): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const STRETCH = 64 * 1024;

test.each([0, 1, STRETCH - 1, STRETCH, STRETCH + 1, 3 * STRETCH + 5])(
  '%i bytes come back as they were written, under the hash of their content',
  async (size) => {
    const bytes = randomBytes(size);
    const writer = await images.begin();
    for (let at = 0; at < size; at += 10_007) await writer.write(bytes.subarray(at, at + 10_007));
    const written = await writer.finish();
    expect(written).toEqual({ content: createHash('sha256').update(bytes).digest('hex'), size });
    expect(Buffer.from(await images.get(written.content)).equals(bytes)).toBe(true);
  },
);

test('any part is read by itself', async () => {
  const bytes = randomBytes(3 * STRETCH + 100);
  const object = await images.open(await images.put(bytes));
  for (const [from, length] of [
    [0, 1],
    [STRETCH - 1, 2],
    [10, 2 * STRETCH],
    [3 * STRETCH, 100],
    [3 * STRETCH + 90, 1000],
  ] as const)
    expect(Buffer.from(await object.read(from, length)).equals(bytes.subarray(from, from + length))).toBe(
      true,
    );
  expect(await object.read(bytes.length, 1)).toHaveLength(0);
  await object.close();
});

test.each(['aes-256-gcm', 'sm4-ctr-hmac-sm3'] as const)(
  'a part alone is what the whole has there, sealed with %s',
  async (cipher) => {
    const sealed = fileImages(root, ringOf(cipher));
    const bytes = randomBytes(3 * STRETCH + 100);
    const content = await sealed.put(bytes);
    for (const [from, length] of [
      [0, bytes.length],
      [0, 1],
      [1_200, 2 * STRETCH],
      [STRETCH - 1, 2],
      [STRETCH, STRETCH],
      [2 * STRETCH + 7, STRETCH],
      [3 * STRETCH + 90, 1_000],
      [bytes.length, 1],
    ] as const) {
      const pieces = await sealed.part(content, from, length);
      expect(Buffer.concat(pieces).equals(bytes.subarray(from, from + length))).toBe(true);
    }
  },
);

test('the national cipher seals as well', async () => {
  const national = fileImages(root, ringOf('sm4-ctr-hmac-sm3'));
  const bytes = randomBytes(STRETCH + 9);
  expect(Buffer.from(await national.get(await national.put(bytes))).equals(bytes)).toBe(true);
});

test('the same content is one file, and nothing of it is readable there', async () => {
  const bytes = Buffer.from('PatientName 张三 '.repeat(100));
  expect(await images.put(bytes)).toBe(await images.put(bytes));
  expect(files()).toHaveLength(1);
  expect(readFileSync(files()[0] as string).includes(Buffer.from('张三'))).toBe(false);
});

test('what was given up leaves nothing, and what a crash left is swept away', async () => {
  const given = await images.begin();
  await given.write(randomBytes(10));
  await given.abort();
  expect(files()).toHaveLength(0);
  const crashed = await images.begin();
  // A small object is held in memory until it is whole.
  await crashed.write(randomBytes(2 * 1024 * 1024));
  expect(await images.sweep(instant(0))).toBe(0);
  expect(await images.sweep(instant(Date.now() + 60_000))).toBe(1);
  expect(files()).toHaveLength(0);
  await crashed.abort();
});

test.each([
  // Another byte than it was, whatever it was.
  ['altered', (stored: Buffer) => stored.fill((stored[100] as number) ^ 0xff, 100, 101)],
  ['cut off', (stored: Buffer) => stored.subarray(0, STRETCH + 200)],
  ['cut off between two stretches', (stored: Buffer) => stored.subarray(0, 3 + 16 + STRETCH + 28)],
])('a file that was %s is never given out', async (_how, change) => {
  const content = await images.put(randomBytes(2 * STRETCH));
  const [file] = files() as [string];
  writeFileSync(file, change(readFileSync(file)));
  await expect(images.get(content)).rejects.toMatchObject({ code: 'OBJECT_DAMAGED' });
  await expect(images.part(content, 0, 2 * STRETCH)).rejects.toMatchObject({ code: 'OBJECT_DAMAGED' });
});

test('an object that is not there is said to be missing', async () => {
  await expect(images.get('0'.repeat(64) as ContentHash)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
  await expect(images.get('../../etc/passwd' as ContentHash)).rejects.toMatchObject({
    code: 'OBJECT_MISSING',
  });
  const missing = images.part('0'.repeat(64) as ContentHash, 0, 1);
  await expect(missing).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
});
