import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { exampleAe, memoryReceiver, memoryRegistry } from '../../../test/contract/dimse-memory.ts';
import { CT } from '../../../test/contract/dimse-wire.ts';
import { writeAbort, writeAssociateAccept } from './associate.ts';
import { type DimseListener, type DimseListenerOptions, startDimseListener } from './listener.ts';
import { PduReader } from './pdu-reader.ts';
import { openAssociation, type RequestorOptions } from './requestor.ts';
import { SOP_CLASS, TRANSFER_SYNTAX } from './syntaxes.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

const listener = async (more: Partial<DimseListenerOptions> = {}): Promise<DimseListener> => {
  const started = await startDimseListener({
    host: '127.0.0.1',
    port: 0,
    aeTitle: 'HUREN',
    registry: memoryRegistry(exampleAe('HIS')),
    receiver: memoryReceiver(),
    ...more,
  });
  closing.push(() => started.close());
  return started;
};

/** A peer that answers with these bytes to whatever it is sent, and keeps what it got. */
const parrot = async (
  answer: (socket: Socket, sent: Buffer) => void,
): Promise<{ port: number; server: Server }> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => answer(socket, bytes));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as { port: number }).port, server };
};

const options = (port: number, more: Partial<RequestorOptions> = {}): RequestorOptions => ({
  host: '127.0.0.1',
  port,
  tls: false,
  calledAeTitle: 'HUREN',
  callingAeTitle: 'HIS',
  proposals: [
    { abstractSyntax: SOP_CLASS.verification, transferSyntaxes: [TRANSFER_SYNTAX.implicitLittleEndian] },
    { abstractSyntax: CT, transferSyntaxes: [TRANSFER_SYNTAX.explicitLittleEndian] },
  ],
  ...more,
});

const instance = {
  sopClassUid: CT,
  sopInstanceUid: '1.2.3',
  transferSyntaxUid: TRANSFER_SYNTAX.explicitLittleEndian,
};
const pieces = async function* (count: number, size: number): AsyncGenerator<Uint8Array> {
  for (let made = 0; made < count; made++) yield Buffer.alloc(size, made);
};

describe('An association that we open', () => {
  it('echoes, streams instances, and is released', async () => {
    const receiver = memoryReceiver();
    const { port, associationCount } = await listener({ receiver });
    const association = await openAssociation(options(port));
    expect(await association.echo()).toBe(0);
    expect(await association.store(instance, pieces(50, 7777))).toEqual({ status: 0 });
    expect(await association.store(instance, Buffer.from('short'))).toEqual({ status: 0 });
    expect(await association.store(instance, pieces(0, 0))).toEqual({ status: 0 });
    expect(receiver.received.map(({ bytes }) => bytes)).toEqual([50 * 7777, 5, 0]);
    await association.release();
    expect(associationCount()).toBe(0);
  });

  it('never exceeds what the other side takes', async () => {
    const sent: Buffer[] = [];
    const accept = writeAssociateAccept(
      { calledAeTitle: 'HUREN', callingAeTitle: 'HIS', wantsAsynchronous: false },
      {
        contexts: [{ id: 3, result: 0, transferSyntax: TRANSFER_SYNTAX.explicitLittleEndian }],
        roles: [],
        maxPduLength: 1000,
      },
    );
    const { port } = await parrot((socket, bytes) => {
      sent.push(bytes);
      if (sent.length === 1) socket.write(accept);
      if (sent.reduce((sum, { length }) => sum + length, 0) > 20_500) socket.write(writeAbort('user'));
    });
    const association = await openAssociation(options(port));
    await expect(association.store(instance, pieces(3, 7001))).rejects.toMatchObject({
      code: 'DIMSE_ASSOCIATION_LOST',
    });
    const strict = new PduReader({ maxAssociateBytes: 65_536, maxPduLength: 1000 - 6 });
    const events = [...strict.read(Buffer.concat(sent))];
    expect(events.filter(({ kind }) => kind === 'violation')).toEqual([]);
    const dataBytes = events.reduce((sum, event) => {
      const isDataSet = event.kind === 'data' && !event.isCommand;
      return isDataSet ? sum + event.bytes.length : sum;
    }, 0);
    expect(dataBytes).toBe(3 * 7001);
  });

  it('does not send what was not agreed', async () => {
    const { port } = await listener({
      registry: memoryRegistry(exampleAe('HIS', { services: new Set() })),
    });
    const association = await openAssociation(options(port));
    expect(association.contextOf(CT)).toBeUndefined();
    expect(await association.store(instance, Buffer.from('x'))).toEqual({ status: 0x0122 });
    expect(await association.echo()).toBe(0);
    await association.release();
  });

  it('gives up an instance that cannot be read to its end, and with it the association', async () => {
    const receiver = memoryReceiver();
    const { port } = await listener({ receiver });
    const association = await openAssociation(options(port));
    const broken = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.alloc(500_000);
      await Promise.resolve();
      throw new Error('object missing');
    };
    await expect(association.store(instance, broken())).rejects.toThrow('object missing');
    await expect(association.echo()).rejects.toMatchObject({ code: 'DIMSE_ASSOCIATION_LOST' });
    while (receiver.aborted() === 0) await new Promise((resolve) => setTimeout(resolve, 2));
    expect([receiver.open(), receiver.received.length]).toEqual([0, 0]);
  });
});

describe('An association that does not come about', () => {
  it('says why', async () => {
    const { port } = await listener();
    await expect(openAssociation(options(port, { callingAeTitle: 'NOBODY' }))).rejects.toMatchObject({
      code: 'DIMSE_ASSOCIATION_REJECTED',
      detail: '1/1/3',
    });
    await expect(openAssociation(options(1))).rejects.toMatchObject({ code: 'DIMSE_UNREACHABLE' });
    const silent = await parrot(() => undefined);
    await expect(
      openAssociation(options(silent.port, { limits: { associateTimeoutMs: 100 } })),
    ).rejects.toMatchObject({ code: 'DIMSE_ASSOCIATION_LOST', detail: 'association-timeout' });
    const other = await parrot((socket) => void socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    await expect(openAssociation(options(other.port))).rejects.toMatchObject({ detail: 'pdu-type' });
    const closer = await parrot((socket) => void socket.end());
    await expect(openAssociation(options(closer.port))).rejects.toMatchObject({ detail: 'connection-lost' });
  });

  it('stays lost when the other side stops answering', async () => {
    const receiver = memoryReceiver({ outcome: () => new Promise(() => undefined) });
    const { port } = await listener({ receiver, limits: { stopGraceMs: 50 } });
    const association = await openAssociation(options(port, { limits: { idleTimeoutMs: 100 } }));
    await expect(association.store(instance, Buffer.from('x'))).rejects.toMatchObject({
      code: 'DIMSE_ASSOCIATION_LOST',
    });
  });
});
