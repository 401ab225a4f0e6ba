import type { CorrectionKind, CorrectionState, TicketDeadlines } from '../../correction/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { Standing } from '../../result/index.ts';
import { type Session, statement } from './database.ts';

/** A photo or scan in the object store. */
export interface StoredPhoto {
  readonly object: string;
  readonly mediaType: string;
  /** Bytes before sealing. */
  readonly size: number;
}

/** A reported error ready to be kept. */
export interface CorrectionRecord {
  readonly personId: string;
  readonly publicId: PublicId;
  readonly ticket: string;
  readonly requestKey: string;
  readonly report: PublicId;
  readonly reportVersion: number;
  readonly ordinal: number | null;
  readonly institutionKey: string;
  readonly reportingInstitutionKey: string | null;
  readonly kind: CorrectionKind;
  readonly text: string;
  readonly photo: StoredPhoto | null;
  readonly actor: string;
  readonly doctor: string | null;
  readonly party: ReporterKind;
  /** How a registrar's patient, or whoever speaks for him, stands to the patient; null where nobody else speaks. */
  readonly onBehalf: string | null;
  readonly deadlines: TicketDeadlines | null;
}

/** Who reports an error: staff, a hospital's system, a patient. */
export type ReporterKind = 'staff' | 'client' | 'patient';

/** A reported error as kept, with where it stands. */
export interface CorrectionRow {
  readonly person_id: string;
  readonly public_id: PublicId;
  readonly ticket: string;
  readonly report_public_id: PublicId;
  readonly report_number: string;
  readonly title: string;
  readonly report_version: number;
  readonly ordinal: number | null;
  readonly institution_id: string;
  readonly reporting_institution_id: string | null;
  readonly kind: CorrectionKind;
  readonly text: string;
  readonly photo_object: string | null;
  readonly photo_media_type: string | null;
  readonly actor: string;
  readonly doctor: string | null;
  readonly party: ReporterKind;
  readonly on_behalf: string | null;
  readonly submitted_at: number;
  readonly accept_by: number | null;
  readonly answer_by: number | null;
  /** null: counted before calendars named any holidays. */
  readonly years_without_holidays: readonly number[] | null;
  readonly disputed: boolean;
  readonly state: CorrectionState;
  /** How many steps the ticket has taken. */
  readonly place: number;
  /** Of the report now. */
  readonly current_version: number;
  readonly standing: Standing;
}

const LOCK_REPORT = statement(
  'corrections.lock-report',
  'select version from reports where person_id = $1 and public_id = $2 for no key update',
);
const INSERT = statement(
  'corrections.insert',
  `insert into corrections (person_id, public_id, ticket, request_key, report_public_id, report_version, ordinal,
     institution_id, reporting_institution_id, kind, text, photo_object, photo_media_type, photo_size, actor, doctor, submitted_at,
     party, on_behalf, accept_by, answer_by, years_without_holidays)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22)
   on conflict (person_id, request_key) do nothing returning public_id`,
);
const UNDER_KEY = statement(
  'corrections.under-key',
  'select public_id from corrections where person_id = $1 and request_key = $2',
);
const DISPUTE = statement(
  'corrections.dispute',
  `insert into disputed_reports (person_id, report_public_id, correction_public_id, disputed_at) values ($1, $2, $3, $4)`,
);

/**
 * Holds a report so that no answer to an order check can come to rest on it at the same moment.
 *
 * @returns its version now; undefined when the person has no such report
 */
export const lockReport = async (
  session: Session,
  personId: string,
  report: PublicId,
): Promise<number | undefined> =>
  (await session.run<{ version: number }>(LOCK_REPORT, [personId, report]))[0]?.version;

/**
 * Keeps a reported error.
 *
 * @returns its id; of a request sent before, the id it got then, and nothing is kept again
 */
export const keepCorrection = async (
  session: Session,
  record: CorrectionRecord,
  at: Instant,
): Promise<{ readonly id: PublicId; readonly repeated: boolean }> => {
  const rows = await session.run(INSERT, [
    record.personId,
    record.publicId,
    record.ticket,
    record.requestKey,
    record.report,
    record.reportVersion,
    record.ordinal,
    record.institutionKey,
    record.reportingInstitutionKey,
    record.kind,
    record.text,
    record.photo?.object ?? null,
    record.photo?.mediaType ?? null,
    record.photo?.size ?? null,
    record.actor,
    record.doctor,
    isoInstant(at),
    record.party,
    record.onBehalf,
    record.deadlines && isoInstant(record.deadlines.acceptBy),
    record.deadlines && isoInstant(record.deadlines.answerBy),
    record.deadlines && record.deadlines.yearsWithoutHolidays,
  ]);
  if (rows.length > 0) return { id: record.publicId, repeated: false };
  const [known] = await session.run<{ public_id: PublicId }>(UNDER_KEY, [record.personId, record.requestKey]);
  return { id: known?.public_id ?? record.publicId, repeated: true };
};

/** Takes a report out of every decision from now on. */
export const disputeReport = async (
  session: Session,
  personId: string,
  report: PublicId,
  correction: PublicId,
  at: Instant,
): Promise<void> => {
  await session.run(DISPUTE, [personId, report, correction, isoInstant(at)]);
};

const END_DISPUTE = statement(
  'corrections.end-dispute',
  `update disputed_reports set ended_at = $3 where person_id = $1 and correction_public_id = $2 and ended_at is null
   returning report_public_id`,
);

/** Ends the dispute of a ticket. The report decides again once no other ticket disputes it; true when one ended. */
export const endDispute = async (
  session: Session,
  personId: string,
  correction: PublicId,
  at: Instant,
): Promise<boolean> => (await session.run(END_DISPUTE, [personId, correction, isoInstant(at)])).length > 0;

const DISPUTED = statement(
  'corrections.disputed-reports',
  'select distinct report_public_id from disputed_reports where person_id = any($1::bigint[]) and ended_at is null',
);

/** The reports of these persons that decide nothing because somebody says they are another person's. */
export const readDisputedReports = async (
  session: Session,
  persons: readonly string[],
): Promise<ReadonlySet<PublicId>> =>
  new Set(
    (await session.run<{ report_public_id: PublicId }>(DISPUTED, [persons])).map(
      ({ report_public_id }) => report_public_id,
    ),
  );

// The step with no later one says where the ticket stands. (Its person is its shard: nothing here looks over the border.)
const TICKET = `select c.person_id, c.public_id, c.ticket, c.report_public_id, r.report_number, r.title, c.report_version, c.ordinal,
  c.institution_id, c.reporting_institution_id, c.kind, c.text, c.photo_object, c.photo_media_type, c.actor, c.doctor, c.party,
  c.on_behalf, c.submitted_at, c.accept_by, c.answer_by, c.years_without_holidays, r.version as current_version, r.standing, e.state, e.place,
  exists (select 1 from disputed_reports d where d.person_id = c.person_id and d.correction_public_id = c.public_id
    and d.ended_at is null) as disputed
from corrections c join reports r on r.person_id = c.person_id and r.public_id = c.report_public_id
join correction_events e on e.person_id = c.person_id and e.correction_public_id = c.public_id`;
const LAST = `not exists (select 1 from correction_events n where n.person_id = e.person_id
  and n.correction_public_id = e.correction_public_id and n.place > e.place)`;

const BY_ID = statement('corrections.by-id', `${TICKET} where c.public_id = $1 and ${LAST}`);
const OWN = statement(
  'corrections.own',
  `${TICKET} where (c.actor = $1 or c.doctor = $4 and c.reporting_institution_id = $5
     or c.on_behalf is not null and (c.reporting_institution_id = $2 or c.person_id = any($3::bigint[]))) and ${LAST}
   order by c.submitted_at desc, c.correction_id desc limit $6`,
);
const OPEN_STATES = "('submitted', 'accepted', 'verifying')";
const DUE = "case e.state when 'submitted' then c.accept_by else c.answer_by end";
const DESK = statement(
  'corrections.desk',
  `${TICKET} where c.institution_id = $1 and ${LAST}
     and ($2::text[] is null or e.state = any($2)) and ($3::text is null or c.kind = $3)
     and ($4::timestamptz is null or e.state in ${OPEN_STATES} and ${DUE} < $4)
   order by e.state in ${OPEN_STATES} desc, case when e.state in ${OPEN_STATES} then ${DUE} end,
     c.submitted_at desc, c.correction_id desc limit $5`,
);
const COUNTS = statement(
  'corrections.desk-counts',
  `select e.state, count(*)::integer as tickets,
     (count(*) filter (where e.state in ${OPEN_STATES} and ${DUE} < $2))::integer as overdue
   from corrections c join correction_events e on e.person_id = c.person_id and e.correction_public_id = c.public_id
   where c.institution_id = $1 and ${LAST} group by e.state`,
);
const OPEN_OF_REPORT = statement(
  'corrections.open-of-report',
  `${TICKET} where c.person_id = $1 and c.report_public_id = $2 and ${LAST} and e.state in ${OPEN_STATES}
   order by c.correction_id`,
);

const REPORT_NUMBER = statement(
  'corrections.report-number',
  'select person_id, report_public_id from report_keys where report_number = $1 and institution_id = $2',
);

/** Whose report has this number at an institution; undefined: nobody's. */
export const holderOfReportNumber = async (
  session: Session,
  institutionKey: string,
  reportNumber: string,
): Promise<{ readonly personId: string; readonly report: PublicId } | undefined> => {
  const [row] = await session.run<{ person_id: string; report_public_id: PublicId }>(REPORT_NUMBER, [
    reportNumber,
    institutionKey,
  ]);
  return row && { personId: row.person_id, report: row.report_public_id };
};

/** One ticket by its public id. */
export const readCorrection = async (session: Session, id: PublicId): Promise<CorrectionRow | undefined> =>
  (await session.run<CorrectionRow>(BY_ID, [id]))[0];

/** Whose tickets somebody follows: those of an actor, and those sent on behalf of patients. */
export interface FollowedBy {
  readonly actor: string;
  /** The same member of staff by staff number, whichever way in was taken; null where there is none. */
  readonly staff: { readonly number: string; readonly institutionKey: string } | null;
  /** Tickets that this institution's desk took from patients; null: none. */
  readonly deskOf: string | null;
  /** Tickets that some desk took from these persons. */
  readonly persons: readonly string[];
}

/** Tickets that somebody follows, the newest first. */
export const readOwnCorrections = (
  session: Session,
  { actor, staff, deskOf, persons }: FollowedBy,
  limit: number,
): Promise<CorrectionRow[]> =>
  session.run<CorrectionRow>(OWN, [
    actor,
    deskOf,
    persons,
    staff?.number ?? null,
    staff?.institutionKey ?? null,
    limit,
  ]);

/** Which tickets of a desk are asked for. */
export interface DeskFilter {
  /** null: all. */
  readonly states: readonly CorrectionState[] | null;
  readonly kind: CorrectionKind | null;
  /** Only what was due before this moment; null: all. */
  readonly dueBefore: Instant | null;
}

/** Tickets about reports of one institution: those that wait by when they are due, then the answered ones, newest first. */
export const readDeskCorrections = (
  session: Session,
  institutionKey: string,
  { states, kind, dueBefore }: DeskFilter,
  limit: number,
): Promise<CorrectionRow[]> =>
  session.run<CorrectionRow>(DESK, [
    institutionKey,
    states,
    kind,
    dueBefore === null ? null : isoInstant(dueBefore),
    limit,
  ]);

/** How many tickets of a desk stand where, and how many of them are overdue. */
export interface DeskCountRow {
  readonly state: CorrectionState;
  readonly tickets: number;
  readonly overdue: number;
}

/** Counts the tickets about reports of one institution. */
export const countDeskCorrections = (
  session: Session,
  institutionKey: string,
  at: Instant,
): Promise<DeskCountRow[]> => session.run<DeskCountRow>(COUNTS, [institutionKey, isoInstant(at)]);

/** Tickets about one report that its institution still owes an answer. */
export const readOpenCorrectionsOf = (
  session: Session,
  personId: string,
  report: PublicId,
): Promise<CorrectionRow[]> => session.run<CorrectionRow>(OPEN_OF_REPORT, [personId, report]);
