import type { Registry, InstitutionKey } from '../../../adapters/postgres/registry.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import type { ReportRecord } from '../../../adapters/postgres/reports.ts';
import type { ResultRecord } from '../../../adapters/postgres/results.ts';
import type { Sender } from '../../../adapters/postgres/senders.ts';
import type { Instant, StatedTime } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  type IncomingReport,
  type NextReportState,
  type ReadingLookups,
  readReport,
  type ReportContent,
  reportContent,
  type ReportReading,
  resultRows,
} from '../../../result/index.ts';
import { type Refusal, refusalOf } from './ingest-outcome.ts';

/** A report of a message, read and ready for the status machine. */
export interface PreparedReport {
  readonly report: IncomingReport;
  readonly reading: ReportReading;
  readonly content: ReportContent;
}

/** Longest number or code that is indexed; longer ones are texts that got into the wrong field. */
const CODE_MAX_CHARACTERS = 200;

/**
 * Performer whose name no directory knows. It has no quality basis, so its results are shown but never count as those of
 * the hospital that passed them on.
 */
export const UNKNOWN_INSTITUTION = '0' as InstitutionKey;

const tooLong = (text: string): boolean => text.length > CODE_MAX_CHARACTERS;

/** The first number or code of a report that cannot be stored as one. */
const refusalOfReport = (report: IncomingReport): Refusal | undefined => {
  if (report.reportNumber === '') return refusalOf('REPORT_NUMBER_MISSING', report.place);
  const { reportNumber, orderNumber, replaces } = report;
  if (tooLong(reportNumber) || tooLong(orderNumber) || tooLong(replaces ?? ''))
    return refusalOf('FIELD_TOO_LONG', report.place, `more than ${CODE_MAX_CHARACTERS} characters`);
  const long = report.observations.find(({ code }) => tooLong(code.code || code.text));
  return long && refusalOf('FIELD_TOO_LONG', long.place, `more than ${CODE_MAX_CHARACTERS} characters`);
};

/** The reading rules of one sender at a moment: its institution's code map and the catalogue. */
export const lookupsOf = (institution: string, { snapshot }: RulingSnapshot, at: Instant): ReadingLookups => {
  const codeMap = snapshot.codeMapOf(institution, at);
  return { entryOf: (localCode) => codeMap.get(localCode), itemOf: (code) => snapshot.itemOf(code, at) };
};

/** Attachments of an examination's lines: its one result has no place of its own for them. */
const attachmentsOf = (report: IncomingReport) =>
  report.observations.flatMap(({ place, value }) =>
    value.attachment
      ? [
          {
            place,
            mediaType: value.attachment.mediaType,
            size: value.attachment.size,
            sha256: value.attachment.sha256,
          },
        ]
      : [],
  );

/** Reads the reports of a message; the refusal of the first that cannot be stored. */
export const prepareReports = (
  reports: readonly IncomingReport[],
  sender: Sender,
  lookups: ReadingLookups,
  sentAt: StatedTime | null,
): Result<readonly PreparedReport[], Refusal> => {
  const prepared: PreparedReport[] = [];
  for (const report of reports) {
    const refused = refusalOfReport(report);
    if (refused) return fail(refused);
    const reading = readReport(report, lookups);
    const content = reportContent(reading.report, reading.readings, {
      institution: sender.institution,
      sentAt,
    });
    const attachments = reading.report === report ? [] : attachmentsOf(report);
    prepared.push({
      report,
      reading,
      content: attachments.length > 0 ? { ...content, attachments } : content,
    });
  }
  return ok(prepared);
};

/** Who performed: the institution, and its campus where one is named that the directory has. */
export interface Performer {
  readonly institutionKey: InstitutionKey;
  readonly campus: string | null;
}

/** Who the names in a message are: of the performer of a line, and of the campus of its report. */
export type PerformerLookup = (stated: string | null, campus: string | null) => Performer;

/**
 * Finds performers among the published institutions: the sender's own by code, identifier or name, others by code. A
 * campus counts only by a code or name of the directory; any other word leaves it unknown, so that no mark that is limited
 * to a campus covers the result.
 */
export const performerLookup = (
  sender: Sender,
  { snapshot, registry }: { readonly snapshot: RulingSnapshot['snapshot']; readonly registry: Registry },
  at: Instant,
): PerformerLookup => {
  const own = snapshot.institutionOf(sender.institution, at);
  const ownNames = new Set<string>([sender.institution]);
  const campuses = new Map<string, string>();
  if (own) {
    for (const name of [own.nameZh, own.shortNameZh, own.nameEn]) ownNames.add(name);
    for (const { value } of own.identifiers) ownNames.add(value);
    for (const { nameZh, code } of own.campuses) campuses.set(nameZh, code).set(code, code);
  }
  return (stated, campus) => {
    const named = stated === null ? undefined : campuses.get(stated);
    if (named !== undefined) return { institutionKey: sender.institutionKey, campus: named };
    if (stated === null || ownNames.has(stated))
      return {
        institutionKey: sender.institutionKey,
        campus: campus === null ? null : (campuses.get(campus) ?? null),
      };
    const other = snapshot.institutionOf(stated, at);
    return {
      institutionKey: (other && registry.institutionKey(other.code)) ?? UNKNOWN_INSTITUTION,
      campus: null,
    };
  };
};

/** What storing a state of a report needs to know besides the state. */
export interface RecordContext {
  readonly sender: Sender;
  readonly registry: Registry;
  readonly performerOf: PerformerLookup;
}

/** The head and content of a report's state, as stored. */
export const reportRecord = (
  prepared: PreparedReport,
  next: NextReportState,
  publicId: PublicId,
): ReportRecord => {
  const { report } = prepared;
  return {
    publicId,
    reportNumber: report.reportNumber,
    orderNumber: report.orderNumber,
    kind: report.kind,
    title: report.service.text || report.service.code,
    standing: next.standing,
    statedAt: next.statedAt,
    collectedAt:
      (report.collectedAt ?? report.specimens.find(({ collectedAt }) => collectedAt)?.collectedAt)?.at ??
      null,
    reportedAt: report.reportedAt?.at ?? null,
    content: JSON.stringify(next.content),
  };
};

/** The rows of the hot table for a report's state, and the lines it leaves out. */
export const resultRecords = (
  { reading }: PreparedReport,
  next: NextReportState,
  publicId: PublicId,
  { sender, registry, performerOf }: RecordContext,
): {
  readonly results: readonly ResultRecord[];
  readonly carried: ReturnType<typeof resultRows>['carried'];
} => {
  const { rows, carried } = resultRows(next, reading.report, reading.readings);
  return {
    carried,
    results: rows.map(({ item, performer, ...row }) => {
      const { institutionKey, campus } = performerOf(performer, reading.report.campus);
      return {
        ...row,
        reportPublicId: publicId,
        reportVersion: next.version,
        itemKey: (item === null ? undefined : registry.itemKey(item)) ?? null,
        institutionKey: sender.institutionKey,
        performerKey: institutionKey,
        campus,
      };
    }),
  };
};
