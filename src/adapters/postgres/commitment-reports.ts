import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import { type Session, statement } from './database.ts';
import type { InstitutionKey } from './registry.ts';

/** An instance of a commitment request, and what is said of it. */
export interface ReportedInstance {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  /** Why it is not kept (PS3.3 C.14-1); 0 where it is. */
  readonly failureReason: number;
}

/** A report of storage commitment for a device. */
export interface WaitingReport {
  readonly aeTitle: string;
  /** The title of ours that the device asked. */
  readonly calledAeTitle: string;
  readonly transactionUid: string;
  readonly instances: readonly ReportedInstance[];
}

/** As `WaitingReport`, due to be sent. */
export interface DueReport extends WaitingReport {
  readonly reportId: string;
  readonly institution: InstitutionCode;
  /** Attempts made before this one. */
  readonly attempts: number;
}

const KEEP = statement(
  'commitment-reports.keep',
  `insert into commitment_reports (institution_id, ae_title, called_ae_title, transaction_uid, sop_class_uids, sop_uids,
     failure_reasons, attempts, next_attempt_at, created_at)
   values ($1, $2, $3, $4, $5, $6, $7, 0, $8, $8)`,
);
const DUE = statement(
  'commitment-reports.due',
  `select r.report_id, i.code, r.ae_title, r.called_ae_title, r.transaction_uid, r.sop_class_uids, r.sop_uids,
     r.failure_reasons, r.attempts
   from commitment_reports r join institutions i using (institution_id)
   where r.next_attempt_at <= $1 order by r.next_attempt_at limit 20`,
);
const CLAIM = statement(
  'commitment-reports.claim',
  `update commitment_reports set attempts = attempts + 1, next_attempt_at = $3
   where report_id = $1 and attempts = $2 returning report_id`,
);
const FORGET = statement('commitment-reports.forget', 'delete from commitment_reports where report_id = $1');

/** Keeps a report until it is forgotten; due at once. */
export const keepReport = async (
  session: Session,
  institution: InstitutionKey,
  { aeTitle, calledAeTitle, transactionUid, instances }: WaitingReport,
  at: Instant,
): Promise<void> => {
  await session.run(KEEP, [
    institution,
    aeTitle,
    calledAeTitle,
    transactionUid,
    instances.map(({ sopClassUid }) => sopClassUid),
    instances.map(({ sopInstanceUid }) => sopInstanceUid),
    instances.map(({ failureReason }) => failureReason),
    isoInstant(at),
  ]);
};

/** Reports that are due. */
export const dueReports = async (session: Session, at: Instant): Promise<readonly DueReport[]> => {
  const rows = await session.run<{
    report_id: string;
    code: string;
    ae_title: string;
    called_ae_title: string;
    transaction_uid: string;
    sop_class_uids: string[];
    sop_uids: string[];
    failure_reasons: number[];
    attempts: number;
  }>(DUE, [isoInstant(at)]);
  return rows.map((row) => ({
    reportId: row.report_id,
    institution: row.code as InstitutionCode,
    aeTitle: row.ae_title,
    calledAeTitle: row.called_ae_title,
    transactionUid: row.transaction_uid,
    instances: row.sop_uids.map((sopInstanceUid, index) => ({
      sopInstanceUid,
      sopClassUid: row.sop_class_uids[index] as string,
      failureReason: row.failure_reasons[index] as number,
    })),
    attempts: row.attempts,
  }));
};

/**
 * Takes an attempt, before it is made: of several processes one has it, and one that ends in it leaves it to the next.
 *
 * @returns whether it is ours
 */
export const claimReport = async (
  session: Session,
  { reportId, attempts }: Pick<DueReport, 'reportId' | 'attempts'>,
  nextAttemptAt: Instant,
): Promise<boolean> =>
  (await session.run(CLAIM, [reportId, attempts, isoInstant(nextAttemptAt)])).length === 1;

/** The device has taken it, or it is given up. */
export const forgetReport = async (
  session: Session,
  { reportId }: Pick<DueReport, 'reportId'>,
): Promise<void> => {
  await session.run(FORGET, [reportId]);
};
