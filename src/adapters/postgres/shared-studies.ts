import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';
import type { StudyShare } from './report-shares.ts';

/** Where a shared study lay, and whose it was, when it was shared. */
export interface SharedPlace {
  readonly studyId: string;
  /** Of the cluster of the record under which it lay. */
  readonly clusterVersion: string;
}

interface PlaceRow {
  readonly share_public_id: PublicId;
  readonly study_id: string;
  readonly cluster_version: string;
}

const INSERT = statement(
  'shared-studies.insert',
  `insert into report_share_studies (person_id, study_id, share_public_id, cluster_version) values ($1, $2, $3, $4)`,
);
const PLACES = statement(
  'shared-studies.places',
  `select share_public_id, study_id, cluster_version from report_share_studies
   where person_id = any($1::bigint[]) and share_public_id = any($2::uuid[])`,
);

/** Keeps where a shared study lies; the caller keeps it there until the commit (`keepStudyThere`). */
export const keepSharedPlace = async (
  session: Session,
  { personId, id }: Pick<StudyShare, 'personId' | 'id'>,
  { studyId, clusterVersion }: SharedPlace,
): Promise<void> => {
  await session.run(INSERT, [personId, studyId, id, clusterVersion]);
};

/** Where the studies of some shares lie, by the share; one that was moved since has no place any more, wherever it went. */
export const readSharedPlaces = async (
  session: Session,
  shares: readonly Pick<StudyShare, 'personId' | 'id'>[],
): Promise<ReadonlyMap<PublicId, SharedPlace>> => {
  if (shares.length === 0) return new Map();
  const rows = await session.run<PlaceRow>(PLACES, [
    [...new Set(shares.map(({ personId }) => personId))],
    shares.map(({ id }) => id),
  ]);
  return new Map(
    rows.map((row) => [row.share_public_id, { studyId: row.study_id, clusterVersion: row.cluster_version }]),
  );
};
