import { recordSystemAct } from '../../../adapters/postgres/accounts.ts';
import type { ContentHash } from '../../../adapters/objects/image-objects.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import {
  conflictingContents,
  decideImageRetirement as keepDecision,
  dropRetired,
  encounterClassOf,
  finishImageRetirement,
  hideRetired,
  type ImageRetirement,
  keepImageRetirement,
  lastContactOf,
  markRetiredStudy,
  quarantinedAmong,
  readImageRetirement,
  type RetirementCandidate,
  retirementCandidates,
  type RetiringStudy,
} from '../../../adapters/postgres/image-retirements.ts';
import {
  seriesOfStudy,
  type SeriesReading,
  studiesByUid,
  studyByPublicId,
} from '../../../adapters/postgres/imaging-reading.ts';
import { viewCopyOf } from '../../../adapters/postgres/imaging-view-copies.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import { RETIREMENT_ROLES } from '../../../audit/index.ts';
import { mayRetire, type Retention, RETENTION_RULES, retentionOf } from '../../../imaging/index.ts';
import { civilDateText } from '../../../kernel/civil-day.ts';
import type { Fault } from '../../../kernel/fault.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { RetirementActor } from '../audit/retire-audit.ts';
import { agentNamed } from '../dependencies.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { allInstances } from './series-contents.ts';

/** What retiring images works with. */
export interface ImageRetirementDependencies extends ImagingDependencies {
  /** How many years images are kept; null: for ever. */
  readonly retentionYears: number | null;
}

const AT_ONCE = 200;
/** Studies of one request: what two people can answer for. */
const STUDIES_MAX = 10_000;

const stated = (day: string | null): string | null =>
  /^\d{8}$/.test(day ?? '') ? `${day?.slice(0, 4)}-${day?.slice(4, 6)}-${day?.slice(6)}` : null;

interface Judged {
  readonly retention: Retention | null;
  readonly countedFrom: string;
}

/**
 * How long a study must be kept. It counts from the latest of all that the institution had to do with this person, also the day on which
 * images came: a device whose clock stood at its factory's date must not make them old.
 */
const judge = async (
  { database, retentionYears }: ImageRetirementDependencies,
  institutionKey: string,
  study: Pick<RetirementCandidate, 'personId' | 'accession' | 'firstAt'>,
): Promise<Judged> => {
  const { members } = await clusterOf(database, study.personId);
  const persons = members.map(({ personId }) => personId);
  const { at, studyDate } = await lastContactOf(database, persons, institutionKey);
  const days = [civilDateText(study.firstAt), at === null ? null : civilDateText(at), stated(studyDate)];
  const countedFrom = days
    .filter((day) => day !== null)
    .sort()
    .at(-1) as string;
  const encounterClass =
    study.accession === null
      ? null
      : await encounterClassOf(database, persons, institutionKey, study.accession);
  const retention = retentionOf(
    RETENTION_RULES,
    { encounterClass, lastContactOn: countedFrom },
    retentionYears,
  );
  return { retention, countedFrom };
};

const findRetirable = async (
  dependencies: ImageRetirementDependencies,
  institutionKey: string,
): Promise<readonly RetiringStudy[]> => {
  const today = civilDateText(dependencies.clock());
  const found: RetiringStudy[] = [];
  for (let after = '0'; found.length < STUDIES_MAX; ) {
    const page = await retirementCandidates(dependencies.database, institutionKey, after, AT_ONCE);
    for (const { publicId, ...study } of page) {
      const { retention, countedFrom } = await judge(dependencies, institutionKey, study);
      if (retention && mayRetire(retention, today))
        found.push({
          ...study,
          studyPublicId: publicId,
          retainUntil: retention.until,
          rule: retention.rule,
          countedFrom,
          removedAt: null,
          leftReason: null,
        });
    }
    const last = page.at(-1);
    if (!last || page.length < AT_ONCE) break;
    after = last.studyId;
  }
  return found.slice(0, STUDIES_MAX);
};

const record = (
  { clock, newPublicId }: ImageRetirementDependencies,
  session: Session,
  { name: by, peer }: Pick<RetirementActor, 'name' | 'peer'>,
  act: { readonly id: PublicId; readonly action: string; readonly outcome: string },
): Promise<void> =>
  recordSystemAct(
    session,
    { at: clock(), newId: newPublicId, by, peer },
    `image-retirement.${act.action}`,
    `image-retirement/${act.id}`,
    act.outcome,
  );

/** An operator asks that what an institution need not keep any more leaves. Nothing happens to an image. */
export const requestImageRetirement = async (
  dependencies: ImageRetirementDependencies,
  actor: RetirementActor,
  { institution, reason }: { readonly institution: InstitutionCode; readonly reason: string },
): Promise<Result<ImageRetirement, Fault>> => {
  const { database, snapshots, clock, newPublicId, retentionYears } = dependencies;
  if (actor.role !== RETIREMENT_ROLES.request) return fail(imagingFault('IMAGE_RETIREMENT_ROLE'));
  if (retentionYears === null) return fail(imagingFault('IMAGE_RETENTION_UNSET'));
  const institutionKey = (await snapshots.current()).registry.institutionKey(institution);
  if (!institutionKey) return fail(imagingFault('IMAGING_INSTITUTION_UNKNOWN', { detail: institution }));
  const studies = await findRetirable(dependencies, institutionKey);
  if (studies.length === 0) return fail(imagingFault('IMAGE_RETIREMENT_NOTHING'));
  const id = newPublicId();
  await database.transaction(async (session) => {
    const asked = { id, institutionKey, reason, requestedBy: actor.name, studies };
    await keepImageRetirement(session, asked, clock());
    const outcome = `${institution}: ${studies.length} studies: ${reason}`;
    await record(dependencies, session, actor, { id, action: 'request', outcome });
  });
  return ok((await readImageRetirement(database, id)) as ImageRetirement);
};

/** The authority approves or refuses what somebody else asked for. Nothing happens to an image. */
export const decideImageRetirement = (
  dependencies: ImageRetirementDependencies,
  actor: RetirementActor,
  id: PublicId,
  state: 'approved' | 'refused',
): Promise<Result<ImageRetirement, Fault>> =>
  dependencies.database.transaction(async (session): Promise<Result<ImageRetirement, Fault>> => {
    if (actor.role !== RETIREMENT_ROLES.decide) return fail(imagingFault('IMAGE_RETIREMENT_ROLE'));
    const retirement = await readImageRetirement(session, id, true);
    if (!retirement) return fail(imagingFault('IMAGE_RETIREMENT_UNKNOWN'));
    if (retirement.requestedBy === actor.name) return fail(imagingFault('IMAGE_RETIREMENT_SECOND_PERSON'));
    const decision = { state, by: actor.name, at: dependencies.clock() };
    if (!(await keepDecision(session, id, decision))) return fail(imagingFault('IMAGE_RETIREMENT_DECIDED'));
    await record(dependencies, session, actor, {
      id,
      action: 'decide',
      outcome: `${state}: ${retirement.studies.length} studies`,
    });
    return ok({ ...retirement, state, decidedBy: actor.name });
  });

/** Every object of some series: instances, and what was made of them. */
const objectsOf = async (
  dependencies: ImagingDependencies,
  series: readonly SeriesReading[],
): Promise<{ readonly contents: ReadonlySet<string>; readonly sopInstanceUids: readonly string[] }> => {
  const contents = new Set<string>();
  const sopInstanceUids: string[] = [];
  for (const one of series) {
    for (const instance of await allInstances(dependencies, one)) {
      contents.add(instance.content);
      sopInstanceUids.push(instance.sopInstanceUid);
    }
    const copy = (await viewCopyOf(dependencies.database, one))?.objects;
    for (const made of [one.manifest, one.metadata, one.headers, one.thumbnail, copy?.index, copy?.frames])
      if (made) contents.add(made);
  }
  return { contents, sopInstanceUids };
};

/**
 * Objects that must stay: the same bytes are the same object, whoever sent them, and they name the same study UID. So they can
 * only be of studies of that UID, or lie in quarantine.
 */
const sharedAmong = async (
  dependencies: ImagingDependencies,
  { studyId, studyUid }: RetiringStudy,
  contents: ReadonlySet<string>,
): Promise<ReadonlySet<string>> => {
  const shared = new Set(await quarantinedAmong(dependencies.database, [...contents]));
  for (const other of await studiesByUid(dependencies.database, studyUid)) {
    if (other.studyId === studyId) continue;
    const held = await objectsOf(dependencies, await seriesOfStudy(dependencies.database, other));
    for (const content of held.contents) shared.add(content);
    for (const content of await conflictingContents(dependencies.database, other)) shared.add(content);
  }
  return shared;
};

/** Takes one study out of sight, where nothing came since that keeps it longer. @returns why it is left; null where it goes */
const hide = async (
  dependencies: ImageRetirementDependencies,
  retirement: ImageRetirement,
  retiring: RetiringStudy,
): Promise<string | null> => {
  const { database, clock, newPublicId } = dependencies;
  const study = await studyByPublicId(database, retiring.studyPublicId);
  // Hidden by an attempt that was interrupted: it goes on with the objects.
  if (!study) return null;
  const [candidate] = (
    await retirementCandidates(database, retirement.institutionKey, String(BigInt(study.studyId) - 1n), 1)
  ).filter(({ studyId }) => studyId === study.studyId);
  if (!candidate) return 'receiving';
  const { retention } = await judge(dependencies, retirement.institutionKey, candidate);
  if (!mayRetire(retention, civilDateText(clock()))) return 'retention-not-over';
  await database.transaction(async (session) => {
    await hideRetired(session, retirement.institutionKey, retiring, study.accession);
    await keepAudit(session, study.personId, clock(), {
      publicId: newPublicId(),
      ...agentNamed('console', 'operator'),
      peer: 'local',
      purpose: 'operations',
      institutionKey: retirement.institutionKey,
      action: 'study.retire',
      resource: `study/${study.publicId}`,
      basis: `image-retirement/${retirement.id}`,
      outcome: `kept until ${retiring.retainUntil} by ${retiring.rule}`,
    });
  });
  return null;
};

const removeStudy = async (
  dependencies: ImageRetirementDependencies,
  retirement: ImageRetirement,
  retiring: RetiringStudy,
): Promise<void> => {
  const { database, images, clock } = dependencies;
  const series = await seriesOfStudy(database, retiring);
  const { contents, sopInstanceUids } = await objectsOf(dependencies, series);
  const all = new Set([...contents, ...(await conflictingContents(database, retiring))]);
  const shared = await sharedAmong(dependencies, retiring, all);
  // Manifests last: as long as they are there, an interrupted attempt knows what is left.
  const manifests = new Set(series.flatMap(({ manifest }) => (manifest === null ? [] : [manifest])));
  const ordered = [...all].sort((one, other) => Number(manifests.has(one)) - Number(manifests.has(other)));
  const last = ordered.filter((content) => manifests.has(content) && !shared.has(content));
  for (const content of ordered)
    if (!shared.has(content) && !manifests.has(content)) await images.remove(content as ContentHash);
  await database.transaction(async (session) => {
    await dropRetired(session, retirement.institutionKey, retiring, {
      seriesIds: series.map(({ seriesId }) => seriesId),
      sopInstanceUids,
    });
    await markRetiredStudy(session, retirement.id, retiring, { removedAt: clock(), leftReason: null });
  });
  for (const content of last) await images.remove(content as ContentHash);
};

/**
 * Carries an approved retirement out, study by study: judged once more, taken out of sight, its objects removed, its rows
 * dropped. What came meanwhile and keeps a study longer leaves it where it is. Interrupted, the same call goes on.
 */
export const carryOutImageRetirement = async (
  dependencies: ImageRetirementDependencies,
  id: PublicId,
): Promise<Result<ImageRetirement, Fault>> => {
  const { database, clock, retentionYears } = dependencies;
  const retirement = await readImageRetirement(database, id);
  if (!retirement) return fail(imagingFault('IMAGE_RETIREMENT_UNKNOWN'));
  if (retirement.state !== 'approved') return fail(imagingFault('IMAGE_RETIREMENT_DECIDED'));
  if (retentionYears === null) return fail(imagingFault('IMAGE_RETENTION_UNSET'));
  for (const retiring of retirement.studies) {
    if (retiring.removedAt !== null) continue;
    const leftReason = await hide(dependencies, retirement, retiring);
    if (leftReason === null) await removeStudy(dependencies, retirement, retiring);
    else await markRetiredStudy(database, id, retiring, { removedAt: null, leftReason });
  }
  await database.transaction(async (session) => {
    await finishImageRetirement(session, id, clock());
    const by = { name: 'console', peer: 'local' };
    await record(dependencies, session, by, {
      id,
      action: 'done',
      outcome: `${retirement.studies.length} studies`,
    });
  });
  return ok((await readImageRetirement(database, id)) as ImageRetirement);
};
