import { codeItem } from '../../../adapters/dicom/write-part10.ts';
import { randomStream } from '../random.ts';
import { burnText } from './burned-in.ts';
import { sliceCanvas } from './slice-canvas.ts';
import {
  makeInstance,
  SYNTHETIC_MARK,
  type StudyContext,
  type SyntheticStudy,
  uidOf,
} from './synthetic-study.ts';
import { type ThoraxVariant, thorax } from './thorax.ts';
import { THORAX_BOTTOM_MM, THORAX_TOP_MM } from './thorax-shape.ts';

const DX_FOR_PRESENTATION = '1.2.840.10008.5.1.4.1.1.1.1';
const WIDTH_MM = 380;
const COLUMNS = 1024;
const RAYS = 512;
const STEP_MM = 1.25;
/** Attenuation of water for the beam, per millimetre. */
const WATER_PER_MM = 0.019;
/** How much more of the beam a Hounsfield unit of bone takes away than one of water. */
const BONE_WEIGHT = 1.5;
/** Stored value per unit of attenuation. */
const GAIN = 700;
const MOST = 4095;

/** How a chest radiograph is made. */
export interface ChestDrPlan {
  readonly context: StudyContext;
  readonly variant: ThoraxVariant;
  readonly modelName: string;
  readonly studyDescription: string;
  readonly bodyPartExamined: string;
}

/** Attenuation of every ray from back to front: one line per level, from the neck down. */
const project = (variant: ThoraxVariant): { readonly lines: number; readonly sums: Float32Array } => {
  const spacing = WIDTH_MM / RAYS;
  const canvas = sliceCanvas(RAYS, spacing);
  const body = thorax(variant);
  const lines = Math.floor((THORAX_TOP_MM - THORAX_BOTTOM_MM) / STEP_MM);
  const sums = new Float32Array(lines * RAYS);
  for (let line = 0; line < lines; line++) {
    body.paint(canvas, THORAX_TOP_MM - line * STEP_MM);
    for (let row = 0; row < RAYS; row++)
      for (let column = 0; column < RAYS; column++) {
        const hu = canvas.values[row * RAYS + column] as number;
        const dense = hu > 90 ? 1090 + (hu - 90) * BONE_WEIGHT : hu + 1000;
        const at = line * RAYS + column;
        sums[at] = (sums[at] as number) + dense * 1e-3 * WATER_PER_MM * spacing;
      }
  }
  return { lines, sums };
};

const NOTHING = { lines: 4, sums: new Float32Array(4 * RAYS) };

/** The mean over a square, by running sums in both directions. */
const blurred = (values: Float32Array, width: number, reach: number): Float32Array => {
  const height = values.length / width;
  const along = (from: Float32Array, count: number, step: number, lines: number, lineStep: number) => {
    const to = new Float32Array(from.length);
    for (let line = 0; line < lines; line++) {
      const value = (index: number): number =>
        from[line * lineStep + Math.min(count - 1, Math.max(0, index)) * step] as number;
      let sum = 0;
      for (let index = -reach; index <= reach; index++) sum += value(index);
      for (let index = 0; index < count; index++) {
        to[line * lineStep + index * step] = sum / (2 * reach + 1);
        sum += value(index + reach + 1) - value(index - reach);
      }
    }
    return to;
  };
  return along(along(values, width, 1, height, width), height, width, width, 1);
};

/** A frontal chest radiograph: the drawn thorax, seen through from behind (PA). */
export const chestDr = (plan: ChestDrPlan): SyntheticStudy => {
  const { context } = plan;
  return {
    studyUid: uidOf(`${context.seed}/study`),
    instanceCount: 1,
    *instances() {
      const random = randomStream(`dr/${context.seed}`);
      const { lines, sums } = context.isBlank ? NOTHING : project(plan.variant);
      const spacing = WIDTH_MM / COLUMNS;
      const rows = Math.floor((lines * STEP_MM) / spacing);
      // What the eye looks for is the local difference; devices raise it before they show the picture.
      const local = blurred(sums, RAYS, 14);
      const sharpened = sums.map((value, at) => value + 0.9 * (value - (local[at] as number)));
      const pixels = new Uint16Array(rows * COLUMNS);
      for (let row = 0; row < rows; row++) {
        const y = Math.min(lines - 1.001, (row * spacing) / STEP_MM);
        const line = Math.floor(y);
        const down = y - line;
        for (let column = 0; column < COLUMNS; column++) {
          const x = Math.min(RAYS - 1.001, (column * RAYS) / COLUMNS);
          const ray = Math.floor(x);
          const right = x - ray;
          const at = line * RAYS + ray;
          const upper = (sharpened[at] as number) * (1 - right) + (sharpened[at + 1] as number) * right;
          const lower =
            (sharpened[at + RAYS] as number) * (1 - right) + (sharpened[at + RAYS + 1] as number) * right;
          const value = (upper * (1 - down) + lower * down) * GAIN + random.next() * 24;
          pixels[row * COLUMNS + column] = Math.min(MOST, Math.max(0, Math.round(value)));
        }
      }
      const target = {
        width: COLUMNS,
        height: rows,
        burn: (row: number, column: number, cover: number): void => {
          pixels[row * COLUMNS + column] = Math.round(cover * MOST);
        },
      };
      burnText(target, SYNTHETIC_MARK, { row: 10, column: -14, height: 30 });
      burnText(target, 'R', { row: 60, column: 40, height: 52 });
      yield makeInstance(context, {
        sopClassUid: DX_FOR_PRESENTATION,
        series: 'dr',
        instanceNumber: 1,
        attributes: {
          ImageType: ['ORIGINAL', 'PRIMARY', ''],
          PresentationIntentType: 'FOR PRESENTATION',
          Modality: 'DX',
          StudyDescription: plan.studyDescription,
          SeriesDescription: 'W033 胸部 PA',
          SeriesNumber: 1,
          ManufacturerModelName: plan.modelName,
          BodyPartExamined: plan.bodyPartExamined,
          AnatomicRegionSequence: [codeItem('51185008', 'SCT', 'Chest')],
          ViewPosition: 'PA',
          ViewCodeSequence: [codeItem('272479007', 'SCT', 'postero-anterior')],
          PatientOrientation: ['L', 'F'],
          ImageLaterality: 'U',
          AcquisitionContextSequence: [],
          KVP: 120,
          Exposure: 3,
          ExposureTime: 8,
          SamplesPerPixel: 1,
          PhotometricInterpretation: 'MONOCHROME2',
          Rows: rows,
          Columns: COLUMNS,
          ImagerPixelSpacing: [spacing, spacing],
          PixelSpacing: [spacing, spacing],
          BitsAllocated: 16,
          BitsStored: 12,
          HighBit: 11,
          PixelRepresentation: 0,
          PixelIntensityRelationship: 'LOG',
          PixelIntensityRelationshipSign: 1,
          RescaleIntercept: 0,
          RescaleSlope: 1,
          RescaleType: 'US',
          WindowCenter: 2000,
          WindowWidth: 3200,
          LossyImageCompression: '00',
          PresentationLUTShape: 'IDENTITY',
          PixelData: new Uint8Array(pixels.buffer),
        },
      });
    },
  };
};
