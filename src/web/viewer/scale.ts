import { type DicomJson, groupNumbers, itemsAt, numberAt, numbersAt, TAG, textAt } from './dicom-json.ts';

/**
 * What the distance of two pixels is measured at: `plane` in the body itself (a slice); of projections `geometry` and `fiducial`
 * as Pixel Spacing Calibration Type (0028,0A02) says, `unstated` where it says nothing, `magnification` at the detector and
 * divided by the factor that the device estimates (0018,1114), `detector` there and not corrected (PS3.3 §10.7).
 */
export type ScaleKind = 'plane' | 'geometry' | 'fiducial' | 'unstated' | 'magnification' | 'detector';

/** How far pixels lie apart. */
export interface PixelScale {
  /** Between rows, between columns. */
  readonly spacingMm: readonly [number, number];
  readonly kind: ScaleKind;
  /** Estimated Radiographic Magnification Factor by which it was divided; null: it was not. */
  readonly magnification: number | null;
}

const PROJECTIONS: ReadonlySet<string> = new Set(['CR', 'DX', 'MG', 'RG', 'XA', 'RF', 'IO', 'PX', 'DR']);

const pairOf = (numbers: readonly number[]): readonly [number, number] | null => {
  const [rows, columns] = numbers;
  return numbers.length === 2 && rows !== undefined && columns !== undefined && rows > 0 && columns > 0
    ? [rows, columns]
    : null;
};

const isSame = ([rows, columns]: readonly [number, number], other: readonly [number, number]): boolean =>
  Math.abs(rows / other[0] - 1) < 0.001 && Math.abs(columns / other[1] - 1) < 0.001;

const calibratedKind = (
  instance: DicomJson,
  spacing: readonly [number, number],
  detector: readonly [number, number] | null,
): ScaleKind => {
  const stated = textAt(instance, TAG.calibration);
  if (stated === 'GEOMETRY') return 'geometry';
  if (stated === 'FIDUCIAL') return 'fiducial';
  if (!detector && !PROJECTIONS.has(textAt(instance, TAG.modality) ?? '')) return 'plane';
  return detector && isSame(spacing, detector) ? 'detector' : 'unstated';
};

/** The scale of a frame; null where its header gives none, so that only pixels can be counted. */
export const scaleOf = (instance: DicomJson, frame: number): PixelScale | null => {
  const spacing = pairOf(groupNumbers(instance, frame, TAG.pixelMeasures, TAG.pixelSpacing));
  const detector = pairOf(numbersAt(instance, TAG.imagerPixelSpacing));
  if (spacing)
    return {
      spacingMm: spacing,
      kind: calibratedKind(instance, spacing, detector),
      magnification: null,
    };
  if (!detector) return null;
  const magnification = numberAt(instance, TAG.magnification);
  if (magnification === null || magnification < 1)
    return { spacingMm: detector, kind: 'detector', magnification: null };
  return {
    spacingMm: [detector[0] / magnification, detector[1] / magnification],
    kind: 'magnification',
    magnification,
  };
};

/** Whether an ultrasound image has a region that is calibrated in centimetres both ways (PS3.3 C.8.5.5). */
export const hasCentimetres = (instance: DicomJson): boolean =>
  itemsAt(instance, TAG.ultrasoundRegions).some(
    (region) => numberAt(region, '00186024') === 3 && numberAt(region, '00186026') === 3,
  );

const WORDS: Readonly<Record<Exclude<ScaleKind, 'plane'>, string>> = {
  geometry: '已按几何放大校准',
  fiducial: '已按标定物校准',
  unstated: '校准方式未注明，可能含放大',
  magnification: '已按设备估计的放大率 {factor} 换算',
  detector: '探测器平面尺寸，放大率未校正',
};

/** What a reader of millimetres has to know of them; null for those of a slice. `{factor}` stands for the magnification. */
export const scaleWords = (kind: ScaleKind): string | null => (kind === 'plane' ? null : WORDS[kind]);
