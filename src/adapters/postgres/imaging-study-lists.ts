import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** A series as a list of studies tells it. */
export interface ListedSeries {
  readonly studyId: string;
  readonly seriesUid: string;
  readonly seriesNumber: number | null;
  readonly modality: string | null;
  readonly description: string | null;
  readonly bodyPart: string | null;
  readonly laterality: string | null;
  readonly instanceCount: number;
}

const SERIES = statement(
  'imaging.series-of-studies',
  `select study_id as "studyId", series_uid as "seriesUid", series_number as "seriesNumber", modality, description,
     body_part as "bodyPart", laterality, instance_count as "instanceCount"
   from series where person_id = any($1::bigint[]) and study_id = any($2::bigint[])
   order by series_number nulls last, series_id`,
);
const PERSON_OF_UID = statement(
  'imaging.persons-of-study-uid',
  `select p.public_id as person, s.institution_id as institution from studies s join persons p on p.person_id = s.person_id
   where s.person_id in (select k.person_id from study_keys k where k.study_uid = $1) and s.study_uid = $1
   order by s.study_id`,
);
const PERSON_OF_ID = statement(
  'imaging.person-of-study',
  `select p.public_id as person from studies s join persons p on p.person_id = s.person_id where s.public_id = $1`,
);

/** Series of some studies of one person, by study. */
export const seriesOfStudies = async (
  session: Session,
  persons: readonly string[],
  studies: readonly string[],
): Promise<ReadonlyMap<string, readonly ListedSeries[]>> =>
  Map.groupBy(await session.run<ListedSeries>(SERIES, [persons, studies]), ({ studyId }) => studyId);

/** Whose study a UID is, for each institution that has it, the first stored first. */
export const personsOfStudyUid = (
  session: Session,
  studyUid: string,
): Promise<readonly { readonly person: PublicId; readonly institution: string }[]> =>
  session.run<{ person: PublicId; institution: string }>(PERSON_OF_UID, [studyUid]);

/** Whose study this is; undefined for none. */
export const personOfStudy = async (session: Session, study: PublicId): Promise<PublicId | undefined> =>
  (await session.run<{ person: PublicId }>(PERSON_OF_ID, [study]))[0]?.person;
