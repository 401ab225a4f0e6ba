import { consentStateOf, readConsentRecords } from '../../../adapters/postgres/consents.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import type { Registry } from '../../../adapters/postgres/registry.ts';
import type { ConsentState } from '../../../consent/index.ts';
import type { Instant } from '../../../kernel/instant.ts';

/** Consent at a moment of a person of whom all records are known, for the reader whom `emergencyDoctor` names. */
export const consentOfRecords = async (
  session: Session,
  persons: readonly string[],
  registry: Registry,
  at: Instant,
  doctor: string | null,
): Promise<ConsentState> => consentStateOf(await readConsentRecords(session, persons), registry, at, doctor);

/** A key that no record has. */
const NOBODY = '0';

/**
 * Consent at a moment of the person to whom a record belongs: what was done under any of his records counts.
 *
 * @param personId undefined where nobody was found: the same is read, so that the time taken does not tell
 */
export const consentOfPerson = async (
  session: Session,
  personId: string | undefined,
  registry: Registry,
  at: Instant,
  doctor: string | null,
): Promise<ConsentState> => {
  const { members } = await clusterOf(session, personId ?? NOBODY);
  return consentOfRecords(
    session,
    members.map((member) => member.personId),
    registry,
    at,
    doctor,
  );
};
