import { PDU } from './pdu-reader.ts';

const PDU_HEADER_BYTES = 6;
const PDV_HEADER_BYTES = 6;
const HEADERS_BYTES = PDU_HEADER_BYTES + PDV_HEADER_BYTES;
/** Our own bound where the peer has none, or a larger one: buffers of this size are made by the dozen. */
const MAX_SENT_PDU_LENGTH = 128 * 1024;
const COMMAND = 0x01;
const LAST = 0x02;

/** How many bytes of a message fit into one PDU of this peer. */
const capacityOf = (peerMaxPduLength: number): number => {
  const length =
    peerMaxPduLength === 0 ? MAX_SENT_PDU_LENGTH : Math.min(peerMaxPduLength, MAX_SENT_PDU_LENGTH);
  // Fragments have even length (PS3.8 annex E.1), the last one by the data set's own.
  return (length - PDV_HEADER_BYTES) & ~1;
};

const writeHeaders = (into: Buffer, contextId: number, control: number, length: number): void => {
  into[0] = PDU.data;
  into[1] = 0;
  into.writeUInt32BE(length + PDV_HEADER_BYTES, 2);
  into.writeUInt32BE(length + 2, PDU_HEADER_BYTES);
  into[PDU_HEADER_BYTES + 4] = contextId;
  into[PDU_HEADER_BYTES + 5] = control;
};

/** A command set, or a data set that is in memory, as P-DATA PDUs with one fragment each. */
export const fragmentsOfBytes = function* (
  contextId: number,
  bytes: Uint8Array,
  isCommand: boolean,
  peerMaxPduLength: number,
): Generator<Buffer, void, void> {
  const capacity = capacityOf(peerMaxPduLength);
  let at = 0;
  do {
    const part = bytes.subarray(at, at + capacity);
    at += capacity;
    const pdu = Buffer.allocUnsafe(HEADERS_BYTES + part.length);
    writeHeaders(pdu, contextId, (isCommand ? COMMAND : 0) | (at >= bytes.length ? LAST : 0), part.length);
    pdu.set(part, HEADERS_BYTES);
    yield pdu;
  } while (at < bytes.length);
};

/** A data set as P-DATA PDUs of the largest size that the peer takes, whatever the sizes of the pieces it comes in. */
export const fragmentsOf = async function* (
  contextId: number,
  dataSet: AsyncIterable<Uint8Array>,
  peerMaxPduLength: number,
): AsyncGenerator<Buffer, void, void> {
  const capacity = capacityOf(peerMaxPduLength);
  let pdu = Buffer.allocUnsafe(HEADERS_BYTES + capacity);
  let filled = 0;
  for await (const piece of dataSet)
    for (let at = 0; at < piece.length; ) {
      // Only when more follows is it known that the full one is not the last.
      if (filled === capacity) {
        writeHeaders(pdu, contextId, 0, filled);
        yield pdu;
        pdu = Buffer.allocUnsafe(HEADERS_BYTES + capacity);
        filled = 0;
      }
      const taken = Math.min(capacity - filled, piece.length - at);
      pdu.set(piece.subarray(at, at + taken), HEADERS_BYTES + filled);
      filled += taken;
      at += taken;
    }
  writeHeaders(pdu, contextId, LAST, filled);
  yield pdu.subarray(0, HEADERS_BYTES + filled);
};
