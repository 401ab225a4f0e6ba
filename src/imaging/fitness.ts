import { bodyRegionsOf, type ItemCode, type Side } from '../catalogue/index.ts';
import type { InstitutionCode, ZoneCode } from '../organisation/index.ts';
import type { ContrastPhase, ImageView } from './image-words.ts';
import type { ImagePlane } from './series-geometry.ts';
import type { SeriesFacts, StatedSide, StudyFacts } from './study-facts.ts';

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
  readonly isLossy: boolean;
  readonly lossyRatio: number | null;
  /** Only where images of another patient came for the same study and nobody has said yet whose they are. */
  readonly hasOtherPatient?: true;
}

/** What an item asks of its images. What is absent is not asked. */
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

const thinnest = (stacks: readonly SeriesFacts[]): SeriesFacts | undefined =>
  stacks.toSorted(
    (one, other) =>
      (one.thicknessMm ?? Number.POSITIVE_INFINITY) - (other.thicknessMm ?? Number.POSITIVE_INFINITY) ||
      (other.coverageMm ?? 0) - (one.coverageMm ?? 0),
  )[0];

/** Sums a study up for a decision. @param announced what the sender said it would send */
export const imageFacts = (study: StudyFacts, announced: number | null): ImageFacts => {
  const images = study.series.filter(({ isAuxiliary }) => !isAuxiliary);
  const best = thinnest(images.filter(({ plane }) => plane !== null));
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
    isLossy: images.some(({ isLossy }) => isLossy),
    lossyRatio: images.reduce<number | null>(
      (most, { lossyRatio }) => (lossyRatio === null ? most : Math.max(most ?? 0, lossyRatio)),
      null,
    ),
  };
};

/** What a decision compares the images with besides the requirements: the examination that the report is of. */
export interface ExaminedPart {
  /** As the catalogue words it; null where it names none. */
  readonly bodyPartZh: string | null;
  /** Of the report; null where it states none, or the item has no sides. */
  readonly side: Side | null;
}

class Judging {
  readonly failures: ImageShortfall[] = [];
  readonly notStated: ImageShortfall[] = [];
  failedRow: number | null = null;
  notStatedRow: number | null = null;
  /** Place of the row that is being asked; null before the first. */
  row: number | null = null;

  /** `isMet` null: nobody can tell. */
  private say(isMet: boolean | null, shortfall: ImageShortfall): void {
    if (isMet === true) return;
    const list = isMet === null ? this.notStated : this.failures;
    if (isMet === null) this.notStatedRow ??= this.row;
    else this.failedRow ??= this.row;
    if (!list.some(({ kind, asked }) => kind === shortfall.kind && asked === shortfall.asked))
      list.push(shortfall);
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

/** Judges images by what the examination is and by every row of requirements that applies. */
export const judgeImages = (
  facts: ImageFacts,
  examined: ExaminedPart,
  requirements: readonly ImageAsks[],
): ImageJudgement => {
  const judging = new Judging();
  judgePart(judging, facts, examined);
  for (let row = 0; row < requirements.length; row++) {
    judging.row = row;
    const asks = requirements[row] as ImageAsks;
    const { modalities = [] } = asks;
    if (
      modalities.length > 0 &&
      facts.modalities.length > 0 &&
      !facts.modalities.some((one) => modalities.includes(one))
    )
      judging.fail({ kind: 'modality', found: facts.modalities, asked: modalities });
    judging.atMost('thickness', facts.thicknessMm, asks.thicknessMaxMm);
    judging.atLeast('coverage', facts.coverageMm, asks.coverageMinMm);
    judging.atLeast('matrix', facts.matrix, asks.matrixMin);
    judging.atLeast('frames', facts.frames, asks.framesMin);
    judging.each('plane', facts.planes, asks.planes);
    judging.each('view', facts.views, asks.views);
    judging.each(
      'phase',
      facts.phases.some((phase) => phase !== 'plain') ? [...facts.phases, 'enhanced'] : facts.phases,
      asks.phases,
    );
    if (facts.isLossy) judging.atMost('lossy', facts.lossyRatio, asks.lossyRatioMax);
  }
  return judging;
};
