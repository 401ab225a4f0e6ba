import { readDisputedReports } from '../../../adapters/postgres/corrections.ts';
import { readImageEvidence } from '../../../adapters/postgres/imaging-evidence.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { lookupPersonByPublicId } from '../../../adapters/postgres/person-lookup.ts';
import { readHistory, readHistoryVersions } from '../../../adapters/postgres/result-history.ts';
import { consentStateOf, readConsentRecords } from '../../../adapters/postgres/consents.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { HistoryFlows } from '../../server/routes/result-history.ts';
import { mayOpenPerson } from '../care.ts';
import {
  auditOf,
  emergencyDoctor,
  type FlowDependencies,
  flowFault,
  orderingInstitution,
} from '../dependencies.ts';
import { presentHistory } from './present-history.ts';

/**
 * All results of a person's whole cluster for a doctor. Read and audited in one transaction: no history is shown without
 * its row in the log.
 */
export const historyFlows = (dependencies: FlowDependencies): HistoryFlows => ({
  async resultHistory(actor, person, origin) {
    const institution = orderingInstitution(actor);
    const { database, snapshots, clock } = dependencies;
    const [found, ruling] = await Promise.all([
      lookupPersonByPublicId(database, person),
      snapshots.current(),
    ]);
    const at = clock();
    const grades = new Map(found?.members.map(({ personId, grade }) => [personId, grade]));
    const persons = [...grades.keys()];
    const mayOpen = await mayOpenPerson(database, actor, 'result-history:read', persons, ruling, at);
    if (!found || !mayOpen) return fail(flowFault('PERSON_NOT_FOUND'));
    return database.transaction(async (session) => {
      const [rows, versions, disputed, images, records] = await Promise.all([
        readHistory(session, persons),
        readHistoryVersions(session, persons),
        readDisputedReports(session, persons),
        readImageEvidence(session, persons),
        readConsentRecords(session, persons),
      ]);
      const consent = consentStateOf(records, ruling.registry, at, emergencyDoctor(actor));
      const reader = { institution };
      const reading = { person, rows, versions, disputed, images, grades, reader, consent, ruling, at };
      const { history, basis } = presentHistory(reading);
      const audit = auditOf(dependencies, actor, origin, {
        institutionKey: ruling.registry.institutionKey(institution) ?? null,
        action: 'results.read',
        resource: `person/${person}/results`,
        basis,
        outcome: 'disclosed',
      });
      await keepAudit(session, found.personId, at, audit);
      return ok(history);
    });
  },
});
