import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** A person over whose records a privacy officer watches (VIP). */
export interface WatchedPersonRow {
  readonly institutionKey: string;
  readonly person: PublicId;
  /** Why, in the officer's words. */
  readonly note: string;
  readonly addedBy: string;
  readonly addedAt: Instant;
}

const COLUMNS = `institution_id as "institutionKey", person_public_id as person, note, added_by as "addedBy",
  added_at as "addedAt"`;

const OF_INSTITUTION = statement(
  'watched-persons.of-institution',
  `select ${COLUMNS} from watched_persons where institution_id = $1 order by added_at desc`,
);

/** Whom an institution watches over. */
export const readWatched = (session: Session, institutionKey: string): Promise<WatchedPersonRow[]> =>
  session.run<WatchedPersonRow>(OF_INSTITUTION, [institutionKey]);

const ALL = statement('watched-persons.all', `select ${COLUMNS} from watched_persons`);

/** Everybody who is watched over. A few dozen people. */
export const readAllWatched = (session: Session): Promise<WatchedPersonRow[]> =>
  session.run<WatchedPersonRow>(ALL);

const ADD = statement(
  'watched-persons.add',
  `insert into watched_persons (institution_id, person_public_id, note, added_by, added_at) values ($1, $2, $3, $4, $5)
   on conflict (institution_id, person_public_id) do nothing`,
);

/** Begins to watch over somebody; who is watched over already stays as he is. */
export const keepWatched = async (session: Session, row: WatchedPersonRow): Promise<void> => {
  await session.run(ADD, [row.institutionKey, row.person, row.note, row.addedBy, isoInstant(row.addedAt)]);
};

const REMOVE = statement(
  'watched-persons.remove',
  'delete from watched_persons where institution_id = $1 and person_public_id = $2 returning person_public_id',
);

/** Stops watching over somebody; false when nobody did. */
export const removeWatched = async (
  session: Session,
  institutionKey: string,
  person: PublicId,
): Promise<boolean> => (await session.run(REMOVE, [institutionKey, person])).length === 1;
