import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { FLUSHED_WITH_THE_NEXT, type Session, statement } from './database.ts';

/** A card as it was shown: what a feedback about it is about. */
export interface ShownCard {
  readonly card: PublicId;
  readonly suggestion: PublicId | null;
  /** Lines of the order check that the card speaks of. */
  readonly lines: readonly number[];
}

/** A card that can be looked up, with the check it was made of. */
export interface KeptCard extends ShownCard {
  readonly check: PublicId;
}

const INSERT = statement(
  'cds-cards.insert',
  `insert into cds_cards (card_id, suggestion_id, service, check_public_id, institution_id, lines, shown_at)
   select c.card_id, c.suggestion_id, $4, $5, $6, string_to_array(c.lines, ',')::integer[], $7
   from unnest($1::uuid[], $2::uuid[], $3::text[]) as c(card_id, suggestion_id, lines)
   returning card_id, ${FLUSHED_WITH_THE_NEXT}`,
);
const BY_ID = statement(
  'cds-cards.by-id',
  `select card_id, suggestion_id, check_public_id, lines from cds_cards
   where card_id = $1 and service = $2 and institution_id = $3`,
);
const INSERT_FEEDBACK = statement(
  'cds-cards.insert-feedback',
  `insert into cds_feedback (card_id, feedback_hash, outcome, feedback, not_counted, received_at)
   values ($1, $2, $3, $4, $5, $6) on conflict (card_id, feedback_hash) do nothing returning card_id`,
);

/** Keeps the cards of one answer in the flight in which their check is kept, ahead of it. */
export const keepCards = async (
  session: Session,
  cards: readonly ShownCard[],
  of: {
    readonly service: string;
    readonly check: PublicId;
    readonly institutionKey: string;
    readonly at: Instant;
  },
): Promise<void> => {
  if (cards.length === 0) return;
  await session.run(INSERT, [
    cards.map(({ card }) => card),
    cards.map(({ suggestion }) => suggestion),
    cards.map(({ lines }) => lines.join(',')),
    of.service,
    of.check,
    of.institutionKey,
    isoInstant(of.at),
  ]);
};

/** The card of this id that this service gave to a system of this institution. */
export const readCard = async (
  session: Session,
  card: PublicId,
  service: string,
  institutionKey: string,
): Promise<KeptCard | undefined> => {
  const [row] = await session.run<{
    card_id: PublicId;
    suggestion_id: PublicId | null;
    check_public_id: PublicId;
    lines: number[];
  }>(BY_ID, [card, service, institutionKey]);
  return (
    row && {
      card: row.card_id,
      suggestion: row.suggestion_id,
      check: row.check_public_id,
      lines: row.lines,
    }
  );
};

/** A feedback as reported, ready to be kept. */
export interface FeedbackRecord {
  readonly card: PublicId;
  /** Hash of what was reported: the same again is the same row. */
  readonly hash: string;
  readonly outcome: 'accepted' | 'overridden';
  /** Canonical JSON of the report, word for word. */
  readonly feedback: string;
  /** Code of the fault that kept it from being counted as the doctor's answer; null when it was counted. */
  readonly notCounted: string | null;
  readonly receivedAt: Instant;
}

/** Keeps a feedback once. */
export const keepFeedback = async (session: Session, record: FeedbackRecord): Promise<void> => {
  await session.run(INSERT_FEEDBACK, [
    record.card,
    record.hash,
    record.outcome,
    record.feedback,
    record.notCounted,
    isoInstant(record.receivedAt),
  ]);
};
