import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HOUR_MS, type Instant, instant, parseInstant } from '../kernel/instant.ts';
import { chinaDays, hours, type ReferenceWindow, windowState } from './window.ts';

const at = (text: string): Instant => {
  const moment = parseInstant(text);
  if (moment === undefined) throw new Error(`not a moment: ${text}`);
  return moment;
};

const stateOf = (window: ReferenceWindow, anchor: string, moment: string): string =>
  windowState(window, at(anchor), 'minute', at(moment)).state;

describe('reference windows in hours', () => {
  it('hold at 5 h 59 and have passed at 6 h 01', () => {
    expect(stateOf(hours(6), '2026-11-20T08:00:00+08:00', '2026-11-20T13:59:00+08:00')).toBe('within');
    expect(stateOf(hours(6), '2026-11-20T08:00:00+08:00', '2026-11-20T14:01:00+08:00')).toBe('passed');
  });

  it('end at the very hour, which is the first moment outside', () => {
    const collected = at('2026-11-20T08:00:00+08:00');
    const end = instant(collected + 6 * HOUR_MS);
    expect(windowState(hours(6), collected, 'minute', instant(end - 1))).toEqual({
      state: 'within',
      until: end,
    });
    expect(windowState(hours(6), collected, 'minute', end)).toEqual({ state: 'passed', until: end });
  });

  it('run on across midnight', () => {
    expect(stateOf(hours(6), '2026-11-20T23:00:00+08:00', '2026-11-21T04:59:00+08:00')).toBe('within');
  });

  it('are undecided when only the day of collection is known and the day could make the difference', () => {
    const day = at('2026-11-20T00:00:00+08:00');
    expect(windowState(hours(6), day, 'day', at('2026-11-20T05:59:00+08:00')).state).toBe('within');
    const doubtful = windowState(hours(6), day, 'day', at('2026-11-20T12:00:00+08:00'));
    expect(doubtful.state).toBe('undecided');
    expect(windowState(hours(6), day, 'day', doubtful.until).state).toBe('passed');
    expect(windowState(hours(6), day, 'day', at('2026-11-21T06:01:00+08:00')).state).toBe('passed');
  });
});

describe('reference windows in civil days', () => {
  it('of 0 days end with the civil day in China, not after 24 hours', () => {
    expect(stateOf(chinaDays(0), '2026-11-20T23:50:00+08:00', '2026-11-20T23:59:00+08:00')).toBe('within');
    expect(stateOf(chinaDays(0), '2026-11-20T23:50:00+08:00', '2026-11-21T00:10:00+08:00')).toBe('passed');
    expect(stateOf(chinaDays(0), '2026-11-20T00:10:00+08:00', '2026-11-20T23:50:00+08:00')).toBe('within');
  });

  it('of 7 days hold for potassium 5 days old and have passed at 8 days', () => {
    expect(stateOf(chinaDays(7), '2026-11-15T09:30:00+08:00', '2026-11-20T09:30:00+08:00')).toBe('within');
    expect(stateOf(chinaDays(7), '2026-11-12T09:30:00+08:00', '2026-11-20T09:30:00+08:00')).toBe('passed');
    expect(stateOf(chinaDays(7), '2026-11-13T09:30:00+08:00', '2026-11-20T23:59:00+08:00')).toBe('within');
  });

  it('are decided although only the day of collection is known', () => {
    const day = at('2026-11-20T00:00:00+08:00');
    expect(windowState(chinaDays(0), day, 'day', at('2026-11-20T23:59:00+08:00')).state).toBe('within');
    expect(windowState(chinaDays(0), day, 'day', at('2026-11-21T00:00:00+08:00')).state).toBe('passed');
  });

  it('are counted in the zone that the list names', () => {
    const window: ReferenceWindow = { unit: 'civilDays', n: 0, zone: 'Europe/London' };
    expect(stateOf(window, '2026-11-20T23:50:00+08:00', '2026-11-21T00:10:00+08:00')).toBe('within');
  });
});

const anyWindow: fc.Arbitrary<ReferenceWindow> = fc.oneof(
  fc.integer({ min: 1, max: 5000 }).map((n) => hours(n)),
  fc.integer({ min: 0, max: 400 }).map((n) => chinaDays(n)),
);
const anyMoment = fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2090, 0) }).map(instant);
const anyPrecision = fc.constantFrom(
  'year',
  'month',
  'day',
  'hour',
  'minute',
  'second',
  'millisecond' as const,
);

describe('every reference window', () => {
  it('has not begun before collection and never comes back once passed', () => {
    fc.assert(
      fc.property(
        anyWindow,
        anyMoment,
        anyPrecision,
        fc.integer({ min: -1e9, max: 1e11 }),
        (window, anchor, precision, later) => {
          const rank = { 'not-begun': 0, within: 1, undecided: 2, passed: 3 };
          const first = windowState(window, anchor, precision, instant(anchor + later));
          const second = windowState(window, anchor, precision, instant(anchor + later + HOUR_MS));
          expect(rank[second.state]).toBeGreaterThanOrEqual(rank[first.state]);
          expect(first.state === 'not-begun').toBe(later < 0);
        },
      ),
    );
  });

  it('changes its answer exactly at the moment it announces', () => {
    fc.assert(
      fc.property(anyWindow, anyMoment, anyPrecision, (window, anchor, precision) => {
        const { state, until } = windowState(window, anchor, precision, anchor);
        expect(state).toBe('within');
        expect(windowState(window, anchor, precision, instant(until - 1)).state).toBe('within');
        expect(windowState(window, anchor, precision, until).state).not.toBe('within');
      }),
    );
  });
});
