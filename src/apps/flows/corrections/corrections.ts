import { holderOfReportNumber } from '../../../adapters/postgres/corrections.ts';
import { countUnseenCorrections } from '../../../adapters/postgres/correction-steps.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { CorrectionFlows } from '../../server/routes/corrections.ts';
import { institutionAnswer } from '../present.ts';
import { mayReach } from '../reach.ts';
import { deskAddressee } from './keep-step.ts';
import { type FlowDependencies, flowFault, orderingInstitution } from '../dependencies.ts';
import { correctionCases } from './desk-case.ts';
import { ownCorrectionFlows } from './own-corrections.ts';
import { NO_OWN_DATA } from './present-correction.ts';
import { correctionReading } from './read-corrections.ts';
import { reportOnBehalf } from './report-on-behalf.ts';
import { submitCorrection } from './submit-correction.ts';
import { takeStep } from './take-step.ts';

/** Errors in shared data (A10): reporting them, following a ticket, and answering it at the source's desk. */
export const correctionFlows = (dependencies: FlowDependencies): CorrectionFlows => ({
  patients: ownCorrectionFlows(dependencies),
  submit: submitCorrection(dependencies),
  submitOnBehalf: reportOnBehalf(dependencies),
  ...correctionReading(dependencies),
  ...correctionCases(dependencies),
  async countNews(actor) {
    const { registry } = await dependencies.snapshots.current();
    const key = actor.institution === null ? undefined : registry.institutionKey(actor.institution);
    const subject = { kind: 'record', institution: actor.institution, check: null } as const;
    const isDesk = key !== undefined && mayReach(actor, 'correction-desk:work', subject);
    return countUnseenCorrections(dependencies.database, [
      actor.name,
      ...(isDesk ? [deskAddressee(key)] : []),
    ]);
  },
  async findOwnReport(actor, reportNumber) {
    const institution = orderingInstitution(actor);
    const { registry } = await dependencies.snapshots.current();
    const key = registry.institutionKey(institution);
    const found = key && (await holderOfReportNumber(dependencies.database, key, reportNumber));
    return found ? ok(found.report) : fail(flowFault('REPORT_UNKNOWN'));
  },
  async issuers() {
    const at = dependencies.clock();
    const { snapshot } = await dependencies.snapshots.current();
    const rules = snapshot.rulesAt(at);
    return snapshot.codedInstitutions(at).map((code) => ({
      code,
      nameZh: institutionAnswer(rules, code).nameZh,
    }));
  },
  takeStep: (actor, party, correction, request, idempotencyKey, origin) =>
    takeStep(dependencies, { actor, party, correction, request, idempotencyKey, origin, own: NO_OWN_DATA }),
});
