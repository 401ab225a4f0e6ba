import { type Instant, instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** A patient at the desk. */
export interface DeskVisit {
  readonly id: PublicId;
  readonly personId: string;
  readonly person: PublicId;
  readonly institutionKey: string;
  readonly actor: string;
  readonly present: string;
  readonly document: string;
  readonly openedAt: Instant;
  /** First moment at which nothing more may be done in it. */
  readonly endsAt: Instant;
}

const INSERT = statement(
  'desk-visits.insert',
  `insert into desk_visits (person_id, public_id, institution_id, actor, present, document, opened_at, ends_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8)`,
);
const BY_ID = statement(
  'desk-visits.by-id',
  `select d.person_id, p.public_id as person, d.institution_id, d.actor, d.present, d.document, d.opened_at, d.ends_at
   from desk_visits d join persons p on p.person_id = d.person_id where d.public_id = $1`,
);
const END = statement(
  'desk-visits.end',
  'update desk_visits set ends_at = $3 where person_id = $1 and public_id = $2 and ends_at > $3 returning public_id',
);

/** Keeps a visit. */
export const keepDeskVisit = async (session: Session, visit: Omit<DeskVisit, 'person'>): Promise<void> => {
  await session.run(INSERT, [
    visit.personId,
    visit.id,
    visit.institutionKey,
    visit.actor,
    visit.present,
    visit.document,
    isoInstant(visit.openedAt),
    isoInstant(visit.endsAt),
  ]);
};

/** A visit by its id, ended ones too. */
export const readDeskVisit = async (session: Session, id: PublicId): Promise<DeskVisit | undefined> => {
  const [row] = await session.run<{
    person_id: string;
    person: PublicId;
    institution_id: string;
    actor: string;
    present: string;
    document: string;
    opened_at: number;
    ends_at: number;
  }>(BY_ID, [id]);
  return (
    row && {
      id,
      personId: row.person_id,
      person: row.person,
      institutionKey: row.institution_id,
      actor: row.actor,
      present: row.present,
      document: row.document,
      openedAt: instant(row.opened_at),
      endsAt: instant(row.ends_at),
    }
  );
};

/** Ends a visit before its time. */
export const endDeskVisit = async (
  session: Session,
  { personId, id }: Pick<DeskVisit, 'personId' | 'id'>,
  at: Instant,
): Promise<void> => {
  await session.run(END, [personId, id, isoInstant(at)]);
};
