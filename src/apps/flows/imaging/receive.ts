import { HEADER_BYTES_MAX, type PixelPlace } from '../../../adapters/dicom/data-set.ts';
import type { HeaderProblem, ReadInstance } from '../../../adapters/dicom/header-reader.ts';
import { encodingOf } from '../../../adapters/dicom/transfer-syntax.ts';
import { writeMeta } from '../../../adapters/dicom/write-part10.ts';
import type { ContentHash } from '../../../adapters/objects/image-objects.ts';
import type { EndedObject } from '../../../adapters/objects/object-writer.ts';
import type { ArrivedInstance, StudyPlace } from '../../../adapters/postgres/imaging-arrivals.ts';
import { quarantineInstance } from '../../../adapters/postgres/imaging-quarantine.ts';
import type { InstitutionKey } from '../../../adapters/postgres/registry.ts';
import type { HeaderPixels, InstanceHeader } from '../../../imaging/index.ts';
import { releaseBytes } from '../../../kernel/released-bytes.ts';
import type { Result } from '../../../kernel/result.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { type ArrivalIndex, arrivalIndex, type IndexOutcome } from './arrivals.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { StudyMoved } from '../../../adapters/postgres/imaging-moves.ts';
import { patientHashes, placeStudy } from './place-study.ts';

/** An instance that begins to arrive, by whichever way. */
export interface ArrivingInstance {
  readonly institution: InstitutionCode;
  /** Who sends, for the institution's eyes: `dimse:CT01`, `stow:…`, `ingest`. */
  readonly sender: string;
  readonly assumedCharset: string | null;
  /** As the command or the file's meta group says; empty where nothing says it. */
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  /** The study it must be of; absent: any. */
  readonly studyUid?: string;
}

/** What the header could not be kept for. */
export type QuarantineReason =
  | HeaderProblem
  | 'sop-instance-uid-differs'
  | 'sop-class-uid-differs'
  | 'study-uid-differs';

/** How it ended: indexed in one way or another, or set aside with the reason. */
export type ReceiveOutcome =
  | { readonly kind: 'indexed'; readonly outcome: IndexOutcome; readonly header: InstanceHeader }
  | { readonly kind: 'quarantined'; readonly reason: QuarantineReason };

/** Takes the data set of one instance. */
export interface ReceivingInstance {
  /** A promise where the caller has to wait before more may come. The bytes are the caller's again afterwards. */
  write(dataSetBytes: Uint8Array): Promise<void> | void;
  /** Resolves only after object and rows are durable. */
  finish(): Promise<ReceiveOutcome>;
  abort(): Promise<void>;
}

/** Receives instances from every door. */
export interface Receiving {
  /** @throws IMAGING_INSTITUTION_UNKNOWN, OBJECT_STORE_FULL, OBJECT_STORE_UNREACHABLE */
  begin(of: ArrivingInstance): Promise<ReceivingInstance>;
}

/** Nearly every header is shorter; the others are read again from the object. */
const HEAD_BYTES = 64 * 1024;
const INSTANCE_BYTES_MAX = 4 * 1024 * 1024 * 1024;
const PLACES_MAX = 4_096;
const INTEGER_MAX = 2_147_483_647;

const integer = (value: number | null): number | null =>
  value !== null && Number.isInteger(value) && Math.abs(value) <= INTEGER_MAX ? value : null;

const short = (text: string | null): string | null => text?.slice(0, 1024) ?? null;

/** Bytes of one frame of native pixels, where the header's figures and the length of the data agree; else null. */
const nativeFrameBytes = (pixels: HeaderPixels, length: number): number | null => {
  const { rows, columns, bitsAllocated, samplesPerPixel, photometricInterpretation, numberOfFrames } = pixels;
  if (!rows || !columns || !bitsAllocated) return null;
  const samples = photometricInterpretation === 'YBR_FULL_422' ? 2 : (samplesPerPixel ?? 1);
  const bits = rows * columns * samples * bitsAllocated;
  const frames = numberOfFrames ?? 1;
  return bits % 8 === 0 && frames >= 1 && (bits / 8) * frames <= length ? bits / 8 : null;
};

/** Bytes of native pixels that are really there: data may end before the length that they claim. */
const pixelsThere = (
  pixels: PixelPlace,
  { transferSyntaxUid }: InstanceHeader,
  dataSetBytes: number,
): number =>
  encodingOf(transferSyntaxUid).deflated
    ? pixels.length
    : Math.min(pixels.length, dataSetBytes - pixels.offset);

/** An instance as its row will state it. @param metaBytes what stands before its data set in the object */
export const arrivedOf = (
  { header, pixels, announcedCount }: ReadInstance,
  of: Pick<ArrivingInstance, 'sender'>,
  stored: { readonly content: ContentHash; readonly size: number },
  metaBytes: number,
  receivedAt: ArrivedInstance['receivedAt'],
): ArrivedInstance => ({
  studyUid: header.studyUid,
  seriesUid: header.seriesUid,
  sopInstanceUid: header.sopInstanceUid,
  sopClassUid: header.sopClassUid,
  transferSyntaxUid: header.transferSyntaxUid,
  instanceNumber: integer(header.instanceNumber),
  content: stored.content,
  size: stored.size,
  rows: header.pixels.rows,
  columns: header.pixels.columns,
  frames: integer(header.pixels.numberOfFrames),
  // In a deflated data set offsets count in what it inflates to.
  pixelOffset: pixels && (encodingOf(header.transferSyntaxUid).deflated ? 0 : metaBytes) + pixels.offset,
  pixelLength: pixels?.length ?? null,
  frameBytes:
    pixels && pixels.length >= 0
      ? nativeFrameBytes(header.pixels, pixelsThere(pixels, header, stored.size - metaBytes))
      : null,
  sender: of.sender,
  receivedAt,
  modality: short(header.modality),
  seriesNumber: integer(header.seriesNumber),
  seriesDescription: short(header.descriptions.series),
  bodyPart: short(header.anatomy.bodyPartExamined),
  laterality: short(header.anatomy.laterality ?? header.anatomy.imageLaterality),
  announcedCount,
});

/** The first bytes of a data set, copied while it passes. */
class Head {
  readonly #bytes = Buffer.allocUnsafeSlow(HEAD_BYTES);
  #kept = 0;

  add(bytes: Uint8Array): void {
    if (this.#kept === HEAD_BYTES) return;
    const part = bytes.subarray(0, HEAD_BYTES - this.#kept);
    this.#bytes.set(part, this.#kept);
    this.#kept += part.length;
  }

  get length(): number {
    return this.#kept;
  }

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#kept);
  }

  /** It has been read. */
  release(): void {
    releaseBytes(this.#bytes);
  }
}

const differing = (header: InstanceHeader, of: ArrivingInstance): QuarantineReason | undefined => {
  if (of.sopInstanceUid !== '' && header.sopInstanceUid !== of.sopInstanceUid)
    return 'sop-instance-uid-differs';
  if (of.sopClassUid !== '' && header.sopClassUid !== of.sopClassUid) return 'sop-class-uid-differs';
  if (of.studyUid !== undefined && header.studyUid !== of.studyUid) return 'study-uid-differs';
  return undefined;
};

/** What came in. */
interface Received {
  readonly head: Head;
  readonly dataSetBytes: number;
  readonly metaBytes: number;
}

type HeaderReading = Result<ReadInstance, HeaderProblem>;

const readBytes = (
  { headers }: ImagingDependencies,
  { transferSyntaxUid, sopClassUid, assumedCharset }: ArrivingInstance,
  head: Uint8Array,
  dataSetBytes: number,
): Promise<HeaderReading> =>
  headers.read({
    head,
    isWhole: head.length >= dataSetBytes,
    transferSyntaxUid,
    sopClassUid,
    assumedCharset,
  });

/** The header from what was kept while it passed, or, where that was too little, from more and more of the object. */
const readHeader = async (
  dependencies: ImagingDependencies,
  of: ArrivingInstance,
  { head, dataSetBytes, metaBytes }: Received,
  { content, durable }: EndedObject,
): Promise<HeaderReading> => {
  let found = await readBytes(dependencies, of, head.bytes, dataSetBytes);
  head.release();
  for (const bytes of [2 * 1024 * 1024, HEADER_BYTES_MAX]) {
    if (found.ok || found.reason !== 'truncated' || dataSetBytes <= head.length) return found;
    await durable;
    const object = await dependencies.images.open(content);
    try {
      const more = await object.read(metaBytes, Math.min(bytes, dataSetBytes));
      found = await readBytes(dependencies, of, more, dataSetBytes);
    } finally {
      await object.close();
    }
  }
  return !found.ok && found.reason === 'truncated' ? { ok: false, reason: 'header-too-large' } : found;
};

/** Places of studies that images come in for at this time. */
const studyPlaces = (dependencies: ImagingDependencies) => {
  const places = new Map<string, Promise<StudyPlace>>();
  const keyIn = (institutionKey: InstitutionKey, { header }: ReadInstance) =>
    `${institutionKey}|${header.studyUid}`;
  const placeOf = (
    of: ArrivingInstance,
    institutionKey: InstitutionKey,
    read: ReadInstance,
  ): Promise<StudyPlace> => {
    const key = keyIn(institutionKey, read);
    const known = places.get(key);
    if (known) return known;
    const placing = placeStudy(dependencies, {
      institution: of.institution,
      institutionKey,
      header: read.header,
      charsetDerived: read.charsetDerived,
      charsetOverruled: read.charsetOverruled,
      at: dependencies.clock(),
    });
    if (places.size >= PLACES_MAX) places.delete(places.keys().next().value as string);
    places.set(key, placing);
    placing.catch(() => places.delete(key));
    return placing;
  };
  return {
    placeOf,
    /** Where the study lies now is found out anew. */
    forget(institutionKey: InstitutionKey, read: ReadInstance): void {
      places.delete(keyIn(institutionKey, read));
    },
  };
};

/** Keys of institutions, which never change once there is one. */
const institutionKeys = ({ snapshots }: ImagingDependencies) => {
  const keys = new Map<InstitutionCode, InstitutionKey>();
  return async (institution: InstitutionCode): Promise<InstitutionKey> => {
    const known = keys.get(institution);
    if (known !== undefined) return known;
    const key = (await snapshots.current()).registry.institutionKey(institution);
    if (!key) throw imagingFault('IMAGING_INSTITUTION_UNKNOWN', { detail: institution });
    keys.set(institution, key);
    return key;
  };
};

/**
 * The one way in for images: the data set goes as it is into an object while it arrives, with our own preamble and meta group
 * before it; while the object becomes durable its header is read, its study placed, and its row written, which is committed
 * after. Nothing is held in memory but the header and a small object.
 */
export const receiving = (dependencies: ImagingDependencies): Receiving => {
  const { images, database, clock, newPublicId, traffic } = dependencies;
  const index: ArrivalIndex = arrivalIndex(dependencies);
  const { placeOf, forget } = studyPlaces(dependencies);
  const keyOf = institutionKeys(dependencies);
  const hashOf = patientHashes(dependencies);

  const setAside = async (
    of: ArrivingInstance,
    institutionKey: InstitutionKey,
    stored: EndedObject,
    reason: QuarantineReason,
  ): Promise<ReceiveOutcome> => {
    const receivedAt = clock();
    await stored.durable;
    await quarantineInstance(database, {
      publicId: newPublicId(),
      institution: institutionKey,
      sender: of.sender,
      sopClassUid: of.sopClassUid,
      sopInstanceUid: of.sopInstanceUid,
      reasonCode: reason,
      detail: of.transferSyntaxUid,
      content: stored.content,
      size: stored.size,
      receivedAt,
    });
    return { kind: 'quarantined', reason };
  };

  const finish = async (
    of: ArrivingInstance,
    institutionKey: InstitutionKey,
    ending: Promise<EndedObject>,
    received: Received,
  ): Promise<ReceiveOutcome> => {
    const receivedAt = clock();
    const stored = await ending;
    // Read while it is being written.
    const read = await readHeader(dependencies, of, received, stored);
    traffic.count(institutionKey, 'received', stored.size);
    if (!read.ok) return setAside(of, institutionKey, stored, read.reason);
    const { header } = read.value;
    const reason = differing(header, of);
    if (reason !== undefined) return setAside(of, institutionKey, stored, reason);
    const add = async () =>
      index.add({
        institutionKey,
        place: await placeOf(of, institutionKey, read.value),
        instance: arrivedOf(read.value, of, stored, received.metaBytes, receivedAt),
        patient: header.patient,
        patientHash: hashOf(header.patient),
        durable: stored.durable,
      });
    const outcome = await add().catch((error: unknown) => {
      if (!(error instanceof StudyMoved)) throw error;
      forget(institutionKey, read.value);
      return add();
    });
    return { kind: 'indexed', outcome, header };
  };

  return {
    async begin(of) {
      const institutionKey = await keyOf(of.institution);
      const writer = await images.begin();
      const meta = writeMeta(of);
      void writer.write(meta);
      const head = new Head();
      let received = 0;
      return {
        write(bytes) {
          received += bytes.length;
          if (received > INSTANCE_BYTES_MAX) throw imagingFault('INSTANCE_TOO_LARGE');
          head.add(bytes);
          return writer.write(bytes);
        },
        async finish() {
          const ending = writer.end();
          // Told by whoever comes to wait for it.
          ending.then(({ durable }) => durable).catch(() => undefined);
          return finish(of, institutionKey, ending, {
            head,
            dataSetBytes: received,
            metaBytes: meta.length,
          });
        },
        abort: () => writer.abort(),
      };
    },
  };
};
