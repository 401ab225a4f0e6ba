import { codeItem, dataSet } from '../../../adapters/dicom/write-part10.ts';
import { type Random, randomStream } from '../random.ts';
import { burnText } from './burned-in.ts';
import {
  makeInstance,
  SYNTHETIC_MARK,
  type StudyContext,
  type SyntheticStudy,
  uidOf,
} from './synthetic-study.ts';

const US_MULTI_FRAME = '1.2.840.10008.5.1.4.1.1.3.1';
const WIDTH = 640;
const HEIGHT = 480;
/** Where the skin lies under a curved probe: centre of its curve above the picture, and its radius. */
const APEX = { x: WIDTH / 2, y: -70 } as const;
const PROBE_RADIUS = 108;
const DEEPEST = 520;
const HALF_ANGLE = 0.62;
const CM_PER_PIXEL = 0.042;
/** Lines and samples of the beam. */
const BEAMS = 256;
const SAMPLES = 412;

/** How an ultrasound clip is made. */
export interface UltrasoundClipPlan {
  readonly context: StudyContext;
  readonly modelName: string;
  readonly studyDescription: string;
  readonly bodyPartExamined: string;
  readonly frames: number;
  /** Whether stones lie in the gall bladder, each with its shadow. */
  readonly stones: boolean;
}

/** Speckle: what a beam receives from many small scatterers has a Rayleigh distribution; the beam smears it sideways. */
const speckle = (random: Random): Float32Array => {
  const raw = new Float32Array(BEAMS * SAMPLES);
  for (let at = 0; at < raw.length; at++) {
    const one = random.normal();
    const other = random.normal();
    raw[at] = Math.sqrt(one * one + other * other) / 1.25;
  }
  const smeared = new Float32Array(raw.length);
  for (let at = 0; at < raw.length; at++) {
    const of = (step: number): number => raw[(at + step + raw.length) % raw.length] as number;
    smeared[at] = 0.34 * of(0) + 0.21 * (of(1) + of(-1)) + 0.12 * (of(SAMPLES) + of(-SAMPLES));
  }
  return smeared;
};

const inside = (x: number, y: number, cx: number, cy: number, a: number, b: number, turn: number): number => {
  const cos = Math.cos(turn);
  const sin = Math.sin(turn);
  const u = ((x - cx) * cos + (y - cy) * sin) / a;
  const v = ((y - cy) * cos - (x - cx) * sin) / b;
  return Math.sqrt(u * u + v * v);
};

/** Echo of the tissue at a place of the picture, 0 to 1, and how much of the beam it lets through. */
const tissueAt = (
  x: number,
  y: number,
  breath: number,
  stones: boolean,
): readonly [echo: number, passes: number] => {
  const depth = Math.hypot(x - APEX.x, y - APEX.y) - PROBE_RADIUS;
  if (depth < 7) return [0.85, 1];
  if (depth < 16) return [0.42, 1];
  if (depth < 20) return [0.72, 1];
  if (depth < 36) return [0.3 + 0.1 * Math.sin(x / 9 + depth / 3), 1];
  if (depth < 39) return [0.75, 1];
  const down = y - breath;
  // Diaphragm: a bright bow behind the liver.
  const bow = inside(x, down, 300, 190, 262, 232, 0.05);
  if (bow > 1) return bow < 1.022 ? [0.98, 0.75] : [0.2, 0.96];
  // Kidney: dark rind, bright middle.
  const kidney = inside(x, down, 432, 330, 92, 44, 0.35);
  if (kidney < 1) return kidney < 0.5 ? [0.78, 1] : kidney > 0.96 ? [0.66, 1] : [0.26, 1];
  // Gall bladder without echoes, with or without stones in the lowest place.
  const bladder = inside(x, down, 238, 196, 74, 31, 0.42);
  if (bladder < 1) {
    if (stones)
      for (const [cx, cy, radius] of [
        [262, 225, 9],
        [242, 217, 6],
        [280, 231, 5],
      ] as const)
        if (inside(x, down, cx, cy, radius, radius * 0.8, 0.4) < 1) return [2.6, 0.8];
    return [0.025, 1.006];
  }
  if (bladder < 1.06) return [0.68, 1];
  // Vessels of the liver.
  const vein = Math.abs((down - 150) * 0.94 - (x - 380) * 0.3);
  if (x > 330 && x < 520 && vein < 7) return vein < 5 ? [0.05, 1] : [0.6, 1];
  const portal = Math.abs(down - 268 - (x - 250) * 0.18);
  if (x > 180 && x < 340 && portal < 9) return portal < 5.5 ? [0.06, 1] : [0.78, 1];
  return [0.42, 0.9985];
};

const paintFrame = (frame: number, plan: UltrasoundClipPlan, grain: Float32Array): Uint8Array => {
  const turn = (frame / plan.frames) * 2 * Math.PI;
  const breath = 9 * Math.sin(turn);
  // Beam by beam from the skin down, so that stones throw their shadow and fluid lights up what lies behind.
  const lines = new Float32Array(BEAMS * SAMPLES);
  for (let beam = 0; beam < BEAMS; beam++) {
    const angle = (beam / (BEAMS - 1) - 0.5) * 2 * HALF_ANGLE;
    let beamLeft = 1;
    for (let sample = 0; sample < SAMPLES; sample++) {
      const radius = PROBE_RADIUS + sample;
      const [echo, passes] = tissueAt(
        APEX.x + Math.sin(angle) * radius,
        APEX.y + Math.cos(angle) * radius,
        breath,
        plan.stones,
      );
      beamLeft = Math.max(0.05, Math.min(1.7, beamLeft * passes));
      // The grain moves with the tissue that makes it.
      const at = beam * SAMPLES + ((sample + Math.round(breath) + SAMPLES) % SAMPLES);
      lines[beam * SAMPLES + sample] = echo * (0.3 + 0.75 * (grain[at] as number)) * beamLeft;
    }
  }
  const pixels = new Uint8Array(WIDTH * HEIGHT * 3);
  const put = (at: number, value: number): void => {
    pixels[at * 3] = pixels[at * 3 + 1] = pixels[at * 3 + 2] = value;
  };
  for (let row = 0; row < HEIGHT; row++)
    for (let column = 0; column < WIDTH; column++) {
      const dx = column - APEX.x;
      const dy = row - APEX.y;
      const radius = Math.sqrt(dx * dx + dy * dy);
      if (radius < PROBE_RADIUS || radius >= DEEPEST) continue;
      const angle = Math.atan2(dx, dy);
      if (Math.abs(angle) > HALF_ANGLE) continue;
      const beam = (angle / HALF_ANGLE / 2 + 0.5) * (BEAMS - 1);
      const left = Math.min(BEAMS - 2, Math.floor(beam));
      const sample = Math.min(SAMPLES - 1, Math.floor(radius - PROBE_RADIUS));
      const share = beam - left;
      const echo =
        (lines[left * SAMPLES + sample] as number) * (1 - share) +
        (lines[(left + 1) * SAMPLES + sample] as number) * share;
      // Logarithmic compression, as every device shows it.
      put(
        row * WIDTH + column,
        Math.min(255, Math.round(255 * (Math.log1p(echo * 14) / Math.log(15)) ** 1.5)),
      );
    }
  const target = {
    width: WIDTH,
    height: HEIGHT,
    burn: (row: number, column: number, cover: number): void =>
      put(row * WIDTH + column, Math.round(cover * 235)),
  };
  burnText(target, SYNTHETIC_MARK, { row: 8, column: 8, height: 20 });
  burnText(target, '腹部 肝胆 C5-2', { row: 8, column: -8, height: 16 });
  // Depth in centimetres down the right edge.
  for (let cm = 0; cm * (1 / CM_PER_PIXEL) < HEIGHT - 40; cm++) {
    const row = Math.round(PROBE_RADIUS + APEX.y + cm / CM_PER_PIXEL);
    for (let column = 0; column < (cm % 5 === 0 ? 10 : 5); column++)
      put(row * WIDTH + WIDTH - 14 + column, 190);
  }
  return pixels;
};

/** A clip of the liver and the gall bladder over one breath: one multi-frame instance in colour. */
export const ultrasoundClip = (plan: UltrasoundClipPlan): SyntheticStudy => {
  const { context } = plan;
  return {
    studyUid: uidOf(`${context.seed}/study`),
    instanceCount: 1,
    *instances() {
      const grain = speckle(randomStream(`us/${context.seed}`));
      const frames = Array.from({ length: plan.frames }, (_, frame) =>
        context.isBlank ? new Uint8Array(WIDTH * HEIGHT * 3) : paintFrame(frame, plan, grain),
      );
      yield makeInstance(context, {
        sopClassUid: US_MULTI_FRAME,
        series: 'us',
        instanceNumber: 1,
        attributes: {
          ImageType: ['ORIGINAL', 'PRIMARY', 'ABDOMINAL'],
          Modality: 'US',
          StudyDescription: plan.studyDescription,
          SeriesDescription: '肝胆动态',
          SeriesNumber: 1,
          ManufacturerModelName: plan.modelName,
          BodyPartExamined: plan.bodyPartExamined,
          AnatomicRegionSequence: [codeItem('818981001', 'SCT', 'Abdomen')],
          SequenceOfUltrasoundRegions: [
            dataSet({
              RegionSpatialFormat: 1,
              RegionDataType: 1,
              RegionFlags: 0,
              RegionLocationMinX0: 0,
              RegionLocationMinY0: 0,
              RegionLocationMaxX1: WIDTH - 1,
              RegionLocationMaxY1: HEIGHT - 1,
              PhysicalUnitsXDirection: 3,
              PhysicalUnitsYDirection: 3,
              PhysicalDeltaX: CM_PER_PIXEL,
              PhysicalDeltaY: CM_PER_PIXEL,
            }),
          ],
          CineRate: 15,
          FrameTime: 66.7,
          NumberOfFrames: plan.frames,
          SamplesPerPixel: 3,
          PhotometricInterpretation: 'RGB',
          PlanarConfiguration: 0,
          Rows: HEIGHT,
          Columns: WIDTH,
          BitsAllocated: 8,
          BitsStored: 8,
          HighBit: 7,
          PixelRepresentation: 0,
          LossyImageCompression: '00',
          PixelData: Buffer.concat(frames),
        },
      });
    },
  };
};
