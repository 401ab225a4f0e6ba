import type { KeyRing } from '../../adapters/keys/key-ring.ts';
import type { ObjectStore } from '../../adapters/objects/file-objects.ts';
import type { Database } from '../../adapters/postgres/database.ts';
import type { SnapshotSource } from '../../adapters/postgres/lists.ts';
import type { AuditRecord } from '../../adapters/postgres/order-checks.ts';
import { raiser } from '../../kernel/fault.ts';
import type { Clock } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import type { Actor, CallOrigin } from '../server/flows-port.ts';
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

/** The audit row of an act of this actor, for the purpose of the grant that let the actor in. */
export const auditOf = (
  dependencies: FlowDependencies,
  actor: Actor,
  origin: CallOrigin,
  act: Pick<AuditRecord, 'action' | 'resource' | 'basis' | 'outcome' | 'institutionKey'>,
): AuditRecord => ({
  publicId: dependencies.newPublicId(),
  actor: actor.name,
  peer: origin.peer,
  purpose: origin.purpose,
  ...act,
});
