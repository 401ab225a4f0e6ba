import { createHash } from 'node:crypto';
import type { ContentHash } from '../../../adapters/objects/image-objects.ts';
import { type SeriesReading, seriesAfter, studyHeads } from '../../../adapters/postgres/imaging-reading.ts';
import { viewCopyOf } from '../../../adapters/postgres/imaging-view-copies.ts';
import type { ObjectState } from '../../../imaging/index.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { contentsAfresh } from './series-contents.ts';

/** An object that is not what it was, and whose it is. */
export interface ObjectFinding {
  readonly institution: string;
  readonly study: PublicId;
  readonly seriesUid: string;
  /** null for what was made of the series: its manifest, metadata, headers, picture, view copy. */
  readonly sopInstanceUid: string | null;
  readonly finding: Exclude<ObjectState, 'whole'>;
}

/** What a verification came to. */
export interface ObjectsVerified {
  readonly series: number;
  readonly objects: number;
  readonly bytes: number;
  readonly findings: number;
}

const SERIES_AT_ONCE = 100;
const PIECE_BYTES = 1024 * 1024;

/** Reads an object to its end. Sealed stretches tell themselves whether they were altered; the hash, whether it is this one. */
export const verifyObject = async (
  { images }: Pick<ImagingDependencies, 'images'>,
  content: string,
): Promise<{ readonly bytes: number; readonly state: ObjectState }> => {
  try {
    const object = await images.open(content as ContentHash);
    try {
      const hash = createHash('sha256');
      for (let at = 0; at < object.size; at += PIECE_BYTES) hash.update(await object.read(at, PIECE_BYTES));
      return { bytes: object.size, state: hash.digest('hex') === content ? 'whole' : 'changed' };
    } finally {
      await object.close();
    }
  } catch (error) {
    if (error instanceof Fault && error.code === 'OBJECT_MISSING') return { bytes: 0, state: 'missing' };
    if (error instanceof Fault && error.code === 'OBJECT_DAMAGED') return { bytes: 0, state: 'changed' };
    throw error;
  }
};

/**
 * Reads every object of every series and tells which is missing or changed, and whose it is.
 *
 * @param onFinding told each as it is found
 */
export const verifyObjects = async (
  dependencies: ImagingDependencies,
  onFinding: (finding: ObjectFinding) => void,
  signal?: AbortSignal,
): Promise<ObjectsVerified> => {
  const contents = contentsAfresh(dependencies);
  const { registry } = await dependencies.snapshots.current();
  const total = { series: 0, objects: 0, bytes: 0, findings: 0 };
  const verifySeries = async (series: SeriesReading, institution: string, study: PublicId): Promise<void> => {
    const look = async (content: string, sopInstanceUid: string | null): Promise<boolean> => {
      const { bytes, state } = await verifyObject(dependencies, content);
      total.objects += 1;
      total.bytes += bytes;
      if (state === 'whole') return true;
      total.findings += 1;
      onFinding({ institution, study, seriesUid: series.seriesUid, sopInstanceUid, finding: state });
      return false;
    };
    let canList = true;
    for (const made of [series.manifest, series.metadata, series.headers, series.thumbnail])
      if (made !== null && !(await look(made, null)) && made === series.manifest) canList = false;
    const copy = await viewCopyOf(dependencies.database, series);
    for (const made of copy?.objects ? [copy.objects.index, copy.objects.frames] : []) await look(made, null);
    if (!canList) return;
    for (const instance of (await contents.of(series)).instances)
      await look(instance.content, instance.sopInstanceUid);
  };
  for (let after = '0'; ; ) {
    const page = await seriesAfter(dependencies.database, after, SERIES_AT_ONCE);
    const heads = await studyHeads(dependencies.database, page);
    for (const series of page) {
      if (signal?.aborted) return total;
      const head = heads.get(series.studyId);
      if (head)
        await verifySeries(series, registry.institutionCode(head.institutionKey) ?? '', head.publicId);
      total.series += 1;
    }
    const last = page.at(-1);
    if (!last || page.length < SERIES_AT_ONCE) return total;
    after = last.seriesId;
  }
};
