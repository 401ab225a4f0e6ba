import { randomBytes } from 'node:crypto';
import { closeSync, constants, openSync, readFileSync, readlinkSync } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { crc32 } from 'node:zlib';
import { isRunning, processMark } from '../postgres/embedded-process.ts';
import { writeWhole } from './durable-files.ts';
import { DIRECT, PAGE_BYTES, paddingBehind } from './pages.ts';
import type { JournalPlace } from './write-lane.ts';

/** An object as the journal keeps it. */
export interface JournalRecord {
  /** Name of its file. */
  readonly name: string;
  /** Sealed bytes. */
  readonly length: number;
}

/** Who writes a segment: a process of this machine since it was started. */
export interface SegmentOwner {
  readonly machine: string;
  readonly process: string;
  readonly pid: number;
}

interface SegmentHead {
  readonly format: 1;
  /** Changes with each use: what an earlier use left behind counts no more. */
  readonly generation: string;
  readonly owner: SegmentOwner;
}

const ZEROS = Buffer.alloc(1024 * 1024);
const MAGIC = 'HJR1';
const GENERATION_BYTES = 16;
const NAME_BYTES = 32;
/** Magic, length, generation, name, checksum of these. It has a page of its own, and the object begins on the next. */
const RECORD_HEAD_BYTES = 4 + 4 + GENERATION_BYTES + NAME_BYTES + 4;
const NAME_AT = 8 + GENERATION_BYTES;

const isLinux = process.platform === 'linux';

/** This process, as other processes can look for it. */
export const ownMark = (): SegmentOwner => ({
  // A process number means something within one start of one system, and there within one container.
  machine: isLinux
    ? `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`
    : hostname(),
  process: processMark(process.pid),
  pid: process.pid,
});

/** Whether the owner is known to be gone; false as well where that cannot be known from here. */
export const isGone = ({ machine, process: mark, pid }: SegmentOwner): boolean =>
  machine === ownMark().machine && !(isRunning(pid) && processMark(pid) === mark);

const bytesOf = (sealedBytes: number): number => PAGE_BYTES + sealedBytes + paddingBehind(sealedBytes);

/** How many bytes a record takes: whole pages. */
export const recordBytes = ({ length }: JournalRecord): number => bytesOf(length);

const headPage = (generation: Buffer, owner: SegmentOwner): Buffer => {
  const head: SegmentHead = { format: 1, generation: generation.toString('hex'), owner };
  const page = Buffer.alloc(PAGE_BYTES);
  page.write(JSON.stringify(head), 'utf8');
  return page;
};

const recordHead = (generation: Buffer, { name, length }: JournalRecord): Buffer => {
  const head = Buffer.alloc(RECORD_HEAD_BYTES);
  head.write(MAGIC, 0, 'latin1');
  head.writeUInt32LE(length, 4);
  generation.copy(head, 8);
  head.write(name, NAME_AT, 'hex');
  head.writeUInt32LE(crc32(head.subarray(0, RECORD_HEAD_BYTES - 4)), RECORD_HEAD_BYTES - 4);
  return head;
};

/** A descriptor by which each write is durable when it returns. */
const openDurably = (path: string, isDirect: boolean): number =>
  openSync(path, constants.O_RDWR | constants.O_DSYNC | (isDirect ? DIRECT : 0));

/**
 * A file of fixed size that is written over and over. It is filled once, so that a write into it changes no length and no
 * place on the disk: flushing it costs one flush, where a new file costs a transaction of the file system as well.
 */
export class JournalSegment {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #descriptor: number;
  readonly #size: number;
  readonly #owner: SegmentOwner;
  #generation: Buffer = Buffer.alloc(0);
  #used = 0;

  private constructor(
    path: string,
    handle: FileHandle,
    size: number,
    owner: SegmentOwner,
    isDirect: boolean,
  ) {
    this.path = path;
    this.#handle = handle;
    this.#descriptor = openDurably(path, isDirect);
    this.#size = size;
    this.#owner = owner;
  }

  /**
   * Makes a segment, empty and durable but for its entry in the folder.
   *
   * @param isDirect whether its records are written past the cache
   */
  static async make(
    path: string,
    size: number,
    owner: SegmentOwner,
    isDirect: boolean,
  ): Promise<JournalSegment> {
    const { O_CREAT, O_EXCL, O_RDWR, O_DSYNC } = constants;
    const filling = await open(path, 'wx', 0o600);
    try {
      // Whose it is comes first, so that what a crash leaves half made is known as well.
      await writeWhole(filling, [headPage(randomBytes(GENERATION_BYTES), owner)]);
      for (let at = PAGE_BYTES; at < size; at += ZEROS.length)
        await writeWhole(filling, [ZEROS.subarray(0, Math.min(ZEROS.length, size - at))]);
      await filling.sync();
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    } finally {
      await filling.close();
    }
    const handle = await open(path, (O_RDWR | O_DSYNC) & ~(O_CREAT | O_EXCL));
    const segment = new JournalSegment(path, handle, size, owner, isDirect);
    await segment.clear();
    return segment;
  }

  /** Bytes left for records. */
  get room(): number {
    return this.#size - this.#used;
  }

  get isEmpty(): boolean {
    return this.#used === PAGE_BYTES;
  }

  /** Forgets what is in it. */
  async clear(): Promise<void> {
    this.#generation = randomBytes(GENERATION_BYTES);
    await writeWhole(this.#handle, [headPage(this.#generation, this.#owner)], 0);
    this.#used = PAGE_BYTES;
  }

  /** Takes the place of the next record: what is written there whole, and nothing before it by half, is found again. */
  take(record: JournalRecord): { readonly head: Uint8Array; readonly journal: JournalPlace } {
    const position = this.#used;
    this.#used += recordBytes(record);
    return {
      head: recordHead(this.#generation, record),
      journal: { use: this.#generation.toString('hex'), descriptor: this.#descriptor, position },
    };
  }

  async close(): Promise<void> {
    closeSync(this.#descriptor);
    await this.#handle.close();
  }
}

/** A record as it lies in a segment. */
export interface FoundRecord {
  readonly name: string;
  readonly sealed: Buffer;
}

const headOfSegment = (page: Buffer): SegmentHead | undefined => {
  try {
    const end = page.indexOf(0);
    const head = JSON.parse(page.toString('utf8', 0, end < 0 ? page.length : end)) as SegmentHead;
    return head.format === 1 ? head : undefined;
  } catch {
    return undefined;
  }
};

/** A segment that some process left, or is still writing. */
export interface FoundSegment {
  readonly owner: SegmentOwner;
  /**
   * Its records in their order, up to the first that was not written to its end.
   *
   * @param name of the only object that is wanted
   */
  records(name?: string): AsyncGenerator<FoundRecord, void, void>;
  close(): Promise<void>;
}

const readExactly = async (handle: FileHandle, at: number, length: number): Promise<Buffer | undefined> => {
  const bytes = Buffer.alloc(length);
  const { bytesRead } = await handle.read(bytes, 0, length, at);
  return bytesRead === length ? bytes : undefined;
};

/** Opens a segment to read it; undefined where the file is none, or not yet. */
export const openSegment = async (path: string): Promise<FoundSegment | undefined> => {
  const handle = await open(path, 'r');
  const page = await readExactly(handle, 0, PAGE_BYTES);
  const segmentHead = page && headOfSegment(page);
  if (!segmentHead) {
    await handle.close();
    return undefined;
  }
  return {
    owner: segmentHead.owner,
    async *records(wanted) {
      for (let at = PAGE_BYTES; ; ) {
        const head = await readExactly(handle, at, RECORD_HEAD_BYTES);
        if (!head || head.toString('latin1', 0, 4) !== MAGIC) return;
        if (head.toString('hex', 8, NAME_AT) !== segmentHead.generation) return;
        if (crc32(head.subarray(0, -4)) !== head.readUInt32LE(RECORD_HEAD_BYTES - 4)) return;
        const bytes = head.readUInt32LE(4);
        const name = head.toString('hex', NAME_AT, NAME_AT + NAME_BYTES);
        if (wanted === undefined || wanted === name) {
          const sealed = await readExactly(handle, at + PAGE_BYTES, bytes);
          if (!sealed) return;
          yield { name, sealed };
        }
        at += bytesOf(bytes);
      }
    },
    close: () => handle.close(),
  };
};
