import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { ReportKind, Standing } from '../../result/index.ts';
import { type BatchedStatement, type Session, type SqlValue, type Statement, statement } from './database.ts';
import { inParameters, inSize, inValues } from './in-lists.ts';
import type { ClaimedMessage, KeptMessage, MessageClaim, MessageKey } from './messages.ts';
import type { InstitutionKey } from './registry.ts';
import { type ResultRecord, RESULT_PARAMETERS, resultInsert, resultValues } from './results.ts';
import type { SenderKey } from './senders.ts';

/** Internal key of a report; never leaves the program. */
export type ReportKey = string & { readonly __brand: 'ReportKey' };

/** A report version to be stored: the head's columns and the neutral content. */
export interface ReportRecord {
  readonly publicId: PublicId;
  readonly reportNumber: string;
  readonly orderNumber: string;
  readonly kind: ReportKind;
  readonly title: string;
  readonly standing: Standing;
  /** Moment by which versions are ordered (OBR-22, else MSH-7). */
  readonly statedAt: Instant;
  readonly collectedAt: Instant | null;
  readonly reportedAt: Instant | null;
  /** Canonical JSON of the report's content. */
  readonly content: string;
}

/** A report as it stands, with the content of its current version. */
export interface CurrentReport extends ReportRecord {
  readonly reportKey: ReportKey;
  readonly personKey: string;
  readonly version: number;
  readonly replaced: boolean;
}

/** A domain event for the outbox. */
export interface DomainEvent {
  readonly topic: string;
  /** Canonical JSON, without personal data. */
  readonly payload: string;
}

/** What is known before a message is stored, from one small read. */
export interface MessageSurvey {
  /** Newest epoch of the snapshots; null before any publication. */
  readonly epoch: number | null;
  readonly claimed: ClaimedMessage | undefined;
  /** Those of the asked report numbers that exist already. */
  readonly knownReports: readonly string[];
}

interface ReportKeyRow {
  readonly person_id: string;
  readonly report_public_id: PublicId;
  readonly replaced_by: PublicId | null;
}

interface CurrentReportRow {
  readonly report_id: ReportKey;
  readonly public_id: PublicId;
  readonly person_id: string;
  readonly report_number: string;
  readonly order_number: string;
  readonly kind: ReportKind;
  readonly title: string;
  readonly standing: Standing;
  readonly version: number;
  readonly stated_at: Instant;
  readonly collected_at: Instant | null;
  readonly reported_at: Instant | null;
  readonly replaced: boolean;
  readonly content: string;
}

const survey = (size: string, numbers: string): Statement =>
  statement(
    `reports.survey-${size}`,
    `select (select max(epoch) from snapshot_epochs) as epoch,
       (select array[body_hash, acknowledgement] from message_keys
         where control_id = $1 and sender_id = $2 and content_key = $3) as claimed,
       array(select report_number from report_keys where report_number ${numbers} and institution_id = $4) as known`,
  );
const NUMBER_SIZES = [1, 2, 4, 8] as const;
const SURVEY: ReadonlyMap<number | undefined, Statement> = new Map(
  NUMBER_SIZES.map((size) => [size, survey(String(size), `in (${inParameters(5, size)})`)]),
);
const SURVEY_OF_MANY = survey('of-many', '= any($5::text[])');
const CLAIM_KEY_UNLESS_TAKEN = statement(
  'reports.claim-key-unless-taken',
  `insert into report_keys (report_number, institution_id, person_id, report_public_id, replaced_by)
   values ($1, $2, $3, $4, $5)
   on conflict (report_number, institution_id) do nothing returning person_id`,
);
const LOCK_KEY = statement(
  'reports.lock-key',
  `select person_id, report_public_id, replaced_by from report_keys
   where report_number = $1 and institution_id = $2 for update`,
);
const CURRENT = statement(
  'reports.current',
  `select r.report_id, r.public_id, r.person_id, r.report_number, r.order_number, r.kind, r.title, r.standing, r.version,
     r.stated_at, r.collected_at, r.reported_at, r.replaced_by is not null as replaced, v.content
   from reports r join report_versions v on v.person_id = r.person_id and v.report_id = r.report_id and v.version = r.version
   where r.person_id = $1 and r.public_id = $2 for update of r`,
);
const INSERT_EVENT = statement(
  'outbox.insert',
  'insert into outbox (person_id, topic, payload, created_at) values ($1, $2, $3, $4)',
);
const HEAD_NAMES =
  'public_id, report_number, order_number, kind, title, standing, stated_at, collected_at, reported_at, content';
const HEAD_TYPES = [
  'uuid',
  'text',
  'text',
  'text',
  'text',
  'text',
  'timestamptz',
  'timestamptz',
  'timestamptz',
];
// $1 person, $2 when recorded, $3 sender, $4 institution, then the heads, the results, the event and the message.
const HEAD_FIRST = 5;
const RESULTS_FIRST = HEAD_FIRST + HEAD_TYPES.length + 1;
/**
 * Parts the contents, which go as one text: as an array every quote of their JSON would be escaped here and unescaped
 * there, character by character. JSON never holds this character itself.
 */
const CONTENT_SEPARATOR = '\u0001';
const EVENT_FIRST = RESULTS_FIRST + RESULT_PARAMETERS;
const MESSAGE_FIRST = EVENT_FIRST + 2;

/** New reports with their first version, results and event; the first of the common table expressions is `message`. */
const newReports = (first: string): string => `with ${first},
  head as (
    select * from unnest(${HEAD_TYPES.map((type, index) => `$${HEAD_FIRST + index}::${type}[]`).join(', ')},
        string_to_array($${HEAD_FIRST + HEAD_TYPES.length}::text, E'\\x01'))
      as given (${HEAD_NAMES})
  ),
  report as (
    insert into reports (person_id, public_id, institution_id, sender_id, report_number, order_number, kind, title, standing,
      version, stated_at, collected_at, reported_at, updated_at)
    select $1::bigint, public_id, $4::bigint, $3::bigint, report_number, order_number, kind, title, standing,
      1, stated_at, collected_at, reported_at, $2::timestamptz
    from head returning report_id, public_id
  ),
  version as (
    insert into report_versions (person_id, report_id, version, recorded_at, message_id, standing, stated_at, content)
    select $1::bigint, report.report_id, 1, $2::timestamptz, message.message_id, head.standing, head.stated_at, head.content
    from report join head on head.public_id = report.public_id cross join message
    returning report_id
  ),
  line as (${resultInsert('$1::bigint', 'report', RESULTS_FIRST)})
  insert into outbox (person_id, topic, payload, created_at)
  values ($1::bigint, $${EVENT_FIRST}, $${EVENT_FIRST + 1}, $2::timestamptz)`;

const messageParameter = (index: number): string => `$${MESSAGE_FIRST + index}`;

// Everything of a usual message in one statement and so in one commit. Whatever another message was quicker to claim
// breaks a key and with it the whole statement.
const NEW_MESSAGE = statement(
  'reports.insert-with-message',
  newReports(`claim as (
    insert into message_keys (control_id, sender_id, content_key, body_hash, person_id, acknowledgement, received_at)
    values (${messageParameter(0)}, $3::bigint, ${messageParameter(6)}, ${messageParameter(7)}, $1::bigint, ${messageParameter(8)}, $2::timestamptz)
  ),
  number as (
    insert into report_keys (report_number, institution_id, person_id, report_public_id)
    select number, $4::bigint, $1::bigint, public_id
    from unnest($${HEAD_FIRST + 1}::text[], $${HEAD_FIRST}::uuid[]) as given (number, public_id)
  ),
  message as (
    insert into messages (person_id, received_at, sender_id, control_id, message_type, body, body_object, body_size, key_id)
    values ($1::bigint, $2::timestamptz, $3::bigint, ${[0, 1, 2, 3, 4, 5].map(messageParameter).join(', ')})
    returning message_id
  )`),
);
const NEW_REPORTS = statement(
  'reports.insert',
  newReports(`message as (select ${messageParameter(0)}::bigint as message_id)`),
);

const moment = (at: Instant | null): string | null => (at === null ? null : isoInstant(at));

/** Reads what decides the way a report message takes: its key, its reports' numbers and the ruling epoch. */
export const surveyMessage = async (
  session: Session,
  key: { readonly controlId: string; readonly senderKey: SenderKey; readonly contentKey: string },
  institutionKey: InstitutionKey,
  reportNumbers: readonly string[],
): Promise<MessageSurvey> => {
  const size = reportNumbers.length === 0 ? undefined : inSize(NUMBER_SIZES, reportNumbers.length);
  const [row] = await session.run<{
    epoch: string | null;
    claimed: [string, string] | null;
    known: string[];
  }>(SURVEY.get(size) ?? SURVEY_OF_MANY, [
    key.controlId,
    key.senderKey,
    key.contentKey,
    institutionKey,
    ...(size === undefined ? [reportNumbers] : inValues(reportNumbers, size)),
  ]);
  const { epoch, claimed, known } = row as {
    epoch: string | null;
    claimed: [string, string] | null;
    known: string[];
  };
  return {
    epoch: epoch === null ? null : Number(epoch),
    claimed: claimed ? { bodyHash: claimed[0], acknowledgement: claimed[1] } : undefined,
    knownReports: known,
  };
};

const headValues = (reports: readonly ReportRecord[]): readonly SqlValue[] => [
  reports.map((report) => report.publicId),
  reports.map((report) => report.reportNumber),
  reports.map((report) => report.orderNumber),
  reports.map((report) => report.kind),
  reports.map((report) => report.title),
  reports.map((report) => report.standing),
  reports.map((report) => isoInstant(report.statedAt)),
  reports.map((report) => moment(report.collectedAt)),
  reports.map((report) => moment(report.reportedAt)),
  reports.map((report) => report.content).join(CONTENT_SEPARATOR),
];

/** New reports of one person with their results, from one message. */
export interface NewReports {
  readonly message: KeptMessage;
  readonly institutionKey: InstitutionKey;
  readonly reports: readonly ReportRecord[];
  readonly results: readonly ResultRecord[];
  readonly event: DomainEvent;
}

const newReportsValues = (stored: NewReports): readonly SqlValue[] => [
  stored.message.personKey,
  isoInstant(stored.message.receivedAt),
  stored.message.senderKey,
  stored.institutionKey,
  ...headValues(stored.reports),
  ...resultValues(stored.results),
  stored.event.topic,
  stored.event.payload,
];

/**
 * Everything of a usual message (claim, message, new reports) as one statement for `Database.batch`. It fails when the
 * message or one of the report numbers is claimed already; then nothing of it is stored.
 */
export const newMessageStatement = (stored: NewReports, claim: MessageClaim): BatchedStatement => ({
  statement: NEW_MESSAGE,
  values: [
    ...newReportsValues(stored),
    stored.message.controlId,
    stored.message.messageType,
    stored.message.body.bytes,
    stored.message.body.object,
    stored.message.body.size,
    stored.message.body.keyId,
    claim.contentKey,
    claim.bodyHash,
    claim.acknowledgement,
  ],
});

/** Stores new reports of a message that has been kept already. The caller holds the locks of their numbers. */
export const storeNewReports = async (
  session: Session,
  stored: NewReports,
  messageKey: MessageKey,
): Promise<void> => {
  await session.run(NEW_REPORTS, [...newReportsValues(stored), messageKey]);
};

/** Puts an event that no other statement carries into the outbox. */
export const storeEvent = async (
  session: Session,
  personKey: string,
  event: DomainEvent,
  at: Instant,
): Promise<void> => {
  await session.run(INSERT_EVENT, [personKey, event.topic, event.payload, isoInstant(at)]);
};

/** Whose a report number is. */
export interface ReportNumberHolder {
  readonly personKey: string;
  readonly publicId: PublicId;
  /** Set when another report said that it replaces this number, before the number itself had come in. */
  readonly replacedBy: PublicId | null;
}

/**
 * Takes the lock on a report number until the transaction ends, claiming it for a person when nobody has it.
 * Whoever works on the same report at this moment is waited for.
 *
 * @returns the holder from before; undefined when the number was free and is now claimed
 */
export const lockReportNumber = async (
  session: Session,
  reportNumber: string,
  institutionKey: InstitutionKey,
  claimant: ReportNumberHolder,
): Promise<ReportNumberHolder | undefined> => {
  const claimed = await session.run(CLAIM_KEY_UNLESS_TAKEN, [
    reportNumber,
    institutionKey,
    claimant.personKey,
    claimant.publicId,
    claimant.replacedBy,
  ]);
  if (claimed.length > 0) return undefined;
  const [row] = await session.run<ReportKeyRow>(LOCK_KEY, [reportNumber, institutionKey]);
  const { person_id, report_public_id, replaced_by } = row as ReportKeyRow;
  return { personKey: person_id, publicId: report_public_id, replacedBy: replaced_by };
};

/** A report with its current content. The caller holds the lock of its number. */
export const currentReport = async (
  session: Session,
  { personKey, publicId }: Pick<ReportNumberHolder, 'personKey' | 'publicId'>,
): Promise<CurrentReport | undefined> => {
  const [row] = await session.run<CurrentReportRow>(CURRENT, [personKey, publicId]);
  return (
    row && {
      reportKey: row.report_id,
      publicId: row.public_id,
      personKey: row.person_id,
      reportNumber: row.report_number,
      orderNumber: row.order_number,
      kind: row.kind,
      title: row.title,
      standing: row.standing,
      version: row.version,
      statedAt: row.stated_at,
      collectedAt: row.collected_at,
      reportedAt: row.reported_at,
      replaced: row.replaced,
      content: row.content,
    }
  );
};
