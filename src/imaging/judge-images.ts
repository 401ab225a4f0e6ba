import type { Side } from '../catalogue/index.ts';
import {
  type ExaminedPart,
  type ImageAsks,
  type ImageFacts,
  type ImageJudgement,
  type ImageShortfall,
  type ImageStack,
  imagesKnown,
  missingImages,
  type StudyImages,
  together,
} from './fitness.ts';
import type { ContrastPhase, MrSequence } from './image-words.ts';
import { Judging, judgePart, judgeStatedPart, withEnhanced } from './judging.ts';
import type { ImagePlane } from './series-geometry.ts';
import { type JudgedStack, stackEvidence, UNSTATED } from './stack-evidence.ts';

/** In what versions of the evaluator differ. */
interface Rules {
  readonly judgePart: typeof judgePart;
  readonly stackEvidence: typeof stackEvidence;
  /** Whether an image that states no modality may be of another kind than asked. */
  readonly doubtsKind: boolean;
}

/** A row, by its place among those that apply. */
interface PlacedAsks {
  readonly row: number;
  readonly asks: ImageAsks;
}

/** What one stack is wanted for. */
interface Wanted {
  /** Of the row that names the plane, phase or sequence; null: every row that names none. */
  readonly row: number | null;
  /** One of these. */
  readonly planes: readonly ImagePlane[];
  readonly phases: readonly ContrastPhase[];
  readonly sequences: readonly MrSequence[];
  /** Asked of the same stack. */
  readonly lengths: readonly PlacedAsks[];
  /** What the stack is wanted for, to say of which one it is that it lacks something. */
  readonly within?: ImageShortfall['within'];
}

const namesStacks = ({ planes = [], phases = [], sequences = [] }: ImageAsks): boolean =>
  planes.length + phases.length + sequences.length > 0;

/** How far slices reach is measured across their plane: of another plane, or of a part that a sequence is for, it is not asked. */
const withoutCoverage = (rows: readonly PlacedAsks[]): readonly PlacedAsks[] =>
  rows.map(({ row, asks }) => {
    const { coverageMinMm: _, ...others } = asks;
    return { row, asks: others };
  });

/**
 * Which stacks the rows want. A row that names phases wants a stack for each, of one of its planes, and so with planes and sequences;
 * rows that name none bind each of these stacks, and one stack meets them all together.
 */
const wantedStacks = (rows: readonly PlacedAsks[]): readonly Wanted[] => {
  const forAll = rows.filter(({ asks }) => !namesStacks(asks));
  const generic: Wanted = { row: null, planes: [], phases: [], sequences: [], lengths: forAll };
  const named = rows
    .filter(({ asks }) => namesStacks(asks))
    .flatMap((own): readonly Wanted[] => {
      const { planes = [], phases = [], sequences = [] } = own.asks;
      const any = { row: own.row, planes, phases, sequences };
      const lengths = [own, ...forAll];
      const bare = [own, ...withoutCoverage(forAll)];
      return [
        ...phases.map((phase) => ({ ...any, phases: [phase], sequences: [], lengths, within: phase })),
        ...planes.map((plane) => ({ ...any, planes: [plane], sequences: [], lengths: bare, within: plane })),
        ...sequences.map((one) => ({ ...any, phases: [], sequences: [one], lengths: bare, within: one })),
      ];
    });
  return [generic, ...named];
};

/** Among the found ones is one of the wanted; null: nothing is stated. */
const isAmong = (found: readonly string[], wanted: readonly string[]): boolean | null =>
  wanted.length === 0 || (found.length === 0 ? null : found.some((one) => wanted.includes(one)));

/** The same of a phase: contrast medium of which no more is said may be in any phase after it. */
const isInPhase = (phase: ContrastPhase | null, wanted: readonly ContrastPhase[]): boolean | null => {
  const isMet = isAmong(phase === null ? [] : withEnhanced([phase]), wanted);
  return isMet === false && phase === 'enhanced' && wanted.some((one) => one !== 'plain') ? null : isMet;
};

/** True where a stack states all that is wanted of its kind. */
const isOfKind = ({ plane, phase, sequences = [] }: JudgedStack, wanted: Wanted): boolean =>
  isAmong(plane === null ? [] : [plane], wanted.planes) === true &&
  isInPhase(phase, wanted.phases) === true &&
  isAmong(sequences, wanted.sequences) === true;

interface JudgedFor {
  readonly judging: Judging;
  /** False where the stack states another plane, phase or sequence. */
  readonly isOfKind: boolean;
}

const judgeStack = (stack: JudgedStack, wanted: Wanted, all: readonly JudgedStack[]): JudgedFor => {
  const judging = new Judging();
  judging.row = wanted.row;
  const planesOf = ({ plane }: JudgedStack) => (plane === null ? [] : [plane]);
  const phasesOf = ({ phase }: JudgedStack) => (phase === null ? [] : withEnhanced([phase]));
  const sequencesOf = ({ sequences = [] }: JudgedStack) => sequences;
  const kinds = [
    ['plane', planesOf, wanted.planes, isAmong(planesOf(stack), wanted.planes)],
    ['phase', phasesOf, wanted.phases, isInPhase(stack.phase, wanted.phases)],
    ['sequence', sequencesOf, wanted.sequences, isAmong(sequencesOf(stack), wanted.sequences)],
  ] as const;
  for (const [kind, of, asked, isMet] of kinds) {
    const found = [...new Set(all.flatMap((one) => of(one) as readonly string[]))].toSorted();
    const shortfall = { kind, found, asked: asked.length === 1 ? (asked[0] as string) : asked };
    if (isMet === false) judging.fail(shortfall);
    if (isMet === null) judging.unknown({ ...shortfall, found: null });
  }
  const isOfKind = judging.failures.length === 0;
  judging.within = wanted.within;
  for (const { row, asks } of wanted.lengths) {
    judging.row = row;
    judging.atMost('thickness', stack.thicknessMm, asks.thicknessMaxMm);
    judging.atLeast('coverage', stack.coverageMm, asks.coverageMinMm);
    const asksSlices = asks.thicknessMaxMm !== undefined || asks.coverageMinMm !== undefined;
    if (asksSlices && stack.apartMm !== undefined)
      judging.fail({ kind: 'spacing', found: stack.apartMm, asked: null });
    judging.atLeast('matrix', stack.matrix, asks.matrixMin);
    judging.lossless(stack, asks.lossyRatioMax);
  }
  return { judging, isOfKind };
};

/** Of all stacks the one that comes nearest to what is wanted; of equals one that is what it is wanted for. */
const nearest = (stacks: readonly JudgedStack[], wanted: Wanted): Judging | undefined =>
  stacks
    .map((stack) => judgeStack(stack, wanted, stacks))
    .toSorted(
      (one, other) =>
        one.judging.failures.length - other.judging.failures.length ||
        Number(other.isOfKind) - Number(one.isOfKind) ||
        one.judging.notStated.length - other.judging.notStated.length,
    )[0]?.judging;

/** Stacks of the kinds of images that are asked for: a thin stack of a magnetic resonance does not make up for a thick one of a CT. */
const stacksOfKind = (stacks: readonly ImageStack[], rows: readonly PlacedAsks[]): readonly ImageStack[] =>
  stacks.filter(({ modality }) =>
    rows.every(
      ({ asks: { modalities = [] } }) =>
        modalities.length === 0 ||
        modality === undefined ||
        modality === null ||
        modalities.includes(modality),
    ),
  );

const judgeStacks = (
  judging: Judging,
  facts: StudyImages,
  rows: readonly PlacedAsks[],
  rules: Rules,
): void => {
  const ofKind = stacksOfKind(facts.stacks ?? [], rows);
  const stacks: readonly JudgedStack[] = ofKind.length > 0 ? ofKind : [UNSTATED];
  for (const wanted of wantedStacks(rows)) {
    // A series that does not say how it lies may be the one that is wanted.
    const isOfPlane = wanted.planes.length > 0 && facts.hasUnplaced;
    const evidence = rules.stackEvidence(stacks, wanted.planes, (stack) => isOfKind(stack, wanted));
    const judged = nearest(isOfPlane ? [...evidence, UNSTATED] : evidence, wanted);
    if (judged) judging.absorb(judged);
  }
};

/** What is asked of slices, of a study that has none. */
const judgeWithoutStacks = (judging: Judging, facts: StudyImages, asks: ImageAsks): void => {
  judging.atMost('thickness', facts.thicknessMm, asks.thicknessMaxMm);
  judging.atLeast('coverage', facts.coverageMm, asks.coverageMinMm);
  judging.atLeast('matrix', facts.matrix, asks.matrixMin);
  judging.each('plane', facts.planes, asks.planes);
  for (const asked of asks.phases ?? [])
    if (!withEnhanced(facts.phases).includes(asked)) judging.unknown({ kind: 'phase', found: null, asked });
  judging.each('sequence', [], asks.sequences);
  judging.lossless(facts, asks.lossyRatioMax);
};

/** Views that are asked, each of some image; an image that does not name its view may be the one that lacks. */
const judgeViews = (judging: Judging, facts: StudyImages, { views = [] }: ImageAsks): void => {
  const isSilent = facts.projections?.some((one) => one.views.length === 0) ?? false;
  for (const asked of views.filter((view) => !facts.views.includes(view)))
    if (facts.views.length === 0 || isSilent) judging.unknown({ kind: 'view', found: null, asked });
    else judging.fail({ kind: 'view', found: facts.views, asked });
};

/** The same of the left and of the right. */
const judgeViewsOfSides = (
  judging: Judging,
  { projections = [] }: StudyImages,
  { views = [] }: ImageAsks,
): void => {
  const sides: readonly Side[] = ['left', 'right'];
  for (const within of sides) {
    const own = projections.filter(({ side }) => side === within || side === 'both');
    const found = [...new Set(own.flatMap((one) => one.views))].toSorted();
    const isSilent = own.some((one) => one.views.length === 0);
    for (const asked of views.filter((view) => !found.includes(view))) {
      const mayBe = projections.some(
        (one) =>
          (one.side === null || one.side === 'unclear') &&
          (one.views.length === 0 || one.views.includes(asked)),
      );
      const shortfall = { kind: 'view', asked, within } as const;
      if (own.length === 0 || isSilent || mayBe) judging.unknown({ ...shortfall, found: null });
      else judging.fail({ ...shortfall, found });
    }
  }
};

const judgeKind = (
  judging: Judging,
  { modalities: images, documents = [] }: StudyImages,
  { modalities = [] }: ImageAsks,
  doubtsKind: boolean,
): void => {
  const found = [...images, ...documents.filter((kind) => modalities.includes(kind))];
  const isMet = isAmong(found, modalities);
  if (isMet === false) judging.fail({ kind: 'modality', found, asked: modalities });
  if (isMet === null && doubtsKind) judging.unknown({ kind: 'modality', found: null, asked: modalities });
};

/** What is asked of the study as a whole. */
const judgeWhole = (judging: Judging, facts: StudyImages, asks: ImageAsks, { doubtsKind }: Rules): void => {
  judgeKind(judging, facts, asks, doubtsKind);
  judging.atLeast('frames', facts.frames, asks.framesMin);
  judging.atLeast('leads', facts.leads ?? null, asks.leadsMin);
  if (asks.eachSide) judgeViewsOfSides(judging, facts, asks);
  else judgeViews(judging, facts, asks);
};

const judgeStudies = (
  facts: StudyImages,
  examined: ExaminedPart,
  rows: readonly PlacedAsks[],
  hasOtherPatient: boolean,
  rules: Rules,
): Judging => {
  const judging = new Judging();
  if (hasOtherPatient) judging.unknown({ kind: 'patient', found: null, asked: null });
  rules.judgePart(judging, facts, examined);
  for (const { row, asks } of rows) {
    judging.row = row;
    judgeWhole(judging, facts, asks, rules);
    if ((facts.stacks ?? []).length === 0) judgeWithoutStacks(judging, facts, asks);
  }
  if ((facts.stacks ?? []).length > 0) judgeStacks(judging, facts, rows, rules);
  return judging;
};

/** The judgement of a report's images, and of which images it is. */
export interface ReportJudgement {
  readonly judgement: ImageJudgement;
  /** Images that it rests on, without what came beside them. */
  readonly received: number;
  /** True where documents or localisers came and no image, and the item does not ask for documents. */
  readonly isWithoutImages: boolean;
  readonly missing: number;
  /** The studies that it rests on, where the report has several; null: it has one. */
  readonly studies: readonly StudyImages[] | null;
}

/** An electrocardiogram may come as a document; what came of anything else as documents or localisers shows nothing of it. */
const lacksImages = (facts: StudyImages, rows: readonly PlacedAsks[]): boolean =>
  facts.beside !== undefined &&
  imagesKnown(facts) <= 0 &&
  !rows.some(({ asks: { modalities = [] } }) => facts.documents?.some((kind) => modalities.includes(kind)));

const isFit = ({ failures, notStated }: ImageJudgement): boolean => failures.length + notStated.length === 0;

/** True of a study of another part, side or kind than the examination asked about: another one of the same report. */
const showsOther = (study: StudyImages, examined: ExaminedPart, rows: readonly PlacedAsks[]): boolean => {
  const judging = new Judging();
  judgeStatedPart(judging, study, examined);
  for (const { asks } of rows) judgeKind(judging, study, asks, false);
  return judging.failures.length > 0;
};

/** Judges images by rows of requirements. */
export type JudgeImages = (
  facts: ImageFacts,
  examined: ExaminedPart,
  requirements: readonly ImageAsks[],
) => ReportJudgement;

const judgeImagesBy =
  (rules: Rules): JudgeImages =>
  (facts, examined, requirements) => {
    const rows = requirements.map((asks, row) => ({ row, asks }));
    const judged = (studies: readonly StudyImages[]): ReportJudgement => {
      const all = together(studies);
      return {
        judgement: judgeStudies(all, examined, rows, facts.hasOtherPatient ?? false, rules),
        received: imagesKnown(all),
        isWithoutImages: lacksImages(all, rows),
        missing: missingImages(all),
        studies: facts.studies ? studies : null,
      };
    };
    if (!facts.studies) return judged([facts]);
    const shown = facts.studies.filter((study) => !lacksImages(study, rows));
    const own = facts.studies.filter((study) => !showsOther(study, examined, rows));
    const isOfOther = own.every((study) => lacksImages(study, rows)) && shown.length > 0;
    const some = shown.length > 0 ? shown : facts.studies;
    const all = judged(own.length === 0 || isOfOther ? some.slice(0, 1) : own);
    const alone = own
      .map((study) => judged([study]))
      .find(({ judgement, isWithoutImages }) => !isWithoutImages && isFit(judgement));
    // What one of them lacks counts, whichever suffices: the images that have not come may be the ones that were to be seen.
    return alone && all.missing === 0 ? alone : all;
  };

/**
 * Judges images by what the examination is and by every row of requirements that applies, whatever part each series of a study shows.
 * Of a report with several studies those that show another part or side of the body are left out. Where one of the others suffices by
 * itself it is that one; else they are judged together, as where each view or phase came as a study of its own. Where all show
 * something else, the largest is judged. So version 4 of the evaluator judged.
 */
export const judgeImages4: JudgeImages = judgeImagesBy({ judgePart, stackEvidence, doubtsKind: true });

/** As version 3 of the evaluator judged images: what no header states of part, side and kind passed, and every stack was evidence. */
export const judgeImages3: JudgeImages = judgeImagesBy({
  judgePart: judgeStatedPart,
  stackEvidence: (stacks) => stacks,
  doubtsKind: false,
});
