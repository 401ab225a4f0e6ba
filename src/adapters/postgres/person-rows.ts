import {
  type ClusterMember,
  comparableBirthDate,
  comparableName,
  addressForm,
  identifierText,
  type MemberGrade,
  type PersonIdentifier,
  type PersonIdentifierType,
  type PersonProfile,
  type Sex,
} from '../../person/index.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type Session, statement } from './database.ts';

/** Columns of a person with its cluster, as the statements of the person index return them. */
export interface PersonRow {
  readonly person_id: string;
  readonly public_id: string;
  readonly issuer: string;
  readonly name: string | null;
  readonly sex: Sex;
  readonly birth_date: string | null;
  readonly address: string | null;
  readonly birth_order: number | null;
  readonly multiple_birth: boolean;
  readonly deceased: boolean;
  readonly national_id_hash: string | null;
  readonly stated_at: number;
  readonly version: string | null;
  readonly members: readonly string[] | null;
  readonly strong_members: readonly string[] | null;
}

/** The select list that fills {@link PersonRow} from `persons p left join person_clusters c`. */
export const PERSON_COLUMNS = `p.person_id, p.public_id, p.issuer, p.name, p.sex, p.birth_date, p.address,
  p.birth_order, p.multiple_birth, p.deceased, p.national_id_hash, p.stated_at, c.version, c.members, c.strong_members`;

/** As much of a person as an asker is compared with, and his cluster. */
export type PersonHead = Pick<
  PersonRow,
  | 'person_id'
  | 'public_id'
  | 'name'
  | 'sex'
  | 'birth_date'
  | 'national_id_hash'
  | 'version'
  | 'members'
  | 'strong_members'
>;

/** The select list that fills {@link PersonHead}, from {@link PERSON_SOURCE} too. */
export const PERSON_HEAD_COLUMNS = `p.person_id, p.public_id, p.name, p.sex, p.birth_date, p.national_id_hash, c.version,
  c.members, c.strong_members`;

/** The source of {@link PERSON_COLUMNS}; both tables are distributed by person_id. */
export const PERSON_SOURCE = 'persons p left join person_clusters c on c.person_id = p.person_id';

/** An identifier, phone or mother's number of a record as it lies in the database. */
export interface StoredIdentifier {
  readonly role: 'own' | 'mother' | 'phone';
  readonly type: string;
  readonly issuer: string;
  readonly valid: boolean;
  readonly valueHash: string;
  readonly number: string;
}

/** Keyed hash by which the person index finds a text again. */
export const personHash = (keys: Pick<KeyRing, 'hash'>, text: string): string =>
  keys.hash('person-index', text);

/** Hashes each text once, however often it is asked for: one statement's numbers are looked up, compared and stored. */
export const hashingOnce = (keys: Pick<KeyRing, 'hash'>): Pick<KeyRing, 'hash'> => {
  const known = new Map<string, string>();
  return {
    hash(domain, text) {
      const place = `${domain}\0${text}`;
      let hash = known.get(place);
      if (hash === undefined) {
        hash = keys.hash(domain, text);
        known.set(place, hash);
      }
      return hash;
    },
  };
};

const sealContext = (valueHash: string): string => `person-identifier|${valueHash}`;

/** Everything of a profile that is stored as hash and ciphertext. */
export const storedIdentifiersOf = (
  keys: Pick<KeyRing, 'hash'>,
  profile: PersonProfile,
): StoredIdentifier[] => {
  const stored = (
    role: 'own' | 'mother',
    { type, issuer, number, valid }: PersonIdentifier,
  ): StoredIdentifier => ({
    role,
    type,
    issuer,
    valid,
    number,
    valueHash: personHash(keys, identifierText(type, issuer, number)),
  });
  return [
    ...profile.identifiers.map((identifier) => stored('own', identifier)),
    ...profile.motherIdentifiers.map((identifier) => stored('mother', identifier)),
    ...profile.phones.map(
      (phone): StoredIdentifier => ({
        role: 'phone',
        type: 'phone',
        issuer: '',
        valid: true,
        number: phone,
        valueHash: personHash(keys, `phone|${phone}`),
      }),
    ),
  ];
};

/** Seals the number of a stored identifier, bound to its hash. */
export const sealNumber = (keys: KeyRing, { number, valueHash }: StoredIdentifier) =>
  keys.seal(Buffer.from(number), sealContext(valueHash));

interface IdentifierRow {
  readonly person_id: string;
  readonly role: StoredIdentifier['role'];
  readonly type: string;
  readonly issuer: string;
  readonly valid: boolean;
  readonly value_hash: string;
  readonly value_cipher: Uint8Array;
  readonly key_id: string;
}

const IDENTIFIERS = statement(
  'person.identifiers',
  `select person_id, role, type, issuer, valid, value_hash, value_cipher, key_id
   from person_identifiers where person_id = any($1::bigint[])`,
);
const IDENTIFIERS_OF_ONE = statement(
  'person.identifiers-of-one',
  `select person_id, role, type, issuer, valid, value_hash, value_cipher, key_id
   from person_identifiers where person_id = $1`,
);

/** Reads and opens the identifiers of some records, by person id. */
export const readIdentifiers = async (
  session: Session,
  keys: KeyRing,
  personIds: readonly string[],
): Promise<Map<string, StoredIdentifier[]>> => {
  const byPerson = new Map<string, StoredIdentifier[]>();
  const [first] = personIds;
  const isOne = personIds.length === 1 && first !== undefined;
  const rows = isOne
    ? await session.run<IdentifierRow>(IDENTIFIERS_OF_ONE, [first])
    : await session.run<IdentifierRow>(IDENTIFIERS, [personIds]);
  for (const row of rows) {
    const bytes = keys.open({ keyId: row.key_id, bytes: row.value_cipher }, sealContext(row.value_hash));
    const stored: StoredIdentifier = {
      role: row.role,
      type: row.type,
      issuer: row.issuer,
      valid: row.valid,
      valueHash: row.value_hash,
      number: Buffer.from(bytes).toString(),
    };
    const list = byPerson.get(row.person_id);
    if (list) list.push(stored);
    else byPerson.set(row.person_id, [stored]);
  }
  return byPerson;
};

/** A stored record, prepared for comparison exactly as a message is. */
export const storedProfile = (row: PersonRow, identifiers: readonly StoredIdentifier[]): PersonProfile => {
  const inRole = (role: 'own' | 'mother'): PersonIdentifier[] =>
    identifiers
      .filter((one) => one.role === role)
      .map(({ type, issuer, number, valid }) => ({
        type: type as PersonIdentifierType,
        issuer,
        number,
        valid,
      }));
  return {
    name: comparableName(row.name),
    sex: row.sex,
    birthDate: comparableBirthDate(row.birth_date),
    identifiers: inRole('own'),
    phones: identifiers.filter(({ role }) => role === 'phone').map(({ number }) => number),
    address: addressForm(row.address),
    motherIdentifiers: inRole('mother'),
    birthOrder: row.birth_order,
    multipleBirth: row.multiple_birth,
  };
};

/** The cluster's version and members in the view of one of them; an absent projection row means alone. */
export interface PersonCluster {
  /** The link event that last changed the cluster; `0` for a person who is alone. */
  readonly clusterVersion: string;
  /** The asking person first, then the others by id. */
  readonly members: readonly ClusterMember[];
}

/**
 * Reads a cluster out of a row.
 *
 * @param own how sure it is that the row is the asking person; nobody in the cluster is surer than that
 */
export const clusterInView = (
  row: Pick<PersonRow, 'person_id' | 'version' | 'members' | 'strong_members'>,
  own: MemberGrade,
): PersonCluster => {
  if (row.members === null)
    return { clusterVersion: '0', members: [{ personId: row.person_id, grade: own }] };
  const strong = new Set(own === 'weak' ? [] : row.strong_members);
  const others = row.members.filter((personId) => personId !== row.person_id);
  return {
    clusterVersion: row.version as string,
    members: [
      { personId: row.person_id, grade: own },
      ...others.map(
        (personId): ClusterMember => ({ personId, grade: strong.has(personId) ? 'strong' : 'weak' }),
      ),
    ],
  };
};
