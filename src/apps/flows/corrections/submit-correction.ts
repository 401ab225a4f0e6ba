import { keepCorrectionStep, tellOfStep } from '../../../adapters/postgres/correction-steps.ts';
import {
  disputeReport,
  keepCorrection,
  lockReport,
  type ReporterKind,
} from '../../../adapters/postgres/corrections.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import type { ReportReading } from '../../../adapters/postgres/report-reading.ts';
import { storeEvent } from '../../../adapters/postgres/reports.ts';
import { everLinked, markDecisions } from '../../../adapters/postgres/reports-marks.ts';
import {
  type CorrectionKind,
  deadlinesOf,
  disputesIdentity,
  FIRST_STATE,
  ticketNumber,
  validateCorrection,
} from '../../../correction/index.ts';
import { canonicalJson } from '../../../kernel/canonical-json.ts';
import { type Fault, raiser } from '../../../kernel/fault.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { CorrectionAnswer, CorrectionRequest } from '../../../web/wire/correction.ts';
import type { Actor, CallOrigin } from '../../server/flows-port.ts';
import type { CorrectionFlows } from '../../server/routes/corrections.ts';
import {
  auditOf,
  emergencyDoctor,
  type FlowDependencies,
  flowFault,
  orderingInstitution,
} from '../dependencies.ts';
import { storePhoto } from '../patient-supplied/photo.ts';
import { mayReach } from '../reach.ts';
import { findVisibleReport, type VisibleReport } from '../results/read-report.ts';
import { CORRECTION_FLOW_FAULTS } from './correction-faults.ts';
import { deskAddressee } from './keep-step.ts';
import {
  institutionOf,
  NO_OWN_DATA,
  type OwnData,
  staffNumberOf,
  type TicketActor,
} from './present-correction.ts';
import { presentOne, readVisibleCorrection } from './read-corrections.ts';

/** A ticket was sent: checks that were on their way past a dispute are looked for afterwards. */
export const CORRECTION_TOPIC = 'correction.submitted';

const raise = raiser(CORRECTION_FLOW_FAULTS);

const KIND_OF_REPORTER: Readonly<Record<TicketActor['kind'], ReporterKind>> = {
  staff: 'staff',
  launched: 'staff',
  client: 'client',
  patient: 'patient',
};

/** What somebody reports about a report that they may see. */
export interface Submission {
  readonly actor: TicketActor;
  readonly origin: CallOrigin;
  readonly reading: Pick<ReportReading, 'personId' | 'publicId' | 'version' | 'institutionKey'>;
  readonly ruling: RulingSnapshot;
  readonly request: Omit<CorrectionRequest, 'report'>;
  /** For whom a registrar sends it; null where nobody speaks for another. */
  readonly onBehalf: string | null;
  readonly idempotencyKey: string | null;
  readonly own: OwnData;
  /** On what the reporter has seen the report, as audit rows carry it. */
  readonly basis: string;
}

/** The report is out of every decision from this commit on, and whoever weighed it is told. */
const takeOutOfDecisions = async (
  session: Session,
  { personId, publicId }: Submission['reading'],
  version: number,
  ticket: PublicId,
  at: Instant,
): Promise<void> => {
  await disputeReport(session, personId, publicId, ticket, at);
  const persons = await everLinked(session, personId);
  await markDecisions(session, persons, publicId, version, 'disputed', at);
};

const keepFirstStep = (
  session: Session,
  { actor, reading }: Submission,
  correction: PublicId,
  reportVersion: number,
  at: Instant,
): Promise<void> =>
  keepCorrectionStep(
    session,
    {
      personId: reading.personId,
      correction,
      place: 1,
      step: 'submit',
      state: FIRST_STATE,
      party: 'reporter',
      actor: actor.name,
      note: '',
      reason: null,
      remedy: null,
      reportVersion,
      requestKey: null,
    },
    at,
  );

/** Everything but the answer: one commit. */
const keepTicket = (
  dependencies: FlowDependencies,
  submission: Submission,
  stated: { readonly kind: CorrectionKind; readonly text: string },
  photo: Parameters<typeof keepCorrection>[1]['photo'],
  at: Instant,
) => {
  const { actor, origin, reading, ruling, request, onBehalf, idempotencyKey } = submission;
  const { personId, publicId: report } = reading;
  const institution = institutionOf(actor);
  const reportingKey = institution === null ? null : (ruling.registry.institutionKey(institution) ?? null);
  const { content: rules } = ruling.snapshot.rulesAt(at).correctionRules;
  const id = dependencies.newPublicId();
  return dependencies.database.transaction(async (session) => {
    const version = (await lockReport(session, personId, report)) ?? reading.version;
    const kept = await keepCorrection(
      session,
      {
        personId,
        publicId: id,
        ticket: ticketNumber(at, id),
        requestKey: idempotencyKey === null ? id : `${actor.name} ${idempotencyKey}`,
        report,
        reportVersion: version,
        ordinal: request.ordinal ?? null,
        institutionKey: reading.institutionKey,
        reportingInstitutionKey: reportingKey,
        ...stated,
        photo,
        actor: actor.name,
        doctor: staffNumberOf(actor),
        party: KIND_OF_REPORTER[actor.kind],
        onBehalf,
        deadlines: deadlinesOf(rules, stated.kind, at),
      },
      at,
    );
    if (kept.repeated) return kept;
    await keepFirstStep(session, submission, id, version, at);
    const step = { personId, correction: id, place: 1 };
    await tellOfStep(session, step, deskAddressee(reading.institutionKey), at);
    if (disputesIdentity(stated)) await takeOutOfDecisions(session, reading, version, id, at);
    const payload = canonicalJson({ correction: id, kind: stated.kind, report, version });
    await storeEvent(session, personId, { topic: CORRECTION_TOPIC, payload }, at);
    await keepAudit(
      session,
      personId,
      at,
      auditOf(dependencies, actor, origin, {
        institutionKey: reportingKey,
        action: 'correction.submit',
        resource: `correction/${id}`,
        basis: submission.basis,
        outcome: 'recorded',
      }),
    );
    return kept;
  });
};

/**
 * Keeps the ticket, its first step, its audit row and the event in one commit; of a report that is said to be another
 * person's also the dispute, and the marks on every decision that weighed it.
 */
export const keepSubmission = async (
  dependencies: FlowDependencies,
  submission: Submission,
): Promise<Result<CorrectionAnswer, Fault>> => {
  const { actor, request, own } = submission;
  const at = dependencies.clock();
  const stated = validateCorrection({ kind: request.kind, text: request.text });
  if (!stated.ok) return stated;
  const photo = request.photo ? await storePhoto(dependencies.objects, request.photo) : ok(null);
  if (!photo.ok) return photo;
  const kept = await keepTicket(dependencies, submission, stated.value, photo.value, at);
  const visible = await readVisibleCorrection(dependencies, actor, kept.id, own);
  return ok(await presentOne(dependencies, actor, visible));
};

/** True when the report shows the value to this institution. Of a value that is hidden not even its place is told. */
const showsValue = ({ reading, visible }: VisibleReport, ordinal: number): boolean =>
  reading.content.observations.some((one, index) => (one.ordinal ?? index + 1) === ordinal && visible[index]);

/** Those who look after an institution report errors in its own reports only: others' they have no business to open. */
const mayReportOn = (actor: Actor, { source, care }: VisibleReport): boolean =>
  mayReach(actor, 'correction:submit', { kind: 'record', institution: source, check: null }) ||
  mayReach(actor, 'correction:submit', { kind: 'care', basis: care });

/** Reporting an error from a value or a report that one sees. */
export const submitCorrection =
  (dependencies: FlowDependencies): CorrectionFlows['submit'] =>
  async (actor, request, idempotencyKey, origin) => {
    const institution = orderingInstitution(actor);
    const at = dependencies.clock();
    const found = await findVisibleReport(
      dependencies,
      { institution, doctor: emergencyDoctor(actor) },
      request.report as PublicId,
      at,
    );
    if (!found || !mayReportOn(actor, found)) return fail(flowFault('REPORT_UNKNOWN'));
    if (request.ordinal !== undefined && !showsValue(found, request.ordinal))
      return fail(raise('CORRECTION_VALUE_UNKNOWN', { place: 'ordinal' }));
    const { reading, ruling } = found;
    return keepSubmission(dependencies, {
      actor,
      origin,
      reading,
      ruling,
      request,
      onBehalf: null,
      idempotencyKey,
      own: NO_OWN_DATA,
      basis: found.basisText,
    });
  };
