import type { PublicId } from '../../kernel/uuid.ts';
import { comparableBirthDate, comparableName, type Sex } from '../../person/index.ts';
import { type Session, statement } from './database.ts';

/** A source record as far as two of them can be compared. */
export interface ComparableRecord {
  readonly personId: string;
  readonly publicId: PublicId;
  /** The institution whose record it is. */
  readonly issuer: string;
  /** Form by which names are compared; null: none stated. */
  readonly name: string | null;
  readonly sex: Sex;
  readonly birthDate: string | null;
  /** Keyed hash; null: no national number stated. */
  readonly nationalId: string | null;
}

const RECORDS = statement(
  'linked-records.by-ids',
  `select person_id, public_id, issuer, name, sex, birth_date, national_id_hash from persons
   where person_id = any($1::bigint[]) order by person_id`,
);

/** Reads some records for comparison. */
export const readComparableRecords = async (
  session: Session,
  persons: readonly string[],
): Promise<ComparableRecord[]> => {
  const rows = await session.run<{
    person_id: string;
    public_id: PublicId;
    issuer: string;
    name: string | null;
    sex: Sex;
    birth_date: string | null;
    national_id_hash: string | null;
  }>(RECORDS, [persons]);
  return rows.map((row) => {
    const name = comparableName(row.name);
    return {
      personId: row.person_id,
      publicId: row.public_id,
      issuer: row.issuer,
      name: name.kind === 'named' ? name.form : null,
      sex: row.sex,
      birthDate: comparableBirthDate(row.birth_date),
      nationalId: row.national_id_hash,
    };
  });
};
