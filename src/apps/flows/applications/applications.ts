import { grantOf, readResourceScope } from '../../../access/index.ts';
import type { EmbeddedIssuer, WaitingRequest } from '../../../adapters/issuer/embedded-issuer.ts';
import {
  type Account,
  accountByLogin,
  accountOfPatient,
  recordSystemAct,
} from '../../../adapters/postgres/accounts.ts';
import {
  type ApplicationLaunch,
  findApplicationLaunch,
  makeApplicationLaunch,
  useApplicationLaunch,
} from '../../../adapters/postgres/application-launches.ts';
import { type Application, applicationByCode } from '../../../adapters/postgres/applications.ts';
import type { Database } from '../../../adapters/postgres/database.ts';
import type { Fault } from '../../../kernel/fault.ts';
import type { Clock } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { CallOrigin, CheckFlows, PatientActor, StaffActor } from '../../server/flows-port.ts';
import type { ApplicationFlows, ApplicationRequest } from '../../server/routes/application-port.ts';
import { flowFault, orderingInstitution } from '../dependencies.ts';

/** What the flows of apps work with. */
export interface ApplicationDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly newPublicId: () => PublicId;
  readonly issuer: EmbeddedIssuer;
  readonly flows: Pick<CheckFlows, 'person'>;
  /** Address of the FHIR interface. */
  readonly fhirUrl: () => string;
}

/** A request of an app as it stands for one person. */
interface Considered {
  readonly waiting: WaitingRequest;
  readonly application: Application;
  readonly launched: ApplicationLaunch | null;
  readonly patient: ApplicationRequest['patient'];
  readonly scopes: readonly string[];
}

const isAboutPatient = (scope: string): boolean =>
  scope === 'launch/patient' || readResourceScope(scope)?.level === 'patient';

/** Takes from what was asked for what makes no sense for this person: scopes about a patient where there is none. */
const scopesFor = (asked: readonly string[], patient: ApplicationRequest['patient']): string[] =>
  asked.filter(
    (scope) =>
      (patient !== 'none' || !isAboutPatient(scope)) && (scope !== 'launch' || patient === 'launched'),
  );

/**
 * How apps get to act in a person's name (SMART App Launch 2.x): what they ask for, what the person grants, and launches
 * by a hospital's system. A launch names the doctor and the patient; it lets nobody in, the doctor signs in as always.
 */
export const applicationFlows = (dependencies: ApplicationDependencies): ApplicationFlows => {
  const { database, clock, newPublicId, issuer, flows, fhirUrl } = dependencies;

  const record = (by: string, origin: CallOrigin, action: string, code: string, outcome: string) =>
    recordSystemAct(
      database,
      { at: clock(), newId: newPublicId, by, peer: origin.peer },
      action,
      `application:${code}`,
      outcome,
    );

  const launchedFor = async (
    actor: StaffActor | PatientActor,
    waiting: WaitingRequest,
  ): Promise<Result<ApplicationLaunch | null, Fault>> => {
    if (waiting.launch === null) return ok(null);
    const launch = await findApplicationLaunch(database, waiting.launch, clock());
    const isTheirs =
      launch !== undefined &&
      launch.applicationCode === waiting.applicationCode &&
      actor.kind === 'staff' &&
      actor.institution === launch.institution &&
      actor.staffNumber === launch.staffNumber;
    return isTheirs ? ok(launch) : fail(flowFault('APPLICATION_LAUNCH_INVALID'));
  };

  const consider = async (
    actor: StaffActor | PatientActor,
    uid: string,
  ): Promise<Result<Considered, Fault>> => {
    const waiting = await issuer.waiting(uid);
    const application = waiting && (await applicationByCode(database, waiting.applicationCode));
    if (!waiting || !application) return fail(flowFault('APPLICATION_REQUEST_OVER'));
    const isElsewhere =
      application.institution !== null &&
      actor.kind === 'staff' &&
      actor.institution !== application.institution;
    if (
      isElsewhere ||
      grantOf(actor.kind === 'staff' ? actor.role : 'patient', 'application:approve') === null
    )
      return fail(flowFault('APPLICATION_NOT_FOR_YOU'));
    const launched = await launchedFor(actor, waiting);
    if (!launched.ok) return launched;
    const wantsPatient = waiting.scopes.some(isAboutPatient);
    const patient = launched.value
      ? 'launched'
      : actor.kind === 'patient'
        ? 'own'
        : wantsPatient && waiting.scopes.includes('launch/patient')
          ? 'chosen'
          : 'none';
    const scopes = scopesFor(waiting.scopes, patient);
    return ok({ waiting, application, launched: launched.value, patient, scopes });
  };

  const accountOf = (actor: StaffActor | PatientActor): Promise<Account | undefined> =>
    actor.kind === 'staff' ? accountByLogin(database, actor.login) : accountOfPatient(database, actor.person);

  return {
    async ask(actor, uid, origin) {
      const considered = await consider(actor, uid);
      if (!considered.ok) return considered;
      const { application, launched, patient, scopes } = considered.value;
      const person =
        launched && actor.kind === 'staff' ? await flows.person(actor, launched.person, origin) : null;
      if (person && !person.ok) return person;
      return ok({
        uid,
        application: { name: application.name, institution: application.institution },
        scopes,
        patient,
        person: person ? person.value : null,
        formTargets: [...new Set(application.redirectAddresses.map((address) => new URL(address).origin))],
      });
    },

    async approve(actor, uid, chosen, origin) {
      const considered = await consider(actor, uid);
      if (!considered.ok) return considered;
      const { waiting, application, launched, patient, scopes } = considered.value;
      let subject: PublicId | null = null;
      if (patient === 'own' && actor.kind === 'patient') subject = actor.person;
      if (launched) subject = launched.person;
      if (patient === 'chosen' && actor.kind === 'staff') {
        if (chosen === null) return fail(flowFault('APPLICATION_PATIENT_MISSING'));
        const person = await flows.person(actor, chosen, origin);
        if (!person.ok) return person;
        subject = person.value.person as PublicId;
      }
      const account = await accountOf(actor);
      if (!account) return fail(flowFault('APPLICATION_REQUEST_OVER'));
      if (waiting.launch !== null && !(await useApplicationLaunch(database, waiting.launch, clock())))
        return fail(flowFault('APPLICATION_LAUNCH_INVALID'));
      const at = Math.floor(clock() / 1000);
      const next = await issuer.approve(uid, { account, scopes, patient: subject, at });
      if (next === undefined) return fail(flowFault('APPLICATION_REQUEST_OVER'));
      await record(actor.name, origin, 'application-approved', application.code, scopes.join(' '));
      return ok(next);
    },

    async deny(actor, uid, origin) {
      const waiting = await issuer.waiting(uid);
      const next = await issuer.deny(uid, 'the person refused');
      if (!waiting || next === undefined) return fail(flowFault('APPLICATION_REQUEST_OVER'));
      await record(actor.name, origin, 'application-refused', waiting.applicationCode, 'refused');
      return ok(next);
    },

    async launch(actor, { application: code, staffNumber, person }, origin) {
      const institution = orderingInstitution(actor);
      const application = await applicationByCode(database, code);
      if (
        !application ||
        application.launchAddress === null ||
        (application.institution !== null && application.institution !== institution)
      )
        return fail(flowFault('APPLICATION_UNKNOWN_HERE'));
      const found = await flows.person(actor, person, origin);
      if (!found.ok) return found;
      const wanted = { applicationCode: code, institution, staffNumber, person };
      const token = await makeApplicationLaunch(database, wanted, actor.name, clock());
      if (token === undefined) return fail(flowFault('APPLICATION_UNKNOWN_HERE'));
      await record(actor.name, origin, 'application-launched', code, 'done');
      const address = new URL(application.launchAddress);
      address.searchParams.set('iss', fhirUrl());
      address.searchParams.set('launch', token);
      return ok({ launch: token, address: address.href });
    },
  };
};
