import { type Instant, isoInstant } from '../../kernel/instant.ts';
import { fail, ok, type Result } from '../../kernel/result.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import {
  findContradiction,
  identifierText,
  type IncomingPatient,
  KEY_STRENGTH,
  lifelongNumber,
  matchKeysOf,
  type PersonIdentifier,
  type PersonProfile,
  type PersonRefusal,
  personProfile,
} from '../../person/index.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type Session, statement } from './database.ts';
import { type HashedMatchKey, matchPerson, openReviews } from './person-candidates.ts';
import {
  type Demographics,
  demographicValues,
  nextDemographics,
  sameDemographics,
  type StatementBasis,
  statedDemographics,
} from './person-demographics.ts';
import { LinkGraph, lockLinks } from './person-links.ts';
import { knownPerson } from './person-lookup.ts';
import {
  hashingOnce,
  clusterInView,
  PERSON_COLUMNS,
  PERSON_SOURCE,
  type PersonCluster,
  personHash,
  type PersonRow,
  readIdentifiers,
  sealNumber,
  type StoredIdentifier,
  storedIdentifiersOf,
  storedProfile,
} from './person-rows.ts';

/** Circumstances of a statement about a patient. */
export interface ResolveContext {
  /** Code of the institution that makes the statement. */
  readonly issuer: string;
  readonly at: Instant;
  /** Moment at which the sender stated it; a newer statement of demographics wins. Default: `at`. */
  readonly statedAt?: Instant;
  /** An admission message replaces demographics; reports and orders only add what was missing. */
  readonly basis: StatementBasis;
  readonly newPublicId: () => PublicId;
  /** What the link history names as the reason, e.g. a message control id. Never a name or number of a person. */
  readonly sourceRef: string;
}

/** The person a statement is about, with the cluster it stands in after matching. */
export interface PersonResolution extends PersonCluster {
  readonly personId: string;
  readonly publicId: PublicId;
  /** True when this statement made the record. */
  readonly created: boolean;
  readonly linked: number;
  readonly reviews: number;
}

interface KnownRow extends PersonRow {
  readonly known: readonly string[];
}

const BY_KEY = statement(
  'person.by-patient-key',
  `select ${PERSON_COLUMNS},
     array(select i.value_hash from person_identifiers i where i.person_id = p.person_id) as known
   from ${PERSON_SOURCE}
   where p.person_id = (select k.person_id from patient_keys k where k.value_hash = $1 and k.issuer = $2)`,
);
const LOCK_KEYS = statement(
  'person.lock-keys',
  'select count(pg_advisory_xact_lock(key)) from unnest($1::bigint[]) as key',
);
const ADD_PERSON = statement(
  'person.add',
  `insert into persons (public_id, issuer, name, name_form, sex, birth_date, address, birth_order, multiple_birth,
     deceased, national_id_hash, stated_at, created_at)
   values ($1, $2, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $3) returning person_id`,
);
const UPDATE_PERSON = statement(
  'person.update',
  `update persons set name = $2, name_form = $3, sex = $4, birth_date = $5, address = $6, birth_order = $7,
     multiple_birth = $8, deceased = $9, national_id_hash = $10, stated_at = $11
   where person_id = $1`,
);
const ADD_IDENTIFIERS = statement(
  'person.add-identifiers',
  `insert into person_identifiers (person_id, role, type, issuer, value_hash, value_cipher, key_id, valid, recorded_at)
   select $1::bigint, i.role, i.type, i.issuer, i.value_hash, i.value_cipher, i.key_id, i.valid, $9::timestamptz
   from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::bytea[], $7::text[], $8::boolean[])
     as i(role, type, issuer, value_hash, value_cipher, key_id, valid)
   on conflict (person_id, role, value_hash) do nothing`,
);
const ADD_PATIENT_KEYS = statement(
  'person.add-patient-keys',
  `insert into patient_keys (value_hash, issuer, person_id)
   select k.value_hash, k.issuer, $3::bigint from unnest($1::text[], $2::text[]) as k(value_hash, issuer)
   on conflict (value_hash, issuer) do nothing`,
);
const ADD_MATCH_KEYS = statement(
  'person.add-match-keys',
  `insert into match_keys (value_hash, person_id, kind)
   select k.value_hash, $3::bigint, k.kind from unnest($1::text[], $2::text[]) as k(value_hash, kind)
   on conflict (value_hash, person_id) do nothing`,
);

/** By what an institution's messages find their person. */
interface PatientKey {
  readonly hash: string;
  readonly issuer: string;
}

/** Everything a message states about a patient, hashed once. */
interface PatientStatement {
  readonly patient: IncomingPatient;
  readonly profile: PersonProfile;
  readonly hashing: Pick<KeyRing, 'hash'>;
  readonly patientKeys: readonly PatientKey[];
  readonly matchKeys: readonly HashedMatchKey[];
  readonly stored: readonly StoredIdentifier[];
  readonly nationalIdHash: string | null;
}

const identifierHash = (keys: Pick<KeyRing, 'hash'>, { type, issuer, number }: PersonIdentifier) =>
  personHash(keys, identifierText(type, issuer, number));

/**
 * The keys of a statement, the deciding one first: record numbers of the institution that speaks, those of others (a
 * laboratory reports under the hospital's number), or without any the strongest document under the speaking institution.
 */
const patientKeysOf = (keys: Pick<KeyRing, 'hash'>, profile: PersonProfile, issuer: string): PatientKey[] => {
  const valid = profile.identifiers.filter((identifier) => identifier.valid);
  const records = valid.filter(({ type }) => type === 'medical-record');
  if (records.length > 0)
    return [
      ...records.filter((one) => one.issuer === issuer),
      ...records.filter((one) => one.issuer !== issuer),
    ].map((record) => ({ hash: identifierHash(keys, record), issuer: record.issuer }));
  for (const type of KEY_STRENGTH) {
    const document = valid.find((identifier) => identifier.type === type);
    if (document) return [{ hash: identifierHash(keys, document), issuer }];
  }
  return [];
};

const hashedMatchKeys = (keys: Pick<KeyRing, 'hash'>, profile: PersonProfile): HashedMatchKey[] =>
  matchKeysOf(profile).map((key) => ({ ...key, hash: personHash(keys, key.text) }));

const readStatement = (keys: KeyRing, patient: IncomingPatient, issuer: string): PatientStatement => {
  const hashing = hashingOnce(keys);
  const profile = personProfile(patient);
  const lifelong = lifelongNumber(profile);
  return {
    patient,
    profile,
    hashing,
    patientKeys: patientKeysOf(hashing, profile, issuer),
    matchKeys: hashedMatchKeys(hashing, profile),
    stored: storedIdentifiersOf(hashing, profile),
    nationalIdHash: lifelong ? identifierHash(hashing, lifelong) : null,
  };
};

/** The record that the first known key leads to: usually one read, since messages rarely state two record numbers. */
const findKnown = async (
  session: Session,
  patientKeys: readonly PatientKey[],
): Promise<KnownRow | undefined> => {
  for (const { hash, issuer } of patientKeys) {
    const [row] = await session.run<KnownRow>(BY_KEY, [hash, issuer]);
    if (row) return row;
  }
  return undefined;
};

const lockNumber = (hash: string): string => BigInt.asIntN(64, BigInt(`0x${hash.slice(0, 16)}`)).toString();

/**
 * Locks, until the transaction ends, whatever two first arrivals of one person could both miss: the keys and match keys
 * of the statement, and the known record itself. Sorted, so that two statements never wait for each other.
 */
const lockStatement = async (
  session: Session,
  keys: KeyRing,
  statement: PatientStatement,
  personId?: string,
) => {
  const hashes = new Set([
    ...statement.patientKeys.map(({ hash }) => hash),
    ...statement.matchKeys.filter(({ kind }) => kind !== 'phone').map(({ hash }) => hash),
    ...(personId ? [personHash(keys, `person|${personId}`)] : []),
  ]);
  await session.run(LOCK_KEYS, [[...hashes].map(lockNumber).sort()]);
};

const writeIdentifiers = async (
  session: Session,
  keys: KeyRing,
  personId: string,
  { stored, patientKeys }: PatientStatement,
  at: Instant,
) => {
  const sealed = stored.map((identifier) => sealNumber(keys, identifier));
  await session.run(ADD_IDENTIFIERS, [
    personId,
    stored.map(({ role }) => role),
    stored.map(({ type }) => type),
    stored.map(({ issuer }) => issuer),
    stored.map(({ valueHash }) => valueHash),
    sealed.map(({ bytes }) => bytes),
    sealed.map(({ keyId }) => keyId),
    stored.map(({ valid }) => valid),
    isoInstant(at),
  ]);
  await session.run(ADD_PATIENT_KEYS, [
    patientKeys.map(({ hash }) => hash),
    patientKeys.map(({ issuer }) => issuer),
    personId,
  ]);
};

/**
 * Parts a record from the rest of its cluster when it turns out to hold another national ID than the cluster does. Its
 * former neighbours go to review; the record is matched anew afterwards.
 */
const detachContradicting = async (session: Session, personId: string, context: ResolveContext) => {
  await lockLinks(session);
  const graph = await LinkGraph.load(session, [personId]);
  if (!graph.holdsTwoNationalIds(personId)) return;
  const neighbours = graph.neighbours(personId);
  for (const right of neighbours)
    graph.change({
      kind: 'unlinked',
      left: personId,
      right,
      grade: null,
      cause: 'contradiction',
      evidence: ['national-id-differs'],
    });
  await graph.save(session, { actor: 'rule', reason: context.sourceRef, at: context.at });
  await openReviews(
    session,
    neighbours.map((right) => ({ left: personId, right, evidence: ['national-id-differs'] })),
    context.at,
    context.newPublicId,
  );
};

const resolutionOf = (
  row: PersonRow,
  created: boolean,
  linked: number,
  reviews: number,
): PersonResolution => ({
  personId: row.person_id,
  publicId: row.public_id as PublicId,
  created,
  linked,
  reviews,
  ...clusterInView(row, 'same-record'),
});

const addPerson = async (session: Session, statement: PatientStatement, context: ResolveContext) => {
  const { patient, nationalIdHash, patientKeys } = statement;
  const stated = statedDemographics(patient, nationalIdHash, context.statedAt ?? context.at);
  const [row] = await session.run<{ person_id: string }>(ADD_PERSON, [
    context.newPublicId(),
    (patientKeys[0] as PatientKey).issuer,
    isoInstant(context.at),
    ...demographicValues(stated),
  ]);
  return (row as { person_id: string }).person_id;
};

/** Matches a record as it now stands in the database, with everything it ever stated. */
const matchStored = async (
  session: Session,
  keys: KeyRing,
  statement: PatientStatement,
  created: boolean,
  context: ResolveContext,
): Promise<PersonResolution> => {
  const row = (await findKnown(session, statement.patientKeys)) as KnownRow;
  const identifiers = await readIdentifiers(session, keys, [row.person_id]);
  const profile = storedProfile(row, identifiers.get(row.person_id) ?? []);
  const matchKeys = hashedMatchKeys(keys, profile);
  if (matchKeys.length > 0)
    await session.run(ADD_MATCH_KEYS, [
      matchKeys.map(({ hash }) => hash),
      matchKeys.map(({ kind }) => kind),
      row.person_id,
    ]);
  const { linked, reviews } = await matchPerson(session, keys, row.person_id, profile, matchKeys, {
    at: context.at,
    reason: context.sourceRef,
    newPublicId: context.newPublicId,
  });
  const after = linked > 0 ? ((await findKnown(session, statement.patientKeys)) as KnownRow) : row;
  return resolutionOf(after, created, linked, reviews);
};

const contradictionOf = (
  { profile, hashing }: PatientStatement,
  row?: PersonRow,
): PersonRefusal | undefined => {
  const detail = findContradiction(profile, row && knownPerson(hashing, row, profile));
  return detail && { code: 'PERSON_CONTRADICTION', place: 'patient', detail };
};

/** What a statement would change about a record. */
interface Novelty {
  readonly nextOf: (row: KnownRow) => Demographics;
  readonly addsNumbers: (row: KnownRow) => boolean;
  readonly saysNothingNew: (row: KnownRow) => boolean;
}

const noveltyOf = (
  statement: PatientStatement,
  patient: IncomingPatient,
  context: ResolveContext,
): Novelty => {
  const nextOf = (row: KnownRow): Demographics =>
    nextDemographics(
      row,
      statedDemographics(patient, statement.nationalIdHash, context.statedAt ?? context.at),
      context.basis,
    );
  const addsNumbers = (row: KnownRow) =>
    !statement.stored.every(({ valueHash }) => row.known.includes(valueHash));
  const saysNothingNew = (row: KnownRow) => !addsNumbers(row) && sameDemographics(row, nextOf(row));
  return { nextOf, addsNumbers, saysNothingNew };
};

const unidentified = ({ profile }: PatientStatement): PersonRefusal => ({
  code: 'PERSON_UNIDENTIFIED',
  place: 'patient.identifiers',
  detail: profile.identifiers.length > 0 ? 'no-valid-identifier' : 'no-identifier',
});

/**
 * The fast path of {@link resolvePerson}: one read, no transaction. Answers only when the record number is known and the
 * statement brings nothing new, or when it is refused; undefined when `resolvePerson` has to be asked in a transaction.
 */
export const recallPerson = async (
  session: Session,
  keys: KeyRing,
  patient: IncomingPatient,
  context: ResolveContext,
): Promise<Result<PersonResolution, PersonRefusal> | undefined> => {
  const statement = readStatement(keys, patient, context.issuer);
  if (statement.patientKeys.length === 0) return fail(unidentified(statement));
  const known = await findKnown(session, statement.patientKeys);
  const refused = contradictionOf(statement, known);
  if (refused) return fail(refused);
  const settled = known && noveltyOf(statement, patient, context).saysNothingNew(known);
  return settled ? ok(resolutionOf(known, false, 0, 0)) : undefined;
};

/**
 * Finds the person a message is about, or makes him known, in the caller's transaction: a known record number that
 * brings nothing new is one read. A new record, or a known one that states something new, is matched with the others:
 * linked, queued for review or left alone. Two connections that bring the first message of one person at once make one
 * record.
 *
 * @returns a refusal `PERSON_UNIDENTIFIED` (nobody can own this) or `PERSON_CONTRADICTION` (a result of two people);
 *   nothing was written
 */
export const resolvePerson = async (
  session: Session,
  keys: KeyRing,
  patient: IncomingPatient,
  context: ResolveContext,
): Promise<Result<PersonResolution, PersonRefusal>> => {
  const statement = readStatement(keys, patient, context.issuer);
  const { patientKeys } = statement;
  if (patientKeys.length === 0) return fail(unidentified(statement));
  const { nextOf, addsNumbers, saysNothingNew } = noveltyOf(statement, patient, context);

  const first = await findKnown(session, patientKeys);
  const refusedAtOnce = contradictionOf(statement, first);
  if (refusedAtOnce) return fail(refusedAtOnce);
  if (first && saysNothingNew(first)) return ok(resolutionOf(first, false, 0, 0));

  await lockStatement(session, keys, statement, first?.person_id);
  const known = await findKnown(session, patientKeys);
  if (!known) {
    const personId = await addPerson(session, statement, context);
    await writeIdentifiers(session, keys, personId, statement, context.at);
    return ok(await matchStored(session, keys, statement, true, context));
  }
  const refused = contradictionOf(statement, known);
  if (refused) return fail(refused);
  if (saysNothingNew(known)) return ok(resolutionOf(known, false, 0, 0));
  if (known.person_id !== first?.person_id) await lockStatement(session, keys, statement, known.person_id);

  const next = nextOf(known);
  const learnsNationalId = known.national_id_hash === null && next.nationalIdHash !== null;
  // Before the number can be seen or missed by anybody who is linking this record at this moment.
  if (learnsNationalId) await lockLinks(session);
  await session.run(UPDATE_PERSON, [known.person_id, ...demographicValues(next)]);
  if (addsNumbers(known)) await writeIdentifiers(session, keys, known.person_id, statement, context.at);
  if (learnsNationalId) await detachContradicting(session, known.person_id, context);
  return ok(await matchStored(session, keys, statement, false, context));
};
