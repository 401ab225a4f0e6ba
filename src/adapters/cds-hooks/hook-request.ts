import { z } from 'zod';
import { type Fault, raiser } from '../../kernel/fault.ts';
import { fail, ok, type Result } from '../../kernel/result.ts';
import { CDS_FAULTS } from './faults.ts';
import { elementOf, entriesOf, type FhirElement, isFhirId, readReference } from './fhir-reading.ts';

/** Makes a fault of CDS Hooks. */
export const cdsFault = raiser(CDS_FAULTS);

const CHARACTERS_MAX = 500;
const text = z.string().min(1).max(CHARACTERS_MAX);

/**
 * Body of `POST /cds-services/{id}` (CDS Hooks 2.0, HTTP request to a CDS service). FHIR content is read by its own
 * readers; here only what the hook call itself is made of.
 */
export const hookRequestShape = z.looseObject({
  hook: text,
  hookInstance: text.describe('UUID of this call of the hook'),
  fhirServer: text.nullish().describe('Asked only where it is the registered one and data is missing'),
  fhirAuthorization: z
    .looseObject({
      access_token: z.string().min(1).max(16_384),
      token_type: z.string().regex(/^bearer$/i),
      patient: text.nullish(),
    })
    .nullish(),
  context: z.record(z.string(), z.unknown()),
  prefetch: z.record(z.string(), z.unknown()).nullish(),
});

/** A hook call as it came in. */
export type HookRequest = z.output<typeof hookRequestShape>;

/** What a call may ask the FHIR server with, and about whom. */
export const fhirGrantOf = ({
  fhirAuthorization,
}: HookRequest): { readonly token: string | undefined; readonly patient: string | null } => ({
  token: fhirAuthorization?.access_token,
  patient: fhirAuthorization?.patient ?? null,
});

/** Where a call names the patient of its grant. */
export const GRANT_PATIENT_PLACE = 'fhirAuthorization.patient';

/** What a hook call is about, once its context is read. */
export interface HookContext {
  readonly patientId: string;
  readonly encounterId: string | null;
  /** `Practitioner/…` of whoever orders, or performs. */
  readonly user: { readonly type: string; readonly id: string } | null;
  readonly orders:
    | {
        readonly kind: 'drafts';
        /** Every resource of the draft orders. */
        readonly resources: readonly FhirElement[];
        /** Ids of the orders chosen just now; null where the hook has no selections. */
        readonly selected: ReadonlySet<string> | null;
      }
    /** Ids of ServiceRequests that are on their way; references to anything else are none of ours. */
    | { readonly kind: 'dispatched'; readonly ids: readonly string[] };
}

const invalid = (place: string) => fail(cdsFault('CDS_CONTEXT_INVALID', { place: `body.context.${place}` }));

/** A FHIR id, given as such or as a relative reference. */
const idIn = (value: unknown, type: string): string | undefined => {
  if (typeof value !== 'string') return undefined;
  if (isFhirId(value)) return value;
  const reference = readReference(value);
  return reference?.type === type ? reference.id : undefined;
};

const referencesIn = (value: unknown): readonly string[] | undefined =>
  Array.isArray(value) && value.every((each) => typeof each === 'string') ? value : undefined;

const draftsOf = (
  context: HookRequest['context'],
  hasSelections: boolean,
): Result<HookContext['orders'], Fault> => {
  const bundle = elementOf(context['draftOrders']);
  if (bundle?.['resourceType'] !== 'Bundle') return invalid('draftOrders');
  const resources = entriesOf(bundle);
  if (!resources) return invalid('draftOrders.entry');
  if (!hasSelections) return ok({ kind: 'drafts', resources, selected: null });
  const selections = referencesIn(context['selections']);
  if (!selections) return invalid('selections');
  const selected = new Set<string>();
  for (const selection of selections) {
    const reference = readReference(selection);
    const id = reference?.id ?? (isFhirId(selection) ? selection : undefined);
    if (id === undefined || !resources.some((resource) => resource['id'] === id))
      return invalid('selections');
    selected.add(id);
  }
  return ok({ kind: 'drafts', resources, selected });
};

const dispatchedOf = (context: HookRequest['context']): Result<HookContext['orders'], Fault> => {
  // The published example of the hook still writes it with a hyphen.
  const references = referencesIn(context['dispatchedOrders'] ?? context['dispatched-orders']);
  if (!references) return invalid('dispatchedOrders');
  const read = references.map(readReference);
  if (read.includes(undefined)) return invalid('dispatchedOrders');
  const ids = read.flatMap((reference) => (reference?.type === 'ServiceRequest' ? [reference.id] : []));
  return ok({ kind: 'dispatched', ids: [...new Set(ids)] });
};

/**
 * Reads the context of a hook.
 *
 * @returns CDS_CONTEXT_INVALID with the place of what is missing or wrong
 */
export const readContext = ({ hook, context }: HookRequest): Result<HookContext, Fault> => {
  const patientId = idIn(context['patientId'], 'Patient');
  if (patientId === undefined) return invalid('patientId');
  const encounter = context['encounterId'] ?? null;
  const encounterId = encounter === null ? null : idIn(encounter, 'Encounter');
  if (encounterId === undefined) return invalid('encounterId');
  const whoever = context['userId'] ?? context['performer'] ?? null;
  if (whoever !== null && typeof whoever !== 'string') return invalid('userId');
  const user = hook === 'order-dispatch' ? undefined : readReference(whoever);
  const orders =
    hook === 'order-dispatch' ? dispatchedOf(context) : draftsOf(context, hook === 'order-select');
  if (!orders.ok) return orders;
  return ok({
    patientId,
    encounterId,
    user: user ? { type: user.type, id: user.id } : null,
    orders: orders.value,
  });
};
