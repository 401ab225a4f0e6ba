import type { ContrastPhase, ImageView, MrSequence } from './image-words.ts';
import { greatest, type SeriesFacts, type StudyFacts, sorted } from './study-facts.ts';

/** What whoever weighs the images of a study asks of them, as headers state it: for eyes, not for verdicts. */
export interface StudyDescription {
  readonly modalities: readonly string[];
  readonly instances: number;
  /** Images that gaps show to be missing. */
  readonly missing: number;
  /** True where the study has slices: then a thickness that nobody states is one that is missed. */
  readonly hasSlices: boolean;
  /** True where every series of slices says where its slices lie: only then can it be told that none lacks between them. */
  readonly arePlacesKnown: boolean;
  /** Slice thicknesses, the thinnest first, millimetres. Empty: not stated. */
  readonly thicknessesMm: readonly number[];
  /** The smaller edge in pixels: of slices of the coarsest series, of other images of the finest. */
  readonly matrix: number | null;
  /** Each with the thicknesses of its own slices: a thin series without contrast says nothing of an arterial one. */
  readonly phases: readonly { readonly phase: ContrastPhase; readonly thicknessesMm: readonly number[] }[];
  readonly views: readonly ImageView[];
  readonly sequences: readonly MrSequence[];
  readonly kernels: readonly string[];
  readonly leads: number | null;
  readonly devices: readonly { readonly manufacturer: string | null; readonly modelName: string | null }[];
  readonly ctdiVolMGy: number | null;
  readonly doseLengthMGyCm: number | null;
  readonly areaDoseProductDGyCm2: number | null;
  /** null: compressed so that something may have been lost, and nobody says whether. */
  readonly isLossy: boolean | null;
  /** The greatest that is stated. */
  readonly lossyRatio: number | null;
}

const SLICED: ReadonlySet<string | null> = new Set(['CT', 'MR', 'PT']);

const rounded = (value: number): number => Math.round(value * 100) / 100;
const roundedOrNull = (value: number | null): number | null => (value === null ? null : rounded(value));

/** Coarse slices are not to be hidden by fine ones: each series is judged by its own. */
const matrixOf = (images: readonly SeriesFacts[]): number | null => {
  const slices = images.filter(({ modality }) => SLICED.has(modality)).flatMap(({ matrix }) => matrix ?? []);
  return slices.length > 0 ? Math.min(...slices) : greatest(images.map(({ matrix }) => matrix));
};

/** A slab is not as thick as its header says a slice is. */
const thicknessesOf = (images: readonly SeriesFacts[]): readonly number[] =>
  [
    ...new Set(
      images
        .filter(({ derived }) => derived !== 'slab')
        .flatMap(({ thicknessMm }) => thicknessMm ?? [])
        .map(rounded),
    ),
  ].toSorted((one, other) => one - other);

const phasesOf = ({ phase, phases }: SeriesFacts): readonly ContrastPhase[] =>
  phases ?? (phase === null ? [] : [phase]);

/** Describes a study by its facts. Series that only served to plan others are left out, the dose they took is not. */
export const describeStudy = (study: StudyFacts): StudyDescription => {
  const images = study.series.filter(({ isAuxiliary }) => !isAuxiliary);
  const lossy = new Set(images.map(({ isLossy }) => isLossy));
  const devices = study.devices
    .map(({ manufacturer, modelName }) => ({ manufacturer, modelName }))
    .filter(({ manufacturer, modelName }) => manufacturer !== null || modelName !== null);
  return {
    modalities: study.modalities,
    instances: study.instances,
    missing: study.missing,
    hasSlices: images.some(({ modality }) => SLICED.has(modality)),
    arePlacesKnown: images
      .filter(({ modality }) => SLICED.has(modality))
      .every(({ spacingMm }) => spacingMm !== null),
    thicknessesMm: thicknessesOf(images),
    matrix: matrixOf(images),
    phases: sorted(images.flatMap(phasesOf)).map((phase) => ({
      phase,
      thicknessesMm: thicknessesOf(images.filter((series) => phasesOf(series).includes(phase))),
    })),
    views: sorted(images.flatMap(({ views }) => views)),
    sequences: sorted(images.flatMap(({ sequences }) => sequences ?? [])),
    kernels: sorted(images.flatMap(({ kernel }) => kernel ?? [])),
    leads: greatest(images.map(({ leads }) => leads ?? null)),
    devices: [...new Map(devices.map((device) => [JSON.stringify(device), device])).values()],
    ctdiVolMGy: roundedOrNull(study.ctdiVolMGy),
    doseLengthMGyCm: roundedOrNull(study.doseLengthMGyCm ?? null),
    areaDoseProductDGyCm2: roundedOrNull(study.areaDoseProductDGyCm2),
    isLossy: lossy.has(true) ? true : lossy.has(null) ? null : false,
    lossyRatio: greatest(images.map(({ lossyRatio }) => lossyRatio)),
  };
};
