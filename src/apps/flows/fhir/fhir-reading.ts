import { scopeLevelFor } from '../../../access/index.ts';
import { type FhirResource, patientOf } from '../../../adapters/fhir/result-resources.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { lookupPersonByPublicId, type PersonLookup } from '../../../adapters/postgres/person-lookup.ts';
import { readPersonSummary } from '../../../adapters/postgres/person-search.ts';
import { type Fault, raiser } from '../../../kernel/fault.ts';
import { fail, type Result } from '../../../kernel/result.ts';
import { isUuid, type PublicId } from '../../../kernel/uuid.ts';
import type { CallOrigin } from '../../server/flows-port.ts';
import type { EverythingSearch, FhirActor } from '../../server/routes/fhir-port.ts';
import { auditOf, type FlowDependencies } from '../dependencies.ts';
import { FHIR_FAULTS } from './fhir-faults.ts';
import { type FhirReader, mayReadPerson, readsOwn } from './fhir-reader.ts';

const raise = raiser(FHIR_FAULTS);

/** An id that nobody has: what is read for a wrong id is the same as for a right one. */
export const NOBODY = '00000000-0000-7000-8000-000000000000' as PublicId;

/** A person as a resource; null for one that is not there. */
export const patientResource = async (
  { keys }: FlowDependencies,
  session: Session,
  id: PublicId,
): Promise<FhirResource | null> => {
  const summary = await readPersonSummary(session, keys, id);
  return summary ? patientOf({ ...summary, id }) : null;
};

/** Whether an app was granted a type of resource for this person; everybody else may have all. */
export const mayHave = (
  actor: FhirActor,
  type: EverythingSearch['types'][number],
  person: PublicId,
): boolean => {
  if (actor.kind !== 'application') return true;
  const level = scopeLevelFor(
    { scopes: actor.scopes, hasPatient: actor.patient !== null, hasUser: actor.user !== null },
    type,
    type === 'Patient' ? 'read' : 'search',
  );
  return level !== null && (level !== 'patient' || actor.patient === person);
};

/** Address of the page after this one; null after the last. */
export const nextOf = (address: string, after: number, total: number): string | null =>
  after < total
    ? `${address}${address.includes('?') ? '&' : '?'}_cursor=${Buffer.from(`after ${after}`).toString('base64url')}`
    : null;

/** What every read by FHIR is made of: whose data may be opened, and the row of the log before the answer. */
export interface FhirReading {
  /** A connection of its own for what waits for the disk. */
  readonly alone: Session;
  keep(
    session: Session,
    reader: FhirReader,
    origin: CallOrigin,
    ruling: RulingSnapshot,
    personId: string,
    act: { readonly action: string; readonly resource: string; readonly basis: string },
  ): Promise<void>;
  /** Looks a person up, and whether the reader may read anything of them. Nobody takes the same reads as somebody. */
  openPerson(
    reader: FhirReader,
    id: string,
    ruling: RulingSnapshot,
  ): Promise<{ readonly found: PersonLookup | undefined; readonly mayRead: boolean }>;
  /** Does something for a reader with a person who may be read; everybody else is answered like nobody. */
  withPerson<Value>(
    reader: FhirReader,
    id: string,
    act: (session: Session, found: PersonLookup, ruling: RulingSnapshot) => Promise<Result<Value, Fault>>,
  ): Promise<Result<Value, Fault>>;
}

/** Reading for whoever calls by FHIR. */
export const fhirReading = (dependencies: FlowDependencies): FhirReading => {
  const { database, snapshots, clock } = dependencies;
  // The commit waits for the disk: on a connection that other calls' reads share, all of them would wait behind it.
  const alone: Session = {
    async run(statement, values = []) {
      await database.batch([{ statement, values }]);
      return [];
    },
  };

  const keep: FhirReading['keep'] = async (session, reader, origin, ruling, personId, act) => {
    const { institution } = reader;
    const purpose = readsOwn(reader) ? 'own-data' : origin.purpose;
    const audit = auditOf(
      dependencies,
      reader.actor,
      { ...origin, purpose },
      {
        ...act,
        institutionKey: institution === null ? null : (ruling.registry.institutionKey(institution) ?? null),
        outcome: 'disclosed',
      },
    );
    await keepAudit(session, personId, clock(), audit);
  };

  const openPerson: FhirReading['openPerson'] = async (reader, id, ruling) => {
    const person = isUuid(id) ? (id as PublicId) : NOBODY;
    const found = await lookupPersonByPublicId(database, person);
    const cluster = found?.members.map(({ personId }) => personId) ?? [];
    return { found, mayRead: await mayReadPerson(database, reader, person, cluster, ruling, clock()) };
  };

  const withPerson = async <Value>(
    reader: FhirReader,
    id: string,
    act: (session: Session, found: PersonLookup, ruling: RulingSnapshot) => Promise<Result<Value, Fault>>,
  ): Promise<Result<Value, Fault>> => {
    const ruling = await snapshots.current();
    const { found, mayRead } = await openPerson(reader, id, ruling);
    return found && mayRead ? act(database, found, ruling) : fail(raise('FHIR_UNKNOWN'));
  };
  return { alone, keep, openPerson, withPerson };
};
