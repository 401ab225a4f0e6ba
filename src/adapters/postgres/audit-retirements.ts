import { AUDIT_BOOKS, type AuditBook, type RetirementPart, type RetirementState } from '../../audit/index.ts';
import { type Instant, instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** A retirement as kept. */
export interface Retirement {
  readonly id: PublicId;
  /** Only what is older leaves. */
  readonly before: Instant;
  readonly reason: string;
  readonly state: RetirementState;
  readonly requestedBy: string;
  readonly requestedAt: Instant;
  readonly decidedBy: string | null;
  readonly decidedAt: Instant | null;
  /** SHA-256 of the archive, once it was written and read again. */
  readonly archiveDigest: string | null;
  readonly doneAt: Instant | null;
  /** One for each book of which something leaves. */
  readonly parts: readonly RetirementPart[];
}

interface RetirementRow {
  readonly retirement_id: string;
  readonly public_id: PublicId;
  readonly before_at: number;
  readonly reason: string;
  readonly state: RetirementState;
  readonly requested_by: string;
  readonly requested_at: number;
  readonly decided_by: string | null;
  readonly decided_at: number | null;
  readonly archive_digest: string | null;
  readonly done_at: number | null;
}

interface PartRow {
  readonly retirement_id: string;
  readonly book: AuditBook;
  readonly sequence: string;
  readonly to_event: string;
  readonly rows: string;
}

const COLUMNS = `retirement_id::text, public_id, before_at, reason, state, requested_by, requested_at, decided_by, decided_at,
  archive_digest, done_at`;

const INSERT = statement(
  'audit-retirements.insert',
  `insert into audit_retirements (public_id, before_at, reason, state, requested_by, requested_at)
   values ($1, $2, $3, 'requested', $4, $5)
   on conflict ((true)) where state in ('requested', 'approved') do nothing returning retirement_id::text`,
);
const INSERT_PART = statement(
  'audit-retirements.insert-part',
  `insert into audit_retirement_parts (retirement_id, book, sequence, to_event, row_count)
   values ($1::bigint, $2, $3::bigint, $4::bigint, $5::bigint)`,
);
const ALL = statement(
  'audit-retirements.all',
  `select ${COLUMNS} from audit_retirements r order by r.retirement_id`,
);
const LOCK = statement(
  'audit-retirements.lock',
  `select ${COLUMNS} from audit_retirements where public_id = $1 for update`,
);
const BY_ID = statement(
  'audit-retirements.by-id',
  `select ${COLUMNS} from audit_retirements where public_id = $1`,
);
const PARTS = statement(
  'audit-retirements.parts',
  `select retirement_id::text, book, sequence::text, to_event::text, row_count::text as rows from audit_retirement_parts
   where retirement_id = any($1::bigint[]) order by book`,
);
const DECIDE = statement(
  'audit-retirements.decide',
  'update audit_retirements set state = $2, decided_by = $3, decided_at = $4 where public_id = $1',
);
const ARCHIVED = statement(
  'audit-retirements.archived',
  `update audit_retirements set archive_digest = $2 where public_id = $1 and state = 'approved' returning public_id`,
);
const DONE = statement(
  'audit-retirements.done',
  `update audit_retirements set state = 'done', done_at = $2 where public_id = $1`,
);
const RETIRED_BEFORE = statement(
  'audit-retirements.retired-before',
  `select max(r.before_at) as before from audit_retirements r join audit_retirement_parts p on p.retirement_id = r.retirement_id
   where r.state = 'done' and p.book = $1`,
);

const BOOK_TABLES = { person: 'audit_events', system: 'system_audit_events' } as const;

const ofBooks = <Value>(
  of: (table: string, book: AuditBook) => Value,
): Readonly<Record<AuditBook, Value>> => ({
  person: of(BOOK_TABLES.person, 'person'),
  system: of(BOOK_TABLES.system, 'system'),
});

const FIRST_YOUNG = ofBooks((table, book) =>
  statement(
    `audit-retirements.first-young-of-${book}`,
    `select min(event_id)::text as event from ${table} where occurred_at >= $1::timestamptz`,
  ),
);
const COUNT = ofBooks((table, book) =>
  statement(
    `audit-retirements.count-of-${book}`,
    `select count(*)::text as rows from ${table} where event_id <= $1::bigint`,
  ),
);
const DELETE = ofBooks((table, book) =>
  statement(`audit-retirements.delete-of-${book}`, `delete from ${table} where event_id <= $1::bigint`),
);
// Never the newest batch: the next one has to follow something.
const LAST_BATCH = statement(
  'audit-retirements.last-batch',
  `select sequence::text, to_event::text from audit_seals s where book = $1 and s.to_event < $2::bigint
     and s.sealed_at < $3::timestamptz and s.sequence < (select max(n.sequence) from audit_seals n where n.book = $1)
   order by s.sequence desc limit 1`,
);
const DELETE_SEALS = statement(
  'audit-retirements.delete-seals',
  'delete from audit_seals where book = $1 and sequence <= $2::bigint',
);

const NAMES = {
  person: statement(
    'audit-retirements.names-of-person',
    `select e.event_id::text as event, e.occurred_at as at, p.public_id as person, i.code as institution
     from audit_events e left join persons p on p.person_id = e.person_id
       left join institutions i on i.institution_id = e.institution_id
     where e.event_id > $1::bigint and e.event_id <= $2::bigint`,
  ),
  system: statement(
    'audit-retirements.names-of-system',
    `select e.event_id::text as event, e.occurred_at as at, null::uuid as person, null::text as institution
     from system_audit_events e where e.event_id > $1::bigint and e.event_id <= $2::bigint`,
  ),
} as const;

const momentOf = (at: number | null): Instant | null => (at === null ? null : instant(at));

const withParts = async (session: Session, rows: readonly RetirementRow[]): Promise<Retirement[]> => {
  const parts = await session.run<PartRow>(PARTS, [rows.map(({ retirement_id }) => retirement_id)]);
  return rows.map((row) => ({
    id: row.public_id,
    before: instant(row.before_at),
    reason: row.reason,
    state: row.state,
    requestedBy: row.requested_by,
    requestedAt: instant(row.requested_at),
    decidedBy: row.decided_by,
    decidedAt: momentOf(row.decided_at),
    archiveDigest: row.archive_digest,
    doneAt: momentOf(row.done_at),
    parts: parts
      .filter(({ retirement_id }) => retirement_id === row.retirement_id)
      .map(({ book, sequence, to_event, rows: count }) => ({
        book,
        sequence: BigInt(sequence),
        toEvent: BigInt(to_event),
        rows: BigInt(count),
      })),
  }));
};

/** Every retirement there was, the oldest first. */
export const readRetirements = async (session: Session): Promise<Retirement[]> =>
  withParts(session, await session.run<RetirementRow>(ALL));

/** One retirement; undefined when there is none of this id. */
export const readRetirement = async (session: Session, id: PublicId): Promise<Retirement | undefined> =>
  (await withParts(session, await session.run<RetirementRow>(BY_ID, [id])))[0];

/** One retirement, held so that two people cannot act on it at once. */
export const lockRetirement = async (session: Session, id: PublicId): Promise<Retirement | undefined> =>
  (await withParts(session, await session.run<RetirementRow>(LOCK, [id])))[0];

/**
 * What of each book is older than a moment: whole batches from the beginning on, none with a row that is younger, and never
 * the newest batch.
 */
export const findRetirable = async (session: Session, before: Instant): Promise<RetirementPart[]> => {
  const parts: RetirementPart[] = [];
  for (const book of AUDIT_BOOKS) {
    const [young] = await session.run<{ event: string | null }>(FIRST_YOUNG[book], [isoInstant(before)]);
    const [last] = await session.run<{ sequence: string; to_event: string }>(LAST_BATCH, [
      book,
      young?.event ?? String(2n ** 63n - 1n),
      isoInstant(before),
    ]);
    if (!last) continue;
    parts.push({
      book,
      sequence: BigInt(last.sequence),
      toEvent: BigInt(last.to_event),
      rows: await countUpTo(session, book, BigInt(last.to_event)),
    });
  }
  return parts;
};

/** How many rows of a book stand up to an event id. */
export const countUpTo = async (session: Session, book: AuditBook, toEvent: bigint): Promise<bigint> =>
  BigInt((await session.run<{ rows: string }>(COUNT[book], [String(toEvent)]))[0]?.rows ?? 0);

/** Keeps what was asked for. False when another retirement is not at its end yet. */
export const keepRetirement = async (
  session: Session,
  asked: Pick<Retirement, 'id' | 'before' | 'reason' | 'requestedBy' | 'requestedAt' | 'parts'>,
): Promise<boolean> => {
  const [row] = await session.run<{ retirement_id: string }>(INSERT, [
    asked.id,
    isoInstant(asked.before),
    asked.reason,
    asked.requestedBy,
    isoInstant(asked.requestedAt),
  ]);
  if (!row) return false;
  for (const { book, sequence, toEvent, rows } of asked.parts)
    await session.run(INSERT_PART, [
      row.retirement_id,
      book,
      String(sequence),
      String(toEvent),
      String(rows),
    ]);
  return true;
};

/** Keeps what the second person decided. */
export const keepRetirementDecision = async (
  session: Session,
  id: PublicId,
  decision: {
    readonly state: Extract<RetirementState, 'approved' | 'refused'>;
    readonly by: string;
    readonly at: Instant;
  },
): Promise<void> => {
  await session.run(DECIDE, [id, decision.state, decision.by, isoInstant(decision.at)]);
};

/** Keeps which archive was written for an approved retirement. False when it is not approved any more. */
export const keepArchiveDigest = async (session: Session, id: PublicId, digest: string): Promise<boolean> =>
  (await session.run(ARCHIVED, [id, digest])).length === 1;

/** Removes the rows of a part with their seals. */
export const removeRetired = async (
  session: Session,
  { book, sequence, toEvent }: RetirementPart,
): Promise<void> => {
  await session.run(DELETE[book], [String(toEvent)]);
  await session.run(DELETE_SEALS, [book, String(sequence)]);
};

/** Keeps that a retirement is at its end. */
export const keepRetirementDone = async (session: Session, id: PublicId, at: Instant): Promise<void> => {
  await session.run(DONE, [id, isoInstant(at)]);
};

/** Before which moment rows of a book are in archives; null where nothing was retired. */
export const retiredBefore = async (session: Session, book: AuditBook): Promise<Instant | null> =>
  momentOf((await session.run<{ before: number | null }>(RETIRED_BEFORE, [book]))[0]?.before ?? null);

/** What is said beside a sealed row: when it was, and the public names behind our keys. */
export interface RowNames {
  readonly event: string;
  readonly at: Instant;
  readonly person: PublicId | null;
  readonly institution: string | null;
}

/** The public names of the rows of a range, by event id. */
export const namesOfRange = async (
  session: Session,
  book: AuditBook,
  range: { readonly fromEvent: bigint; readonly toEvent: bigint },
): Promise<ReadonlyMap<string, RowNames>> => {
  const rows = await session.run<RowNames>(NAMES[book], [String(range.fromEvent), String(range.toEvent)]);
  return new Map(rows.map((row) => [row.event, row]));
};
