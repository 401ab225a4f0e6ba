import type { PersonProfile } from './profile.ts';

/** By what a record may be found again as a candidate. Blocking keys alone never link. */
export interface MatchKey {
  readonly kind: 'identifier' | 'phone' | 'name-birth-date' | 'birth-mother';
  /** Text that equal keys share; hashed before it is stored. */
  readonly text: string;
}

/** The text of an identifier for hashing: type, issuer and number in one domain. */
export const identifierText = (type: string, issuer: string, number: string): string =>
  `${type}|${issuer}|${number}`;

/**
 * The keys of a record. Newborns and people who are only known by name are found by the phone, by name with birth
 * date, and by the mother with the birth date; everybody by their valid identifiers. An anonymous record offers its
 * identifiers only.
 */
export const matchKeysOf = (profile: PersonProfile): MatchKey[] => {
  const keys: MatchKey[] = profile.identifiers
    .filter(({ valid }) => valid)
    .map(({ type, issuer, number }) => ({ kind: 'identifier', text: identifierText(type, issuer, number) }));
  if (profile.name.kind === 'anonymous') return keys;
  for (const phone of profile.phones) keys.push({ kind: 'phone', text: `phone|${phone}` });
  if (profile.birthDate?.length === 10) {
    if (profile.name.kind === 'named')
      keys.push({
        kind: 'name-birth-date',
        text: `name-birth-date|${profile.name.form}|${profile.birthDate}`,
      });
    for (const { number, valid } of profile.motherIdentifiers)
      if (valid) keys.push({ kind: 'birth-mother', text: `birth-mother|${number}|${profile.birthDate}` });
  }
  return keys;
};
