import { describe, expect, it } from 'vitest';
import { isoInstant, parseInstant } from '../kernel/instant.ts';
import { chainStart, decisionHindrance, retirableBefore } from './retirement.ts';

const at = (text: string) => parseInstant(text) as NonNullable<ReturnType<typeof parseInstant>>;

describe('a retention', () => {
  it.each([
    ['2026-11-25T08:00:00Z', 3, '2023-11-25T08:00:00.000Z'],
    ['2028-02-29T00:00:00Z', 3, '2025-03-01T00:00:00.000Z'],
    ['2026-11-25T08:00:00Z', 30, '1996-11-25T08:00:00.000Z'],
  ])('at %s of %i years is over for what is older than %s', (now, years, before) => {
    expect(isoInstant(retirableBefore(at(now), years))).toBe(before);
  });
});

describe('a retirement', () => {
  it('is decided once and by somebody else', () => {
    const requested = { state: 'requested', requestedBy: 'staff:a', isArchived: false } as const;
    for (const decision of ['approved', 'refused'] as const) {
      expect(decisionHindrance(requested, 'staff:b', decision)).toBeNull();
      expect(decisionHindrance(requested, 'staff:a', decision)).toBe('second-person-needed');
      for (const state of ['refused', 'done'] as const)
        expect(decisionHindrance({ ...requested, state }, 'staff:b', decision)).toBe('decided');
    }
  });

  it('can still be refused after it was approved, until its archive is written', () => {
    const approved = { state: 'approved', requestedBy: 'staff:a', isArchived: false } as const;
    expect(decisionHindrance(approved, 'staff:b', 'refused')).toBeNull();
    expect(decisionHindrance(approved, 'staff:b', 'approved')).toBe('decided');
    expect(decisionHindrance({ ...approved, isArchived: true }, 'staff:b', 'refused')).toBe('decided');
  });

  it('is where the chain begins whose first batch comes after it', () => {
    const retired = [{ sequence: 4n }, { sequence: 9n }, { sequence: 7n }];
    expect(chainStart(retired, { sequence: 10n })).toBe(retired[1]);
    expect(chainStart(retired, { sequence: 8n })).toBe(retired[2]);
    expect(chainStart(retired, { sequence: 4n })).toBeUndefined();
    expect(chainStart([], { sequence: 1n })).toBeUndefined();
  });
});
