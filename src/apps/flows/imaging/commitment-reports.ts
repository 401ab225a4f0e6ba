import { sendCommitmentReport } from '../../../adapters/dimse/commitment-report.ts';
import type { AeRegistry, CommitmentReport, IdentifierCodec } from '../../../adapters/dimse/ports.ts';
import type { OwnCertificate } from '../../../adapters/dimse/requestor.ts';
import {
  claimReport,
  type DueReport,
  dueReports,
  forgetReport,
  keepReport,
} from '../../../adapters/postgres/commitment-reports.ts';
import { instant } from '../../../kernel/instant.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';

/** What sending needs beside the reports. */
export interface ReportSender {
  readonly entities: Pick<AeRegistry, 'destination'>;
  readonly codec: IdentifierCodec;
  readonly ownCertificate?: OwnCertificate | undefined;
  readonly onError: (error: unknown) => void;
}

/** When a report that was not taken is sent again, after the attempt before; then it is given up: the device asks again. */
const AGAIN_AFTER_MS = [30_000, 300_000, 1_800_000] as const;

/** Keeps a report of storage commitment for a device that listens. */
export const keepCommitmentReport = async (
  { database, snapshots, clock }: ImagingDependencies,
  { requester, transactionUid, commitment }: CommitmentReport,
): Promise<void> => {
  const { registry } = await snapshots.current();
  const institution = registry.institutionKey(requester.institution);
  if (institution === undefined)
    throw imagingFault('IMAGING_INSTITUTION_UNKNOWN', { detail: requester.institution });
  const { callingAeTitle: aeTitle, calledAeTitle } = requester;
  const instances = [
    ...commitment.committed.map((one) => ({ ...one, failureReason: 0 })),
    ...commitment.failed.map(({ reason, ...one }) => ({ ...one, failureReason: reason })),
  ];
  await keepReport(database, institution, { aeTitle, calledAeTitle, transactionUid, instances }, clock());
};

const commitmentOf = ({ instances }: DueReport): CommitmentReport['commitment'] => ({
  committed: instances
    .filter(({ failureReason }) => failureReason === 0)
    .map(({ sopClassUid, sopInstanceUid }) => ({ sopClassUid, sopInstanceUid })),
  failed: instances
    .filter(({ failureReason }) => failureReason !== 0)
    .map(({ sopClassUid, sopInstanceUid, failureReason }) => ({
      sopClassUid,
      sopInstanceUid,
      reason: failureReason,
    })),
});

/** Whether this report is dealt with: taken, or there is nobody any more to take it. */
const send = async (report: DueReport, sender: ReportSender): Promise<boolean> => {
  const ae = await sender.entities.destination(report.institution, report.aeTitle);
  if (!ae?.listensAt) return true;
  return sendCommitmentReport(
    { ...ae, listensAt: ae.listensAt },
    {
      callingAeTitle: report.calledAeTitle,
      codec: sender.codec,
      ownCertificate: sender.ownCertificate,
    },
    { transactionUid: report.transactionUid, commitment: commitmentOf(report) },
  );
};

/** Sends the reports that are due. Tells how many attempts there were. */
export const sendDueReports = async (
  { database, clock }: Pick<ImagingDependencies, 'database' | 'clock'>,
  sender: ReportSender,
): Promise<number> => {
  const due = await dueReports(database, clock());
  const attempts = due.map(async (report) => {
    const { attempts } = report;
    const isLast = attempts >= AGAIN_AFTER_MS.length;
    const againAfterMs = AGAIN_AFTER_MS[Math.min(attempts, AGAIN_AFTER_MS.length - 1)] as number;
    if (!(await claimReport(database, report, instant(clock() + againAfterMs)))) return;
    const isDone = await send(report, sender).catch((error: unknown) => {
      sender.onError(error);
      return false;
    });
    if (isDone || isLast) await forgetReport(database, report);
  });
  await Promise.all(attempts);
  return due.length;
};
