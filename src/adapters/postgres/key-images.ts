import { type Instant, isoInstant } from '../../kernel/instant.ts';
import { type Session, statement } from './database.ts';

const READ = statement(
  'key-images.read',
  'select images from key_images where person_id = $1 and study_id = $2 and reader = $3',
);
const KEEP = statement(
  'key-images.keep',
  `insert into key_images (person_id, study_id, reader, images, marked_at) values ($1, $2, $3, $4, $5)
   on conflict (person_id, study_id, reader) do update set images = excluded.images, marked_at = excluded.marked_at
   returning study_id`,
);
const FORGET = statement(
  'key-images.forget',
  'delete from key_images where person_id = $1 and study_id = $2 and reader = $3',
);

interface Study {
  readonly personId: string;
  readonly studyId: string;
}

/** What a reader marked of a study, as it was kept; null: nothing. */
export const readKeyImages = async (
  session: Session,
  { personId, studyId }: Study,
  reader: string,
): Promise<string | null> => {
  const [row] = await session.run<{ images: string }>(READ, [personId, studyId, reader]);
  return row?.images ?? null;
};

/** Keeps what a reader marked in the place of what was kept. @param images as JSON; null: no mark is left */
export const keepKeyImages = async (
  session: Session,
  { personId, studyId }: Study,
  reader: string,
  images: string | null,
  at: Instant,
): Promise<void> => {
  if (images === null) await session.run(FORGET, [personId, studyId, reader]);
  else await session.run(KEEP, [personId, studyId, reader, images, isoInstant(at)]);
};
