import {
  type ArrivalOutcome,
  type ArrivedInstance,
  keepConflict,
  type KnownSeries,
  NotAllNew,
  rememberSeries,
  storeArrivals,
  storeNewArrivals,
  type StudyPlace,
} from '../../../adapters/postgres/imaging-arrivals.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import type { ListedReading } from '../../../adapters/postgres/imaging-folding.ts';
import { keepStudyThere } from '../../../adapters/postgres/imaging-moves.ts';
import { addMatch } from '../../../adapters/postgres/imaging-studies.ts';
import type { InstitutionKey } from '../../../adapters/postgres/registry.ts';
import type { HeaderPatient } from '../../../imaging/index.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { contentsCache } from './series-contents.ts';
import { type StatedPatients, statedPatients } from './stated-patients.ts';

/** What became of an instance when its row was to be written. */
export type IndexOutcome = ArrivalOutcome | 'two-patients';

/** An instance that waits for its row. */
export interface WaitingInstance {
  readonly institutionKey: InstitutionKey;
  readonly place: StudyPlace;
  readonly instance: ArrivedInstance;
  /** The patient its own header states, and the hash of that. */
  readonly patient: HeaderPatient;
  readonly patientHash: string;
  /** Resolves when its object is durable: not before is its row committed. */
  readonly durable: Promise<void>;
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
const UNAVAILABLE = 503;

/** An object of the batch did not become durable. */
class NotDurable extends Error {}

/** Whether the database or the disk says so for everybody: each by itself would be told the same. */
const isAway = (error: unknown): boolean => error instanceof Fault && error.status === UNAVAILABLE;

/** Waits for the objects. @throws NotDurable, with what kept one from it as cause */
const untilDurable = async (waiting: readonly WaitingInstance[]): Promise<void> => {
  try {
    await Promise.all(waiting.map(({ durable }) => durable));
  } catch (cause) {
    throw new NotDurable('object', { cause });
  }
};

/** By study, in one order everywhere, so that two transactions never wait for each other. */
const byStudy = <Of extends WaitingInstance>(batch: readonly Of[]): readonly (readonly [Of, ...Of[]])[] =>
  [...Map.groupBy(batch, ({ place }) => place.studyId)]
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([, of]) => of as [Of, ...Of[]]);

/** Whether nothing in the batch itself says that one of them is not new. */
const areApart = (batch: readonly WaitingInstance[], patients: StatedPatients): boolean =>
  batch.every(patients.isKnown) &&
  new Set(batch.map(({ institutionKey, instance }) => `${institutionKey}|${instance.sopInstanceUid}`))
    .size === batch.length;

const storeStudy = async (
  session: Session,
  { clock, newPublicId }: ImagingDependencies,
  waiting: readonly [WaitingInstance, ...WaitingInstance[]],
  there: {
    readonly known: KnownSeries;
    readonly readListed: ListedReading;
    readonly patients: StatedPatients;
  },
): Promise<{
  readonly outcomes: ReadonlyMap<WaitingInstance, IndexOutcome>;
  readonly seriesIds: ReadonlyMap<string, string>;
}> => {
  const [{ institutionKey, place }] = waiting;
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
  const weighed = await there.patients.weigh(session, institutionKey, waiting);
  for (const one of waiting) {
    if (weighed.others.has(one)) {
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
          there,
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
  // After its series, which were counted before: two transactions never wait for each other.
  await keepStudyThere(session, place);
  await weighed.keep(session);
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
  const contents = contentsCache(dependencies);
  const patients = statedPatients(dependencies);
  const there = {
    known,
    patients,
    readListed: async (manifest: string) => (await contents.listed(manifest)).byUid,
  };

  /** What nearly all are: new. The statements run while the objects become durable; the commit waits for these. */
  const writeNew = (batch: readonly WaitingInstance[]): Promise<void> =>
    dependencies.database.transaction(async (session) => {
      const at = dependencies.clock();
      await Promise.all(
        byStudy(batch).map((of) =>
          storeNewArrivals(
            session,
            of[0].institutionKey,
            of[0].place,
            of.map(({ instance }) => instance),
            known,
            at,
          ),
        ),
      );
      await untilDurable(batch);
    });
  const writeAny = async (
    batch: readonly WaitingInstance[],
  ): Promise<ReadonlyMap<WaitingInstance, IndexOutcome>> => {
    await untilDurable(batch);
    const met = new Map<string, ReadonlyMap<string, string>>();
    const outcomes = await dependencies.database.transaction(async (session) => {
      const outcomes = new Map<WaitingInstance, IndexOutcome>();
      for (const of of byStudy(batch)) {
        const stored = await storeStudy(session, dependencies, of, there);
        met.set(of[0].place.studyId, stored.seriesIds);
        for (const [one, outcome] of stored.outcomes) outcomes.set(one, outcome);
      }
      return outcomes;
    });
    // Only what is committed is known.
    for (const [studyId, ids] of met) rememberSeries(known, studyId, ids);
    patients.remember(batch.filter((one) => outcomes.get(one) !== 'two-patients'));
    return outcomes;
  };
  const write = async (batch: readonly Waiting[]): Promise<void> => {
    if (areApart(batch, patients))
      try {
        await writeNew(batch);
        for (const one of batch) one.resolve('stored');
        return;
      } catch (error) {
        if (!(error instanceof NotAllNew)) throw error;
      }
    const outcomes = await writeAny(batch);
    for (const one of batch) one.resolve(outcomes.get(one) as IndexOutcome);
  };
  const settle = async (batch: readonly Waiting[]): Promise<void> => {
    try {
      await write(batch);
    } catch (error) {
      // What no row can hold, or only a damaged manifest knows, must not take its neighbours along; a database that is away
      // fails them all at once.
      if (batch.length > 1 && !isAway(error)) for (const one of batch) await settle([one]);
      else for (const one of batch) one.reject(error instanceof NotDurable ? error.cause : error);
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
        // Its failure is told when its row is to be committed.
        instance.durable.catch(() => undefined);
        waiting.push({ ...instance, resolve, reject });
        void drain();
      }),
  };
};
