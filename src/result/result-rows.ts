import type { ItemCode, Side } from '../catalogue/index.ts';
import { CHINA_ZONE, civilDayNumber, startOfCivilDay } from '../kernel/civil-day.ts';
import type { Instant, StatedTime } from '../kernel/instant.ts';
import type { IncomingReport } from './incoming-report.ts';
import type { ResultFlag, ResultReading } from './reading-types.ts';
import type { NextReportState } from './report-state.ts';
import type { Standing } from './standing.ts';

/** One row for the hot table `results`, without the keys that storage gives (person, report, institutions). */
export interface ResultRow {
  readonly ordinal: number;
  /** null: waits for its mapping. */
  readonly item: ItemCode | null;
  /** Performing institution as the message names it; null: the reporting one. */
  readonly performer: string | null;
  /** Collected, else received, else reported, else stated: orders rows, never anchors a window. */
  readonly anchorAt: Instant;
  readonly collectedAt: Instant | null;
  readonly collectedPrecision: 'd' | 'm' | null;
  readonly receivedAt: Instant | null;
  readonly reportedAt: Instant | null;
  readonly standing: Standing;
  readonly localCode: string;
  readonly localName: string;
  readonly side: Side | null;
  readonly specimen: string | null;
  /** Codes separated by a comma, sorted; null when none. */
  readonly specimenStates: string | null;
  readonly fasting: boolean | null;
  readonly timePoint: string | null;
  readonly pointOfCare: boolean;
  readonly methodClass: string | null;
  readonly valueText: string;
  readonly valueNumber: number | null;
  readonly comparator: string | null;
  readonly unitText: string;
  readonly unit: string | null;
  readonly referenceText: string;
  readonly flag: ResultFlag | null;
  readonly images: 'not-applicable' | 'unknown';
}

/** What the hot table needs to hold the new version of a report. */
export interface ResultChange {
  /** Lines of the statement: insert, or replace the row of the same ordinal. */
  readonly rows: readonly ResultRow[];
  /** Lines of the earlier version that the statement leaves out: only the standing changes. */
  readonly carried: readonly { readonly ordinal: number; readonly standing: Standing }[];
}

/** A time as a verdict may use it: the first moment of the day and `d`, or the moment and `m`. */
const anchorOf = (time: StatedTime | null): { at: Instant; precision: 'd' | 'm' } | null => {
  if (!time) return null;
  switch (time.precision) {
    case 'year':
    case 'month':
      return null;
    case 'day':
      return { at: time.at, precision: 'd' };
    case 'hour':
      return { at: startOfCivilDay(civilDayNumber(time.at, CHINA_ZONE), CHINA_ZONE), precision: 'd' };
    default:
      return { at: time.at, precision: 'm' };
  }
};

/**
 * The flat rows of a report's new version. Images are `unknown` for examinations: whether they are there is known to
 * the imaging store, not to the report.
 *
 * @param readings one per incoming observation, in the order of the message
 */
export const resultRows = (
  next: NextReportState,
  report: IncomingReport,
  readings: readonly ResultReading[],
): ResultChange => {
  const rows: ResultRow[] = [];
  // A document beside values is no result that waits for its mapping; one that is all there is must be found.
  const isDocument = ({ value }: IncomingReport['observations'][number]): boolean =>
    value.kind === 'attachment';
  const hasValues = !report.observations.every(isDocument);
  const carried: { ordinal: number; standing: Standing }[] = [];
  const reportedAt = anchorOf(report.reportedAt)?.at ?? null;
  for (const { ordinal, standing, incoming } of next.observations) {
    const reading = incoming === null ? undefined : readings[incoming];
    if (!reading) {
      carried.push({ ordinal, standing });
      continue;
    }
    const observation = report.observations[incoming as number];
    if (hasValues && observation && isDocument(observation)) continue;
    const collected = anchorOf(reading.collectedAt);
    const receivedAt = anchorOf(reading.receivedAt)?.at ?? null;
    rows.push({
      ordinal,
      item: reading.item,
      performer: reading.performer,
      anchorAt: collected?.at ?? receivedAt ?? reportedAt ?? next.statedAt,
      collectedAt: collected?.at ?? null,
      collectedPrecision: collected?.precision ?? null,
      receivedAt,
      reportedAt,
      standing,
      localCode: reading.localCode,
      localName: reading.localName,
      side: reading.side,
      specimen: reading.specimen,
      specimenStates: reading.specimenStates.length > 0 ? reading.specimenStates.join(',') : null,
      fasting: reading.fasting,
      timePoint: reading.timePoint,
      pointOfCare: reading.pointOfCare,
      methodClass: reading.methodClass,
      valueText: reading.valueText,
      valueNumber: reading.valueNumber,
      comparator: reading.comparator,
      unitText: reading.unitText,
      unit: reading.unit,
      referenceText: reading.referenceText,
      flag: reading.flag,
      images: report.kind === 'laboratory' || report.kind === 'other' ? 'not-applicable' : 'unknown',
    });
  }
  return { rows, carried };
};
