import { readResponses } from '../../../adapters/postgres/order-checks.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { ok } from '../../../kernel/result.ts';
import type { CheckFlows } from '../../server/flows-port.ts';
import { disclose } from '../../../recognition/index.ts';
import { consentOfPerson } from '../consent/consent-state.ts';
import { emergencyDoctor, type FlowDependencies, flowFault } from '../dependencies.ts';
import { oneWith, readCheckInForce } from './kept-check.ts';
import { lineResponse } from './response-state.ts';
import { replayRow } from './review-check.ts';

/**
 * What the doctor has answered so far, for an ordering system that asks again and again. It says nothing of any result,
 * so nothing is disclosed and no audit row is written; the sentence for the record is in the check itself.
 */
export const responsesFlow =
  (dependencies: FlowDependencies): CheckFlows['responses'] =>
  async (actor, id) => {
    const row = await readCheckInForce(dependencies, actor, id);
    const { database, snapshots, clock } = dependencies;
    const { registry } = await snapshots.current();
    const [replayed, consent, responses, snapshot] = await Promise.all([
      replayRow(dependencies, row),
      consentOfPerson(database, row.person_id, registry, clock(), emergencyDoctor(actor)),
      oneWith(database, row).then((checks) => readResponses(database, row.person_id, checks)),
      snapshots.byId(row.snapshot_id),
    ]);
    if (replayed.outcome === 'facts-erased') throw flowFault('DECISION_FACTS_ERASED');
    const rules = snapshot.rulesAt(row.checked_at as Instant);
    const { session } = replayed.facts;
    // Whether a line waits for an answer depends on what is shown on it.
    const shown = disclose(replayed.decision, { institution: session.institution }, consent, rules);
    const lines = shown.lines.map((decided, index) => {
      const ordered = session.lines[index];
      const line = ordered?.line ?? index + 1;
      const response = lineResponse(line, responses, decided, rules, new Map());
      return {
        line,
        code: ordered?.localCode ?? ordered?.item ?? '',
        awaited: decided.interrupts,
        response: response && { ...response, recordText: null },
      };
    });
    return ok({
      check: id,
      complete: lines.every(({ awaited, response }) => !awaited || response !== null),
      lines,
    });
  };
