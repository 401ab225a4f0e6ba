import type { CorrectionKind, CorrectionState } from '../../correction/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
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
}

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
  readonly submitted_at: number;
  readonly disputed: boolean;
}

const LOCK_REPORT = statement(
  'corrections.lock-report',
  'select version from reports where person_id = $1 and public_id = $2 for no key update',
);
const INSERT = statement(
  'corrections.insert',
  `insert into corrections (person_id, public_id, ticket, request_key, report_public_id, report_version, ordinal,
     institution_id, reporting_institution_id, kind, text, photo_object, photo_media_type, photo_size, actor, doctor, submitted_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
   on conflict (person_id, request_key) do nothing returning public_id`,
);
const UNDER_KEY = statement(
  'corrections.under-key',
  'select public_id from corrections where person_id = $1 and request_key = $2',
);
const INSERT_EVENT = statement(
  'corrections.insert-event',
  `insert into correction_events (person_id, correction_public_id, state, actor, occurred_at) values ($1, $2, $3, $4, $5)`,
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
  ]);
  if (rows.length > 0) return { id: record.publicId, repeated: false };
  const [known] = await session.run<{ public_id: PublicId }>(UNDER_KEY, [record.personId, record.requestKey]);
  return { id: known?.public_id ?? record.publicId, repeated: true };
};

/** Adds a state to a ticket's history. */
export const keepCorrectionState = async (
  session: Session,
  personId: string,
  correction: PublicId,
  state: CorrectionState,
  actor: string,
  at: Instant,
): Promise<void> => {
  await session.run(INSERT_EVENT, [personId, correction, state, actor, isoInstant(at)]);
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

const TICKET = `select c.person_id, c.public_id, c.ticket, c.report_public_id, r.report_number, r.title, c.report_version, c.ordinal,
  c.institution_id, c.reporting_institution_id, c.kind, c.text, c.photo_object, c.photo_media_type, c.actor, c.doctor, c.submitted_at,
  exists (select 1 from disputed_reports d where d.person_id = c.person_id and d.correction_public_id = c.public_id
    and d.ended_at is null) as disputed
from corrections c join reports r on r.person_id = c.person_id and r.public_id = c.report_public_id`;

const BY_ID = statement('corrections.by-id', `${TICKET} where c.public_id = $1`);
const OWN = statement(
  'corrections.own',
  `${TICKET} where c.actor = $1 order by c.submitted_at desc, c.correction_id desc limit $2`,
);
const DESK = statement(
  'corrections.desk',
  `${TICKET} where c.institution_id = $1 order by c.submitted_at desc, c.correction_id desc limit $2`,
);

/** One ticket by its public id. */
export const readCorrection = async (session: Session, id: PublicId): Promise<CorrectionRow | undefined> =>
  (await session.run<CorrectionRow>(BY_ID, [id]))[0];

/** Tickets that an actor sent, the newest first. */
export const readOwnCorrections = (
  session: Session,
  actor: string,
  limit: number,
): Promise<CorrectionRow[]> => session.run<CorrectionRow>(OWN, [actor, limit]);

/** Tickets about reports of one institution, the newest first. */
export const readDeskCorrections = (
  session: Session,
  institutionKey: string,
  limit: number,
): Promise<CorrectionRow[]> => session.run<CorrectionRow>(DESK, [institutionKey, limit]);

/** One state of a ticket with its moment. */
export interface CorrectionEventRow {
  readonly correction_public_id: PublicId;
  readonly state: CorrectionState;
  readonly occurred_at: number;
}

const EVENTS = statement(
  'corrections.events',
  `select correction_public_id, state, occurred_at from correction_events
   where person_id = any($1::bigint[]) and correction_public_id = any($2::uuid[]) order by event_id`,
);

/** The histories of some tickets, in order. */
export const readCorrectionEvents = (
  session: Session,
  persons: readonly string[],
  corrections: readonly PublicId[],
): Promise<CorrectionEventRow[]> => session.run<CorrectionEventRow>(EVENTS, [persons, corrections]);
