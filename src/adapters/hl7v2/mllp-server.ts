import { createServer, type AddressInfo, isIP, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { raiser } from '../../kernel/fault.ts';
import { HL7_FAULTS } from './faults.ts';
import { DEFAULT_FRAMER_LIMITS } from './framing.ts';
import {
  type ConnectionContext,
  type LargeMllpHandler,
  MllpConnection,
  type MllpHandler,
  type MllpLimits,
  type MllpRejectionHandler,
} from './mllp-connection.ts';

export type {
  LargeMllpHandler,
  MllpHandler,
  MllpLimits,
  MllpPeer,
  MllpRejection,
  MllpRejectionHandler,
} from './mllp-connection.ts';

/** Bounds that hold a thousand connections in modest memory. */
export const DEFAULT_MLLP_LIMITS: MllpLimits = {
  ...DEFAULT_FRAMER_LIMITS,
  maxConnections: 1000,
  maxFramesInHand: 16,
  maxHeldBytes: 256 * 1024 * 1024,
  idleTimeoutMs: 60 * 60_000,
  frameTimeoutMs: 60_000,
  settleMs: 300,
  closeGraceMs: 10_000,
};

/** Certificate of a listener, PEM. With `ca` every client must show a certificate that it signed. */
export interface MllpTls {
  readonly key: string | Buffer;
  readonly cert: string | Buffer;
  readonly ca?: string | Buffer;
}

/** How a listener is started. */
export interface MllpServerOptions {
  readonly host: string;
  /** 0: any free port, told by `port` of the running listener. */
  readonly port: number;
  readonly tls?: MllpTls;
  readonly limits?: Partial<MllpLimits>;
  readonly handle: MllpHandler;
  /** Takes large messages; absent: `handle` takes them too, joined. */
  readonly handleLarge?: LargeMllpHandler;
  readonly onReject: MllpRejectionHandler;
}

/** A running listener. */
export interface MllpServer {
  readonly port: number;
  readonly connectionCount: () => number;
  /** Stops listening, answers what is being handled, drops what only waits, and closes every connection. */
  readonly close: () => Promise<void>;
}

type RemoteEnd =
  | { readonly remoteAddress?: string | undefined; readonly remotePort?: number | undefined }
  | undefined;

const raise = raiser(HL7_FAULTS);

/** Loopback by address; `localhost` too, the only name that is never looked up elsewhere. */
export const isLoopback = (host: string): boolean => {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
};

const listen = (server: Server, { host, port, tls }: MllpServerOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    const variable = tls ? 'HUREN_MLLPS_PORT' : 'HUREN_MLLP_PORT';
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const detail = `${host}:${port}, ${variable}`;
      if (cause.code === 'EADDRINUSE') reject(raise('MLLP_PORT_IN_USE', { detail, cause }));
      else reject(raise('MLLP_LISTEN_FAILED', { detail: `${detail}, ${cause.code ?? ''}`, cause }));
    });
    server.listen({ host, port, backlog: 511 }, () => {
      server.removeAllListeners('error');
      // Errors after this concern single connections that could not be accepted; those peers try again.
      server.on('error', () => undefined);
      resolve();
    });
  });

/**
 * Listens for HL7 v2 over MLLP. Without TLS only on a loopback address, because messages name patients. A message is
 * acknowledged with what `handle` resolved to, after it resolved, and never otherwise.
 *
 * @throws Fault `MLLP_PLAIN_NOT_LOOPBACK`, `MLLP_PORT_IN_USE` (naming port and variable), `MLLP_LISTEN_FAILED`.
 */
export const startMllpServer = async (options: MllpServerOptions): Promise<MllpServer> => {
  if (!options.tls && !isLoopback(options.host))
    throw raise('MLLP_PLAIN_NOT_LOOPBACK', { detail: options.host });
  const limits: MllpLimits = { ...DEFAULT_MLLP_LIMITS, ...options.limits };
  const connections = new Set<MllpConnection>();
  let heldBytes = 0;
  const context: ConnectionContext = {
    limits,
    handle: options.handle,
    handleLarge: options.handleLarge ?? ((pieces, peer) => options.handle(Buffer.concat(pieces), peer)),
    onReject: options.onReject,
    account: (delta) => {
      heldBytes += delta;
      return heldBytes <= limits.maxHeldBytes;
    },
  };
  const accept = (socket: Socket): void => {
    const connection = new MllpConnection(socket, context);
    connections.add(connection);
    void connection.closed.then(() => connections.delete(connection));
  };
  const { tls } = options;
  const server = tls
    ? createTlsServer(
        {
          key: tls.key,
          cert: tls.cert,
          ...(tls.ca === undefined ? {} : { ca: tls.ca, requestCert: true, rejectUnauthorized: true }),
          minVersion: 'TLSv1.2',
          handshakeTimeout: 10_000,
          allowHalfOpen: true,
        },
        accept,
      )
    : createServer({ allowHalfOpen: true }, accept);
  server.maxConnections = limits.maxConnections;
  /** Records what never became a connection. Nobody can be answered, and a recorder that fails changes nothing. */
  const report = (
    code: 'MLLP_TOO_MANY_CONNECTIONS' | 'MLLP_TLS_FAILED',
    from: RemoteEnd,
    cause?: unknown,
  ): void => {
    const peer = {
      address: from?.remoteAddress ?? '',
      port: from?.remotePort ?? 0,
      secure: tls !== undefined,
      certificateName: null,
    };
    options.onReject({ code, sizeBytes: 0, bytes: new Uint8Array(0), cause }, peer).catch(() => null);
  };
  server.on('drop', (dropped) => report('MLLP_TOO_MANY_CONNECTIONS', dropped));
  server.on('tlsClientError', (cause: Error, socket: Socket) => {
    report('MLLP_TLS_FAILED', socket, cause);
    socket.destroy();
  });
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    connectionCount: () => connections.size,
    close: async () => {
      const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
      const gone = [...connections].map((connection) => connection.closed);
      for (const connection of connections) connection.close();
      const impatience = setTimeout(() => {
        for (const connection of connections) connection.destroy();
      }, limits.closeGraceMs);
      await Promise.all([stopped, ...gone]);
      clearTimeout(impatience);
    },
  };
};
