import type { Session } from '../../../adapters/postgres/database.ts';
import { storeArrivals } from '../../../adapters/postgres/imaging-arrivals.ts';
import {
  type HeldConflict,
  hideAgain,
  seriesPlace,
  type SeriesPlace,
  showInstead,
} from '../../../adapters/postgres/imaging-conflicts.ts';
import type { ListedReading } from '../../../adapters/postgres/imaging-folding.ts';
import { seriesOfStudy } from '../../../adapters/postgres/imaging-reading.ts';
import type { InstitutionKey } from '../../../adapters/postgres/registry.ts';
import type { HoldReason } from '../../../imaging/index.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { someAtATime } from '../../../kernel/some-at-a-time.ts';
import { closeOneSeries } from './close-series.ts';
import { type HeldContent, readHeld } from './held-content.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { arrivedOf } from './receive.ts';

/** A study by its place. */
interface Place {
  readonly personId: string;
  readonly studyId: string;
}

/** A conflict with both its objects read. */
export interface ReadConflict {
  readonly conflict: HeldConflict;
  /** null for an instance of another patient, of which there was none. */
  readonly first: HeldContent | null;
  readonly second: HeldContent;
}

const READERS = 8;

/** Reads both objects of each conflict. @throws IMAGE_HOLD_IMPOSSIBLE where one cannot be read */
export const readConflicts = async (
  dependencies: ImagingDependencies,
  conflicts: readonly HeldConflict[],
  assumedCharset: string | null,
): Promise<readonly ReadConflict[]> => {
  const read = (content: string) => readHeld(dependencies, content, assumedCharset, false);
  return someAtATime(conflicts, READERS, async (conflict) => {
    const { keptContent, otherContent } = conflict;
    const [first, second] = await Promise.all([
      keptContent === '' ? null : read(keptContent),
      read(otherContent),
    ]);
    if (!second || (keptContent !== '' && !first)) throw imagingFault('IMAGE_HOLD_IMPOSSIBLE');
    return { conflict, first, second };
  });
};

const arrived = ({ conflict }: ReadConflict, held: HeldContent) =>
  arrivedOf(held.read, conflict, held, held.metaBytes, conflict.foundAt);

const placeOf = async (session: Session, place: Place, held: HeldContent): Promise<SeriesPlace> => {
  const series = await seriesPlace(session, place, held.read.header.seriesUid);
  if (!series) throw imagingFault('IMAGE_HOLD_IMPOSSIBLE');
  return series;
};

/**
 * Shows what came second, or what came first again, in the caller's transaction. Of instances that were held as another
 * patient's nothing was shown before, and nothing is afterwards when they are taken back.
 *
 * @returns UIDs of the series that changed
 */
export const showOther = async (
  session: Session,
  institution: InstitutionKey,
  place: Place,
  reason: HoldReason,
  conflicts: readonly ReadConflict[],
  which: 'first' | 'second',
  { at, readListed }: { readonly at: Instant; readonly readListed: ListedReading },
): Promise<ReadonlySet<string>> => {
  if (reason === 'two-patients' && which === 'second') {
    const instances = conflicts.map((one) => arrived(one, one.second));
    const stored = await storeArrivals(
      session,
      institution,
      { ...place, patientHash: '' },
      instances,
      { known: new Map(), readListed },
      at,
    );
    if (stored.outcomes.some(({ outcome }) => outcome !== 'stored' && outcome !== 'known'))
      throw imagingFault('IMAGE_HOLD_IMPOSSIBLE');
  } else
    for (const one of conflicts) {
      const { first, second } = one;
      const series = await placeOf(session, place, second);
      if (!first) await hideAgain(session, institution, series, arrived(one, second), at);
      else {
        const [shown, before] = which === 'second' ? [second, first] : [first, second];
        await showInstead(session, institution, series, arrived(one, shown), before.size, at);
      }
    }
  return new Set(conflicts.map(({ second }) => second.read.header.seriesUid));
};

/** Closes series that an answer changed at once, so that viewer, history and verdict follow it and not the clock. */
export const closeChanged = async (
  dependencies: ImagingDependencies,
  place: Place,
  seriesUids: ReadonlySet<string>,
): Promise<void> => {
  const series = await seriesOfStudy(dependencies.database, place);
  for (const one of series)
    if (seriesUids.has(one.seriesUid) && one.closedAt === null) await closeOneSeries(dependencies, one);
};
