import { type Session, statement } from './database.ts';

const READ_BEFORE = statement(
  'imaging-facts.read-before',
  `select person_id, study_id, facts from studies where facts is not null and facts_reading < $1
   order by facts_reading, study_id limit $2`,
);
const READ_ANEW = statement(
  'imaging-facts.read-anew',
  `update studies set facts = $4, facts_reading = $5 where person_id = $1 and study_id = $2 and facts = $3
   returning study_id`,
);

const WANT_ANEW = statement(
  'imaging-facts.want-anew',
  `update studies set facts_reading = 0 where person_id = $1 and study_id = $2 and facts is not null`,
);

/**
 * Has the facts of a study made anew: what could not be read while its images were far can be read now.
 */
export const wantFactsAnew = async (
  session: Session,
  { personId, studyId }: Pick<StudyReadBefore, 'personId' | 'studyId'>,
): Promise<void> => {
  await session.run(WANT_ANEW, [personId, studyId]);
};

/** A study with its facts as an older reading of its headers made them. */
export interface StudyReadBefore {
  readonly personId: string;
  readonly studyId: string;
  /** As JSON. */
  readonly facts: string;
}

/** Studies whose facts are of an older reading than this one. */
export const studiesReadBefore = async (
  session: Session,
  reading: number,
  limit: number,
): Promise<readonly StudyReadBefore[]> =>
  (
    await session.run<{ person_id: string; study_id: string; facts: string }>(READ_BEFORE, [reading, limit])
  ).map((row) => ({ personId: row.person_id, studyId: row.study_id, facts: row.facts }));

/**
 * Replaces the facts of a study, in the caller's transaction.
 *
 * @returns false where a series was closed meanwhile, which made them anew already
 */
export const setFacts = async (
  session: Session,
  { personId, studyId, facts }: StudyReadBefore,
  made: { readonly facts: string; readonly reading: number },
): Promise<boolean> =>
  (await session.run(READ_ANEW, [personId, studyId, facts, made.facts, made.reading])).length === 1;
