import type { Instant } from '../../kernel/instant.ts';
import { type Session, statement } from './database.ts';

/** Messages that wait because nobody registered their sender, of one pair of MSH-3 and MSH-4. */
export interface UnknownSender {
  /** MSH-3 and MSH-4 as sent. */
  readonly application: string;
  readonly facility: string;
  readonly messages: number;
  readonly firstAt: Instant;
  readonly lastAt: Instant;
}

const UNKNOWN_SENDERS = statement(
  'unknown-senders.list',
  `select sender_address, count(*)::integer as messages, min(received_at) as first_at,
     max(last_received_at) as last_at
   from quarantined_messages where state = 'open' and sender_id is null and reason_code = 'SENDER_UNKNOWN'
   group by sender_address order by last_at desc, sender_address limit $1`,
);

/** Senders that send and are not registered, the latest first. */
export const listUnknownSenders = async (
  session: Session,
  limit: number,
): Promise<readonly UnknownSender[]> =>
  (
    await session.run<{ sender_address: string; messages: number; first_at: number; last_at: number }>(
      UNKNOWN_SENDERS,
      [limit],
    )
  ).map((row) => {
    const [application = '', facility = ''] = row.sender_address.split('|');
    return {
      application,
      facility,
      messages: row.messages,
      firstAt: row.first_at as Instant,
      lastAt: row.last_at as Instant,
    };
  });
