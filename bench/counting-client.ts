import { connect, type Socket } from 'node:net';

/** An answer of which the bytes were counted and not kept. */
export interface CountedAnswer {
  readonly status: number;
  /** Bytes of the body, without what chunked coding adds. */
  readonly bytes: number;
}

/** A keep-alive HTTP/1.1 client on one connection, one request at a time, for answers that are large. */
export interface CountingClient {
  get(path: string, headers: Readonly<Record<string, string>>): Promise<CountedAnswer>;
  close(): void;
}

/** Into which every connection reads: what is only counted need not be kept. */
const READ_BYTES = 256 * 1024;
const HEAD_END = Buffer.from('\r\n\r\n');

/** Where the reading of an answer is. */
type Stage = 'head' | 'body' | 'chunk-size' | 'chunk' | 'trailer';

/**
 * Reads one answer after the other out of the pieces that come. Bodies by `content-length` and chunked ones
 * (RFC 9112 §6) are passed over, not looked at.
 */
class AnswerCounter {
  #stage: Stage = 'head';
  /** Bytes of a head or line that came in several pieces. */
  #text = Buffer.alloc(0);
  #rest = 0;
  #status = 0;
  #bytes = 0;

  /** Takes a piece. @returns the answer that ends with it */
  take(piece: Buffer): CountedAnswer | undefined {
    let at = 0;
    while (at < piece.length) {
      if (this.#stage === 'body' || this.#stage === 'chunk') {
        const passed = Math.min(this.#rest, piece.length - at);
        at += passed;
        this.#rest -= passed;
        if (this.#rest > 0) return undefined;
        if (this.#stage === 'body') return this.#end();
        this.#stage = 'chunk-size';
        continue;
      }
      const isHead = this.#stage === 'head';
      this.#text = Buffer.concat([this.#text, piece.subarray(at)]);
      at = piece.length;
      const mark = isHead ? HEAD_END : '\r\n';
      const end = this.#text.indexOf(mark);
      if (end < 0) return undefined;
      const text = this.#text.toString('latin1', 0, end);
      const behind = this.#text.subarray(end + mark.length);
      this.#text = Buffer.alloc(0);
      const answer = isHead ? this.#readHead(text) : this.#readLine(text);
      if (answer) return answer;
      if (behind.length === 0) return undefined;
      // What came behind the line is looked at once more, as a piece of its own.
      return this.take(behind);
    }
    return undefined;
  }

  #readHead(head: string): CountedAnswer | undefined {
    this.#status = Number(head.slice(9, 12));
    this.#bytes = 0;
    if (/\r\ntransfer-encoding: *chunked/i.test(head)) {
      this.#stage = 'chunk-size';
      return undefined;
    }
    const length = /\r\ncontent-length: *(\d+)/i.exec(head)?.[1];
    if (length === undefined) throw new RangeError('an answer without a length');
    this.#rest = Number(length);
    this.#bytes = this.#rest;
    this.#stage = 'body';
    return this.#rest === 0 ? this.#end() : undefined;
  }

  #readLine(line: string): CountedAnswer | undefined {
    if (this.#stage === 'trailer') return line === '' ? this.#end() : undefined;
    const size = Number.parseInt(line, 16);
    this.#bytes += size;
    // The line end behind a chunk is passed over with it.
    this.#rest = size + 2;
    this.#stage = size === 0 ? 'trailer' : 'chunk';
    return undefined;
  }

  #end(): CountedAnswer {
    this.#stage = 'head';
    return { status: this.#status, bytes: this.#bytes };
  }
}

/**
 * Connects. The load generator shares the machine with what it measures: with the runtime's own client it took as much of it
 * for a frame as the server did.
 */
export const countingClient = (host: string, port: number): Promise<CountingClient> =>
  new Promise((resolve, reject) => {
    const counter = new AnswerCounter();
    let waiting: { resolve(answer: CountedAnswer): void; reject(error: Error): void } | undefined;
    const fail = (error: Error): void => {
      waiting?.reject(error);
      waiting = undefined;
      reject(error);
    };
    const take = (length: number, buffer: Uint8Array): void => {
      try {
        const answer = counter.take(Buffer.from(buffer.buffer, buffer.byteOffset, length));
        if (!answer) return;
        const done = waiting;
        waiting = undefined;
        done?.resolve(answer);
      } catch (error) {
        socket.destroy(error as Error);
      }
    };
    const socket: Socket = connect({
      host,
      port,
      noDelay: true,
      onread: {
        buffer: Buffer.allocUnsafeSlow(READ_BYTES),
        callback: (length, buffer) => {
          take(length, buffer);
          return true;
        },
      },
    });
    socket.on('error', fail);
    socket.on('close', () => fail(new Error('connection closed')));
    socket.on('connect', () =>
      resolve({
        get: (path, headers) =>
          new Promise((answered, failed) => {
            if (socket.destroyed) return failed(new Error('connection closed'));
            waiting = { resolve: answered, reject: failed };
            const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
            socket.write(`GET ${path} HTTP/1.1\r\nhost: ${host}:${port}\r\n${lines.join('')}\r\n`);
          }),
        close: () => socket.destroy(),
      }),
    );
  });
