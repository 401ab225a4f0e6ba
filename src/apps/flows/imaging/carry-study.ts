import type { HeaderCorrection } from '../../../adapters/dicom/corrected-head.ts';
import type { Drawing } from '../../../adapters/dicom/render-frame.ts';
import { shownSeriesOfStudy } from '../../../adapters/postgres/imaging-reading.ts';
import { studyUidOf } from '../../../adapters/postgres/imaging-studies.ts';
import { type ZipEntry, type ZipEntrySize, zipLength, zipStream } from '../../../adapters/zip/zip-stream.ts';
import { frameCount, inOrder, type ManifestInstance } from '../../../imaging/index.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { someAtATime } from '../../../kernel/some-at-a-time.ts';
import type { CarriedStudy } from '../../../web/wire/carried-study.ts';
import type { CarriedArchive, CarryWish } from '../../server/routes/study-carry-port.ts';
import { institutionAnswer } from '../present.ts';
import { dicomReadme, picturesReadme, type ReadmeOf } from './carry-readme.ts';
import { drawFrame } from './draw-frame.ts';
import { type CarriedSeries, carriedSeriesOf, metadataOf, planFileSet } from './file-set.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { keyImagesOf } from './key-images.ts';
import { HEADERS_AT_A_TIME, outgoingInstance } from './outgoing-instance.ts';
import { patientModuleOf } from './patient-module.ts';
import { requireNear } from './recalled-retrieval.ts';
import { type ContentsCache, contentsCache } from './series-contents.ts';
import type { OpenedStudy, VisibleStudy } from './study-reader.ts';
import { countedPieces } from './traffic.ts';
import { arrivalOf } from './view-study.ts';
import { studiedAt } from './study-time.ts';

const README = 'README.TXT';
const DIRECTORY = 'DICOMDIR';
const PICTURE: Drawing = {
  mediaType: 'image/jpeg',
  quality: 90,
  widthMax: null,
  heightMax: null,
  window: null,
};

/** Makes archives of studies that somebody may see; who may, and the row of the log, are for the caller. */
export interface StudyArchives {
  offer(visible: VisibleStudy): Promise<CarriedStudy>;
  /** @throws IMAGES_BEING_RECALLED, KEY_IMAGES_NONE, HEADER_NOT_CORRECTED */
  make(opened: OpenedStudy, wish: CarryWish): Promise<CarriedArchive>;
}

/** A study read for being taken along. */
interface Packed {
  readonly visible: VisibleStudy;
  readonly carried: readonly CarriedSeries[];
  readonly charsetDerived: string | null;
  readonly readme: ReadmeOf;
  readonly at: Instant;
}

const held = (name: string, bytes: Uint8Array): ZipEntry & ZipEntrySize => ({
  name,
  size: bytes.length,
  async *open() {
    yield bytes;
  },
});

const listed = async function* (entries: readonly ZipEntry[]): AsyncGenerator<ZipEntry, void, void> {
  yield* entries;
};

const fileName = ({ visible: { study } }: Packed, form: string): string =>
  `huren-${form}-${study.studyDate ?? 'study'}.zip`;

const dicomArchive = async (
  dependencies: ImagingDependencies,
  packed: Packed,
  correction: HeaderCorrection | null,
): Promise<CarriedArchive> => {
  const { visible, carried, charsetDerived, readme, at } = packed;
  const study = { studyUid: visible.study.studyUid, carried };
  const { directory, files } = await planFileSet(dependencies, study, charsetDerived, correction);
  const outgoing = (instance: ManifestInstance) =>
    outgoingInstance(dependencies, instance, charsetDerived, correction);
  // Every header is tried before the first byte goes out: what cannot be corrected is said, and cuts nothing off.
  const tried = await someAtATime(files, HEADERS_AT_A_TIME, async ({ instance, path }) => {
    const { length, isCorrected } = await outgoing(instance);
    return { name: path, size: length, isCorrected };
  });
  const isCorrected = tried.some((one) => one.isCorrected);
  const first = [
    held(README, dicomReadme({ ...readme, count: files.length }, isCorrected)),
    held(DIRECTORY, directory),
  ];
  const entries = files.map(
    ({ instance, path }): ZipEntry => ({
      name: path,
      async *open() {
        yield* (await outgoing(instance)).file();
      },
    }),
  );
  const known = tried.flatMap(({ name, size }) => (size === null ? [] : [{ name, size }]));
  return {
    fileName: fileName(packed, 'dicom'),
    pieces: zipStream(listed([...first, ...entries]), at),
    length: known.length === files.length ? zipLength([...first, ...known], at) : null,
    isCorrected,
  };
};

/** Instances that documents of the study name as key images. */
const keyImages = async (
  dependencies: ImagingDependencies,
  { visible, carried, charsetDerived }: Packed,
): Promise<ReadonlySet<string>> => {
  const uids: string[] = [];
  for (const each of carried.filter(({ series }) => series.modality === 'KO'))
    for (const json of (
      await metadataOf(dependencies, visible.study.studyUid, each, charsetDerived)
    ).values())
      uids.push(...keyImagesOf(json));
  return new Set(uids);
};

const numbered = (number: number, digits: number): string => String(number).padStart(digits, '0');

/** Pictures of a study one after the other, then the text that says what they are and what is not among them. */
const pictureEntries = async function* (
  dependencies: ImagingDependencies,
  { carried, charsetDerived, readme }: Packed,
  only: ReadonlySet<string> | null,
): AsyncGenerator<ZipEntry, void, void> {
  const folders: string[] = [];
  const missing: string[] = [];
  let count = 0;
  for (const [index, { series, instances }] of carried.entries()) {
    const words = series.description ?? series.bodyPart ?? series.modality ?? '未命名序列';
    const folder = `SERIES${numbered(index + 1, 2)}`;
    const wanted = inOrder(instances).filter(({ sopInstanceUid }) => only?.has(sopInstanceUid) ?? true);
    const drawable = wanted.filter(({ pixelOffset }) => pixelOffset !== null);
    if (drawable.length > 0) folders.push(`${folder}　${words}`);
    let failed = 0;
    let number = 0;
    for (const instance of drawable)
      for (let frame = 1; frame <= frameCount(instance); frame++) {
        number += 1;
        const drawn = await drawFrame(dependencies, instance, frame, charsetDerived, PICTURE);
        if (drawn.ok) yield held(`${folder}/IMG${numbered(number, 5)}.JPG`, drawn.value);
        else failed += 1;
      }
    count += number - failed;
    if (failed > 0) missing.push(`${words}：${failed} 幅无法生成图片，请看原始影像`);
    if (only === null && drawable.length < wanted.length)
      missing.push(`${words}：${wanted.length - drawable.length} 个心电波形或文档，请看原始影像`);
  }
  yield held(README, picturesReadme({ ...readme, count }, folders, missing));
};

const picturesArchive = async (
  dependencies: ImagingDependencies,
  packed: Packed,
  only: CarryWish['only'],
): Promise<CarriedArchive> => {
  const keys = only === 'key-images' ? await keyImages(dependencies, packed) : null;
  const isNone =
    keys !== null &&
    !packed.carried.some(({ instances }) => instances.some(({ sopInstanceUid }) => keys.has(sopInstanceUid)));
  if (isNone) throw imagingFault('KEY_IMAGES_NONE');
  return {
    fileName: fileName(packed, 'pictures'),
    pieces: zipStream(pictureEntries(dependencies, packed, keys), packed.at),
    length: null,
    isCorrected: false,
  };
};

const pack = async (
  dependencies: ImagingDependencies,
  contents: ContentsCache,
  visible: VisibleStudy,
): Promise<Packed> => {
  const { database, clock, snapshots } = dependencies;
  const { study, institution } = visible;
  const at = clock();
  const rules = (await snapshots.current()).snapshot.rulesAt(at);
  const [carried, { charsetDerived }] = await Promise.all([
    shownSeriesOfStudy(database, study).then((series) => carriedSeriesOf(contents, series)),
    studyUidOf(database, study),
  ]);
  const readme: ReadmeOf = {
    institutionZh: institutionAnswer(rules, institution).nameZh,
    description: study.description,
    studiedAt: studiedAt(study),
    count: study.instanceCount,
    at,
    isReceiving: arrivalOf(study, at) === 'receiving',
  };
  return { visible, carried, charsetDerived, readme, at };
};

/** Archives of studies. */
export const studyArchives = (dependencies: ImagingDependencies): StudyArchives => {
  const contents = contentsCache(dependencies);
  return {
    async offer({ study, institution }) {
      const { database, clock, snapshots } = dependencies;
      const at = clock();
      const rules = (await snapshots.current()).snapshot.rulesAt(at);
      const series = await shownSeriesOfStudy(database, study);
      return {
        institutionZh: institutionAnswer(rules, institution).nameZh,
        description: study.description ?? study.modalities.join('、'),
        studiedAt: studiedAt(study),
        instances: study.instanceCount,
        bytes: study.bytes,
        hasPictures: series.some(({ modality }) => modality !== 'ECG' && modality !== 'KO'),
        hasKeyImages: series.some(({ modality }) => modality === 'KO'),
        isReceiving: arrivalOf(study, at) === 'receiving',
        needsCorrection: (await patientModuleOf(dependencies, study, institution)) !== null,
        drill: rules.drill,
      };
    },
    async make(visible, { form, only, patientModule }) {
      await requireNear(dependencies, visible.study, null);
      const packed = await pack(dependencies, contents, visible);
      const tell = (bytes: number): void =>
        dependencies.traffic.count(visible.study.institutionKey, visible.way, bytes);
      const counted = (archive: CarriedArchive): CarriedArchive => ({
        ...archive,
        pieces: countedPieces(archive.pieces, tell),
      });
      if (form === 'pictures') return counted(await picturesArchive(dependencies, packed, only));
      const correction =
        patientModule === 'current'
          ? await patientModuleOf(dependencies, visible.study, visible.institution)
          : null;
      return counted(await dicomArchive(dependencies, packed, correction));
    },
  };
};
