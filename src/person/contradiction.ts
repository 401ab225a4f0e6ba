import { compareProfiles } from './comparison.ts';
import { isLifelongNumber } from './identifiers.ts';
import type { PersonProfile } from './profile.ts';

/** Why a statement cannot be about the person whose record number it carries. */
export type Contradiction =
  | 'two-national-ids-stated'
  | 'national-id-differs'
  | 'name-and-birth-date-differ'
  | 'name-and-sex-differ'
  | 'newborn-under-mothers-record';

/**
 * Looks for a statement of two people: one that itself carries two different national IDs, or one that arrives under
 * a record number whose known holder is somebody else. A different name alone is none (people change names, the
 * unknown are named), nor is a birth date with day and month exchanged; but a name and a birth date that both differ
 * clearly are, unless a valid national ID agrees.
 *
 * @param known the record as stored; undefined for a person not yet known
 */
export const findContradiction = (
  stated: PersonProfile,
  known: PersonProfile | undefined,
): Contradiction | undefined => {
  const lifelong = new Set(stated.identifiers.filter(isLifelongNumber).map(({ number }) => number));
  if (lifelong.size > 1) return 'two-national-ids-stated';
  if (!known) return undefined;
  const comparison = compareProfiles(stated, known, new Set());
  if (comparison.lifelong === 'differs') return 'national-id-differs';
  if (comparison.lifelong === 'agrees') return undefined;
  if (comparison.newborns === 1) {
    const [child, other] = stated.name.kind === 'newborn' ? [stated, known] : [known, stated];
    const underMother = comparison.birthDate !== 'agrees' && child.name.motherForm === other.name.form;
    return underMother || comparison.birthDate === 'differs' ? 'newborn-under-mothers-record' : undefined;
  }
  if (comparison.name !== 'differs') return undefined;
  if (comparison.birthDate === 'differs') return 'name-and-birth-date-differ';
  return comparison.birthDate === 'unknown' && comparison.sex === 'conflicts'
    ? 'name-and-sex-differ'
    : undefined;
};
