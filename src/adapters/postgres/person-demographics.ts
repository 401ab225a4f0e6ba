import { type Instant, instant, isoInstant } from '../../kernel/instant.ts';
import { birthDateText, type IncomingPatient, nameForm } from '../../person/index.ts';
import type { PersonRow } from './person-rows.ts';

/** What kind of message states something about a patient. */
export type StatementBasis = 'admission' | 'report' | 'order';

const told = (sex: string) => sex === 'male' || sex === 'female';

/** The describing columns of a person, as stated at one moment. */
export interface Demographics {
  readonly name: string | null;
  readonly sex: string;
  readonly birthDate: string | null;
  readonly address: string | null;
  readonly birthOrder: number | null;
  readonly multipleBirth: boolean;
  readonly deceased: boolean;
  readonly nationalIdHash: string | null;
  readonly statedAt: Instant;
}

/** What a message states. */
export const statedDemographics = (
  patient: IncomingPatient,
  nationalIdHash: string | null,
  statedAt: Instant,
): Demographics => ({
  name: patient.name,
  sex: patient.sex,
  birthDate: birthDateText(patient.birthDate),
  address: patient.address,
  birthOrder: patient.birthOrder,
  multipleBirth: patient.multipleBirth,
  deceased: patient.deceased,
  nationalIdHash,
  statedAt,
});

/**
 * The demographics after a statement: an admission message that is not older wins field by field; reports, orders and
 * older messages only fill gaps. A death or a multiple birth once stated stays.
 */
export const nextDemographics = (
  row: PersonRow,
  stated: Demographics,
  basis: StatementBasis,
): Demographics => {
  const current: Demographics = {
    name: row.name,
    sex: row.sex,
    birthDate: row.birth_date,
    address: row.address,
    birthOrder: row.birth_order,
    multipleBirth: row.multiple_birth,
    deceased: row.deceased,
    nationalIdHash: row.national_id_hash,
    statedAt: instant(row.stated_at),
  };
  const replaces = basis === 'admission' && stated.statedAt >= current.statedAt;
  const [first, second] = replaces ? [stated, current] : [current, stated];
  return {
    name: first.name ?? second.name,
    sex: told(first.sex) ? first.sex : second.sex,
    birthDate: first.birthDate ?? second.birthDate,
    address: first.address ?? second.address,
    birthOrder: first.birthOrder ?? second.birthOrder,
    multipleBirth: current.multipleBirth || stated.multipleBirth,
    deceased: current.deceased || stated.deceased,
    nationalIdHash: current.nationalIdHash ?? stated.nationalIdHash,
    statedAt: replaces ? stated.statedAt : current.statedAt,
  };
};

/** Whether nothing would change, the moment of the last statement included. */
export const sameDemographics = (row: PersonRow, next: Demographics): boolean =>
  row.name === next.name &&
  row.sex === next.sex &&
  row.birth_date === next.birthDate &&
  row.address === next.address &&
  row.birth_order === next.birthOrder &&
  row.multiple_birth === next.multipleBirth &&
  row.deceased === next.deceased &&
  row.national_id_hash === next.nationalIdHash &&
  row.stated_at === next.statedAt;

/** In the order of the columns: name, name_form, sex … national_id_hash, stated_at. */
export const demographicValues = (next: Demographics): (string | number | boolean | null)[] => [
  next.name,
  next.name === null ? null : nameForm(next.name),
  next.sex,
  next.birthDate,
  next.address,
  next.birthOrder,
  next.multipleBirth,
  next.deceased,
  next.nationalIdHash,
  isoInstant(next.statedAt),
];
