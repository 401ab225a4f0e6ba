import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';
import type { KeptBody } from './messages.ts';
import type { SenderKey } from './senders.ts';

/** Where a quarantined message stands: waiting, accepted by a replay, or given up by hand. */
export type QuarantineState = 'open' | 'resolved' | 'discarded';

/** A message that could not be processed, whole. `detail` and `place` never hold personal data. */
export interface QuarantineEntry {
  readonly publicId: PublicId;
  readonly senderKey: SenderKey | null;
  /** MSH-3 and MSH-4 as sent. */
  readonly senderAddress: string;
  readonly peer: string;
  readonly controlId: string | null;
  readonly messageType: string | null;
  readonly receivedAt: Instant;
  readonly reasonCode: string;
  readonly place: string;
  readonly detail: string;
  readonly body: KeptBody;
  readonly bodyHash: string;
}

/** A line of the quarantine as lists show it. */
export interface QuarantinedMessage extends Omit<QuarantineEntry, 'body' | 'bodyHash'> {
  readonly lastReceivedAt: Instant;
  readonly arrivals: number;
  readonly bodySize: number;
  readonly state: QuarantineState;
  readonly attempts: number;
  readonly resolvedAt: Instant | null;
  readonly resolution: string | null;
}

/** Which quarantined messages are meant. All given members must hold. */
export interface QuarantineFilter {
  readonly publicIds?: readonly PublicId[];
  readonly reasonCode?: string;
  readonly senderKey?: SenderKey;
  readonly state?: QuarantineState;
  /** Received at or after, and before. */
  readonly from?: Instant;
  readonly before?: Instant;
}

/** Place of a row in the order of arrival; the next page begins after it. */
export interface QuarantinePosition {
  readonly receivedAt: Instant;
  readonly publicId: PublicId;
}

interface QuarantineRow {
  readonly public_id: string;
  readonly sender_id: string | null;
  readonly sender_address: string;
  readonly peer: string;
  readonly control_id: string | null;
  readonly message_type: string | null;
  readonly received_at: number;
  readonly last_received_at: number;
  readonly arrivals: number;
  readonly reason_code: string;
  readonly place: string;
  readonly detail: string;
  readonly body_size: number;
  readonly state: QuarantineState;
  readonly attempts: number;
  readonly resolved_at: number | null;
  readonly resolution: string | null;
}

interface QuarantineBodyRow {
  readonly body: Uint8Array | null;
  readonly body_object: string | null;
  readonly body_size: number;
  readonly body_hash: string;
  readonly key_id: string | null;
}

const COLUMNS = `public_id, sender_id, sender_address, peer, control_id, message_type, received_at, last_received_at, arrivals,
  reason_code, place, detail, body_size, state, attempts, resolved_at, resolution`;

const INSERT = statement(
  'quarantine.insert',
  `insert into quarantined_messages (public_id, sender_id, sender_address, peer, control_id, message_type, received_at,
     last_received_at, arrivals, reason_code, place, detail, body, body_object, body_size, body_hash, key_id)
   values ($1, $2, $3, $4, $5, $6, $7, $7, 1, $8, $9, $10, $11, $12, $13, $14, $15)
   on conflict (body_hash) where state = 'open' do update set last_received_at = excluded.last_received_at,
     arrivals = quarantined_messages.arrivals + 1, reason_code = excluded.reason_code, place = excluded.place,
     detail = excluded.detail
   returning public_id`,
);
const LIST = statement(
  'quarantine.list',
  `select ${COLUMNS} from quarantined_messages
   where ($1::uuid[] is null or public_id = any($1)) and ($2::text is null or reason_code = $2)
     and ($3::bigint is null or sender_id = $3) and ($4::text is null or state = $4)
     and ($5::timestamptz is null or received_at >= $5) and ($6::timestamptz is null or received_at < $6)
     and ($7::timestamptz is null or (received_at, public_id) > ($7, $8::uuid))
   order by received_at, public_id limit $9`,
);
const NEWEST = statement(
  'quarantine.newest',
  `select ${COLUMNS} from quarantined_messages
   where sender_id = any($1::bigint[]) and received_at < $2 and ($3::timestamptz is null or received_at >= $3)
     and ($4::text is null or state = $4) and ($5::text is null or reason_code = $5)
     and ($6::text is null or message_type = $6) and ($7::text is null or control_id = $7)
   order by received_at desc limit $8`,
);
const BODY = statement(
  'quarantine.body',
  'select body, body_object, body_size, body_hash, key_id from quarantined_messages where public_id = $1',
);
const COUNTS = statement(
  'quarantine.counts',
  `select reason_code, count(*)::integer as messages from quarantined_messages where state = 'open'
   group by reason_code order by reason_code`,
);
const STILL_OPEN = statement(
  'quarantine.still-open',
  `update quarantined_messages set attempts = attempts + 1, reason_code = $2, place = $3, detail = $4,
     sender_id = coalesce($5, sender_id) where public_id = $1 and state = 'open' returning public_id`,
);
const CLOSE = statement(
  'quarantine.close',
  `update quarantined_messages set attempts = attempts + $2, state = $3, resolution = $4, resolved_at = $5
   where public_id = $1 and state = 'open' returning public_id`,
);

/**
 * Quarantines a message. The same bytes sent again while they lie there count as another arrival of the same row.
 *
 * @returns the public id under which it lies
 */
export const quarantine = async (session: Session, entry: QuarantineEntry): Promise<PublicId> => {
  const [row] = await session.run<{ public_id: string }>(INSERT, [
    entry.publicId,
    entry.senderKey,
    entry.senderAddress,
    entry.peer,
    entry.controlId,
    entry.messageType,
    isoInstant(entry.receivedAt),
    entry.reasonCode,
    entry.place,
    entry.detail,
    entry.body.bytes,
    entry.body.object,
    entry.body.size,
    entry.bodyHash,
    entry.body.keyId,
  ]);
  return (row as { public_id: string }).public_id as PublicId;
};

const messageOf = (row: QuarantineRow): QuarantinedMessage => ({
  publicId: row.public_id as PublicId,
  senderKey: row.sender_id as SenderKey | null,
  senderAddress: row.sender_address,
  peer: row.peer,
  controlId: row.control_id,
  messageType: row.message_type,
  receivedAt: row.received_at as Instant,
  lastReceivedAt: row.last_received_at as Instant,
  arrivals: row.arrivals,
  reasonCode: row.reason_code,
  place: row.place,
  detail: row.detail,
  bodySize: row.body_size,
  state: row.state,
  attempts: row.attempts,
  resolvedAt: row.resolved_at as Instant | null,
  resolution: row.resolution,
});

/** Quarantined messages in the order of their arrival. */
export const listQuarantined = async (
  session: Session,
  filter: QuarantineFilter,
  limit: number,
  after?: QuarantinePosition,
): Promise<readonly QuarantinedMessage[]> =>
  (
    await session.run<QuarantineRow>(LIST, [
      filter.publicIds ?? null,
      filter.reasonCode ?? null,
      filter.senderKey ?? null,
      filter.state ?? null,
      filter.from === undefined ? null : isoInstant(filter.from),
      filter.before === undefined ? null : isoInstant(filter.before),
      after ? isoInstant(after.receivedAt) : null,
      after?.publicId ?? null,
      limit,
    ])
  ).map(messageOf);

/** Which quarantined messages of some senders are meant. All given members must hold; null does not restrict. */
export interface NewestFilter {
  readonly senders: readonly SenderKey[];
  readonly before: Instant;
  /** Received at or after. */
  readonly from: Instant | null;
  readonly state: QuarantineState | null;
  readonly reasonCode: string | null;
  readonly messageType: string | null;
  readonly controlId: string | null;
}

/** Quarantined messages of some senders, newest first. */
export const newestQuarantined = async (
  session: Session,
  filter: NewestFilter,
  limit: number,
): Promise<readonly QuarantinedMessage[]> =>
  (
    await session.run<QuarantineRow>(NEWEST, [
      filter.senders,
      isoInstant(filter.before),
      filter.from === null ? null : isoInstant(filter.from),
      filter.state,
      filter.reasonCode,
      filter.messageType,
      filter.controlId,
      limit,
    ])
  ).map(messageOf);

/** How many messages wait, by reason. */
export const countQuarantined = async (session: Session): Promise<Readonly<Record<string, number>>> =>
  Object.fromEntries(
    (await session.run<{ reason_code: string; messages: number }>(COUNTS)).map((row) => [
      row.reason_code,
      row.messages,
    ]),
  );

/** The kept body of one quarantined message with its hash; undefined when there is no such message. */
export const quarantinedBody = async (
  session: Session,
  publicId: PublicId,
): Promise<{ readonly body: KeptBody; readonly bodyHash: string } | undefined> => {
  const [row] = await session.run<QuarantineBodyRow>(BODY, [publicId]);
  return (
    row && {
      body: { bytes: row.body, object: row.body_object, size: row.body_size, keyId: row.key_id },
      bodyHash: row.body_hash,
    }
  );
};

/** Writes down that a replay was tried and why the message stays; the newest reason is the one that is shown. */
export const keepQuarantined = async (
  session: Session,
  publicId: PublicId,
  reason: {
    readonly code: string;
    readonly place: string;
    readonly detail: string;
    readonly senderKey: SenderKey | null;
  },
): Promise<void> => {
  await session.run(STILL_OPEN, [publicId, reason.code, reason.place, reason.detail, reason.senderKey]);
};

/** Closes a quarantined message after a replay (`resolved`) or by hand (`discarded`). False when it was not open. */
export const closeQuarantined = async (
  session: Session,
  publicId: PublicId,
  state: 'resolved' | 'discarded',
  resolution: string,
  at: Instant,
): Promise<boolean> => {
  const attempts = state === 'resolved' ? 1 : 0;
  return (await session.run(CLOSE, [publicId, attempts, state, resolution, isoInstant(at)])).length > 0;
};
