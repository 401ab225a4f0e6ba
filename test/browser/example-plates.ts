import { part10Of, type SyntheticInstance } from '../../src/apps/demonstration/studies/synthetic-study.ts';
import { instanceOf } from '../system/imaging-bench.ts';

/** A plate as a device sends it, with what its header says beside what every header says. */
export interface Plate {
  readonly file: Buffer;
  readonly description: string;
  readonly modality: string;
  /** In the DICOM JSON model. */
  readonly json: Readonly<Record<string, unknown>>;
}

const SIDE = 64;
const numbers = (vr: string, ...Value: number[]) => ({ vr, Value });
const words = (...Value: string[]) => ({ vr: 'CS', Value });

/** How values lie in the words of a plate. */
interface Words {
  readonly highBit: number;
  wordOf(value: number): number;
}

/** From the lowest bit on. */
const PLAIN: Words = { highBit: 11, wordOf: (value) => value };

/** From the highest bit on, as old devices wrote them; the bits below are an overlay, which is no part of the value. */
const HIGH: Words = { highBit: 15, wordOf: (value) => (value << 4) | 0b1001 };

/** Values of a plate: 0, 4 … 252 from left to right. */
const ramp = (
  description: string,
  modality: string,
  json: Plate['json'],
  number: number,
  { highBit, wordOf } = PLAIN,
): Plate => {
  const { bytes, ...of } = instanceOf({
    StudyInstanceUID: '2.25.8800',
    SeriesInstanceUID: `2.25.8800.${number}`,
    SOPInstanceUID: `2.25.8800.${number}.1`,
    Modality: modality,
    Rows: SIDE,
    Columns: SIDE,
    BitsAllocated: 16,
    BitsStored: 12,
    HighBit: highBit,
    PixelData: new Uint8Array(
      Uint16Array.from({ length: SIDE * SIDE }, (_, at) => wordOf((at % SIDE) * 4)).buffer,
    ),
  });
  const instance: SyntheticInstance = { ...of, bytes: Buffer.from(bytes) };
  return { file: Buffer.from(part10Of(instance)), description, modality, json };
};

const table = (from: (at: number) => number) => ({
  vr: 'SQ',
  Value: [
    {
      '00283002': numbers('US', 253, 0, 8),
      '00283006': numbers('US', ...Array.from({ length: 253 }, (_, at) => from(at))),
    },
  ],
});

/** Every value as it is, from black to white. */
const WHOLE_WINDOW = { '00281050': numbers('DS', 128), '00281051': numbers('DS', 256) };

/** One of each: by its own table, at the detector as an S, in centimetres; values in the high bits, values by a table of the device. */
export const plates = (): readonly Plate[] => [
  ramp(
    '自带曲线',
    'DX',
    {
      '00280004': words('MONOCHROME2'),
      '00280030': numbers('DS', 0.2, 0.2),
      '00200020': words('L', 'F'),
      '00283010': table((at) => 252 - at),
    },
    1,
  ),
  ramp(
    '探测器',
    'DX',
    {
      '00280004': words('MONOCHROME1'),
      '00181164': numbers('DS', 0.1, 0.1),
      '00200020': words('P', 'F'),
      '00281050': numbers('DS', 128),
      '00281051': numbers('DS', 256),
      '00281056': words('SIGMOID'),
    },
    2,
  ),
  ramp(
    '标定区域',
    'US',
    {
      '00280004': words('MONOCHROME2'),
      '00186011': {
        vr: 'SQ',
        Value: [
          {
            '00186012': numbers('US', 1),
            '00186014': numbers('US', 1),
            '00186018': numbers('UL', 0),
            '0018601A': numbers('UL', 0),
            '0018601C': numbers('UL', SIDE - 1),
            '0018601E': numbers('UL', SIDE - 1),
            '00186024': numbers('US', 3),
            '00186026': numbers('US', 3),
            '0018602C': numbers('FD', 0.05),
            '0018602E': numbers('FD', 0.05),
          },
        ],
      },
    },
    3,
  ),
  ramp(
    '高位存储',
    'DX',
    { '00280004': words('MONOCHROME2'), '00280102': numbers('US', HIGH.highBit), ...WHOLE_WINDOW },
    4,
    HIGH,
  ),
  ramp(
    '设备曲线',
    'DX',
    {
      '00280004': words('MONOCHROME2'),
      // What is stored as dark is bright.
      '00283000': table((at) => 252 - at),
      ...WHOLE_WINDOW,
    },
    5,
  ),
];
