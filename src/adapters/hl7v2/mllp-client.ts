import { connect as connectPlain, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { raiser } from '../../kernel/fault.ts';
import { HL7_FAULTS } from './faults.ts';
import { createFramer, DEFAULT_FRAMER_LIMITS, frameMessage } from './framing.ts';

/** Where to send, and by which certificate authority to trust the peer. */
export interface MllpClientOptions {
  readonly host: string;
  readonly port: number;
  readonly tls?: {
    readonly ca: string | Buffer;
    readonly cert?: string | Buffer;
    readonly key?: string | Buffer;
    /** Name in the server's certificate, when it is not the host. */
    readonly serverName?: string;
  };
}

/** A sender's end of an MLLP connection. */
export interface MllpClient {
  /**
   * Sends a message and waits for its acknowledgement. Several may be under way: answers come in the order of the
   * messages.
   *
   * @throws Fault `MLLP_CONNECTION_LOST` when the connection ends first.
   */
  readonly send: (message: Uint8Array) => Promise<Uint8Array>;
  /** The raw connection, for tests that break the protocol on purpose. */
  readonly socket: Socket;
  readonly close: () => Promise<void>;
}

interface Waiting {
  readonly resolve: (answer: Uint8Array) => void;
  readonly reject: (reason: unknown) => void;
}

const raise = raiser(HL7_FAULTS);

const open = ({ host, port, tls }: MllpClientOptions): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = tls
      ? connectTls({ host, port, ...tls, servername: tls.serverName ?? host }, () => resolve(socket))
      : connectPlain({ host, port }, () => resolve(socket));
    socket.once('error', (cause) =>
      reject(raise('MLLP_CONNECTION_LOST', { detail: `${host}:${port}`, cause })),
    );
  });

/** Connects to an MLLP listener: for tests, the demonstration, the bench, and `huren` sending a message by hand. */
export const connectMllp = async (options: MllpClientOptions): Promise<MllpClient> => {
  const socket = await open(options);
  socket.setNoDelay(true);
  const waiting: Waiting[] = [];
  let lost: unknown;
  const loseAll = (cause?: unknown) => {
    lost ??= raise('MLLP_CONNECTION_LOST', { detail: `${options.host}:${options.port}`, cause });
    for (const { reject } of waiting.splice(0)) reject(lost);
  };
  const framer = createFramer(DEFAULT_FRAMER_LIMITS, (event) => {
    if (event.kind === 'frame') waiting.shift()?.resolve(event.bytes);
    else if (event.kind === 'large-frame') waiting.shift()?.resolve(Buffer.concat(event.pieces));
    else loseAll(event.rejection.code);
  });
  socket.on('data', (chunk: Buffer) => framer.push(chunk));
  socket.on('error', loseAll);
  socket.on('close', () => loseAll());
  return {
    socket,
    send: (message) =>
      new Promise((resolve, reject) => {
        if (lost !== undefined) return reject(lost);
        waiting.push({ resolve, reject });
        socket.write(frameMessage(message));
      }),
    close: () =>
      new Promise((resolve) => {
        if (socket.destroyed) return resolve();
        socket.once('close', () => resolve());
        socket.end();
      }),
  };
};
