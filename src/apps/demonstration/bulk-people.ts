import type { KeyRing } from '../../adapters/keys/key-ring.ts';
import { type Session, statement } from '../../adapters/postgres/database.ts';
import { personHash, sealNumber, storedIdentifiersOf } from '../../adapters/postgres/person-rows.ts';
import { DAY_MS, type Instant, instant, isoInstant } from '../../kernel/instant.ts';
import { civilDateText } from '../../kernel/civil-day.ts';
import {
  type IncomingPatient,
  identifierText,
  matchKeysOf,
  nameForm,
  personProfile,
  type StatedIdentifier,
} from '../../person/index.ts';
import { nationalId } from './identity-numbers.ts';
import { givenName, surname } from './names.ts';
import { randomStream } from './random.ts';
import { HOME_INSTITUTION } from './region.ts';

/** A person of the bulk as a caller would state him. Follows from the place alone, so that load can be aimed without a read. */
export interface BulkPatient {
  readonly name: string;
  readonly sex: 'male' | 'female';
  /** `1985-04-12`. */
  readonly birthDate: string;
  readonly nationalId: string;
  /** Record at the hospital whose results he has. */
  readonly record: { readonly issuer: string; readonly number: string };
  /** Record at the ordering county hospital, which every second person has, linked to the other. */
  readonly homeRecord: { readonly issuer: string; readonly number: string } | null;
}

const RECORD_ISSUER = 'WX-CENTRAL';
const OLDEST_BIRTH_MS = Date.UTC(1935, 0, 1);
const BIRTH_SPAN_DAYS = 31_000;
/** Sequences of one sex that one day of birth can have in a region. */
const SEQUENCES = 497;
/** County codes under the invented province that the bulk's ID numbers use; the cast and the crowd use others. */
const FIRST_COUNTY = 481_001;

/** The person at a place, counted from 0. Every place has another national ID. */
export const bulkPatient = (place: number): BulkPatient => {
  const random = randomStream(`bulk-${place}`);
  const sex = place % 2 === 0 ? 'female' : 'male';
  // Place, day of birth, sequence and county are tied one to one, so that no number is given twice.
  const pair = Math.floor(place / 2);
  const day = (pair * 7919) % BIRTH_SPAN_DAYS;
  const round = Math.floor(pair / BIRTH_SPAN_DAYS);
  const sequence = (round % SEQUENCES) * 2 + (sex === 'male' ? 1 : 2);
  const birthDate = civilDateText(instant(OLDEST_BIRTH_MS + day * DAY_MS));
  return {
    name: surname(random) + givenName(random, sex, Number(birthDate.slice(0, 4))),
    sex,
    birthDate,
    nationalId: nationalId(
      String(FIRST_COUNTY + Math.floor(round / SEQUENCES)),
      birthDate.replaceAll('-', ''),
      String(sequence).padStart(3, '0'),
    ),
    record: { issuer: RECORD_ISSUER, number: `B${String(place).padStart(9, '0')}` },
    homeRecord:
      place % 2 === 1 ? { issuer: HOME_INSTITUTION, number: `C${String(place).padStart(9, '0')}` } : null,
  };
};

const statedAs = (patient: BulkPatient, record: BulkPatient['record']): IncomingPatient => ({
  identifiers: [
    { type: 'medical-record', ...record },
    { type: 'national-id', issuer: 'CN', number: patient.nationalId },
  ] satisfies StatedIdentifier[],
  name: patient.name,
  sex: patient.sex,
  birthDate: {
    at: instant(Date.parse(`${patient.birthDate}T00:00:00+08:00`)),
    precision: 'day',
    text: patient.birthDate.replaceAll('-', ''),
  },
  phones: [],
  address: null,
  motherIdentifiers: [],
  birthOrder: null,
  multipleBirth: false,
  deceased: false,
});

const PERSONS = statement(
  'bulk.persons',
  `insert into persons (person_id, public_id, issuer, name, name_form, sex, birth_date, address, birth_order,
     multiple_birth, deceased, national_id_hash, stated_at, created_at)
   overriding system value
   select c.person_id, md5('bulk-person-' || c.person_id)::uuid, c.issuer, c.name, c.name_form, c.sex, c.birth_date, null, null,
     false, false, c.national_id_hash, $8::timestamptz, $8::timestamptz
   from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
     as c(person_id, issuer, name, name_form, sex, birth_date, national_id_hash)`,
);
const PATIENT_KEYS = statement(
  'bulk.patient-keys',
  `insert into patient_keys (value_hash, issuer, person_id)
   select c.value_hash, c.issuer, c.person_id from unnest($1::text[], $2::text[], $3::bigint[]) as c(value_hash, issuer, person_id)`,
);
const IDENTIFIERS = statement(
  'bulk.identifiers',
  `insert into person_identifiers (person_id, role, type, issuer, value_hash, value_cipher, key_id, valid, recorded_at)
   select c.person_id, 'own', c.type, c.issuer, c.value_hash, c.value_cipher, c.key_id, true, $7::timestamptz
   from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bytea[], $6::text[])
     as c(person_id, type, issuer, value_hash, value_cipher, key_id)`,
);
const MATCH_KEYS = statement(
  'bulk.match-keys',
  `insert into match_keys (value_hash, person_id, kind)
   select c.value_hash, c.person_id, c.kind from unnest($1::text[], $2::bigint[], $3::text[]) as c(value_hash, person_id, kind)`,
);
const CLUSTERS = statement(
  'bulk.clusters',
  `insert into person_clusters (person_id, cluster_id, version, members, strong_members)
   select e.person_id, least(e.person_id, e.other_id), e.event_id, array[least(e.person_id, e.other_id), greatest(e.person_id, e.other_id)],
     array[least(e.person_id, e.other_id), greatest(e.person_id, e.other_id)]
   from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as e(person_id, other_id, event_id)`,
);
const LINKS = statement(
  'bulk.links',
  `insert into person_links (person_id, other_id, grade, cause, evidence, event_id, linked_at)
   select e.person_id, e.other_id, 'strong', 'rule', array['national-id', 'name', 'birth-date'], e.event_id, $4::timestamptz
   from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as e(person_id, other_id, event_id)`,
);
const LINK_EVENTS = statement(
  'bulk.link-events',
  `insert into person_link_events (person_id, event_id, other_id, kind, grade, cause, evidence, actor, reason, recorded_at)
   select e.person_id, e.event_id, e.other_id, 'linked', 'strong', 'rule', array['national-id', 'name', 'birth-date'], 'bulk', '', $4::timestamptz
   from unnest($1::bigint[], $2::bigint[], $3::bigint[]) as e(person_id, other_id, event_id)`,
);

/** Where the bulk's persons begin among the internal ids. */
export interface BulkNumbers {
  /** Id of the record with results of the person at place 0; the others follow. */
  readonly firstPerson: number;
  /** Id of the county hospital's record of the person at place 0, were there one. */
  readonly firstHomePerson: number;
  readonly firstLinkEvent: number;
}

interface BulkRecord {
  readonly personId: number;
  readonly patient: BulkPatient;
  readonly record: BulkPatient['record'];
}

const recordsOf = (place: number, numbers: BulkNumbers): readonly BulkRecord[] => {
  const patient = bulkPatient(place);
  const first = { personId: numbers.firstPerson + place, patient, record: patient.record };
  return patient.homeRecord === null
    ? [first]
    : [first, { personId: numbers.firstHomePerson + place, patient, record: patient.homeRecord }];
};

/**
 * Stores the persons at places `from` up to but not including `to`, with hashes, ciphertexts, match keys and links as
 * the person index itself would have stored them.
 */
export const fillPersons = async (
  session: Session,
  keys: KeyRing,
  numbers: BulkNumbers,
  from: number,
  to: number,
  now: Instant,
): Promise<void> => {
  const records: BulkRecord[] = [];
  for (let place = from; place < to; place++) records.push(...recordsOf(place, numbers));
  const prepared = records.map(({ personId, patient, record }) => {
    const profile = personProfile(statedAs(patient, record));
    const stored = storedIdentifiersOf(keys, profile);
    const national = stored.find(({ type }) => type === 'national-id');
    return {
      personId,
      patient,
      record,
      nationalHash: national?.valueHash ?? null,
      key: personHash(keys, identifierText('medical-record', record.issuer, record.number)),
      stored: stored.map((one) => ({ one, sealed: sealNumber(keys, one) })),
      matches: matchKeysOf(profile).map(({ kind, text }) => ({ kind, hash: personHash(keys, text) })),
    };
  });
  const at = isoInstant(now);
  await session.run(PERSONS, [
    prepared.map(({ personId }) => personId),
    prepared.map(({ record }) => record.issuer),
    prepared.map(({ patient }) => patient.name),
    prepared.map(({ patient }) => nameForm(patient.name)),
    prepared.map(({ patient }) => patient.sex),
    prepared.map(({ patient }) => patient.birthDate),
    prepared.map(({ nationalHash }) => nationalHash),
    at,
  ]);
  await session.run(PATIENT_KEYS, [
    prepared.map(({ key }) => key),
    prepared.map(({ record }) => record.issuer),
    prepared.map(({ personId }) => personId),
  ]);
  const identifiers = prepared.flatMap(({ personId, stored }) =>
    stored.map(({ one, sealed }) => ({ personId, one, sealed })),
  );
  await session.run(IDENTIFIERS, [
    identifiers.map(({ personId }) => personId),
    identifiers.map(({ one }) => one.type),
    identifiers.map(({ one }) => one.issuer),
    identifiers.map(({ one }) => one.valueHash),
    identifiers.map(({ sealed }) => sealed.bytes),
    identifiers.map(({ sealed }) => sealed.keyId),
    at,
  ]);
  const matches = prepared.flatMap(({ personId, matches }) =>
    matches.map((match) => ({ personId, ...match })),
  );
  await session.run(MATCH_KEYS, [
    matches.map(({ hash }) => hash),
    matches.map(({ personId }) => personId),
    matches.map(({ kind }) => kind),
  ]);
  await linkHomeRecords(session, numbers, from, to, at);
};

const linkHomeRecords = async (
  session: Session,
  numbers: BulkNumbers,
  from: number,
  to: number,
  at: string,
): Promise<void> => {
  const ends: [number[], number[], number[]] = [[], [], []];
  for (let place = from; place < to; place++) {
    if (place % 2 === 0) continue;
    const pair = [numbers.firstPerson + place, numbers.firstHomePerson + place] as const;
    for (const [one, other] of [pair, pair.toReversed()]) {
      ends[0].push(one as number);
      ends[1].push(other as number);
      ends[2].push(numbers.firstLinkEvent + place);
    }
  }
  await session.run(LINK_EVENTS, [...ends, at]);
  await session.run(LINKS, [...ends, at]);
  await session.run(CLUSTERS, ends);
};
