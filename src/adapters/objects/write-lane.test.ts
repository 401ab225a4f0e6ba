import { randomBytes } from 'node:crypto';
import {
  closeSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { canWriteDirect, PAGE_BYTES, paddingBehind } from './pages.ts';
import {
  LANE_OBJECT_BYTES_MAX,
  type LaneRoom,
  startWriteLane,
  type WriteLane,
  type WrittenRecord,
} from './write-lane.ts';

let root: string;
let segment: number;
let lane: WriteLane;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lane-'));
  for (const name of ['spare', 'ab']) mkdirSync(join(root, name));
  writeFileSync(join(root, 'segment'), Buffer.alloc(4 * 1024 * 1024));
  segment = openSync(join(root, 'segment'), 'r+');
  lane = startWriteLane(join(root, 'spare'), canWriteDirect(join(root, 'spare')));
});
afterEach(async () => {
  await lane.close();
  closeSync(segment);
  rmSync(root, { recursive: true, force: true });
});

const HEAD = Buffer.from('head');
const pathOf = (name: string): string => join(root, 'ab', name);

/** Writes bytes in two parts. */
const record = (
  name: string,
  bytes: Buffer,
  position = 0,
  use = 'one',
  descriptor = segment,
): WrittenRecord =>
  lane.write({
    head: HEAD,
    sealed: [Buffer.from(bytes.subarray(0, 5)), Buffer.from(bytes.subarray(5))],
    journal: { use, descriptor, position },
    path: pathOf(name),
  });
const write = (...of: Parameters<typeof record>): Promise<number> => record(...of).placed;

test('a record has its page for the head, then the object; the file has the object alone, to the byte', async () => {
  const bytes = randomBytes(70_001);
  const descriptor = await write('x', bytes, 8192);
  await lane.flush([descriptor], [join(root, 'ab')]);
  const written = readFileSync(join(root, 'segment'));
  expect(written.toString('latin1', 8192, 8196)).toBe('head');
  expect(written.subarray(8192 + PAGE_BYTES, 8192 + PAGE_BYTES + bytes.length).equals(bytes)).toBe(true);
  expect(readFileSync(pathOf('x')).equals(bytes)).toBe(true);
});

test('more at once than there is room for wait for each other, and none mixes with another', async () => {
  const all = Array.from({ length: 24 }, (_, at) => randomBytes(90_000 + at));
  const bytesOf = (bytes: Buffer): number => PAGE_BYTES + bytes.length + paddingBehind(bytes.length);
  let position = 0;
  const written = all.map((bytes, at) => {
    const done = write(String(at), bytes, position);
    position += bytesOf(bytes);
    return done;
  });
  await lane.flush(await Promise.all(written), [join(root, 'ab')]);
  for (const [at, bytes] of all.entries()) expect(readFileSync(pathOf(String(at))).equals(bytes)).toBe(true);
});

test('closed, it has nothing open any more', async ({ skip }) => {
  if (process.platform !== 'linux') skip('what a process has open is listed on Linux only');
  const isOpen = (path: string): boolean =>
    readdirSync('/proc/self/fd').some((descriptor) => {
      try {
        return readlinkSync(join('/proc/self/fd', descriptor)) === path;
      } catch {
        // The listing itself, closed by now.
        return false;
      }
    });
  await lane.flush([await write('x', randomBytes(10_000))], [join(root, 'ab')]);
  expect(isOpen(join(root, 'ab'))).toBe(true);
  await lane.close();
  expect(isOpen(join(root, 'ab'))).toBe(false);
});

test('takes the place of what lies there, and leaves nothing beside it', async () => {
  writeFileSync(pathOf('x'), 'half of it');
  const bytes = randomBytes(10_000);
  await lane.flush([await write('x', bytes)], []);
  expect(readFileSync(pathOf('x')).equals(bytes)).toBe(true);
  expect(readdirSync(join(root, 'spare'))).toEqual([]);
});

test('a file that cannot be written fails alone', async () => {
  const bytes = randomBytes(10_000);
  await expect(write('nowhere/x', bytes)).rejects.toMatchObject({ code: 'ENOENT', isSegmentBroken: false });
  await lane.flush([await write('x', bytes, 16_384)], []);
  expect(readFileSync(pathOf('x')).equals(bytes)).toBe(true);
});

test('behind a record that could not be written nothing is written in this use of the segment', async () => {
  const bytes = randomBytes(10_000);
  const readOnly = openSync(join(root, 'segment'), 'r');
  const failed = write('x', bytes, 0, 'one', readOnly);
  const behind = write('y', bytes, 16_384, 'one');
  await expect(failed).rejects.toMatchObject({ code: 'EBADF', isSegmentBroken: true });
  await expect(behind).rejects.toMatchObject({ isSegmentBroken: true });
  closeSync(readOnly);
  await lane.flush([await write('z', bytes, 0, 'two')], []);
  expect(
    readFileSync(join(root, 'segment'))
      .subarray(PAGE_BYTES, PAGE_BYTES + bytes.length)
      .equals(bytes),
  ).toBe(true);
});

test('what has gathered in a room is written as it lies there, up to the last byte for which there is room', async () => {
  const room = lane.begin() as LaneRoom;
  const bytes = randomBytes(LANE_OBJECT_BYTES_MAX);
  room.put([Buffer.from(bytes.subarray(0, 7)), Buffer.from(bytes.subarray(7, 700_001))]);
  expect(room.free).toBe(LANE_OBJECT_BYTES_MAX - 700_001);
  room.put([Buffer.from(bytes.subarray(700_001))]);
  expect(room).toMatchObject({ length: bytes.length, free: 0 });
  expect(bytes.equals(room.sealed())).toBe(true);
  const journal = { use: 'one', descriptor: segment, position: 4096 };
  await lane.flush([await room.write({ head: HEAD, journal, path: pathOf('x') }).placed], []);
  const written = readFileSync(join(root, 'segment'));
  expect(written.toString('latin1', 4096, 4100)).toBe('head');
  expect(written.subarray(8192, 8192 + bytes.length).equals(bytes)).toBe(true);
  expect(readFileSync(pathOf('x')).equals(bytes)).toBe(true);
});

test('a room that is given back is given out again, once, and empty', () => {
  const rooms: LaneRoom[] = [];
  for (let room = lane.begin(); room; room = lane.begin()) rooms.push(room);
  const [one] = rooms as [LaneRoom];
  one.put([Buffer.from('of another')]);
  one.drop();
  one.drop();
  expect(lane.begin()?.length).toBe(0);
  expect(lane.begin()).toBeUndefined();
});

test('records are written in the order in which they were asked for, wherever they were sealed', async () => {
  const room = lane.begin() as LaneRoom;
  room.put([randomBytes(1_000)]);
  const order: string[] = [];
  const note = (name: string, { durable, placed }: WrittenRecord): Promise<number> => {
    void durable.then(() => order.push(name));
    return placed;
  };
  const names = Array.from({ length: 12 }, (_, at) => String(at));
  // More than can be copied at once, and behind them one that needs no copy.
  const copied = names.map((name, at) => note(name, record(name, randomBytes(200_000), at * 262_144)));
  const journal = { use: 'one', descriptor: segment, position: 12 * 262_144 };
  const sealed = note('sealed', room.write({ head: HEAD, journal, path: pathOf('sealed') }));
  await lane.flush(await Promise.all([...copied, sealed]), []);
  expect(order).toEqual([...names, 'sealed']);
});

test('through the cache, where nothing can be written past it, it is the same to the byte', async () => {
  const through = startWriteLane(join(root, 'spare'), false);
  try {
    const bytes = randomBytes(70_001);
    const written = through.write({
      head: HEAD,
      sealed: [Buffer.from(bytes)],
      journal: { use: 'one', descriptor: segment, position: 0 },
      path: pathOf('x'),
    });
    await written.durable;
    await through.flush([await written.placed], [join(root, 'ab')]);
    expect(readFileSync(pathOf('x')).equals(bytes)).toBe(true);
    expect(
      readFileSync(join(root, 'segment'))
        .subarray(PAGE_BYTES, PAGE_BYTES + bytes.length)
        .equals(bytes),
    ).toBe(true);
  } finally {
    await through.close();
  }
});
