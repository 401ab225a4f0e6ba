import { vrOf } from '../../../adapters/dicom/attribute-vr.ts';
import type { HeaderCorrection } from '../../../adapters/dicom/corrected-head.ts';
import { type DirectoryRecord, writeDicomDir } from '../../../adapters/dicom/dicomdir.ts';
import {
  PATIENT_KEYS,
  recordKindOf,
  SERIES_KEYS,
  STUDY_KEYS,
} from '../../../adapters/dicom/directory-records.ts';
import type { DataSet, WrittenCharset } from '../../../adapters/dicom/write-part10.ts';
import type { DicomJson } from '../../../adapters/dimse/ports.ts';
import type { SeriesReading } from '../../../adapters/postgres/imaging-reading.ts';
import { inOrder, type ManifestInstance } from '../../../imaging/index.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { describeInstances, instanceAddress } from './close-series.ts';
import { elementsOf } from './identifier-codec.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { readStoredHeader, withInstance } from './instance-bytes.ts';
import { getJson } from './json-objects.ts';
import type { ContentsCache } from './series-contents.ts';

/** A series with its instances in order, as they are taken along. */
export interface CarriedSeries {
  readonly series: SeriesReading;
  readonly instances: readonly ManifestInstance[];
}

/** One file of a file set. */
export interface FileSetFile {
  readonly instance: ManifestInstance;
  /** Path in the archive: the components of its file id. */
  readonly path: string;
}

/** A file set about to be written: its directory, and the files in their order. */
export interface FileSetPlan {
  readonly directory: Buffer;
  readonly files: readonly FileSetFile[];
}

const FILE_SET_ID = 'HUREN';
const CHARSETS: readonly WrittenCharset[] = ['ISO_IR 192', 'GB18030', 'GBK'];
const DERIVED: Readonly<Record<string, WrittenCharset>> = { gb18030: 'GB18030', gbk: 'GBK' };
/** Type 1 in the directory, and absent from many headers. */
const INVENTED: Readonly<Record<string, string>> = { '00100020': 'UNKNOWN', '00200010': '1' };
const PRIVATE_RECORD_UID: DataSet[number] = {
  tag: 0x0004_1432,
  vr: 'UI',
  value: '2.25.319208563077116830146107526953210450671',
};

/** A UUID as a UID (PS3.5 B.2). */
export const uidOf = (id: PublicId): string => `2.25.${BigInt(`0x${id.replaceAll('-', '')}`)}`;

/** A component of a file id: a letter and a number of seven digits. */
const component = (letter: string, number: number): string => `${letter}${String(number).padStart(7, '0')}`;

/** What the headers of a series say, by instance: stored with it when it is closed, else read now. */
export const metadataOf = async (
  dependencies: ImagingDependencies,
  studyUid: string,
  { series, instances }: CarriedSeries,
  assumedCharset: string | null,
): Promise<ReadonlyMap<string, DicomJson>> => {
  const uidIn = (json: DicomJson): string => (json['00080018']?.Value?.[0] ?? '') as string;
  if (series.closedAt !== null && series.metadata !== null) {
    const stored = await getJson<readonly DicomJson[]>(dependencies.images, series.metadata);
    return new Map(stored.map((json) => [uidIn(json), json]));
  }
  const described = await describeInstances(dependencies, instances, assumedCharset, (instance) =>
    instanceAddress(studyUid, series.seriesUid, instance.sopInstanceUid),
  );
  return new Map(
    described.map(({ metadata, instance }) => [instance.sopInstanceUid, JSON.parse(metadata) as DicomJson]),
  );
};

/** The character set of a series' own texts where we can write it; else UTF-8, into which they were read. */
const charsetOf = async (
  dependencies: ImagingDependencies,
  [first]: readonly ManifestInstance[],
  assumedCharset: string | null,
): Promise<WrittenCharset> => {
  if (!first) return 'ISO_IR 192';
  const read = await withInstance(dependencies, first, (open) =>
    readStoredHeader(dependencies, first, open, assumedCharset),
  );
  if (!read.ok) return 'ISO_IR 192';
  const { charsetNamed, charsetDerived } = read.value;
  const known = charsetDerived === null ? charsetNamed : DERIVED[charsetDerived];
  return CHARSETS.find((charset) => charset === known) ?? 'ISO_IR 192';
};

/** Attributes of a record; one that no header states is there without a value. */
const keysOf = (tags: readonly string[], json: DicomJson): DataSet =>
  elementsOf(
    Object.fromEntries(
      tags.map((tag) => {
        const stated = json[tag] ?? { vr: vrOf(tag) };
        const invented = INVENTED[tag];
        return [
          tag,
          invented !== undefined && !stated.Value?.length ? { ...stated, Value: [invented] } : stated,
        ];
      }),
    ),
  );

/** What a header says of the patient after its correction. */
const correctedJson = (json: DicomJson, correction: HeaderCorrection | null): DicomJson => {
  const changed = (correction?.attributes ?? []).map(({ tag, vr, value }) => {
    const [Alphabetic = '', Ideographic = ''] = value.split('=');
    const one = vr === 'PN' ? { Alphabetic, Ideographic } : value;
    return [tag, value === '' ? { vr } : { vr, Value: [one] }] as const;
  });
  return { ...json, ...Object.fromEntries(changed) };
};

/**
 * Plans the file set of a study (PS3.10 8): one patient, one study, its series and instances, each under an id of capitals
 * and digits that any medium can hold.
 */
export const planFileSet = async (
  dependencies: ImagingDependencies,
  study: { readonly studyUid: string; readonly carried: readonly CarriedSeries[] },
  assumedCharset: string | null,
  correction: HeaderCorrection | null,
): Promise<FileSetPlan> => {
  const files: FileSetFile[] = [];
  const ofSeries: DirectoryRecord[] = [];
  let above: { readonly json: DicomJson; readonly charset: WrittenCharset } | null = null;
  for (const [index, each] of study.carried.entries()) {
    const ordered = inOrder(each.instances);
    const metadata = await metadataOf(dependencies, study.studyUid, each, assumedCharset);
    const charset = correction ? 'ISO_IR 192' : await charsetOf(dependencies, ordered, assumedCharset);
    const lower = ordered.map((instance, place): DirectoryRecord => {
      const json = metadata.get(instance.sopInstanceUid) ?? {};
      const { type, keys } = recordKindOf(instance.sopClassUid, instance.pixelOffset !== null);
      const fileId = ['DICOM', component('S', index + 1), component('I', place + 1)];
      files.push({ instance, path: fileId.join('/') });
      above ??= { json, charset };
      const { sopClassUid, sopInstanceUid, transferSyntaxUid } = instance;
      return {
        type,
        charset,
        keys: [...keysOf(keys, json), ...(type === 'PRIVATE' ? [PRIVATE_RECORD_UID] : [])],
        file: { fileId, sopClassUid, sopInstanceUid, transferSyntaxUid },
        lower: [],
      };
    });
    const [first] = ordered;
    const json = (first && metadata.get(first.sopInstanceUid)) ?? {};
    if (lower.length > 0)
      ofSeries.push({ type: 'SERIES', charset, keys: keysOf(SERIES_KEYS, json), file: null, lower });
  }
  const { json = {}, charset = 'ISO_IR 192' as const } = above ?? {};
  const ofStudy: DirectoryRecord = {
    type: 'STUDY',
    charset,
    keys: keysOf(STUDY_KEYS, json),
    file: null,
    lower: ofSeries,
  };
  const ofPatient: DirectoryRecord = {
    type: 'PATIENT',
    charset,
    keys: keysOf(PATIENT_KEYS, correctedJson(json, correction)),
    file: null,
    lower: [ofStudy],
  };
  const sopInstanceUid = uidOf(dependencies.newPublicId());
  return { files, directory: writeDicomDir({ id: FILE_SET_ID, sopInstanceUid, patients: [ofPatient] }) };
};

/** Series of a study with what is in them. */
export const carriedSeriesOf = async (
  contents: ContentsCache,
  series: readonly SeriesReading[],
): Promise<readonly CarriedSeries[]> =>
  Promise.all(series.map(async (each) => ({ series: each, instances: (await contents.of(each)).instances })));
