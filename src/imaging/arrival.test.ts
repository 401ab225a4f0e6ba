import { describe, expect, it } from 'vitest';
import { HOUR_MS, instant } from '../kernel/instant.ts';
import { imageArrival } from './arrival.ts';

const LAST = instant(1_000_000);
const soon = instant(LAST + HOUR_MS);
const nextDay = instant(LAST + 24 * HOUR_MS);

describe('how far images have come', () => {
  it.each([
    ['a series is open', { received: 3, announced: null, isOpen: true }, nextDay, 'receiving'],
    ['fewer came than were announced', { received: 3, announced: 5, isOpen: false }, soon, 'receiving'],
    ['fewer came, and none for a day', { received: 3, announced: 5, isOpen: false }, nextDay, 'incomplete'],
    ['all that were announced came', { received: 5, announced: 5, isOpen: false }, soon, 'complete'],
    ['more came than were announced', { received: 6, announced: 5, isOpen: false }, nextDay, 'complete'],
    ['nothing was announced', { received: 3, announced: null, isOpen: false }, soon, 'complete'],
  ] as const)('when %s', (_, counted, at, arrival) => {
    expect(imageArrival({ ...counted, lastAt: LAST }, at)).toBe(arrival);
  });
});
