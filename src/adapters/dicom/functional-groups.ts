import { type ContrastUsage, type PatientPosition, statesAgent } from '../../imaging/index.ts';
import { type DicomDataSet, elementOf, itemOf, itemsOf, textIn, textValues } from './data-set.ts';

const SHARED = '52009229';
const PER_FRAME = '52009230';
const FRAME_ANATOMY = '00209071';
const PLANE_POSITION = '00209113';
const PLANE_ORIENTATION = '00209116';
const PIXEL_MEASURES = '00289110';

const CONTRAST_USAGE = '00189341';
const RECONSTRUCTION = '00189314';
const EXPOSURE = '00189321';
const DIFFUSION = '00189117';

const AGENTS = '00180012';
const AGENT_NUMBER = '00189337';
const AGENT_ROUTE = '00180014';
const ADMINISTERED = '00189342';
const PHASE = '00189344';
const KERNEL = '00181210';
const MEANING = '00080104';

const THICKNESS = '00180050';
const SPACING = '00180088';
const PIXEL_SPACING = '00280030';
const POSITION = '00200032';
const ORIENTATION = '00200037';

const firstItem = (dataSet: DicomDataSet | undefined, tag: string): DicomDataSet | undefined =>
  dataSet && itemsOf(dataSet, tag)[0];

/** Numbers of an attribute; empty where one of its values is none. */
const numbersIn = (dataSet: DicomDataSet | undefined, tag: string): readonly number[] => {
  const element = dataSet && elementOf(dataSet, tag);
  if (!element) return [];
  const texts = textValues(dataSet, tag, element).filter((text) => text !== '');
  const numbers = texts.map(Number);
  return numbers.every(Number.isFinite) ? numbers : [];
};

/** A contrast medium as Contrast/Bolus Agent Sequence (0018,0012) names it, of an image of one frame or of many. */
export interface StatedAgent {
  /** By which usages of frames name it. */
  readonly number: string | null;
  readonly agent: string | null;
  readonly route: string | null;
}

/** The contrast media that a header codes. */
export const statedAgents = (dataSet: DicomDataSet): readonly StatedAgent[] =>
  itemsOf(dataSet, AGENTS).map((item) => ({
    number: textIn(item, AGENT_NUMBER),
    agent: textIn(item, MEANING),
    route: textIn(firstItem(item, AGENT_ROUTE), MEANING),
  }));

/** How frames were taken as to the media that went into a vein, unlike ones only; what went in by the mouth says nothing of a phase. */
const contrastUsages = (
  dataSet: DicomDataSet,
  shared: DicomDataSet | undefined,
  frames: readonly (DicomDataSet | undefined)[],
): readonly ContrastUsage[] => {
  const beside = new Set(
    statedAgents(dataSet)
      .filter(({ agent, route }) => agent !== null && !statesAgent(agent, route))
      .map(({ number }) => number),
  );
  const usageOf = (group: DicomDataSet | undefined): readonly ContrastUsage[] =>
    (group ? itemsOf(group, CONTRAST_USAGE) : [])
      .filter((item) => !beside.has(textIn(item, AGENT_NUMBER)))
      .map((item) => {
        const administered = textIn(item, ADMINISTERED);
        return {
          isAdministered: administered === 'YES' ? true : administered === 'NO' ? false : null,
          phase: textIn(item, PHASE),
        };
      });
  const forAll = usageOf(shared);
  const usages = frames.flatMap((frame) => {
    const own = usageOf(frame);
    return own.length > 0 ? own : forAll;
  });
  return [...new Map(usages.map((usage) => [JSON.stringify(usage), usage])).values()];
};

/** What an image of many frames says in its functional groups (PS3.3 C.7.6.16), where other images say it once for all. */
export interface FunctionalGroups {
  /** Of the thickest frame; null: a frame states none. */
  readonly sliceThicknessMm: number | null;
  readonly spacingBetweenSlicesMm: number | null;
  readonly pixelSpacingMm: readonly number[];
  /** The one orientation of all frames; null: none, or several. */
  readonly imageOrientationPatient: readonly number[] | null;
  /** Of all frames in their order; null: a frame states none, or lies in another direction. */
  readonly framePositionsMm: readonly PatientPosition[] | null;
  /** Frame Anatomy of all frames (0020,9071). */
  readonly anatomy: DicomDataSet | undefined;
  readonly contrastUsages: readonly ContrastUsage[];
  /** Of the first frame that states one. */
  readonly convolutionKernel: string | null;
  /** Where the dose is written, of all frames or of the first that states one (CT Exposure Sequence 0018,9321). */
  readonly exposure: DicomDataSet | undefined;
  /** Where the diffusion b-value is written, of the first frame that is weighted. */
  readonly diffusion: readonly DicomDataSet[];
}

/** Reads them; undefined: the instance has none. What a frame says itself counts before what is said for all. */
export const functionalGroupsOf = (dataSet: DicomDataSet): FunctionalGroups | undefined => {
  const shared = firstItem(dataSet, SHARED);
  const frames = (elementOf(dataSet, PER_FRAME)?.items ?? []).map((item) => itemOf(dataSet, item));
  if (frames.length === 0) return undefined;
  const each = (group: string, tag: string, length: number): readonly (readonly number[])[] | null => {
    const forAll = numbersIn(firstItem(shared, group), tag);
    const values = frames.map((frame) => {
      const own = numbersIn(firstItem(frame, group), tag);
      return own.length > 0 ? own : forAll;
    });
    return values.every((value) => value.length === length) ? values : null;
  };
  const groupsOf = (tag: string): readonly DicomDataSet[] =>
    [shared, ...frames].flatMap((one) => firstItem(one, tag) ?? []);
  const thicknesses = each(PIXEL_MEASURES, THICKNESS, 1);
  const orientations = each(PLANE_ORIENTATION, ORIENTATION, 6);
  const [orientation] = orientations ?? [];
  const isOne =
    orientation !== undefined &&
    orientations?.every((one) =>
      one.every((cosine, at) => Math.abs(cosine - (orientation[at] as number)) < 0.001),
    );
  const positions = each(PLANE_POSITION, POSITION, 3);
  return {
    sliceThicknessMm: thicknesses?.reduce<number>((most, [value = 0]) => Math.max(most, value), 0) ?? null,
    spacingBetweenSlicesMm: each(PIXEL_MEASURES, SPACING, 1)?.[0]?.[0] ?? null,
    pixelSpacingMm: each(PIXEL_MEASURES, PIXEL_SPACING, 2)?.[0] ?? [],
    imageOrientationPatient: isOne ? orientation : null,
    framePositionsMm: isOne ? (positions as readonly PatientPosition[] | null) : null,
    anatomy: firstItem(shared, FRAME_ANATOMY),
    contrastUsages: contrastUsages(dataSet, shared, frames),
    convolutionKernel:
      groupsOf(RECONSTRUCTION)
        .map((group) => textIn(group, KERNEL))
        .find((kernel) => kernel !== null) ?? null,
    exposure: groupsOf(EXPOSURE)[0],
    diffusion: groupsOf(DIFFUSION),
  };
};
