import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { CaseOutcome, CaseState, CaseSubjectKind, LegalBasis } from '../../oversight/index.ts';
import { type Session, statement } from './database.ts';

/** A case as it is asked for. */
export interface CaseRecord {
  readonly publicId: PublicId;
  readonly subjectKind: CaseSubjectKind;
  readonly subjectReference: string;
  readonly legalBasis: LegalBasis;
  readonly reason: string;
  readonly daysOpen: number;
  readonly openedBy: string;
}

/** What a case names. */
export interface CaseSubjectRecord {
  readonly personId: string;
  /** The decision, or null where it is a report. */
  readonly check: PublicId | null;
  readonly report: PublicId | null;
  readonly institutionKey: string;
  readonly occurredAt: Instant;
}

/** A case as kept. Moments are epoch milliseconds. */
export interface CaseRow {
  readonly case_id: string;
  readonly public_id: PublicId;
  readonly subject_kind: CaseSubjectKind;
  readonly subject_reference: string;
  readonly legal_basis: LegalBasis;
  readonly reason: string;
  readonly state: CaseState;
  readonly days_open: number;
  readonly opened_by: string;
  readonly opened_at: number;
  readonly decided_by: string | null;
  readonly decided_at: number | null;
  readonly decision_text: string | null;
  readonly open_until: number | null;
  readonly closed_by: string | null;
  readonly closed_at: number | null;
  readonly outcome: CaseOutcome | null;
  readonly closing_text: string | null;
}

/** A subject as kept. */
export interface CaseSubjectRow {
  readonly case_id: string;
  readonly place: number;
  readonly person_id: string;
  readonly check_public_id: PublicId | null;
  readonly report_public_id: PublicId | null;
  readonly institution_id: string;
  readonly occurred_at: number;
}

const COLUMNS = `case_id, public_id, subject_kind, subject_reference, legal_basis, reason, state, days_open, opened_by, opened_at,
  decided_by, decided_at, decision_text, open_until, closed_by, closed_at, outcome, closing_text`;

const INSERT = statement(
  'oversight-cases.insert',
  `insert into oversight_cases (public_id, subject_kind, subject_reference, legal_basis, reason, state, days_open, opened_by, opened_at)
   values ($1, $2, $3, $4, $5, 'requested', $6, $7, $8) returning case_id`,
);
const INSERT_SUBJECT = statement(
  'oversight-cases.insert-subject',
  `insert into oversight_case_subjects (case_id, place, person_id, check_public_id, report_public_id, institution_id, occurred_at)
   values ($1, $2, $3, $4, $5, $6, $7)`,
);
const BY_ID = statement(
  'oversight-cases.by-id',
  `select ${COLUMNS} from oversight_cases where public_id = $1`,
);
const LOCK = statement(
  'oversight-cases.lock',
  `select ${COLUMNS} from oversight_cases where public_id = $1 for update`,
);
const ALL = statement(
  'oversight-cases.all',
  `select ${COLUMNS} from oversight_cases order by case_id desc limit $1`,
);
const SUBJECTS = statement(
  'oversight-cases.subjects',
  `select case_id, place, person_id, check_public_id, report_public_id, institution_id, occurred_at
   from oversight_case_subjects where case_id = any($1::bigint[]) order by case_id, place`,
);
const DECIDE = statement(
  'oversight-cases.decide',
  `update oversight_cases set state = $2, decided_by = $3, decided_at = $4, decision_text = $5, open_until = $6 where public_id = $1`,
);
const CLOSE = statement(
  'oversight-cases.close',
  `update oversight_cases set state = 'closed', closed_by = $2, closed_at = $3, outcome = $4, closing_text = $5 where public_id = $1`,
);

/** Keeps a case with everything it names. */
export const keepCase = async (
  session: Session,
  record: CaseRecord,
  subjects: readonly CaseSubjectRecord[],
  at: Instant,
): Promise<void> => {
  const [row] = await session.run<{ case_id: string }>(INSERT, [
    record.publicId,
    record.subjectKind,
    record.subjectReference,
    record.legalBasis,
    record.reason,
    record.daysOpen,
    record.openedBy,
    isoInstant(at),
  ]);
  for (const [index, { personId, check, report, institutionKey, occurredAt }] of subjects.entries())
    await session.run(INSERT_SUBJECT, [
      row?.case_id ?? null,
      index + 1,
      personId,
      check,
      report,
      institutionKey,
      isoInstant(occurredAt),
    ]);
};

/** One case. */
export const readCase = async (session: Session, id: PublicId): Promise<CaseRow | undefined> =>
  (await session.run<CaseRow>(BY_ID, [id]))[0];

/** One case, held so that two people cannot act on it at once. */
export const lockCase = async (session: Session, id: PublicId): Promise<CaseRow | undefined> =>
  (await session.run<CaseRow>(LOCK, [id]))[0];

/** The newest cases. */
export const readCases = (session: Session, limit: number): Promise<CaseRow[]> =>
  session.run<CaseRow>(ALL, [limit]);

/** What cases name, each in its order. */
export const readCaseSubjects = (session: Session, cases: readonly string[]): Promise<CaseSubjectRow[]> =>
  session.run<CaseSubjectRow>(SUBJECTS, [cases]);

/** Writes down what the second person decided. */
export const keepCaseDecision = async (
  session: Session,
  id: PublicId,
  decision: { readonly by: string; readonly text: string; readonly openUntil: Instant | null },
  at: Instant,
): Promise<void> => {
  const { by, text, openUntil } = decision;
  await session.run(DECIDE, [
    id,
    openUntil === null ? 'refused' : 'approved',
    by,
    isoInstant(at),
    text,
    openUntil === null ? null : isoInstant(openUntil),
  ]);
};

/** Ends a case. */
export const keepCaseClosing = async (
  session: Session,
  id: PublicId,
  closing: { readonly by: string; readonly outcome: CaseOutcome; readonly text: string },
  at: Instant,
): Promise<void> => {
  await session.run(CLOSE, [id, closing.by, isoInstant(at), closing.outcome, closing.text]);
};

const TICKET = statement(
  'oversight-cases.ticket',
  `select person_id, report_public_id, institution_id, submitted_at from corrections where ticket = $1`,
);

/** The report that the ticket of an error is about. */
export const subjectOfTicket = async (
  session: Session,
  ticket: string,
): Promise<CaseSubjectRecord | undefined> => {
  const [row] = await session.run<{
    person_id: string;
    report_public_id: PublicId;
    institution_id: string;
    submitted_at: number;
  }>(TICKET, [ticket]);
  return (
    row && {
      personId: row.person_id,
      check: null,
      report: row.report_public_id,
      institutionKey: row.institution_id,
      occurredAt: row.submitted_at as Instant,
    }
  );
};

const REPEATED = statement(
  'oversight-cases.repeated',
  `select person_id, check_public_id, institution_id, max(responded_at) as responded_at from check_responses
   where institution_id = $1 and kind = 're-examine' and responded_at >= $2 and ($3::text is null or doctor = $3)
   group by person_id, check_public_id, institution_id order by max(responded_at) desc limit $4`,
);

/** The newest decisions of an institution, or of one of its doctors, to examine again in spite of a result. */
export const subjectsOfRepeats = async (
  session: Session,
  institutionKey: string,
  since: Instant,
  doctor: string | null,
  limit: number,
): Promise<CaseSubjectRecord[]> => {
  const rows = await session.run<{
    person_id: string;
    check_public_id: PublicId;
    institution_id: string;
    responded_at: number;
  }>(REPEATED, [institutionKey, isoInstant(since), doctor, limit]);
  return rows.map((row) => ({
    personId: row.person_id,
    check: row.check_public_id,
    report: null,
    institutionKey: row.institution_id,
    occurredAt: row.responded_at as Instant,
  }));
};
