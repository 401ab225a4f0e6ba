import { describe, expect, it } from 'vitest';
import { instant } from '../kernel/instant.ts';
import {
  type CaseCourse,
  closeCase,
  decideCase,
  isCaseOpenTo,
  mayCloseCase,
  mayDecideCase,
} from './index.ts';

const NOON = instant(Date.UTC(2026, 10, 25, 4));
const requested: CaseCourse = { state: 'requested', openedBy: 'staff:a', decidedBy: null, openUntil: null };
const approved: CaseCourse = {
  state: 'approved',
  openedBy: 'staff:a',
  decidedBy: 'staff:b',
  openUntil: instant(NOON + 86_400_000),
};

describe("the authority's case", () => {
  it('is decided by a second person, once', () => {
    expect(mayDecideCase(requested, 'staff:a')).toBe(false);
    expect(decideCase(requested, 'staff:a', true, 7, NOON)).toMatchObject({
      ok: false,
      reason: { code: 'CASE_SECOND_PERSON_NEEDED' },
    });
    expect(decideCase(requested, 'staff:b', true, 7, NOON)).toEqual({
      ok: true,
      value: NOON + 7 * 86_400_000,
    });
    expect(decideCase(requested, 'staff:b', false, 7, NOON)).toEqual({ ok: true, value: null });
    expect(decideCase(approved, 'staff:b', true, 7, NOON)).toMatchObject({
      ok: false,
      reason: { code: 'CASE_ALREADY_DECIDED' },
    });
  });

  it('is open to its two people, for its time, and to nobody else', () => {
    expect(isCaseOpenTo(approved, 'staff:a', NOON)).toBe(true);
    expect(isCaseOpenTo(approved, 'staff:b', NOON)).toBe(true);
    expect(isCaseOpenTo(approved, 'staff:c', NOON)).toBe(false);
    expect(isCaseOpenTo(approved, 'staff:a', instant(NOON + 86_400_000))).toBe(false);
    for (const state of ['requested', 'refused', 'closed'] as const)
      expect(isCaseOpenTo({ ...approved, state }, 'staff:a', NOON), state).toBe(false);
  });

  it('is closed by one of its two people', () => {
    expect(mayCloseCase(approved, 'staff:b')).toBe(true);
    expect(closeCase(approved, 'staff:b')).toEqual({ ok: true, value: null });
    expect(closeCase(approved, 'staff:c')).toMatchObject({ ok: false, reason: { code: 'CASE_NOT_OPEN' } });
    expect(closeCase(requested, 'staff:a')).toMatchObject({ ok: false, reason: { code: 'CASE_NOT_OPEN' } });
  });
});
