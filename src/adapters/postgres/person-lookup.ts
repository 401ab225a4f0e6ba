import { instant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { raiser } from '../../kernel/fault.ts';
import {
  comparableBirthDate,
  comparableName,
  type Contradiction,
  findContradiction,
  identifierText,
  type IncomingPatient,
  type KnownPerson,
  lifelongNumber,
  type MemberGrade,
  normaliseIdentifier,
  type PersonIdentifier,
  PERSON_FAULTS,
  personProfile,
  type PersonProfile,
  type Sex,
  type StatedIdentifier,
} from '../../person/index.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type Session, type Statement, statement } from './database.ts';
import { inParameters, inSize, inValues } from './in-lists.ts';
import {
  clusterInView,
  hashingOnce,
  PERSON_HEAD_COLUMNS,
  PERSON_SOURCE,
  type PersonCluster,
  personHash,
  type PersonHead,
  type PersonRow,
} from './person-rows.ts';

const raise = raiser(PERSON_FAULTS);

/** Whom somebody asks about: identifiers, and what is known beside them to confirm that they are this person's. */
export interface PersonQuery {
  /** A medical record number names its institution as issuer and is tried first. */
  readonly identifiers: readonly StatedIdentifier[];
  readonly name?: string | null;
  readonly sex?: Sex;
  /** `YYYY-MM-DD`. */
  readonly birthDate?: string | null;
}

/** A known person in the view of whoever asked. */
export interface PersonLookup extends PersonCluster {
  readonly personId: string;
  readonly publicId: PublicId;
  /**
   * `same-record` when asked by a medical record number; `strong` when a document number, name and birth date agree;
   * `weak` when only a number was given. No member's grade is better than this one, the person's own aside.
   */
  readonly grade: MemberGrade;
}

/** How many records one identifier may lead to before the answer is that it names nobody. */
const HOLDERS_MAXIMUM = 50;

const BY_RECORD = statement(
  'person.by-record',
  `select ${PERSON_HEAD_COLUMNS} from ${PERSON_SOURCE}
   where p.person_id = (select k.person_id from patient_keys k where k.value_hash = $1 and k.issuer = $2)`,
);

/** A person whom one of the stated numbers leads to; `records` says which record number leads to whom. */
interface HolderRow extends PersonHead {
  /** Pairs of the hash of a medical record number and its person; the same in every row. */
  readonly records: readonly (readonly [valueHash: string, personId: string])[];
}

// Records and documents at once: which of them answers is decided when all are known. A hash covers the issuer too.
const byNumbers = (size: string, records: string, documents: string): Statement =>
  statement(
    `person.by-numbers-${size}`,
    `select ${PERSON_HEAD_COLUMNS},
       array(select array[k.value_hash, k.person_id::text] from patient_keys k where k.value_hash ${records}) as records
     from ${PERSON_SOURCE}
     where p.person_id in (
       select k.person_id from patient_keys k where k.value_hash ${records}
       union all
       (select m.person_id from match_keys m where m.value_hash ${documents} limit ${HOLDERS_MAXIMUM + 1}))`,
  );
const HASH_SIZES = [1, 2, 4] as const;
const BY_NUMBERS: ReadonlyMap<string, Statement> = new Map(
  HASH_SIZES.flatMap((records) =>
    HASH_SIZES.map((documents) => {
      const size = `${records}x${documents}`;
      const inRecords = `in (${inParameters(1, records)})`;
      return [size, byNumbers(size, inRecords, `in (${inParameters(1 + records, documents)})`)] as const;
    }),
  ),
);
const BY_MANY_NUMBERS = byNumbers('of-many', '= any($1::text[])', '= any($2::text[])');
/** Stands in for a list without a hash: no hash is empty. */
const NO_HASH = [''];

const BY_PUBLIC_ID = statement(
  'person.by-public-id',
  `select ${PERSON_HEAD_COLUMNS} from ${PERSON_SOURCE} where p.public_id = $1`,
);

const BY_ID = statement(
  'person.by-id',
  `select ${PERSON_HEAD_COLUMNS} from ${PERSON_SOURCE} where p.person_id = $1`,
);

const queryProfile = (query: PersonQuery): PersonProfile => {
  const patient: IncomingPatient = {
    identifiers: query.identifiers,
    name: query.name ?? null,
    sex: query.sex ?? 'unknown',
    birthDate: query.birthDate ? { at: instant(0), precision: 'day', text: query.birthDate } : null,
    phones: [],
    address: null,
    motherIdentifiers: [],
    birthOrder: null,
    multipleBirth: false,
    deceased: false,
  };
  return personProfile(patient);
};

/** A stored row as far as a contradiction with a statement can show. */
export const knownPerson = (
  keys: Pick<KeyRing, 'hash'>,
  row: Pick<PersonRow, 'name' | 'sex' | 'birth_date' | 'national_id_hash'>,
  stated: PersonProfile,
): KnownPerson => {
  const number = lifelongNumber(stated);
  const sameNumber =
    number &&
    row.national_id_hash !== null &&
    row.national_id_hash === personHash(keys, identifierText(number.type, number.issuer, number.number));
  return {
    name: comparableName(row.name),
    birthDate: comparableBirthDate(row.birth_date),
    sex: row.sex,
    lifelong: !number || row.national_id_hash === null ? 'unknown' : sameNumber ? 'agrees' : 'differs',
  };
};

const found = (row: PersonHead, grade: MemberGrade): PersonLookup => ({
  personId: row.person_id,
  publicId: row.public_id as PublicId,
  grade,
  ...clusterInView(row, grade),
});

const hashOf = (keys: Pick<KeyRing, 'hash'>, { type, issuer, number }: PersonIdentifier): string =>
  personHash(keys, identifierText(type, issuer, number));

/** Everybody whom one of these numbers leads to, by record number or by document, in one read. */
const readHolders = (
  session: Session,
  records: readonly string[],
  documents: readonly string[],
): Promise<HolderRow[]> => {
  const recordHashes = records.length > 0 ? records : NO_HASH;
  const documentHashes = documents.length > 0 ? documents : NO_HASH;
  const recordSize = inSize(HASH_SIZES, recordHashes.length);
  const documentSize = inSize(HASH_SIZES, documentHashes.length);
  const sized = BY_NUMBERS.get(`${recordSize}x${documentSize}`);
  return sized && recordSize && documentSize
    ? session.run<HolderRow>(sized, [
        ...inValues(recordHashes, recordSize),
        ...inValues(documentHashes, documentSize),
      ])
    : session.run<HolderRow>(BY_MANY_NUMBERS, [recordHashes, documentHashes]);
};

const personByDocument = (
  keys: Pick<KeyRing, 'hash'>,
  stated: PersonProfile,
  rows: readonly PersonHead[],
): PersonLookup => {
  if (rows.length > HOLDERS_MAXIMUM) throw raise('PERSON_AMBIGUOUS');
  const possible = rows.filter((row) => !findContradiction(stated, knownPerson(keys, row, stated)));
  if (possible.length === 0) throw raise('PERSON_CONTRADICTION', { place: 'identifiers' });
  const confirmed = possible.filter(
    (row) =>
      stated.name.kind === 'named' &&
      comparableName(row.name).form === stated.name.form &&
      stated.birthDate?.length === 10 &&
      comparableBirthDate(row.birth_date) === stated.birthDate,
  );
  const chosen = confirmed.length > 0 ? confirmed : possible;
  const [first] = chosen;
  const oneCluster = chosen.every(
    (row) => row.person_id === first?.person_id || first?.members?.includes(row.person_id) === true,
  );
  if (!first || !oneCluster) throw raise('PERSON_AMBIGUOUS');
  return found(first, confirmed.length > 0 ? 'strong' : 'weak');
};

const NUMBER_HOLDERS = statement(
  'person.number-holders',
  `select person_id from match_keys where value_hash = $1 limit ${HOLDERS_MAXIMUM + 1}`,
);

/** Whether a lifelong number that a record does not carry itself is known of somebody outside the record's cluster. */
const numberLeadsElsewhere = async (
  session: Session,
  keys: Pick<KeyRing, 'hash'>,
  stated: PersonProfile,
  row: PersonHead,
  isMember: (personId: string) => boolean,
): Promise<boolean> => {
  const number = lifelongNumber(stated);
  if (!number || row.national_id_hash !== null) return false;
  const hash = personHash(keys, identifierText(number.type, number.issuer, number.number));
  const holders = await session.run<{ person_id: string }>(NUMBER_HOLDERS, [hash]);
  return holders.some(({ person_id }) => !isMember(person_id));
};

const personByRecord = async (
  session: Session,
  keys: Pick<KeyRing, 'hash'>,
  stated: PersonProfile,
  rows: readonly [PersonHead, ...PersonHead[]],
): Promise<PersonLookup> => {
  const [row] = rows;
  for (const each of rows) {
    const contradiction = findContradiction(stated, knownPerson(keys, each, stated));
    if (contradiction) throw raise('PERSON_CONTRADICTION', { place: 'identifiers', detail: contradiction });
  }
  const person = found(row, 'same-record');
  const isMember = (personId: string): boolean =>
    person.members.some((member) => member.personId === personId && member.grade !== 'weak');
  if (
    rows.some(({ person_id }) => !isMember(person_id)) ||
    (await numberLeadsElsewhere(session, keys, stated, row, isMember))
  )
    throw raise('PERSON_AMBIGUOUS');
  return person;
};

/**
 * Finds the person an order check or a reader asks about; reads only, in one statement. A known medical record number
 * goes before every document.
 *
 * @returns undefined when the index knows nobody by these identifiers
 * @throws Fault `PERSON_UNIDENTIFIED` without any usable identifier; `PERSON_CONTRADICTION` when what is stated beside
 *   the identifier is somebody else's; `PERSON_AMBIGUOUS` when several unconfirmed persons carry the identifier, or the
 *   identifiers lead to records that nothing ties together. All of them mean "could not check", never "no prior result".
 */
export const lookupPerson = async (
  session: Session,
  keys: KeyRing,
  query: PersonQuery,
): Promise<PersonLookup | undefined> => {
  const stated = queryProfile(query);
  if (!stated.identifiers.some(({ valid }) => valid))
    throw raise('PERSON_UNIDENTIFIED', { place: 'identifiers' });
  const itself = findContradiction(stated, undefined);
  if (itself) throw raise('PERSON_CONTRADICTION', { place: 'identifiers', detail: itself });
  const hashing = hashingOnce(keys);
  const valid = stated.identifiers.filter((identifier) => identifier.valid);
  const recordHashes = valid
    .filter(({ type }) => type === 'medical-record')
    .map((identifier) => hashOf(hashing, identifier));
  const documentHashes = valid
    .filter(({ type }) => type !== 'medical-record')
    .map((identifier) => hashOf(hashing, identifier));
  const rows = await readHolders(session, recordHashes, documentHashes);
  const [any] = rows;
  if (!any) return undefined;
  // In the order in which the record numbers were stated.
  const [first, ...others] = recordHashes.flatMap((hash) => {
    const holder = any.records.find(([valueHash]) => valueHash === hash)?.[1];
    return rows.filter(({ person_id }) => person_id === holder);
  });
  return first
    ? personByRecord(session, hashing, stated, [first, ...others])
    : personByDocument(hashing, stated, rows);
};

/** The person behind a public id, as {@link lookupPerson} gives him to somebody who chose him from a list. */
export const lookupPersonByPublicId = async (
  session: Session,
  publicId: PublicId,
): Promise<PersonLookup | undefined> => {
  const [row] = await session.run<PersonHead>(BY_PUBLIC_ID, [publicId]);
  return row && found(row, 'same-record');
};

/** The cluster of a person in his own view. A person id that does not exist is alone as far as this can tell. */
export const clusterOf = async (session: Session, personId: string): Promise<PersonCluster> => {
  const [row] = await session.run<PersonHead>(BY_ID, [personId]);
  return row
    ? clusterInView(row, 'same-record')
    : { clusterVersion: '0', members: [{ personId, grade: 'same-record' }] };
};

/** Whether a description contradicts whoever holds a medical record number; undefined when it fits or nobody does. */
export const contradictionUnder = async (
  session: Session,
  keys: KeyRing,
  patient: IncomingPatient,
  record: StatedIdentifier,
): Promise<Contradiction | undefined> => {
  const identifier = normaliseIdentifier(record);
  if (!identifier) return undefined;
  const { type, issuer, number } = identifier;
  const hash = personHash(keys, identifierText(type, issuer, number));
  const [row] = await session.run<PersonHead>(BY_RECORD, [hash, issuer]);
  const stated = personProfile(patient);
  return row && findContradiction(stated, knownPerson(keys, row, stated));
};
