import type { CdsClient, CdsClientDirectory } from '../../../adapters/postgres/cds-clients.ts';
import type { Database } from '../../../adapters/postgres/database.ts';
import type { SnapshotSource } from '../../../adapters/postgres/lists.ts';
import type { Clock } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { Actor } from '../../server/flows-port.ts';
import type { CardLinks } from '../card/card-link.ts';
import { flowFault } from '../dependencies.ts';

/** How long a hook call may take. */
export interface CdsLimits {
  /** From the arrival of the call; what is not answered by then is a card that says so. */
  readonly answerMs: number;
  /** For everything that is asked of the hospital's FHIR server. */
  readonly fhirMs: number;
}

/** The standard speaks of half a second for the whole; what the FHIR server leaves of it is ours. */
export const CDS_LIMITS: CdsLimits = { answerMs: 470, fhirMs: 250 };

/** What the flows of CDS Hooks work with. */
export interface CdsDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly newPublicId: () => PublicId;
  readonly snapshots: SnapshotSource;
  readonly clients: CdsClientDirectory;
  readonly cardLinks: CardLinks;
  /** `CDS_LIMITS` unless told otherwise. */
  readonly limits?: CdsLimits;
}

/** The registration of the caller. @throws ORDERING_INSTITUTION_MISSING for whoever is no registered client */
export const callerOf = async ({ clients }: CdsDependencies, actor: Actor): Promise<CdsClient> => {
  const client = actor.kind === 'client' ? await clients.byCode(actor.code) : undefined;
  if (!client) throw flowFault('ORDERING_INSTITUTION_MISSING');
  return client;
};
