import { type Instant, instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { Representation, RepresentationEvidence, RepresentationRelation } from '../../person/index.ts';
import { type Session, statement } from './database.ts';

/** A relation ready to be recorded. */
export interface RepresentationRecord extends Omit<Representation, 'person' | 'representative' | 'endedAt'> {
  readonly institutionKey: string;
  readonly actor: string;
}

interface RepresentationRow {
  readonly public_id: PublicId;
  readonly person_id: string;
  readonly person: PublicId;
  readonly representative_id: string;
  readonly representative: PublicId;
  readonly relation: RepresentationRelation;
  readonly evidence: RepresentationEvidence;
  readonly agreed: boolean;
  readonly restricted: boolean;
  readonly starts_at: number;
  readonly ends_at: number;
  readonly recorded_at: number;
  readonly ended_at: number | null;
}

const INSERT = statement(
  'representations.insert',
  `insert into representations (person_id, public_id, representative_id, relation, evidence, agreed, restricted, starts_at, ends_at,
     institution_id, actor, recorded_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
);
const COLUMNS = `r.public_id, r.person_id, p.public_id as person, r.representative_id, r.relation, r.evidence, r.agreed,
  r.restricted, r.starts_at, r.ends_at, r.recorded_at, r.ended_at`;
const BY_REPRESENTATIVE = statement(
  'representations.by-representative',
  `select ${COLUMNS} from representations r join persons p on p.person_id = r.person_id
   where r.representative_id = any($1::bigint[]) order by r.recorded_at desc, r.representation_id desc`,
);
const OF_PERSON = statement(
  'representations.of-person',
  `select ${COLUMNS} from representations r join persons p on p.person_id = r.person_id
   where r.person_id = any($1::bigint[]) order by r.recorded_at desc, r.representation_id desc`,
);
const PUBLIC_IDS = statement(
  'representations.public-ids',
  'select person_id, public_id from persons where person_id = any($1::bigint[])',
);
const END = statement(
  'representations.end',
  `update representations set ended_at = $3, ended_by = $4
   where person_id = $1 and public_id = $2 and ended_at is null returning public_id`,
);

/** Records a relation. */
export const keepRepresentation = async (session: Session, record: RepresentationRecord): Promise<void> => {
  await session.run(INSERT, [
    record.personId,
    record.id,
    record.representativeId,
    record.relation,
    record.evidence,
    record.agreed,
    record.restricted,
    isoInstant(record.startsAt),
    isoInstant(record.endsAt),
    record.institutionKey,
    record.actor,
    isoInstant(record.recordedAt),
  ]);
};

const withRepresentatives = async (
  session: Session,
  rows: readonly Omit<RepresentationRow, 'representative'>[],
): Promise<Representation[]> => {
  if (rows.length === 0) return [];
  const ids = [...new Set(rows.map(({ representative_id }) => representative_id))];
  const known = new Map(
    (await session.run<{ person_id: string; public_id: PublicId }>(PUBLIC_IDS, [ids])).map(
      ({ person_id, public_id }) => [person_id, public_id],
    ),
  );
  return rows.map((row) => ({
    id: row.public_id,
    person: row.person,
    personId: row.person_id,
    representative: known.get(row.representative_id) as PublicId,
    representativeId: row.representative_id,
    relation: row.relation,
    evidence: row.evidence,
    agreed: row.agreed,
    restricted: row.restricted,
    startsAt: instant(row.starts_at),
    endsAt: instant(row.ends_at),
    recordedAt: instant(row.recorded_at),
    endedAt: row.ended_at === null ? null : instant(row.ended_at),
  }));
};

/** The relations by which any of these records of one person acts for others, ended ones too, the newest first. */
export const representationsBy = async (
  session: Session,
  representatives: readonly string[],
): Promise<Representation[]> =>
  withRepresentatives(session, await session.run<RepresentationRow>(BY_REPRESENTATIVE, [representatives]));

/** The relations by which others act for these records of one person, ended ones too, the newest first. */
export const representationsOf = async (
  session: Session,
  persons: readonly string[],
): Promise<Representation[]> =>
  withRepresentatives(session, await session.run<RepresentationRow>(OF_PERSON, [persons]));

/**
 * Ends a relation.
 *
 * @returns false where it had ended before
 */
export const endRepresentation = async (
  session: Session,
  { personId, id }: Pick<Representation, 'personId' | 'id'>,
  actor: string,
  at: Instant,
): Promise<boolean> => (await session.run(END, [personId, id, isoInstant(at), actor])).length > 0;
