import { readInstance } from '../../src/adapters/dicom/read-instance.ts';
import { indexFrames } from '../../src/adapters/dicom/frame-index.ts';
import { readFileStart } from '../../src/adapters/dicom/read-file-start.ts';
import { codeItem, dataSet, TRANSFER_SYNTAXES, writePart10 } from '../../src/adapters/dicom/write-part10.ts';

const CT_STORAGE = '1.2.840.10008.5.1.4.1.1.2';

/** A small generator with a seed, so that what was found once is found again. */
const randomOf = (seed: number) => {
  let state = seed >>> 0 || 1;
  return (below: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
};

const seeds = (): readonly Buffer[] =>
  [
    TRANSFER_SYNTAXES.explicitLittleEndian,
    TRANSFER_SYNTAXES.implicitLittleEndian,
    TRANSFER_SYNTAXES.jpegLsLossless,
  ].flatMap((transferSyntaxUid) =>
    [false, true].map((undefinedLengths) =>
      writePart10(
        { sopClassUid: CT_STORAGE, sopInstanceUid: '2.25.3', transferSyntaxUid },
        dataSet({
          SpecificCharacterSet: 'GB18030',
          SOPClassUID: CT_STORAGE,
          SOPInstanceUID: '2.25.3',
          StudyInstanceUID: '2.25.1',
          SeriesInstanceUID: '2.25.2',
          PatientName: 'Zhang^San=张^三',
          PatientID: 'M1',
          AnatomicRegionSequence: [codeItem('51185008', 'SCT', '胸部'), codeItem('1', '2', '3')],
          NumberOfFrames: 3,
          Rows: 2,
          Columns: 2,
          BitsAllocated: 16,
          PixelData:
            transferSyntaxUid === TRANSFER_SYNTAXES.jpegLsLossless
              ? {
                  frames: [new Uint8Array(6), new Uint8Array(4), new Uint8Array(8)],
                  offsetTable: undefinedLengths,
                }
              : new Uint8Array(24),
        }),
        { transferSyntaxUid, charset: 'GB18030', undefinedLengths },
      ),
    ),
  );

/** Lengths and tags that break parsers more often than noise does. */
const NASTY = [
  [0xff, 0xff, 0xff, 0xff],
  [0xfe, 0xff, 0x00, 0xe0],
  [0xfe, 0xff, 0x0d, 0xe0],
  [0xfe, 0xff, 0xdd, 0xe0],
  [0, 0, 0, 0],
  [0xff, 0xff, 0xff, 0x7f],
  [0x53, 0x51, 0, 0],
  [0xe0, 0x7f, 0x10, 0x00],
];

const mutated = (file: Buffer, random: (below: number) => number): Buffer => {
  const changed = Buffer.from(file);
  for (let times = 1 + random(4); times > 0; times--) {
    const at = 132 + random(Math.max(1, changed.length - 136));
    if (random(2) === 0) changed[at] = random(256);
    else changed.set(NASTY[random(NASTY.length)] as number[], at);
  }
  return random(8) === 0 ? changed.subarray(0, random(changed.length)) : changed;
};

/** What a run of mutated instances came to. */
export interface MutationRun {
  readonly read: number;
  readonly refused: number;
  /** Longest time of one instance, in milliseconds. */
  readonly slowestMs: number;
}

/** Reads `count` mutated instances as the receiver does. Throws what no reader may throw. */
export const readMutations = async (count: number, seed: number): Promise<MutationRun> => {
  const random = randomOf(seed);
  const files = seeds();
  let read = 0;
  let slowestMs = 0;
  for (let index = 0; index < count; index++) {
    const file = mutated(files[random(files.length)] as Buffer, random);
    const from = performance.now();
    const start = readFileStart(file);
    if (start) {
      const head = file.subarray(start.dataSetOffset);
      const found = readInstance(
        { head, isWhole: true, ...start, assumedCharset: null },
        { bulk: '/i', path: '00082218.1.00080100' },
      );
      if (found.ok) {
        read += 1;
        JSON.parse(found.value.metadata as string);
        const { pixels, header } = found.value;
        if (pixels?.length === -1)
          await indexFrames(
            {
              size: head.length,
              read: async (offset, length) => new Uint8Array(head.subarray(offset, offset + length)),
            },
            pixels.offset,
            header.pixels.numberOfFrames ?? 1,
          );
      }
    }
    slowestMs = Math.max(slowestMs, performance.now() - from);
  }
  return { read, refused: count - read, slowestMs };
};
