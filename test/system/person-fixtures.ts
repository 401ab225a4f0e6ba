import { instant } from '../../src/kernel/instant.ts';
import type { IncomingPatient, StatedIdentifier } from '../../src/person/index.ts';

const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

/** A valid national ID of an invented person, born as {@link patient} says, by sequence number (0 to 999). */
export const residentNumber = (sequence: number, birthDate = '1990-01-01'): StatedIdentifier => {
  const first17 = `110199${birthDate.replaceAll('-', '')}${String(sequence).padStart(3, '0')}`;
  const sum = WEIGHTS.reduce((total, weight, index) => total + weight * Number(first17[index]), 0);
  return { type: 'national-id', issuer: 'CN', number: first17 + '10X98765432'[sum % 11] };
};

/** A medical record number of an institution. */
export const record = (issuer: string, number: string): StatedIdentifier => ({
  type: 'medical-record',
  issuer,
  number,
});

/** An insurance number. */
export const insured = (number: string): StatedIdentifier => ({
  type: 'insurance-number',
  issuer: 'CN',
  number,
});

/** A patient as a message might state him; every part can be said otherwise. */
export const patient = (
  over: Partial<Omit<IncomingPatient, 'birthDate'>> & {
    readonly birthDate?: string | null | IncomingPatient['birthDate'];
  },
): IncomingPatient => {
  const { birthDate = '1990-01-01', ...rest } = over;
  return {
    identifiers: [],
    name: '周明轩',
    sex: 'male',
    phones: [],
    address: null,
    motherIdentifiers: [],
    birthOrder: null,
    multipleBirth: false,
    deceased: false,
    ...rest,
    birthDate:
      typeof birthDate === 'string'
        ? { at: instant(0), precision: 'day', text: birthDate.replaceAll('-', '') }
        : birthDate,
  };
};
