import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instant } from './instant.ts';
import { isUuid, uuidV7 } from './uuid.ts';

describe('a public id', () => {
  it('is a UUID of version 7 and variant 10 whatever goes in', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 2 ** 48 - 1 }),
        fc.integer({ min: 0, max: 4095 }),
        fc.uint8Array({ minLength: 8, maxLength: 8 }),
        (at, node, random) => {
          const id = uuidV7(instant(at), node, random);
          expect(isUuid(id)).toBe(true);
          expect(id[14]).toBe('7');
          expect('89ab').toContain(id[19]);
        },
      ),
    );
  });

  it('carries its moment first, so later ids sort after earlier ones, and its node after the version', () => {
    const random = new Uint8Array(8).fill(255);
    const early = uuidV7(instant(Date.UTC(2026, 10, 23)), 0xabc, random);
    const late = uuidV7(instant(Date.UTC(2026, 10, 24)), 0xabc, new Uint8Array(8));
    expect(early < late).toBe(true);
    expect(early.slice(15, 18)).toBe('abc');
    expect(Number.parseInt(early.slice(0, 13).replace('-', ''), 16)).toBe(Date.UTC(2026, 10, 23));
  });

  it('is never the same from two nodes', () => {
    const at = instant(Date.UTC(2026, 10, 23));
    const random = new Uint8Array(8).fill(7);
    expect(uuidV7(at, 1, random)).not.toBe(uuidV7(at, 2, random));
  });
});
