import { codeItem } from '../../../adapters/dicom/write-part10.ts';
import { randomStream } from '../random.ts';
import { burnText } from './burned-in.ts';
import { pictureNoise } from './picture-noise.ts';
import { type SliceCanvas, sliceCanvas } from './slice-canvas.ts';
import {
  makeInstance,
  SYNTHETIC_MARK,
  type StudyContext,
  type SyntheticStudy,
  uidOf,
} from './synthetic-study.ts';
import { type Thorax, type ThoraxVariant, thorax } from './thorax.ts';
import { THORAX_BOTTOM_MM, THORAX_TOP_MM } from './thorax-shape.ts';

const CT_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
const FIELD_OF_VIEW_MM = 380;
/** Value stored for air; what is stored is HU minus this. */
const INTERCEPT = -1024;
const MOST = 4095;
/** Slices that the mean of a thick one is taken of are no further apart than this. */
const FINEST_MM = 1.25;

/** One reconstruction of the scan. */
export interface CtSeries {
  readonly description: string;
  readonly thicknessMm: number;
  /** From one slice to the next. */
  readonly spacingMm: number;
  /** Convolution kernel as the device names it. */
  readonly kernel: string;
  /** Standard deviation of the noise in HU. */
  readonly noise: number;
}

/** How a chest CT is made. */
export interface ChestCtPlan {
  readonly context: StudyContext;
  readonly variant: ThoraxVariant;
  readonly modelName: string;
  readonly protocolName: string;
  readonly studyDescription: string;
  /** As the device writes it: `CHEST`, `THORAX`, `胸部`. */
  readonly bodyPartExamined: string;
  readonly series: readonly CtSeries[];
  readonly ctdiVolMGy: number;
  /** Pixels along an edge; absent: 512. */
  readonly matrix?: number;
}

const countOf = ({ spacingMm }: CtSeries): number =>
  Math.floor((THORAX_TOP_MM - THORAX_BOTTOM_MM) / spacingMm) + 1;

/** Paints a slice of some thickness: the mean of thin ones, so that small things fade as they do in a thick slice. */
const paintThick = (
  body: Thorax,
  canvas: SliceCanvas,
  thin: SliceCanvas,
  z: number,
  thickness: number,
): void => {
  const count = Math.max(1, Math.round(thickness / FINEST_MM));
  if (count === 1) {
    body.paint(canvas, z);
    return;
  }
  canvas.values.fill(0);
  for (let index = 0; index < count; index++) {
    body.paint(thin, z + ((index + 0.5) / count - 0.5) * thickness);
    for (let at = 0; at < thin.values.length; at++)
      canvas.values[at] = (canvas.values[at] as number) + (thin.values[at] as number) / count;
  }
};

/** What is stored: HU above the intercept inside the round field of reconstruction, nothing outside. */
const storedPixels = ({ values, size }: SliceCanvas): Uint8Array => {
  const pixels = new Uint16Array(size * size);
  const half = size / 2 - 0.5;
  for (let row = 0; row < size; row++) {
    const reach = Math.sqrt(Math.max(0, (size / 2) ** 2 - (row - half) ** 2));
    const from = Math.max(0, Math.ceil(half - reach));
    const to = Math.min(size - 1, Math.floor(half + reach));
    for (let column = from; column <= to; column++) {
      const at = row * size + column;
      const stored = Math.round((values[at] as number) - INTERCEPT);
      pixels[at] = stored < 0 ? 0 : stored > MOST ? MOST : stored;
    }
  }
  burnText(
    {
      width: size,
      height: size,
      burn: (row, column, cover) => {
        pixels[row * size + column] = Math.round(cover * 2000);
      },
    },
    SYNTHETIC_MARK,
    { row: 4, column: 4, height: Math.round(size / 28) },
  );
  return new Uint8Array(pixels.buffer);
};

/** A chest CT: one scan of a drawn thorax, reconstructed once per series from the feet up. */
export const chestCt = (plan: ChestCtPlan): SyntheticStudy => {
  const { context, variant, series, matrix = 512 } = plan;
  const spacing = FIELD_OF_VIEW_MM / matrix;
  const corner = (-FIELD_OF_VIEW_MM + spacing) / 2;
  return {
    studyUid: uidOf(`${context.seed}/study`),
    instanceCount: series.reduce((sum, one) => sum + countOf(one), 0),
    *instances() {
      const random = randomStream(`ct/${context.seed}`);
      const body = thorax(variant);
      const noise = pictureNoise(random.fork('noise'), 0.35);
      const canvas = sliceCanvas(matrix, spacing);
      const thin = sliceCanvas(matrix, spacing);
      for (const [index, one] of series.entries())
        for (let number = 1; number <= countOf(one); number++) {
          const z = THORAX_BOTTOM_MM + (number - 1) * one.spacingMm;
          if (!context.isBlank) {
            paintThick(body, canvas, thin, z, one.thicknessMm);
            noise.add(canvas.values, matrix, one.noise);
          }
          yield makeInstance(context, {
            sopClassUid: CT_IMAGE_STORAGE,
            series: `ct${index + 1}`,
            instanceNumber: number,
            attributes: {
              ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
              Modality: 'CT',
              StudyDescription: plan.studyDescription,
              SeriesDescription: one.description,
              SeriesNumber: index + 1,
              AcquisitionNumber: 1,
              ManufacturerModelName: plan.modelName,
              ProtocolName: plan.protocolName,
              BodyPartExamined: plan.bodyPartExamined,
              AnatomicRegionSequence: [codeItem('51185008', 'SCT', 'Chest')],
              PatientPosition: 'FFS',
              PatientOrientation: ['L', 'P'],
              KVP: 120,
              XRayTubeCurrent: 210,
              Exposure: 96,
              CTDIvol: plan.ctdiVolMGy,
              ConvolutionKernel: one.kernel,
              SliceThickness: one.thicknessMm,
              SpacingBetweenSlices: one.spacingMm,
              ReconstructionDiameter: FIELD_OF_VIEW_MM,
              ImagePositionPatient: [corner, corner, z],
              ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
              SliceLocation: z,
              FrameOfReferenceUID: uidOf(`${context.seed}/frame`),
              PositionReferenceIndicator: '',
              SamplesPerPixel: 1,
              PhotometricInterpretation: 'MONOCHROME2',
              Rows: matrix,
              Columns: matrix,
              PixelSpacing: [spacing, spacing],
              BitsAllocated: 16,
              BitsStored: 12,
              HighBit: 11,
              PixelRepresentation: 0,
              RescaleIntercept: INTERCEPT,
              RescaleSlope: 1,
              RescaleType: 'HU',
              WindowCenter: [-600, 40],
              WindowWidth: [1500, 400],
              WindowCenterWidthExplanation: ['肺窗', '纵隔窗'],
              PixelData: storedPixels(canvas),
            },
          });
        }
    },
  };
};
