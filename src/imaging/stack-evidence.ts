import type { ImageStack } from './fitness.ts';
import type { ImagePlane } from './series-geometry.ts';

/** A stack of which a header may say nothing at all. */
export type JudgedStack = Omit<ImageStack, 'plane'> & { readonly plane: ImagePlane | null };

/** Nothing is known of it. */
export const UNSTATED: JudgedStack = {
  plane: null,
  phase: null,
  thicknessMm: null,
  coverageMm: null,
  matrix: null,
  isLossy: null,
  lossyRatio: null,
};

const isAcquired = ({ derived }: JudgedStack): boolean => derived === undefined;

/**
 * Computed tomography turns around the body: beside axial slices, sagittal and coronal ones were made of them, whatever their header
 * says.
 */
const isReformat = (stack: JudgedStack, all: readonly JudgedStack[]): boolean =>
  !isAcquired(stack) ||
  (stack.modality === 'CT' &&
    (stack.plane === 'sagittal' || stack.plane === 'coronal') &&
    all.some((one) => one.modality === 'CT' && one.plane === 'axial' && isAcquired(one)));

/** The thinnest acquired slices without gaps that a reformat can have been made of; null: none are known. */
const finestSource = (reformat: JudgedStack, acquired: readonly JudgedStack[]): number | null => {
  const thicknesses = acquired
    .filter(
      ({ modality, phase, apartMm }) =>
        modality === reformat.modality && phase === reformat.phase && apartMm === undefined,
    )
    .flatMap(({ thicknessMm }) => thicknessMm ?? []);
  return thicknesses.length === 0 ? null : Math.min(...thicknesses);
};

/**
 * What stacks prove where one of certain planes is wanted, or, where none is named, one along the body.
 *
 * A slab (MIP) shows many slices at once and proves nothing of a slice. A reformat is no finer than what it was made of: it counts for a
 * plane that was not acquired, with the thickness of its source or thicker, and says nothing where no plane is asked, nor of how
 * far slices reach. How far acquired slices reach is measured across their plane: along the body for axial ones alone.
 *
 * @param isOfKind whether a stack states the phase, plane and sequence that are wanted
 */
export const stackEvidence = (
  stacks: readonly JudgedStack[],
  planes: readonly ImagePlane[],
  isOfKind: (stack: JudgedStack) => boolean,
): readonly JudgedStack[] => {
  const slices = stacks.filter(({ derived }) => derived !== 'slab');
  const reformats = slices.filter((stack) => isReformat(stack, slices));
  const acquired = slices.filter((stack) => !reformats.includes(stack));
  const reaching = acquired.map((stack) =>
    planes.length > 0 || stack.plane === 'axial' ? stack : { ...stack, coverageMm: null },
  );
  if (acquired.some(isOfKind)) return reaching;
  const made = reformats.map((stack) => {
    const sourceMm = planes.length > 0 ? finestSource(stack, acquired) : null;
    const thicknessMm =
      sourceMm === null || stack.thicknessMm === null ? null : Math.max(sourceMm, stack.thicknessMm);
    return { ...stack, thicknessMm, coverageMm: null };
  });
  const all = [...reaching, ...made];
  return all.length > 0 ? all : [UNSTATED];
};
