import type { Instant } from '../kernel/instant.ts';
import {
  type ObservationContent,
  observationFingerprint,
  type ReportContent,
  statementFingerprint,
  substanceFingerprint,
} from './report-content.ts';
import {
  lineStanding,
  type MergedLines,
  mergeLines,
  type ObservationState,
  takenBackStanding,
} from './report-lines.ts';
import { claimedStanding, compareStatements, statedAtOf } from './report-statement.ts';
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

const offersNothing = (standing: Standing): boolean => isTakenBack(standing) || standing === 'not-obtained';

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
const changesSubstance = (current: ReportContent, incoming: ReportContent, merged: MergedLines): boolean => {
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
