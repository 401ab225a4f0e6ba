import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { Standing } from '../../result/index.ts';
import { type Session, statement } from './database.ts';
import type { MessageKey } from './messages.ts';
import type { CurrentReport, DomainEvent, ReportRecord } from './reports.ts';
import { type ResultRecord, RESULT_PARAMETERS, resultInsert, resultValues } from './results.ts';

/** Lines of the earlier version that the new one leaves out: the row stays, only its standing changes. */
export interface CarriedLine {
  readonly ordinal: number;
  readonly standing: Standing;
}

const RESULTS_FIRST = 15;
const EVENT_FIRST = RESULTS_FIRST + RESULT_PARAMETERS;

const NEXT_VERSION = statement(
  'reports.next-version',
  `with report as (
    update reports set order_number = $4, title = $5, standing = $6, version = $7, stated_at = $8, collected_at = $9,
      reported_at = $10, updated_at = $3
    where person_id = $1 and report_id = $2 returning report_id, public_id
  ),
  version as (
    insert into report_versions (person_id, report_id, version, recorded_at, message_id, standing, stated_at, content)
    values ($1, $2, $7, $3, $11, $6, $8, $12) returning report_id
  ),
  carried as (
    update results set standing = line.standing, report_version = $7
    from unnest($13::integer[], $14::text[]) as line (ordinal, standing)
    where results.person_id = $1 and results.report_id = $2 and results.ordinal = line.ordinal returning result_id
  ),
  gone as (
    delete from results where person_id = $1 and report_id = $2 and not (ordinal = any($13::integer[])) returning result_id
  ),
  line as (${resultInsert('$1::bigint', 'report', RESULTS_FIRST)})
  insert into outbox (person_id, topic, payload, created_at)
  values ($1, $${EVENT_FIRST}, $${EVENT_FIRST + 1}, $3)`,
);
const SET_REPLACED_BY = statement(
  'reports.set-replaced-by',
  'update reports set replaced_by = $3, updated_at = $4 where person_id = $1 and report_id = $2',
);

const moment = (at: Instant | null): string | null => (at === null ? null : isoInstant(at));

/**
 * Stores the next version of a report: the head moves on, the version is appended, the hot table holds the new lines
 * and the changed standings of those left out, and the event waits in the outbox. The caller holds the number's lock.
 */
export const storeNextVersion = async (
  session: Session,
  current: CurrentReport,
  next: {
    readonly report: ReportRecord;
    readonly version: number;
    readonly results: readonly ResultRecord[];
    readonly carried: readonly CarriedLine[];
    readonly messageKey: MessageKey;
    readonly recordedAt: Instant;
    readonly event: DomainEvent;
  },
): Promise<void> => {
  const { report } = next;
  await session.run(NEXT_VERSION, [
    current.personKey,
    current.reportKey,
    isoInstant(next.recordedAt),
    report.orderNumber,
    report.title,
    report.standing,
    next.version,
    isoInstant(report.statedAt),
    moment(report.collectedAt),
    moment(report.reportedAt),
    next.messageKey,
    report.content,
    next.carried.map(({ ordinal }) => ordinal),
    next.carried.map(({ standing }) => standing),
    ...resultValues(next.results),
    next.event.topic,
    next.event.payload,
  ]);
};

/** Writes down that another report number replaced this one. */
export const setReplacedBy = async (
  session: Session,
  replaced: CurrentReport,
  by: PublicId,
  at: Instant,
): Promise<void> => {
  await session.run(SET_REPLACED_BY, [replaced.personKey, replaced.reportKey, by, isoInstant(at)]);
};
