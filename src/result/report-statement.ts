import { type Instant, instant, parseInstant, type TimePrecision } from '../kernel/instant.ts';
import type { StatedStatus } from './incoming-report.ts';
import { type JsonObject, type ReportContent, statusOf } from './report-content.ts';
import type { Standing } from './standing.ts';

/** ORC-1 values by which an order, and the report with it, is cancelled (HL7 table 0119). */
const CANCELLING_CONTROLS: ReadonlySet<string> = new Set(['CA', 'OC', 'CR']);

/** Standing that the statement itself claims, before anything earlier is considered. */
export const claimedStanding = (content: ReportContent): Standing => {
  const { particulars, observations } = content;
  const lines = observations.map(({ stated }) => statusOf(stated));
  const all = (...statuses: readonly StatedStatus[]): boolean =>
    lines.length > 0 && lines.every((line) => statuses.includes(line));
  const status = statusOf(particulars);
  if (status === 'cancelled' || CANCELLING_CONTROLS.has((particulars['orderControl'] ?? '') as string))
    return 'cancelled';
  if (status === 'wrong' || all('wrong')) return 'entered-in-error';
  if (status === 'deleted' || all('deleted', 'wrong')) return 'withdrawn';
  if (status === 'not-obtained' || all('not-obtained', 'cancelled')) return 'not-obtained';
  if (status === 'final' || status === 'corrected') return status;
  if (status === 'not-stated' && all('final', 'corrected', 'not-obtained', 'deleted', 'wrong')) {
    return lines.includes('corrected') ? 'corrected' : 'final';
  }
  return 'preliminary';
};

/** A time out of stored content, as the span of moments it can mean. */
interface Span {
  readonly from: number;
  readonly to: number;
}

const SPAN_MS: Readonly<Record<TimePrecision, number>> = {
  year: 366 * 86_400_000,
  month: 31 * 86_400_000,
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
};

const spanOf = (particulars: JsonObject, member: 'reportedAt' | 'sentAt'): Span | null => {
  const time = particulars[member] as JsonObject | null | undefined;
  if (!time) return null;
  const from = parseInstant(time['at'] as string);
  if (from === undefined) return null;
  return { from, to: from + SPAN_MS[time['precision'] as TimePrecision] };
};

/** -1, 1, or 0 where the two overlap or one is missing: then this pair of times does not order them. */
const compareSpans = (left: Span | null, right: Span | null): number => {
  if (!left || !right) return 0;
  if (left.to <= right.from) return -1;
  return right.to <= left.from ? 1 : 0;
};

/**
 * Order of two statements: by report time, else by time of sending. A taking-back is ordered by the time of sending
 * first, because a recall often repeats the report time of what it recalls.
 */
export const compareStatements = (
  incoming: ReportContent,
  current: ReportContent,
  takesBack: boolean,
): number => {
  const [first, second] = takesBack
    ? (['sentAt', 'reportedAt'] as const)
    : (['reportedAt', 'sentAt'] as const);
  const by = (member: 'reportedAt' | 'sentAt'): number =>
    compareSpans(spanOf(incoming.particulars, member), spanOf(current.particulars, member));
  return by(first) || by(second);
};

/** Time by which versions are ordered: OBR-22, else MSH-7, else arrival. */
export const statedAtOf = (content: ReportContent, arrivedAt: Instant): Instant =>
  instant(
    (spanOf(content.particulars, 'reportedAt') ?? spanOf(content.particulars, 'sentAt'))?.from ?? arrivedAt,
  );
