import { afterEach, describe, expect, it } from 'vitest';
import { writeRelease } from '../../src/adapters/dimse/associate.ts';
import { type CommandSet, readCommandSet } from '../../src/adapters/dimse/command-set.ts';
import { sendCommitmentReport } from '../../src/adapters/dimse/commitment-report.ts';
import { type DimseListener, startDimseListener } from '../../src/adapters/dimse/listener.ts';
import { PDU } from '../../src/adapters/dimse/pdu-reader.ts';
import type {
  CommitmentLedger,
  DicomJson,
  InstanceReference,
  RegisteredAe,
} from '../../src/adapters/dimse/ports.ts';
import { SOP_CLASS, TRANSFER_SYNTAX } from '../../src/adapters/dimse/syntaxes.ts';
import { identifierCodec } from '../../src/apps/flows/imaging/identifier-codec.ts';
import { reportedDevice } from './dimse-device.ts';
import { exampleAe, memoryReceiver, memoryRegistry } from './dimse-memory.ts';
import { associatedPeer, commandPdu, CT, pData, pdv, type WirePeer } from './dimse-wire.ts';

const SYNTAX = TRANSFER_SYNTAX.explicitLittleEndian;
const COMMITMENT = SOP_CLASS.storageCommitment;
const INSTANCE = '1.2.840.10008.1.20.1.1';
const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

/** Knows instances whose UID ends in an even digit. Reports of a device are sent until it takes them, three times at most. */
const ledgerFor = (ae: RegisteredAe): CommitmentLedger => ({
  async keepReport(report) {
    const { listensAt } = ae;
    if (listensAt === null) throw new Error('a report for a device that does not listen');
    void (async () => {
      const as = { callingAeTitle: report.requester.calledAeTitle, codec: identifierCodec };
      for (let tries = 0; tries < 3; tries++)
        if (await sendCommitmentReport({ ...ae, listensAt }, as, report)) return;
    })();
  },
  async commit(_, references) {
    const isKept = ({ sopInstanceUid }: InstanceReference) => Number(sopInstanceUid.at(-1)) % 2 === 0;
    return {
      committed: references.filter(isKept),
      failed: references.filter((one) => !isKept(one)).map((one) => ({ ...one, reason: 0x0112 })),
    };
  },
});

const start = async (more: Partial<RegisteredAe>): Promise<DimseListener> => {
  const ae = exampleAe('CT1', more);
  const listener = await startDimseListener({
    host: '127.0.0.1',
    port: 0,
    aeTitle: 'HUREN',
    registry: memoryRegistry(ae),
    receiver: memoryReceiver(),
    beyondStorage: { codec: identifierCodec, ledger: ledgerFor(ae) },
    limits: { stopGraceMs: 500 },
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

const device = async (statuses: readonly number[]) => {
  const started = await reportedDevice(statuses);
  closing.push(() => started.close());
  return started;
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
