import { createHash } from 'node:crypto';
import { dataSet, TRANSFER_SYNTAXES, writeDataSet } from '../../src/adapters/dicom/write-part10.ts';
import { openAssociation, type RequestorAssociation } from '../../src/adapters/dimse/requestor.ts';
import { CT } from '../contract/dimse-wire.ts';

/** An instance, and what its sender knows of it. */
export interface SentInstance {
  readonly sopInstanceUid: string;
  readonly studyUid: string;
  readonly dataSet: Buffer;
  /** Answered with success: it must be there. */
  isAnswered: boolean;
}

/** Devices with a memory: each sends its next instance only when the one before was answered. */
export interface ImageLanes {
  readonly sent: readonly SentInstance[];
  /** Answers that no sender of true instances should get. */
  readonly refused: readonly number[];
  /** Statuses by which a sender was told to come again, one for each time. */
  readonly toldToComeAgain: readonly number[];
  start(port: number): void;
  stop(): Promise<void>;
  answeredCount(): number;
  /** Called at each answer, in the same turn in which it arrived. */
  onAnswered: () => void;
}

const SYNTAX = TRANSFER_SYNTAXES.explicitLittleEndian;
export const DEVICE = 'KILLCT';
const RETRY_MS = 50;
const SUCCESS = 0x0000;
/** Out of resources: the database is away. Nothing was done, send again. */
const TRY_AGAIN = new Set([0xa700, 0x0110]);
/** Sides of the pictures: small ones, a slice, and one too large to be held in memory. */
const SIDES = [32, 64, 256, 32, 512, 64, 800] as const;

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const instanceOf = (lane: number, serial: number): SentInstance => {
  // A study for each lane and eight instances: some begin while the end comes.
  const studyUid = `2.25.9${lane}.${Math.floor(serial / 8)}`;
  const sopInstanceUid = `${studyUid}.1.${serial}`;
  const side = SIDES[serial % SIDES.length] as number;
  const pixels = Buffer.alloc(side * side * 2);
  const seed = createHash('sha256').update(sopInstanceUid).digest();
  for (let at = 0; at < pixels.length; at += seed.length) seed.copy(pixels, at);
  const bytes = writeDataSet(
    dataSet({
      SpecificCharacterSet: 'GB18030',
      SOPClassUID: CT,
      SOPInstanceUID: sopInstanceUid,
      StudyDate: '20261120',
      Modality: 'CT',
      PatientName: 'Zhang^San=张^三',
      PatientID: `KILL${lane}`,
      StudyInstanceUID: studyUid,
      SeriesInstanceUID: `${studyUid}.1`,
      SeriesNumber: '1',
      InstanceNumber: String(serial),
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      Rows: side,
      Columns: side,
      BitsAllocated: 16,
      BitsStored: 16,
      HighBit: 15,
      PixelRepresentation: 0,
      PixelData: pixels,
    }),
    { transferSyntaxUid: SYNTAX, charset: 'GB18030' },
  );
  return { sopInstanceUid, studyUid, dataSet: bytes, isAnswered: false };
};

/** Makes so many devices. */
export const makeImageLanes = (laneCount: number): ImageLanes => {
  const sent: SentInstance[] = [];
  const refused: number[] = [];
  const toldToComeAgain: number[] = [];
  const pending: (SentInstance | undefined)[] = Array.from({ length: laneCount });
  const serials = Array.from({ length: laneCount }, () => 0);
  let answered = 0;
  let goesOn = false;
  let running: Promise<unknown> = Promise.resolve();

  const next = (lane: number): SentInstance => {
    const waiting = pending[lane];
    if (waiting) return waiting;
    const made = instanceOf(lane, serials[lane] as number);
    serials[lane] = (serials[lane] as number) + 1;
    sent.push(made);
    pending[lane] = made;
    return made;
  };
  const lanes: ImageLanes = {
    sent,
    refused,
    toldToComeAgain,
    answeredCount: () => answered,
    onAnswered: () => undefined,
    start(port) {
      goesOn = true;
      running = Promise.all(serials.map((_, lane) => drive(lane, port)));
    },
    async stop() {
      goesOn = false;
      await running;
    },
  };
  const drive = async (lane: number, port: number): Promise<void> => {
    while (goesOn) {
      let association: RequestorAssociation | undefined;
      try {
        association = await openAssociation({
          host: '127.0.0.1',
          port,
          tls: false,
          calledAeTitle: 'HUREN',
          callingAeTitle: DEVICE,
          proposals: [{ abstractSyntax: CT, transferSyntaxes: [SYNTAX] }],
        });
        while (goesOn) {
          const instance = next(lane);
          const { sopInstanceUid } = instance;
          const { status } = await association.store(
            { sopClassUid: CT, sopInstanceUid, transferSyntaxUid: SYNTAX },
            instance.dataSet,
          );
          if (status === SUCCESS) {
            instance.isAnswered = true;
            answered++;
            pending[lane] = undefined;
            lanes.onAnswered();
          } else if (TRY_AGAIN.has(status)) {
            toldToComeAgain.push(status);
            await pause(RETRY_MS);
          } else {
            refused.push(status);
            pending[lane] = undefined;
          }
        }
        await association.release();
      } catch {
        // The association was lost; what is pending goes out again over the next one.
        association?.abort();
        await pause(RETRY_MS);
      }
    }
  };
  return lanes;
};
