import type { Right } from '../../../access/index.ts';
import type { InstitutionKey } from '../../../adapters/postgres/registry.ts';
import type { Actor } from '../../server/flows-port.ts';
import { mayReach } from '../reach.ts';
import type { ImagingDependencies } from './imaging-work.ts';

/** Key of the actor's institution where a right of theirs reaches its records; null where it does not. */
export const ownInstitutionKey = async (
  { snapshots }: Pick<ImagingDependencies, 'snapshots'>,
  actor: Actor,
  right: Right,
): Promise<InstitutionKey | null> => {
  const { institution } = actor;
  if (institution === null || !mayReach(actor, right, { kind: 'record', institution, check: null }))
    return null;
  return (await snapshots.current()).registry.institutionKey(institution) ?? null;
};
