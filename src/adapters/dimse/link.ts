import type { Socket } from 'node:net';
import { Fault, raiser } from '../../kernel/fault.ts';
import { releaseBytes } from '../../kernel/released-bytes.ts';
import { writeAbort } from './associate.ts';
import { type CommandSet, type ReadCommandSet, RESPONSE, writeCommandSet } from './command-set.ts';
import { DIMSE_FAULTS } from './faults.ts';
import { fragmentsOf, fragmentsOfBytes } from './fragments.ts';
import { MessageReader } from './message-reader.ts';
import { type PduEvent, type PduLimits, PduReader } from './pdu-reader.ts';
import { ABORT_REASON, type Violation, violation } from './violation.ts';

/** Bounds and clocks of one association. */
export interface LinkLimits extends PduLimits {
  /** From the connection to the association (ARTIM timer, PS3.8 §9.1.4). */
  readonly associateTimeoutMs: number;
  /** An association on which the peer has its turn and completes no PDU for this long is aborted. */
  readonly idleTimeoutMs: number;
  /** How long a peer may take to close the connection after release, rejection or abort. */
  readonly closeGraceMs: number;
  /** Largest identifier (data set of a command other than C-STORE). */
  readonly maxIdentifierBytes: number;
}

/** How an association ended. */
export type LinkEnding =
  | { readonly kind: 'released' | 'rejected' | 'peer-aborted' | 'connection-lost' | 'aborted' }
  | { readonly kind: 'violation'; readonly violation: Violation }
  /** By an error of our own. */
  | { readonly kind: 'failed'; readonly cause: unknown };

/** Takes the data set that follows a command. */
export interface DataSetTaker {
  take(bytes: Uint8Array): Promise<void> | void;
  end(): Promise<void> | void;
}

/** What a link tells its owner, one thing after the other. */
export interface LinkHandler {
  /** A PDU of the association itself. */
  onControl(event: Exclude<PduEvent, { kind: 'data' | 'violation' | 'abort' }>): Promise<void> | void;
  /** A request. Resolves to who takes its data set, and is told its end; where none follows, the end alone. */
  onRequest(contextId: number, command: ReadCommandSet): Promise<DataSetTaker>;
  /** Nothing more will come. Called once, before the connection is closed. */
  onOver(ending: LinkEnding): void;
}

/** A response, with its whole identifier if it has one. */
export interface LinkResponse {
  readonly command: ReadCommandSet;
  readonly dataSet: Buffer | null;
}

/** A data set to send: an identifier in memory, or an instance that is read while it is sent. */
export type OutgoingDataSet = Uint8Array | AsyncIterable<Uint8Array>;

interface Call {
  readonly onResponse: (response: LinkResponse) => void;
  readonly reject: (reason: unknown) => void;
}

const raise = raiser(DIMSE_FAULTS);
/** 0xFF00 and 0xFF01: more responses to the same request follow. */
export const isPending = (status: number | undefined): boolean => status === 0xff00 || status === 0xff01;
const MAX_TICK_MS = 1000;

/**
 * One connection that carries an association, on either side: bytes in, PDUs out, clocks, and the pairing of requests and
 * responses. What arrives is handled strictly in order, and the socket is paused while that takes time.
 */
export class Link {
  readonly #socket: Socket;
  readonly #limits: LinkLimits;
  readonly #handler: LinkHandler;
  readonly #reader: PduReader;
  #messages: MessageReader | null = null;
  #peerMaxPduLength = 0;
  readonly #chunks: Uint8Array[] = [];
  #isWorking = false;
  #isInputOver = false;
  #taker: DataSetTaker | null = null;
  readonly #calls = new Map<number, Call>();
  #lastMessageId = 0;
  /** Messages are written whole, one after the other. */
  #sending: Promise<void> = Promise.resolve();
  #isBlocked = false;
  /** Own work outside the reading loop: operations that run while we go on reading. */
  #operations = 0;
  #isHandling = false;
  #isClosing = false;
  #ending: LinkEnding | null = null;
  readonly #ticker: NodeJS.Timeout;
  #silentMs = 0;
  #pdusAtTick = 0;
  #closer: NodeJS.Timeout | undefined;
  readonly closed: Promise<void>;

  constructor(socket: Socket, limits: LinkLimits, handler: LinkHandler) {
    this.#socket = socket;
    this.#limits = limits;
    this.#handler = handler;
    this.#reader = new PduReader(limits);
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 60_000);
    const tickMs = Math.min(MAX_TICK_MS, limits.idleTimeoutMs / 4, limits.associateTimeoutMs / 4);
    this.#ticker = setInterval(() => this.#tick(tickMs), tickMs).unref();
    this.closed = new Promise((resolve) => socket.once('close', () => resolve()));
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('end', () => this.#endInput());
    // Every error is followed by 'close'.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(this.#ticker);
      clearTimeout(this.#closer);
      this.#endInput();
    });
  }

  /** The association stands: from here on messages are taken on these contexts. */
  establish(isContext: (id: number) => boolean, peerMaxPduLength: number): void {
    this.#messages = new MessageReader(isContext);
    this.#peerMaxPduLength = peerMaxPduLength;
  }

  /** Whether the association stands. */
  get isOpen(): boolean {
    return this.#messages !== null && this.#ending === null;
  }

  /** Runs own work beside the reading loop: the peer is not hurried meanwhile, and closing waits for it. */
  async operation(work: Promise<void>): Promise<void> {
    this.#operations++;
    try {
      await work;
    } finally {
      this.#operations--;
      this.#closeIfIdle();
    }
  }

  /** Writes one PDU and waits until the peer takes it, so that a peer that never reads cannot fill our memory. */
  async sendPdu(bytes: Uint8Array): Promise<void> {
    if (this.#ending !== null || !this.#socket.writable) throw raise('DIMSE_ASSOCIATION_LOST');
    if (this.#socket.write(bytes)) return;
    this.#isBlocked = true;
    await new Promise<void>((resolve) => {
      const proceed = () => {
        this.#socket.off('drain', proceed);
        this.#socket.off('close', proceed);
        resolve();
      };
      this.#socket.on('drain', proceed);
      this.#socket.on('close', proceed);
    });
    this.#isBlocked = false;
    this.#silentMs = 0;
  }

  /**
   * Sends a message. When its data set cannot be read to the end the association is aborted: a message cannot be taken back.
   *
   * @throws DIMSE_ASSOCIATION_LOST
   */
  send(contextId: number, command: CommandSet, dataSet?: OutgoingDataSet): Promise<void> {
    const sent = this.#sending.then(async () => {
      const bytes = writeCommandSet(command, dataSet !== undefined);
      for (const fragment of fragmentsOfBytes(contextId, bytes, true, this.#peerMaxPduLength))
        await this.sendPdu(fragment);
      if (dataSet === undefined) return;
      const fragments =
        dataSet instanceof Uint8Array
          ? fragmentsOfBytes(contextId, dataSet, false, this.#peerMaxPduLength)
          : fragmentsOf(contextId, dataSet, this.#peerMaxPduLength);
      try {
        for await (const fragment of fragments) await this.sendPdu(fragment);
      } catch (error) {
        this.abort('user');
        throw error;
      }
    });
    this.#sending = sent.catch(() => undefined);
    return sent;
  }

  /** A message id that no call under way has. */
  nextMessageId(): number {
    this.#lastMessageId = (this.#lastMessageId % 0xffff) + 1;
    return this.#lastMessageId;
  }

  /**
   * Sends a request and resolves to its final response.
   *
   * @param onPending told of every pending response before it
   * @throws DIMSE_ASSOCIATION_LOST
   */
  async call(
    contextId: number,
    command: CommandSet & { readonly messageId: number },
    dataSet?: OutgoingDataSet,
    onPending?: (response: LinkResponse) => void,
  ): Promise<LinkResponse> {
    const { messageId } = command;
    const answered = new Promise<LinkResponse>((resolve, reject) => {
      const onResponse = (response: LinkResponse) => {
        if (isPending(response.command.status)) return onPending?.(response);
        this.#calls.delete(messageId);
        resolve(response);
      };
      this.#calls.set(messageId, { onResponse, reject });
    });
    // Whoever waits hears of it below; a loss while still sending is told by `send`.
    answered.catch(() => undefined);
    if (this.#ending !== null) throw raise('DIMSE_ASSOCIATION_LOST');
    await this.send(contextId, command, dataSet);
    return answered;
  }

  /** Ends the association at once and says so. */
  abort(by: Violation | 'user'): void {
    const ending: LinkEnding = by === 'user' ? { kind: 'aborted' } : { kind: 'violation', violation: by };
    this.finish(ending, writeAbort(by));
  }

  /** Ends the association. With a last PDU to read, closing the connection is the peer's part (PS3.8 §9.2, Sta13). */
  finish(ending: LinkEnding, lastPdu?: Uint8Array): void {
    if (this.#ending !== null) return;
    const isWritten = lastPdu !== undefined && this.#socket.writable;
    if (isWritten) this.#socket.write(lastPdu);
    this.#over(ending);
    if (this.#socket.destroyed) return;
    if (!isWritten || this.#isInputOver) this.#socket.end();
    // What still arrives is read and dropped, so that the peer's end behind it is seen and our last PDU is not lost to a reset.
    this.#socket.resume();
    this.#closer = setTimeout(() => this.#socket.destroy(), this.#limits.closeGraceMs);
  }

  /** Ends as soon as nothing is in hand. */
  close(): void {
    this.#isClosing = true;
    this.#closeIfIdle();
  }

  destroy(): void {
    this.#over({ kind: 'aborted' });
    this.#socket.destroy();
  }

  #closeIfIdle(): void {
    const isIdle = !this.#isHandling && this.#operations === 0 && !this.#messages?.isInsideMessage;
    if (this.#isClosing && isIdle) this.abort('user');
  }

  #over(ending: LinkEnding): void {
    if (this.#ending !== null) return;
    this.#ending = ending;
    this.#chunks.length = 0;
    clearInterval(this.#ticker);
    for (const { reject } of this.#calls.values()) reject(raise('DIMSE_ASSOCIATION_LOST'));
    this.#calls.clear();
    this.#handler.onOver(ending);
  }

  #receive(chunk: Buffer): void {
    if (this.#ending !== null) {
      // The other side may be ending as well, and would wait for us as we wait for it.
      this.#socket.end();
      return;
    }
    this.#chunks.push(chunk);
    if (!this.#isWorking) void this.#work();
    // What comes meanwhile gathers in the kernel: it is read in large pieces, and the peer feels how fast we are.
    if (this.#isWorking) this.#socket.pause();
  }

  #endInput(): void {
    this.#isInputOver = true;
    if (this.#ending !== null) this.#socket.end();
    else if (!this.#isWorking) this.finish({ kind: 'connection-lost' });
  }

  async #work(): Promise<void> {
    this.#isWorking = true;
    for (let chunk = this.#chunks[0]; chunk !== undefined; chunk = this.#chunks[0]) {
      for (const event of this.#reader.read(chunk)) {
        const handled = this.#handle(event);
        if (handled instanceof Promise) {
          this.#isHandling = true;
          try {
            await handled;
          } catch (cause) {
            this.#fail(cause);
          }
          this.#isHandling = false;
        }
        if (this.#ending !== null) break;
      }
      if (this.#ending !== null) break;
      this.#chunks.shift();
      releaseBytes(chunk);
      this.#closeIfIdle();
    }
    this.#isWorking = false;
    if (this.#ending === null && this.#socket.isPaused()) this.#socket.resume();
    if (this.#isInputOver) this.#endInput();
  }

  /** A handler failed. It has answered if it could; an association in an unknown state is not gone on with. */
  #fail(cause: unknown): void {
    const isLost = cause instanceof Fault && cause.code === 'DIMSE_ASSOCIATION_LOST';
    this.finish(isLost ? { kind: 'connection-lost' } : { kind: 'failed', cause }, writeAbort('user'));
  }

  /** Deals with one event; a promise where that takes time. */
  #handle(event: PduEvent): Promise<void> | void {
    switch (event.kind) {
      case 'violation':
        return this.abort(event.violation);
      case 'abort':
        return this.finish({ kind: 'peer-aborted' });
      case 'data':
        if (this.#messages === null)
          return this.abort(violation('pdu-unexpected', ABORT_REASON.unexpectedPdu));
        return this.#handleData(this.#messages, event);
      default:
        return this.#handler.onControl(event);
    }
  }

  #handleData(messages: MessageReader, event: Extract<PduEvent, { kind: 'data' }>): Promise<void> | void {
    const message = messages.take(event);
    switch (message?.kind) {
      case undefined:
        return undefined;
      case 'violation':
        return this.abort(message.violation);
      case 'command':
        return this.#handleCommand(message.contextId, message.command);
      case 'data-set': {
        const taken = this.#taker?.take(message.bytes);
        return message.isLast ? this.#endDataSet(taken) : taken;
      }
    }
  }

  async #endDataSet(taken: Promise<void> | void): Promise<void> {
    await taken;
    const taker = this.#taker;
    this.#taker = null;
    if (this.#ending === null) await taker?.end();
  }

  async #beginRequest(contextId: number, command: ReadCommandSet): Promise<void> {
    const taker = await this.#handler.onRequest(contextId, command);
    if (command.hasDataSet) this.#taker = taker;
    else if (this.#ending === null) await taker.end();
  }

  #handleCommand(contextId: number, command: ReadCommandSet): Promise<void> | void {
    if ((command.commandField & RESPONSE) === 0) return this.#beginRequest(contextId, command);
    const call = this.#calls.get(command.messageIdRespondedTo ?? -1);
    if (call === undefined) return this.abort(violation('response-unasked'));
    if (!command.hasDataSet) return call.onResponse({ command, dataSet: null });
    this.#taker = this.collect((dataSet) => call.onResponse({ command, dataSet }));
    return undefined;
  }

  /** Takes a whole identifier into memory, within its bound. */
  collect(onWhole: (dataSet: Buffer) => Promise<void> | void): DataSetTaker {
    const pieces: Uint8Array[] = [];
    let size = 0;
    return {
      take: (bytes) => {
        size += bytes.length;
        if (size > this.#limits.maxIdentifierBytes) this.abort(violation('identifier-size'));
        else pieces.push(Uint8Array.from(bytes));
      },
      end: () => onWhole(Buffer.concat(pieces)),
    };
  }

  /** Whether the next move is the peer's. */
  #isPeersTurn(): boolean {
    if (this.#isBlocked || this.#calls.size > 0) return true;
    return !this.#isHandling && this.#operations === 0;
  }

  #tick(elapsedMs: number): void {
    if (this.#messages === null) {
      this.#silentMs += elapsedMs;
      if (this.#silentMs >= this.#limits.associateTimeoutMs)
        this.abort(violation('association-timeout', ABORT_REASON.notSpecified));
      return;
    }
    const { pdusRead } = this.#reader;
    if (pdusRead !== this.#pdusAtTick) this.#silentMs = 0;
    else if (this.#isPeersTurn()) this.#silentMs += elapsedMs;
    this.#pdusAtTick = pdusRead;
    if (this.#silentMs < this.#limits.idleTimeoutMs) return;
    // A peer that reads nothing for so long will not read an abort either.
    if (this.#isBlocked) this.destroy();
    else this.abort(violation('idle-timeout', ABORT_REASON.notSpecified));
  }
}
