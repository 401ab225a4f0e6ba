import { keepOpinion } from '../../../adapters/postgres/consultation-opinions.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { Actor } from '../../server/flows-port.ts';
import type { OpinionFlows } from '../../server/routes/consultation-opinions.ts';
import {
  auditOf,
  emergencyDoctor,
  type FlowDependencies,
  flowFault,
  orderingInstitution,
} from '../dependencies.ts';
import { opinionsOf } from './present-opinions.ts';
import { findVisibleReport, takesOpinion } from './read-report.ts';

const doctorNameOf = (actor: Actor): string => (actor.kind === 'staff' ? actor.displayName : actor.name);

/**
 * A doctor adds an opinion beside another institution's report of an examination: recognition covers the examination, not
 * the conclusion. The report stays as its institution issued it. Opinion and audit row are one commit.
 */
export const addOpinionFlow =
  (dependencies: FlowDependencies): OpinionFlows['addOpinion'] =>
  async (actor, id, { text }, idempotencyKey, origin) => {
    const institution = orderingInstitution(actor);
    const { database, clock, newPublicId } = dependencies;
    const at = clock();
    const reader = { institution, doctor: emergencyDoctor(actor) };
    const found = await findVisibleReport(dependencies, reader, id, at);
    if (!found?.isWhole) return fail(flowFault('REPORT_UNKNOWN'));
    const { reading, ruling } = found;
    if (!takesOpinion(found)) return fail(flowFault('OPINION_NOT_HERE'));
    const institutionKey = ruling.registry.institutionKey(institution);
    if (!institutionKey) return fail(flowFault('ORDERING_INSTITUTION_MISSING'));
    const publicId = newPublicId();
    await database.transaction(async (session) => {
      const isNew = await keepOpinion(
        session,
        {
          personId: reading.personId,
          publicId,
          requestKey: `${actor.name} ${idempotencyKey ?? publicId}`,
          report: reading.publicId,
          reportVersion: reading.version,
          institutionKey,
          actor: actor.name,
          doctorName: doctorNameOf(actor),
          text: text.trim(),
        },
        at,
      );
      if (isNew)
        await keepAudit(
          session,
          reading.personId,
          at,
          auditOf(dependencies, actor, origin, {
            institutionKey,
            action: 'consultation-opinion.add',
            resource: `report/${id}/v${reading.version}`,
            basis: found.basisText,
            outcome: 'recorded',
          }),
        );
    });
    return ok({ opinions: await opinionsOf(database, reading, ruling, at) });
  };
