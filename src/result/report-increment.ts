import type { JsonValue } from '../kernel/canonical-json.ts';
import {
  type JsonObject,
  type ObservationContent,
  observationFingerprint,
  type ReportContent,
} from './report-content.ts';
import type { ReportState } from './report-state.ts';
import { claimedStanding, compareStatements } from './report-statement.ts';
import { isIssued, isTakenBack } from './standing.ts';

const isNothing = (value: JsonValue | undefined): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

/** The frame of both parts together: what the later one leaves out stays as the earlier one said. */
const joined = (earlier: JsonObject, later: JsonObject): JsonObject => {
  const frame: { [member: string]: JsonValue | undefined } = { ...earlier };
  for (const [member, value] of Object.entries(later)) if (!isNothing(value)) frame[member] = value;
  return frame;
};

/** A line of the stored report as a sender would state it again. */
const restated = ({ key, stated, read }: ObservationContent): ObservationContent => ({ key, stated, read });

const isSameLine = (left: ObservationContent, right: ObservationContent): boolean =>
  left.stated['status'] === right.stated['status'] &&
  observationFingerprint(left) === observationFingerprint(right);

/** A whole report, and which line of the message each of its lines comes from; null: from the stored report. */
export interface WholeReport {
  readonly content: ReportContent;
  readonly places: readonly (number | null)[];
}

/** A statement that speaks of the whole report by itself. */
const asStated = (content: ReportContent): WholeReport => ({
  content,
  places: content.observations.map((_, place) => place),
});

/**
 * The whole report that a further part of it makes, for senders that send a message per result (increment mode): the
 * stored lines that the part does not name stay as they are; of a line that both have the later statement counts. A part
 * that only repeats is the stored report again. What takes the report back speaks of all of it, and so does what comes
 * after that, and an examination, whose texts are one: those are taken as they are stated.
 *
 * @param incoming `reportContent` of the part
 */
export const wholeWithPart = (current: ReportState, incoming: ReportContent): WholeReport => {
  const { content } = current;
  if (content.kind !== 'laboratory' || incoming.kind !== 'laboratory') return asStated(incoming);
  const claimed = claimedStanding(incoming);
  if (isTakenBack(claimed) || isTakenBack(current.standing)) return asStated(incoming);
  const isLater = compareStatements(incoming, content, false) >= 0;
  const stored = new Map(content.observations.map((line) => [line.key, line]));
  const lines: ObservationContent[] = [];
  const places: (number | null)[] = [];
  for (const [place, line] of incoming.observations.entries()) {
    const before = stored.get(line.key);
    if (before !== undefined && (!isLater || isSameLine(before, line))) continue;
    stored.delete(line.key);
    lines.push(line);
    places.push(place);
  }
  for (const line of stored.values()) {
    lines.push(restated(line));
    places.push(null);
  }
  const particulars = isLater ? joined(content.particulars, incoming.particulars) : content.particulars;
  return {
    places,
    content: {
      ...content,
      substance: isLater ? joined(content.substance, incoming.substance) : content.substance,
      // A part may call itself preliminary because others are still to come; what has been issued stays so.
      particulars:
        claimed === 'preliminary' && isIssued(current.standing)
          ? { ...particulars, status: content.particulars['status'] }
          : particulars,
      observations: lines,
    },
  };
};
