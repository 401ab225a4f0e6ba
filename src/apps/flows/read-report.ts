import { keepAudit } from '../../adapters/postgres/order-checks.ts';
import { memberOf, textOf } from '../../adapters/postgres/report-content-fields.ts';
import { readReportByPublicId } from '../../adapters/postgres/report-reading.ts';
import type { JsonValue } from '../../kernel/canonical-json.ts';
import { fail, ok } from '../../kernel/result.ts';
import type { ObservationContent, Standing } from '../../result/index.ts';
import type { ReportAnswer } from '../../web/wire/order-check-answer.ts';
import type { CheckFlows } from '../server/flows-port.ts';
import { auditOf, type FlowDependencies, flowFault, orderingInstitution } from './dependencies.ts';
import { flagAnswer, institutionAnswer, momentAnswer } from './present.ts';

const wordOf = (value: JsonValue | undefined): string | null => textOf(value) || null;

const observationAnswer = (
  observation: ObservationContent,
  index: number,
  reportStanding: Standing,
): ReportAnswer['observations'][number] => {
  const { stated, read } = observation;
  return {
    ordinal: observation.ordinal ?? index + 1,
    code: textOf(memberOf(stated['code'], 'code')),
    name: textOf(memberOf(stated['code'], 'text')),
    value: {
      text: textOf(memberOf(stated['value'], 'text')),
      unit: textOf(stated['unit']),
      referenceText: textOf(stated['reference']),
      flag: flagAnswer(textOf(read['flag']) || null),
    },
    method: wordOf(memberOf(stated['method'], 'text')),
    standing: observation.standing ?? reportStanding,
  };
};

/** Reading one report as its institution issued it. The audit row is kept before anything is shown. */
export const reportFlow =
  (dependencies: FlowDependencies): CheckFlows['report'] =>
  async (actor, id, origin) => {
    const institution = orderingInstitution(actor);
    const { database, snapshots, clock } = dependencies;
    const [reading, ruling] = await Promise.all([readReportByPublicId(database, id), snapshots.current()]);
    if (!reading) return fail(flowFault('REPORT_UNKNOWN'));
    const at = clock();
    const rules = ruling.snapshot.rulesAt(at);
    const { substance, particulars, observations } = reading.content;
    const basis = 'assumed-by-policy';
    await keepAudit(
      database,
      reading.personId,
      at,
      auditOf(dependencies, actor, origin, {
        institutionKey: ruling.registry.institutionKey(institution) ?? null,
        action: 'report.read',
        resource: `report/${id}/v${reading.version}`,
        purpose: 'treatment',
        basis,
        outcome: 'disclosed',
      }),
    );
    const source = ruling.registry.institutionCode(reading.institutionKey);
    const specimen = Array.isArray(substance['specimens']) ? substance['specimens'][0] : undefined;
    const answer: ReportAnswer = {
      id,
      kind: reading.kind,
      title: reading.title,
      standing: reading.standing,
      version: reading.version,
      reportNumber: reading.reportNumber,
      institution: institutionAnswer(rules, source ?? institution),
      specimen: wordOf(memberOf(memberOf(specimen, 'code'), 'text')),
      collectedAt: momentAnswer(reading.collectedAt),
      receivedAt: wordOf(memberOf(particulars['receivedAt'], 'at')),
      reportedAt: momentAnswer(reading.reportedAt),
      reporter: wordOf(particulars['reporter']),
      verifier: wordOf(particulars['verifier']),
      observations: observations.map((one, index) => observationAnswer(one, index, reading.standing)),
      findings: wordOf(substance['findings']),
      impression: wordOf(substance['impression']),
      disclosure: { basis, text: rules.sentenceOf(`disclosure.${basis}`) ?? { zh: basis, en: basis } },
    };
    return ok(answer);
  };
