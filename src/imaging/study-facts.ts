import { bodyRegionsIn, bodyRegionsOf, type Side, sideIn } from '../catalogue/index.ts';
import {
  agentStatement,
  type ContrastPhase,
  type Derivation,
  derivationOf,
  doubtsContrast,
  type ImageView,
  type MrSequence,
  namesDosePage,
  namesLocaliser,
  phaseIn,
  phaseInProtocol,
  phaseOfUsage,
  regionsOfCode,
  sequencesIn,
  sideOfCode,
  viewOfCode,
  viewsIn,
} from './image-words.ts';
import type { InstanceHeader } from './instance.ts';
import {
  believedThickness,
  type ImagePlane,
  liesApart,
  type StackGeometry,
  stackGeometry,
} from './series-geometry.ts';
import { type PartStatement, partsNamed, statedPart } from './shown-part.ts';
import type { SeriesUid } from './uids.ts';

/** A side, or `unclear` where code and words, or two images, contradict each other: never guessed. null: not stated. */
export type StatedSide = Side | 'unclear' | null;

/** From where and of which side projections were taken. */
export interface ImageProjection {
  readonly side: StatedSide;
  /** Empty: not stated. */
  readonly views: readonly ImageView[];
  /** What the image itself states of the part that it shows. Absent from facts of before reading 7. */
  readonly shows?: PartStatement;
}

/** What the headers of one series amount to. Lengths in millimetres; null: not stated. */
export interface SeriesFacts {
  readonly seriesUid: string;
  readonly modality: string | null;
  readonly description: string | null;
  /** True for a series that only served to plan others, and for documents beside the images (dose, key images). */
  readonly isAuxiliary: boolean;
  /** Only of documents and marks: which kind, by the class of an encapsulated document (`DOC`), else by its modality (`SR`). */
  readonly document?: string;
  readonly instances: number;
  readonly frames: number;
  readonly plane: ImagePlane | null;
  /** Only where slices were computed of others. */
  readonly derived?: Derivation;
  /** The thickest slice of the series, so that one thick slice is not hidden by thin ones. */
  readonly thicknessMm: number | null;
  /** As measured from the places of the images. */
  readonly spacingMm: number | null;
  /** From the first edge to the last. */
  readonly coverageMm: number | null;
  /** The smaller of rows and columns, of the smallest image. */
  readonly matrix: number | null;
  /** Convolution kernel. */
  readonly kernel: string | null;
  readonly phase: ContrastPhase | null;
  /** Only of a series whose frames were taken in several. */
  readonly phases?: readonly ContrastPhase[];
  /** Of magnetic resonance; absent where no header names one. */
  readonly sequences?: readonly MrSequence[];
  readonly views: readonly ImageView[];
  /** Unlike ones only; absent where the series has no projections. */
  readonly projections?: readonly ImageProjection[];
  /** Leads of an electrocardiogram; absent where none are stated. */
  readonly leads?: number;
  /** True of slices that do not say in which plane they lie. */
  readonly isUnplaced?: true;
  readonly side: StatedSide;
  /** Of all that is said of its images, the words of the whole examination too. */
  readonly regions: readonly string[];
  /** What the series itself states of the part that it shows. Absent from facts of before reading 7. */
  readonly shows?: PartStatement;
  /** Images that gaps in place or number show to be missing. */
  readonly missing: number;
  /** True where pixels were once compressed with loss; null: compressed so that they may have been, and nothing is said. */
  readonly isLossy: boolean | null;
  /** The greatest that is stated. */
  readonly lossyRatio: number | null;
}

/** A device that made images of a study. */
export interface StudyDevice {
  readonly manufacturer: string | null;
  readonly modelName: string | null;
  readonly stationName: string | null;
}

/**
 * How headers are read and summed up now; raised with every change that can alter the facts of a study, so that those of before
 * are made anew.
 *
 * 1: as first written. 2: contrast, sides, gaps and loss by what binds them. 3: places of the frames of one image.
 * 4: contrast that a series may deny. 5: contrast of the frames, projections by side, sequences, leads, slices that fan out, the
 * dose of dose reports. 6: documents by their class, slices computed of others, images lost at even distances.
 * 7: the part that each series itself states, thicknesses that can be none, denials of contrast.
 */
export const FACTS_READING = 7;

/** What the headers of one study amount to. The order in which instances came makes no difference. */
export interface StudyFacts {
  /** By which reading (`FACTS_READING`); absent: the first. */
  readonly reading?: number;
  readonly modalities: readonly string[];
  readonly devices: readonly StudyDevice[];
  readonly regions: readonly string[];
  /** Regions of each part that anything in it names (`partsNamed`). Absent from facts of before reading 7. */
  readonly named?: readonly string[];
  readonly side: StatedSide;
  readonly instances: number;
  readonly frames: number;
  /** Images that are known to be missing. What the sender announced and has not sent is counted apart. */
  readonly missing: number;
  readonly series: readonly SeriesFacts[];
  /** Greatest CTDIvol of a series or a dose report, mGy. */
  readonly ctdiVolMGy: number | null;
  /** Dose-length product as the dose report states it, mGy·cm; of several the greatest. Absent where none states it. */
  readonly doseLengthMGyCm?: number;
  /** Sum of the dose-area products, dGy·cm². */
  readonly areaDoseProductDGyCm2: number | null;
}

/** Modalities of documents and marks that are no images of the patient. */
const DOCUMENTS: ReadonlySet<string> = new Set(
  'SR PR KO DOC REG SEG FID RWV PLAN AU M3D RTDOSE RTPLAN RTSTRUCT RTRECORD'.split(' '),
);
/** Storage classes of encapsulated documents, whatever modality they name. */
const ENCAPSULATED = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.104\./;
/** Those of reports and key images, presentation states, raw data, registrations and segmentations. */
const MARKS = /^1\.2\.840\.10008\.5\.1\.4\.1\.1\.(?:88|11|66|67|68)(?:\.|$)/;
/** Modalities whose series are stacks of slices. */
const STACKS: ReadonlySet<string> = new Set(['CT', 'MR', 'PT', 'NM']);
/** Modalities whose images are projections. */
const PROJECTIONS: ReadonlySet<string> = new Set(['CR', 'DX', 'DR', 'MG', 'RF', 'RG', 'XA', 'PX', 'IO']);
/** From this share on the distance that a header states is the one that is measured. */
const AS_STATED_SHARE = 0.9;
/** Storage classes of pictures of a screen or of paper. */
const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7';

/** Compressions that always lose: JPEG baseline, extended and its retired kinds, and video. */
const ALWAYS_LOSES = /^1\.2\.840\.10008\.1\.2\.4\.(5[0-6]|59|6[0-4]|10[0-8])(\.1)?$/;
/**
 * Those that lose or do not, as the sender chose: JPEG-LS near lossless, JPEG 2000, JPEG XL, HTJ2K, JPEG packed anew, and pixels that
 * are fetched from elsewhere.
 */
const MAY_LOSE = /^1\.2\.840\.10008\.1\.2\.4\.(81|91|93|94|95|111|112|203|204|205)$/;

/** Lossy Image Compression as devices write it: `01` and `00` by the standard. */
const SAYS_LOST: ReadonlySet<string> = new Set(['01', '1', 'YES', 'Y', 'TRUE', '是']);
const SAYS_KEPT: ReadonlySet<string> = new Set(['00', '0', 'NO', 'N', 'FALSE', '否']);

/**
 * Whether the pixels of an image were once compressed with loss, as far as its sender says (Lossy Image Compression,
 * PS3.3 C.7.6.1.1.5: `01` stays for good, `00` is never after a loss); null: nobody says.
 */
const lossOf = ({ pixels, transferSyntaxUid }: InstanceHeader): boolean | null => {
  const flag = pixels.lossyImageCompression?.toUpperCase() ?? null;
  if ((flag !== null && SAYS_LOST.has(flag)) || ALWAYS_LOSES.test(transferSyntaxUid)) return true;
  // A ratio or a method of a loss that nobody admits, and a flag that is none, leave it open.
  const { lossyRatios, lossyMethods } = pixels;
  if (lossyRatios.some((ratio) => ratio > 1) || lossyMethods.length > 0) return null;
  if (flag !== null && !SAYS_KEPT.has(flag)) return null;
  return MAY_LOSE.test(transferSyntaxUid) && flag === null ? null : false;
};

const lossOfAll = (instances: readonly InstanceHeader[]): boolean | null => {
  const losses = new Set(instances.map(lossOf));
  return losses.has(true) ? true : losses.has(null) ? null : false;
};

/** Each once, in order. */
export const sorted = <Value extends string>(values: Iterable<Value>): readonly Value[] =>
  [...new Set(values)].toSorted();

/** The greatest that is known; null: none is. */
export const greatest = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value));
  return known.length === 0 ? null : Math.max(...known);
};

const least = (values: readonly (number | null)[]): number | null => {
  const most = greatest(values.map((value) => (value === null ? null : -value)));
  return most === null ? null : -most;
};

const sumOf = (values: readonly (number | null)[]): number | null =>
  values.every((value) => value === null)
    ? null
    : values.reduce<number>((sum, value) => sum + (value ?? 0), 0);

/** Of several statements about the side the one they agree on. */
export const agreedSide = (sides: Iterable<StatedSide>): StatedSide => {
  const stated = new Set([...sides].filter((side) => side !== null));
  if (stated.size === 0) return null;
  const [first] = stated;
  return stated.size === 1 ? (first as StatedSide) : 'unclear';
};

const textsOf = ({ descriptions, acquisition, anatomy }: InstanceHeader): readonly string[] =>
  [
    anatomy.bodyPartExamined,
    descriptions.series,
    acquisition.protocolName,
    descriptions.study,
    descriptions.requestedProcedure,
    descriptions.performedProcedure,
  ].filter((text) => text !== null);

/** The side of one image: its codes and its words must agree. */
const sideOf = (header: InstanceHeader): StatedSide => {
  const { imageLaterality, laterality } = header.anatomy;
  return agreedSide([
    sideOfCode(imageLaterality),
    sideOfCode(laterality),
    agreedSide(textsOf(header).map(sideIn)),
  ]);
};

const regionsOf = (header: InstanceHeader): readonly string[] => {
  const { bodyPartExamined, anatomicRegion } = header.anatomy;
  const stated = [
    ...(bodyPartExamined === null ? [] : bodyRegionsOf(bodyPartExamined)),
    ...(anatomicRegion === null ? [] : regionsOfCode(anatomicRegion)),
  ];
  // The words of the examination say more than the code, which a device keeps from the patient before.
  return [...stated, ...textsOf(header).flatMap((text) => [...bodyRegionsIn(text)])];
};

/** What words say and the header of the same image denies is not stated: neither that it is enhanced, nor that it is plain. */
const phaseInWords = ({ descriptions, acquisition }: InstanceHeader): ContrastPhase | null => {
  const agent = agentStatement(acquisition.contrastAgent, acquisition.contrastRoute);
  const hasAgent = agent === 'given';
  const series = descriptions.series ?? '';
  const protocol = acquisition.protocolName ?? '';
  const named = phaseIn(series, hasAgent);
  const isOpen = named === null && !doubtsContrast(series);
  const phase = isOpen
    ? (phaseInProtocol(protocol, hasAgent) ?? (hasAgent && !doubtsContrast(protocol) ? 'enhanced' : null))
    : named;
  const isUnproven = agent === 'denied' || (agent === 'elsewhere' && phase === 'enhanced');
  return isUnproven && phase !== 'plain' ? null : phase;
};

/** What frames say of contrast, beside what the words say: the more telling of the two, null where they contradict each other. */
const agreedPhase = (stated: ContrastPhase | null, words: ContrastPhase | null): ContrastPhase | null => {
  if (stated === null || stated === words) return words;
  if (words === null) return stated;
  if (stated === 'plain' || words === 'plain') return null;
  if (stated === 'enhanced') return words;
  return words === 'enhanced' ? stated : null;
};

/** Phases of one image; of many frames several, where its frames were taken in several. */
const phasesOf = (header: InstanceHeader): readonly (ContrastPhase | null)[] => {
  const usages = header.acquisition.contrastUsages ?? [];
  const stated = [...new Set(usages.map(phaseOfUsage))];
  const [one = null, ...others] = stated;
  // The words are of the series as a whole: of frames in several phases they name one, or none.
  return others.length > 0 ? stated : [agreedPhase(one, phaseInWords(header))];
};

/** One phase of a series, or all that its images state; a series in which nobody can tell is in none. */
const phasesOfSeries = (instances: readonly InstanceHeader[]): Pick<SeriesFacts, 'phase' | 'phases'> => {
  const all = [...new Set(instances.flatMap(phasesOf))];
  const [first = null, ...others] = all;
  if (others.length === 0) return { phase: first };
  const isByFrames = instances.some(({ acquisition }) => (acquisition.contrastUsages ?? []).length > 0);
  const known = all.filter((phase) => phase !== null);
  if (!isByFrames || known.length < 2) return { phase: phasesOf(instances[0] as InstanceHeader)[0] ?? null };
  return { phase: null, phases: sorted(known) };
};

const viewsOf = ({ anatomy, descriptions }: InstanceHeader): readonly ImageView[] => {
  const own = viewsIn(anatomy.viewPosition ?? '');
  if (own.length > 0) return own;
  const coded = anatomy.viewCode ? viewOfCode(anatomy.viewCode) : [];
  return coded.length > 0 ? coded : viewsIn(descriptions.series ?? '');
};

const sequencesOf = (header: InstanceHeader): readonly MrSequence[] => {
  const { descriptions, acquisition } = header;
  // Diffusion is measured by its weighting, whatever the series is called.
  const isDiffusion =
    (acquisition.diffusionBValue ?? 0) > 0 || /^\*?ep_b\d/i.test(acquisition.sequenceName ?? '');
  const own = sequencesIn(descriptions.series ?? '');
  return [
    ...(own.length > 0 ? own : sequencesIn(acquisition.protocolName ?? '')),
    ...(isDiffusion ? (['dwi'] as const) : []),
  ];
};

const projectionsOf = (instances: readonly InstanceHeader[]): readonly ImageProjection[] => [
  ...new Map(
    instances
      .map((one) => ({ side: sideOf(one), views: sorted(viewsOf(one)), shows: statedPart([one]) }))
      .map((projection) => [JSON.stringify(projection), projection]),
  ).values(),
];

/** Of one examination the left and the right, as mammograms are taken; of others two sides contradict each other. */
export const sideOfImages = (modality: string | null, sides: readonly StatedSide[]): StatedSide => {
  const stated = new Set(sides.filter((side) => side !== null));
  return modality === 'MG' && stated.size > 1 && !stated.has('unclear') ? 'both' : agreedSide(sides);
};

/** From each instance number to the next; none where instances share one or have none. */
const numberSteps = (instances: readonly InstanceHeader[]): readonly number[] => {
  const numbers = instances.map(({ instanceNumber }) => instanceNumber);
  const distinct = [...new Set(numbers)].filter((number) => number !== null).toSorted((a, b) => a - b);
  if (distinct.length !== numbers.length) return [];
  return distinct.slice(1).map((number, index) => number - (distinct[index] as number));
};

/** Of the thickest slice. Where one of them states none, or a number that can be none, it is not known how thick that one is. */
const thicknessOf = (instances: readonly InstanceHeader[]): number | null => {
  const stated = instances.map((one) => believedThickness(one.geometry.sliceThicknessMm));
  return stated.includes(null) ? null : greatest(stated);
};

/**
 * Whether the numbers that lack at even steps would just fill the gaps between slices that lie apart: then every second one, or two of
 * three, were lost. Slices that were taken apart are numbered one after the other, or their header states the distance.
 */
const isThinnedOut = (
  instances: readonly InstanceHeader[],
  steps: readonly number[],
  geometry: StackGeometry | null,
): boolean => {
  const [first] = instances;
  if (!first || steps.length === 0 || geometry === null || geometry.spacingMm === null) return false;
  const { spacingMm } = geometry;
  const statedMm = greatest(instances.map((one) => one.geometry.spacingBetweenSlicesMm));
  if (statedMm !== null && statedMm >= spacingMm * AS_STATED_SHARE) return false;
  const thicknessMm = thicknessOf(instances);
  const usual = Math.min(...steps);
  return (
    usual > 1 &&
    liesApart(first.modality, thicknessMm, spacingMm) &&
    !liesApart(first.modality, thicknessMm, spacingMm / usual)
  );
};

/**
 * Numbers that lack between the least and the greatest instance number. A device that numbers by steps, or starts over
 * for every phase, would seem to lack images that never were; such numbers say nothing.
 */
const missingByNumber = (steps: readonly number[], isByOne: boolean): number => {
  if (steps.length === 0) return 0;
  const usual = Math.min(...steps);
  if (
    !isByOne &&
    usual > 1 &&
    steps.every((step) => step % usual === 0) &&
    steps.filter((step) => step === usual).length * 2 > steps.length
  )
    return steps.reduce((sum, step) => sum + step / usual - 1, 0);
  return steps.reduce((sum, step) => sum + step - 1, 0);
};

/**
 * Whether a device of magnetic resonance numbered all its slices one after the other: then gaps between places are gaps between blocks, as
 * of slices through several discs.
 */
const isTakenInBlocks = (instances: readonly InstanceHeader[], steps: readonly number[]): boolean =>
  instances[0]?.modality === 'MR' && steps.length > 0 && steps.every((step) => step === 1);

/**
 * Images that gaps show to be missing. Where places show an unbroken row, numbers say nothing: a device gives them to a
 * second reconstruction, or leaves them out. Where places are shared, as by phases, or uneven, or where slices lie apart and what lacks
 * would fill the gaps, both are heard.
 */
const missingOf = (instances: readonly InstanceHeader[], geometry: StackGeometry | null): number => {
  const steps = numberSteps(instances);
  if (isTakenInBlocks(instances, steps)) return 0;
  const isByOne = isThinnedOut(instances, steps, geometry);
  if (geometry?.isUnbroken && !isByOne) return 0;
  return Math.max(geometry?.missing ?? 0, missingByNumber(steps, isByOne));
};

/** The kind of a document; null of an image. */
const documentOf = ({ sopClassUid, modality }: InstanceHeader): string | null => {
  if (ENCAPSULATED.test(sopClassUid)) return 'DOC';
  if (DOCUMENTS.has(modality ?? '')) return modality;
  return MARKS.test(sopClassUid) ? 'SR' : null;
};

/** A page of the console about the dose, kept as a picture among the images. */
const isDosePage = ({ sopClassUid, descriptions, acquisition }: InstanceHeader): boolean =>
  sopClassUid.startsWith(SECONDARY_CAPTURE) &&
  namesDosePage(`${descriptions.series ?? ''} ${acquisition.imageType.join(' ')}`);

/** One slab among slices makes a series of slabs of it. */
const derivationOfSeries = (instances: readonly InstanceHeader[]): Derivation | null => {
  const derivations = instances.map(({ acquisition, descriptions, modality }) =>
    derivationOf(acquisition.imageType, descriptions.series ?? '', modality),
  );
  return derivations.find((one) => one === 'slab') ?? derivations.find((one) => one !== null) ?? null;
};

const isLocaliser = (header: InstanceHeader): boolean =>
  header.acquisition.imageType.some((part) => part.toUpperCase() === 'LOCALIZER') ||
  namesLocaliser(header.descriptions.series ?? '');

const seriesFacts = (instances: readonly InstanceHeader[]): SeriesFacts => {
  const first = instances[0] as InstanceHeader;
  const isStack = STACKS.has(first.modality ?? '');
  const geometry = isStack ? stackGeometry(instances) : null;
  const document = instances.every((one) => documentOf(one) !== null) ? documentOf(first) : null;
  const isAuxiliary =
    document !== null ||
    instances.every(isDosePage) ||
    (isStack && instances.every((one) => isLocaliser(one)));
  const derived = isStack && !isAuxiliary ? derivationOfSeries(instances) : null;
  const thicknessMm = thicknessOf(instances);
  const missing = isAuxiliary || !isStack ? 0 : missingOf(instances, geometry);
  const frames = instances.reduce((sum, { pixels }) => sum + Math.max(1, pixels.numberOfFrames ?? 1), 0);
  const isLossy = lossOfAll(instances);
  const sequences = first.modality === 'MR' ? sorted(instances.flatMap(sequencesOf)) : [];
  const leads = greatest(instances.map((one) => one.leads ?? null));
  // Pictures of a screen are kept among slices and have no place.
  const isUnplaced =
    isStack && !isAuxiliary && geometry === null && !first.sopClassUid.startsWith(SECONDARY_CAPTURE);
  return {
    seriesUid: first.seriesUid,
    modality: first.modality,
    description: first.descriptions.series,
    isAuxiliary,
    ...(document === null ? {} : { document }),
    instances: instances.length,
    frames,
    plane: geometry?.plane ?? null,
    ...(derived === null ? {} : { derived }),
    thicknessMm,
    spacingMm: geometry?.spacingMm ?? null,
    // Of blocks with gaps between them nobody can tell how far they reach.
    coverageMm:
      geometry?.extentMm === undefined ||
      geometry.extentMm === null ||
      (geometry.missing > 0 && missing === 0)
        ? null
        : geometry.extentMm + (thicknessMm ?? 0),
    matrix: least(instances.flatMap(({ pixels }) => [pixels.rows, pixels.columns])),
    kernel: first.acquisition.convolutionKernel,
    ...phasesOfSeries(instances),
    ...(sequences.length > 0 ? { sequences } : {}),
    ...(PROJECTIONS.has(first.modality ?? '') ? { projections: projectionsOf(instances) } : {}),
    ...(leads === null ? {} : { leads }),
    ...(isUnplaced ? { isUnplaced } : {}),
    views: sorted(instances.flatMap((one) => viewsOf(one))),
    side: sideOfImages(first.modality, instances.map(sideOf)),
    regions: sorted(instances.flatMap((one) => regionsOf(one))),
    shows: statedPart(instances),
    missing,
    isLossy,
    lossyRatio: isLossy === true ? greatest(instances.flatMap(({ pixels }) => pixels.lossyRatios)) : null,
  };
};

const byPlace = (one: InstanceHeader, other: InstanceHeader): number =>
  (one.seriesNumber ?? 0) - (other.seriesNumber ?? 0) ||
  (one.seriesUid < other.seriesUid ? -1 : one.seriesUid > other.seriesUid ? 1 : 0) ||
  (one.instanceNumber ?? 0) - (other.instanceNumber ?? 0) ||
  (one.sopInstanceUid < other.sopInstanceUid ? -1 : 1);

/**
 * Sums up the headers of a study. The same instance twice counts once.
 *
 * @param headers of all instances of one study, in any order
 */
export const studyFacts = (headers: readonly InstanceHeader[]): StudyFacts => {
  const once = new Map(headers.toSorted(byPlace).map((header) => [header.sopInstanceUid, header]));
  const bySeries = Map.groupBy(once.values(), ({ seriesUid }) => seriesUid);
  const series = [...bySeries.values()].map(seriesFacts);
  const images = series.filter(({ isAuxiliary }) => !isAuxiliary);
  const devices = new Map(
    [...once.values()].map(({ equipment: { manufacturer, modelName, stationName } }) => [
      JSON.stringify([manufacturer, modelName, stationName]),
      { manufacturer, modelName, stationName },
    ]),
  );
  // A report that was sent again as the examination went on states the sum of before too.
  const doseLengthMGyCm = greatest(
    [...once.values()].map(({ acquisition }) => acquisition.doseLengthMGyCm ?? null),
  );
  const doses = [...once.values()].map(({ acquisition }) => acquisition.areaDoseProductDGyCm2);
  return {
    reading: FACTS_READING,
    modalities: sorted(images.flatMap(({ modality }) => modality ?? [])),
    devices: [...devices.keys()].toSorted().map((key) => devices.get(key) as StudyDevice),
    regions: sorted(images.flatMap(({ regions }) => regions)),
    named: partsNamed(images.flatMap(({ seriesUid }) => bySeries.get(seriesUid as SeriesUid) ?? [])),
    side: sideOfImages(
      images.every(({ modality }) => modality === 'MG') ? 'MG' : null,
      images.map(({ side }) => side),
    ),
    instances: once.size,
    frames: images.reduce((sum, { frames }) => sum + frames, 0),
    missing: images.reduce((sum, { missing }) => sum + missing, 0),
    series,
    ctdiVolMGy: greatest([...once.values()].map(({ acquisition }) => acquisition.ctdiVolMGy)),
    ...(doseLengthMGyCm === null ? {} : { doseLengthMGyCm }),
    areaDoseProductDGyCm2: sumOf(doses),
  };
};
