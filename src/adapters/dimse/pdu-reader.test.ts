import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { associateRequest, commandPdu, pData, pdv, storeCommand } from '../../../test/contract/dimse-wire.ts';
import { pdu, writeAbort, writeRelease } from './associate.ts';
import { PDU, type PduEvent, PduReader } from './pdu-reader.ts';

/** Events with bytes of their own; pieces of one fragment joined, so that the cuts of the stream do not show. */
const readAll = (chunks: readonly Uint8Array[]): unknown[] => {
  const reader = new PduReader();
  const found: unknown[] = [];
  let piece: { contextId: number; isCommand: boolean; bytes: Buffer } | undefined;
  for (const chunk of chunks)
    for (const event of reader.read(chunk)) {
      if (event.kind !== 'data') {
        found.push('body' in event ? { ...event, body: Buffer.from(event.body).toString('hex') } : event);
        continue;
      }
      const { contextId, isCommand, isLast, bytes } = event;
      piece = { contextId, isCommand, bytes: Buffer.concat([piece?.bytes ?? Buffer.alloc(0), bytes]) };
      if (!isLast) continue;
      found.push({ ...piece, bytes: piece.bytes.toString('hex') });
      piece = undefined;
    }
  return found;
};

const only = (bytes: Uint8Array): PduEvent[] => [...new PduReader().read(bytes)];
const claimed = (type: number, length: number, body: Uint8Array = new Uint8Array(0)): Buffer => {
  const head = Buffer.from([type, 0, 0, 0, 0, 0]);
  head.writeUInt32BE(length, 2);
  return Buffer.concat([head, body]);
};

describe('The byte stream of an association', () => {
  const stream = Buffer.concat([
    associateRequest(),
    commandPdu(3, storeCommand(), true),
    pData(pdv(3, 0, Buffer.from('abc')), pdv(3, 0, Buffer.alloc(0)), pdv(3, 2, Buffer.from('defg'))),
    pData(pdv(3, 2, Buffer.alloc(0))),
    writeRelease(PDU.releaseRequest),
    pdu(PDU.associateReject, Buffer.from([0, 1, 1, 7])),
    writeAbort({ rule: 'pdu-type', reason: 1 }),
  ]);

  it('reads the same however it is cut', () => {
    const whole = readAll([stream]);
    expect(whole).toHaveLength(7);
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat({ max: stream.length }), { maxLength: 40 }), (cuts) => {
        const places = [0, ...cuts.sort((a, b) => a - b), stream.length];
        const chunks = places.slice(1).map((end, at) => stream.subarray(places[at], end));
        expect(readAll(chunks)).toEqual(whole);
      }),
      { numRuns: 300 },
    );
    expect(readAll([...stream].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
  });

  it('hands fragments on as views, without copying', () => {
    const bytes = pData(pdv(3, 2, Buffer.alloc(1000, 7)));
    const [event] = only(bytes);
    expect(event?.kind === 'data' && event.bytes.buffer).toBe(bytes.buffer);
  });

  it('refuses at the header what is longer than it may be, before a byte of it', () => {
    for (const [type, length] of [
      [PDU.associateRequest, 2 ** 31],
      [PDU.associateRequest, 65_537],
      [PDU.associateRequest, 67],
      [PDU.data, 131_079],
      [PDU.data, 5],
      [PDU.data, 0],
      [PDU.releaseRequest, 5],
      [PDU.releaseResponse, 0],
      [PDU.abort, 2 ** 32 - 1],
    ] as const)
      expect(only(claimed(type, length))).toEqual([
        { kind: 'violation', violation: { rule: 'pdu-length', reason: 6 } },
      ]);
    // A sender that counts the header of the PDV apart is let through.
    expect(only(claimed(PDU.data, 131_078))).toEqual([]);
  });

  it('names an unknown type, such as another protocol', () => {
    for (const bytes of [claimed(0x09, 4), claimed(0, 4), Buffer.from('GET / HTTP/1.1\r\n\r\n')])
      expect(only(bytes)).toEqual([{ kind: 'violation', violation: { rule: 'pdu-type', reason: 1 } }]);
  });

  it('refuses a PDV that does not fit its PDU', () => {
    const one = Buffer.from('x');
    for (const bytes of [
      pData(pdv(3, 0, one, 0)),
      pData(pdv(3, 0, one, 1)),
      pData(pdv(3, 0, one, 4)),
      pData(pdv(3, 0, one, 2 ** 32 - 1)),
      // Room behind it, but not for another.
      pData(pdv(3, 0, Buffer.from('abcd'), 3)),
    ])
      expect(only(bytes)).toEqual([{ kind: 'violation', violation: { rule: 'pdv-length', reason: 6 } }]);
  });

  it('reads nothing after a violation', () => {
    const reader = new PduReader();
    expect([...reader.read(claimed(0x09, 4))]).toHaveLength(1);
    expect([...reader.read(associateRequest())]).toEqual([]);
  });

  it('counts only PDUs that came whole', () => {
    const reader = new PduReader();
    const bytes = Buffer.concat([commandPdu(3, storeCommand()), pData(pdv(3, 0, Buffer.from('abcdef')))]);
    const count = [...reader.read(bytes.subarray(0, bytes.length - 1))].length;
    expect([count, reader.pdusRead]).toEqual([2, 1]);
    expect([...reader.read(bytes.subarray(bytes.length - 1))]).toHaveLength(1);
    expect(reader.pdusRead).toBe(2);
  });
});
