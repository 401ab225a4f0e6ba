import type { Pieces } from '../keys/large-content.ts';
import type { Hl7Code } from './faults.ts';

/**
 * The minimal lower layer protocol (MLLP release 1, HL7 v2 appendix C): a message stands between VT (0x0B) and
 * FS CR (0x1C 0x0D). The machine works on bytes before any decoding: neither VT nor FS can be part of a character
 * in UTF-8, GB18030, GBK, Big5 or the 8859 family.
 *
 * What senders in the field do, and what happens here:
 * - several frames in one packet, one frame in many packets, FS and CR in different packets: as written;
 * - LF, CR, NUL, blanks between frames: skipped; anything else between frames: skipped and reported once;
 * - FS without CR: ended by the next VT, by LF, by a second FS, by the end of the connection, or by `settle()`;
 * - FS in front of any other byte: content, which the parser then refuses by name;
 * - VT twice: once; VT inside a frame: the frame before it was never ended, it is reported and not delivered;
 * - more bytes than allowed: reported with its head, the rest dropped until the frame ends.
 */
export interface FramerLimits {
  /** Largest content of one frame. */
  readonly maxFrameBytes: number;
  /** How much of an over-size or stray stretch is kept to show it. */
  readonly maxHeadBytes: number;
}

/** 32 MB a frame: room for a PDF of 20 MB in Base64. */
export const DEFAULT_FRAMER_LIMITS: FramerLimits = {
  maxFrameBytes: 32 * 1024 * 1024,
  maxHeadBytes: 64 * 1024,
};

/** Bytes that did not become a frame. */
export interface FramingRejection {
  readonly code: Extract<
    Hl7Code,
    'MLLP_NO_START_BLOCK' | 'MLLP_FRAME_UNFINISHED' | 'MLLP_FRAME_TOO_LARGE' | 'MLLP_MEMORY_FULL'
  >;
  /** How many bytes there were. */
  readonly sizeBytes: number;
  /** The bytes themselves, or their head when `sizeBytes` is larger. */
  readonly bytes: Uint8Array;
}

/**
 * What the machine hands on, in the order of arrival. A frame above `WHOLE_MAX_BYTES` stays in pieces, each in memory of
 * its own: joining them would take as long as receiving them. The first holds the header.
 */
export type FramerEvent =
  | { readonly kind: 'frame'; readonly bytes: Uint8Array }
  | { readonly kind: 'large-frame'; readonly pieces: Pieces }
  | { readonly kind: 'rejected'; readonly rejection: FramingRejection };

const VT = 0x0b;
const FS = 0x1c;
const CR = 0x0d;
const LF = 0x0a;

const isPadding = (byte: number): boolean =>
  byte === CR ||
  byte === LF ||
  byte === 0 ||
  byte === 0x20 ||
  byte === 0x09 ||
  byte === 0x0c ||
  byte === 0x1a;

/** Where the next VT or FS stands; searched natively, because nearly everything else that arrives is content. */
const nextBlockByte = (chunk: Uint8Array, from: number): number => {
  const end = chunk.indexOf(FS, from);
  const start = chunk.subarray(0, end < 0 ? chunk.length : end).indexOf(VT, from);
  if (start >= 0) return start;
  return end < 0 ? chunk.length : end;
};

type State = 'between' | 'inside' | 'after-end-block';

/** Up to this a frame is kept in one buffer, which doubles. */
export const WHOLE_MAX_BYTES = 1024 * 1024;

/** Memory into which packets are copied that are too small to be kept as they are. */
const BLOCK_BYTES = 64 * 1024;

/** A packet of at least this size, alone in its memory, is kept as it is. */
const PACKET_MIN_BYTES = 48 * 1024;

const isAlone = (piece: Uint8Array): boolean => piece.length === piece.buffer.byteLength;

/** Bytes of one stretch: in a buffer that grows seldom, and behind it in pieces; any number of packets costs linear time. */
class Stretch {
  #buffer = Buffer.alloc(0);
  #inBuffer = 0;
  #behind: Uint8Array[] = [];
  /** The last of the pieces where it has room, and how far it is filled. */
  #block: Buffer | undefined;
  #inBlock = 0;
  #kept = 0;
  size = 0;

  get keptBytes(): number {
    return this.#kept;
  }

  /** Counts the piece and keeps as much of it as fits under `limit`. */
  add(piece: Uint8Array, limit: number): void {
    this.size += piece.length;
    const fitting = Math.min(piece.length, limit - this.#kept);
    if (fitting <= 0) return;
    this.#kept += fitting;
    const kept = fitting === piece.length ? piece : piece.subarray(0, fitting);
    const first = this.#behind.length > 0 ? 0 : Math.min(kept.length, WHOLE_MAX_BYTES - this.#inBuffer);
    if (first > 0) this.#addToBuffer(first === kept.length ? kept : kept.subarray(0, first));
    if (first < kept.length) this.#addBehind(first === 0 ? kept : kept.subarray(first));
  }

  #addToBuffer(piece: Uint8Array): void {
    const needed = this.#inBuffer + piece.length;
    if (needed > this.#buffer.length) {
      const wanted = Math.max(needed, this.#buffer.length * 2, 4096);
      const grown = Buffer.allocUnsafeSlow(Math.min(WHOLE_MAX_BYTES, wanted));
      this.#buffer.copy(grown, 0, 0, this.#inBuffer);
      this.#buffer = grown;
    }
    this.#buffer.set(piece, this.#inBuffer);
    this.#inBuffer = needed;
  }

  #addBehind(piece: Uint8Array): void {
    if (piece.length >= PACKET_MIN_BYTES && isAlone(piece)) {
      this.#closeBlock();
      this.#behind.push(piece);
      return;
    }
    for (let at = 0; at < piece.length; ) {
      if (this.#block?.length === this.#inBlock) this.#closeBlock();
      this.#block ??= Buffer.allocUnsafeSlow(BLOCK_BYTES);
      const part = piece.subarray(at, at + this.#block.length - this.#inBlock);
      this.#block.set(part, this.#inBlock);
      this.#inBlock += part.length;
      at += part.length;
    }
  }

  #closeBlock(): void {
    if (this.#block) this.#behind.push(this.#block.subarray(0, this.#inBlock));
    this.#block = undefined;
    this.#inBlock = 0;
  }

  /** Hands over what was kept, in pieces, and starts anew. */
  takePieces(): Pieces {
    this.#closeBlock();
    const pieces = [this.#buffer.subarray(0, this.#inBuffer), ...this.#behind];
    this.clear();
    return pieces;
  }

  /** Hands over what was kept, at most `limit` bytes, and starts anew. */
  take(limit: number): Uint8Array {
    const [first = new Uint8Array(), ...others] = this.takePieces();
    if (others.length > 0 && first.length < limit) {
      const whole = Buffer.concat([first, ...others]);
      return whole.length <= limit ? whole : Buffer.from(whole.subarray(0, limit));
    }
    return first.length <= limit ? first : Buffer.from(first.subarray(0, limit));
  }

  clear(): void {
    this.#buffer = Buffer.alloc(0);
    this.#inBuffer = 0;
    this.#behind = [];
    this.#block = undefined;
    this.#inBlock = 0;
    this.#kept = 0;
    this.size = 0;
  }
}

/** The byte state machine of one connection. Time is linear in the bytes pushed. */
export class Framer {
  readonly #limits: FramerLimits;
  readonly #emit: (event: FramerEvent) => void;
  readonly #content = new Stretch();
  #state: State = 'between';
  /** Between frames: whether anything but padding was seen. */
  #stray = false;
  /** Inside: whether the frame has been rejected already. */
  #discarding = false;

  constructor(limits: FramerLimits, emit: (event: FramerEvent) => void) {
    this.#limits = limits;
    this.#emit = emit;
  }

  /** Bytes kept for the frame that is still arriving. */
  get heldBytes(): number {
    return this.#content.keptBytes;
  }

  /** True inside a frame: the peer still owes its end. */
  get isInsideFrame(): boolean {
    return this.#state !== 'between';
  }

  /** True after FS without CR: `settle` would complete the frame. */
  get awaitsCarriageReturn(): boolean {
    return this.#state === 'after-end-block';
  }

  /** Takes the bytes of one packet. Their memory is the machine's from then on. */
  push(chunk: Uint8Array): void {
    let start = 0;
    for (let index = 0; index < chunk.length; index++) {
      let byte = chunk[index] as number;
      if (this.#state === 'inside') {
        index = nextBlockByte(chunk, index);
        if (index === chunk.length) break;
        byte = chunk[index] as number;
        if (byte === FS) {
          this.#addContent(chunk.subarray(start, index));
          this.#state = 'after-end-block';
          start = index + 1;
        } else {
          this.#addContent(chunk.subarray(start, index));
          this.#beginFrame();
          start = index + 1;
        }
      } else if (this.#state === 'after-end-block') {
        start = this.#afterEndBlock(index, byte);
      } else if (byte === VT) {
        this.#addStray(chunk.subarray(start, index));
        this.#rejectStray();
        this.#beginFrame();
        start = index + 1;
      } else if (byte === FS) {
        this.#addStray(chunk.subarray(start, index));
        this.#rejectStray();
        start = index + 1;
      } else if (!this.#stray && !isPadding(byte)) {
        this.#stray = true;
        start = index;
      }
    }
    const rest = chunk.subarray(start);
    if (this.#state === 'inside') this.#addContent(rest);
    else if (this.#state === 'between') this.#addStray(rest);
  }

  /** Completes a frame that ended with FS and no CR, once the peer has been silent. */
  settle(): void {
    if (this.#state === 'after-end-block') this.#endFrame();
  }

  /** The connection is over: what is whole is delivered, what is not is reported. */
  end(): void {
    if (this.#state === 'after-end-block') this.#endFrame();
    else if (this.#state === 'inside') {
      this.#rejectFrame('MLLP_FRAME_UNFINISHED');
      this.#state = 'between';
    } else this.#rejectStray();
  }

  /** Gives up the frame that is arriving because all connections together hold too much. */
  abandonFrame(): void {
    if (this.#state === 'between' || this.#discarding) return;
    this.#rejectFrame('MLLP_MEMORY_FULL');
    this.#discarding = true;
  }

  /** Returns where the stretch that is not yet stored begins. */
  #afterEndBlock(index: number, byte: number): number {
    if (byte === FS) return index + 1;
    if (byte === CR || byte === LF) {
      this.#endFrame();
      return index + 1;
    }
    if (byte === VT) {
      this.#endFrame();
      this.#beginFrame();
      return index + 1;
    }
    this.#state = 'inside';
    this.#addContent(Uint8Array.of(FS));
    return index;
  }

  #beginFrame(): void {
    if (this.#state === 'inside' && this.#content.size > 0 && !this.#discarding) {
      this.#rejectFrame('MLLP_FRAME_UNFINISHED');
    }
    this.#content.clear();
    this.#discarding = false;
    this.#state = 'inside';
  }

  #endFrame(): void {
    this.#state = 'between';
    if (!this.#discarding)
      this.#emit(
        this.#content.keptBytes > WHOLE_MAX_BYTES
          ? { kind: 'large-frame', pieces: this.#content.takePieces() }
          : { kind: 'frame', bytes: this.#content.take(WHOLE_MAX_BYTES) },
      );
    this.#discarding = false;
    this.#content.clear();
  }

  #addContent(piece: Uint8Array): void {
    if (this.#discarding || piece.length === 0) return;
    const limit = this.#limits.maxFrameBytes;
    this.#content.add(piece, limit);
    if (this.#content.size <= limit) return;
    this.#rejectFrame('MLLP_FRAME_TOO_LARGE');
    this.#discarding = true;
  }

  #addStray(piece: Uint8Array): void {
    if (this.#stray) this.#content.add(piece, this.#limits.maxHeadBytes);
  }

  #rejectStray(): void {
    if (this.#stray) this.#rejectFrame('MLLP_NO_START_BLOCK');
    this.#stray = false;
  }

  #rejectFrame(code: FramingRejection['code']): void {
    const sizeBytes = this.#content.size;
    const limit = code === 'MLLP_FRAME_UNFINISHED' ? Number.POSITIVE_INFINITY : this.#limits.maxHeadBytes;
    this.#emit({ kind: 'rejected', rejection: { code, sizeBytes, bytes: this.#content.take(limit) } });
  }
}

/** Makes the machine of one connection; `emit` is called in the order of arrival. */
export const createFramer = (limits: FramerLimits, emit: (event: FramerEvent) => void): Framer =>
  new Framer(limits, emit);

/** Wraps the content of a message for the wire. */
export const frameMessage = (content: Uint8Array): Uint8Array => {
  const frame = new Uint8Array(content.length + 3);
  frame[0] = VT;
  frame.set(content, 1);
  frame[content.length + 1] = FS;
  frame[content.length + 2] = CR;
  return frame;
};
