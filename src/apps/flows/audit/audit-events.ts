import { auditEvent } from '../../../adapters/fhir/audit-event.ts';
import { type AccessLogRow, readAccessLog } from '../../../adapters/postgres/access-log.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { lookupPersonByPublicId } from '../../../adapters/postgres/person-lookup.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { AuditEvents } from '../../server/routes/audit-events.ts';
import { auditOf, type FlowDependencies, flowFault, orderingInstitution } from '../dependencies.ts';
import { ownAudit, ownReader } from '../own-data/own-reader.ts';

/** Rows looked at for one answer; an officer sees those of the own institution among them. */
const ROWS_MAX = 400;

/** The access log about one person as FHIR AuditEvents: for the patient all of it, for a privacy officer the own institution's. */
export const auditEvents =
  (dependencies: FlowDependencies): AuditEvents =>
  async (actor, person, origin) => {
    const { database, snapshots, clock } = dependencies;
    const { registry } = await snapshots.current();
    const bundleOf = (rows: readonly AccessLogRow[]) => ({
      resourceType: 'Bundle' as const,
      type: 'searchset' as const,
      entry: rows.map((row) => ({
        resource: auditEvent({
          ...row,
          occurredAt: row.at,
          institution:
            row.institutionKey === null ? null : (registry.institutionCode(row.institutionKey) ?? null),
          person,
        }),
        search: { mode: 'match' as const },
      })),
    });
    const act = { action: 'access-log.read', resource: `person/${person}/access-log`, outcome: 'disclosed' };
    if (actor.kind === 'patient') {
      const reader = await ownReader(dependencies, actor, person);
      const rows = await readAccessLog(database, reader.members, null, ROWS_MAX);
      await keepAudit(database, reader.personId, clock(), ownAudit(dependencies, reader, origin, act));
      return ok(bundleOf(rows));
    }
    const institutionKey = registry.institutionKey(orderingInstitution(actor)) ?? null;
    const found = await lookupPersonByPublicId(database, person);
    if (!found || institutionKey === null) return fail(flowFault('PERSON_NOT_FOUND'));
    const members: readonly string[] = found.members.map(({ personId }) => personId);
    const rows = await readAccessLog(database, members, null, ROWS_MAX);
    await keepAudit(
      database,
      found.personId,
      clock(),
      auditOf(dependencies, actor, origin, { ...act, institutionKey, basis: 'privacy-review' }),
    );
    return ok(bundleOf(rows.filter((row) => row.institutionKey === institutionKey)));
  };
