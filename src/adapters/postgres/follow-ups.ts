import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

// Both checks are about one person, so one shard has both.
const LATEST = statement(
  'follow-ups.latest',
  `select l.public_id from order_checks c
   join order_checks l on l.person_id = c.person_id and l.follows = coalesce(c.follows, c.public_id)
   where c.public_id = $1 order by l.checked_at desc, l.check_id desc limit 1`,
);
const EARLIER = statement(
  'follow-ups.as-one',
  'select public_id from order_checks where person_id = $1 and (public_id = $2 or follows = $2)',
);

/** The check that goes on with this one by now: the latest made again for the same order; undefined where none was. */
export const latestFollowUp = async (session: Session, check: PublicId): Promise<PublicId | undefined> =>
  (await session.run<{ public_id: PublicId }>(LATEST, [check]))[0]?.public_id;

/** A check of a person with all that go on with it. */
export const checksAsOne = async (
  session: Session,
  personId: string,
  first: PublicId,
): Promise<readonly PublicId[]> =>
  (await session.run<{ public_id: PublicId }>(EARLIER, [personId, first])).map(({ public_id }) => public_id);
