import { bodyRegionsOf, type ItemCode, type Side } from '../catalogue/index.ts';
import type { InstitutionCode, ZoneCode } from '../organisation/index.ts';
import type { ContrastPhase, ImageView } from './image-words.ts';
import type { ImagePlane } from './series-geometry.ts';
import type { SeriesFacts, StatedSide, StudyFacts } from './study-facts.ts';

/** What a decision knows of one stack of slices. Lengths in millimetres; null: not stated. */
export interface ImageStack {
  readonly plane: ImagePlane;
  readonly phase: ContrastPhase | null;
  readonly thicknessMm: number | null;
  readonly coverageMm: number | null;
  /** The smaller edge of its images, in pixels. */
  readonly matrix: number | null;
  /** null: its compression may lose, and the header does not say whether it did. */
  readonly isLossy: boolean | null;
  readonly lossyRatio: number | null;
}

/**
 * What of the images behind a report goes into the facts of a decision: small, codes and numbers only, nothing that names
 * the patient or the device.
 */
export interface ImageFacts {
  readonly modalities: readonly string[];
  readonly regions: readonly string[];
  readonly side: StatedSide;
  /** Images stored. */
  readonly received: number;
  /** Images the sender announced; null: none. */
  readonly announced: number | null;
  /** Images that gaps show to be missing. */
  readonly missing: number;
  /** Of the stack with the thinnest slices. null: no stack, or no thickness stated. */
  readonly thicknessMm: number | null;
  /** Coverage of that stack, or of the longest one where no thickness is stated. */
  readonly coverageMm: number | null;
  /** The smaller edge of that stack's images, in pixels; of projections the largest image's. */
  readonly matrix: number | null;
  readonly planes: readonly ImagePlane[];
  readonly views: readonly ImageView[];
  readonly phases: readonly ContrastPhase[];
  readonly frames: number;
  /** As of a stack. Before stacks were told apart: true also where the header does not say. */
  readonly isLossy: boolean | null;
  readonly lossyRatio: number | null;
  /**
   * Unlike ones only, the thinnest first; none of projections. Absent from decisions made before stacks were told apart: these
   * are judged as they were then, by the thinnest stack alone.
   */
  readonly stacks?: readonly ImageStack[];
  /** Only where images of another patient came for the same study and nobody has said yet whose they are. */
  readonly hasOtherPatient?: true;
}

/**
 * What an item asks of its images. What is absent is not asked. Thickness, coverage, matrix, compression, and a plane or a phase
 * that stands alone are asked of one and the same stack.
 */
export interface ImageAsks {
  readonly modalities?: readonly string[];
  /** Slices of at least one stack are no thicker. */
  readonly thicknessMaxMm?: number;
  /** A stack with such slices covers at least so much. */
  readonly coverageMinMm?: number;
  /** Pixels along the smaller edge. */
  readonly matrixMin?: number;
  readonly planes?: readonly ImagePlane[];
  readonly views?: readonly ImageView[];
  /** `enhanced` is met by every phase after the contrast medium. */
  readonly phases?: readonly ContrastPhase[];
  readonly framesMin?: number;
  /** Greatest ratio of lossy compression; 1: only lossless. */
  readonly lossyRatioMax?: number;
}

/** One row of requirements on images: which items, in which case, what, and where it is from. */
export interface ImageRequirement {
  readonly code: string;
  readonly items: readonly ItemCode[];
  /** Only where one of them holds of the order; absent: always. */
  readonly when?: {
    /** ICD-10 prefixes, e.g. `R91` for a nodule of the lung. */
    readonly diagnosisPrefixes?: readonly string[];
    readonly purposes?: readonly string[];
  };
  readonly asks: ImageAsks;
  readonly sourceZh: string;
  readonly article?: string;
}

/** An institution that sends its images to the platform. */
export interface ImageSender {
  readonly institution: InstitutionCode;
  /** Civil day in China from which its examinations are expected with images. */
  readonly from: string;
}

/** Content of list kind `image-requirements`. */
export interface ImageRequirements {
  /** The zone in which they hold; absent: wherever no list says otherwise. */
  readonly zone?: ZoneCode;
  readonly rows: readonly ImageRequirement[];
  /**
   * Whose images are expected, so that a report without them is one whose images are missing (影像缺失). Of other
   * institutions, and of earlier examinations, nobody knows whether there are images: they were never to come here.
   */
  readonly senders: readonly ImageSender[];
}

/** One thing that images lack, or do not state: what it is, what was found, what is asked. */
export interface ImageShortfall {
  readonly kind:
    | 'modality'
    | 'patient'
    | 'region'
    | 'side'
    | 'thickness'
    | 'coverage'
    | 'matrix'
    | 'plane'
    | 'view'
    | 'phase'
    | 'frames'
    | 'lossy';
  /** null: not stated. */
  readonly found: readonly string[] | string | number | null;
  readonly asked: readonly string[] | string | number | null;
}

/** What becomes of images under requirements: what they fail, and what cannot be told because no header states it. */
export interface ImageJudgement {
  readonly failures: readonly ImageShortfall[];
  readonly notStated: readonly ImageShortfall[];
  /** Place of the row of requirements that is failed first, and of the first that cannot be told; null: none of a row. */
  readonly failedRow: number | null;
  readonly notStatedRow: number | null;
}

const sorted = <Value extends string>(values: Iterable<Value>): readonly Value[] =>
  [...new Set(values)].toSorted();

/** Lengths that go into a decision: tenths of a millimetre, so that no float's tail does. */
const rounded = (value: number | null): number | null =>
  value === null ? null : Math.round(value * 100) / 100;

const thinnestFirst = (stacks: readonly SeriesFacts[]): readonly SeriesFacts[] =>
  stacks.toSorted(
    (one, other) =>
      (one.thicknessMm ?? Number.POSITIVE_INFINITY) - (other.thicknessMm ?? Number.POSITIVE_INFINITY) ||
      (other.coverageMm ?? 0) - (one.coverageMm ?? 0),
  );

const stackOf = ({ plane, phase, matrix, isLossy, lossyRatio, ...lengths }: SeriesFacts): ImageStack[] =>
  plane === null
    ? []
    : [
        {
          plane,
          phase,
          thicknessMm: rounded(lengths.thicknessMm),
          coverageMm: rounded(lengths.coverageMm),
          matrix,
          isLossy,
          lossyRatio,
        },
      ];

/** Whether something was lost in one of them; null: of none it is said, and of one it cannot be told. */
const anyLossy = (images: readonly SeriesFacts[]): boolean | null =>
  images.some(({ isLossy }) => isLossy === true)
    ? true
    : images.some(({ isLossy }) => isLossy === null)
      ? null
      : false;

/** The first reading took everything that may lose for lossy: without a ratio it says nothing. */
const asReadNow = (series: SeriesFacts, reading = 1): SeriesFacts =>
  reading === 1 && series.isLossy && series.lossyRatio === null ? { ...series, isLossy: null } : series;

/** Sums a study up for a decision. @param announced what the sender said it would send */
export const imageFacts = (study: StudyFacts, announced: number | null): ImageFacts => {
  const images = study.series
    .filter(({ isAuxiliary }) => !isAuxiliary)
    .map((series) => asReadNow(series, study.reading));
  const slices = thinnestFirst(images.filter(({ plane }) => plane !== null));
  const [best] = slices;
  const stacks = new Map(slices.flatMap(stackOf).map((stack) => [JSON.stringify(stack), stack]));
  const matrices = images.flatMap(({ matrix }) => matrix ?? []);
  return {
    modalities: study.modalities,
    regions: study.regions,
    side: study.side,
    received: study.instances,
    announced,
    missing: study.missing,
    thicknessMm: rounded(best?.thicknessMm ?? null),
    coverageMm: rounded(best?.coverageMm ?? null),
    matrix: best?.matrix ?? (matrices.length === 0 ? null : Math.max(...matrices)),
    planes: sorted(images.flatMap(({ plane }) => plane ?? [])),
    views: sorted(images.flatMap(({ views }) => views)),
    phases: sorted(images.flatMap(({ phase }) => phase ?? [])),
    frames: study.frames,
    isLossy: anyLossy(images),
    lossyRatio: images.reduce<number | null>(
      (most, { lossyRatio }) => (lossyRatio === null ? most : Math.max(most ?? 0, lossyRatio)),
      null,
    ),
    stacks: [...stacks.values()],
  };
};

/** What a decision compares the images with besides the requirements: the examination that the report is of. */
export interface ExaminedPart {
  /** As the catalogue words it; null where it names none. */
  readonly bodyPartZh: string | null;
  /** Of the report; null where it states none, or the item has no sides. */
  readonly side: Side | null;
}

const earlier = (one: number | null, other: number | null): number | null =>
  one === null || other === null ? (one ?? other) : Math.min(one, other);

class Judging implements ImageJudgement {
  readonly failures: ImageShortfall[] = [];
  readonly notStated: ImageShortfall[] = [];
  failedRow: number | null = null;
  notStatedRow: number | null = null;
  /** Place of the row that is being asked; null before the first. */
  row: number | null = null;

  /** `isMet` null: nobody can tell. */
  private say(isMet: boolean | null, shortfall: ImageShortfall, row = this.row): void {
    if (isMet === true) return;
    const list = isMet === null ? this.notStated : this.failures;
    if (isMet === null) this.notStatedRow = earlier(this.notStatedRow, row);
    else this.failedRow = earlier(this.failedRow, row);
    if (!list.some(({ kind, asked }) => kind === shortfall.kind && asked === shortfall.asked))
      list.push(shortfall);
  }

  /** Takes over what another one says. */
  absorb({ failures, notStated, failedRow, notStatedRow }: ImageJudgement): void {
    for (const shortfall of failures) this.say(false, shortfall, failedRow);
    for (const shortfall of notStated) this.say(null, shortfall, notStatedRow);
  }

  /** A ratio that nobody states is more than lossless allows. @param asked greatest ratio */
  lossless(images: Pick<ImageStack, 'isLossy' | 'lossyRatio'>, asked: number | undefined): void {
    const { isLossy, lossyRatio: found } = images;
    if (asked === undefined || isLossy === false) return;
    const isMet = isLossy === null ? null : found === null ? (asked <= 1 ? false : null) : found <= asked;
    this.say(isMet, { kind: 'lossy', found, asked });
  }

  atMost(kind: ImageShortfall['kind'], found: number | null, asked: number | undefined): void {
    if (asked !== undefined) this.say(found === null ? null : found <= asked, { kind, found, asked });
  }

  atLeast(kind: ImageShortfall['kind'], found: number | null, asked: number | undefined): void {
    if (asked !== undefined) this.say(found === null ? null : found >= asked, { kind, found, asked });
  }

  /** Each of the asked ones is among the found; where nothing is stated at all, nobody can tell. */
  each(kind: ImageShortfall['kind'], found: readonly string[], asked: readonly string[] = []): void {
    for (const one of asked)
      this.say(found.length === 0 ? null : found.includes(one), {
        kind,
        found: found.length === 0 ? null : found,
        asked: one,
      });
  }

  fail(shortfall: ImageShortfall): void {
    this.say(false, shortfall);
  }

  unknown(shortfall: ImageShortfall): void {
    this.say(null, shortfall);
  }
}

const judgePart = (judging: Judging, facts: ImageFacts, { bodyPartZh, side }: ExaminedPart): void => {
  if (facts.hasOtherPatient) judging.unknown({ kind: 'patient', found: null, asked: null });
  const regions = bodyPartZh === null ? new Set<string>() : bodyRegionsOf(bodyPartZh);
  if (facts.regions.length > 0 && regions.size > 0 && !facts.regions.some((region) => regions.has(region)))
    judging.fail({ kind: 'region', found: facts.regions, asked: bodyPartZh });
  if (side === null || facts.side === null || facts.side === side || facts.side === 'both') return;
  if (facts.side === 'unclear') judging.unknown({ kind: 'side', found: 'unclear', asked: side });
  else judging.fail({ kind: 'side', found: facts.side, asked: side });
};

/** `enhanced` is among the phases of everything after the contrast medium. */
const withEnhanced = (phases: readonly ContrastPhase[]): readonly ContrastPhase[] =>
  phases.some((phase) => phase !== 'plain') ? [...phases, 'enhanced'] : phases;

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

/** Judges images by what the examination is and by every row of requirements that applies. */
export const judgeImages = (
  facts: ImageFacts,
  examined: ExaminedPart,
  requirements: readonly ImageAsks[],
): ImageJudgement => {
  const judging = new Judging();
  judgePart(judging, facts, examined);
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
