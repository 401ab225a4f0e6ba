import { ABORT_REASON, type Violation, violation } from './violation.ts';

/** Types of protocol data units (PS3.8 §9.3.1). */
export const PDU = {
  associateRequest: 0x01,
  associateAccept: 0x02,
  associateReject: 0x03,
  data: 0x04,
  releaseRequest: 0x05,
  releaseResponse: 0x06,
  abort: 0x07,
} as const;

/** Bounds of what a peer may send. */
export interface PduLimits {
  /** Longest A-ASSOCIATE-RQ or -AC, bytes after the header. */
  readonly maxAssociateBytes: number;
  /** Length that we offer in item 0x51. A sender that counts the header of a PDV apart is 6 bytes longer. */
  readonly maxPduLength: number;
}

/** 64 kB hold 128 contexts with every syntax; 128 kB a PDU is what large senders ask for. */
export const DEFAULT_PDU_LIMITS: PduLimits = { maxAssociateBytes: 64 * 1024, maxPduLength: 128 * 1024 };

/** What arrived. Bytes are views into the chunk that was read: valid until the next call. */
export type PduEvent =
  | { readonly kind: 'associate-request' | 'associate-accept'; readonly body: Uint8Array }
  | {
      readonly kind: 'associate-reject';
      readonly result: number;
      readonly source: number;
      readonly reason: number;
    }
  | { readonly kind: 'release-request' | 'release-response' }
  | { readonly kind: 'abort'; readonly source: number; readonly reason: number }
  | {
      readonly kind: 'data';
      readonly contextId: number;
      readonly isCommand: boolean;
      /** Whether the fragment, and with it the command set or data set, ends behind these bytes. */
      readonly isLast: boolean;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: 'violation'; readonly violation: Violation };

const HEADER_BYTES = 6;
/** PDV header: length (4), context id, message control header. */
const PDV_HEADER_BYTES = 6;
const CONTROL_COMMAND = 0x01;
const CONTROL_LAST = 0x02;
/** Fixed fields of A-ASSOCIATE-RQ and -AC in front of the items. */
export const ASSOCIATE_FIXED_BYTES = 68;

/**
 * The byte stream of one association (PS3.8 §9.3), cut into events. Nothing is collected but headers and A-ASSOCIATE
 * bodies: the fragments of P-DATA are handed on as they lie in the chunk, so that memory does not depend on what the
 * peer claims. The first violation ends it: nothing is read after it.
 */
export class PduReader {
  readonly #limits: PduLimits;
  /** Bytes of a header that arrived in several chunks. */
  readonly #head = Buffer.alloc(HEADER_BYTES);
  #headBytes = 0;
  #stage: 'header' | 'body' | 'pdv-header' | 'pdv' | 'broken' = 'header';
  #type = 0;
  #body: Buffer = Buffer.alloc(0);
  #bodyBytes = 0;
  /** Bytes of the P-DATA that are not read yet, behind the current PDV. */
  #pduRest = 0;
  #pdvRest = 0;
  #contextId = 0;
  #control = 0;
  #pdusRead = 0;

  constructor(limits: PduLimits = DEFAULT_PDU_LIMITS) {
    this.#limits = limits;
  }

  /** How many PDUs came whole: a peer that sends bytes and never ends a PDU makes no progress. */
  get pdusRead(): number {
    return this.#pdusRead;
  }

  /** Reads a chunk. The events must be taken before the next chunk; leaving early is allowed when all is over. */
  *read(chunk: Uint8Array): Generator<PduEvent, void, void> {
    let at = 0;
    while (at < chunk.length) {
      let found: PduEvent | undefined;
      if (this.#stage === 'header' || this.#stage === 'pdv-header') {
        const taken = Math.min(HEADER_BYTES - this.#headBytes, chunk.length - at);
        this.#head.set(chunk.subarray(at, at + taken), this.#headBytes);
        this.#headBytes += taken;
        at += taken;
        if (this.#headBytes < HEADER_BYTES) return;
        this.#headBytes = 0;
        found = this.#stage === 'header' ? this.#beginPdu() : this.#beginPdv();
      } else if (this.#stage === 'body') {
        const taken = Math.min(this.#body.length - this.#bodyBytes, chunk.length - at);
        this.#body.set(chunk.subarray(at, at + taken), this.#bodyBytes);
        this.#bodyBytes += taken;
        at += taken;
        if (this.#bodyBytes === this.#body.length) found = this.#endBody();
      } else if (this.#stage === 'pdv') {
        const taken = Math.min(this.#pdvRest, chunk.length - at);
        const bytes = chunk.subarray(at, at + taken);
        at += taken;
        this.#pdvRest -= taken;
        found = this.#piece(bytes);
      } else return;
      if (found) yield found;
    }
  }

  #broken(rule: Violation['rule'], reason: Violation['reason'] = ABORT_REASON.invalidParameter): PduEvent {
    this.#stage = 'broken';
    return { kind: 'violation', violation: violation(rule, reason) };
  }

  #beginPdu(): PduEvent | undefined {
    const type = this.#head[0] as number;
    const length = this.#head.readUInt32BE(2);
    this.#type = type;
    switch (type) {
      case PDU.data:
        if (length < PDV_HEADER_BYTES || length > this.#limits.maxPduLength + PDV_HEADER_BYTES)
          return this.#broken('pdu-length');
        this.#pduRest = length;
        this.#stage = 'pdv-header';
        return undefined;
      case PDU.associateRequest:
      case PDU.associateAccept:
        if (length < ASSOCIATE_FIXED_BYTES || length > this.#limits.maxAssociateBytes)
          return this.#broken('pdu-length');
        break;
      case PDU.associateReject:
      case PDU.releaseRequest:
      case PDU.releaseResponse:
      case PDU.abort:
        if (length !== 4) return this.#broken('pdu-length');
        break;
      default:
        return this.#broken('pdu-type', ABORT_REASON.unrecognizedPdu);
    }
    this.#body = Buffer.allocUnsafeSlow(length);
    this.#bodyBytes = 0;
    this.#stage = 'body';
    return undefined;
  }

  #endBody(): PduEvent {
    const body = this.#body;
    this.#body = Buffer.alloc(0);
    this.#stage = 'header';
    this.#pdusRead++;
    const [, first = 0, second = 0, third = 0] = body;
    switch (this.#type) {
      case PDU.associateRequest:
        return { kind: 'associate-request', body };
      case PDU.associateAccept:
        return { kind: 'associate-accept', body };
      case PDU.associateReject:
        return { kind: 'associate-reject', result: first, source: second, reason: third };
      case PDU.releaseRequest:
        return { kind: 'release-request' };
      case PDU.releaseResponse:
        return { kind: 'release-response' };
      default:
        return { kind: 'abort', source: second, reason: third };
    }
  }

  #beginPdv(): PduEvent | undefined {
    const length = this.#head.readUInt32BE(0);
    // The length counts context id and control header, which have been read with it.
    const rest = this.#pduRest - PDV_HEADER_BYTES;
    const data = length - 2;
    if (data < 0 || data > rest) return this.#broken('pdv-length');
    const behind = rest - data;
    if (behind > 0 && behind < PDV_HEADER_BYTES) return this.#broken('pdv-length');
    this.#contextId = this.#head[4] as number;
    this.#control = this.#head[5] as number;
    this.#pduRest = behind;
    this.#pdvRest = data;
    this.#stage = 'pdv';
    return data === 0 ? this.#piece(new Uint8Array(0)) : undefined;
  }

  #piece(bytes: Uint8Array): PduEvent {
    const isWhole = this.#pdvRest === 0;
    if (isWhole && this.#pduRest > 0) this.#stage = 'pdv-header';
    else if (isWhole) {
      this.#stage = 'header';
      this.#pdusRead++;
    }
    return {
      kind: 'data',
      contextId: this.#contextId,
      isCommand: (this.#control & CONTROL_COMMAND) !== 0,
      isLast: isWhole && (this.#control & CONTROL_LAST) !== 0,
      bytes,
    };
  }
}
