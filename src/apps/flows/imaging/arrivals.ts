import {
  type ArrivalOutcome,
  type ArrivedInstance,
  keepConflict,
  type KnownSeries,
  rememberSeries,
  storeArrivals,
  type StudyPlace,
} from '../../../adapters/postgres/imaging-arrivals.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import { addMatch } from '../../../adapters/postgres/imaging-studies.ts';
import type { InstitutionKey } from '../../../adapters/postgres/registry.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { ImagingDependencies } from './imaging-work.ts';

/** What became of an instance when its row was to be written. */
export type IndexOutcome = ArrivalOutcome | 'two-patients';

/** An instance that waits for its row. */
export interface WaitingInstance {
  readonly institutionKey: InstitutionKey;
  readonly place: StudyPlace;
  readonly instance: ArrivedInstance;
  /** Hash of the patient its own header states. */
  readonly patientHash: string;
}

interface Waiting extends WaitingInstance {
  resolve(outcome: IndexOutcome): void;
  reject(error: unknown): void;
}

/** Writes rows of instances that arrive at once, over all connections, in one commit. */
export interface ArrivalIndex {
  /** Resolves after the commit. */
  add(waiting: WaitingInstance): Promise<IndexOutcome>;
}

const BATCH_MAX = 64;

const storeStudy = async (
  session: Session,
  { clock, newPublicId }: ImagingDependencies,
  waiting: readonly WaitingInstance[],
  known: KnownSeries,
): Promise<{
  readonly outcomes: ReadonlyMap<WaitingInstance, IndexOutcome>;
  readonly seriesIds: ReadonlyMap<string, string>;
}> => {
  const [{ institutionKey, place }] = waiting as [WaitingInstance, ...WaitingInstance[]];
  const outcomes = new Map<WaitingInstance, IndexOutcome>();
  const conflict = (
    { instance }: WaitingInstance,
    reason: 'other-content' | 'other-series' | 'two-patients',
    keptContent: string,
  ) =>
    keepConflict(session, place, {
      publicId: newPublicId(),
      institution: institutionKey,
      reason,
      sopInstanceUid: instance.sopInstanceUid,
      keptContent,
      otherContent: instance.content,
      sender: instance.sender,
      foundAt: instance.receivedAt,
    });
  const first = new Map<string, WaitingInstance>();
  const again: WaitingInstance[] = [];
  for (const one of waiting) {
    if (one.patientHash !== place.patientHash) {
      await conflict(one, 'two-patients', '');
      await addMatch(session, place, {
        publicId: newPublicId(),
        institution: institutionKey,
        reason: 'two-patients',
        candidates: [],
        at: one.instance.receivedAt,
      });
      outcomes.set(one, 'two-patients');
    } else if (first.has(one.instance.sopInstanceUid)) again.push(one);
    else first.set(one.instance.sopInstanceUid, one);
  }
  const kept = [...first.values()];
  const stored =
    kept.length === 0
      ? { outcomes: [], seriesIds: new Map<string, string>() }
      : await storeArrivals(
          session,
          institutionKey,
          place,
          kept.map(({ instance }) => instance),
          known,
          clock(),
        );
  const contents = new Map<string, string>();
  for (const [index, one] of kept.entries()) {
    const { outcome, keptContent } = stored.outcomes[index] as (typeof stored.outcomes)[number];
    contents.set(one.instance.sopInstanceUid, keptContent);
    if (outcome === 'other-content' || outcome === 'other-series') await conflict(one, outcome, keptContent);
    outcomes.set(one, outcome);
  }
  for (const one of again) {
    const keptContent = contents.get(one.instance.sopInstanceUid) as string;
    const isSame = keptContent === one.instance.content;
    if (!isSame) await conflict(one, 'other-content', keptContent);
    outcomes.set(one, isSame ? 'known' : 'other-content');
  }
  return { outcomes, seriesIds: stored.seriesIds };
};

/**
 * One transaction for what waits, up to `BATCH_MAX`; while it commits, the next ones gather. So a single sender waits for
 * nobody, and many share a commit.
 */
export const arrivalIndex = (dependencies: ImagingDependencies): ArrivalIndex => {
  const waiting: Waiting[] = [];
  let isWriting = false;

  const known: KnownSeries = new Map();

  const write = async (batch: readonly Waiting[]): Promise<ReadonlyMap<WaitingInstance, IndexOutcome>> => {
    const met = new Map<string, ReadonlyMap<string, string>>();
    const outcomes = await dependencies.database.transaction(async (session) => {
      const byStudy = Map.groupBy(batch, ({ place }) => place.studyId);
      const outcomes = new Map<WaitingInstance, IndexOutcome>();
      for (const [studyId, of] of [...byStudy].sort(([one], [other]) => (one < other ? -1 : 1))) {
        const stored = await storeStudy(session, dependencies, of, known);
        met.set(studyId, stored.seriesIds);
        for (const [one, outcome] of stored.outcomes) outcomes.set(one, outcome);
      }
      return outcomes;
    });
    // Only what is committed is known.
    for (const [studyId, ids] of met) rememberSeries(known, studyId, ids);
    return outcomes;
  };
  const settle = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      const outcomes = await write(batch);
      for (const one of batch) one.resolve(outcomes.get(one) as IndexOutcome);
    } catch (error) {
      // What no row can hold must not take its neighbours along; a database that is away fails them all at once.
      if (batch.length > 1 && !(error instanceof Fault)) for (const one of batch) await settle([one]);
      else for (const one of batch) one.reject(error);
    }
  };
  const drain = async (): Promise<void> => {
    if (isWriting) return;
    isWriting = true;
    while (waiting.length > 0) await settle(waiting.splice(0, BATCH_MAX));
    isWriting = false;
  };
  return {
    add: (instance) =>
      new Promise((resolve, reject) => {
        waiting.push({ ...instance, resolve, reject });
        void drain();
      }),
  };
};
