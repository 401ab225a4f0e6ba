import { createServer, connect, type AddressInfo, type Socket } from 'node:net';

/** A line that everything between a browser and a server goes through. */
export interface SlowLine {
  readonly port: number;
  /** Bytes that came down it so far. */
  bytesDown(): number;
  close(): Promise<void>;
}

/** What waits to go down the line before the server is told to wait too. */
const WAITING_BYTES_MAX = 256 * 1024;
/** Down the line in pieces, as packets go: connections share it fairly. */
const PIECE_BYTES = 4 * 1024;

interface Down {
  readonly pieces: Buffer[];
  waitingBytes: number;
  readonly from: Socket;
  readonly to: Socket;
  ended: boolean;
}

/** Does things at their times, in the order in which they were given: bytes must not overtake each other. */
const inOrder = (): ((at: number, work: () => void) => void) => {
  const waiting: { readonly at: number; readonly work: () => void }[] = [];
  let isSet = false;
  const drain = (): void => {
    isSet = false;
    while (waiting[0] && waiting[0].at <= performance.now()) waiting.shift()?.work();
    set();
  };
  const set = (): void => {
    const [next] = waiting;
    if (isSet || !next) return;
    isSet = true;
    setTimeout(drain, Math.max(0, next.at - performance.now()));
  };
  return (at, work) => {
    waiting.push({ at, work });
    set();
  };
};

/**
 * A line of so many bits a second downwards, shared by all connections, and half of `roundTripMs` each way. What goes up is
 * small and not held back.
 */
export const slowLine = async (
  target: number,
  bitsPerSecond: number,
  roundTripMs: number,
): Promise<SlowLine> => {
  const sockets = new Set<Socket>();
  const downs = new Set<Down>();
  let bytes = 0;
  let freeAt = 0;
  let isRunning = false;
  const down = inOrder();
  const up = inOrder();
  const deliver = (of: Down, piece: Buffer): void => {
    of.waitingBytes -= piece.length;
    if (of.waitingBytes < WAITING_BYTES_MAX) of.from.resume();
    bytes += piece.length;
    freeAt = Math.max(freeAt, performance.now()) + (piece.length * 8_000) / bitsPerSecond;
    down(freeAt + roundTripMs / 2, () => of.to.write(piece));
  };
  /** A piece of each connection in turn, as fast as the line takes them. */
  const run = (): void => {
    isRunning = false;
    for (const of of downs) {
      const piece = of.pieces.shift();
      if (piece) {
        deliver(of, piece);
        isRunning = true;
      } else if (of.ended) {
        downs.delete(of);
        down(freeAt + roundTripMs / 2, () => of.to.end());
      }
    }
    if (isRunning) setTimeout(run, Math.max(0, freeAt - performance.now() - 2));
  };
  const wake = (): void => {
    if (isRunning) return;
    isRunning = true;
    run();
  };
  const server = createServer((browser) => {
    const upstream = connect(target, '127.0.0.1');
    const of: Down = { pieces: [], waitingBytes: 0, from: upstream, to: browser, ended: false };
    downs.add(of);
    for (const socket of [browser, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    browser.on('data', (piece: Buffer) => {
      up(performance.now() + roundTripMs / 2, () => upstream.write(piece));
    });
    browser.on('close', () => upstream.destroy());
    upstream.on('data', (piece: Buffer) => {
      for (let at = 0; at < piece.length; at += PIECE_BYTES)
        of.pieces.push(piece.subarray(at, at + PIECE_BYTES));
      of.waitingBytes += piece.length;
      if (of.waitingBytes >= WAITING_BYTES_MAX) upstream.pause();
      wake();
    });
    upstream.on('close', () => {
      of.ended = true;
      wake();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    bytesDown: () => bytes,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
