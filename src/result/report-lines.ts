import {
  type ObservationContent,
  observationFingerprint,
  type ReportContent,
  statusOf,
} from './report-content.ts';
import { isIssued, type Standing } from './standing.ts';

/** One observation in the new version. `ordinal` names it for ever inside its report. */
export interface ObservationState {
  readonly ordinal: number;
  readonly key: string;
  readonly standing: Standing;
  /** Index into the incoming observations; null: carried from the earlier version, which this statement left out. */
  readonly incoming: number | null;
}

/** Standing of one incoming line beside its predecessor. */
export const lineStanding = (
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
export const takenBackStanding = (before: Standing, reportStanding: Standing): Standing => {
  if (reportStanding === 'entered-in-error' || before === 'entered-in-error') return 'entered-in-error';
  if (before === 'not-obtained' || before === 'cancelled') return before;
  return isIssued(before) || before === 'withdrawn' || reportStanding === 'withdrawn'
    ? 'withdrawn'
    : 'cancelled';
};

/** The lines of the new version: as states, and as content to store. */
export interface MergedLines {
  readonly observations: readonly ObservationState[];
  readonly contents: readonly ObservationContent[];
}

/** Gives incoming lines the ordinals of their predecessors and keeps those that are missing now as withdrawn. */
export const mergeLines = (
  current: ReportContent | null,
  incoming: ReportContent,
  standingOf: (line: ObservationContent, before: ObservationContent | undefined) => Standing,
  carriedStanding: (before: ObservationContent) => Standing,
): MergedLines => {
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
