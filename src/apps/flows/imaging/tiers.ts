import type { ContentHash, ImageObjects } from '../../../adapters/objects/image-objects.ts';
import { isObjectLost } from '../../../adapters/objects/lost-object.ts';
import type { ImageTiers } from '../../../adapters/objects/tiered-images.ts';
import {
  askRecall,
  farSeriesOf,
  finishRecall,
  keepRecallStep,
  moveSeries,
  nextRecall,
  putRecallOff,
  type RecalledStudy,
  type RecallProgress,
  studyLeftAlone,
} from '../../../adapters/postgres/image-tiers.ts';
import { wantFactsAnew } from '../../../adapters/postgres/imaging-facts.ts';
import {
  seriesOfStudy,
  type SeriesReading,
  studyByPublicId,
  type StudyReading,
} from '../../../adapters/postgres/imaging-reading.ts';
import { dropViewCopy, viewCopyOf, wantViewCopy } from '../../../adapters/postgres/imaging-view-copies.ts';
import { type Instant, instant } from '../../../kernel/instant.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { contentsAfresh } from './series-contents.ts';
import { verifyObject } from './verify-objects.ts';

/** What moving images between the tiers works with. */
export interface TierDependencies extends ImagingDependencies {
  readonly tiers: ImageTiers;
}

const PIECE_BYTES = 1024 * 1024;
const STEP_EVERY = 20;

const isThere = async (images: ImageObjects, content: string): Promise<boolean> =>
  (await verifyObject({ images }, content)).state === 'whole';

/**
 * Copies an object from one tier to the other, where it is not whole there already. It is sealed anew, and is another object
 * than the one it was read from unless its hash is the same.
 *
 * @throws OBJECT_MISSING, OBJECT_DAMAGED
 */
const copyObject = async (from: ImageObjects, to: ImageObjects, content: string): Promise<void> => {
  if (await isThere(to, content)) return;
  const object = await from.open(content as ContentHash);
  try {
    const writer = await to.begin();
    try {
      for (let at = 0; at < object.size; at += PIECE_BYTES)
        await writer.write(await object.read(at, PIECE_BYTES));
    } catch (error) {
      await writer.abort();
      throw error;
    }
    await writer.finish();
  } finally {
    await object.close();
  }
};

/**
 * Moves a closed series to the far tier: copies every instance, reads it there to its end, says so in the database, and only
 * then removes it near. What was made of the series stays near: a study can be found, listed and previewed without a recall.
 *
 * @returns whether it is far now
 */
const moveFar = async (
  dependencies: TierDependencies,
  far: ImageObjects,
  series: SeriesReading,
): Promise<boolean> => {
  const { database, tiers, images } = dependencies;
  const { instances } = await contentsAfresh(dependencies).of(series);
  for (const { content } of instances) {
    try {
      await copyObject(tiers.near, far, content);
    } catch (error) {
      // What is not whole stays where it is; `huren objects verify` names it.
      if (isObjectLost(error)) return false;
      throw error;
    }
    if (!(await isThere(far, content))) return false;
  }
  const copy = await viewCopyOf(database, series);
  const isMoved = await database.transaction(async (session) => {
    if (!(await moveSeries(session, series, 'far'))) return false;
    await dropViewCopy(session, series);
    return true;
  });
  if (!isMoved) return false;
  for (const { content } of instances) await tiers.near.remove(content as ContentHash);
  if (copy?.objects) {
    await images.remove(copy.objects.index as ContentHash);
    await images.remove(copy.objects.frames as ContentHash);
  }
  return true;
};

/**
 * Moves the next study to the far tier that nobody has opened since a moment.
 *
 * @param place key of the study looked at before; moves on before anything is moved: one that cannot be moved must not keep
 *   the others near
 * @returns whether there was one
 */
export const moveNextFar = async (
  dependencies: TierDependencies,
  since: Instant,
  place: { after: string },
): Promise<boolean> => {
  const { database, tiers } = dependencies;
  const found = tiers.far && (await studyLeftAlone(database, since, place.after));
  place.after = found?.studyId ?? '0';
  if (!tiers.far || !found) return false;
  const study = await studyByPublicId(database, found.publicId);
  if (study)
    for (const series of await seriesOfStudy(database, study))
      if (series.closedAt !== null && series.tier === 'near') await moveFar(dependencies, tiers.far, series);
  return true;
};

const recallStudy = async (
  dependencies: TierDependencies,
  far: ImageObjects,
  study: RecalledStudy,
): Promise<void> => {
  const { database, tiers, clock } = dependencies;
  const contents = contentsAfresh(dependencies);
  const series = await farSeriesOf(database, study);
  const total = series.reduce((sum, { instanceCount }) => sum + instanceCount, 0);
  let done = 0;
  for (const one of series) {
    for (const { content } of (await contents.of(one)).instances) {
      try {
        await copyObject(far, tiers.near, content);
      } catch (error) {
        // One that is gone must not keep the others away.
        if (!isObjectLost(error)) throw error;
      }
      done += 1;
      if (done % STEP_EVERY === 0) await keepRecallStep(database, study, { done, total });
    }
    // The far copy stays: the way back is then a removal.
    await database.transaction(async (session) => {
      if (await moveSeries(session, one, 'near')) await wantViewCopy(session, one);
    });
  }
  await wantFactsAnew(database, study);
  await finishRecall(database, study, clock());
};

/** Brings the study near again whose recall was asked for first. @returns whether there was one */
export const recallNext = async (dependencies: TierDependencies): Promise<boolean> => {
  const { database, tiers, clock } = dependencies;
  const study = tiers.far && (await nextRecall(database));
  if (!tiers.far || !study) return false;
  try {
    await recallStudy(dependencies, tiers.far, study);
  } catch (error) {
    // Behind the others: somebody waits for each of them.
    await putRecallOff(database, study, clock());
    throw error;
  }
  return true;
};

/** A recall as whoever waits for it is told of it. */
export interface AwaitedRecall extends RecallProgress {
  /** The series that comes near last. */
  readonly lastSeriesUid: string;
}

/**
 * Asks for the recall of a study that is opened, where a part of it is far.
 *
 * @returns how far it has come; null where all of it is near
 */
export const recallOf = async (
  { database, clock }: Pick<ImagingDependencies, 'database' | 'clock'>,
  study: StudyReading,
): Promise<AwaitedRecall | null> => {
  if (study.farBytes === 0) return null;
  const far = await farSeriesOf(database, study);
  const last = far.at(-1);
  if (!last) return null;
  const total = far.reduce((sum, { instanceCount }) => sum + instanceCount, 0);
  const { done, total: all } = await askRecall(database, study, total, clock());
  return { done, total: all, lastSeriesUid: last.seriesUid };
};

/** Moves studies to the far tier one after another, each a turn, beginning anew when all were looked at. */
export const farMover = (dependencies: TierDependencies, ageMs: number | null) => {
  const place = { after: '0' };
  return async (): Promise<boolean> =>
    ageMs !== null && moveNextFar(dependencies, instant(dependencies.clock() - ageMs), place);
};
