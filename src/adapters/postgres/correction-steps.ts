import type { CorrectionState, Remedy, TicketParty, TicketStep } from '../../correction/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** One step of a ticket, ready to be kept. */
export interface CorrectionStepRecord {
  readonly personId: string;
  readonly correction: PublicId;
  /** From 1, without gaps. */
  readonly place: number;
  readonly step: TicketStep;
  /** Where the ticket stands after it. */
  readonly state: CorrectionState;
  readonly party: TicketParty;
  readonly actor: string;
  readonly note: string;
  readonly reason: string | null;
  readonly remedy: Remedy | null;
  readonly reportVersion: number | null;
  readonly requestKey: string | null;
}

/** One step of a ticket as kept. */
export interface CorrectionEventRow {
  readonly correction_public_id: PublicId;
  readonly place: number;
  readonly step: TicketStep;
  readonly state: CorrectionState;
  readonly party: TicketParty;
  readonly actor: string;
  readonly note: string;
  readonly reason: string | null;
  readonly remedy: Remedy | null;
  readonly report_version: number | null;
  readonly request_key: string | null;
  readonly occurred_at: number;
}

const LOCK = statement(
  'correction-steps.lock-ticket',
  'select public_id from corrections where person_id = $1 and public_id = $2 for no key update',
);
const INSERT = statement(
  'correction-steps.insert',
  `insert into correction_events (person_id, correction_public_id, place, step, state, party, actor, note, reason, remedy,
     report_version, request_key, occurred_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
);
const EVENTS = statement(
  'correction-steps.events',
  `select correction_public_id, place, step, state, party, actor, note, reason, remedy, report_version, request_key, occurred_at
   from correction_events
   where person_id = any($1::bigint[]) and correction_public_id = any($2::uuid[]) order by correction_public_id, place`,
);

/** Holds a ticket until the transaction ends. Whoever also holds its report takes that first. */
export const lockCorrection = async (
  session: Session,
  personId: string,
  correction: PublicId,
): Promise<void> => {
  await session.run(LOCK, [personId, correction]);
};

/** Keeps one step. Fails where another step already has its place or its request key. */
export const keepCorrectionStep = async (
  session: Session,
  step: CorrectionStepRecord,
  at: Instant,
): Promise<void> => {
  await session.run(INSERT, [
    step.personId,
    step.correction,
    step.place,
    step.step,
    step.state,
    step.party,
    step.actor,
    step.note,
    step.reason,
    step.remedy,
    step.reportVersion,
    step.requestKey,
    isoInstant(at),
  ]);
};

/** The courses of some tickets, each in order. */
export const readCorrectionEvents = (
  session: Session,
  persons: readonly string[],
  corrections: readonly PublicId[],
): Promise<CorrectionEventRow[]> => session.run<CorrectionEventRow>(EVENTS, [persons, corrections]);

const TELL = statement(
  'correction-steps.tell',
  `insert into correction_notices (person_id, correction_public_id, place, addressee, told_at) values ($1, $2, $3, $4, $5)
   on conflict (person_id, correction_public_id, place, addressee) do nothing`,
);
const SEEN = statement(
  'correction-steps.seen',
  `update correction_notices set seen_at = $4
   where person_id = $1 and correction_public_id = $2 and addressee = $3 and seen_at is null`,
);
const UNSEEN = statement(
  'correction-steps.unseen',
  `select distinct correction_public_id from correction_notices
   where person_id = any($1::bigint[]) and correction_public_id = any($2::uuid[]) and addressee = $3 and seen_at is null`,
);

/** Tells somebody of a step; the same again tells nothing. */
export const tellOfStep = async (
  session: Session,
  step: Pick<CorrectionStepRecord, 'personId' | 'correction' | 'place'>,
  addressee: string,
  at: Instant,
): Promise<void> => {
  await session.run(TELL, [step.personId, step.correction, step.place, addressee, isoInstant(at)]);
};

/** Remembers that somebody has seen how far a ticket has come. */
export const markStepsSeen = async (
  session: Session,
  personId: string,
  correction: PublicId,
  addressee: string,
  at: Instant,
): Promise<void> => {
  await session.run(SEEN, [personId, correction, addressee, isoInstant(at)]);
};

/** Of some tickets those with a step that somebody has not seen yet. */
export const readUnseenCorrections = async (
  session: Session,
  persons: readonly string[],
  corrections: readonly PublicId[],
  addressee: string,
): Promise<ReadonlySet<PublicId>> =>
  new Set(
    (await session.run<{ correction_public_id: PublicId }>(UNSEEN, [persons, corrections, addressee])).map(
      ({ correction_public_id }) => correction_public_id,
    ),
  );

const COUNT_UNSEEN = statement(
  'correction-steps.count-unseen',
  `select count(distinct correction_public_id)::integer as tickets from correction_notices
   where addressee = any($1::text[]) and seen_at is null`,
);

/** How many tickets have a step that somebody, told under any of these names, has not seen yet. */
export const countUnseenCorrections = async (
  session: Session,
  addressees: readonly string[],
): Promise<number> => (await session.run<{ tickets: number }>(COUNT_UNSEEN, [addressees]))[0]?.tickets ?? 0;
