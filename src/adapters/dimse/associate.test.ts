import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { associateRequest, EXAMPLE_CONTEXTS } from '../../../test/contract/dimse-wire.ts';
import {
  type ProposedContext,
  readAssociateAccept,
  readAssociateRequest,
  writeAssociateAccept,
  writeAssociateRequest,
} from './associate.ts';

const bodyOf = (pdu: Uint8Array): Uint8Array => pdu.subarray(6);
const read = (pdu: Uint8Array) => readAssociateRequest(bodyOf(pdu));
const contexts = (count: number): ProposedContext[] =>
  Array.from({ length: count }, (_, at) => ({
    id: (at * 2 + 1) % 256,
    abstractSyntax: `1.2.${at}`,
    transferSyntaxes: ['1.2.840.10008.1.2'],
  }));
const rule = (pdu: Uint8Array): string => {
  const result = read(pdu);
  return result.ok ? 'accepted' : result.reason.rule;
};
/** The request with an item put behind the last context, lengths of the PDU left to the reader's caller. */
const withItem = (...bytes: number[]): Buffer => Buffer.concat([associateRequest(), Buffer.from(bytes)]);

const uid = fc.stringMatching(/^[0-9.]{1,64}$/).filter((text) => text.trim() !== '');
const aeTitle = fc.stringMatching(/^[!-~]{1,16}$/);

describe('A-ASSOCIATE-RQ', () => {
  it('is read as it was written', () => {
    fc.assert(
      fc.property(
        aeTitle,
        aeTitle,
        fc.uniqueArray(fc.tuple(fc.nat({ max: 127 }), uid, fc.array(uid, { minLength: 1, maxLength: 4 })), {
          selector: ([id]) => id,
          minLength: 1,
          maxLength: 128,
        }),
        fc.constantFrom(0, 7, 16_384, 2 ** 32 - 1),
        (calledAeTitle, callingAeTitle, proposed, maxPduLength) => {
          const wanted = proposed.map(([id, abstractSyntax, transferSyntaxes]) => ({
            id: id * 2 + 1,
            abstractSyntax,
            transferSyntaxes,
          }));
          const roles = [{ sopClassUid: '1.2.3', scu: false, scp: true }];
          const bytes = writeAssociateRequest({
            calledAeTitle,
            callingAeTitle,
            contexts: wanted,
            maxPduLength,
            roles,
          });
          expect(read(bytes)).toMatchObject({
            ok: true,
            value: { calledAeTitle, callingAeTitle, contexts: wanted, maxPduLength, roles },
          });
        },
      ),
      { numRuns: 200 },
    );
  });

  it('takes 1 to 128 contexts with odd ids, each once', () => {
    expect(rule(associateRequest({ contexts: contexts(128) }))).toBe('accepted');
    expect(rule(associateRequest({ contexts: [] }))).toBe('context-count');
    expect(rule(associateRequest({ contexts: contexts(129) }))).toBe('context-id');
    const [first] = contexts(1) as [ProposedContext];
    expect(rule(associateRequest({ contexts: [{ ...first, id: 2 }] }))).toBe('context-id');
    expect(rule(associateRequest({ contexts: [first, first] }))).toBe('context-id');
  });

  it('refuses items that end outside of what holds them', () => {
    expect(rule(withItem(0x99, 0))).toBe('item-length');
    expect(rule(withItem(0x99, 0, 0, 9, 1))).toBe('item-length');
    // A sub-item of the user information that claims more than its item.
    expect(rule(withItem(0x50, 0, 0, 4, 0x51, 0, 0, 4))).toBe('item-length');
    expect(rule(withItem(0x50, 0, 0, 8, 0x54, 0, 0, 4, 0, 9, 0, 0))).toBe('item-length');
    expect(rule(withItem(0x50, 0, 0, 8, 0x51, 0, 0, 4, 0, 0, 0, 6))).toBe('item-value');
    expect(rule(withItem(0x20, 0, 0, 2, 5, 0))).toBe('item-length');
    expect(rule(withItem(0x20, 0, 0, 4, 5, 0, 0, 0))).toBe('item-missing');
  });

  it('ignores items it does not know, extended negotiation and user identity among them', () => {
    expect(rule(withItem(0x99, 0, 0, 1, 1))).toBe('accepted');
    const items = [0x56, 0x57, 0x58, 0x77].flatMap((type) => [type, 0, 0, 2, 1, 0]);
    expect(read(withItem(0x50, 0, 0, items.length + 8, 0x51, 0, 0, 4, 0, 0, 64, 0, ...items))).toMatchObject({
      ok: true,
      value: { maxPduLength: 16_384 },
    });
  });

  it('never throws, whatever the bytes', () => {
    const good = associateRequest();
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat({ max: good.length - 75 }), fc.nat({ max: 255 }))), (changes) => {
        const bytes = Buffer.from(good);
        for (const [at, value] of changes) bytes[at + 74] = value;
        expect(typeof read(bytes).ok).toBe('boolean');
      }),
      { numRuns: 2000 },
    );
  });
});

describe('A-ASSOCIATE-AC', () => {
  it('answers every context, one operation at a time, and gives titles back', () => {
    const to = { calledAeTitle: 'HUREN', callingAeTitle: 'CT1', wantsAsynchronous: true };
    const answers = EXAMPLE_CONTEXTS.map(({ id }) => ({
      id,
      result: id === 1 ? 0 : 3,
      transferSyntax: '1.2.840',
    }));
    const bytes = writeAssociateAccept(to, { contexts: answers, roles: [], maxPduLength: 131_072 });
    expect(readAssociateAccept(bodyOf(bytes))).toEqual({
      ok: true,
      value: { contexts: answers, maxPduLength: 131_072, roles: [] },
    });
    expect(bytes.includes(Buffer.from([0x53, 0, 0, 4, 0, 1, 0, 1]))).toBe(true);
    expect(bytes.subarray(10, 42).toString()).toBe('HUREN           CT1             ');
  });
});
