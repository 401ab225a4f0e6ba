import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keyRing } from '../keys/key-ring.ts';
import { processMark } from '../postgres/embedded-process.ts';
import { type ContentHash, fileImages, type ImageObjects } from './image-objects.ts';

const keys = keyRing({
  hashingKey: new Uint8Array(32).fill(7),
  sealingKeys: [{ id: 'k1', key: new Uint8Array(32).fill(9) }],
});
const PAGE_BYTES = 4096;

let roots: string[];
let images: ImageObjects;
/** Nothing may go wrong beside the writing. */
const fails = (error: unknown): void => {
  throw error;
};
const newRoot = (): string => {
  const root = mkdtempSync(join(tmpdir(), 'journal-'));
  roots.push(root);
  return root;
};
beforeEach(async () => {
  roots = [];
  images = fileImages(newRoot(), keys);
  await images.keepJournal(fails);
});
afterEach(async () => {
  await images.close();
  for (const root of roots) rmSync(root, { recursive: true, force: true });
});

const segmentsOf = (root: string): string[] =>
  readdirSync(join(root, 'journal')).map((name) => join(root, 'journal', name));

const receive = async (bytes: Uint8Array): Promise<ContentHash> => {
  const writer = await images.begin();
  await writer.write(bytes);
  const { content, durable } = await writer.end();
  await durable;
  return content;
};

/** Receives until so many are in the journal: it makes its first room while the first ones come. */
const receiveJournaled = async (count: number): Promise<ReadonlyMap<ContentHash, Buffer>> => {
  const kept = new Map<ContentHash, Buffer>();
  const [root] = roots as [string];
  const hasRecord = () =>
    readdirSync(root).includes('journal') &&
    segmentsOf(root).some(
      (path) => readFileSync(path).toString('latin1', PAGE_BYTES, PAGE_BYTES + 4) === 'HJR1',
    );
  while (kept.size < count) {
    const bytes = randomBytes(90_000 + kept.size);
    const content = await receive(bytes);
    if (kept.size > 0 || hasRecord()) kept.set(content, bytes);
  }
  return kept;
};

/** The journal as a power cut leaves it, in a store whose own files are all gone. `damage` may change what is in it. */
const afterPowerCut = (owner: object, damage: (segment: Buffer) => void = () => undefined): string => {
  const [before] = roots as [string];
  const root = newRoot();
  mkdirSync(join(root, 'journal'));
  for (const path of segmentsOf(before)) {
    const segment = readFileSync(path);
    const head = JSON.parse(segment.toString('utf8', 0, segment.indexOf(0))) as { owner: object };
    segment.fill(0, 0, PAGE_BYTES);
    segment.write(JSON.stringify({ ...head, owner: { ...head.owner, ...owner } }), 'utf8');
    damage(segment);
    writeFileSync(path.replace(before, root), segment);
  }
  return root;
};
const GONE = { process: '1 of another time', pid: 1 };

const restored = async (root: string): Promise<ImageObjects> => {
  const store = fileImages(root, keys);
  await store.keepJournal(fails);
  return store;
};

test('what was durable in the journal alone is in its place after a power cut', async () => {
  const kept = await receiveJournaled(5);
  const root = afterPowerCut(GONE);
  const store = await restored(root);
  for (const [content, bytes] of kept) expect(Buffer.from(await store.get(content)).equals(bytes)).toBe(true);
  // Its owner is gone: nothing is left to go through.
  expect(segmentsOf(root)).toEqual([]);
});

test('what was not written to its end is left out, and everything before it is there', async () => {
  const kept = [...(await receiveJournaled(3))];
  const [, , [last, bytes]] = kept as [(typeof kept)[0], (typeof kept)[0], (typeof kept)[0]];
  const root = afterPowerCut(GONE, (segment) => {
    const at = segment.lastIndexOf('HJR1');
    if (at > 0) segment.fill(0, at + 60_000, at + bytes.length);
  });
  const store = await restored(root);
  for (const [content, before] of kept.slice(0, 2))
    expect(Buffer.from(await store.get(content)).equals(before)).toBe(true);
  await expect(store.get(last)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
});

test('the journal of a process on another machine is gone through, and left to it', async () => {
  const kept = await receiveJournaled(2);
  const root = afterPowerCut({ ...GONE, machine: 'another' });
  const store = await restored(root);
  for (const [content, bytes] of kept) expect(Buffer.from(await store.get(content)).equals(bytes)).toBe(true);
  expect(segmentsOf(root).length).toBeGreaterThan(0);
});

test('more than the journal holds goes through it, and closing leaves every object in its place and no journal', async () => {
  const kept = new Map<ContentHash, Buffer>();
  // Three segments full, eight senders at a time.
  for (let turn = 0; turn < 16; turn++)
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        const bytes = randomBytes(800_000);
        kept.set(await receive(bytes), bytes);
      }),
    );
  await images.close();
  const [root] = roots as [string];
  expect(segmentsOf(root)).toEqual([]);
  const store = fileImages(root, keys);
  for (const [content, bytes] of kept) expect(Buffer.from(await store.get(content)).equals(bytes)).toBe(true);
});

test('the same content again, and a remnant under its name, end as one whole object', async () => {
  const bytes = randomBytes(200_000);
  const content = await receive(bytes);
  const [root] = roots as [string];
  const [file] = readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.arrivals'))
    .map((entry) => join(entry.parentPath, entry.name)) as [string];
  writeFileSync(file, 'half of it');
  expect(await receive(bytes)).toBe(content);
  expect(Buffer.from(await images.get(content)).equals(bytes)).toBe(true);
});

test('too large for the other thread, given up, and more at once than it has room for: each is what came', async () => {
  await receiveJournaled(1);
  const pieces = (bytes: Buffer): Buffer[] =>
    Array.from({ length: Math.ceil(bytes.length / 60_000) }, (_, at) =>
      bytes.subarray(at * 60_000, (at + 1) * 60_000),
    );
  const one = async (size: number, isGivenUp: boolean): Promise<void> => {
    const bytes = randomBytes(size);
    const writer = await images.begin();
    for (const piece of pieces(bytes)) await writer.write(piece);
    if (isGivenUp) return writer.abort();
    const { content, size: told, durable } = await writer.end();
    await durable;
    expect(told).toBe(size);
    expect(Buffer.from(await images.get(content)).equals(bytes)).toBe(true);
  };
  const sizes = [1, 65_536, 131_072, 524_288, 1_048_576, 1_048_577, 1_500_000];
  for (let turn = 0; turn < 3; turn++)
    await Promise.all(
      Array.from({ length: 30 }, (_, at) => one(sizes[(at + turn) % sizes.length] as number, at % 5 === 4)),
    );
});

/** Files of objects in their places. */
const filesOf = (root: string): string[] =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /^[0-9a-f]{64}$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));

test('what has no file of its own yet is read all the same, by another process too', async () => {
  const kept = await receiveJournaled(3);
  const [root] = roots as [string];
  for (const path of filesOf(root)) rmSync(path);
  const other = fileImages(root, keys);
  for (const [content, bytes] of kept) {
    const [first] = await other.part(content, 0, 10);
    expect(Buffer.from(first as Uint8Array).equals(bytes.subarray(0, 10))).toBe(true);
    expect(Buffer.from(await images.get(content)).equals(bytes)).toBe(true);
  }
  await expect(other.get('0'.repeat(64) as ContentHash)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
});

test('the journal of another process that lives is left to it', async () => {
  const kept = await receiveJournaled(2);
  const neighbour = spawn('sleep', ['60']);
  try {
    const pid = neighbour.pid as number;
    const root = afterPowerCut({ process: processMark(pid), pid });
    await restored(root);
    expect(filesOf(root)).toEqual([]);
    expect(segmentsOf(root).length).toBeGreaterThan(0);
    expect(kept.size).toBe(2);
  } finally {
    neighbour.kill();
  }
});

test('an object whose own file cannot be written is durable, is read when it can be, and is in its place after closing', async () => {
  const root = newRoot();
  const told: unknown[] = [];
  const store = fileImages(root, keys);
  await store.keepJournal((error) => told.push(error));
  const bytes = randomBytes(80_000);
  const receiveHere = async (): Promise<ContentHash> => {
    const writer = await store.begin();
    await writer.write(bytes);
    const { content, durable } = await writer.end();
    await durable;
    return content;
  };
  // The first ones come while the journal makes its room.
  while (!readdirSync(root).includes('journal') || segmentsOf(root).length === 0) await receiveHere();
  const content = await receiveHere();
  await store.get(content);
  const [path] = filesOf(root) as [string];
  rmSync(dirname(path), { recursive: true });
  while (told.length === 0) {
    // Through the journal it is durable without its file; what goes another way is told that there is no place for it.
    await receiveHere().catch((error: unknown) => expect(error).toMatchObject({ code: 'OBJECT_MISSING' }));
  }
  await expect(store.get(content)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
  mkdirSync(dirname(path));
  expect(Buffer.from(await store.get(content)).equals(bytes)).toBe(true);
  rmSync(path);
  await store.close();
  expect(segmentsOf(root)).toEqual([]);
  expect(Buffer.from(await fileImages(root, keys).get(content)).equals(bytes)).toBe(true);
});
