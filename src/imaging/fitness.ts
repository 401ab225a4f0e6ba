import type { ItemCode, Side } from '../catalogue/index.ts';
import type { InstitutionCode, ZoneCode } from '../organisation/index.ts';
import type { ContrastPhase, Derivation, ImageView, MrSequence } from './image-words.ts';
import { believedThickness, type ImagePlane, liesApart } from './series-geometry.ts';
import type { PartStatement } from './shown-part.ts';
import {
  agreedSide,
  greatest,
  type ImageProjection,
  type SeriesFacts,
  type StatedSide,
  type StudyFacts,
  sideOfImages,
  sorted,
  studyFacts,
} from './study-facts.ts';

/** What a decision knows of one stack of slices. Lengths in millimetres; null: not stated. */
export interface ImageStack {
  /** Absent from decisions made before a stack was asked for its own. */
  readonly modality?: string | null;
  readonly plane: ImagePlane;
  readonly phase: ContrastPhase | null;
  readonly thicknessMm: number | null;
  readonly coverageMm: number | null;
  /** From slice to slice. Only where they leave gaps, and not in decisions of before version 4. */
  readonly apartMm?: number;
  /** Only of slices that were computed of others, and not in decisions of before version 4. */
  readonly derived?: Derivation;
  /** The smaller edge of its images, in pixels. */
  readonly matrix: number | null;
  /** null: its compression may lose, and the header does not say whether it did. */
  readonly isLossy: boolean | null;
  readonly lossyRatio: number | null;
  /** Only where headers name one. */
  readonly sequences?: readonly MrSequence[];
}

/**
 * What of one study behind a report goes into the facts of a decision: small, codes and numbers only, nothing that names
 * the patient or the device.
 */
export interface StudyImages {
  readonly modalities: readonly string[];
  readonly regions: readonly string[];
  readonly side: StatedSide;
  /** Instances stored: images, and what came beside them. */
  readonly received: number;
  /** Of these documents, marks and localisers, which show nothing of what was examined. Only where there are some, from version 4 on. */
  readonly beside?: number;
  /** Kinds of the documents (`DOC`, `SR`) of a study that holds nothing else, from version 4 on. */
  readonly documents?: readonly string[];
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
  /** Only where slices do not say in which plane they lie. */
  readonly hasUnplaced?: true;
  /** Unlike ones only. Absent where there are none, and from decisions made before they were told apart. */
  readonly projections?: readonly ImageProjection[];
  /** Leads of an electrocardiogram; absent where no image states any. */
  readonly leads?: number;
  /** What its images themselves state of the part that they show. Absent of a study of several parts, and from decisions of before version 5. */
  readonly shows?: PartStatement;
  /** Regions of each part that anything in it names (`partsNamed`). Absent from decisions of before version 5. */
  readonly named?: readonly string[];
  /** Only where its series state unlike parts: those of each by themselves. From version 5 on. */
  readonly parts?: readonly StudyImages[];
}

/** The images behind a report as they go into the facts of a decision: of one study, or of several together. */
export interface ImageFacts extends StudyImages {
  /** Only where images of another patient came for the same study and nobody has said yet whose they are. */
  readonly hasOtherPatient?: true;
  /**
   * Only where the report has several studies: each of them, the largest first. Decisions made before they were told apart know
   * the largest alone, and are judged by it.
   */
  readonly studies?: readonly StudyImages[];
}

/**
 * What an item asks of its images. What is absent is not asked. Thickness, coverage, matrix and compression are asked of one and the
 * same stack, and where planes, phases or sequences are asked, of a stack for each of them.
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
  /** The views of the left and of the right. A side of which there is nothing is not stated: the patient may have one breast. */
  readonly eachSide?: true;
  /** `enhanced` is met by every phase after the contrast medium. */
  readonly phases?: readonly ContrastPhase[];
  readonly sequences?: readonly MrSequence[];
  readonly framesMin?: number;
  /** Leads of an electrocardiogram. */
  readonly leadsMin?: number;
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
    | 'spacing'
    | 'matrix'
    | 'plane'
    | 'view'
    | 'phase'
    | 'sequence'
    | 'frames'
    | 'leads'
    | 'lossy';
  /** null: not stated. */
  readonly found: readonly string[] | string | number | null;
  readonly asked: readonly string[] | string | number | null;
  /** In which phase, plane, sequence or side this lacks, where it does not lack everywhere. */
  readonly within?: ImagePlane | ContrastPhase | MrSequence | Side;
}

/** What becomes of images under requirements: what they fail, and what cannot be told because no header states it. */
export interface ImageJudgement {
  readonly failures: readonly ImageShortfall[];
  readonly notStated: readonly ImageShortfall[];
  /** Place of the row of requirements that is failed first, and of the first that cannot be told; null: none of a row. */
  readonly failedRow: number | null;
  readonly notStatedRow: number | null;
}

/** Lengths that go into a decision: tenths of a millimetre, so that no float's tail does. */
const rounded = (value: number | null): number | null =>
  value === null ? null : Math.round(value * 100) / 100;

type Measured = Pick<ImageStack, 'thicknessMm' | 'coverageMm'>;

const byThickness = (one: Measured, other: Measured): number =>
  (one.thicknessMm ?? Number.POSITIVE_INFINITY) - (other.thicknessMm ?? Number.POSITIVE_INFINITY) ||
  (other.coverageMm ?? 0) - (one.coverageMm ?? 0);

const thinnestFirst = (stacks: readonly SeriesFacts[]): readonly SeriesFacts[] =>
  stacks.toSorted(byThickness);

const stackOf = (series: SeriesFacts): readonly ImageStack[] => {
  const { plane, phases, sequences = [], matrix, isLossy, lossyRatio, thicknessMm } = series;
  if (plane === null) return [];
  const isApart = liesApart(series.modality, thicknessMm, series.spacingMm);
  const stack = {
    modality: series.modality,
    plane,
    phase: series.phase,
    thicknessMm: rounded(thicknessMm),
    coverageMm: rounded(series.coverageMm),
    ...(isApart ? { apartMm: rounded(series.spacingMm) as number } : {}),
    ...(series.derived === undefined ? {} : { derived: series.derived }),
    matrix,
    isLossy,
    lossyRatio,
    ...(sequences.length > 0 ? { sequences } : {}),
  };
  // How far one phase of several reaches is not known: its images lie among those of the others.
  return phases === undefined ? [stack] : phases.map((phase) => ({ ...stack, phase, coverageMm: null }));
};

/** Whether something was lost in one of them; null: of none it is said, and of one it cannot be told. */
const anyLossy = (images: readonly Pick<ImageStack, 'isLossy'>[]): boolean | null =>
  images.some(({ isLossy }) => isLossy === true)
    ? true
    : images.some(({ isLossy }) => isLossy === null)
      ? null
      : false;

/** The first reading took everything that may lose for lossy: without a ratio it says nothing. Those before 7 took any number for a thickness. */
const asReadNow = (series: SeriesFacts, reading = 1): SeriesFacts => ({
  ...series,
  isLossy: reading === 1 && series.isLossy && series.lossyRatio === null ? null : series.isLossy,
  thicknessMm: believedThickness(series.thicknessMm),
});

const distinct = <Value>(values: readonly Value[]): readonly Value[] => [
  ...new Map(values.map((value) => [JSON.stringify(value), value])).values(),
];

/** Instances of a study that are no images of what was examined: documents, marks, localisers. */
const instancesBeside = ({ series }: StudyFacts): number =>
  series.reduce((sum, { isAuxiliary, instances }) => sum + (isAuxiliary ? instances : 0), 0);

/** Images of what was examined: neither documents nor marks nor localisers. */
export const imagesAmong = (study: StudyFacts): number => study.instances - instancesBeside(study);

/** The same of what a decision knows. */
export const imagesKnown = ({ received, beside = 0 }: StudyImages): number => received - beside;

/** What can be said of images whose series belong together: of a whole study, or of those that state one part. */
const measured = (images: readonly SeriesFacts[]) => {
  const slices = thinnestFirst(images.filter(({ plane }) => plane !== null));
  const [best] = slices;
  const matrices = images.flatMap(({ matrix }) => matrix ?? []);
  const projections = distinct(
    images.flatMap((series) => (series.projections ?? []).map(({ side, views }) => ({ side, views }))),
  );
  const leads = images.flatMap((series) => series.leads ?? []);
  return {
    thicknessMm: rounded(best?.thicknessMm ?? null),
    coverageMm: rounded(best?.coverageMm ?? null),
    matrix: best?.matrix ?? (matrices.length === 0 ? null : Math.max(...matrices)),
    planes: sorted(images.flatMap(({ plane }) => plane ?? [])),
    views: sorted(images.flatMap(({ views }) => views)),
    phases: sorted(images.flatMap(({ phase, phases }) => phases ?? phase ?? [])),
    isLossy: anyLossy(images),
    lossyRatio: greatest(images.map(({ lossyRatio }) => lossyRatio)),
    stacks: distinct(slices.flatMap(stackOf)),
    ...(images.some(({ isUnplaced }) => isUnplaced) ? { hasUnplaced: true as const } : {}),
    ...(projections.length > 0 ? { projections } : {}),
    ...(leads.length > 0 ? { leads: Math.max(...leads) } : {}),
  };
};

/** Facts of before reading 7 hold of each series what its examination is called too: it may be of any of these parts. */
const statementOf = ({ shows, regions }: SeriesFacts): PartStatement =>
  shows ?? { regions, ...(regions.length > 1 ? { isContradicted: true as const } : {}) };

/** A series of projections of unlike parts (a chest and a knee in one series) as one for each part. */
const byPart = (series: SeriesFacts): readonly SeriesFacts[] => {
  const projections = series.projections ?? [];
  const statements = distinct(projections.map(({ shows = statementOf(series) }) => shows));
  if (statements.length < 2) return [{ ...series, shows: statements[0] ?? statementOf(series) }];
  return statements.map((shows) => {
    const own = projections.filter((one) => JSON.stringify(one.shows) === JSON.stringify(shows));
    return {
      ...series,
      shows,
      regions: shows.regions,
      instances: own.length,
      frames: own.length,
      projections: own,
      views: sorted(own.flatMap(({ views }) => views)),
      side: agreedSide(own.map(({ side }) => side)),
    };
  });
};

const sumOf = (images: readonly SeriesFacts[], of: (series: SeriesFacts) => number): number =>
  images.reduce((sum, series) => sum + of(series), 0);

/** The series that state one part, as a study of their own. */
const partOf = (images: readonly SeriesFacts[], shows: PartStatement): StudyImages => ({
  modalities: sorted(images.flatMap(({ modality }) => modality ?? [])),
  regions: shows.regions,
  side: sideOfImages(
    images.every(({ modality }) => modality === 'MG') ? 'MG' : null,
    images.map(({ side }) => side),
  ),
  received: sumOf(images, ({ instances }) => instances),
  announced: null,
  missing: 0,
  ...measured(images),
  frames: sumOf(images, ({ frames }) => frames),
  shows,
});

/** By what its series state of the part that they show. */
const partsOf = (
  study: StudyFacts,
  images: readonly SeriesFacts[],
): Pick<StudyImages, 'shows' | 'named' | 'parts'> => {
  if (images.length === 0) return {};
  const { named = study.regions } = study;
  const groups = Map.groupBy(images.flatMap(byPart), ({ shows }) => JSON.stringify(shows));
  const parts = [...groups.values()].map((series) =>
    partOf(series, (series[0] as SeriesFacts).shows as PartStatement),
  );
  const [only, ...others] = parts;
  return { ...(others.length === 0 ? { shows: only?.shows as PartStatement } : { parts }), named };
};

/** Sums a study up for a decision. @param announced what the sender said it would send */
export const imageFacts = (study: StudyFacts, announced: number | null): StudyImages => {
  const images = study.series
    .filter(({ isAuxiliary }) => !isAuxiliary)
    .map((series) => asReadNow(series, study.reading));
  const beside = instancesBeside(study);
  const documents = sorted(study.series.flatMap(({ document }) => document ?? []));
  return {
    modalities: study.modalities,
    regions: study.regions,
    side: study.side,
    received: study.instances,
    ...(beside > 0 ? { beside } : {}),
    ...(beside >= study.instances && documents.length > 0 ? { documents } : {}),
    announced,
    missing: study.missing,
    ...measured(images),
    frames: study.frames,
    ...partsOf(study, images),
  };
};

/** Several studies together. What one of them states and another does not is stated. */
export const together = (studies: readonly StudyImages[]): StudyImages => {
  const [first, ...others] = studies;
  if (!first || others.length === 0) return first ?? imageFacts(studyFacts([]), null);
  const sum = (of: (study: StudyImages) => number): number => studies.reduce((all, one) => all + of(one), 0);
  const stacks = distinct(studies.flatMap((study) => study.stacks ?? []));
  const [best] = stacks.toSorted(byThickness);
  const projections = distinct(studies.flatMap((study) => study.projections ?? []));
  const leads = greatest(studies.map((study) => study.leads ?? null));
  const beside = sum((study) => study.beside ?? 0);
  const documents = sorted(studies.flatMap((study) => study.documents ?? []));
  return {
    modalities: sorted(studies.flatMap(({ modalities }) => modalities)),
    regions: sorted(studies.flatMap(({ regions }) => regions)),
    side: agreedSide(studies.map(({ side }) => side)),
    received: sum(({ received }) => received),
    ...(beside > 0 ? { beside } : {}),
    ...(documents.length > 0 ? { documents } : {}),
    // What a study announced counts beside what came of that study alone.
    announced: studies.every(({ announced }) => announced === null)
      ? null
      : sum(({ announced, received }) => announced ?? received),
    missing: sum(missingImages),
    thicknessMm: best?.thicknessMm ?? null,
    coverageMm: best?.coverageMm ?? null,
    matrix: best?.matrix ?? greatest(studies.map(({ matrix }) => matrix)),
    planes: sorted(studies.flatMap(({ planes }) => planes)),
    views: sorted(studies.flatMap(({ views }) => views)),
    phases: sorted(studies.flatMap(({ phases }) => phases)),
    frames: sum(({ frames }) => frames),
    isLossy: anyLossy(studies),
    lossyRatio: greatest(studies.map(({ lossyRatio }) => lossyRatio)),
    stacks,
    ...(studies.some(({ hasUnplaced }) => hasUnplaced) ? { hasUnplaced: true as const } : {}),
    ...(projections.length > 0 ? { projections } : {}),
    ...(leads === null ? {} : { leads }),
  };
};

/** Images of all studies of a report. @param studies in any order */
export const reportImageFacts = (studies: readonly StudyImages[]): ImageFacts => {
  const largestFirst = studies.toSorted((one, other) => other.received - one.received);
  return { ...together(largestFirst), ...(largestFirst.length > 1 ? { studies: largestFirst } : {}) };
};

/** Images that gaps show to be missing, or that were announced and have not come. */
export const missingImages = ({ missing, announced, received }: StudyImages): number =>
  Math.max(missing, (announced ?? 0) - received);

/** What a decision compares the images with besides the requirements: the examination that the report is of. */
export interface ExaminedPart {
  /** As the catalogue words it; null where it names none. */
  readonly bodyPartZh: string | null;
  /** Of the report; null where it states none, or the item has no sides. */
  readonly side: Side | null;
}
