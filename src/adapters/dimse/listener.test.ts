import { createHash } from 'node:crypto';
import { connect, createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { exampleAe, memoryReceiver, memoryRegistry } from '../../../test/contract/dimse-memory.ts';
import {
  associatedPeer,
  associateRequest,
  commandPdu,
  pData,
  pdv,
  storeCommand,
  type WirePeer,
  wirePeer,
} from '../../../test/contract/dimse-wire.ts';
import { selfSigned } from '../../../test/contract/hl7v2-self-signed.ts';
import { Fault } from '../../kernel/fault.ts';
import { pdu, writeRelease } from './associate.ts';
import { readCommandSet, writeCommandSet } from './command-set.ts';
import {
  type DimseEvent,
  type DimseListener,
  type DimseListenerOptions,
  startDimseListener,
} from './listener.ts';
import { PDU } from './pdu-reader.ts';

const running: DimseListener[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((listener) => listener.close()));
});

const start = async (more: Partial<DimseListenerOptions> = {}) => {
  const receiver = memoryReceiver();
  const events: DimseEvent[] = [];
  const listener = await startDimseListener({
    host: '127.0.0.1',
    port: 0,
    aeTitle: 'HUREN',
    registry: memoryRegistry(exampleAe('CT1'), exampleAe('CT2')),
    receiver,
    ...more,
    onEvent: (event) => void events.push(event),
    limits: { closeGraceMs: 500, stopGraceMs: 500, ...more.limits },
  });
  running.push(listener);
  return { port: listener.port, listener, receiver, events };
};

/** Waits for what the listener will do by itself. */
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
};

const statusOf = async (peer: WirePeer): Promise<number | undefined> => {
  const answer = await peer.next();
  if (answer?.kind !== 'data') throw new Error(`no response: ${answer?.kind ?? 'closed'}`);
  const command = readCommandSet(answer.bytes);
  return command.ok ? command.value.status : undefined;
};

const store = (bytes: Uint8Array, more = {}): Buffer =>
  Buffer.concat([commandPdu(3, storeCommand(more), true), pData(pdv(3, 2, bytes))]);
const ABORT = (reason: number) => [{ kind: 'abort', source: 2, reason }];

describe('A DICOM listener', () => {
  it('without TLS refuses any address but loopback, unless told otherwise', async () => {
    await expect(start({ host: '0.0.0.0' })).rejects.toMatchObject({ code: 'DIMSE_PLAIN_NOT_LOOPBACK' });
    await expect(start({ host: '0.0.0.0', allowsPlain: true })).resolves.toBeDefined();
  });

  it('on a port in use names the port and the variable', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => resolve((taken.address() as { port: number }).port));
    });
    await expect(start({ port })).rejects.toMatchObject({
      code: 'DIMSE_PORT_IN_USE',
      detail: `127.0.0.1:${port}, HUREN_DIMSE_PORT`,
    });
    await new Promise((resolve) => taken.close(resolve));
  });

  it('echoes, stores byte for byte, and releases', async () => {
    const { port, receiver, events } = await start();
    const peer = await associatedPeer(port);
    peer.send(commandPdu(1, { commandField: 0x30, messageId: 1, affectedSopClassUid: '1.2.840.10008.1.1' }));
    expect(await statusOf(peer)).toBe(0);
    const dataSet = Buffer.from(Array.from({ length: 70_000 }, (_, at) => at % 251));
    peer.send(
      commandPdu(3, storeCommand(), true),
      pData(pdv(3, 0, dataSet.subarray(0, 10)), pdv(3, 0, dataSet.subarray(10, 60_000))),
      pData(pdv(3, 0, dataSet.subarray(60_000))),
      pData(pdv(3, 2, Buffer.alloc(0))),
    );
    expect(await statusOf(peer)).toBe(0);
    expect(receiver.received).toMatchObject([
      {
        of: {
          institution: 'H-TEST',
          callingAeTitle: 'CT1',
          calledAeTitle: 'HUREN',
          remoteAddress: '127.0.0.1',
          sopInstanceUid: '1.2.3.4',
          transferSyntaxUid: '1.2.840.10008.1.2.1',
        },
        bytes: dataSet.length,
        sha256: createHash('sha256').update(dataSet).digest('hex'),
      },
    ]);
    peer.send(writeRelease(PDU.releaseRequest));
    expect(await peer.rest()).toEqual([{ kind: 'release-response' }]);
    expect(events.map(({ kind }) => kind)).toEqual(['accepted', 'stored', 'ended']);
  });

  it('answers requests that come all at once in their order', async () => {
    const { port, receiver } = await start();
    const peer = await associatedPeer(port);
    const ids = Array.from({ length: 20 }, (_, at) => `1.2.${at}`);
    peer.send(...ids.map((uid) => store(Buffer.from(uid), { affectedSopInstanceUid: uid })));
    for (const _ of ids) expect(await statusOf(peer)).toBe(0);
    expect(receiver.received.map(({ of }) => of.sopInstanceUid)).toEqual(ids);
    peer.close();
  });
});

describe('Who may associate', () => {
  const rejected = async (port: number, request: Uint8Array) => {
    const peer = await wirePeer(port);
    peer.send(request);
    return peer.rest();
  };
  const rejection = (result: number, source: number, reason: number) => [
    { kind: 'associate-reject', result, source, reason },
  ];

  it('is told why not', async () => {
    const { port } = await start();
    expect(await rejected(port, associateRequest({ calling: 'STRANGER' }))).toEqual(rejection(1, 1, 3));
    expect(await rejected(port, associateRequest({ called: 'OTHER' }))).toEqual(rejection(1, 1, 7));
    const version = associateRequest();
    version[7] = 2;
    expect(await rejected(port, version)).toEqual(rejection(1, 2, 2));
    const context = associateRequest();
    context[context.indexOf('1.2.840.10008.3.1.1.1') + 20] = 0x32;
    expect(await rejected(port, context)).toEqual(rejection(1, 1, 2));
  });

  it('waits when the registry cannot be asked', async () => {
    const registry = {
      find: () => Promise.reject(new Error('down')),
      destination: () => Promise.reject(new Error('down')),
    };
    const { port, events } = await start({ registry });
    expect(await rejected(port, associateRequest())).toEqual(rejection(2, 3, 1));
    expect(events[0]).toMatchObject({ kind: 'failed' });
  });

  it('is bounded per entity and altogether, and room is given back', async () => {
    const { port, listener } = await start({ limits: { maxAssociationsPerAe: 2, maxAssociations: 3 } });
    const first = await associatedPeer(port);
    const peers = [await associatedPeer(port), await associatedPeer(port, { calling: 'CT2' })];
    expect(await rejected(port, associateRequest({ calling: 'CT2' }))).toEqual(rejection(2, 3, 2));
    first.close();
    await until(() => listener.associationCount() === 2);
    peers.push(await associatedPeer(port, { calling: 'CT2' }));
    for (const peer of peers) peer.close();
  });

  it('counts, with 200 at once, exactly as many as there is room for', async () => {
    const { port, listener } = await start({ limits: { maxAssociationsPerAe: 200 } });
    const answers = await Promise.all(
      Array.from({ length: 200 }, async () => {
        const peer = await wirePeer(port);
        peer.send(associateRequest());
        return { peer, answer: await peer.next() };
      }),
    );
    const kinds = answers.map(({ answer }) => answer?.kind);
    expect(kinds.filter((kind) => kind === 'associate-accept')).toHaveLength(64);
    expect(kinds.filter((kind) => kind === 'associate-reject')).toHaveLength(136);
    expect(listener.associationCount()).toBe(64);
    for (const { peer } of answers) peer.close();
  });

  it('is heard only for what its institution registered it for', async () => {
    const { port } = await start({
      registry: memoryRegistry(exampleAe('CT1', { services: new Set(['find']) })),
    });
    const peer = await wirePeer(port);
    peer.send(associateRequest());
    const answer = await peer.next();
    // Context 1 (verification) is accepted; context 3 (storage) is not for this user.
    const body = answer?.kind === 'associate-accept' ? Buffer.from(answer.body) : Buffer.alloc(0);
    expect(body.includes(Buffer.from([0x21, 0, 0, 25, 1, 0, 0, 0]))).toBe(true);
    expect(body.includes(Buffer.from([0x21, 0, 0, 27, 3, 0, 1, 0]))).toBe(true);
    peer.send(store(Buffer.from('x')));
    expect(await peer.rest()).toEqual(ABORT(6));
  });
});

describe('A peer that breaks the protocol', () => {
  it.each([
    ['speaks another one', Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'), 1],
    ['sends an unknown PDU', pdu(0x09, Buffer.alloc(4)), 1],
    ['claims 2 GB of A-ASSOCIATE', Buffer.from([1, 0, 0x7f, 0xff, 0xff, 0xff, 0, 1]), 6],
    ['sends data before it associates', commandPdu(1, storeCommand()), 2],
    ['releases what it never opened', writeRelease(PDU.releaseRequest), 2],
    [
      'proposes a context with an even id',
      associateRequest({ contexts: [{ id: 2, abstractSyntax: '1.2', transferSyntaxes: ['1.2'] }] }),
      6,
    ],
    ['proposes no context', associateRequest({ contexts: [] }), 6],
  ])('before the association and %s is aborted', async (_, bytes, reason) => {
    const { port } = await start();
    const peer = await wirePeer(port);
    peer.send(bytes);
    expect(await peer.rest()).toEqual(ABORT(reason));
  });

  const command = writeCommandSet(storeCommand(), true);
  it.each([
    ['associates twice', associateRequest(), 2],
    ['sends more than was offered', pdu(PDU.data, pdv(3, 0, Buffer.alloc(131_073 + 6))), 6],
    ['sends a PDV of length 0', pData(pdv(3, 3, command, 0)), 6],
    ['sends a PDV of length 1', pData(pdv(3, 3, command, 1)), 6],
    ['sends a PDV longer than its PDU', pData(pdv(3, 3, command, command.length + 3)), 6],
    ['sends a data set without command', pData(pdv(3, 2, Buffer.from('x'))), 2],
    [
      'sends a command where the data set is due',
      Buffer.concat([commandPdu(3, storeCommand(), true), commandPdu(3, storeCommand())]),
      2,
    ],
    [
      'mixes two contexts',
      Buffer.concat([commandPdu(3, storeCommand(), true), pData(pdv(1, 2, Buffer.from('x')))]),
      6,
    ],
    ['names an unknown context', commandPdu(5, storeCommand()), 6],
    [
      'sends a command set without end',
      Buffer.concat(Array.from({ length: 40 }, () => pData(pdv(3, 1, Buffer.alloc(2000))))),
      6,
    ],
    ['sends a command set with an odd length', pData(pdv(3, 3, command.subarray(0, command.length - 1))), 6],
    ['sends a command without message id', commandPdu(1, { commandField: 0x30 }), 6],
    [
      'answers what nobody asked',
      commandPdu(3, { commandField: 0x8001, messageIdRespondedTo: 1, status: 0 }),
      6,
    ],
  ])('and %s is aborted, and its neighbour served', async (_, bytes, reason) => {
    const { port, receiver } = await start();
    const neighbour = await associatedPeer(port, { calling: 'CT2' });
    const peer = await associatedPeer(port);
    peer.send(bytes);
    expect(await peer.rest()).toEqual(ABORT(reason));
    neighbour.send(store(Buffer.from('ok')));
    expect(await statusOf(neighbour)).toBe(0);
    expect([receiver.received.length, receiver.open()]).toEqual([1, 0]);
    neighbour.close();
  });

  it('and leaves in the middle of an instance leaves nothing of it', async () => {
    const { port, receiver } = await start();
    for (const leave of [
      (peer: WirePeer) => peer.socket.end(),
      (peer: WirePeer) => peer.socket.resetAndDestroy(),
    ]) {
      const peer = await associatedPeer(port);
      peer.send(commandPdu(3, storeCommand(), true), pData(pdv(3, 0, Buffer.from('half'))));
      await until(() => receiver.open() === 1);
      leave(peer);
      await until(() => receiver.open() === 0);
    }
    expect([receiver.aborted(), receiver.received.length]).toEqual([2, 0]);
  });

  it('and sends an instance without end is aborted at the bound', async () => {
    const { port, receiver, events } = await start({ limits: { maxObjectBytes: 10_000 } });
    const peer = await associatedPeer(port);
    peer.send(
      commandPdu(3, storeCommand(), true),
      ...Array.from({ length: 6 }, () => pData(pdv(3, 0, Buffer.alloc(2000)))),
    );
    expect(await peer.rest()).toEqual(ABORT(6));
    expect([receiver.aborted(), receiver.received.length]).toEqual([1, 0]);
    expect(events.at(-1)).toMatchObject({ ending: { violation: { rule: 'object-size' } } });
  });
});

describe('A peer that takes its time', () => {
  it('to associate is aborted, however steadily it sends', async () => {
    const { port, events } = await start({ limits: { associateTimeoutMs: 120 } });
    const peer = await wirePeer(port);
    const bytes = associateRequest();
    let at = 0;
    const dripping = setInterval(() => peer.send(bytes.subarray(at, ++at)), 10);
    expect(await peer.rest()).toEqual(ABORT(0));
    clearInterval(dripping);
    expect(events.at(-1)).toMatchObject({
      peer: { callingAeTitle: '', remoteAddress: '127.0.0.1' },
      ending: { violation: { rule: 'association-timeout' } },
    });
  });

  it('within an association is aborted, silent or dripping, and its half instance dropped', async () => {
    const { port, receiver, events } = await start({ limits: { idleTimeoutMs: 120 } });
    const silent = await associatedPeer(port);
    expect(await silent.rest()).toEqual(ABORT(0));
    const peer = await associatedPeer(port);
    peer.send(commandPdu(3, storeCommand(), true));
    const bytes = pData(pdv(3, 2, Buffer.alloc(5000)));
    let at = 0;
    const dripping = setInterval(() => peer.send(bytes.subarray(at, ++at)), 10);
    expect(await peer.rest()).toEqual(ABORT(0));
    clearInterval(dripping);
    expect(events.at(-1)).toMatchObject({ ending: { violation: { rule: 'idle-timeout' } } });
    expect([receiver.aborted(), receiver.open()]).toEqual([1, 0]);
  });

  it('is not hurried while the receiver takes its own', async () => {
    const receiver = memoryReceiver({
      outcome: () => new Promise((resolve) => setTimeout(() => resolve({ status: 0 }), 400)),
    });
    const { port } = await start({ receiver, limits: { idleTimeoutMs: 120 } });
    const peer = await associatedPeer(port);
    peer.send(store(Buffer.from('x')));
    expect(await statusOf(peer)).toBe(0);
    peer.close();
  });

  it('and sends faster than the receiver writes is held back', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const receiver = memoryReceiver({ write: () => gate });
    const { port } = await start({ receiver });
    const peer = await associatedPeer(port);
    peer.send(commandPdu(3, storeCommand(), true));
    const piece = pData(pdv(3, 0, Buffer.alloc(100_000)));
    for (let sent = 0; sent < 200; sent++) peer.send(piece);
    // 20 MB are offered; what the sockets do not hold stays with the sender.
    let before = -1;
    while (peer.socket.writableLength !== before) {
      before = peer.socket.writableLength;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(before).toBeGreaterThan(1_000_000);
    release();
    peer.send(pData(pdv(3, 2, Buffer.alloc(0))));
    expect(await statusOf(peer)).toBe(0);
    expect(receiver.received[0]?.bytes).toBe(20_000_000);
    peer.close();
  });
});

describe('A C-STORE that fails', () => {
  const fault = (status: number) => new Fault('OBJECT_STORE_FULL', { status, zh: '满', en: 'full' });

  it.each([
    ['its UID is not one', { affectedSopInstanceUid: '../../etc/passwd' }, 0xa900],
    ['its UID is too long', { affectedSopInstanceUid: `1.${'2'.repeat(64)}` }, 0xa900],
    ['its class is not that of the context', { affectedSopClassUid: '1.2.840.10008.5.1.4.1.1.4' }, 0x0122],
  ])('because %s is answered, and the next one understood', async (_, more, status) => {
    const { port, receiver } = await start();
    const peer = await associatedPeer(port);
    peer.send(store(Buffer.alloc(3000), more), store(Buffer.from('next')));
    expect(await statusOf(peer)).toBe(status);
    expect(await statusOf(peer)).toBe(0);
    expect(receiver.received).toHaveLength(1);
    peer.close();
  });

  it.each([
    ['begins', { begin: () => Promise.reject(fault(503)) }, 0xa700],
    ['is written', { write: () => Promise.reject(fault(503)) }, 0xa700],
    ['is finished', { outcome: () => Promise.reject(fault(503)) }, 0xa700],
    ['is understood', { outcome: () => Promise.reject(fault(400)) }, 0xc000],
    ['meets a bug', { outcome: () => Promise.reject(new Error('bug')) }, 0x0110],
    ['is refused', { outcome: async () => ({ status: 0xa900, comment: 'other UID' }) }, 0xa900],
  ])('when it %s is answered with what that is', async (_, behaviour, status) => {
    const receiver = memoryReceiver(behaviour);
    const { port } = await start({ receiver });
    const peer = await associatedPeer(port);
    peer.send(store(Buffer.alloc(3000)));
    expect(await statusOf(peer)).toBe(status);
    peer.send(commandPdu(1, { commandField: 0x30, messageId: 9 }));
    expect(await statusOf(peer)).toBe(0);
    expect(receiver.open()).toBe(0);
    peer.close();
  });

  it('for want of a service is answered by the operation', async () => {
    const { port } = await start();
    const peer = await associatedPeer(port);
    peer.send(commandPdu(1, storeCommand(), true), pData(pdv(1, 2, Buffer.from('x'))));
    expect(await statusOf(peer)).toBe(0x0122);
    peer.send(commandPdu(1, { commandField: 0x0777, messageId: 2 }));
    expect(await statusOf(peer)).toBe(0x0211);
    peer.close();
  });
});

describe('A listener that closes', () => {
  it('does not wait for a connection that never gets as far as TLS', async () => {
    const limits = { associateTimeoutMs: 86_400_000 };
    const { key, cert } = selfSigned('huren.test', 'localhost');
    const secure = await startDimseListener({
      host: '127.0.0.1',
      port: 0,
      aeTitle: 'HUREN',
      tls: { key, cert },
      registry: memoryRegistry(),
      receiver: memoryReceiver(),
      limits,
    });
    const silent = connect({ host: '127.0.0.1', port: secure.port });
    const ended = new Promise((resolve) => silent.once('close', resolve));
    silent.on('error', () => undefined);
    await new Promise((resolve) => silent.once('connect', resolve));
    await secure.close();
    await ended;
    expect(silent.destroyed).toBe(true);
  });

  it('finishes and answers what is in hand, and ends the idle', async () => {
    let release: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => {
      release = resolve;
    });
    const receiver = memoryReceiver({ outcome: () => gate.then(() => ({ status: 0 })) });
    const { port, listener } = await start({ receiver, limits: { stopGraceMs: 10_000 } });
    const idle = await associatedPeer(port);
    const busy = await associatedPeer(port);
    busy.send(commandPdu(3, storeCommand(), true), pData(pdv(3, 0, Buffer.from('first'))));
    await until(() => receiver.open() === 1);
    const closed = listener.close();
    expect(await idle.rest()).toEqual([{ kind: 'abort', source: 0, reason: 0 }]);
    busy.send(pData(pdv(3, 2, Buffer.from('second'))));
    release();
    expect(await statusOf(busy)).toBe(0);
    expect(await busy.rest()).toEqual([{ kind: 'abort', source: 0, reason: 0 }]);
    await closed;
    expect(receiver.received).toHaveLength(1);
    await expect(wirePeer(port)).rejects.toThrow('ECONNREFUSED');
  });
});
