import { checkPassword } from '../../../adapters/postgres/accounts.ts';
import {
  type EmergencyAccessRow,
  endEmergencyAccess,
  keepEmergencyAccess,
  readOpenEmergency,
} from '../../../adapters/postgres/emergency-accesses.ts';
import { endCareOpening, keepCareOpening } from '../../../adapters/postgres/care.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { lookupPersonByPublicId, type PersonLookup } from '../../../adapters/postgres/person-lookup.ts';
import { notifyPatient, openPrivacyCase } from '../../../adapters/postgres/privacy-cases.ts';
import { caseDueAt } from '../../../audit/index.ts';
import { canonicalJson } from '../../../kernel/canonical-json.ts';
import { type Fault, raiser } from '../../../kernel/fault.ts';
import { type Instant, instant, isoInstant, MINUTE_MS } from '../../../kernel/instant.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { PrivacyPolicy } from '../../../recognition/index.ts';
import type { EmergencyAnswer, EmergencyRequest } from '../../../web/wire/emergency-access.ts';
import type { CallOrigin, LaunchedActor, StaffActor } from '../../server/flows-port.ts';
import type { EmergencyFlows } from '../../server/routes/emergency-access.ts';
import { readOwnCheck } from '../checks/kept-check.ts';
import { publicIdOf } from '../checks/review-check.ts';
import {
  agentOf,
  auditOf,
  emergencyDoctor,
  type FlowDependencies,
  flowFault,
  orderingInstitution,
} from '../dependencies.ts';
import { EMERGENCY_FAULTS } from './emergency-faults.ts';

const raise = raiser(EMERGENCY_FAULTS);

type Doctor = StaffActor | LaunchedActor;

/** Somebody before whom a doctor stands in an emergency. */
interface Scene {
  readonly person: PublicId;
  readonly found: PersonLookup;
  readonly institution: InstitutionCode;
  readonly institutionKey: string;
  readonly doctor: string;
  readonly policy: PrivacyPolicy;
  readonly at: Instant;
}

const sceneOf = async (
  { database, snapshots, clock }: FlowDependencies,
  actor: Doctor,
  person: PublicId,
): Promise<Scene> => {
  const institution = orderingInstitution(actor);
  const at = clock();
  const [found, { snapshot, registry }] = await Promise.all([
    lookupPersonByPublicId(database, person),
    snapshots.current(),
  ]);
  const institutionKey = registry.institutionKey(institution);
  const doctor = emergencyDoctor(actor);
  if (!found || institutionKey === undefined || doctor === null) throw flowFault('PERSON_NOT_FOUND');
  const policy = snapshot.rulesAt(at).policyOf(institution).privacy;
  return { person, found, institution, institutionKey, doctor, policy, at };
};

const personsOf = ({ found }: Scene): readonly string[] => found.members.map(({ personId }) => personId);

const openNow = (
  { database }: Pick<FlowDependencies, 'database'>,
  scene: Scene,
): Promise<EmergencyAccessRow | undefined> =>
  readOpenEmergency(database, personsOf(scene), scene.institutionKey, scene.doctor, scene.at);

const answerOf = (access: EmergencyAccessRow | undefined, { policy, at }: Scene): EmergencyAnswer => ({
  open: access !== undefined,
  until: access ? isoInstant(access.endsAt) : null,
  at: isoInstant(at),
  minutes: policy.emergencyMinutes,
});

/**
 * The second confirmation. Staff enter their password once more, counted like any other entry of it; a doctor inside a card
 * has none here and enters the staff number by which the hospital's system let him in.
 */
const confirm = async (
  { database, newPublicId }: FlowDependencies,
  actor: Doctor,
  { confirmation }: EmergencyRequest,
  { at, origin }: { readonly at: Instant; readonly origin: CallOrigin },
): Promise<Fault | null> => {
  if (actor.kind === 'launched')
    return confirmation.trim() === actor.staffNumber ? null : raise('EMERGENCY_NOT_CONFIRMED');
  const checked = await checkPassword(database, actor.login, confirmation, {
    at,
    newId: newPublicId,
    by: actor.name,
    peer: origin.peer,
  });
  if (checked.ok) return null;
  return raise(
    checked.reason.reason === 'locked' ? 'EMERGENCY_CONFIRMATION_LOCKED' : 'EMERGENCY_NOT_CONFIRMED',
  );
};

const open = async (
  dependencies: FlowDependencies,
  actor: Doctor,
  scene: Scene,
  request: EmergencyRequest,
  origin: CallOrigin,
): Promise<EmergencyAccessRow> => {
  const { database, newPublicId } = dependencies;
  const { person, found, institution, institutionKey, doctor, policy, at } = scene;
  const access: EmergencyAccessRow = {
    id: newPublicId(),
    institutionKey,
    doctor,
    actor: actor.name,
    department: actor.department,
    reason: request.reason,
    reasonText: request.text,
    openedAt: at,
    endsAt: instant(at + policy.emergencyMinutes * MINUTE_MS),
    peer: origin.peer,
  };
  const { role, department, staffNumber } = agentOf(actor);
  await database.transaction(async (session) => {
    await keepEmergencyAccess(session, found.personId, access);
    // Whoever saves a life treats this person, whether or not a visit was stated or a number presented before.
    await keepCareOpening(
      session,
      {
        personId: found.personId,
        institutionKey,
        actor: actor.name,
        encounterNumber: null,
        openUntil: access.endsAt,
      },
      at,
    );
    await keepAudit(
      session,
      found.personId,
      at,
      auditOf(dependencies, actor, origin, {
        institutionKey,
        action: 'emergency-access.open',
        resource: `emergency-access/${access.id}`,
        basis: `emergency-access ${access.id}`,
        outcome: 'recorded',
      }),
    );
    await openPrivacyCase(session, {
      id: newPublicId(),
      institutionKey,
      kind: 'emergency-access',
      occasion: `emergency-access|${access.id}`,
      openedAt: at,
      dueAt: caseDueAt(at, policy.reviewDays),
      actor: actor.name,
      role,
      department,
      staffNumber,
      person,
      evidence: canonicalJson({
        access: access.id,
        reason: access.reason,
        text: access.reasonText,
        until: isoInstant(access.endsAt),
        peer: access.peer,
      }),
    });
    await notifyPatient(session, found.personId, {
      id: newPublicId(),
      kind: 'emergency-access',
      content: canonicalJson({
        institution,
        department,
        reason: access.reason,
        openedAt: isoInstant(at),
        until: isoInstant(access.endsAt),
      }),
      at,
    });
  });
  return access;
};

/** Ends an access before its time, with what it opened beside consent. Ended in another window meanwhile: nothing is done. */
const end = (
  dependencies: FlowDependencies,
  actor: Doctor,
  scene: Scene,
  access: EmergencyAccessRow,
  origin: CallOrigin,
): Promise<void> =>
  dependencies.database.transaction(async (session) => {
    const { found, at } = scene;
    const persons = personsOf(scene);
    if (!(await endEmergencyAccess(session, persons, access.id, at))) return;
    await endCareOpening(session, persons, { ...access, openUntil: access.endsAt }, at);
    await keepAudit(
      session,
      found.personId,
      at,
      auditOf(dependencies, actor, origin, {
        institutionKey: access.institutionKey,
        action: 'emergency-access.end',
        resource: `emergency-access/${access.id}`,
        basis: `emergency-access ${access.id}`,
        outcome: 'recorded',
      }),
    );
  });

/** A try whose confirmation was wrong leaves its row too. */
const keepRefusal = (
  dependencies: FlowDependencies,
  actor: Doctor,
  { found, institutionKey, person, at }: Scene,
  origin: CallOrigin,
  { code }: Fault,
): Promise<void> =>
  keepAudit(
    dependencies.database,
    found.personId,
    at,
    auditOf(dependencies, actor, origin, {
      institutionKey,
      action: 'emergency-access.open',
      resource: `person/${person}`,
      basis: 'none',
      outcome: `refused: ${code}`,
    }),
  );

/**
 * Emergency access (破窗): for a while one doctor reads what consent would hide of one person. It is offered alike for
 * everybody, so that the offer tells nothing; opening it tells the patient and puts a case before the privacy officer.
 */
export const emergencyFlows = (dependencies: FlowDependencies): EmergencyFlows => ({
  async state(actor, person) {
    const scene = await sceneOf(dependencies, actor, person);
    return ok(answerOf(await openNow(dependencies, scene), scene));
  },

  async open(actor, person, request, origin) {
    const scene = await sceneOf(dependencies, actor, person);
    const refusal = await confirm(dependencies, actor, request, { at: scene.at, origin });
    if (refusal) {
      await keepRefusal(dependencies, actor, scene, origin, refusal);
      return fail(refusal);
    }
    // Sent twice, or opened from another window: one access, one case.
    const access =
      (await openNow(dependencies, scene)) ?? (await open(dependencies, actor, scene, request, origin));
    return ok(answerOf(access, scene));
  },

  async end(actor, person, origin) {
    const scene = await sceneOf(dependencies, actor, person);
    const access = await openNow(dependencies, scene);
    if (access) await end(dependencies, actor, scene, access, origin);
    return ok(answerOf(undefined, scene));
  },

  async personOfCheck(actor) {
    const row = await readOwnCheck(dependencies, actor, actor.check);
    const person = await publicIdOf(dependencies.database, row.person_id);
    return person === null ? fail(flowFault('PERSON_NOT_FOUND')) : ok(person);
  },
});
