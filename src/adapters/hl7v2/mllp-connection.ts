import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { type Pieces, sizeOf } from '../keys/large-content.ts';
import type { Hl7Code } from './faults.ts';
import {
  createFramer,
  type Framer,
  type FramerEvent,
  type FramerLimits,
  frameMessage,
  WHOLE_MAX_BYTES,
} from './framing.ts';

/** Who sent something. */
export interface MllpPeer {
  readonly address: string;
  readonly port: number;
  readonly secure: boolean;
  /** Common name of the client certificate that was verified; null without one. */
  readonly certificateName: string | null;
}

/** Something that arrived and was not handled as a message, to be recorded where people see it. */
export interface MllpRejection {
  readonly code: Extract<Hl7Code, `MLLP_${string}`>;
  readonly sizeBytes: number;
  /** What arrived, or its head; empty where there was nothing. */
  readonly bytes: Uint8Array;
  /** What failed, for our own log; never for the sender. */
  readonly cause?: unknown;
}

/** An answer that is still being worked on. Must not reject. */
export interface LaterAnswer {
  readonly later: Promise<Uint8Array | null>;
}

/**
 * Takes one message. Resolving acknowledges it with these bytes; null sends nothing; rejecting never acknowledges. With a
 * later answer the message is dealt with: the next one is handled meanwhile, and answered after it.
 */
export type MllpHandler = (bytes: Uint8Array, peer: MllpPeer) => Promise<Uint8Array | LaterAnswer | null>;

/** As `MllpHandler`, of a message that is larger than `WHOLE_MAX_BYTES`. The memory of the pieces is the handler's. */
export type LargeMllpHandler = (pieces: Pieces, peer: MllpPeer) => Promise<Uint8Array | LaterAnswer | null>;

/** Records a rejection; may resolve to an answer for the sender (AR), or null. */
export type MllpRejectionHandler = (rejection: MllpRejection, peer: MllpPeer) => Promise<Uint8Array | null>;

/** Bounds of one listener. */
export interface MllpLimits extends FramerLimits {
  readonly maxConnections: number;
  /** Frames of one connection waiting for their turn before its socket is paused. */
  readonly maxFramesInHand: number;
  /** Bytes of half and waiting frames of all connections together. */
  readonly maxHeldBytes: number;
  /** A connection without any traffic for this long is closed; 0 never. Dead peers are found by TCP keep-alive. */
  readonly idleTimeoutMs: number;
  /** A frame that stops arriving for this long is given up, and its connection with it. */
  readonly frameTimeoutMs: number;
  /** How long after FS without CR the frame counts as complete. */
  readonly settleMs: number;
  /** How long `close` waits for messages in hand. */
  readonly closeGraceMs: number;
}

/** What the connections of a listener share. */
export interface ConnectionContext {
  readonly limits: MllpLimits;
  readonly handle: MllpHandler;
  readonly handleLarge: LargeMllpHandler;
  readonly onReject: MllpRejectionHandler;
  /** Adds to the bytes held by all connections and tells whether they are within bounds. */
  readonly account: (delta: number) => boolean;
}

const peerOf = (socket: Socket | TLSSocket): MllpPeer => {
  const secure = 'encrypted' in socket;
  const certificate = secure && socket.authorized ? socket.getPeerCertificate() : undefined;
  const name = certificate?.subject?.CN;
  return {
    address: socket.remoteAddress ?? '',
    port: socket.remotePort ?? 0,
    secure,
    certificateName: typeof name === 'string' ? name : null,
  };
};

/**
 * One peer. Messages are handled and acknowledged one after the other in the order of arrival, because an earlier and
 * a later version of one report often travel in the same packet. When a message cannot be handled the connection is
 * closed without an answer: acknowledging the ones behind it would lose it.
 */
export class MllpConnection {
  readonly #socket: Socket | TLSSocket;
  readonly #context: ConnectionContext;
  readonly #peer: MllpPeer;
  readonly #framer: Framer;
  readonly #queue: FramerEvent[] = [];
  #queuedBytes = 0;
  #accountedBytes = 0;
  #isWorking = false;
  #isEnding = false;
  /** Answers still owed, each written after those before it, and how many they are. */
  #answers: Promise<void> = Promise.resolve();
  #owed = 0;
  #timer: NodeJS.Timeout | undefined;
  readonly #idle: NodeJS.Timeout | undefined;
  #isWriting = false;
  #resolveClosed: () => void = () => undefined;
  /** Settles when the connection is gone and nothing of it is being handled any more. */
  readonly closed: Promise<void> = new Promise((resolve) => {
    this.#resolveClosed = resolve;
  });

  constructor(socket: Socket | TLSSocket, context: ConnectionContext) {
    this.#socket = socket;
    this.#context = context;
    this.#peer = peerOf(socket);
    this.#framer = createFramer(context.limits, (event) => this.#enqueue(event));
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    this.#idle = this.#watchIdleness();
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('end', () => this.#finish());
    // Every error is followed by 'close', where the frame that was arriving is reported.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.#finish();
      clearTimeout(this.#timer);
      clearTimeout(this.#idle);
      if (this.#isIdle()) this.#resolveClosed();
    });
  }

  /** Sets the clock that ends a connection without any traffic; every traffic winds it up again. */
  #watchIdleness(): NodeJS.Timeout | undefined {
    const { idleTimeoutMs } = this.#context.limits;
    if (idleTimeoutMs === 0) return undefined;
    const clock = setTimeout(() => {
      // A peer that takes no answers for so long will not take this one.
      if (this.#isWriting) this.#socket.destroy();
      this.#finish();
    }, idleTimeoutMs);
    return clock.unref();
  }

  /** Stops reading; what is being handled is still answered, what only waits is left for the sender to repeat. */
  close(): void {
    this.#isEnding = true;
    this.#dropQueue();
    if (this.#isIdle()) this.#hangUp();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.#idle?.refresh();
    if (this.#isEnding) return;
    this.#framer.push(chunk);
    let isWithinBounds = this.#account();
    if (!isWithinBounds) {
      this.#framer.abandonFrame();
      isWithinBounds = this.#account();
    }
    this.#watchFrame();
    if (this.#queue.length > 0 && (!isWithinBounds || this.#isFull())) this.#socket.pause();
    else if (this.#framer.heldBytes > WHOLE_MAX_BYTES) this.#letOthersRead();
  }

  /** A peer that sends faster than we read would have megabytes of a large frame read in every turn of the event loop. */
  #letOthersRead(): void {
    this.#socket.pause();
    setImmediate(() => {
      if (!this.#isFull()) this.#socket.resume();
    });
  }

  /** Whether as much is waiting as one connection may have in hand. */
  #isFull(): boolean {
    const { maxFramesInHand, maxFrameBytes } = this.#context.limits;
    return this.#queue.length >= maxFramesInHand || this.#queuedBytes > maxFrameBytes;
  }

  /** Sets the clock that completes a frame without CR, or gives up one that stopped arriving. */
  #watchFrame(): void {
    clearTimeout(this.#timer);
    const { settleMs, frameTimeoutMs } = this.#context.limits;
    if (this.#framer.awaitsCarriageReturn) {
      this.#timer = setTimeout(() => {
        this.#framer.settle();
        this.#account();
      }, settleMs);
    } else if (this.#framer.isInsideFrame) {
      this.#timer = setTimeout(() => {
        // While we do not read, the rest cannot arrive.
        if (this.#socket.isPaused()) this.#watchFrame();
        else this.#finish();
      }, frameTimeoutMs);
    }
  }

  /** No more bytes will come: reports what is left over, answers what is in hand, then ends. */
  #finish(): void {
    if (this.#isEnding) return;
    clearTimeout(this.#timer);
    this.#isEnding = true;
    this.#framer.end();
    this.#account();
    if (this.#isIdle()) this.#hangUp();
  }

  /** Ends our half. A peer that does not end its own within the grace is cut off. */
  #hangUp(): void {
    if (this.#socket.destroyed) {
      this.#resolveClosed();
      return;
    }
    // Bytes that are still arriving are read and dropped, so that the end behind them is seen.
    this.#socket.resume();
    this.#socket.end();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#socket.destroy(), this.#context.limits.closeGraceMs);
  }

  #enqueue(event: FramerEvent): void {
    this.#queue.push(event);
    this.#queuedBytes += heldBy(event);
    if (!this.#isWorking) void this.#work();
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let event = this.#queue.shift(); event; event = this.#queue.shift()) {
      // Before it is handled: the memory of a large one is given away.
      const size = heldBy(event);
      const answer = await this.#process(event, size);
      this.#queuedBytes -= size;
      this.#account();
      if (answer === 'failed') {
        this.#isEnding = true;
        this.#dropQueue();
        this.#socket.destroy();
      } else {
        await this.#answer(answer);
        if (this.#socket.isPaused() && !this.#isFull()) this.#socket.resume();
      }
    }
    this.#isWorking = false;
    if (this.#isEnding && this.#isIdle()) this.#hangUp();
  }

  /** Nothing is being handled and no answer is owed. */
  #isIdle(): boolean {
    return !this.#isWorking && this.#owed === 0;
  }

  /** Writes an answer in its turn. Waits for it only when it is there already, or too many are owed. */
  async #answer(answer: Uint8Array | LaterAnswer | null): Promise<void> {
    const isLater = answer !== null && 'later' in answer;
    if (!isLater && this.#owed === 0) {
      if (answer) await this.#write(answer);
      return;
    }
    this.#owed++;
    this.#answers = this.#answers.then(async () => {
      const bytes = isLater ? await answer.later : answer;
      if (bytes) await this.#write(bytes);
      this.#owed--;
      if (this.#isEnding && this.#isIdle()) this.#hangUp();
    });
    if (this.#owed >= this.#context.limits.maxFramesInHand) await this.#answers;
  }

  #dropQueue(): void {
    for (const event of this.#queue.splice(0)) this.#queuedBytes -= heldBy(event);
    this.#account();
  }

  async #process(event: FramerEvent, sizeBytes: number): Promise<Uint8Array | LaterAnswer | null | 'failed'> {
    try {
      if (event.kind === 'frame') return await this.#context.handle(event.bytes, this.#peer);
      if (event.kind === 'large-frame') return await this.#context.handleLarge(event.pieces, this.#peer);
      return await this.#context.onReject(event.rejection, this.#peer);
    } catch (cause) {
      const bytes = Buffer.concat(piecesOf(event));
      const rejection = { code: 'MLLP_HANDLER_FAILED', sizeBytes, bytes, cause } as const;
      // The recorder may fail for the same reason as the handler; the sender will repeat the message either way.
      await this.#context.onReject(rejection, this.#peer).catch(() => null);
      return 'failed';
    }
  }

  /** Writes an answer and waits until the peer takes it, so that a peer that never reads cannot fill our memory. */
  async #write(answer: Uint8Array): Promise<void> {
    if (this.#socket.destroyed || !this.#socket.writable) return;
    this.#idle?.refresh();
    if (this.#socket.write(frameMessage(answer))) return;
    this.#isWriting = true;
    await new Promise<void>((resolve) => {
      const proceed = () => {
        this.#socket.off('drain', proceed);
        this.#socket.off('close', proceed);
        resolve();
      };
      this.#socket.on('drain', proceed);
      this.#socket.on('close', proceed);
    });
    this.#isWriting = false;
    this.#idle?.refresh();
  }

  /** Reports to the listener how many bytes this connection holds. */
  #account(): boolean {
    const held = this.#framer.heldBytes + this.#queuedBytes;
    const delta = held - this.#accountedBytes;
    this.#accountedBytes = held;
    return this.#context.account(delta);
  }
}

const piecesOf = (event: FramerEvent): Pieces => {
  if (event.kind === 'large-frame') return event.pieces;
  return [event.kind === 'frame' ? event.bytes : event.rejection.bytes];
};

const heldBy = (event: FramerEvent): number => sizeOf(piecesOf(event));
