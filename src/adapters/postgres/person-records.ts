import { type Instant, instant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { Sex } from '../../person/index.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type Session, statement } from './database.ts';
import { readIdentifiers } from './person-rows.ts';

/** A source record as it describes its person, with the medical record numbers by which its institution knows them. */
export interface PersonRecord {
  readonly personId: string;
  readonly publicId: PublicId;
  readonly name: string | null;
  readonly sex: Sex;
  /** `YYYY-MM-DD`. */
  readonly birthDate: string | null;
  /** When it was last described. */
  readonly statedAt: Instant;
  readonly recordNumbers: readonly { readonly issuer: string; readonly number: string }[];
}

interface RecordRow {
  readonly person_id: string;
  readonly public_id: PublicId;
  readonly name: string | null;
  readonly sex: Sex;
  readonly birth_date: string | null;
  readonly stated_at: number;
}

const RECORDS = statement(
  'person-records.by-ids',
  `select person_id, public_id, name, sex, birth_date, stated_at from persons where person_id = any($1::bigint[])
   order by stated_at desc, person_id desc`,
);

/** Records of one person as they stand, the last described first. */
export const readPersonRecords = async (
  session: Session,
  keys: KeyRing,
  persons: readonly string[],
): Promise<readonly PersonRecord[]> => {
  const [rows, identifiers] = await Promise.all([
    session.run<RecordRow>(RECORDS, [persons]),
    readIdentifiers(session, keys, persons),
  ]);
  return rows.map((row) => ({
    personId: row.person_id,
    publicId: row.public_id,
    name: row.name,
    sex: row.sex,
    birthDate: row.birth_date,
    statedAt: instant(row.stated_at),
    recordNumbers: (identifiers.get(row.person_id) ?? [])
      .filter(({ role, type, valid }) => role === 'own' && type === 'medical-record' && valid)
      .map(({ issuer, number }) => ({ issuer, number })),
  }));
};
