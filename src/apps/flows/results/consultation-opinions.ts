import {
  keepOpinion,
  readOpinions,
  withdrawOpinion,
} from '../../../adapters/postgres/consultation-opinions.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { readReportByPublicId } from '../../../adapters/postgres/report-reading.ts';
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
import { isOwnOpinion, opinionsOf } from './present-opinions.ts';
import { findVisibleReport, takesOpinion } from './read-report.ts';

const doctorNameOf = (actor: Actor): string => (actor.kind === 'staff' ? actor.displayName : actor.name);

/**
 * A doctor adds an opinion beside another institution's report of an examination: recognition covers the examination, not
 * the conclusion. The report stays as its institution issued it. Opinion and audit row are one commit.
 */
const addOpinion =
  (dependencies: FlowDependencies): OpinionFlows['addOpinion'] =>
  async (actor, id, { text }, idempotencyKey, origin) => {
    const institution = orderingInstitution(actor);
    const { database, clock, newPublicId } = dependencies;
    const at = clock();
    const reader = { institution, doctor: emergencyDoctor(actor), author: actor.name };
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
    return ok({ opinions: await opinionsOf(database, reading, reader, ruling, at) });
  };

/**
 * A doctor takes an opinion of his own back. It stays where it stood, marked as withdrawn with who, when and why; a further
 * one may be added. Whoever wrote it may do so after the patient has left or the consent has ended: an opinion that is
 * wrong must not stand because its author may not read the report any more. Withdrawal and audit row are one commit.
 */
const withdraw =
  (dependencies: FlowDependencies): OpinionFlows['withdrawOpinion'] =>
  async (actor, id, opinion, { reason }, origin) => {
    const institution = orderingInstitution(actor);
    const { database, clock, snapshots } = dependencies;
    const at = clock();
    const reader = { institution, author: actor.name };
    const [reading, ruling] = await Promise.all([readReportByPublicId(database, id), snapshots.current()]);
    if (!reading) return fail(flowFault('OPINION_UNKNOWN'));
    const found = (await readOpinions(database, reading.personId, reading.publicId)).find(
      (row) => row.public_id === opinion && isOwnOpinion(row, reader, ruling),
    );
    if (!found) return fail(flowFault('OPINION_UNKNOWN'));
    const act = { personId: reading.personId, opinionId: found.opinion_id };
    await database.transaction(async (session) => {
      const isNew = await withdrawOpinion(
        session,
        { ...act, actor: actor.name, doctorName: doctorNameOf(actor), reason },
        at,
      );
      if (isNew)
        await keepAudit(
          session,
          reading.personId,
          at,
          auditOf(dependencies, actor, origin, {
            institutionKey: found.institution_id,
            action: 'consultation-opinion.withdraw',
            resource: `report/${id}/opinion/${opinion}`,
            basis: 'own-opinion',
            outcome: 'recorded',
          }),
        );
    });
    const own = await opinionsOf(database, reading, reader, ruling, at);
    return ok({ opinions: own.filter(({ id: each }) => each === opinion) });
  };

/** What doctors say beside reports of other institutions, and take back. */
export const opinionFlows = (dependencies: FlowDependencies): OpinionFlows => ({
  addOpinion: addOpinion(dependencies),
  withdrawOpinion: withdraw(dependencies),
});
