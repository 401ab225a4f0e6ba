import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { entityTag, partsTag } from '../../../adapters/dicomweb/entity-tag.ts';
import { studyUidOf } from '../../../adapters/postgres/imaging-studies.ts';
import { someAtATime } from '../../../kernel/some-at-a-time.ts';
import type {
  CorrectedParts,
  DicomWeb,
  DicomWebReader,
  DicomWebRetrieval,
  StoredPart,
} from '../../server/routes/dicom-web-port.ts';
import { instanceAddress } from './close-series.ts';
import { correctedMetadata, type DataSetJson } from './corrected-json.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import {
  fromPlace,
  HEADERS_AT_A_TIME,
  type OutgoingInstance,
  outgoingInstance,
} from './outgoing-instance.ts';
import { patientModuleOf } from './patient-module.ts';
import type { StudyDoor } from './study-reader.ts';
import { requireNear } from './recalled-retrieval.ts';
import type { InstanceLocator } from './retrieve.ts';
import { countedPart } from './traffic.ts';

/** Length of what is known only when it was written: a deflated data set with another header. */
const counted = async (file: AsyncIterable<Uint8Array>): Promise<number> => {
  let length = 0;
  for await (const piece of file) length += piece.length;
  return length;
};

const partOf = async (
  outgoing: OutgoingInstance,
  as: Pick<StoredPart, 'mediaType' | 'location' | 'content'>,
): Promise<StoredPart> => {
  const length = outgoing.length ?? (await counted(outgoing.file()));
  return {
    ...as,
    length,
    pieces: (from = 0, wanted = length - from) => fromPlace(outgoing.file(), from, wanted),
  };
};

/** WADO-RS with the patient module as the person index has it. Every header is tried before the first byte goes out. */
export const correctedInstances =
  (dependencies: ImagingDependencies, { located }: InstanceLocator<DicomWebReader>): DicomWeb['corrected'] =>
  async (reader, address): Promise<CorrectedParts> => {
    const all = await located(reader, address);
    const [first] = all;
    if (!first) return { parts: [], isCorrected: false, etag: 'none' };
    const { study, institution, way } = first.visible;
    await requireNear(dependencies, study, address.series);
    const [{ charsetDerived }, correction] = await Promise.all([
      studyUidOf(dependencies.database, study),
      patientModuleOf(dependencies, study, institution),
    ]);
    const tell = (bytes: number): void => dependencies.traffic.count(study.institutionKey, way, bytes);
    const tried = await someAtATime(all, HEADERS_AT_A_TIME, async ({ series, instance }) => {
      const outgoing = await outgoingInstance(dependencies, instance, charsetDerived, correction);
      const part = await partOf(outgoing, {
        mediaType: `application/dicom; transfer-syntax=${instance.transferSyntaxUid}`,
        location: instanceAddress(study.studyUid, series.seriesUid, instance.sopInstanceUid),
        content: instance.content,
      });
      return { part: countedPart(part, tell), isCorrected: outgoing.isCorrected };
    });
    const parts = tried.map(({ part }) => part);
    // The moment of the correction is in the headers, so no two answers with one are the same.
    const etag = partsTag(parts, correction?.at ?? '');
    return { parts, isCorrected: tried.some(({ isCorrected }) => isCorrected), etag };
  };

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Metadata with the patient module as the person index has it; what is far is asked for as it is without. */
export const correctedMetadataFlow =
  (
    dependencies: ImagingDependencies,
    door: StudyDoor<DicomWebReader>,
    retrieval: Pick<DicomWebRetrieval<DicomWebReader>, 'metadata'>,
  ): DicomWeb['correctedMetadata'] =>
  async (reader, address) => {
    const stored = await retrieval.metadata(reader, address);
    const { study, institution } = await door.open(reader, address.study);
    const correction = await patientModuleOf(dependencies, study, institution);
    if (correction === null) return { ...stored, version: null, isCorrected: false };
    const instances = JSON.parse((await decompress(stored.gzip)).toString('utf8')) as readonly DataSetJson[];
    const made = instances.map((each) => correctedMetadata(each, correction));
    if (!made.some(({ isCorrected }) => isCorrected)) return { ...stored, version: null, isCorrected: false };
    return {
      gzip: await compress(JSON.stringify(made.map(({ json }) => json)), { level: 1 }),
      etag: entityTag(stored.etag, correction.at, JSON.stringify(correction.attributes)),
      version: null,
      isCorrected: true,
    };
  };
