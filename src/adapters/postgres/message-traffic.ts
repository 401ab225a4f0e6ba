import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';
import type { KeptBody, MessageKey } from './messages.ts';
import type { QuarantineState } from './quarantine.ts';
import type { SenderKey } from './senders.ts';

/** An accepted message as the console lists it. Its keys never leave the program. */
export interface AcceptedMessage {
  readonly personKey: string;
  readonly messageKey: MessageKey;
  readonly senderKey: SenderKey;
  readonly receivedAt: Instant;
  readonly controlId: string;
  readonly messageType: string;
  readonly bodySize: number;
}

/** Which messages of one sender are meant, newest first. All given members must hold. */
export interface TrafficFilter {
  /** Received at or after. */
  readonly from: Instant | null;
  readonly before: Instant;
  readonly messageType: string | null;
}

interface AcceptedRow {
  readonly person_id: string;
  readonly message_id: string;
  readonly sender_id: string;
  readonly received_at: number;
  readonly control_id: string;
  readonly message_type: string;
  readonly body_size: number;
}

const ACCEPTED_COLUMNS = 'person_id, message_id, sender_id, received_at, control_id, message_type, body_size';

const ACCEPTED = statement(
  'traffic.accepted',
  `select ${ACCEPTED_COLUMNS} from messages
   where sender_id = $1 and received_at < $2 and ($3::timestamptz is null or received_at >= $3)
     and ($4::text is null or message_type = $4)
   order by received_at desc limit $5`,
);
const ACCEPTED_AT = statement(
  'traffic.accepted-at',
  `select ${ACCEPTED_COLUMNS} from messages where sender_id = any($1::bigint[]) and received_at = $2`,
);
const CLAIMS = statement(
  'traffic.claims',
  `select person_id, received_at from message_keys
   where control_id = $1 and sender_id = any($2::bigint[]) and person_id is not null`,
);
const ACCEPTED_OF_PERSON = statement(
  'traffic.accepted-of-person',
  `select ${ACCEPTED_COLUMNS} from messages where person_id = $1 and received_at = $2 and control_id = $3`,
);
const ACCEPTED_BODY = statement(
  'traffic.accepted-body',
  `select body, body_object, body_size, key_id from messages
   where person_id = $1 and received_at = $2 and message_id = $3`,
);
const LATEST = statement(
  'traffic.latest',
  'select received_at from messages where sender_id = $1 order by received_at desc limit 1',
);
const ACCEPTED_COUNTS = statement(
  'traffic.accepted-counts',
  `select sender_id, floor(extract(epoch from received_at) / $3)::bigint as step, count(*)::integer as messages
   from messages where sender_id = any($1::bigint[]) and received_at >= $2 group by 1, 2`,
);
const QUARANTINED_COUNTS = statement(
  'traffic.quarantined-counts',
  `select sender_id, floor(extract(epoch from received_at) / $3)::bigint as step, count(*)::integer as messages
   from quarantined_messages where sender_id = any($1::bigint[]) and received_at >= $2 group by 1, 2`,
);
const DUPLICATE_COUNTS = statement(
  'traffic.duplicate-counts',
  `select sender_id, floor(extract(epoch from minute_at) / $3)::bigint as step, sum(messages)::integer as messages
   from duplicate_counts where sender_id = any($1::bigint[]) and minute_at >= $2 group by 1, 2`,
);
const QUARANTINE_STATES = statement(
  'traffic.quarantine-states',
  `select sender_id, state, count(*)::integer as messages, max(last_received_at) as last_at
   from quarantined_messages where sender_id = any($1::bigint[]) group by 1, 2`,
);
const OPEN_REASONS = statement(
  'traffic.open-reasons',
  `select reason_code, count(*)::integer as messages, max(last_received_at) as last_at
   from quarantined_messages where sender_id = any($1::bigint[]) and state = 'open'
   group by 1 order by 2 desc, 1`,
);
const COUNT_DUPLICATE = statement(
  'traffic.count-duplicate',
  `insert into duplicate_counts (sender_id, minute_at, messages) values ($1, date_trunc('minute', $2::timestamptz), 1)
   on conflict (sender_id, minute_at) do update set messages = duplicate_counts.messages + 1 returning messages`,
);

const acceptedOf = (row: AcceptedRow): AcceptedMessage => ({
  personKey: row.person_id,
  messageKey: row.message_id as MessageKey,
  senderKey: row.sender_id as SenderKey,
  receivedAt: row.received_at as Instant,
  controlId: row.control_id,
  messageType: row.message_type,
  bodySize: row.body_size,
});

/** Newest accepted messages of a sender. */
export const listAccepted = async (
  session: Session,
  senderKey: SenderKey,
  { from, before, messageType }: TrafficFilter,
  limit: number,
): Promise<readonly AcceptedMessage[]> =>
  (
    await session.run<AcceptedRow>(ACCEPTED, [
      senderKey,
      isoInstant(before),
      from === null ? null : isoInstant(from),
      messageType,
      limit,
    ])
  ).map(acceptedOf);

/** Accepted messages of some senders received at one moment. */
export const acceptedAt = async (
  session: Session,
  senders: readonly SenderKey[],
  at: Instant,
): Promise<readonly AcceptedMessage[]> =>
  (await session.run<AcceptedRow>(ACCEPTED_AT, [senders, isoInstant(at)])).map(acceptedOf);

/** Accepted messages with this control id (MSH-10) of some senders. */
export const acceptedUnder = async (
  session: Session,
  senders: readonly SenderKey[],
  controlId: string,
): Promise<readonly AcceptedMessage[]> => {
  const claims = await session.run<{ person_id: string; received_at: number }>(CLAIMS, [controlId, senders]);
  const found = await Promise.all(
    claims.map((claim) =>
      session.run<AcceptedRow>(ACCEPTED_OF_PERSON, [
        claim.person_id,
        isoInstant(claim.received_at as Instant),
        controlId,
      ]),
    ),
  );
  return found
    .flat()
    .map(acceptedOf)
    .filter(({ senderKey }) => senders.includes(senderKey));
};

/** The kept body of an accepted message. */
export const acceptedBody = async (
  session: Session,
  { personKey, receivedAt, messageKey }: AcceptedMessage,
): Promise<KeptBody | undefined> => {
  const [row] = await session.run<{
    body: Uint8Array | null;
    body_object: string | null;
    body_size: number;
    key_id: string | null;
  }>(ACCEPTED_BODY, [personKey, isoInstant(receivedAt), messageKey]);
  return row && { bytes: row.body, object: row.body_object, size: row.body_size, keyId: row.key_id };
};

/** When the newest message of a sender was accepted; null when none ever was. */
export const latestAccepted = async (session: Session, senderKey: SenderKey): Promise<Instant | null> => {
  const [row] = await session.run<{ received_at: number }>(LATEST, [senderKey]);
  return row === undefined ? null : (row.received_at as Instant);
};

/** How many messages of a sender came in one step of time. */
export interface StepCount {
  readonly senderKey: SenderKey;
  /** Number of the step since 1970: its begin divided by its length. */
  readonly step: number;
  readonly messages: number;
}

/** The three counts of the console. */
export interface TrafficCounts {
  readonly accepted: readonly StepCount[];
  readonly quarantined: readonly StepCount[];
  readonly duplicates: readonly StepCount[];
}

/** Counts messages from a moment on, by sender and step. */
export const countTraffic = async (
  session: Session,
  senders: readonly SenderKey[],
  from: Instant,
  stepSeconds: number,
): Promise<TrafficCounts> => {
  const values = [senders, isoInstant(from), stepSeconds];
  const counted = async (which: typeof ACCEPTED_COUNTS): Promise<readonly StepCount[]> =>
    (await session.run<{ sender_id: string; step: string; messages: number }>(which, values)).map((row) => ({
      senderKey: row.sender_id as SenderKey,
      step: Number(row.step),
      messages: row.messages,
    }));
  const [accepted, quarantined, duplicates] = await Promise.all([
    counted(ACCEPTED_COUNTS),
    counted(QUARANTINED_COUNTS),
    counted(DUPLICATE_COUNTS),
  ]);
  return { accepted, quarantined, duplicates };
};

/** How many messages of each sender lie in quarantine, by state, and when the newest arrived. */
export const countQuarantineStates = async (
  session: Session,
  senders: readonly SenderKey[],
): Promise<readonly { senderKey: SenderKey; state: QuarantineState; messages: number; lastAt: Instant }[]> =>
  (
    await session.run<{ sender_id: string; state: QuarantineState; messages: number; last_at: number }>(
      QUARANTINE_STATES,
      [senders],
    )
  ).map((row) => ({
    senderKey: row.sender_id as SenderKey,
    state: row.state,
    messages: row.messages,
    lastAt: row.last_at as Instant,
  }));

/** Reasons for which messages wait, most frequent first. */
export const countOpenReasons = async (
  session: Session,
  senders: readonly SenderKey[],
): Promise<readonly { readonly code: string; readonly messages: number; readonly lastAt: Instant }[]> =>
  (
    await session.run<{ reason_code: string; messages: number; last_at: number }>(OPEN_REASONS, [senders])
  ).map((row) => ({ code: row.reason_code, messages: row.messages, lastAt: row.last_at as Instant }));

/** Counts one repeat of an accepted message. */
export const countDuplicate = async (session: Session, senderKey: SenderKey, at: Instant): Promise<void> => {
  await session.run(COUNT_DUPLICATE, [senderKey, isoInstant(at)]);
};

const PERSON_DECISION = statement(
  'traffic.person-decision',
  `select p.created_at = $2 as created,
     exists (select 1 from person_link_events e
       where e.person_id = p.person_id and e.recorded_at = $2 and e.kind = 'link') as linked,
     exists (select 1 from person_reviews r where r.person_id = p.person_id and r.opened_at = $2) as queued
   from persons p where p.person_id = $1`,
);

/** What a message did to the record of its patient. */
export interface PersonDecision {
  readonly created: boolean;
  readonly linked: boolean;
  /** Somebody is asked whether this is the same person as another. */
  readonly queued: boolean;
}

/** What the message received at this moment did to the record of its patient. */
export const personDecision = async (
  session: Session,
  personKey: string,
  receivedAt: Instant,
): Promise<PersonDecision | undefined> =>
  (await session.run<PersonDecision>(PERSON_DECISION, [personKey, isoInstant(receivedAt)]))[0];

/** An act on a quarantined message, as it is begun. */
export interface QuarantineAct {
  readonly publicId: PublicId;
  readonly kind: 'replay' | 'edited-replay' | 'discard';
  readonly actor: string;
  readonly reason: string;
  readonly at: Instant;
  /** The edited copy with its hash. */
  readonly copy: { readonly body: KeptBody; readonly bodyHash: string } | null;
}

/** An act as it is shown. */
export interface KeptQuarantineAct extends QuarantineAct {
  readonly outcome: string | null;
  readonly reasonCode: string | null;
  readonly place: string | null;
}

const BEGIN_ACT = statement(
  'quarantine.begin-act',
  `insert into quarantine_acts (public_id, quarantine_id, kind, actor, reason, acted_at, body, body_object, body_size,
     body_hash, key_id)
   select $1, quarantine_id, $3, $4, $5, $6, $7, $8, $9, $10, $11 from quarantined_messages
   where public_id = $2 and state = 'open' returning public_id`,
);
const END_ACT = statement(
  'quarantine.end-act',
  `update quarantine_acts set outcome = $2, reason_code = $3, place = $4 where public_id = $1 returning public_id`,
);
const ACTS = statement(
  'quarantine.acts',
  `select a.public_id, a.kind, a.actor, a.reason, a.acted_at, a.outcome, a.reason_code, a.place, a.body, a.body_object,
     a.body_size, a.body_hash, a.key_id
   from quarantine_acts a join quarantined_messages q using (quarantine_id) where q.public_id = $1 order by a.act_id`,
);

/** Writes down what somebody is about to do to an open message. False when it is not open any more. */
export const beginQuarantineAct = async (
  session: Session,
  message: PublicId,
  act: QuarantineAct,
): Promise<boolean> =>
  (
    await session.run(BEGIN_ACT, [
      act.publicId,
      message,
      act.kind,
      act.actor,
      act.reason,
      isoInstant(act.at),
      act.copy?.body.bytes ?? null,
      act.copy?.body.object ?? null,
      act.copy?.body.size ?? null,
      act.copy?.bodyHash ?? null,
      act.copy?.body.keyId ?? null,
    ])
  ).length > 0;

/** Writes down what came of it. */
export const endQuarantineAct = async (
  session: Session,
  act: PublicId,
  result: { readonly outcome: string; readonly reasonCode: string | null; readonly place: string | null },
): Promise<void> => {
  await session.run(END_ACT, [act, result.outcome, result.reasonCode, result.place]);
};

/** What people did to a quarantined message, in order. */
export const quarantineActs = async (
  session: Session,
  message: PublicId,
): Promise<readonly KeptQuarantineAct[]> =>
  (
    await session.run<{
      public_id: PublicId;
      kind: QuarantineAct['kind'];
      actor: string;
      reason: string;
      acted_at: number;
      outcome: string | null;
      reason_code: string | null;
      place: string | null;
      body: Uint8Array | null;
      body_object: string | null;
      body_size: number | null;
      body_hash: string | null;
      key_id: string | null;
    }>(ACTS, [message])
  ).map((row) => ({
    publicId: row.public_id,
    kind: row.kind,
    actor: row.actor,
    reason: row.reason,
    at: row.acted_at as Instant,
    outcome: row.outcome,
    reasonCode: row.reason_code,
    place: row.place,
    copy:
      row.body_hash === null
        ? null
        : {
            bodyHash: row.body_hash,
            body: {
              bytes: row.body,
              object: row.body_object,
              size: row.body_size ?? 0,
              keyId: row.key_id,
            },
          },
  }));
