import { readDisputedReports } from '../../../adapters/postgres/corrections.ts';
import type { ObjectKey } from '../../../adapters/objects/file-objects.ts';
import { readImageEvidence } from '../../../adapters/postgres/imaging-evidence.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { HISTORY_MAX, readHistory, readHistoryVersions } from '../../../adapters/postgres/result-history.ts';
import type { Fault } from '../../../kernel/fault.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { MemberGrade } from '../../../person/index.ts';
import { CONSENT_NOT_RECORDED } from '../../../recognition/index.ts';
import type { OwnReport, OwnResults } from '../../../web/wire/own-data.ts';
import type { ResultHistory } from '../../../web/wire/result-history.ts';
import type { CallOrigin } from '../../server/flows-port.ts';
import { type FlowDependencies, flowFault } from '../dependencies.ts';
import { presentHistory } from '../results/present-history.ts';
import { attachmentsOf } from '../results/report-details.ts';
import { findVisibleReport, presentReport, type VisibleReport } from '../results/read-report.ts';
import { lineReaderOf, ownAudit, type OwnReader } from './own-reader.ts';

const OWN_DISCLOSURE = { basis: 'own-data', text: { zh: '本人查看', en: 'One’s own data' } } as const;

const countLines = ({ sections, examinations }: ResultHistory): number =>
  examinations.length +
  sections.reduce(
    (total, { items }) => total + items.reduce((points, item) => points + item.points.length, 0),
    0,
  );

/**
 * All of a person's own results, without those of restricted classes until they are asked for. Read and audited in one
 * transaction.
 */
export const readOwnResults = async (
  dependencies: FlowDependencies,
  reader: OwnReader,
  asked: 'shown' | undefined,
  origin: CallOrigin,
): Promise<OwnResults> => {
  const { database, snapshots, clock } = dependencies;
  const ruling = await snapshots.current();
  const at = clock();
  const lineReader = lineReaderOf(reader, asked);
  const audit = ownAudit(dependencies, reader, origin, {
    action: lineReader.asksForRestricted ? 'own-results.read-restricted' : 'own-results.read',
    resource: `person/${reader.person}/results`,
    outcome: 'disclosed',
  });
  const [rows, versions, disputed, images] = await database.transaction(async (session) => {
    const read = await Promise.all([
      readHistory(session, reader.members),
      readHistoryVersions(session, reader.members),
      readDisputedReports(session, reader.members),
      readImageEvidence(session, reader.members),
      keepAudit(session, reader.personId, at, audit),
    ]);
    return [read[0], read[1], read[2], read[3]] as const;
  });
  const grades = new Map<string, MemberGrade>(reader.members.map((member) => [member, 'same-record']));
  const { history } = presentHistory({
    person: reader.person,
    rows,
    versions,
    disputed,
    images,
    grades,
    reader: lineReader,
    // One needs nobody's leave for one's own data.
    consent: CONSENT_NOT_RECORDED,
    ruling,
    at,
  });
  const isAnyHidden = countLines(history) < Math.min(rows.length, HISTORY_MAX);
  const restricted = lineReader.asksForRestricted
    ? 'shown'
    : isAnyHidden && reader.mayAskForRestricted
      ? 'hidden'
      : 'none';
  return { history: { ...history, disclosure: OWN_DISCLOSURE }, restricted };
};

/** A report of this reader's person; nothing about any other. */
export const findOwnReport = async (
  dependencies: FlowDependencies,
  reader: OwnReader,
  report: PublicId,
  asked: 'shown' | undefined,
): Promise<VisibleReport | undefined> => {
  const found = await findVisibleReport(
    dependencies,
    lineReaderOf(reader, asked),
    report,
    dependencies.clock(),
  );
  return found && reader.members.includes(found.reading.personId) ? found : undefined;
};

/** One report of one's own, as its institution issued it. @returns REPORT_UNKNOWN for every other */
export const readOwnReport = async (
  dependencies: FlowDependencies,
  reader: OwnReader,
  report: PublicId,
  asked: 'shown' | undefined,
  origin: CallOrigin,
): Promise<Result<OwnReport, Fault>> => {
  const found = await findOwnReport(dependencies, reader, report, asked);
  if (!found) return fail(flowFault('REPORT_UNKNOWN'));
  const at = dependencies.clock();
  await keepAudit(
    dependencies.database,
    found.reading.personId,
    at,
    ownAudit(dependencies, reader, origin, {
      action: 'own-report.read',
      resource: `report/${report}/v${found.reading.version}`,
      outcome: 'disclosed',
    }),
  );
  const presented = await presentReport(dependencies.database, found, OWN_DISCLOSURE.basis, at);
  return ok({ ...presented, disclosure: OWN_DISCLOSURE });
};

/** A document of one's own report. @returns REPORT_UNKNOWN where there is none, or it would show what was not asked for */
export const readOwnAttachment = async (
  dependencies: FlowDependencies,
  reader: OwnReader,
  wanted: { readonly report: PublicId; readonly n: number; readonly asked: 'shown' | undefined },
  origin: CallOrigin,
): Promise<Result<{ readonly mediaType: string; readonly bytes: Uint8Array }, Fault>> => {
  const { report, n, asked } = wanted;
  const found = await findOwnReport(dependencies, reader, report, asked);
  const attachment = found?.isWhole ? attachmentsOf(found.reading.content)[n - 1] : undefined;
  if (!found || !attachment) return fail(flowFault('REPORT_UNKNOWN'));
  await keepAudit(
    dependencies.database,
    found.reading.personId,
    dependencies.clock(),
    ownAudit(dependencies, reader, origin, {
      action: 'own-report-attachment.read',
      resource: `report/${report}/v${found.reading.version}/attachment/${n}`,
      outcome: 'disclosed',
    }),
  );
  const key: ObjectKey = dependencies.objects.keyOf(attachment.sha256);
  return ok({ mediaType: attachment.mediaType, bytes: await dependencies.objects.get(key) });
};
