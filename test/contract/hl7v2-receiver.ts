import { connect, type Socket } from 'node:net';
import { acknowledge } from '../../src/adapters/hl7v2/acknowledge.ts';
import { createFramer } from '../../src/adapters/hl7v2/framing.ts';
import { peekHeader } from '../../src/adapters/hl7v2/header.ts';
import { connectMllp, type MllpClient } from '../../src/adapters/hl7v2/mllp-client.ts';
import {
  type MllpLimits,
  type MllpRejection,
  type MllpServer,
  type MllpServerOptions,
  startMllpServer,
} from '../../src/adapters/hl7v2/mllp-server.ts';
import { readHl7Message } from '../../src/adapters/hl7v2/read-message.ts';
import { refusal } from '../../src/adapters/hl7v2/refusal.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { IncomingReportMessage } from '../../src/result/index.ts';
import { SENDER } from './hl7v2-messages.ts';

/** A receiver that stores in memory: everything a socket can prove without a database. */
export interface Receiver {
  readonly server: MllpServer;
  readonly stored: IncomingReportMessage[];
  readonly rejections: MllpRejection[];
}

const open: { server: MllpServer; clients: MllpClient[]; sockets: Socket[] }[] = [];

/** Ends everything that a test has opened. */
export const closeReceivers = async (): Promise<void> => {
  for (const { server, clients, sockets } of open.splice(0)) {
    for (const client of clients) client.socket.destroy();
    for (const socket of sockets) socket.destroy();
    await server.close();
  }
};

/** Starts a listener that is closed after the test. */
export const startListener = async (
  options: Pick<MllpServerOptions, 'handle' | 'onReject' | 'limits'>,
): Promise<MllpServer> => {
  const server = await startMllpServer({ host: '127.0.0.1', port: 0, ...options });
  open.push({ server, clients: [], sockets: [] });
  return server;
};

/** The acknowledgement of a message: accepted, or refused for this reason. */
export const answerTo = (bytes: Uint8Array, error: Parameters<typeof acknowledge>[1]): Uint8Array | null =>
  acknowledge(peekHeader(bytes, SENDER.charset), error, { at: instant(0), controlId: 'A' });

/** Starts a receiver; `pauseMs` makes handling slow. */
export const startReceiver = async (limits: Partial<MllpLimits> = {}, pauseMs = 0): Promise<Receiver> => {
  const stored: IncomingReportMessage[] = [];
  const rejections: MllpRejection[] = [];
  const server = await startListener({
    limits,
    handle: async (bytes) => {
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      const result = readHl7Message(bytes, SENDER);
      if (!result.ok) return answerTo(bytes, result.reason);
      if (result.value.message.kind === 'reports') stored.push(result.value.message);
      return answerTo(bytes, null);
    },
    onReject: async (rejection) => {
      rejections.push(rejection);
      return rejection.sizeBytes === 0 ? null : answerTo(rejection.bytes, refusal(rejection.code));
    },
  });
  return { server, stored, rejections };
};

/** A well-behaved sender. */
export const connectSender = async (server: MllpServer): Promise<MllpClient> => {
  const made = await connectMllp({ host: '127.0.0.1', port: server.port });
  open.at(-1)?.clients.push(made);
  return made;
};

/** A bare socket that gathers acknowledgements as text; it never closes its own half by itself. */
export const rawSocket = async (server: MllpServer) => {
  const socket = connect({ host: '127.0.0.1', port: server.port, allowHalfOpen: true });
  open.at(-1)?.sockets.push(socket);
  const answers: string[] = [];
  let wake = () => undefined as void;
  const framer = createFramer({ maxFrameBytes: 1_000_000, maxHeadBytes: 1000 }, (event) => {
    if (event.kind === 'frame') answers.push(Buffer.from(event.bytes).toString('utf8'));
    wake();
  });
  socket.on('data', (chunk: Buffer) => framer.push(chunk));
  const ended = new Promise<void>((resolve) => {
    const end = () => {
      resolve();
      wake();
    };
    socket.once('end', end);
    socket.once('close', end);
    socket.once('error', end);
  });
  await new Promise<void>((resolve) => socket.once('connect', () => resolve()));
  const waitFor = async (count: number): Promise<string[]> => {
    while (answers.length < count && !socket.destroyed)
      await new Promise<void>((resolve) => (wake = resolve));
    return answers;
  };
  return { socket, waitFor, answers, ended };
};

const msaOf = (answer: string): string => answer.split('\r').find((text) => text.startsWith('MSA')) ?? '';
/** `AA M1`: MSA-1 and MSA-2 of an acknowledgement. */
export const codeAndId = (answer: string): string => msaOf(answer).split('|').slice(1, 3).join(' ');
