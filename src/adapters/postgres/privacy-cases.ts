import type { CaseFinding, CaseKind, CaseState } from '../../audit/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** A case to be opened. */
export interface NewPrivacyCase {
  readonly id: PublicId;
  /** Whose officer looks into it. */
  readonly institutionKey: string;
  readonly kind: CaseKind;
  /** What makes several findings one case. */
  readonly occasion: string;
  readonly openedAt: Instant;
  readonly dueAt: Instant;
  /** Who looked. */
  readonly actor: string;
  readonly role: string | null;
  readonly department: string | null;
  readonly staffNumber: string | null;
  /** Of whom; null where it is about many. */
  readonly person: PublicId | null;
  /** Canonical JSON. */
  readonly evidence: string;
}

/** A case as kept. */
export interface PrivacyCaseRow extends NewPrivacyCase {
  readonly state: CaseState;
  readonly outcome: Exclude<CaseFinding, 'follow-up'> | null;
  readonly closedAt: Instant | null;
}

const OPEN = statement(
  'privacy-cases.open',
  `insert into privacy_cases (public_id, institution_id, kind, occasion, opened_at, due_at, actor, role, department,
     staff_number, person_public_id, evidence)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict (occasion) do nothing returning public_id`,
);

/** Opens a case; false when this occasion has one. */
export const openPrivacyCase = async (session: Session, opened: NewPrivacyCase): Promise<boolean> => {
  const rows = await session.run(OPEN, [
    opened.id,
    opened.institutionKey,
    opened.kind,
    opened.occasion,
    isoInstant(opened.openedAt),
    isoInstant(opened.dueAt),
    opened.actor,
    opened.role,
    opened.department,
    opened.staffNumber,
    opened.person,
    opened.evidence,
  ]);
  return rows.length === 1;
};

const COLUMNS = `public_id as id, institution_id as "institutionKey", kind, occasion, opened_at as "openedAt",
  due_at as "dueAt", actor, role, department, staff_number as "staffNumber", person_public_id as person, evidence, state,
  outcome, closed_at as "closedAt"`;

const QUEUE = statement(
  'privacy-cases.queue',
  `select ${COLUMNS} from privacy_cases where institution_id = $1 and (state = 'closed') = $2
   order by case when state = 'closed' then null else due_at end, opened_at desc limit 200`,
);

/** Cases of an institution: those to be looked into, the most pressing first; or the closed ones, the newest first. */
export const listPrivacyCases = (
  session: Session,
  institutionKey: string,
  closed: boolean,
): Promise<PrivacyCaseRow[]> => session.run<PrivacyCaseRow>(QUEUE, [institutionKey, closed]);

const ONE = statement('privacy-cases.one', `select ${COLUMNS} from privacy_cases where public_id = $1`);

/** One case. */
export const readPrivacyCase = async (session: Session, id: PublicId): Promise<PrivacyCaseRow | undefined> =>
  (await session.run<PrivacyCaseRow>(ONE, [id]))[0];

const BY_OCCASIONS = statement(
  'privacy-cases.by-occasions',
  `select ${COLUMNS} from privacy_cases where occasion = any($1::text[])`,
);

/** Cases of these occasions. */
export const readCasesOf = (session: Session, occasions: readonly string[]): Promise<PrivacyCaseRow[]> =>
  occasions.length === 0 ? Promise.resolve([]) : session.run<PrivacyCaseRow>(BY_OCCASIONS, [occasions]);

const SET_STATE = statement(
  'privacy-cases.set-state',
  `update privacy_cases set state = $2, outcome = $3, closed_at = $4
   where public_id = $1 and state <> 'closed' returning public_id`,
);
const ADD_EVENT = statement(
  'privacy-cases.add-event',
  'insert into privacy_case_events (case_public_id, finding, text, actor, occurred_at) values ($1, $2, $3, $4, $5)',
);

/** What was found about a case, by whom and when. */
export interface CaseEventRow {
  readonly finding: CaseFinding;
  readonly text: string;
  readonly actor: string;
  readonly at: Instant;
}

/** Keeps a finding; false when the case had been closed before. */
export const keepFinding = async (
  session: Session,
  id: PublicId,
  state: CaseState,
  event: CaseEventRow,
): Promise<boolean> => {
  const at = isoInstant(event.at);
  const isClosed = state === 'closed';
  const set = await session.run(SET_STATE, [
    id,
    state,
    isClosed ? event.finding : null,
    isClosed ? at : null,
  ]);
  if (set.length === 0) return false;
  await session.run(ADD_EVENT, [id, event.finding, event.text, event.actor, at]);
  return true;
};

const EVENTS = statement(
  'privacy-cases.events',
  `select finding, text, actor, occurred_at as at from privacy_case_events where case_public_id = $1 order by event_id`,
);

/** What was found about a case so far. */
export const readFindings = (session: Session, id: PublicId): Promise<CaseEventRow[]> =>
  session.run<CaseEventRow>(EVENTS, [id]);

const NOTIFY = statement(
  'privacy-cases.notify-patient',
  `insert into patient_notifications (person_id, public_id, kind, content, told_at) values ($1, $2, $3, $4, $5)`,
);

/** Lets a person know something about own data. `content` is canonical JSON of codes and moments. */
export const notifyPatient = async (
  session: Session,
  personId: string,
  notification: {
    readonly id: PublicId;
    readonly kind: string;
    readonly content: string;
    readonly at: Instant;
  },
): Promise<void> => {
  const { id, kind, content, at } = notification;
  await session.run(NOTIFY, [personId, id, kind, content, isoInstant(at)]);
};

const NOTIFICATIONS = statement(
  'privacy-cases.patient-notifications',
  `select public_id as id, kind, content, told_at as "toldAt", read_at as "readAt" from patient_notifications
   where person_id = any($1::bigint[]) order by told_at desc limit 100`,
);

/** Something a person was told. */
export interface PatientNotificationRow {
  readonly id: PublicId;
  readonly kind: string;
  readonly content: string;
  readonly toldAt: Instant;
  readonly readAt: Instant | null;
}

/** What a person was told, the newest first. */
export const readNotifications = (
  session: Session,
  persons: readonly string[],
): Promise<PatientNotificationRow[]> => session.run<PatientNotificationRow>(NOTIFICATIONS, [persons]);

const MARK_READ = statement(
  'privacy-cases.mark-notification-read',
  `update patient_notifications set read_at = $3
   where person_id = any($1::bigint[]) and public_id = $2 and read_at is null returning public_id as id`,
);

/** Keeps when somebody first opened what the person was told; false when there is none or it was opened before. */
export const markNotificationRead = async (
  session: Session,
  persons: readonly string[],
  id: PublicId,
  at: Instant,
): Promise<boolean> => (await session.run(MARK_READ, [persons, id, isoInstant(at)])).length > 0;

const NOTIFICATION_EXISTS = statement(
  'privacy-cases.notification-exists',
  `select public_id as id from patient_notifications where person_id = any($1::bigint[]) and public_id = $2`,
);

/** Whether a person was told this. */
export const isNotificationOf = async (
  session: Session,
  persons: readonly string[],
  id: PublicId,
): Promise<boolean> => (await session.run(NOTIFICATION_EXISTS, [persons, id])).length > 0;
