import type {
  AePeer,
  AeRegistry,
  AeService,
  Commitment,
  CommitmentLedger,
  IncomingInstance,
  InstanceReceiver,
  RegisteredAe,
  StoreOutcome,
} from '../../../adapters/dimse/ports.ts';
import {
  type ApplicationEntity,
  isFrom,
  registeredEntities,
} from '../../../adapters/postgres/application-entities.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import { classesOfInstances } from '../../../adapters/postgres/imaging-arrivals.ts';
import { listedInstances } from '../../../adapters/postgres/imaging-folding.ts';
import type { InstitutionKey } from '../../../adapters/postgres/registry.ts';
import { Fault } from '../../../kernel/fault.ts';
import type { Clock } from '../../../kernel/instant.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { keepCommitmentReport } from './commitment-reports.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import type { QuarantineReason, ReceiveOutcome, Receiving } from './receive.ts';
import { listedReading } from './series-contents.ts';

/** Registered entities, read again after this time: one shut out is out then. */
const REGISTRY_AGE_MAX_MS = 5_000;

/** The entities of all institutions, held in memory for a few seconds. */
export interface EntityDirectory extends AeRegistry {
  /** Character set assumed for an entity's data sets that name none. */
  assumedCharset(institution: InstitutionCode, aeTitle: string): Promise<string | null>;
  /** Whether what leaves to an entity says of the patient what the person index says now. */
  correctsPatient(institution: InstitutionCode, aeTitle: string): Promise<boolean>;
}

const registered = (entity: ApplicationEntity): RegisteredAe => ({
  aeTitle: entity.aeTitle,
  institution: entity.institution,
  services: new Set(entity.services as readonly AeService[]),
  certificateFingerprint: entity.certificateFingerprint,
  listensAt: entity.listensAt,
});

/** By certificate where one is registered: then an address alone does not do. */
const isPeer = (entity: ApplicationEntity, peer: AePeer): boolean => {
  if (entity.aeTitle !== peer.callingAeTitle) return false;
  if (entity.certificateFingerprint !== null && entity.certificateFingerprint !== peer.certificateFingerprint)
    return false;
  return entity.networks.length === 0 || isFrom(entity.networks, peer.remoteAddress);
};

/** Finds entities by what a peer shows of itself. */
export const entityDirectory = (session: Session, clock: Clock): EntityDirectory => {
  let entities: readonly ApplicationEntity[] = [];
  let loadedAt = Number.NEGATIVE_INFINITY;
  let loading: Promise<void> | undefined;
  const current = async (): Promise<readonly ApplicationEntity[]> => {
    if (clock() - loadedAt > REGISTRY_AGE_MAX_MS) {
      loading ??= registeredEntities(session)
        .then((read) => {
          entities = read;
          loadedAt = clock();
        })
        .finally(() => {
          loading = undefined;
        });
      await loading;
    }
    return entities;
  };
  const named = async (
    institution: InstitutionCode,
    aeTitle: string,
  ): Promise<ApplicationEntity | undefined> =>
    (await current()).find((one) => one.institution === institution && one.aeTitle === aeTitle);
  return {
    async find(peer) {
      const matching = (await current()).filter((entity) => isPeer(entity, peer));
      // Two institutions may have the same title behind one address: then it is nobody's word which of them calls.
      const institutions = new Set(matching.map(({ institution }) => institution));
      const [first] = matching;
      return first && institutions.size === 1 ? registered(first) : null;
    },
    async destination(institution, aeTitle) {
      const found = await named(institution, aeTitle);
      return found ? registered(found) : null;
    },
    assumedCharset: async (institution, aeTitle) =>
      (await named(institution, aeTitle))?.assumedCharset ?? null,
    correctsPatient: async (institution, aeTitle) =>
      (await named(institution, aeTitle))?.correctsPatient ?? false,
  };
};

/** Statuses of PS3.4 annex B.2.3 and PS3.7 annex C. */
const SUCCESS = 0x0000;
const OUT_OF_RESOURCES = 0xa700;
const DATA_SET_MISMATCH = 0xa900;
const CANNOT_UNDERSTAND = 0xc000;
const PROCESSING_FAILURE = 0x0110;

/** What a sender is told of an instance that was set aside. */
const QUARANTINED: Partial<Record<QuarantineReason, StoreOutcome>> = {
  'sop-class-uid-differs': {
    status: DATA_SET_MISMATCH,
    comment: 'SOP Class UID of command and data set differ',
  },
  'sop-instance-uid-differs': {
    status: DATA_SET_MISMATCH,
    comment: 'SOP Instance UID of command and data set differ',
  },
  'too-slow': { status: CANNOT_UNDERSTAND, comment: 'Header cannot be read within its time' },
  'too-deep': { status: CANNOT_UNDERSTAND, comment: 'Sequences nested too deep' },
  'too-many-elements': { status: CANNOT_UNDERSTAND, comment: 'Too many elements' },
  'header-too-large': { status: CANNOT_UNDERSTAND, comment: 'Header before pixel data too large' },
  'inflates-too-far': { status: CANNOT_UNDERSTAND, comment: 'Deflated data set inflates too far' },
};

/**
 * The status of PS3.4 for an outcome. An instance that contradicts what is there was kept, so its sender is told success: a
 * failure would make it send the same for ever.
 */
export const storeStatus = (outcome: ReceiveOutcome): StoreOutcome => {
  if (outcome.kind === 'indexed') return { status: SUCCESS };
  return (
    QUARANTINED[outcome.reason] ?? {
      status: CANNOT_UNDERSTAND,
      comment: `Data set cannot be read: ${outcome.reason}`.slice(0, 64),
    }
  );
};

const failedStatus = (error: unknown): StoreOutcome => ({
  status: error instanceof Fault && error.status === 503 ? OUT_OF_RESOURCES : PROCESSING_FAILURE,
  comment: error instanceof Fault ? error.code : 'Processing failure',
});

/** Receives by C-STORE. */
export const dimseReceiver = (
  receiving: Receiving,
  entities: EntityDirectory,
  onError: (error: unknown) => void,
): InstanceReceiver => ({
  async begin(of: IncomingInstance) {
    const instance = await receiving.begin({
      institution: of.institution,
      sender: `dimse:${of.callingAeTitle}`,
      assumedCharset: await entities.assumedCharset(of.institution, of.callingAeTitle),
      sopClassUid: of.sopClassUid,
      sopInstanceUid: of.sopInstanceUid,
      transferSyntaxUid: of.transferSyntaxUid,
    });
    return {
      write: (bytes) => instance.write(bytes),
      abort: () => instance.abort(),
      async finish() {
        try {
          return storeStatus(await instance.finish());
        } catch (error) {
          onError(error);
          return failedStatus(error);
        }
      },
    };
  },
});

const NO_SUCH_INSTANCE = 0x0112;
const CLASS_CONFLICT = 0x0119;

/** SOP classes of what is kept, by SOP instance UID: as rows say, and as manifests do where there are none any more. */
const classesKept = async (
  dependencies: ImagingDependencies,
  institution: InstitutionKey,
  sopInstanceUids: readonly string[],
): Promise<ReadonlyMap<string, string>> => {
  const { database } = dependencies;
  const classes = await classesOfInstances(database, institution, sopInstanceUids);
  const others = sopInstanceUids.filter((uid) => !classes.has(uid));
  if (others.length === 0) return classes;
  const listed = await listedInstances(database, institution, others, listedReading(dependencies));
  return new Map([...classes, ...[...listed].map(([uid, one]) => [uid, one.sopClassUid] as const)]);
};

/**
 * Tells which instances are kept for good: those with a row, whose object was durable before it, and those that the manifest of
 * a folded series lists.
 */
export const commitmentLedger = (dependencies: ImagingDependencies): CommitmentLedger => ({
  keepReport: (report) => keepCommitmentReport(dependencies, report),
  async commit({ institution }, references): Promise<Commitment> {
    const { registry } = await dependencies.snapshots.current();
    const key = registry.institutionKey(institution);
    const classes = key
      ? await classesKept(
          dependencies,
          key,
          references.map(({ sopInstanceUid }) => sopInstanceUid),
        )
      : new Map<string, string>();
    const committed: Commitment['committed'][number][] = [];
    const failed: Commitment['failed'][number][] = [];
    for (const reference of references) {
      const known = classes.get(reference.sopInstanceUid);
      if (known === reference.sopClassUid) committed.push(reference);
      else failed.push({ ...reference, reason: known === undefined ? NO_SUCH_INSTANCE : CLASS_CONFLICT });
    }
    return { committed, failed };
  },
});
