import { type Instant, instant, parseInstant, type TimePrecision } from '../kernel/instant.ts';
import type { StatedStatus } from './incoming-report.ts';
import {
  type JsonObject,
  type ObservationContent,
  observationFingerprint,
  type ReportContent,
  statementFingerprint,
  substanceFingerprint,
} from './report-content.ts';
import { isIssued, isTakenBack, type Standing } from './standing.ts';

/** The stored current version of a report, as much as the status machine needs. */
export interface ReportState {
  readonly version: number;
  readonly standing: Standing;
  /** `report_versions.content` of that version, parsed. */
  readonly content: ReportContent;
  /** True once another report number has replaced this one (recall plus a new number). */
  readonly replaced: boolean;
}

/** What has come in about a report. */
export interface IncomingStatement {
  /** `reportContent` of the message's report. */
  readonly content: ReportContent;
  /** When the message arrived: orders statements that carry no time of their own. */
  readonly arrivedAt: Instant;
}

/**
 * What a statement does to the report. `first`: a new report. `newer-version`: same substance or not yet issued before.
 * `correction`: an issued report now says something else. `withdrawal`: an issued report is taken back.
 * `cancellation`: a report that had not been issued will not be. `reinstatement`: live again after a withdrawal.
 * `repeat`: said before, nothing to store. `stale`: overtaken by what is already known, nothing to store.
 */
export type ReportDecision =
  | 'first'
  | 'newer-version'
  | 'correction'
  | 'withdrawal'
  | 'cancellation'
  | 'reinstatement'
  | 'repeat'
  | 'stale';

/** One observation in the new version. `ordinal` names it for ever inside its report. */
export interface ObservationState {
  readonly ordinal: number;
  readonly key: string;
  readonly standing: Standing;
  /** Index into the incoming observations; null: carried from the earlier version, which this statement left out. */
  readonly incoming: number | null;
}

/** Answer of the status machine. */
export interface NextReportState {
  readonly decision: ReportDecision;
  /** Number of the invariant (see `nextReportState`) that decided. */
  readonly rule: number;
  readonly standing: Standing;
  readonly version: number;
  /** Time by which versions are ordered: OBR-22, else MSH-7, else arrival. */
  readonly statedAt: Instant;
  readonly observations: readonly ObservationState[];
  /** What to store as `report_versions.content`; for `repeat` and `stale` the content already stored. */
  readonly content: ReportContent;
}

/** ORC-1 values by which an order, and the report with it, is cancelled (HL7 table 0119). */
const CANCELLING_CONTROLS: ReadonlySet<string> = new Set(['CA', 'OC', 'CR']);

/** Of two statements of the very same time the one further down this list stands. */
const RANK: Readonly<Record<Standing, number>> = {
  preliminary: 0,
  final: 1,
  'not-obtained': 1,
  corrected: 2,
  cancelled: 3,
  withdrawn: 3,
  'entered-in-error': 4,
};

const statusOf = (content: JsonObject): StatedStatus => content['status'] as StatedStatus;

const offersNothing = (standing: Standing): boolean => isTakenBack(standing) || standing === 'not-obtained';

/** Standing that the statement itself claims, before anything earlier is considered. */
const claimedStanding = (content: ReportContent): Standing => {
  const { particulars, observations } = content;
  const lines = observations.map(({ stated }) => statusOf(stated));
  const all = (...statuses: readonly StatedStatus[]): boolean =>
    lines.length > 0 && lines.every((line) => statuses.includes(line));
  const status = statusOf(particulars);
  if (status === 'cancelled' || CANCELLING_CONTROLS.has(String(particulars['orderControl'] ?? '')))
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
  const from = parseInstant(String(time['at']));
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
const compareStatements = (incoming: ReportContent, current: ReportContent, takesBack: boolean): number => {
  const [first, second] = takesBack
    ? (['sentAt', 'reportedAt'] as const)
    : (['reportedAt', 'sentAt'] as const);
  const by = (member: 'reportedAt' | 'sentAt'): number =>
    compareSpans(spanOf(incoming.particulars, member), spanOf(current.particulars, member));
  return by(first) || by(second);
};

const statedAtOf = (content: ReportContent, arrivedAt: Instant): Instant =>
  instant(
    (spanOf(content.particulars, 'reportedAt') ?? spanOf(content.particulars, 'sentAt'))?.from ?? arrivedAt,
  );

/** Standing of one incoming line beside its predecessor. */
const lineStanding = (
  line: ObservationContent,
  before: ObservationContent | undefined,
  claimed: Standing,
  frameChanged: boolean,
): Standing => {
  const wasIssued =
    before?.standing !== undefined && (isIssued(before.standing) || before.standing === 'withdrawn');
  const status = statusOf(line.stated);
  const effective = status === 'not-stated' ? claimed : status;
  switch (effective) {
    case 'wrong':
    case 'entered-in-error':
      return 'entered-in-error';
    case 'deleted':
    case 'withdrawn':
      return 'withdrawn';
    case 'not-obtained':
      return 'not-obtained';
    case 'cancelled':
      return wasIssued ? 'withdrawn' : 'cancelled';
    case 'corrected':
      if (status === 'corrected' || !before) return 'corrected';
      break;
    case 'final':
      break;
    default:
      return 'preliminary';
  }
  if (!before || !wasIssued) return 'final';
  const changed = frameChanged || observationFingerprint(before) !== observationFingerprint(line);
  return changed || before.standing === 'corrected' ? 'corrected' : 'final';
};

/** Standing of a line that a later statement takes back as a whole. */
const takenBackStanding = (before: Standing, reportStanding: Standing): Standing => {
  if (reportStanding === 'entered-in-error' || before === 'entered-in-error') return 'entered-in-error';
  if (before === 'not-obtained' || before === 'cancelled') return before;
  return isIssued(before) || before === 'withdrawn' || reportStanding === 'withdrawn'
    ? 'withdrawn'
    : 'cancelled';
};

interface Merged {
  readonly observations: readonly ObservationState[];
  readonly contents: readonly ObservationContent[];
}

/** Gives incoming lines the ordinals of their predecessors and keeps those that are missing now as withdrawn. */
const mergeLines = (
  current: ReportContent | null,
  incoming: ReportContent,
  standingOf: (line: ObservationContent, before: ObservationContent | undefined) => Standing,
  carriedStanding: (before: ObservationContent) => Standing,
): Merged => {
  const earlier = new Map((current?.observations ?? []).map((line) => [line.key, line]));
  let lastOrdinal = 0;
  for (const line of earlier.values()) lastOrdinal = Math.max(lastOrdinal, line.ordinal ?? 0);
  const merged = incoming.observations.map((line, index) => {
    const before = earlier.get(line.key);
    earlier.delete(line.key);
    const ordinal = before?.ordinal ?? ++lastOrdinal;
    const standing = standingOf(line, before);
    return {
      state: { ordinal, key: line.key, standing, incoming: index },
      content: { ...line, ordinal, standing },
    };
  });
  const carried = [...earlier.values()].map((line) => {
    const ordinal = line.ordinal ?? ++lastOrdinal;
    const standing = carriedStanding(line);
    return {
      state: { ordinal, key: line.key, standing, incoming: null },
      content: { ...line, ordinal, standing },
    };
  });
  const all = [...merged, ...carried].toSorted((left, right) => left.state.ordinal - right.state.ordinal);
  return { observations: all.map(({ state }) => state), contents: all.map(({ content }) => content) };
};

/** Answer that stores nothing. */
const unchanged = (
  current: ReportState,
  decision: 'repeat' | 'stale',
  rule: number,
  statedAt: Instant,
): NextReportState => ({
  decision,
  rule,
  standing: current.standing,
  version: current.version,
  statedAt,
  observations: current.content.observations.map((line) => ({
    ordinal: line.ordinal ?? 0,
    key: line.key,
    standing: line.standing ?? current.standing,
    incoming: null,
  })),
  content: current.content,
});

/** Did a later statement change what a reader of the issued lines relies on? */
const changesSubstance = (current: ReportContent, incoming: ReportContent, merged: Merged): boolean => {
  if (substanceFingerprint(current) !== substanceFingerprint(incoming)) return true;
  const earlier = new Map(current.observations.map((line) => [line.key, line]));
  return merged.contents.some((line) => {
    const before = earlier.get(line.key);
    if (!before?.standing || !isIssued(before.standing)) return false;
    return (
      before.standing !== line.standing || observationFingerprint(before) !== observationFingerprint(line)
    );
  });
};

/**
 * The status machine of a report: one report number of one institution, a statement at a time, in any order of arrival.
 * The first invariant that applies decides:
 *
 * 1. What has not been heard of is `first` and stands as it claims (a correction may come before its original).
 * 2. The same statement again is a `repeat`: no new version.
 * 3. A report replaced by another number stays withdrawn: `stale`.
 * 4. A statement that is older than the current one by its own time is `stale`, whenever it arrives; of two of the same
 *    time the correction stands over the final, and the taking-back over both. A preliminary statement makes nothing
 *    stale but other preliminary ones.
 * 5. A preliminary statement replaces nothing but a preliminary one: `stale`, also when it is stated later.
 * 6. X, D, W and a cancelled order take the report back: `withdrawal` when it had been issued, else `cancellation`.
 *    What was entered in error stays so until a later statement of the same number says otherwise; taken back again
 *    it is a `newer-version` of the same standing.
 * 7. An issued statement after a taking-back makes the report live again: `reinstatement`, `corrected` where it now says
 *    something else.
 * 8. An issued report that now says something else, or says that it is corrected, is a `correction` under the same
 *    number. A line left out of it is withdrawn; lines that did not change keep their standing. A line that is added
 *    or becomes final only now corrects nothing.
 * 9. Anything else is a `newer-version`; `corrected` never falls back to `final`.
 *
 * A statement is the whole report (HL7 v2 §2.10.4, snapshot mode). Times are compared like with like (OBR-22 with
 * OBR-22, MSH-7 with MSH-7) as the spans their precision allows; without any the order of arrival decides.
 */
export const nextReportState = (
  current: ReportState | null,
  incoming: IncomingStatement,
): NextReportState => {
  const { content } = incoming;
  const claimed = claimedStanding(content);
  const statedAt = statedAtOf(content, incoming.arrivedAt);
  if (!current) return firstState(content, claimed, statedAt);

  if (statementFingerprint(current.content) === statementFingerprint(content)) {
    return unchanged(current, 'repeat', 2, statedAt);
  }
  if (current.replaced) return unchanged(current, 'stale', 3, statedAt);
  const takesBack = offersNothing(claimed);
  if (claimed === 'preliminary' || current.standing !== 'preliminary') {
    const order = compareStatements(content, current.content, takesBack);
    if (order < 0 || (order === 0 && RANK[claimed] < RANK[current.standing])) {
      return unchanged(current, 'stale', 4, statedAt);
    }
  }
  if (claimed === 'preliminary' && current.standing !== 'preliminary') {
    return unchanged(current, 'stale', 5, statedAt);
  }
  if (takesBack) return takenBackState(current, content, claimed, statedAt);
  return liveState(current, content, claimed, statedAt);
};

const firstState = (content: ReportContent, claimed: Standing, statedAt: Instant): NextReportState => {
  const merged = mergeLines(
    null,
    content,
    (line) =>
      isTakenBack(claimed)
        ? takenBackStanding('preliminary', claimed)
        : lineStanding(line, undefined, claimed, false),
    () => 'withdrawn',
  );
  return {
    decision: 'first',
    rule: 1,
    standing: claimed,
    version: 1,
    statedAt,
    observations: merged.observations,
    content: { ...content, observations: merged.contents },
  };
};

const takenBackState = (
  current: ReportState,
  content: ReportContent,
  claimed: Standing,
  statedAt: Instant,
): NextReportState => {
  const wasIssued = isIssued(current.standing) || current.standing === 'withdrawn';
  const again = isTakenBack(current.standing) && RANK[claimed] <= RANK[current.standing];
  const standing = again ? current.standing : claimed === 'cancelled' && wasIssued ? 'withdrawn' : claimed;
  const back = (before: ObservationContent | undefined): Standing =>
    takenBackStanding(before?.standing ?? 'preliminary', standing);
  const merged = mergeLines(
    current.content,
    content,
    (line, before) =>
      standing === 'not-obtained' ? lineStanding(line, before, claimed, false) : back(before),
    back,
  );
  return {
    decision: again ? 'newer-version' : wasIssued ? 'withdrawal' : 'cancellation',
    rule: 6,
    standing,
    version: current.version + 1,
    statedAt,
    observations: merged.observations,
    content: { ...content, observations: merged.contents },
  };
};

const liveState = (
  current: ReportState,
  content: ReportContent,
  claimed: Standing,
  statedAt: Instant,
): NextReportState => {
  const frameChanged = substanceFingerprint(current.content) !== substanceFingerprint(content);
  const merged = mergeLines(
    current.content,
    content,
    (line, before) => lineStanding(line, before, claimed, frameChanged),
    (before) => takenBackStanding(before.standing ?? 'preliminary', 'withdrawn'),
  );
  const next = (decision: ReportDecision, rule: number, standing: Standing): NextReportState => ({
    decision,
    rule,
    standing,
    version: current.version + 1,
    statedAt,
    observations: merged.observations,
    content: { ...content, observations: merged.contents },
  });
  const anyCorrected = merged.observations.some(({ standing }) => standing === 'corrected');
  if (current.standing === 'withdrawn' || current.standing === 'entered-in-error') {
    return next(
      'reinstatement',
      7,
      isIssued(claimed) && (anyCorrected || frameChanged) ? 'corrected' : claimed,
    );
  }
  if (isIssued(current.standing)) {
    if (claimed === 'corrected' || changesSubstance(current.content, content, merged)) {
      return next('correction', 8, 'corrected');
    }
    return next('newer-version', 9, current.standing);
  }
  return next('newer-version', 9, claimed);
};

/**
 * What happens to a report when another number replaces it (recall plus a new number): it is withdrawn as it stands.
 * A report already taken back only remembers that it was replaced (`repeat`).
 */
export const replacedState = (current: ReportState, statedAt: Instant): NextReportState => {
  if (isTakenBack(current.standing)) return unchanged(current, 'repeat', 2, statedAt);
  const standing: Standing = isIssued(current.standing) ? 'withdrawn' : 'cancelled';
  const observations = current.content.observations.map((line) => ({
    ...line,
    standing: takenBackStanding(line.standing ?? 'preliminary', standing),
  }));
  return {
    decision: isIssued(current.standing) ? 'withdrawal' : 'cancellation',
    rule: 6,
    standing,
    version: current.version + 1,
    statedAt,
    observations: observations.map(({ ordinal, key, standing: lineNow }) => ({
      ordinal: ordinal ?? 0,
      key,
      standing: lineNow,
      incoming: null,
    })),
    content: { ...current.content, observations },
  };
};
