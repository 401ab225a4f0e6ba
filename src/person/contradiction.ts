import { compareBirthDates, compareSexes } from './comparison.ts';
import type { Sex } from './incoming-patient.ts';
import { birthDateOfNumber, isLifelongNumber } from './identifiers.ts';
import { type ComparableName, compareNames } from './names.ts';
import type { PersonProfile } from './profile.ts';

/** Why a statement cannot be about the person whose record number it carries. */
export type Contradiction =
  | 'two-national-ids-stated'
  | 'national-id-differs'
  | 'name-and-birth-date-differ'
  | 'name-and-sex-differ'
  | 'newborn-under-mothers-record';

/** As much of the stored record as a contradiction can show in. */
export interface KnownPerson {
  readonly name: ComparableName;
  readonly birthDate: string | null;
  readonly sex: Sex;
  /** The stated lifelong number against the stored one. */
  readonly lifelong: 'agrees' | 'differs' | 'unknown';
}

/**
 * Looks for a statement of two people: one that itself carries two different national IDs, or one that arrives under
 * a record number whose known holder is somebody else. A different name alone is none (people change names, the
 * unknown are named), nor is a birth date with day and month exchanged; but a name and a birth date that both differ
 * clearly are (a child on the mother's card), unless the national ID agrees with both the record and the stated birth
 * date: then it is the record that was mistyped.
 *
 * @param known the record as stored; undefined for a person not yet known
 */
export const findContradiction = (
  stated: PersonProfile,
  known: KnownPerson | undefined,
): Contradiction | undefined => {
  const lifelong = new Set(stated.identifiers.filter(isLifelongNumber).map(({ number }) => number));
  if (lifelong.size > 1) return 'two-national-ids-stated';
  if (!known) return undefined;
  if (known.lifelong === 'differs') return 'national-id-differs';
  if (
    known.lifelong === 'agrees' &&
    [...lifelong].some((number) => birthDateOfNumber(number) === stated.birthDate)
  )
    return undefined;
  const birthDate = compareBirthDates(stated.birthDate, known.birthDate);
  if ((stated.name.kind === 'newborn') !== (known.name.kind === 'newborn')) {
    const [child, other] =
      stated.name.kind === 'newborn' ? [stated.name, known.name] : [known.name, stated.name];
    const underMother = birthDate !== 'agrees' && child.motherForm === other.form;
    return underMother || birthDate === 'differs' ? 'newborn-under-mothers-record' : undefined;
  }
  if (compareNames(stated.name, known.name) !== 'differs') return undefined;
  if (birthDate === 'differs') return 'name-and-birth-date-differ';
  const sexesConflict = compareSexes(stated.sex, known.sex) === 'conflicts';
  return birthDate === 'unknown' && sexesConflict ? 'name-and-sex-differ' : undefined;
};

/**
 * Whether a statement speaks for itself of the person under whose number it comes: name and birth date both agree. Asked
 * where the number alone is not enough, being stated by somebody who does not issue it.
 */
export const isCorroborated = (stated: PersonProfile, known: KnownPerson): boolean =>
  ['agrees', 'similar'].includes(compareNames(stated.name, known.name)) &&
  compareBirthDates(stated.birthDate, known.birthDate) === 'agrees';
