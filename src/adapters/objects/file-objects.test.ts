import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keyRing } from '../keys/key-ring.ts';
import { fileObjects, type ObjectKey } from './file-objects.ts';

const keys = keyRing({
  hashingKey: new Uint8Array(32).fill(7),
  sealingKeys: [{ id: 'k1', key: new Uint8Array(32).fill(9) }],
});
const otherKeys = keyRing({
  hashingKey: new Uint8Array(32).fill(7),
  sealingKeys: [{ id: 'k2', key: new Uint8Array(32).fill(1) }],
});

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'objects-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const filesUnder = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

test('an object comes back as it was put, and putting it again keeps one file', async () => {
  const objects = fileObjects(root, keys);
  const bytes = Buffer.from('检查报告 '.repeat(1000));
  const key = await objects.put(bytes);
  expect(await objects.put(bytes)).toBe(key);
  expect(Buffer.from(await objects.get(key)).equals(bytes)).toBe(true);
  expect(filesUnder(root)).toHaveLength(1);
});

test('eight puts of the same bytes at once leave one whole file and no temporary one', async () => {
  const objects = fileObjects(root, keys);
  const bytes = Buffer.alloc(300_000, 5);
  const puts = await Promise.all(Array.from({ length: 8 }, () => objects.put(bytes)));
  expect(new Set(puts).size).toBe(1);
  expect(filesUnder(root)).toHaveLength(1);
  expect(Buffer.from(await objects.get(puts[0] as ObjectKey)).equals(bytes)).toBe(true);
});

test('the file holds no readable content and only its owner may read it', async () => {
  const objects = fileObjects(root, keys);
  await objects.put(Buffer.from('PID|1||张三'));
  const [file] = filesUnder(root);
  expect(readFileSync(file as string).includes(Buffer.from('张三'))).toBe(false);
  expect(statSync(file as string).mode & 0o077).toBe(0);
});

test('a damaged file is refused, never returned', async () => {
  const objects = fileObjects(root, keys);
  const key = await objects.put(Buffer.from('intact'));
  const [file] = filesUnder(root);
  const stored = readFileSync(file as string);
  stored[stored.length - 1] = (stored[stored.length - 1] as number) ^ 1;
  writeFileSync(file as string, stored);
  await expect(objects.get(key)).rejects.toMatchObject({ code: 'OBJECT_DAMAGED' });
});

test('a missing object and a missing key are told apart', async () => {
  const key = await fileObjects(root, keys).put(Buffer.from('x'));
  await expect(fileObjects(root, otherKeys).get(key)).rejects.toMatchObject({ code: 'KEY_UNKNOWN' });
  await expect(fileObjects(root, keys).get('00ff' as ObjectKey)).rejects.toMatchObject({
    code: 'OBJECT_MISSING',
  });
});
