import type { KeyRing } from '../../adapters/keys/key-ring.ts';
import type { ObjectStore } from '../../adapters/objects/file-objects.ts';
import type { Database } from '../../adapters/postgres/database.ts';
import type { SnapshotSource } from '../../adapters/postgres/lists.ts';
import type { AuditRecord } from '../../adapters/postgres/order-checks.ts';
import { raiser } from '../../kernel/fault.ts';
import type { Clock } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import type { Actor, ApplicationActor, CallOrigin, PatientActor } from '../server/flows-port.ts';
import { FLOW_FAULTS } from './faults.ts';

/** What the flows of the order check work with. */
export interface FlowDependencies {
  readonly database: Database;
  readonly keys: KeyRing;
  readonly objects: ObjectStore;
  readonly clock: Clock;
  readonly newPublicId: () => PublicId;
  readonly snapshots: SnapshotSource;
}

/** Makes a fault of this folder. */
export const flowFault = raiser(FLOW_FAULTS);

/** The institution for which the actor orders. @throws ORDERING_INSTITUTION_MISSING */
export const orderingInstitution = (actor: Actor): InstitutionCode => {
  if (actor.institution === null) throw flowFault('ORDERING_INSTITUTION_MISSING');
  return actor.institution;
};

/** By what an emergency access knows whoever reads: the staff number, else the actor; null for systems. */
export const emergencyDoctor = (actor: Actor): string | null =>
  actor.kind === 'client' ? null : (actor.staffNumber ?? actor.name);

/** Who acts, as every audit row says it. */
export type AuditAgent = Pick<AuditRecord, 'actor' | 'role' | 'department' | 'staffNumber'>;

/** Somebody or something that acts without a session or key: the holder of a paper, a sender of messages. */
export const agentNamed = (actor: string, role: string): AuditAgent => ({
  actor,
  role,
  department: null,
  staffNumber: null,
});

/**
 * An actor as every audit row names him: with the role, department and staff number (工号) he has at that moment; an app in
 * a person's name with those of that person.
 */
export const agentOf = (actor: Actor | ApplicationActor | PatientActor): AuditAgent => {
  const person = actor.kind === 'application' ? actor.user : actor;
  const named = agentNamed(actor.name, person?.kind === 'staff' ? person.role : actor.kind);
  if (person?.kind !== 'staff' && person?.kind !== 'launched') return named;
  return { ...named, department: person.department, staffNumber: person.staffNumber };
};

/**
 * The audit row of an act of this actor, for the purpose of the grant that let the actor in. A client that acts for a
 * doctor names department and staff number in the act.
 */
export const auditOf = (
  dependencies: Pick<FlowDependencies, 'newPublicId'>,
  actor: Actor | ApplicationActor | PatientActor,
  origin: CallOrigin,
  act: Pick<AuditRecord, 'action' | 'resource' | 'basis' | 'outcome' | 'institutionKey'> &
    Partial<Pick<AuditRecord, 'department' | 'staffNumber'>>,
): AuditRecord => ({
  publicId: dependencies.newPublicId(),
  ...agentOf(actor),
  peer: origin.peer,
  purpose: origin.purpose,
  ...act,
});
