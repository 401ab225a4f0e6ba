import {
  basesOf,
  type ExpectedPatient,
  isOfOtherPatient,
  isOtherPatient,
} from '../../../adapters/cds-hooks/contradiction.ts';
import {
  elementOf,
  entriesOf,
  type FhirElement,
  readReference,
  resourceTypeOf,
} from '../../../adapters/cds-hooks/fhir-reading.ts';
import { type FhirServer, fhirServer } from '../../../adapters/cds-hooks/fhir-server.ts';
import {
  cdsFault,
  fhirGrantOf,
  GRANT_PATIENT_PLACE,
  type HookContext,
  type HookRequest,
} from '../../../adapters/cds-hooks/hook-request.ts';
import { readOrder, type StatedOrder } from '../../../adapters/cds-hooks/read-orders.ts';
import type { CdsRegistration } from '../../../adapters/postgres/cds-clients.ts';
import type { Fault } from '../../../kernel/fault.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';

/** Orders that one call may have checked. */
const ORDERS_MAX = 100;
/** Orders on their way that are read one by one where prefetch does not hold them. */
const READS_MAX = 20;

/** Everything a check needs of a hook call, all of one patient. */
export interface CallData {
  readonly orders: readonly StatedOrder[];
  readonly patient: FhirElement;
  /** null where it is not known: the encounter only refines what is asked. */
  readonly encounter: FhirElement | null;
  readonly practitioner: FhirElement | null;
}

/** What gathering came to. `unavailable`: the FHIR server that should have had the rest did not give it. */
export type Gathered =
  | { readonly kind: 'data'; readonly data: CallData }
  | { readonly kind: 'nothing-ordered' }
  | { readonly kind: 'unavailable' };

interface Gathering {
  readonly request: HookRequest;
  readonly context: HookContext;
  readonly expected: ExpectedPatient;
  /** The registered FHIR server, where the call names it. */
  readonly server: FhirServer | null;
}

const contradicted = (place: string) =>
  fail(cdsFault('CDS_PATIENT_CONTRADICTED', { place: `body.${place}` }));

const trimmed = (base: string): string => base.replace(/\/+$/, '');

/** The server that may be asked: the registered one, and only if the call names that very one. */
const serverOf = (request: HookRequest, { fhirBase }: CdsRegistration, waitMs: number): FhirServer | null => {
  const { fhirServer: named } = request;
  return fhirBase !== null && named !== null && named !== undefined && trimmed(named) === fhirBase
    ? fhirServer(fhirBase, fhirGrantOf(request).token, waitMs)
    : null;
};

/** What came along under a key: a resource, or nothing that could be used (refused, no data, an OperationOutcome). */
const prefetched = ({ prefetch }: HookRequest, key: string): FhirElement | undefined => {
  const value = elementOf(prefetch?.[key]);
  return value && resourceTypeOf(value) !== 'OperationOutcome' ? value : undefined;
};

/** The resources of one type in what came along, be it one resource or a Bundle of a search. */
const resourcesOf = (value: FhirElement | undefined, type: string): readonly FhirElement[] | undefined => {
  if (!value) return [];
  const resources = resourceTypeOf(value) === 'Bundle' ? entriesOf(value) : [value];
  return resources?.filter((resource) => resourceTypeOf(resource) === type);
};

const patientOf = async (gathering: Gathering): Promise<Result<FhirElement | null, Fault>> => {
  const { request, context, expected, server } = gathering;
  const came = resourcesOf(prefetched(request, 'patient'), 'Patient');
  if (!came || came.length > 1 || came.some((patient) => isOtherPatient(patient, expected)))
    return contradicted('prefetch.patient');
  if (came[0]) return ok(came[0]);
  if (!server) return fail(cdsFault('CDS_PREFETCH_MISSING', { place: 'body.prefetch.patient' }));
  const read = await server.read('Patient', context.patientId);
  if (!read.ok) return ok(null);
  return isOtherPatient(read.value, expected) ? contradicted('fhirServer') : ok(read.value);
};

/** Orders on their way, out of prefetch or one by one; null when the server did not give one of them. */
const dispatched = async (
  ids: readonly string[],
  { request, server }: Gathering,
): Promise<Result<readonly FhirElement[] | null, Fault>> => {
  const came = resourcesOf(prefetched(request, 'orders'), 'ServiceRequest') ?? [];
  const byId = new Map(came.map((order) => [order['id'], order]));
  const missing = ids.filter((id) => !byId.has(id));
  if (missing.length === 0) return ok(ids.map((id) => byId.get(id)).filter((order) => order !== undefined));
  if (!server) return fail(cdsFault('CDS_PREFETCH_MISSING', { place: 'body.prefetch.orders' }));
  if (missing.length > READS_MAX)
    return fail(cdsFault('CDS_PREFETCH_MISSING', { place: 'body.prefetch.orders' }));
  const read = await Promise.all(missing.map((id) => server.read('ServiceRequest', id)));
  for (const [place, id] of missing.entries()) {
    const answer = read[place];
    if (!answer?.ok || answer.value['id'] !== id) return ok(null);
    byId.set(id, answer.value);
  }
  return ok(ids.map((id) => byId.get(id)).filter((order) => order !== undefined));
};

/** The ServiceRequests that are asked about: the chosen drafts, or what is on its way. */
const stated = async (gathering: Gathering): Promise<Result<readonly FhirElement[] | null, Fault>> => {
  const { orders } = gathering.context;
  if (orders.kind === 'dispatched') return dispatched(orders.ids, gathering);
  return ok(
    orders.resources.filter(
      (resource) =>
        resourceTypeOf(resource) === 'ServiceRequest' &&
        (orders.selected === null || orders.selected.has(resource['id'] as string)),
    ),
  );
};

/** The encounter, where it can be had: its class keeps an emergency undisturbed. */
const encounterOf = async (
  { request, context, server }: Gathering,
  orders: readonly StatedOrder[],
): Promise<FhirElement | null> => {
  const id = context.encounterId ?? readReference(orders[0]?.encounter)?.id;
  const came = prefetched(request, 'encounter');
  if (came && resourceTypeOf(came) === 'Encounter') return came;
  if (id === undefined || !server) return null;
  const read = await server.read('Encounter', id);
  return read.ok ? read.value : null;
};

const practitionerOf = ({ request, context: { user } }: Gathering): FhirElement | null => {
  const came = prefetched(request, 'practitioner');
  return came && resourceTypeOf(came) === 'Practitioner' && came['id'] === user?.id ? came : null;
};

/** The place of the first resource that is about somebody else, or undefined. */
const otherPatientIn = (
  { context, request, expected }: Gathering,
  orders: readonly FhirElement[],
  patient: FhirElement,
  encounter: FhirElement | null,
): string | undefined => {
  // Of drafts all, whatever is chosen of them: a mixture of two people is no order session of either.
  const all = context.orders.kind === 'drafts' ? context.orders.resources : orders;
  const isOther = (resource: FhirElement): boolean =>
    resourceTypeOf(resource) === 'Patient'
      ? isOtherPatient(resource, expected)
      : isOfOtherPatient(resource, expected, patient);
  if (all.some(isOther))
    return context.orders.kind === 'drafts' ? 'context.draftOrders' : 'context.dispatchedOrders';
  if (
    encounter &&
    (isOfOtherPatient(encounter, expected, patient) ||
      (context.encounterId !== null && encounter['id'] !== context.encounterId))
  )
    return 'prefetch.encounter';
  const granted = fhirGrantOf(request).patient;
  return granted !== null && granted !== context.patientId ? GRANT_PATIENT_PLACE : undefined;
};

/**
 * Gathers what a check needs out of a hook call and, where something is missing, from the registered FHIR server.
 *
 * @param fhirWaitMs longest wait for that server, for everything together
 * @returns CDS_PREFETCH_MISSING, CDS_PATIENT_CONTRADICTED, CDS_ORDERS_TOO_MANY
 */
export const gatherCallData = async (
  request: HookRequest,
  context: HookContext,
  registration: CdsRegistration,
  fhirWaitMs: number,
): Promise<Result<Gathered, Fault>> => {
  const gathering: Gathering = {
    request,
    context,
    expected: { patientId: context.patientId, bases: basesOf(request.fhirServer, registration) },
    server: serverOf(request, registration, fhirWaitMs),
  };
  if (context.orders.kind === 'dispatched' && context.orders.ids.length === 0)
    return ok({ kind: 'nothing-ordered' });
  // The order comes first: where nothing is ordered, nothing is missing. The patient is fetched beside it.
  const isDraft = context.orders.kind === 'drafts';
  const asked = isDraft ? null : patientOf(gathering);
  asked?.catch(() => undefined);
  const resources = await stated(gathering);
  if (!resources.ok) return resources;
  if (resources.value === null) return ok({ kind: 'unavailable' });
  const orders = resources.value.flatMap((order) => readOrder(order, registration) ?? []);
  if (orders.length === 0) return ok({ kind: 'nothing-ordered' });
  if (orders.length > ORDERS_MAX) return fail(cdsFault('CDS_ORDERS_TOO_MANY', { detail: `${ORDERS_MAX}` }));
  const [patient, encounter] = await Promise.all([
    asked ?? patientOf(gathering),
    encounterOf(gathering, orders),
  ]);
  if (!patient.ok) return patient;
  if (patient.value === null) return ok({ kind: 'unavailable' });
  const other = otherPatientIn(gathering, resources.value, patient.value, encounter);
  if (other !== undefined) return contradicted(other);
  return ok({
    kind: 'data',
    data: { orders, patient: patient.value, encounter, practitioner: practitionerOf(gathering) },
  });
};
