import { codeItem } from '../../../adapters/dicom/write-part10.ts';
import { randomStream } from '../random.ts';
import { burnText } from './burned-in.ts';
import { type KneePart, type KneeTissue, kneeParts } from './knee.ts';
import { pictureNoise } from './picture-noise.ts';
import {
  makeInstance,
  SYNTHETIC_MARK,
  type StudyContext,
  type SyntheticStudy,
  uidOf,
} from './synthetic-study.ts';

const MR_IMAGE_STORAGE = '1.2.840.10008.5.1.4.1.1.4';
const FIELD_OF_VIEW_MM = 160;
const MATRIX = 320;
const SPACING_MM = FIELD_OF_VIEW_MM / MATRIX;
const THICKNESS_MM = 3.5;
const STEP_MM = 3.85;

type Signals = Readonly<Record<KneeTissue, number>>;

/** Signal of the tissues with the fat's suppressed: fluid and cartilage shine. */
const PROTON_FAT_SUPPRESSED: Signals = {
  air: 2,
  fat: 120,
  muscle: 330,
  marrow: 185,
  cortex: 30,
  cartilage: 560,
  fluid: 900,
  fibrous: 42,
  ligament: 120,
  flow: 30,
};

/** Signal in T1: fat and marrow shine. */
const T1: Signals = {
  air: 2,
  fat: 800,
  muscle: 300,
  marrow: 690,
  cortex: 40,
  cartilage: 380,
  fluid: 190,
  fibrous: 60,
  ligament: 150,
  flow: 40,
};

interface Sequence {
  readonly description: string;
  readonly plane: 'sagittal' | 'coronal';
  readonly signals: Signals;
  readonly repetitionMs: number;
  readonly echoMs: number;
  readonly fatSuppressed: boolean;
  readonly slices: number;
}

const SEQUENCES: readonly Sequence[] = [
  {
    description: '矢状位 PDWI FS',
    plane: 'sagittal',
    signals: PROTON_FAT_SUPPRESSED,
    repetitionMs: 2800,
    echoMs: 33,
    fatSuppressed: true,
    slices: 24,
  },
  {
    description: '矢状位 T1WI',
    plane: 'sagittal',
    signals: T1,
    repetitionMs: 560,
    echoMs: 11,
    fatSuppressed: false,
    slices: 24,
  },
  {
    description: '冠状位 PDWI FS',
    plane: 'coronal',
    signals: PROTON_FAT_SUPPRESSED,
    repetitionMs: 2900,
    echoMs: 35,
    fatSuppressed: true,
    slices: 22,
  },
];

/** How a knee MR is made. */
export interface KneeMrPlan {
  readonly context: StudyContext;
  readonly side: 'left' | 'right';
  readonly tear: boolean;
  readonly effusion: boolean;
  readonly modelName: string;
  /** As the device writes it; Huren reads `KNEE`, `LKNEE`, `左膝` and more. */
  readonly bodyPartExamined: string;
  /** Whether the header has Laterality (0020,0060); some devices leave it to the words. */
  readonly statesLaterality: boolean;
}

/** Where the middle of the joint lies from the midline of the body. */
const FROM_MIDLINE_MM = 95;

/** Paints one plane: `across` runs along the rows, downwards is to the feet. */
const paintPlane = (
  parts: readonly KneePart[],
  signals: Signals,
  toKnee: (across: number) => readonly [l: number, y: number],
  values: Float32Array,
): void => {
  const half = MATRIX / 2 - 0.5;
  values.fill(signals.air);
  const [l0, y0] = toKnee(0);
  const [l1, y1] = toKnee(1);
  const wayL = l1 - l0;
  const wayY = y1 - y0;
  for (const part of parts) {
    // Where along the rows the part's middle lies, and how far from the plane.
    const along = (part.middle[0] - l0) * wayL + (part.middle[1] - y0) * wayY;
    const away = Math.hypot(part.middle[0] - l0 - along * wayL, part.middle[1] - y0 - along * wayY);
    if (away > part.reach + 1) continue;
    const reach = Math.sqrt((part.reach + 1) ** 2 - away ** 2);
    const left = Math.max(0, Math.floor((along - reach) / SPACING_MM + half));
    const right = Math.min(MATRIX - 1, Math.ceil((along + reach) / SPACING_MM + half));
    const top = Math.max(0, Math.floor((-part.middle[2] - reach) / SPACING_MM + half));
    const bottom = Math.min(MATRIX - 1, Math.ceil((-part.middle[2] + reach) / SPACING_MM + half));
    const signal = signals[part.tissue];
    for (let row = top; row <= bottom; row++) {
      const z = -(row - half) * SPACING_MM;
      for (let column = left; column <= right; column++) {
        const across = (column - half) * SPACING_MM;
        const depth = part.depth(l0 + wayL * across, y0 + wayY * across, z);
        const cover = depth / SPACING_MM + 0.5;
        if (cover <= 0) continue;
        const at = row * MATRIX + column;
        const old = values[at] as number;
        values[at] = old + (signal - old) * Math.min(1, cover);
      }
    }
  }
};

/** The coil receives less from far above and below the joint. */
const fadeWithCoil = (values: Float32Array): void => {
  for (let row = 0; row < MATRIX; row++) {
    const away = (row - MATRIX / 2) / (MATRIX / 2);
    const gain = 1.04 - 0.42 * away * away;
    for (let column = 0; column < MATRIX; column++) {
      const at = row * MATRIX + column;
      values[at] = (values[at] as number) * gain;
    }
  }
};

const storedPixels = (values: Float32Array, side: 'left' | 'right'): Uint8Array => {
  const pixels = Uint16Array.from(values, (value) => Math.max(0, Math.round(Math.abs(value))));
  const target = {
    width: MATRIX,
    height: MATRIX,
    burn: (row: number, column: number, cover: number): void => {
      pixels[row * MATRIX + column] = Math.round(cover * 1000);
    },
  };
  burnText(target, SYNTHETIC_MARK, { row: 3, column: 3, height: 14 });
  burnText(target, side === 'left' ? 'L' : 'R', { row: 3, column: -4, height: 18 });
  return new Uint8Array(pixels.buffer);
};

/** A knee MR in three sequences. The left knee is the mirror image of the right one, as it is in people. */
export const kneeMr = (plan: KneeMrPlan): SyntheticStudy => {
  const { context, side } = plan;
  return {
    studyUid: uidOf(`${context.seed}/study`),
    instanceCount: SEQUENCES.reduce((sum, { slices }) => sum + slices, 0),
    *instances() {
      const parts = kneeParts(plan);
      const noise = pictureNoise(randomStream(`mr/${context.seed}`), 0.25);
      const values = new Float32Array(MATRIX * MATRIX);
      const lateral = side === 'left' ? 1 : -1;
      const middleX = lateral * FROM_MIDLINE_MM;
      const corner = (FIELD_OF_VIEW_MM - SPACING_MM) / 2;
      for (const [index, sequence] of SEQUENCES.entries())
        for (let number = 1; number <= sequence.slices; number++) {
          const offset = (number - (sequence.slices + 1) / 2) * STEP_MM;
          const isSagittal = sequence.plane === 'sagittal';
          if (!context.isBlank) {
            paintPlane(
              parts,
              sequence.signals,
              // Sagittal: rows run to the back. Coronal: rows run to the patient's left.
              (across) => (isSagittal ? [offset * lateral, across] : [across * lateral, offset]),
              values,
            );
            fadeWithCoil(values);
            noise.add(values, MATRIX, 13);
          }
          yield makeInstance(context, {
            sopClassUid: MR_IMAGE_STORAGE,
            series: `mr${index + 1}`,
            instanceNumber: number,
            attributes: {
              ImageType: ['ORIGINAL', 'PRIMARY', 'M', 'ND'],
              Modality: 'MR',
              // Where the device has no Laterality its console names no side either: the body part alone does.
              StudyDescription: `${plan.statesLaterality ? (side === 'left' ? '左' : '右') : ''}膝关节MR平扫`,
              SeriesDescription: sequence.description,
              SeriesNumber: index + 1,
              AcquisitionNumber: 1,
              ManufacturerModelName: plan.modelName,
              ProtocolName: sequence.description,
              BodyPartExamined: plan.bodyPartExamined,
              Laterality: plan.statesLaterality ? (side === 'left' ? 'L' : 'R') : undefined,
              AnatomicRegionSequence: [codeItem('72696002', 'SCT', 'Knee')],
              PatientPosition: 'FFS',
              PatientOrientation: isSagittal ? ['P', 'F'] : ['L', 'F'],
              ScanningSequence: 'SE',
              SequenceVariant: 'SK',
              ScanOptions: sequence.fatSuppressed ? 'FS' : '',
              MRAcquisitionType: '2D',
              RepetitionTime: sequence.repetitionMs,
              EchoTime: sequence.echoMs,
              EchoTrainLength: 7,
              MagneticFieldStrength: 1.5,
              SliceThickness: THICKNESS_MM,
              SpacingBetweenSlices: STEP_MM,
              ImagePositionPatient: isSagittal
                ? [middleX + offset, -corner, corner]
                : [middleX - corner, offset, corner],
              ImageOrientationPatient: isSagittal ? [0, 1, 0, 0, 0, -1] : [1, 0, 0, 0, 0, -1],
              FrameOfReferenceUID: uidOf(`${context.seed}/frame`),
              PositionReferenceIndicator: '',
              SamplesPerPixel: 1,
              PhotometricInterpretation: 'MONOCHROME2',
              Rows: MATRIX,
              Columns: MATRIX,
              PixelSpacing: [SPACING_MM, SPACING_MM],
              BitsAllocated: 16,
              BitsStored: 12,
              HighBit: 11,
              PixelRepresentation: 0,
              WindowCenter: 380,
              WindowWidth: 780,
              PixelData: storedPixels(values, side),
            },
          });
        }
    },
  };
};
