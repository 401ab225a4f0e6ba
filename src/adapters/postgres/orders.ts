import type { Side } from '../../catalogue/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';
import type { MessageKey } from './messages.ts';
import type { InstitutionKey, ItemKey } from './registry.ts';

/** Where an ordered line stands. `executed`: its ordering system says that it was carried out, at least in part. */
export type OrderState = 'new' | 'changed' | 'cancelled' | 'executed';

/** One line of an order as an ordering system states it. */
export interface OrderRecord {
  readonly placerNumber: string;
  readonly localCode: string;
  readonly localName: string;
  /** null for panels and for codes that wait for their mapping. */
  readonly itemKey: ItemKey | null;
  /** null where none is stated, or two that contradict each other. */
  readonly side: Side | null;
  readonly state: OrderState;
  readonly requestedAt: Instant;
  readonly doctor: string | null;
  readonly department: string | null;
}

/** What the lines of one order message share. */
export interface OrderMessageRecord {
  readonly personKey: string;
  readonly institutionKey: InstitutionKey;
  readonly messageKey: MessageKey;
  readonly encounterNumber: string | null;
  readonly encounterClass: string | null;
  readonly diagnoses: readonly string[];
  readonly statedAt: Instant;
  /** Under which id these lines are checked; null where the sender asks for no check. */
  readonly check: PublicId | null;
}

const PUT = statement(
  'orders.put',
  `insert into orders (person_id, institution_id, placer_number, encounter_number, encounter_class, local_code, local_name,
     item_id, state, requested_at, message_id, doctor, department, diagnoses, stated_at, check_public_id, side)
   select $1::bigint, $2::bigint, line.placer_number, $3::text, $4::text, line.local_code, line.local_name, line.item_id,
     line.state, line.requested_at, $5::bigint, line.doctor, line.department, $6::text[], $7::timestamptz, $16::uuid, line.side
   from unnest($8::text[], $9::text[], $10::text[], $11::bigint[], $12::text[], $13::timestamptz[], $14::text[], $15::text[],
     $17::text[])
     as line (placer_number, local_code, local_name, item_id, state, requested_at, doctor, department, side)
   on conflict (person_id, institution_id, placer_number, local_code) do update set
     encounter_number = coalesce(excluded.encounter_number, orders.encounter_number),
     encounter_class = coalesce(excluded.encounter_class, orders.encounter_class),
     local_name = excluded.local_name, item_id = excluded.item_id, side = excluded.side, state = excluded.state,
     message_id = excluded.message_id, doctor = coalesce(excluded.doctor, orders.doctor),
     department = coalesce(excluded.department, orders.department), stated_at = excluded.stated_at,
     check_public_id = coalesce(excluded.check_public_id, orders.check_public_id)
   where excluded.stated_at >= orders.stated_at
   returning placer_number, local_code, state`,
);
const CANCEL_WHOLE = statement(
  'orders.cancel-whole',
  `update orders set state = 'cancelled', message_id = $4, stated_at = $5
   where person_id = any($1::bigint[]) and institution_id = $2 and placer_number = $3 and stated_at <= $5
   returning local_code`,
);

/**
 * Stores the lines of an order message: new ones, and what became of known ones. A line that was said later stands.
 *
 * @returns the lines that now stand as this message says
 */
export const putOrders = async (
  session: Session,
  message: OrderMessageRecord,
  lines: readonly OrderRecord[],
): Promise<
  readonly { readonly placerNumber: string; readonly localCode: string; readonly state: OrderState }[]
> => {
  const rows = await session.run<{ placer_number: string; local_code: string; state: OrderState }>(PUT, [
    message.personKey,
    message.institutionKey,
    message.encounterNumber,
    message.encounterClass,
    message.messageKey,
    message.diagnoses,
    isoInstant(message.statedAt),
    lines.map(({ placerNumber }) => placerNumber),
    lines.map(({ localCode }) => localCode),
    lines.map(({ localName }) => localName),
    lines.map(({ itemKey }) => itemKey),
    lines.map(({ state }) => state),
    lines.map(({ requestedAt }) => isoInstant(requestedAt)),
    lines.map(({ doctor }) => doctor),
    lines.map(({ department }) => department),
    message.check,
    lines.map(({ side }) => side),
  ]);
  return rows.map((row) => ({
    placerNumber: row.placer_number,
    localCode: row.local_code,
    state: row.state,
  }));
};

/**
 * Cancels every line of an order: what a cancellation without a service code means.
 *
 * @returns the local codes of the lines that are cancelled now
 */
export const cancelWholeOrder = async (
  session: Session,
  message: OrderMessageRecord,
  persons: readonly string[],
  placerNumber: string,
): Promise<readonly string[]> => {
  const rows = await session.run<{ local_code: string }>(CANCEL_WHOLE, [
    persons,
    message.institutionKey,
    placerNumber,
    message.messageKey,
    isoInstant(message.statedAt),
  ]);
  return rows.map((row) => row.local_code);
};

/** A recognition that stands and waits for the ordering system to confirm that the order was cancelled. */
export interface StandingRecognition {
  readonly personKey: string;
  readonly check: PublicId;
  readonly line: number;
  readonly localCode: string;
}

// Read apart: order and check of one patient may lie under two records of him, which Citus keeps on two shards.
const CHECKS_OF_ORDER = statement(
  'orders.checks-of-order',
  `select distinct check_public_id from orders
   where person_id = any($1::bigint[]) and institution_id = $2 and placer_number = $3 and local_code = any($4::text[])
     and check_public_id is not null`,
);
const STANDING_RECOGNITIONS = statement(
  'orders.standing-recognitions',
  `select distinct r.person_id, r.check_public_id, r.line, r.local_code
   from check_responses r join order_checks c on c.person_id = r.person_id and c.public_id = r.check_public_id
   where r.person_id = any($1::bigint[]) and c.institution_id = $2
     and (c.request_number = $3 or c.public_id = any($5::uuid[]))
     and r.local_code = any($4::text[]) and r.kind = 'recognise'
     and not exists (
       select 1 from check_responses u
       where u.person_id = r.person_id and u.check_public_id = r.check_public_id and u.kind = 'undo' and u.undoes = r.public_id)
     and not exists (
       select 1 from check_responses f
       where f.person_id = r.person_id and f.check_public_id = r.check_public_id and f.line = r.line and f.kind = 'fulfilled')
   order by r.check_public_id, r.line`,
);

/**
 * Recognitions of cancelled lines: answered in a check that named this order number (申请单号), or was done for the
 * message that ordered the line, for this code, not undone and not confirmed yet.
 */
export const standingRecognitions = async (
  session: Session,
  persons: readonly string[],
  institutionKey: InstitutionKey,
  placerNumber: string,
  localCodes: readonly string[],
): Promise<readonly StandingRecognition[]> => {
  const key = [persons, institutionKey, placerNumber, localCodes] as const;
  const checks = await session.run<{ check_public_id: PublicId }>(CHECKS_OF_ORDER, key);
  const rows = await session.run<{
    person_id: string;
    check_public_id: PublicId;
    line: number;
    local_code: string;
  }>(STANDING_RECOGNITIONS, [...key, checks.map((row) => row.check_public_id)]);
  return rows.map((row) => ({
    personKey: row.person_id,
    check: row.check_public_id,
    line: row.line,
    localCode: row.local_code,
  }));
};
