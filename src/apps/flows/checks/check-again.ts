import { fail, ok } from '../../../kernel/result.ts';
import type { CheckFlows } from '../../server/flows-port.ts';
import { keptRequest } from './kept-request.ts';
import { type FlowDependencies, flowFault } from '../dependencies.ts';
import { checkOrderFlow } from './check-order.ts';
import { firstOf, readOwnCheck } from './kept-check.ts';
import { publicIdOf } from './review-check.ts';

/**
 * Makes the check of a card once more, as it was ordered: more may be told by now, and a kept check holds only what could
 * be told when it was made. The new one goes on with the first: to the ordering system both are one, the answers to both
 * are the answers to it, and its opportunities are counted once.
 */
export const checkAgainFlow =
  (dependencies: FlowDependencies): CheckFlows['checkAgain'] =>
  async (actor, origin) => {
    const { database, newPublicId } = dependencies;
    const row = await readOwnCheck(dependencies, actor, actor.check);
    const request = keptRequest(row, await publicIdOf(database, row.person_id), actor);
    if (!request) return fail(flowFault('LAUNCH_NOT_CHECKED'));
    const first = firstOf(row);
    const encounterKey = row.encounter_key ?? row.encounter_number ?? first;
    const checked = await checkOrderFlow(dependencies, newPublicId, { first, encounterKey })(
      actor,
      request,
      origin,
    );
    return checked.ok ? ok(undefined) : checked;
  };
