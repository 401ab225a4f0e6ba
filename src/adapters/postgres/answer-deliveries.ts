import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** An answer on its way to a client. */
export interface AnswerDelivery {
  readonly personId: string;
  readonly deliveryId: string;
  readonly check: PublicId;
  /** The answer; also the key by which the client knows a repeat. */
  readonly response: PublicId;
  readonly client: string;
  /** Attempts made before this one. */
  readonly attempts: number;
  readonly createdAt: number;
}

const WAY = statement(
  'answer-deliveries.way',
  `select l.answer_way from client_launches l join clients c on c.client_id = l.client_id
   where c.code = $1 and c.disabled_at is null`,
);
const PUT = statement(
  'answer-deliveries.put',
  `insert into answer_deliveries (person_id, check_public_id, response_public_id, client_code, next_attempt_at, created_at)
   values ($1, $2, $3, $4, $5, $5)
   on conflict (person_id, check_public_id, response_public_id) do nothing returning delivery_id`,
);

/** Sets an answer on its way, in the transaction that keeps it, where the client chose to be called. */
export const sendAnswer = async (
  session: Session,
  answer: { readonly personId: string; readonly check: PublicId; readonly response: PublicId },
  client: string,
  at: Instant,
): Promise<void> => {
  const [row] = await session.run<{ answer_way: string }>(WAY, [client]);
  if (row?.answer_way !== 'callback') return;
  await session.run(PUT, [answer.personId, answer.check, answer.response, client, isoInstant(at)]);
};

const DUE_MAX = 50;
// The answers to one check go out in the order in which they were given: a later one waits for those before it.
const DUE = statement(
  'answer-deliveries.due',
  `select d.person_id, d.delivery_id, d.check_public_id, d.response_public_id, d.client_code, d.attempts, d.created_at
   from answer_deliveries d
   where d.state = 'waiting' and d.next_attempt_at <= $1
     and not exists (
       select 1 from answer_deliveries e
       where e.person_id = d.person_id and e.check_public_id = d.check_public_id and e.state = 'waiting'
         and e.delivery_id < d.delivery_id)
   order by d.next_attempt_at limit ${DUE_MAX}`,
);
const CLAIM = statement(
  'answer-deliveries.claim',
  `update answer_deliveries set attempts = attempts + 1, next_attempt_at = $4
   where person_id = $1 and delivery_id = $2 and state = 'waiting' and attempts = $3 returning delivery_id`,
);
const FINISH = statement(
  'answer-deliveries.finish',
  `update answer_deliveries set state = $3, finished_at = $4, last_outcome = $5
   where person_id = $1 and delivery_id = $2 returning delivery_id`,
);
const RETRY = statement(
  'answer-deliveries.retry',
  `update answer_deliveries set next_attempt_at = $3, last_outcome = $4
   where person_id = $1 and delivery_id = $2 and state = 'waiting' returning delivery_id`,
);

/** Answers that are due now. */
export const dueAnswers = async (session: Session, now: Instant): Promise<readonly AnswerDelivery[]> => {
  const rows = await session.run<{
    person_id: string;
    delivery_id: string;
    check_public_id: PublicId;
    response_public_id: PublicId;
    client_code: string;
    attempts: number;
    created_at: number;
  }>(DUE, [isoInstant(now)]);
  return rows.map((row) => ({
    personId: row.person_id,
    deliveryId: row.delivery_id,
    check: row.check_public_id,
    response: row.response_public_id,
    client: row.client_code,
    attempts: row.attempts,
    createdAt: row.created_at,
  }));
};

/**
 * Takes one answer in hand until `heldUntil`; false when another process was quicker. If this one dies, the answer is due
 * again then.
 */
export const claimAnswer = async (
  session: Session,
  { personId, deliveryId, attempts }: AnswerDelivery,
  heldUntil: Instant,
): Promise<boolean> =>
  (await session.run(CLAIM, [personId, deliveryId, attempts, isoInstant(heldUntil)])).length === 1;

/** Ends a delivery. */
export const finishAnswer = async (
  session: Session,
  { personId, deliveryId }: AnswerDelivery,
  state: 'delivered' | 'given-up',
  at: Instant,
  outcome: string,
): Promise<void> => {
  await session.run(FINISH, [personId, deliveryId, state, isoInstant(at), outcome]);
};

/** Puts a delivery off. `outcome` is a status or a code, never what the client wrote back. */
export const retryAnswer = async (
  session: Session,
  { personId, deliveryId }: AnswerDelivery,
  nextAt: Instant,
  outcome: string,
): Promise<void> => {
  await session.run(RETRY, [personId, deliveryId, isoInstant(nextAt), outcome]);
};
