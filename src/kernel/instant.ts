import type { Brand } from './brand.ts';

/** A moment: milliseconds since 1970-01-01T00:00:00Z. */
export type Instant = Brand<number, 'Instant'>;

/** Reads the current moment. Handed in from outside; domain code never asks the machine for the time. */
export type Clock = () => Instant;

/** How finely the sender stated a time. `day` means that no hour was given, not midnight. */
export type TimePrecision = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'millisecond';

/** A time as a sender stated it: the earliest moment it can mean, how fine it is, and the original characters. */
export interface StatedTime {
  /** Start of the stated unit (the first moment of the day for `20261101`). */
  readonly at: Instant;
  readonly precision: TimePrecision;
  /** As received, e.g. `202611010830+0800`. */
  readonly text: string;
}

/** Milliseconds in a minute. */
export const MINUTE_MS = 60_000;
/** Milliseconds in an hour. */
export const HOUR_MS = 3_600_000;
/** Milliseconds in a day of 24 hours. A civil day may be longer or shorter: use `civil-day.ts` for those. */
export const DAY_MS = 86_400_000;

/** Makes an instant out of epoch milliseconds. */
export const instant = (epochMs: number): Instant => epochMs as Instant;

/** Parses an ISO 8601 timestamp with offset; undefined when it is not one. */
export const parseInstant = (text: string): Instant | undefined => {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)) return undefined;
  const epochMs = Date.parse(text);
  return Number.isNaN(epochMs) ? undefined : (epochMs as Instant);
};

/** ISO 8601 in UTC with milliseconds. */
export const isoInstant = (at: Instant): string => new Date(at).toISOString();
