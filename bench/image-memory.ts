import { readFileSync, writeFileSync } from 'node:fs';
import { dataSet, TRANSFER_SYNTAXES, writeDataSet } from '../src/adapters/dicom/write-part10.ts';
import { openAssociation, type RequestorAssociation } from '../src/adapters/dimse/requestor.ts';
import { CT } from '../test/contract/dimse-wire.ts';
import type { RunningServer } from './server-process.ts';

/** Titles that may send, of which each holds as many associations at once as one is let have. */
export const SENDING_TITLES = Array.from({ length: 8 }, (_, at) => `BENCH${at + 1}`);
const ASSOCIATIONS_OF_A_TITLE = 8;
const SLICES_OF_AN_ASSOCIATION = 6;
/** Side of a slice of CT, and of a frame of the large object. */
const SLICE_SIDE = 512;
const FRAME_SIDE = 10_000;
/** Frames of the large object: 4 GB. */
const FRAMES = 20;
const PIECE_BYTES = 128 * 1024;
const SYNTAX = TRANSFER_SYNTAXES.explicitLittleEndian;
const SETTLING_MS = 2_000;

/** Peak of resident memory above what the program held when it had started, in megabytes. */
export interface ImageMemory {
  readonly idleMb: number;
  readonly manyMb: number;
  readonly associations: number;
  readonly largeMb: number;
  readonly largeBytes: number;
  readonly largeSeconds: number;
}

/** Lets the peak begin again at what is resident now (Linux only). */
const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, '5');

const statusMb = (pid: number, name: 'VmHWM' | 'VmRSS'): number => {
  const found = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(
    readFileSync(`/proc/${pid}/status`, 'utf8'),
  )?.[1];
  return (Number(found) * 1024) / 1e6;
};

const attributes = (uid: string, side: number, frames: number, pixels: Uint8Array) =>
  dataSet({
    SpecificCharacterSet: 'GB18030',
    SOPClassUID: CT,
    SOPInstanceUID: uid,
    StudyDate: '20261101',
    Modality: 'CT',
    PatientName: 'Bing^Ren=病^人',
    PatientID: 'MEMORY',
    StudyInstanceUID: '2.25.99',
    SeriesInstanceUID: '2.25.99.1',
    SeriesNumber: '1',
    InstanceNumber: '1',
    ...(frames === 1 ? {} : { NumberOfFrames: String(frames) }),
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: side,
    Columns: side,
    BitsAllocated: 16,
    BitsStored: 16,
    HighBit: 15,
    PixelRepresentation: 0,
    PixelData: pixels,
  });

const associate = (port: number, callingAeTitle: string): Promise<RequestorAssociation> =>
  openAssociation({
    host: '127.0.0.1',
    port,
    tls: false,
    calledAeTitle: 'HUREN',
    callingAeTitle,
    proposals: [{ abstractSyntax: CT, transferSyntaxes: [SYNTAX] }],
  });

const store = async (
  association: RequestorAssociation,
  sopInstanceUid: string,
  bytes: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<void> => {
  const { status } = await association.store(
    { sopClassUid: CT, sopInstanceUid, transferSyntaxUid: SYNTAX },
    bytes,
  );
  if (status !== 0) throw new Error(`an image was not taken: ${status.toString(16)}`);
};

/** Sends slices over as many associations at once as the program lets stand. */
const sendMany = async (port: number): Promise<number> => {
  const pixels = new Uint8Array(SLICE_SIDE * SLICE_SIDE * 2).fill(7);
  const associations = await Promise.all(
    SENDING_TITLES.flatMap((title) =>
      Array.from({ length: ASSOCIATIONS_OF_A_TITLE }, () => associate(port, title)),
    ),
  );
  await Promise.all(
    associations.map(async (association, lane) => {
      for (let slice = 0; slice < SLICES_OF_AN_ASSOCIATION; slice++) {
        const uid = `2.25.99.1.${lane + 1}.${slice + 1}`;
        const bytes = writeDataSet(attributes(uid, SLICE_SIDE, 1, pixels), {
          transferSyntaxUid: SYNTAX,
          charset: 'GB18030',
        });
        await store(association, uid, bytes);
      }
    }),
  );
  await Promise.all(associations.map((association) => association.release()));
  return associations.length;
};

/** A data set whose pixels are made while it is sent. */
const largeDataSet = async function* (uid: string, pixelBytes: number): AsyncGenerator<Uint8Array> {
  const head = writeDataSet(attributes(uid, FRAME_SIDE, FRAMES, new Uint8Array(0)), {
    transferSyntaxUid: SYNTAX,
    charset: 'GB18030',
  });
  // The length of the pixels ends the header.
  head.writeUInt32LE(pixelBytes, head.length - 4);
  yield head;
  const piece = new Uint8Array(PIECE_BYTES).fill(9);
  for (let left = pixelBytes; left > 0; left -= piece.length)
    yield piece.subarray(0, Math.min(left, piece.length));
};

/** Measures a program that has just started: with 64 associations that send at once, and with one object of 4 GB. */
export const timeImageMemory = async ({ pid }: RunningServer, port: number): Promise<ImageMemory> => {
  const settle = () => new Promise((resolve) => setTimeout(resolve, SETTLING_MS));
  await settle();
  const idleMb = statusMb(pid, 'VmRSS');
  const peakOf = async <Value>(work: () => Promise<Value>): Promise<{ value: Value; aboveMb: number }> => {
    forgetPeak(pid);
    const value = await work();
    return { value, aboveMb: statusMb(pid, 'VmHWM') - idleMb };
  };
  const largeBytes = FRAME_SIDE * FRAME_SIDE * 2 * FRAMES;
  const startedAt = performance.now();
  const large = await peakOf(async () => {
    const association = await associate(port, SENDING_TITLES[0] as string);
    await store(association, '2.25.99.2', largeDataSet('2.25.99.2', largeBytes));
    await association.release();
  });
  const largeSeconds = (performance.now() - startedAt) / 1000;
  const many = await peakOf(() => sendMany(port));
  return {
    idleMb,
    manyMb: many.aboveMb,
    associations: many.value,
    largeMb: large.aboveMb,
    largeBytes,
    largeSeconds,
  };
};
