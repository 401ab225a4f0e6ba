import { type AddressInfo, createServer, isIP, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { raiser } from '../../kernel/fault.ts';
import { DIMSE_FAULTS } from './faults.ts';
import { DEFAULT_PDU_LIMITS } from './pdu-reader.ts';
import type { AeRegistry, InstanceReceiver } from './ports.ts';
import {
  type BeyondStorage,
  type DimseEvent,
  type DimseLimits,
  Provider,
  type ProviderContext,
} from './provider.ts';
import type { OwnCertificate } from './requestor.ts';

export type { DimseEvent, DimseLimits } from './provider.ts';

/** Bounds that keep 64 associations within some 40 MB. */
export const DEFAULT_DIMSE_LIMITS: DimseLimits = {
  ...DEFAULT_PDU_LIMITS,
  associateTimeoutMs: 30_000,
  idleTimeoutMs: 60_000,
  closeGraceMs: 5_000,
  maxIdentifierBytes: 4 * 1024 * 1024,
  maxAssociations: 64,
  maxAssociationsPerAe: 8,
  maxConnections: 512,
  maxObjectBytes: 4 * 1024 ** 3,
  stopGraceMs: 10_000,
};

/** How a listener is started. */
export interface DimseListenerOptions {
  readonly host: string;
  /** 0: any free port, told by `port` of the running listener. */
  readonly port: number;
  /** Certificate of the listener, PEM. Clients are asked for theirs, by which entities can be registered. */
  readonly tls?: { readonly key: string | Buffer; readonly cert: string | Buffer };
  /** Plain DICOM on other addresses than loopback: modalities without TLS on a network that only they share. */
  readonly allowsPlain?: boolean;
  /** The title that we answer to. */
  readonly aeTitle: string;
  /** Private storage classes to take: UIDs, or prefixes with their final point. */
  readonly privateStorageRoots?: readonly string[];
  readonly limits?: Partial<DimseLimits>;
  readonly registry: AeRegistry;
  readonly receiver: InstanceReceiver;
  /** Storage commitment, query and retrieval. */
  readonly beyondStorage?: BeyondStorage;
  readonly ownCertificate?: OwnCertificate;
  readonly onEvent?: (event: DimseEvent) => void;
}

/** A running listener. */
export interface DimseListener {
  readonly port: number;
  /** Associations that stand. */
  readonly associationCount: () => number;
  /** Stops listening, finishes and answers what is in hand, then ends every association. */
  readonly close: () => Promise<void>;
}

const raise = raiser(DIMSE_FAULTS);

const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));

const listen = (server: Server, { host, port, tls }: DimseListenerOptions): Promise<void> =>
  new Promise((resolve, reject) => {
    const variable = tls ? 'HUREN_DIMSES_PORT' : 'HUREN_DIMSE_PORT';
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const detail = `${host}:${port}, ${variable}`;
      if (cause.code === 'EADDRINUSE') reject(raise('DIMSE_PORT_IN_USE', { detail, cause }));
      else reject(raise('DIMSE_LISTEN_FAILED', { detail: `${detail}, ${cause.code ?? ''}`, cause }));
    });
    server.listen({ host, port, backlog: 511 }, () => {
      server.removeAllListeners('error');
      // Errors after this concern single connections that could not be accepted; those peers try again.
      server.on('error', () => undefined);
      resolve();
    });
  });

/**
 * Listens for DICOM associations (PS3.8). Without TLS only on a loopback address, unless told otherwise, because images
 * name patients.
 *
 * @throws Fault `DIMSE_PLAIN_NOT_LOOPBACK`, `DIMSE_PORT_IN_USE` (naming port and variable), `DIMSE_LISTEN_FAILED`.
 */
export const startDimseListener = async (options: DimseListenerOptions): Promise<DimseListener> => {
  const { tls } = options;
  if (!tls && !options.allowsPlain && !isLoopback(options.host))
    throw raise('DIMSE_PLAIN_NOT_LOOPBACK', { detail: options.host });
  const limits: DimseLimits = { ...DEFAULT_DIMSE_LIMITS, ...options.limits };
  const providers = new Set<Provider>();
  const context: ProviderContext = {
    limits,
    aeTitles: new Set([options.aeTitle]),
    privateStorageRoots: options.privateStorageRoots ?? [],
    registry: options.registry,
    receiver: options.receiver,
    beyondStorage: options.beyondStorage ?? null,
    ownCertificate: options.ownCertificate ?? tls,
    onEvent: options.onEvent ?? (() => undefined),
    standing: new Map(),
  };
  /** Connections of which TLS does not yet stand. The server knows them by nothing, and would wait for them when it closes. */
  const handshaking = new Map<string, Socket>();
  const placeOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
  const accept = (socket: Socket): void => {
    handshaking.delete(placeOf(socket));
    const provider = new Provider(socket, context);
    providers.add(provider);
    void provider.link.closed.then(() => providers.delete(provider));
  };
  const server = tls
    ? createTlsServer(
        {
          ...tls,
          // Whose certificate it is, the registry says by its fingerprint; there need be no authority that signed it.
          requestCert: true,
          rejectUnauthorized: false,
          minVersion: 'TLSv1.2',
          handshakeTimeout: limits.associateTimeoutMs,
          allowHalfOpen: true,
        },
        accept,
      )
    : createServer({ allowHalfOpen: true }, accept);
  server.maxConnections = limits.maxConnections;
  if (tls)
    server.on('connection', (socket: Socket) => {
      const place = placeOf(socket);
      handshaking.set(place, socket);
      socket.once('close', () => handshaking.delete(place));
    });
  server.on('tlsClientError', (_cause: Error, socket: Socket) => socket.destroy());
  await listen(server, options);
  return {
    port: (server.address() as AddressInfo).port,
    associationCount: () => [...context.standing.values()].reduce((sum, count) => sum + count, 0),
    close: async () => {
      const stopped = new Promise<void>((resolve) => server.close(() => resolve()));
      const gone = [...providers].map(({ link }) => link.closed);
      for (const { link } of providers) link.close();
      for (const socket of handshaking.values()) socket.destroy();
      const impatience = setTimeout(() => {
        for (const { link } of providers) link.destroy();
      }, limits.stopGraceMs);
      await Promise.all([stopped, ...gone]);
      clearTimeout(impatience);
    },
  };
};
