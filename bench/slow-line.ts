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
  const later = (at: number, work: () => void): void => {
    setTimeout(work, Math.max(0, at - performance.now() + roundTripMs / 2));
  };
  const deliver = (down: Down, piece: Buffer): void => {
    down.waitingBytes -= piece.length;
    if (down.waitingBytes < WAITING_BYTES_MAX) down.from.resume();
    bytes += piece.length;
    freeAt = Math.max(freeAt, performance.now()) + (piece.length * 8_000) / bitsPerSecond;
    later(freeAt, () => down.to.write(piece));
  };
  /** A piece of each connection in turn, as fast as the line takes them. */
  const run = (): void => {
    isRunning = false;
    for (const down of downs) {
      const piece = down.pieces.shift();
      if (piece) {
        deliver(down, piece);
        isRunning = true;
      } else if (down.ended) {
        downs.delete(down);
        later(freeAt, () => down.to.end());
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
    const down: Down = { pieces: [], waitingBytes: 0, from: upstream, to: browser, ended: false };
    downs.add(down);
    for (const socket of [browser, upstream]) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => sockets.delete(socket));
    }
    browser.on('data', (piece: Buffer) => later(0, () => upstream.write(piece)));
    browser.on('close', () => upstream.destroy());
    upstream.on('data', (piece: Buffer) => {
      for (let at = 0; at < piece.length; at += PIECE_BYTES)
        down.pieces.push(piece.subarray(at, at + PIECE_BYTES));
      down.waitingBytes += piece.length;
      if (down.waitingBytes >= WAITING_BYTES_MAX) upstream.pause();
      wake();
    });
    upstream.on('close', () => {
      down.ended = true;
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
