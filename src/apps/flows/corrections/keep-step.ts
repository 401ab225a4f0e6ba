import { keepCorrectionStep, tellOfStep } from '../../../adapters/postgres/correction-steps.ts';
import { type CorrectionRow, endDispute } from '../../../adapters/postgres/corrections.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import { type AuditRecord, keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { storeEvent } from '../../../adapters/postgres/reports.ts';
import { everLinked, markDecisions } from '../../../adapters/postgres/reports-marks.ts';
import { publicIdOf } from '../checks/review-check.ts';
import type { FlowDependencies } from '../dependencies.ts';
import { tellOfTicket } from '../own-data/tell-patient.ts';
import type { CorrectionState, Remedy, TicketParty, TicketStep } from '../../../correction/index.ts';
import { isOpen } from '../../../correction/index.ts';
import { canonicalJson } from '../../../kernel/canonical-json.ts';
import type { Instant } from '../../../kernel/instant.ts';

/** A ticket was answered: the decisions that weighed its report are decided once more. */
export const CORRECTION_ANSWERED_TOPIC = 'correction.answered';

/** One step that the rules allow, with where the ticket stands after it. */
export interface AllowedStep {
  /** The ticket as it stood before. */
  readonly row: CorrectionRow;
  readonly step: TicketStep;
  readonly state: CorrectionState;
  readonly party: TicketParty;
  readonly actor: string;
  readonly text: string;
  readonly reason: string | null;
  readonly remedy: Remedy | null;
  /** Version of the report now. */
  readonly reportVersion: number;
  readonly requestKey: string | null;
}

/** Whoever works at an institution's desk is told as one. */
export const deskAddressee = (institutionKey: string): string => `institution/${institutionKey}`;

/** Those who are to learn of a step: the reporter of what the source did, the source of what the reporter said. */
const addresseesOf = async (session: Session, { row, party }: AllowedStep): Promise<readonly string[]> => {
  if (party === 'reporter') return [deskAddressee(row.institution_id)];
  const patient = row.on_behalf === null ? null : await publicIdOf(session, row.person_id);
  const reporters = [row.actor, ...(patient === null ? [] : [`patient:${patient}`])];
  return party === 'platform' ? [...reporters, deskAddressee(row.institution_id)] : reporters;
};

/**
 * The report decides again. Where it was the patient's after all, whoever was told of the dispute is told of that; where it
 * was not, the amended message or the parting of the records has told them already.
 */
const settleDispute = async (
  session: Session,
  { row, state, reportVersion }: AllowedStep,
  at: Instant,
): Promise<void> => {
  const ended = await endDispute(session, row.person_id, row.public_id, at);
  if (!ended || state !== 'unfounded') return;
  const persons = await everLinked(session, row.person_id);
  await markDecisions(session, persons, row.report_public_id, reportVersion, 'upheld', at);
};

/**
 * Keeps a step in the caller's transaction, with everything that must be there when it is: the end of the dispute, the
 * notices, what the patient is told, the audit row, and the event by which affected decisions are looked at again. The caller holds the ticket.
 */
export const keepStep = async (
  { newPublicId }: Pick<FlowDependencies, 'newPublicId'>,
  session: Session,
  allowed: AllowedStep,
  audit: AuditRecord,
  at: Instant,
): Promise<void> => {
  const { row } = allowed;
  const record = {
    personId: row.person_id,
    correction: row.public_id,
    place: row.place + 1,
    step: allowed.step,
    state: allowed.state,
    party: allowed.party,
    actor: allowed.actor,
    note: allowed.text,
    reason: allowed.reason,
    remedy: allowed.remedy,
    reportVersion: allowed.reportVersion,
    requestKey: allowed.requestKey,
  };
  await keepCorrectionStep(session, record, at);
  if (isOpen(row.state) && !isOpen(allowed.state)) {
    await settleDispute(session, allowed, at);
    const payload = canonicalJson({ correction: row.public_id });
    await storeEvent(session, row.person_id, { topic: CORRECTION_ANSWERED_TOPIC, payload }, at);
  }
  for (const addressee of await addresseesOf(session, allowed))
    await tellOfStep(session, record, addressee, at);
  if (allowed.party !== 'reporter' && (row.party === 'patient' || row.on_behalf !== null))
    await tellOfTicket(session, row.person_id, newPublicId(), { ticket: row.ticket, step: allowed.step }, at);
  await keepAudit(session, row.person_id, at, audit);
};
