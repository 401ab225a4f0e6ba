import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chainHash,
  compareBatch,
  compareChain,
  type CurrentRow,
  emptyChain,
  packMembers,
  type SealedBatch,
  unpackMembers,
} from './index.ts';

const digest = (bytes: Uint8Array): Uint8Array => createHash('sha256').update(bytes).digest();
const rowOf = (event: number, text = `row ${event}`): CurrentRow => ({
  event: BigInt(event),
  digest: digest(Buffer.from(text)),
});

const batchOf = (
  rows: readonly CurrentRow[],
  previous: Pick<SealedBatch, 'sequence' | 'toEvent' | 'chainHash'> = FIRST,
): SealedBatch => {
  const batch = {
    book: 'person' as const,
    sequence: previous.sequence + 1n,
    fromEvent: previous.toEvent,
    toEvent: rows.at(-1)?.event ?? previous.toEvent,
    members: packMembers(rows),
    rowsHash: previous.sequence === 0n ? null : digest(Buffer.from('all rows')),
    previousHash: previous.chainHash,
  };
  return { ...batch, digest: 'sha256', chainHash: chainHash(batch, digest) };
};
const FIRST = { sequence: 0n, toEvent: 0n, chainHash: emptyChain() };
const rows = [rowOf(1), rowOf(2), rowOf(4), rowOf(7)];

describe('a sealed batch', () => {
  it('finds nothing while nothing was touched', () => {
    expect(compareBatch(batchOf(rows), rows)).toEqual([]);
    expect(compareChain(batchOf(rows), FIRST, digest)).toEqual([]);
  });

  it.each([
    ['altered', [rowOf(1), rowOf(2, 'another'), rowOf(4), rowOf(7)], [{ kind: 'altered', event: 2n }]],
    ['removed', [rowOf(1), rowOf(4), rowOf(7)], [{ kind: 'removed', event: 2n }]],
    ['removed at the end', [rowOf(1), rowOf(2), rowOf(4)], [{ kind: 'removed', event: 7n }]],
    ['inserted', [...rows.slice(0, 2), rowOf(3), ...rows.slice(2)], [{ kind: 'inserted', event: 3n }]],
    [
      'reordered',
      [rowOf(1, 'row 2'), rowOf(2, 'row 1'), rowOf(4), rowOf(7)],
      [
        { kind: 'reordered', event: 1n },
        { kind: 'reordered', event: 2n },
      ],
    ],
  ])('names a row that was %s', (_what, current, expected) => {
    expect(compareBatch(batchOf(rows), current)).toEqual(
      expected.map((finding) => ({ book: 'person', ...finding })),
    );
  });

  it('names a batch whose members, place or predecessor were changed', () => {
    const first = batchOf(rows);
    const second = batchOf([rowOf(9)], first);
    const third = batchOf([rowOf(12)], second);
    expect(compareChain(second, first, digest)).toEqual([]);
    expect(compareChain({ ...second, members: packMembers([rowOf(9, 'x')]) }, first, digest)).toEqual([
      { book: 'person', kind: 'seal-altered', sequence: 2n },
    ]);
    expect(compareChain(third, first, digest)).toEqual([
      { book: 'person', kind: 'seal-missing', sequence: 2n },
    ]);
    const rewritten = batchOf([rowOf(9)], { ...first, chainHash: digest(Buffer.from('other')) });
    expect(compareChain(rewritten, first, digest)).toEqual([
      { book: 'person', kind: 'seal-detached', sequence: 2n },
    ]);
  });

  it('any single change to any row is named with its event', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 40 }),
        fc.nat(),
        fc.constantFrom('altered', 'removed'),
        (events, choice, how) => {
          const sealed = events.toSorted((a, b) => a - b).map((event) => rowOf(event));
          const victim = sealed[choice % sealed.length] as CurrentRow;
          const current =
            how === 'removed'
              ? sealed.filter((row) => row !== victim)
              : sealed.map((row) => (row === victim ? rowOf(Number(row.event), 'changed') : row));
          expect(compareBatch(batchOf(sealed), current)).toEqual([
            { book: 'person', kind: how, event: victim.event },
          ]);
        },
      ),
    );
  });

  it('members survive packing', () => {
    expect(unpackMembers(packMembers(rows)).map(({ event }) => event)).toEqual([1n, 2n, 4n, 7n]);
  });
});
