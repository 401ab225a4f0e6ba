import { instant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { raiser } from '../../kernel/fault.ts';
import {
  comparableBirthDate,
  comparableName,
  type Contradiction,
  findContradiction,
  isCorroborated,
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
  type WrittenPerson,
} from '../../person/index.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type Session, type Statement, statement } from './database.ts';
import { inValues } from './in-lists.ts';
import { arrayOf, jointRead, typesOf } from './joint-statements.ts';
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

// A hash covers the issuer too.
const byRecords = (hashes: string): string =>
  `select ${PERSON_HEAD_COLUMNS} from ${PERSON_SOURCE}
   where p.person_id in (select k.person_id from patient_keys k where k.value_hash = any(${hashes}))`;
const byIdentifiers = (hashes: string, unless = ''): string =>
  `select ${PERSON_HEAD_COLUMNS} from ${PERSON_SOURCE}
   where p.person_id in (select m.person_id from match_keys m
     where m.value_hash = any(${hashes})${unless} limit ${HOLDERS_MAXIMUM + 1})`;
/** By records where one of them is known, else by documents: whoever comes for the first time is found in one read, too. */
const byEither = (records: string, documents: string): string =>
  `select true as of_record, by_record.* from (${byRecords(records)}) as by_record
   union all
   select false, by_document.* from (${byIdentifiers(
     documents,
     ` and not exists (select 1 from patient_keys k where k.value_hash = any(${records}))`,
   )}) as by_document`;

/** Numbers of one kind that are looked for by a statement of their own; rarely does anybody state more. */
const HASHES = 2;
const BY_RECORDS = jointRead('person.by-records', typesOf('text', HASHES), (parameter) =>
  byRecords(arrayOf(parameter, 1, HASHES)),
);
const BY_IDENTIFIERS = jointRead('person.by-identifiers', typesOf('text', HASHES), (parameter) =>
  byIdentifiers(arrayOf(parameter, 1, HASHES)),
);
const BY_EITHER = jointRead('person.by-either', typesOf('text', 2 * HASHES), (parameter) =>
  byEither(arrayOf(parameter, 1, HASHES), arrayOf(parameter, 1 + HASHES, HASHES)),
);
const BY_MANY_RECORDS = statement('person.by-many-records', byRecords('$1::text[]'));
const BY_MANY_IDENTIFIERS = statement('person.by-many-identifiers', byIdentifiers('$1::text[]'));

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

interface HashedIdentifier {
  readonly hash: string;
  readonly issuer: string;
}

/** Whom the stated numbers lead to; by documents only where no record is known. */
interface Holders {
  readonly ofRecords: readonly PersonHead[];
  readonly ofDocuments: readonly PersonHead[];
}

/** Whom medical record numbers lead to, in the order in which they were stated. */
const inStatedOrder = async (
  session: Session,
  records: readonly HashedIdentifier[],
  rows: readonly PersonHead[],
): Promise<readonly PersonHead[]> => {
  if (rows.length < 2) return rows;
  const inOrder = await Promise.all(
    records.map(({ hash, issuer }) => session.run<PersonHead>(BY_RECORD, [hash, issuer])),
  );
  return inOrder.flat();
};

const readHolders = async (
  session: Session,
  records: readonly HashedIdentifier[],
  documents: readonly HashedIdentifier[],
): Promise<Holders> => {
  const recordHashes = records.map(({ hash }) => hash);
  const documentHashes = documents.map(({ hash }) => hash);
  const isFew = recordHashes.length <= HASHES && documentHashes.length <= HASHES;
  if (isFew && recordHashes.length > 0 && documentHashes.length > 0) {
    const rows = await session.run<PersonHead & { readonly of_record: boolean }>(BY_EITHER, [
      ...inValues(recordHashes, HASHES),
      ...inValues(documentHashes, HASHES),
    ]);
    const ofRecords = rows.filter(({ of_record }) => of_record);
    return ofRecords.length === 0
      ? { ofRecords, ofDocuments: rows }
      : { ofRecords: await inStatedOrder(session, records, ofRecords), ofDocuments: [] };
  }
  const read = (few: Statement, many: Statement, hashes: string[]): Promise<PersonHead[]> => {
    if (hashes.length === 0) return Promise.resolve([]);
    return hashes.length <= HASHES
      ? session.run<PersonHead>(few, inValues(hashes, HASHES))
      : session.run<PersonHead>(many, [hashes]);
  };
  const ofRecords = await read(BY_RECORDS, BY_MANY_RECORDS, recordHashes);
  if (ofRecords.length > 0)
    return { ofRecords: await inStatedOrder(session, records, ofRecords), ofDocuments: [] };
  return { ofRecords, ofDocuments: await read(BY_IDENTIFIERS, BY_MANY_IDENTIFIERS, documentHashes) };
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
 * Finds the person an order check or a reader asks about; reads only, and as a rule by one statement: by a known medical
 * record number, else by a document.
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
  const records: HashedIdentifier[] = [];
  const documents: HashedIdentifier[] = [];
  for (const identifier of stated.identifiers)
    if (identifier.valid)
      (identifier.type === 'medical-record' ? records : documents).push({
        hash: hashOf(hashing, identifier),
        issuer: identifier.issuer,
      });
  const { ofRecords, ofDocuments } = await readHolders(session, records, documents);
  const [first, ...others] = ofRecords;
  if (first) return personByRecord(session, hashing, stated, [first, ...others]);
  return ofDocuments.length === 0 ? undefined : personByDocument(hashing, stated, ofDocuments);
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

const BY_IDS = statement(
  'person.written-records',
  `select ${PERSON_HEAD_COLUMNS} from ${PERSON_SOURCE} where p.person_id = any($1::bigint[])`,
);

/** What a person's own record, and those that are joined with it beyond doubt, say of him. */
export const writtenRecords = async (
  session: Session,
  personId: string,
): Promise<readonly WrittenPerson[]> => {
  const { members } = await clusterOf(session, personId);
  const certain = members.filter(({ grade }) => grade !== 'weak').map((member) => member.personId);
  const rows = await session.run<PersonHead>(BY_IDS, [certain]);
  return rows.map(({ name, sex, birth_date: birthDate }) => ({ names: [name], birthDate, sex }));
};

/** How a description stands to whoever holds a medical record number. */
export interface StandingUnder {
  /** undefined: none, or nobody holds the number. */
  readonly contradiction: Contradiction | undefined;
  readonly isCorroborated: boolean;
}

/** Compares a description with whoever holds a medical record number. */
export const standingUnder = async (
  session: Session,
  keys: KeyRing,
  patient: IncomingPatient,
  record: StatedIdentifier,
): Promise<StandingUnder> => {
  const identifier = normaliseIdentifier(record);
  const { type, issuer, number } = identifier ?? record;
  const hash = personHash(keys, identifierText(type, issuer, number));
  const [row] = await session.run<PersonHead>(BY_RECORD, [hash, issuer]);
  if (!identifier || !row) return { contradiction: undefined, isCorroborated: false };
  const stated = personProfile(patient);
  const known = knownPerson(keys, row, stated);
  return {
    contradiction: findContradiction(stated, known),
    isCorroborated: isCorroborated(stated, known),
  };
};
