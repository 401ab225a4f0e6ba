import type { MatchReason } from '../../imaging/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { ContradictedField } from '../../person/index.ts';
import { type Session, statement } from './database.ts';

/** Where an entry of the worklist stands: waiting, given to a person, or found to be nobody's of the candidates. */
export type MatchState = 'open' | 'given' | 'apart';

/** A study that waits for somebody's eye. */
export interface StudyMatch {
  readonly publicId: PublicId;
  readonly studyPublicId: PublicId;
  readonly personId: string;
  readonly personPublicId: PublicId;
  /** Whether its person record is this study's alone: only then can the study be given to somebody. */
  readonly isApart: boolean;
  readonly institutionKey: string;
  readonly reason: MatchReason;
  readonly candidates: readonly string[];
  /** Fields in which its header contradicted the holder of its number when it came in. */
  readonly contradicted: readonly ContradictedField[];
  readonly state: MatchState;
  readonly chosenPersonId: string | null;
  readonly foundAt: Instant;
  readonly decidedAt: Instant | null;
  /** The record from which it was taken, and the report it had there; null for a study that waited from the first. */
  readonly earlier: { readonly personId: string; readonly report: PublicId | null } | null;
}

interface MatchRow {
  readonly public_id: PublicId;
  readonly study_public_id: PublicId;
  readonly person_id: string;
  readonly person_public_id: PublicId;
  readonly is_apart: boolean;
  readonly institution_id: string;
  readonly reason: MatchReason;
  readonly candidates: readonly string[];
  readonly contradicted: readonly ContradictedField[];
  readonly state: MatchState;
  readonly chosen_person_id: string | null;
  readonly found_at: Instant;
  readonly decided_at: Instant | null;
  readonly earlier_person_id: string | null;
  readonly earlier_report_public_id: PublicId | null;
}

const COLUMNS = `m.public_id, s.public_id as study_public_id, m.person_id, p.public_id as person_public_id,
  p.issuer like '%/study' as is_apart, m.institution_id, m.reason, m.candidates, m.contradicted, m.state, m.chosen_person_id,
  m.found_at,  m.decided_at, m.earlier_person_id, m.earlier_report_public_id`;
const SOURCE = `study_matches m join studies s on s.person_id = m.person_id and s.study_id = m.study_id
   join persons p on p.person_id = m.person_id`;

const LIST = statement(
  'imaging-matches.list',
  `select ${COLUMNS} from ${SOURCE} where m.institution_id = $1
   order by (m.state = 'open') desc, coalesce(m.decided_at, m.found_at) desc limit $2`,
);
const BY_ID = statement('imaging-matches.by-id', `select ${COLUMNS} from ${SOURCE} where m.public_id = $1`);
const DECIDE = statement(
  'imaging-matches.decide',
  `update study_matches set state = $4, chosen_person_id = $5, decided_at = $6, decided_by = $7
   where person_id = $1 and public_id = $2 and state = $3 returning match_id`,
);

const matchOf = (row: MatchRow): StudyMatch => ({
  publicId: row.public_id,
  studyPublicId: row.study_public_id,
  personId: row.person_id,
  personPublicId: row.person_public_id,
  isApart: row.is_apart,
  institutionKey: row.institution_id,
  reason: row.reason,
  candidates: row.candidates,
  contradicted: row.contradicted,
  state: row.state,
  chosenPersonId: row.chosen_person_id,
  foundAt: row.found_at,
  decidedAt: row.decided_at,
  earlier:
    row.earlier_person_id === null
      ? null
      : { personId: row.earlier_person_id, report: row.earlier_report_public_id },
});

/** An institution's worklist: what is open first, then what was decided lately. */
export const listMatches = async (
  session: Session,
  institutionKey: string,
  limit: number,
): Promise<readonly StudyMatch[]> =>
  (await session.run<MatchRow>(LIST, [institutionKey, limit])).map(matchOf);

/** One entry. */
export const matchByPublicId = async (session: Session, id: PublicId): Promise<StudyMatch | undefined> => {
  const [row] = await session.run<MatchRow>(BY_ID, [id]);
  return row && matchOf(row);
};

const OF_STUDY = statement(
  'imaging-matches.of-study',
  `select ${COLUMNS} from ${SOURCE} where m.person_id = $1 and m.study_id = $2`,
);

/** The entry of a study; undefined for one that never waited. */
export const matchOfStudy = async (
  session: Session,
  of: { readonly personId: string; readonly studyId: string },
): Promise<StudyMatch | undefined> => {
  const [row] = await session.run<MatchRow>(OF_STUDY, [of.personId, of.studyId]);
  return row && matchOf(row);
};

/** Moves an entry on. @returns false when somebody else was quicker */
export const setMatchState = async (
  session: Session,
  match: Pick<StudyMatch, 'personId' | 'publicId' | 'state'>,
  next: {
    readonly state: MatchState;
    readonly chosen: string | null;
    readonly by: string;
    readonly at: Instant;
  },
): Promise<boolean> => {
  const rows = await session.run(DECIDE, [
    match.personId,
    match.publicId,
    match.state,
    next.state,
    next.chosen,
    next.state === 'open' ? null : isoInstant(next.at),
    next.state === 'open' ? null : next.by,
  ]);
  return rows.length > 0;
};

const NOTE_EARLIER = statement(
  'imaging-matches.note-earlier',
  `update study_matches set earlier_person_id = $3, earlier_report_public_id = $4
   where person_id = $1 and study_id = $2 returning match_id`,
);
const REMOVE = statement(
  'imaging-matches.remove',
  "delete from study_matches where person_id = $1 and public_id = $2 and state = 'open' returning match_id",
);

/** Remembers from whom a study was taken. */
export const noteEarlier = async (
  session: Session,
  of: { readonly personId: string; readonly studyId: string },
  earlier: NonNullable<StudyMatch['earlier']>,
): Promise<void> => {
  await session.run(NOTE_EARLIER, [of.personId, of.studyId, earlier.personId, earlier.report]);
};

/** Takes an open entry off the worklist: its study goes back. @returns false when somebody else was quicker */
export const removeMatch = async (
  session: Session,
  { personId, publicId }: Pick<StudyMatch, 'personId' | 'publicId'>,
): Promise<boolean> => (await session.run(REMOVE, [personId, publicId])).length > 0;
