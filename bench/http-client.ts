import { connect, type Socket } from 'node:net';

/** A keep-alive HTTP/1.1 client on one connection, one request at a time: as little as a load generator can be. */
export interface LeanClient {
  request(
    method: string,
    path: string,
    headers: Readonly<Record<string, string>>,
    body: string,
  ): Promise<{ status: number; body: string }>;
  close(): void;
}

/** Connects. Understands answers with `content-length`, which is all our server sends to such calls. */
export const leanClient = (host: string, port: number): Promise<LeanClient> =>
  new Promise((resolve, reject) => {
    let waiting:
      | { resolve: (answer: { status: number; body: string }) => void; reject: (error: Error) => void }
      | undefined;
    let received: Buffer = Buffer.alloc(0);
    const socket: Socket = connect({ host, port, noDelay: true });
    const fail = (error: Error) => {
      waiting?.reject(error);
      waiting = undefined;
    };
    socket.on('error', (error) => {
      fail(error);
      reject(error);
    });
    socket.on('close', () => fail(new Error('connection closed')));
    socket.on('data', (chunk) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      const headEnd = received.indexOf('\r\n\r\n');
      if (headEnd < 0) return;
      const head = received.toString('latin1', 0, headEnd);
      const length = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0);
      if (received.length < headEnd + 4 + length) return;
      const answer = {
        status: Number(head.slice(9, 12)),
        body: received.toString('utf8', headEnd + 4, headEnd + 4 + length),
      };
      received = received.subarray(headEnd + 4 + length);
      const done = waiting;
      waiting = undefined;
      done?.resolve(answer);
    });
    socket.on('connect', () =>
      resolve({
        request: (method, path, headers, body) =>
          new Promise((done, failed) => {
            if (socket.destroyed) {
              failed(new Error('connection closed'));
              return;
            }
            waiting = { resolve: done, reject: failed };
            const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
            socket.write(
              `${method} ${path} HTTP/1.1\r\nhost: ${host}:${port}\r\n${lines.join('')}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
            );
          }),
        close: () => socket.destroy(),
      }),
    );
  });
