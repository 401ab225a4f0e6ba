import type { ExaminedPart, ImageAsks, ImageFacts, ImageJudgement, ImageStack } from './fitness.ts';
import { Judging, judgeStatedPart, withEnhanced } from './judging.ts';

const alone = <Value>(values: readonly Value[] = []): readonly Value[] => (values.length === 1 ? values : []);
const several = <Value>(values: readonly Value[] = []): readonly Value[] => (values.length > 1 ? values : []);

/** What is asked of the study as a whole. */
const judgeStudy = (judging: Judging, facts: ImageFacts, asks: ImageAsks): void => {
  const { modalities = [] } = asks;
  if (
    modalities.length > 0 &&
    facts.modalities.length > 0 &&
    !facts.modalities.some((one) => modalities.includes(one))
  )
    judging.fail({ kind: 'modality', found: facts.modalities, asked: modalities });
  judging.atLeast('frames', facts.frames, asks.framesMin);
  judging.each('view', facts.views, asks.views);
};

/** What is asked of slices, of a study that has none, or of one whose stacks were not told apart when it was decided on. */
const judgeWithoutStacks = (judging: Judging, facts: ImageFacts, asks: ImageAsks): void => {
  judging.atMost('thickness', facts.thicknessMm, asks.thicknessMaxMm);
  judging.atLeast('coverage', facts.coverageMm, asks.coverageMinMm);
  judging.atLeast('matrix', facts.matrix, asks.matrixMin);
  judging.each('plane', facts.planes, asks.planes);
  judging.each('phase', withEnhanced(facts.phases), asks.phases);
  if (facts.stacks !== undefined) judging.lossless(facts, asks.lossyRatioMax);
  else if (facts.isLossy) judging.atMost('lossy', facts.lossyRatio, asks.lossyRatioMax);
};

/** A row, by its place among those that apply. */
interface PlacedAsks {
  readonly row: number;
  readonly asks: ImageAsks;
}

const judgeStack = (stack: ImageStack, rows: readonly PlacedAsks[]): Judging => {
  const judging = new Judging();
  for (const { row, asks } of rows) {
    judging.row = row;
    judging.atMost('thickness', stack.thicknessMm, asks.thicknessMaxMm);
    judging.atLeast('coverage', stack.coverageMm, asks.coverageMinMm);
    judging.atLeast('matrix', stack.matrix, asks.matrixMin);
    judging.lossless(stack, asks.lossyRatioMax);
    judging.each('plane', [stack.plane], alone(asks.planes));
    judging.each('phase', stack.phase === null ? [] : withEnhanced([stack.phase]), alone(asks.phases));
  }
  return judging;
};

/** Of all stacks the one that comes nearest to what is asked. */
const nearest = (stacks: readonly ImageStack[], rows: readonly PlacedAsks[]): Judging | undefined =>
  stacks
    .map((stack) => judgeStack(stack, rows))
    .toSorted(
      (one, other) =>
        one.failures.length - other.failures.length || one.notStated.length - other.notStated.length,
    )[0];

/**
 * One stack meets all that is asked of a stack: a target of 40 mm in thin slices does not make up for the thick ones of the whole
 * chest, though one row asks for the thickness and another for the range. Rows that name one plane or one phase mean a stack of
 * their own.
 */
const judgeStacks = (judging: Judging, stacks: readonly ImageStack[], rows: readonly PlacedAsks[]): void => {
  const isOwn = ({ asks }: PlacedAsks): boolean =>
    alone(asks.planes).length > 0 || alone(asks.phases).length > 0;
  const groups = [rows.filter((row) => !isOwn(row)), ...rows.filter(isOwn).map((row) => [row])];
  for (const group of groups) {
    const judged = nearest(stacks, group);
    if (judged) judging.absorb(judged);
  }
};

/**
 * As version 2 of the evaluator judged images: several phases or planes of one row are asked of the study as a whole, and of a report
 * with several studies the largest. Its decisions are replayed by this.
 */
export const judgeImages2 = (
  facts: ImageFacts,
  examined: ExaminedPart,
  requirements: readonly ImageAsks[],
): ImageJudgement => {
  const judging = new Judging();
  if (facts.hasOtherPatient) judging.unknown({ kind: 'patient', found: null, asked: null });
  judgeStatedPart(judging, facts, examined);
  const { stacks = [] } = facts;
  const rows = requirements.map((asks, row) => ({ row, asks }));
  for (const { row, asks } of rows) {
    judging.row = row;
    judgeStudy(judging, facts, asks);
    if (stacks.length === 0) judgeWithoutStacks(judging, facts, asks);
    else {
      judging.each('plane', facts.planes, several(asks.planes));
      judging.each('phase', withEnhanced(facts.phases), several(asks.phases));
    }
  }
  judgeStacks(judging, stacks, rows);
  return judging;
};
