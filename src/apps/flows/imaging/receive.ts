import { HEADER_BYTES_MAX } from '../../../adapters/dicom/data-set.ts';
import type { HeaderProblem, ReadInstance } from '../../../adapters/dicom/header-reader.ts';
import { encodingOf } from '../../../adapters/dicom/transfer-syntax.ts';
import { writeMeta } from '../../../adapters/dicom/write-part10.ts';
import type { ContentHash, ObjectWriter } from '../../../adapters/objects/image-objects.ts';
import type { ArrivedInstance, StudyPlace } from '../../../adapters/postgres/imaging-arrivals.ts';
import { quarantineInstance } from '../../../adapters/postgres/imaging-quarantine.ts';
import type { InstitutionKey } from '../../../adapters/postgres/registry.ts';
import type { HeaderPixels, InstanceHeader } from '../../../imaging/index.ts';
import type { Result } from '../../../kernel/result.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { type ArrivalIndex, arrivalIndex, type IndexOutcome } from './arrivals.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { patientHash, placeStudy } from './place-study.ts';

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
  write(dataSetBytes: Uint8Array): Promise<void>;
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
const HEAD_BYTES = 128 * 1024;
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
  frameBytes: pixels && pixels.length >= 0 ? nativeFrameBytes(header.pixels, pixels.length) : null,
  sender: of.sender,
  receivedAt,
  modality: short(header.modality),
  seriesNumber: integer(header.seriesNumber),
  seriesDescription: short(header.descriptions.series),
  bodyPart: short(header.anatomy.bodyPartExamined),
  laterality: short(header.anatomy.laterality ?? header.anatomy.imageLaterality),
  announcedCount,
});

/** Keeps the first bytes of a data set while it passes. */
const headKeeper = () => {
  const parts: Uint8Array[] = [];
  let kept = 0;
  return {
    add(bytes: Uint8Array): void {
      if (kept >= HEAD_BYTES) return;
      // The bytes are the caller's again after the write.
      const part = Uint8Array.prototype.slice.call(bytes, 0, HEAD_BYTES - kept);
      parts.push(part);
      kept += part.length;
    },
    bytes: (): Uint8Array => (parts.length === 1 ? (parts[0] as Uint8Array) : Buffer.concat(parts)),
  };
};

const differing = (header: InstanceHeader, of: ArrivingInstance): QuarantineReason | undefined => {
  if (of.sopInstanceUid !== '' && header.sopInstanceUid !== of.sopInstanceUid)
    return 'sop-instance-uid-differs';
  if (of.sopClassUid !== '' && header.sopClassUid !== of.sopClassUid) return 'sop-class-uid-differs';
  if (of.studyUid !== undefined && header.studyUid !== of.studyUid) return 'study-uid-differs';
  return undefined;
};

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
  first: HeaderReading,
  stored: {
    readonly content: ContentHash;
    readonly headBytes: number;
    readonly dataSetBytes: number;
    readonly metaBytes: number;
  },
): Promise<HeaderReading> => {
  const { headBytes, dataSetBytes, metaBytes } = stored;
  let found = first;
  for (const bytes of [2 * 1024 * 1024, HEADER_BYTES_MAX]) {
    if (found.ok || found.reason !== 'truncated' || dataSetBytes <= headBytes) return found;
    const object = await dependencies.images.open(stored.content);
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
  return (of: ArrivingInstance, institutionKey: InstitutionKey, read: ReadInstance): Promise<StudyPlace> => {
    const key = `${institutionKey}|${read.header.studyUid}`;
    const known = places.get(key);
    if (known) return known;
    const placing = placeStudy(dependencies, {
      institution: of.institution,
      institutionKey,
      header: read.header,
      charsetDerived: read.charsetDerived,
      at: dependencies.clock(),
    });
    if (places.size >= PLACES_MAX) places.delete(places.keys().next().value as string);
    places.set(key, placing);
    placing.catch(() => places.delete(key));
    return placing;
  };
};

/**
 * The one way in for images: the data set goes as it is into an object while it arrives, with our own preamble and meta group
 * before it; then its header is read, its study placed, and its row written. Nothing is held in memory but the header.
 */
export const receiving = (dependencies: ImagingDependencies): Receiving => {
  const { images, database, snapshots, clock, newPublicId } = dependencies;
  const index: ArrivalIndex = arrivalIndex(dependencies);
  const placeOf = studyPlaces(dependencies);

  const finish = async (
    of: ArrivingInstance,
    institutionKey: InstitutionKey,
    writer: ObjectWriter,
    { head, dataSetBytes, metaBytes }: { head: Uint8Array; dataSetBytes: number; metaBytes: number },
  ): Promise<ReceiveOutcome> => {
    // The disk takes longer than the header: neither waits for the other.
    const [stored, first] = await Promise.all([
      writer.finish(),
      readBytes(dependencies, of, head, dataSetBytes),
    ]);
    const receivedAt = clock();
    const read = await readHeader(dependencies, of, first, {
      content: stored.content,
      headBytes: head.length,
      dataSetBytes,
      metaBytes,
    });
    const reason = read.ok ? differing(read.value.header, of) : read.reason;
    if (!read.ok || reason !== undefined) {
      const wrong = reason as QuarantineReason;
      await quarantineInstance(database, {
        publicId: newPublicId(),
        institution: institutionKey,
        sender: of.sender,
        sopClassUid: of.sopClassUid,
        sopInstanceUid: of.sopInstanceUid,
        reasonCode: wrong,
        detail: of.transferSyntaxUid,
        content: stored.content,
        size: stored.size,
        receivedAt,
      });
      return { kind: 'quarantined', reason: wrong };
    }
    const place = await placeOf(of, institutionKey, read.value);
    const outcome = await index.add({
      institutionKey,
      place,
      instance: arrivedOf(read.value, of, stored, metaBytes, receivedAt),
      patientHash: patientHash(dependencies, read.value.header.patient),
    });
    return { kind: 'indexed', outcome, header: read.value.header };
  };

  return {
    async begin(of) {
      const { registry } = await snapshots.current();
      const institutionKey = registry.institutionKey(of.institution);
      if (!institutionKey) throw imagingFault('IMAGING_INSTITUTION_UNKNOWN', { detail: of.institution });
      const writer = await images.begin();
      const meta = writeMeta(of);
      await writer.write(meta);
      const head = headKeeper();
      let received = 0;
      return {
        async write(bytes) {
          received += bytes.length;
          if (received > INSTANCE_BYTES_MAX) throw imagingFault('INSTANCE_TOO_LARGE');
          head.add(bytes);
          await writer.write(bytes);
        },
        finish: () =>
          finish(of, institutionKey, writer, {
            head: head.bytes(),
            dataSetBytes: received,
            metaBytes: meta.length,
          }),
        abort: () => writer.abort(),
      };
    },
  };
};
