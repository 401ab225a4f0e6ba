import { createServer, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  readAssociateRequest,
  writeAssociateAccept,
  writeRelease,
} from '../../src/adapters/dimse/associate.ts';
import { type CommandSet, readCommandSet } from '../../src/adapters/dimse/command-set.ts';
import { type DimseListener, startDimseListener } from '../../src/adapters/dimse/listener.ts';
import { PDU, PduReader } from '../../src/adapters/dimse/pdu-reader.ts';
import type {
  CommitmentLedger,
  DicomJson,
  InstanceReference,
  RegisteredAe,
} from '../../src/adapters/dimse/ports.ts';
import { SOP_CLASS, TRANSFER_SYNTAX } from '../../src/adapters/dimse/syntaxes.ts';
import { identifierCodec } from '../../src/apps/flows/imaging/identifier-codec.ts';
import { exampleAe, memoryReceiver, memoryRegistry } from './dimse-memory.ts';
import { associatedPeer, commandPdu, CT, pData, pdv, type WirePeer } from './dimse-wire.ts';

const SYNTAX = TRANSFER_SYNTAX.explicitLittleEndian;
const COMMITMENT = SOP_CLASS.storageCommitment;
const INSTANCE = '1.2.840.10008.1.20.1.1';
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** Knows instances whose UID ends in an even digit. */
const ledger: CommitmentLedger = {
  async commit(_, references) {
    const isKept = ({ sopInstanceUid }: InstanceReference) => Number(sopInstanceUid.at(-1)) % 2 === 0;
    return {
      committed: references.filter(isKept),
      failed: references.filter((one) => !isKept(one)).map((one) => ({ ...one, reason: 0x0112 })),
    };
  },
};

const start = async (ae: Partial<RegisteredAe>): Promise<DimseListener> => {
  const listener = await startDimseListener({
    host: '127.0.0.1',
    port: 0,
    aeTitle: 'HUREN',
    registry: memoryRegistry(exampleAe('CT1', ae)),
    receiver: memoryReceiver(),
    beyondStorage: { codec: identifierCodec, ledger },
    limits: { reportAgainAfterMs: [20, 20], stopGraceMs: 500 },
  });
  closing.push(() => listener.close());
  return listener;
};

const contexts = [{ id: 1, abstractSyntax: COMMITMENT, transferSyntaxes: [SYNTAX] }];
const ui = (value: string) => ({ vr: 'UI', Value: [value] });
const item = (uid: string): DicomJson => ({ '00081150': ui(CT), '00081155': ui(uid) });
const action = (...uids: string[]): Buffer =>
  Buffer.concat([
    commandPdu(
      1,
      {
        requestedSopClassUid: COMMITMENT,
        commandField: 0x0130,
        messageId: 5,
        requestedSopInstanceUid: INSTANCE,
        actionTypeId: 1,
      },
      true,
    ),
    pData(
      pdv(
        1,
        2,
        identifierCodec.write(
          { '00081195': ui('2.25.1'), '00081199': { vr: 'SQ', Value: uids.map(item) } },
          SYNTAX,
        ),
      ),
    ),
  ]);

const nextCommand = async (peer: WirePeer): Promise<CommandSet | undefined> => {
  const event = await peer.next();
  const read = event?.kind === 'data' && event.isCommand ? readCommandSet(event.bytes) : undefined;
  return read?.ok ? read.value : undefined;
};
const nextIdentifier = async (peer: WirePeer): Promise<DicomJson | undefined> => {
  const event = await peer.next();
  return event?.kind === 'data' ? identifierCodec.read(event.bytes, SYNTAX) : undefined;
};

/** A device that listens: accepts, keeps reports, answers each with the status given for it. */
const device = async (statuses: readonly number[]) => {
  const reports: { readonly eventTypeId: number | undefined; readonly identifier: DicomJson }[] = [];
  const roles: unknown[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    const reader = new PduReader();
    let command: CommandSet = {};
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      for (const event of reader.read(chunk))
        if (event.kind === 'associate-request') {
          const request = readAssociateRequest(event.body);
          if (!request.ok) return socket.destroy();
          roles.push(...request.value.roles);
          const accepted = {
            contexts: [{ id: 1, result: 0, transferSyntax: SYNTAX }],
            roles: request.value.roles,
          };
          socket.write(writeAssociateAccept(request.value, { ...accepted, maxPduLength: 16_384 }));
        } else if (event.kind === 'data' && event.isCommand) {
          const read = readCommandSet(event.bytes);
          command = read.ok ? read.value : {};
        } else if (event.kind === 'data') {
          const status = statuses[reports.length] ?? 0;
          reports.push({
            eventTypeId: command.eventTypeId,
            identifier: identifierCodec.read(event.bytes, SYNTAX),
          });
          socket.write(
            commandPdu(1, { commandField: 0x8100, messageIdRespondedTo: command.messageId ?? 0, status }),
          );
        } else if (event.kind === 'release-request') socket.end(writeRelease(PDU.releaseResponse));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as { port: number }).port, reports, roles };
};

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
};

describe('Storage commitment (PS3.4 annex J)', () => {
  it('is answered, and reported over an association of our own to where the device listens', async () => {
    const ct = await device([]);
    const { port } = await start({ listensAt: { host: '127.0.0.1', port: ct.port, tls: false } });
    const peer = await associatedPeer(port, { contexts });
    peer.send(action('1.2.2', '1.2.4'));
    expect(await nextCommand(peer)).toMatchObject({
      commandField: 0x8130,
      messageIdRespondedTo: 5,
      status: 0,
      actionTypeId: 1,
    });
    peer.close();
    await until(() => ct.reports.length === 1);
    expect(ct.roles).toEqual([{ sopClassUid: COMMITMENT, scu: false, scp: true }]);
    expect(ct.reports[0]).toMatchObject({
      eventTypeId: 1,
      identifier: { '00081195': ui('2.25.1'), '00081199': { Value: [item('1.2.2'), item('1.2.4')] } },
    });
    expect(ct.reports[0]?.identifier).not.toHaveProperty('00081198');
  });

  it('names what is not kept, and why', async () => {
    const ct = await device([]);
    const { port } = await start({ listensAt: { host: '127.0.0.1', port: ct.port, tls: false } });
    const peer = await associatedPeer(port, { contexts });
    peer.send(action('1.2.2', '1.2.3'));
    await until(() => ct.reports.length === 1);
    expect(ct.reports[0]).toMatchObject({
      eventTypeId: 2,
      identifier: {
        '00081199': { Value: [item('1.2.2')] },
        '00081198': { Value: [{ ...item('1.2.3'), '00081197': { vr: 'US', Value: [0x0112] } }] },
      },
    });
    peer.close();
  });

  it('is reported again until it is taken', async () => {
    const ct = await device([0x0110, 0x0110, 0]);
    const { port } = await start({ listensAt: { host: '127.0.0.1', port: ct.port, tls: false } });
    const peer = await associatedPeer(port, { contexts });
    peer.send(action('1.2.2'));
    await until(() => ct.reports.length === 3);
    expect(new Set(ct.reports.map(({ identifier }) => JSON.stringify(identifier))).size).toBe(1);
    peer.close();
  });

  it('is reported on the same association to a device that does not listen', async () => {
    const { port } = await start({ listensAt: null });
    const peer = await associatedPeer(port, { contexts });
    peer.send(action('1.2.2'));
    expect(await nextCommand(peer)).toMatchObject({ commandField: 0x8130, status: 0 });
    const event = await nextCommand(peer);
    expect(event).toMatchObject({ commandField: 0x0100, eventTypeId: 1, affectedSopInstanceUid: INSTANCE });
    expect(await nextIdentifier(peer)).toMatchObject({ '00081195': ui('2.25.1') });
    peer.send(
      commandPdu(1, { commandField: 0x8100, messageIdRespondedTo: event?.messageId ?? 0, status: 0 }),
    );
    peer.send(writeRelease(PDU.releaseRequest));
    expect(await peer.rest()).toEqual([{ kind: 'release-response' }]);
  });

  it('refuses another action, and references that are none', async () => {
    const { port } = await start({ listensAt: null });
    const peer = await associatedPeer(port, { contexts });
    peer.send(
      commandPdu(
        1,
        { requestedSopClassUid: COMMITMENT, commandField: 0x0130, messageId: 1, actionTypeId: 9 },
        true,
      ),
      pData(pdv(1, 2, Buffer.alloc(0))),
    );
    expect(await nextCommand(peer)).toMatchObject({ status: 0x0123 });
    for (const wrong of [action(), action('../1')]) {
      peer.send(wrong);
      expect(await nextCommand(peer)).toMatchObject({ status: 0x0110 });
    }
    peer.close();
  });
});
