import type { Instant } from '../kernel/instant.ts';
import {
  type Assessed,
  type CandidateFacts,
  type CompiledSnapshot,
  type Decision,
  type DecisionFacts,
  type DecisionRecord,
  decideAndRecord,
  type LineDecision,
  type VerdictGrade,
} from '../recognition/index.ts';

/** A past decision decided once more with the corrected facts, to lay beside it. The past one is never rewritten. */
export interface ReEvaluation {
  readonly decision: Decision;
  readonly record: DecisionRecord;
}

/** The candidates of a past decision with those of one report as they are known now, each in its old place. */
const withCorrected = (
  candidates: readonly CandidateFacts[],
  report: string,
  corrected: readonly CandidateFacts[],
): readonly CandidateFacts[] => {
  const now = new Map(corrected.map((each) => [each.ordinal, each]));
  const known = new Set(candidates.flatMap((each) => (each.report === report ? [each.ordinal] : [])));
  return [
    ...candidates.flatMap((each) => (each.report === report ? (now.get(each.ordinal) ?? []) : [each])),
    ...corrected.filter(({ ordinal }) => !known.has(ordinal)),
  ];
};

/**
 * Decides a past order once more as it stood that day, at that moment and by that day's lists, with the results of one
 * report as they are known now.
 *
 * @param corrected the report's results now; empty where it is no result of this patient any more
 * @param snapshot the lists of that day
 * @returns null when that check had not looked for results at all
 */
export const reEvaluate = (
  { session, search, at }: DecisionFacts,
  report: string,
  corrected: readonly CandidateFacts[],
  snapshot: CompiledSnapshot,
): ReEvaluation | null =>
  search.kind === 'searched'
    ? decideAndRecord(
        session,
        { ...search, candidates: withCorrected(search.candidates, report, corrected) },
        snapshot,
        at as Instant,
      )
    : null;

/** One result of the report in one ordered line: what it was worth then, and what it would have been worth. */
export interface GradeChange {
  readonly ordinal: number;
  readonly item: string;
  /** null: it was not weighed. */
  readonly before: VerdictGrade | null;
  readonly after: VerdictGrade | null;
}

/** One ordered line of a decision beside its re-evaluation. */
export interface LineChange {
  /** Place of the line in the order, from 0. */
  readonly index: number;
  readonly before: LineDecision['outcome'];
  readonly after: LineDecision['outcome'];
  readonly results: readonly GradeChange[];
}

/** As much of a decision as can be compared: whole, or as somebody may see it. */
export interface ComparableDecision {
  readonly lines: readonly (Pick<LineDecision, 'outcome'> & {
    readonly parts: readonly { readonly assessed: readonly Pick<Assessed, 'candidate' | 'verdict'>[] }[];
  })[];
}

const gradesIn = (
  line: ComparableDecision['lines'][number] | undefined,
  report: string,
): ReadonlyMap<number, { readonly item: string; readonly grade: VerdictGrade }> =>
  new Map(
    (line?.parts ?? []).flatMap(({ assessed }) =>
      assessed
        .filter(({ candidate }) => candidate.report === report)
        .map(({ candidate, verdict }) => [candidate.ordinal, { item: candidate.item, grade: verdict.grade }]),
    ),
  );

/** The lines in which a report was weighed, then and now, side by side. */
export const lineChanges = (
  before: ComparableDecision,
  after: ComparableDecision,
  report: string,
): readonly LineChange[] =>
  before.lines.flatMap((line, index) => {
    const [then, now] = [gradesIn(line, report), gradesIn(after.lines[index], report)];
    const results = [...new Set([...then.keys(), ...now.keys()])].map(
      (ordinal): GradeChange => ({
        ordinal,
        item: (then.get(ordinal) ?? now.get(ordinal))?.item ?? '',
        before: then.get(ordinal)?.grade ?? null,
        after: now.get(ordinal)?.grade ?? null,
      }),
    );
    return results.length === 0
      ? []
      : [{ index, before: line.outcome, after: after.lines[index]?.outcome ?? line.outcome, results }];
  });
