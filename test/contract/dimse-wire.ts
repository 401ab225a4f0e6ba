import { connect, type Socket } from 'node:net';
import {
  pdu,
  type ProposedContext,
  type RoleSelection,
  writeAssociateRequest,
} from '../../src/adapters/dimse/associate.ts';
import { type CommandSet, writeCommandSet } from '../../src/adapters/dimse/command-set.ts';
import { PDU, type PduEvent, PduReader } from '../../src/adapters/dimse/pdu-reader.ts';
import { SOP_CLASS, TRANSFER_SYNTAX } from '../../src/adapters/dimse/syntaxes.ts';

/** CT image storage. */
export const CT = '1.2.840.10008.5.1.4.1.1.2';

/** Context 1 verification, context 3 CT storage. */
export const EXAMPLE_CONTEXTS: readonly ProposedContext[] = [
  { id: 1, abstractSyntax: SOP_CLASS.verification, transferSyntaxes: [TRANSFER_SYNTAX.implicitLittleEndian] },
  { id: 3, abstractSyntax: CT, transferSyntaxes: [TRANSFER_SYNTAX.explicitLittleEndian] },
];

/** An A-ASSOCIATE-RQ of the example peer. */
export const associateRequest = (
  more: {
    readonly called?: string;
    readonly calling?: string;
    readonly contexts?: readonly ProposedContext[];
    readonly roles?: readonly RoleSelection[];
    readonly maxPduLength?: number;
  } = {},
): Buffer =>
  writeAssociateRequest({
    calledAeTitle: more.called ?? 'HUREN',
    callingAeTitle: more.calling ?? 'CT1',
    contexts: more.contexts ?? EXAMPLE_CONTEXTS,
    maxPduLength: more.maxPduLength ?? 16_384,
    roles: more.roles ?? [],
  });

/** A PDV with its header. `length` overrides what the header claims. */
export const pdv = (
  contextId: number,
  control: number,
  bytes: Uint8Array,
  length = bytes.length + 2,
): Buffer => {
  const head = Buffer.alloc(6);
  head.writeUInt32BE(length);
  head[4] = contextId;
  head[5] = control;
  return Buffer.concat([head, bytes]);
};

/** A P-DATA-TF of these PDVs. */
export const pData = (...pdvs: readonly Uint8Array[]): Buffer => pdu(PDU.data, ...pdvs);

/** A whole command in one P-DATA. */
export const commandPdu = (contextId: number, command: CommandSet, hasDataSet = false): Buffer =>
  pData(pdv(contextId, 3, writeCommandSet(command, hasDataSet)));

/** A C-STORE-RQ of a CT image on context 3. */
export const storeCommand = (more: CommandSet = {}): CommandSet => ({
  affectedSopClassUid: CT,
  commandField: 1,
  messageId: 7,
  priority: 0,
  affectedSopInstanceUid: '1.2.3.4',
  ...more,
});

/** What came back, with bytes of its own. */
export type Answer = PduEvent;

/** A peer that writes any bytes it likes. */
export interface WirePeer {
  readonly socket: Socket;
  send(...bytes: readonly Uint8Array[]): void;
  /** The next event, or null when the connection is closed first. */
  next(): Promise<Answer | null>;
  /** Whatever still comes until the connection is closed. */
  rest(): Promise<readonly Answer[]>;
  close(): void;
}

const ENDS: ReadonlySet<string> = new Set(['associate-reject', 'release-response', 'abort']);

/** Connects without a word. */
export const wirePeer = async (port: number): Promise<WirePeer> => {
  const socket = connect({ host: '127.0.0.1', port });
  await new Promise<void>((resolve, reject) => {
    socket.once('connect', resolve);
    socket.once('error', reject);
  });
  socket.on('error', () => undefined);
  const answers: Answer[] = [];
  let isClosed = false;
  let wake: () => void = () => undefined;
  const reader = new PduReader();
  socket.on('data', (chunk: Buffer) => {
    for (const event of reader.read(chunk)) {
      answers.push('bytes' in event ? { ...event, bytes: Buffer.from(event.bytes) } : event);
      // Closing the connection behind these is the requestor's part.
      if (ENDS.has(event.kind)) socket.end();
    }
    wake();
  });
  socket.on('close', () => {
    isClosed = true;
    wake();
  });
  const next = async (): Promise<Answer | null> => {
    while (answers.length === 0 && !isClosed)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return answers.shift() ?? null;
  };
  return {
    socket,
    send: (...bytes) => void socket.write(Buffer.concat(bytes)),
    next,
    async rest() {
      const all: Answer[] = [];
      for (let answer = await next(); answer !== null; answer = await next()) all.push(answer);
      return all;
    },
    close: () => socket.destroy(),
  };
};

/** Connects and associates. */
export const associatedPeer = async (
  port: number,
  more: Parameters<typeof associateRequest>[0] = {},
): Promise<WirePeer> => {
  const peer = await wirePeer(port);
  peer.send(associateRequest(more));
  const answer = await peer.next();
  if (answer?.kind !== 'associate-accept') throw new Error(`not accepted: ${answer?.kind ?? 'closed'}`);
  return peer;
};
