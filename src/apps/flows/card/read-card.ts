import { keepAudits } from '../../../adapters/postgres/order-checks.ts';
import { readPersonInCluster } from '../../../adapters/postgres/person-search.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { ok } from '../../../kernel/result.ts';
import type { CheckFlows } from '../../server/flows-port.ts';
import { answerEventsOf } from '../checks/check-answers.ts';
import { auditOf, emergencyDoctor, type FlowDependencies } from '../dependencies.ts';
import {
  firstOf,
  type KeptCheck,
  openKeptCheck,
  presentationOf,
  readOwnCheck,
} from '../checks/kept-check.ts';
import { personAnswer } from '../people.ts';
import { momentAnswer } from '../present.ts';
import { presentCheck } from '../checks/present-check.ts';

/** When the emergency access ends that the reader of a check has open now; null while none is open. */
const emergencyEnd = ({ consent: { emergencies, at }, replayed }: KeptCheck): Instant | null => {
  const { institution } = replayed.facts.session;
  const ends = emergencies
    .filter(({ recipient, until }) => recipient === institution && until > at)
    .map(({ until }) => until);
  return ends.length === 0 ? null : (Math.max(...ends) as Instant);
};

/**
 * Everything that a card is made of, read in three flights and witnessed in a fourth: the check decided again, whom it is
 * of, and, where a page of the client stands around the frame, the answers it is told.
 */
export const readCardFlow =
  (dependencies: FlowDependencies): CheckFlows['readCard'] =>
  async (actor, origin) => {
    const { database, keys, clock } = dependencies;
    const row = await readOwnCheck(dependencies, actor, actor.check);
    const reading = readPersonInCluster(database, keys, row.person_id);
    const [check, known] = await Promise.all([
      openKeptCheck(
        dependencies,
        row,
        emergencyDoctor(actor),
        database,
        async () => (await reading)?.cluster,
      ),
      reading,
    ]);
    const isTold = actor.frameOrigins.length > 0;
    const act = {
      institutionKey: row.institution_id,
      basis: check.basis,
      outcome: 'disclosed',
    };
    const resource = `order-check/${row.public_id}`;
    const acts = [
      { ...act, action: 'order-check.read', resource },
      ...(known ? [{ ...act, action: 'person.read', resource: `person/${known.summary.publicId}` }] : []),
      ...(isTold ? [{ ...act, action: 'order-check.answers', resource }] : []),
    ];
    const audits = acts.map((each) => auditOf(dependencies, actor, origin, each));
    await keepAudits(database, row.person_id, clock(), audits);
    return ok({
      check: presentCheck(presentationOf(check, known?.summary.publicId ?? null)),
      person: known ? personAnswer(known.summary) : null,
      answers: isTold ? { check: firstOf(row), answers: [...answerEventsOf(check)] } : null,
      emergencyUntil: momentAnswer(emergencyEnd(check)),
    });
  };
