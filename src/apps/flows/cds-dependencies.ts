import type { CdsClient, CdsClientDirectory } from '../../adapters/postgres/cds-clients.ts';
import type { Database } from '../../adapters/postgres/database.ts';
import type { SnapshotSource } from '../../adapters/postgres/lists.ts';
import type { Clock } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { Actor } from '../server/flows-port.ts';
import type { CardLinks } from './card-link.ts';
import { flowFault } from './dependencies.ts';

/** What the flows of CDS Hooks work with. */
export interface CdsDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly newPublicId: () => PublicId;
  readonly snapshots: SnapshotSource;
  readonly clients: CdsClientDirectory;
  readonly cardLinks: CardLinks;
}

/** The registration of the caller. @throws ORDERING_INSTITUTION_MISSING for whoever is no registered client */
export const callerOf = async ({ clients }: CdsDependencies, actor: Actor): Promise<CdsClient> => {
  const client = actor.kind === 'client' ? await clients.byCode(actor.code) : undefined;
  if (!client) throw flowFault('ORDERING_INSTITUTION_MISSING');
  return client;
};
