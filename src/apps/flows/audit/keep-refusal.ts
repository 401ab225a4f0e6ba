import { recordSystemAct } from '../../../adapters/postgres/accounts.ts';
import { personsAddressed } from '../../../adapters/postgres/addressed-persons.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { isUuid } from '../../../kernel/uuid.ts';
import type { RefusalLog } from '../../server/refusal-log.ts';
import { auditOf, type FlowDependencies } from '../dependencies.ts';

/**
 * Writes a refusal into the log of whoever was asked about, by a commit of its own: whatever the act had begun is undone by
 * then. Asked about somebody or nobody, as much is done, so that the time taken tells nothing.
 */
export const refusalLog =
  (dependencies: FlowDependencies): RefusalLog =>
  async ({ actor, origin, action, resource, ids, code }) => {
    const { database, snapshots, clock, newPublicId } = dependencies;
    const at = clock();
    const outcome = `refused: ${code}`;
    const persons = await personsAddressed(database, ids.filter(isUuid));
    if (persons.length === 0) {
      const act = { at, newId: newPublicId, by: actor.name, peer: origin.peer };
      await recordSystemAct(database, act, action, resource, outcome);
      return;
    }
    const institution = actor.kind === 'patient' ? null : actor.institution;
    const institutionKey = (institution && snapshots.held()?.registry.institutionKey(institution)) ?? null;
    for (const person of persons)
      await keepAudit(
        database,
        person,
        at,
        auditOf(dependencies, actor, origin, { institutionKey, action, resource, basis: 'none', outcome }),
      );
  };
