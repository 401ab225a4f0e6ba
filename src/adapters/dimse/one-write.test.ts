import { Socket } from 'node:net';
import { expect, it, vi } from 'vitest';
import { exampleAe, memoryReceiver, memoryRegistry } from '../../../test/contract/dimse-memory.ts';
import { CT } from '../../../test/contract/dimse-wire.ts';
import { startDimseListener } from './listener.ts';
import { openAssociation } from './requestor.ts';
import { TRANSFER_SYNTAX } from './syntaxes.ts';

it('Every PDU goes out in one write and at once, on both sides: halves wait 40 ms for the other to acknowledge', async () => {
  const written: Uint8Array[] = [];
  // oxlint-disable-next-line typescript/unbound-method -- called on the socket it was taken for
  const { write } = Socket.prototype;
  // Whatever else of this process writes, such as its output, is let through uncounted.
  const writing = vi.spyOn(Socket.prototype, 'write').mockImplementation(function (
    this: Socket,
    ...args: Parameters<typeof write>
  ) {
    if (this.remotePort !== undefined) written.push(args[0] as Uint8Array);
    return write.apply(this, args);
  } as typeof write);
  const noDelay = vi.spyOn(Socket.prototype, 'setNoDelay');
  const delays: unknown[] = noDelay.mock.calls;
  try {
    const listener = await startDimseListener({
      host: '127.0.0.1',
      port: 0,
      aeTitle: 'HUREN',
      registry: memoryRegistry(exampleAe('CT1')),
      receiver: memoryReceiver(),
    });
    const association = await openAssociation({
      host: '127.0.0.1',
      port: listener.port,
      tls: false,
      calledAeTitle: 'HUREN',
      callingAeTitle: 'CT1',
      proposals: [{ abstractSyntax: CT, transferSyntaxes: [TRANSFER_SYNTAX.explicitLittleEndian] }],
    });
    const transferSyntaxUid = TRANSFER_SYNTAX.explicitLittleEndian;
    const of = { sopClassUid: CT, sopInstanceUid: '1.2.3', transferSyntaxUid };
    expect(await association.store(of, Buffer.alloc(300_000))).toEqual({ status: 0 });
    await association.release();
    await listener.close();
  } finally {
    writing.mockRestore();
    noDelay.mockRestore();
  }
  const pduBytes = written.map((bytes) => 6 + Buffer.from(bytes).readUInt32BE(2));
  expect(written.map(({ length }) => length)).toEqual(pduBytes);
  // Request, acceptance, command, three of data at least, response, release and its answer.
  expect(written.length).toBeGreaterThanOrEqual(9);
  expect(delays).toEqual([[true], [true]]);
});
