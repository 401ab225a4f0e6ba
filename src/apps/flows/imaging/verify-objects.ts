import { createHash } from 'node:crypto';
import type { ContentHash } from '../../../adapters/objects/image-objects.ts';
import { conflictsAfter } from '../../../adapters/postgres/imaging-conflicts.ts';
import { quarantinedAfter } from '../../../adapters/postgres/imaging-quarantine.ts';
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
  /** null for what lies in quarantine. */
  readonly study: PublicId | null;
  /** null for what is kept aside. */
  readonly seriesUid: string | null;
  /** null for what was made of the series: its manifest, metadata, headers, picture, view copy. */
  readonly sopInstanceUid: string | null;
  /** Kept and not shown: it contradicts what is there, or could not be read. null: it is shown. */
  readonly aside: 'conflict' | 'quarantine' | null;
  readonly finding: Exclude<ObjectState, 'whole'>;
}

/** What a verification came to. */
export interface ObjectsVerified {
  readonly series: number;
  /** Those of the series, and those kept aside. */
  readonly objects: number;
  readonly bytes: number;
  readonly findings: number;
}

const SERIES_AT_ONCE = 100;
const ASIDE_AT_ONCE = 1_000;
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

/** All of what comes in pages, each of which goes on where the one before ended. */
const paged = async function* <Row extends { readonly key: string }>(
  page: (after: string, limit: number) => Promise<readonly Row[]>,
): AsyncGenerator<Row, void, void> {
  for (let after = '0'; ; ) {
    const rows = await page(after, ASIDE_AT_ONCE);
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < ASIDE_AT_ONCE) return;
    after = last.key;
  }
};

/**
 * Reads every object of every series, and those that are kept aside, and tells which is missing or changed, and whose it is.
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
  const codeOf = (institutionKey: string): string => registry.institutionCode(institutionKey) ?? '';
  /** Whether it is whole; what is not is told. */
  const verify = async (content: string, of: Omit<ObjectFinding, 'finding'>): Promise<boolean> => {
    const { bytes, state } = await verifyObject(dependencies, content);
    total.objects += 1;
    total.bytes += bytes;
    if (state === 'whole') return true;
    total.findings += 1;
    onFinding({ ...of, finding: state });
    return false;
  };
  const verifySeries = async (series: SeriesReading, institution: string, study: PublicId): Promise<void> => {
    const look = (content: string, sopInstanceUid: string | null): Promise<boolean> =>
      verify(content, { institution, study, seriesUid: series.seriesUid, sopInstanceUid, aside: null });
    let canList = true;
    for (const made of [series.manifest, series.metadata, series.headers, series.thumbnail])
      if (made !== null && !(await look(made, null)) && made === series.manifest) canList = false;
    const copy = await viewCopyOf(dependencies.database, series);
    for (const made of copy?.objects ? [copy.objects.index, copy.objects.frames] : []) await look(made, null);
    if (!canList) return;
    for (const instance of (await contents.of(series)).instances)
      await look(instance.content, instance.sopInstanceUid);
  };
  const verifyAside = async (): Promise<void> => {
    const { database } = dependencies;
    for await (const { institutionKey, study, sopInstanceUid, content } of paged((after, limit) =>
      conflictsAfter(database, after, limit),
    )) {
      if (signal?.aborted) return;
      const institution = codeOf(institutionKey);
      await verify(content, { institution, study, seriesUid: null, sopInstanceUid, aside: 'conflict' });
    }
    for await (const { institutionKey, sopInstanceUid, content } of paged((after, limit) =>
      quarantinedAfter(database, after, limit),
    )) {
      if (signal?.aborted) return;
      const institution = codeOf(institutionKey);
      await verify(content, {
        institution,
        study: null,
        seriesUid: null,
        sopInstanceUid,
        aside: 'quarantine',
      });
    }
  };
  await verifyAside();
  for (let after = '0'; ; ) {
    const page = await seriesAfter(dependencies.database, after, SERIES_AT_ONCE);
    const heads = await studyHeads(dependencies.database, page);
    for (const series of page) {
      if (signal?.aborted) return total;
      const head = heads.get(series.studyId);
      if (head) await verifySeries(series, codeOf(head.institutionKey), head.publicId);
      total.series += 1;
    }
    const last = page.at(-1);
    if (!last || page.length < SERIES_AT_ONCE) return total;
    after = last.seriesId;
  }
};
