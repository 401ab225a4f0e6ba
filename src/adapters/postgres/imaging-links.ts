import type { PublicId } from '../../kernel/uuid.ts';
import type { Standing } from '../../result/index.ts';
import { type Session, statement } from './database.ts';

/** A report as far as its images are looked for. */
export interface ImagedReport {
  readonly personId: string;
  readonly institutionKey: string;
  readonly reportNumber: string;
  readonly orderNumber: string;
  readonly studyUid: string | null;
  readonly standing: Standing;
}

interface ReportRow {
  readonly person_id: string;
  readonly institution_id: string;
  readonly report_number: string;
  readonly order_number: string;
  readonly standing: Standing;
  readonly content: string;
}

const REPORT = statement(
  'imaging-links.report',
  `select r.person_id, r.institution_id, r.report_number, r.order_number, r.standing, v.content
   from reports r join report_versions v
     on v.person_id = r.person_id and v.report_id = r.report_id and v.version = r.version
   where r.person_id = $1 and r.public_id = $2 and r.kind <> 'laboratory'`,
);
const BY_ACCESSION = statement(
  'imaging-links.by-accession',
  `select person_id, study_id from study_accessions where accession = any($1::text[]) and institution_id = $2`,
);
const BY_UID = statement(
  'imaging-links.by-uid',
  'select person_id, study_id from study_keys where study_uid = $1 and institution_id = $2',
);
const BY_NUMBER = statement(
  'imaging-links.report-by-number',
  `select public_id from reports
   where person_id = any($1::bigint[]) and institution_id = $2 and kind <> 'laboratory'
     and (report_number = $3 or order_number = $3)
   order by (report_number = $3) desc, report_id desc limit 1`,
);
/** The UID is looked for as it stands in the text; whether it stands in the right place is read afterwards. */
const THAT_MENTION = statement(
  'imaging-links.reports-that-mention',
  `select r.public_id, v.content
   from reports r join report_versions v
     on v.person_id = r.person_id and v.report_id = r.report_id and v.version = r.version
   where r.person_id = any($1::bigint[]) and r.institution_id = $2 and r.kind <> 'laboratory'
     and strpos(v.content, $3) > 0
   order by r.report_id desc`,
);
const LINK = statement(
  'imaging-links.link',
  `update studies set report_public_id = $3 where person_id = $1 and study_id = $2 and report_public_id is null
   returning study_id`,
);

const textIn = (content: unknown, name: string): string | null => {
  if (typeof content !== 'object' || content === null) return null;
  const value = (content as Record<string, unknown>)[name];
  return typeof value === 'string' && value !== '' ? value : null;
};

/** The Study Instance UID that a version of a report states. */
const studyUidIn = (content: string): string | null => {
  const { substance, particulars } = JSON.parse(content) as {
    readonly substance?: unknown;
    readonly particulars?: unknown;
  };
  return textIn(substance, 'studyUid') ?? textIn(particulars, 'studyUid');
};

/** An examination's report; undefined for a laboratory's, or one that is not there. */
export const imagedReport = async (
  session: Session,
  personId: string,
  report: PublicId,
): Promise<ImagedReport | undefined> => {
  const [row] = await session.run<ReportRow>(REPORT, [personId, report]);
  if (!row) return undefined;
  return {
    personId: row.person_id,
    institutionKey: row.institution_id,
    reportNumber: row.report_number,
    orderNumber: row.order_number,
    studyUid: studyUidIn(row.content),
    standing: row.standing,
  };
};

const NOTE_STATED = statement(
  'imaging-links.note-stated',
  `insert into reported_studies (study_uid, institution_id, person_id, report_public_id) values ($1, $2, $3, $4)
   on conflict (study_uid, institution_id, person_id, report_public_id) do nothing`,
);
const THAT_STATED = statement(
  'imaging-links.reports-that-stated',
  'select person_id, report_public_id from reported_studies where study_uid = $1 and institution_id = $2',
);

/** Remembers that a report states a study, so that it is found by it whosever it is. */
export const noteStated = async (
  session: Session,
  { studyUid, institutionKey, personId }: ImagedReport & { readonly studyUid: string },
  report: PublicId,
): Promise<void> => {
  await session.run(NOTE_STATED, [studyUid, institutionKey, personId, report]);
};

/** Reports of an institution that state a study by its UID as they stand now, of whichever person. */
export const reportsThatState = async (
  session: Session,
  institutionKey: string,
  studyUid: string,
): Promise<readonly ImagedReport[]> => {
  const noted = await session.run<{ person_id: string; report_public_id: PublicId }>(THAT_STATED, [
    studyUid,
    institutionKey,
  ]);
  const read = [];
  for (const { person_id: personId, report_public_id: report } of noted)
    read.push(await imagedReport(session, personId, report));
  return read.filter((report) => report?.studyUid === studyUid) as readonly ImagedReport[];
};

/**
 * The examination's report of one of these persons that a study is of: the one whose own number or order number is its accession
 * number, else the one that states its UID; null where there is none.
 */
export const reportOfStudy = async (
  session: Session,
  persons: readonly string[],
  institutionKey: string,
  { studyUid, accession }: { readonly studyUid: string; readonly accession: string | null },
): Promise<PublicId | null> => {
  const numbered =
    accession === null
      ? []
      : await session.run<{ public_id: PublicId }>(BY_NUMBER, [persons, institutionKey, accession]);
  if (numbered[0]) return numbered[0].public_id;
  const mentioning = await session.run<{ public_id: PublicId; content: string }>(THAT_MENTION, [
    persons,
    institutionKey,
    studyUid,
  ]);
  return mentioning.find(({ content }) => studyUidIn(content) === studyUid)?.public_id ?? null;
};

/** A study by its place. */
export interface LinkedStudy {
  readonly personId: string;
  readonly studyId: string;
}

/** Studies of an institution that carry one of these numbers as their accession number. */
export const studiesByAccession = async (
  session: Session,
  institutionKey: string,
  numbers: readonly string[],
): Promise<readonly LinkedStudy[]> =>
  (await session.run<{ person_id: string; study_id: string }>(BY_ACCESSION, [numbers, institutionKey])).map(
    (row) => ({ personId: row.person_id, studyId: row.study_id }),
  );

/** Studies of the report's institution that carry its number, its order's number, or its study UID. */
export const studiesNamed = async (
  session: Session,
  report: ImagedReport,
): Promise<readonly LinkedStudy[]> => {
  const numbers = [report.reportNumber, report.orderNumber].filter((number) => number !== '');
  const rows = [
    ...(await session.run<{ person_id: string; study_id: string }>(BY_ACCESSION, [
      numbers,
      report.institutionKey,
    ])),
    ...(report.studyUid === null
      ? []
      : await session.run<{ person_id: string; study_id: string }>(BY_UID, [
          report.studyUid,
          report.institutionKey,
        ])),
  ];
  const byId = new Map(rows.map((row) => [row.study_id, { personId: row.person_id, studyId: row.study_id }]));
  return [...byId.values()];
};

/** Says that images belong to a report, where nothing says so yet. */
export const linkStudy = async (session: Session, study: LinkedStudy, report: PublicId): Promise<void> => {
  await session.run(LINK, [study.personId, study.studyId, report]);
};

const UNLINK = statement(
  'imaging-links.unlink',
  'update studies set report_public_id = null where person_id = $1 and public_id = $2 returning study_id',
);

/** Takes the report away from a study again. */
export const unlinkStudy = async (
  session: Session,
  study: { readonly personId: string; readonly studyPublicId: PublicId },
): Promise<void> => {
  await session.run(UNLINK, [study.personId, study.studyPublicId]);
};
