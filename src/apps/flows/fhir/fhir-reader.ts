import { type ScopedInteraction, type ScopedResource, scopeLevelFor } from '../../../access/index.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { FhirActor } from '../../server/routes/fhir-port.ts';
import { mayOpenPerson } from '../care.ts';
import type { LineReader } from '../results/line-disclosure.ts';

/** As whom somebody reads by FHIR. */
export interface FhirReader {
  readonly actor: FhirActor;
  /** null: patients reading what is their own. */
  readonly institution: InstitutionCode | null;
  /** The one person about whom anything is answered; null: anybody whom the institution treats. */
  readonly only: PublicId | null;
}

/**
 * The reader behind an actor. An app reads as the person who let it in: a patient's as the patient, a doctor's as the
 * doctor's institution; one that was launched for a patient, about that patient alone.
 */
export const fhirReader = (
  actor: FhirActor,
  resource: ScopedResource,
  interaction: ScopedInteraction,
): FhirReader => {
  if (actor.kind !== 'application') return { actor, institution: actor.institution, only: null };
  const { scopes, patient, user, institution } = actor;
  if (user?.kind === 'patient') return { actor, institution: null, only: patient ?? user.person };
  const level = scopeLevelFor(
    { scopes, hasPatient: patient !== null, hasUser: user !== null },
    resource,
    interaction,
  );
  return { actor, institution, only: level === 'patient' ? patient : null };
};

/** True where the reader reads own data. */
export const readsOwn = ({ institution }: FhirReader): boolean => institution === null;

/** The same reader as disclosure knows it. */
export const lineReaderOf = ({ institution }: FhirReader): LineReader => ({ institution });

/** Whether anything of a person may be answered to a reader: one's own data, or somebody whom the institution treats. */
export const mayReadPerson = async (
  session: Session,
  reader: FhirReader,
  person: PublicId,
  cluster: readonly string[],
  ruling: RulingSnapshot,
  at: Instant,
): Promise<boolean> => {
  const isTreated = await mayOpenPerson(session, reader.actor, 'fhir-result:read', cluster, ruling, at);
  if (reader.only !== null && reader.only !== person) return false;
  return readsOwn(reader) ? reader.only === person : isTreated;
};
