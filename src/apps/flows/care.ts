import {
  CARE_DAYS,
  type CareBasis,
  ENCOUNTER_DAYS,
  PRESENTED_HOURS,
  type Right,
} from '../../access/index.ts';
import { keepCareOpening, readCareBasis } from '../../adapters/postgres/care.ts';
import type { Session } from '../../adapters/postgres/database.ts';
import type { RulingSnapshot } from '../../adapters/postgres/lists.ts';
import { DAY_MS, HOUR_MS, type Instant, instant } from '../../kernel/instant.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import type { PersonSearchRequest } from '../../web/wire/order-check-request.ts';
import type { Actor, ApplicationActor } from '../server/flows-port.ts';
import { mayReach } from './reach.ts';

type Registry = Pick<RulingSnapshot, 'registry'>;

/**
 * By what an institution treats somebody now; null when by nothing that is known. Asked wherever a person's data are
 * opened outside of an order check.
 *
 * @param persons everybody of the cluster
 */
export const careBasisOf = async (
  session: Session,
  institution: InstitutionCode | null,
  persons: readonly string[],
  { registry }: Registry,
  at: Instant,
): Promise<CareBasis | null> => {
  const key = institution === null ? undefined : registry.institutionKey(institution);
  return key === undefined || institution === null
    ? null
    : readCareBasis(session, persons, { key, code: institution }, instant(at - CARE_DAYS * DAY_MS), at);
};

/** Whether an actor's right reaches a person, by what the actor's institution treats this person. */
export const mayOpenPerson = async (
  session: Session,
  actor: Actor | ApplicationActor,
  right: Right,
  persons: readonly string[],
  ruling: Registry,
  at: Instant,
): Promise<boolean> => {
  const { institution } = actor;
  const basis = await careBasisOf(session, institution, persons, ruling, at);
  return (
    mayReach(actor, right, { kind: 'care', basis }) ||
    // Whoever looks after an institution's work sees for whom it ordered.
    (basis === 'order' && mayReach(actor, right, { kind: 'record', institution, check: null }))
  );
};

/**
 * Keeps that an institution may open somebody's data from now on: for a stay where the visit was named, for a day where a
 * number of the person was presented. A name alone opens nothing.
 */
export const openCare = async (
  session: Session,
  actor: Pick<Actor, 'name'>,
  personId: string,
  institutionKey: string,
  { by, encounter }: Pick<PersonSearchRequest, 'by' | 'encounter'>,
  at: Instant,
): Promise<void> => {
  if (by === 'name' && encounter === undefined) return;
  const openUntil = encounter === undefined ? at + PRESENTED_HOURS * HOUR_MS : at + ENCOUNTER_DAYS * DAY_MS;
  await keepCareOpening(
    session,
    {
      personId,
      institutionKey,
      actor: actor.name,
      encounterNumber: encounter ?? null,
      openUntil: instant(openUntil),
    },
    at,
  );
};
