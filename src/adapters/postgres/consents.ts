import type {
  ConsentAct,
  ConsentActKind,
  ConsentPurpose,
  ConsentRelation,
  ConsentState,
  ConsentWay,
} from '../../consent/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import { parseTimestamp } from './column-parsers.ts';
import { type Session, statement } from './database.ts';
import type { Registry } from './registry.ts';

/** One act as `CONSENT_COLUMNS` writes it, so that a read that is made anyway can carry it. */
type ConsentArray = readonly [
  publicId: PublicId,
  kind: ConsentActKind,
  purpose: ConsentPurpose,
  source: string | null,
  recipient: string | null,
  recordClass: string | null,
  relation: ConsentRelation,
  way: ConsentWay,
  wording: string,
  actedAt: string,
  until: string | null,
];

/** One emergency access as `CONSENT_COLUMNS` writes it. */
type EmergencyArray = readonly [
  publicId: PublicId,
  institution: string,
  doctor: string,
  openedAt: string,
  endsAt: string,
];

/** Everything recorded of the consent of some persons, as the database hands it over. */
export interface ConsentRecords {
  readonly consents: readonly ConsentArray[] | null;
  readonly emergencies: readonly EmergencyArray[] | null;
}

/** Nothing recorded. */
export const NO_CONSENT_RECORDS: ConsentRecords = { consents: null, emergencies: null };

/**
 * Select list that fills `ConsentRecords`, for any statement that knows the persons.
 *
 * @param persons condition on `person_id`, e.g. `= any($1::bigint[])`
 */
export const consentColumns = (persons: string): string =>
  `(select json_agg(json_build_array(public_id, kind, purpose, source_institution_id::text, recipient_institution_id::text,
     record_class, relation, way, wording, acted_at, until)) from consent_acts where person_id ${persons}) as consents,
   (select json_agg(json_build_array(public_id, institution_id::text, doctor, opened_at, coalesce(ended_at, ends_at)))
     from emergency_accesses where person_id ${persons}) as emergencies`;

const OF_PERSONS = statement('consents.of-persons', `select ${consentColumns('= any($1::bigint[])')}`);

/** Everything recorded of the consent of these persons. */
export const readConsentRecords = async (
  session: Session,
  persons: readonly string[],
): Promise<ConsentRecords> =>
  (await session.run<ConsentRecords>(OF_PERSONS, [persons]))[0] ?? NO_CONSENT_RECORDS;

const OF_EACH_PERSON = statement(
  'consents.of-each-person',
  `select p.person_id, ${consentColumns('= p.person_id')} from persons p where p.person_id = any($1::bigint[])`,
);

/** Everything recorded of the consent of these persons, by person. */
export const readConsentRecordsOfEach = async (
  session: Session,
  persons: readonly string[],
): Promise<ReadonlyMap<string, ConsentRecords>> =>
  new Map(
    (await session.run<ConsentRecords & { person_id: string }>(OF_EACH_PERSON, [persons])).map((row) => [
      row.person_id,
      row,
    ]),
  );

/** What is recorded of several persons who are one. */
export const joinedRecords = (records: readonly ConsentRecords[]): ConsentRecords => ({
  consents: records.flatMap(({ consents }) => consents ?? []),
  emergencies: records.flatMap(({ emergencies }) => emergencies ?? []),
});

/** Institution of a key that no list names: an act about it must not come to mean all. */
const UNKNOWN_INSTITUTION = 'UNKNOWN' as InstitutionCode;

/**
 * The state of consent that these records amount to for one reader.
 *
 * @param doctor by what an emergency access knows the reader (`doctorOf` of the flows); null where none can be the reader's
 */
export const consentStateOf = (
  { consents, emergencies }: ConsentRecords,
  registry: Registry,
  at: Instant,
  doctor: string | null,
): ConsentState => {
  const institution = (key: string | null): InstitutionCode | null =>
    key === null ? null : (registry.institutionCode(key) ?? UNKNOWN_INSTITUTION);
  const acts = (consents ?? []).map(
    ([
      id,
      kind,
      purpose,
      source,
      recipient,
      recordClass,
      relation,
      way,
      wording,
      actedAt,
      until,
    ]): ConsentAct => ({
      id,
      kind,
      scope: { purpose, source: institution(source), recipient: institution(recipient), recordClass },
      relation,
      way,
      wording,
      actedAt: parseTimestamp(actedAt) as Instant,
      until: until === null ? null : (parseTimestamp(until) as Instant),
    }),
  );
  const opened = (emergencies ?? [])
    .filter(([, , openedBy]) => openedBy === doctor)
    .map(([id, recipient, openedBy, openedAt, endsAt]) => ({
      id,
      recipient: institution(recipient) ?? UNKNOWN_INSTITUTION,
      doctor: openedBy,
      openedAt: parseTimestamp(openedAt) as Instant,
      until: parseTimestamp(endsAt) as Instant,
    }));
  return { acts, emergencies: opened, at };
};

/** A scan or photo of a signed paper in the object store. */
export interface ConsentScan {
  readonly object: string;
  readonly mediaType: string;
  /** Bytes before sealing. */
  readonly size: number;
}

/** An act of consent ready to be kept. */
export interface ConsentRecord {
  readonly personId: string;
  readonly publicId: PublicId;
  readonly requestKey: string;
  readonly kind: ConsentActKind;
  readonly purpose: ConsentPurpose;
  readonly sourceKey: string | null;
  readonly recipientKey: string | null;
  readonly recordClass: string | null;
  readonly relation: ConsentRelation;
  readonly way: ConsentWay;
  readonly wording: string;
  readonly actedAt: Instant;
  readonly until: Instant | null;
  /** Sealed name of whoever acted for the patient. */
  readonly representative: { readonly keyId: string; readonly bytes: Uint8Array } | null;
  readonly actor: string;
  readonly staffNumber: string | null;
  readonly witness: string | null;
  readonly institutionKey: string | null;
  readonly check: PublicId | null;
  readonly scan: ConsentScan | null;
}

/** An act of consent as kept. */
export interface ConsentRow {
  readonly person_id: string;
  readonly public_id: PublicId;
  readonly kind: ConsentActKind;
  readonly purpose: ConsentPurpose;
  readonly source_institution_id: string | null;
  readonly recipient_institution_id: string | null;
  readonly record_class: string | null;
  readonly relation: ConsentRelation;
  readonly way: ConsentWay;
  readonly wording: string;
  readonly acted_at: number;
  readonly until: number | null;
  readonly representative: Uint8Array | null;
  readonly representative_key_id: string | null;
  readonly actor: string;
  readonly staff_number: string | null;
  readonly witness: string | null;
  readonly institution_id: string | null;
  readonly scan_object: string | null;
  readonly scan_media_type: 'image/jpeg' | 'image/png' | 'application/pdf' | null;
  readonly recorded_at: number;
}

const INSERT = statement(
  'consents.insert',
  `insert into consent_acts (person_id, public_id, request_key, kind, purpose, source_institution_id, recipient_institution_id,
     record_class, relation, way, wording, acted_at, until, representative, representative_key_id, actor, staff_number,
     witness, institution_id, check_public_id, scan_object, scan_media_type, scan_size, recorded_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24)
   on conflict (person_id, request_key) do nothing returning public_id`,
);
const UNDER_KEY = statement(
  'consents.under-key',
  'select public_id from consent_acts where person_id = $1 and request_key = $2',
);
const ROW = `person_id, public_id, kind, purpose, source_institution_id, recipient_institution_id, record_class, relation, way,
  wording, acted_at, until, representative, representative_key_id, actor, staff_number, witness, institution_id, scan_object,
  scan_media_type, recorded_at`;
const ROWS_OF_PERSONS = statement(
  'consents.rows-of-persons',
  `select ${ROW} from consent_acts where person_id = any($1::bigint[]) order by acted_at desc, act_id desc`,
);
const BY_ID = statement('consents.by-id', `select ${ROW} from consent_acts where public_id = $1`);

/**
 * Keeps an act of consent.
 *
 * @returns its id; of a request sent before, the id it got then, and nothing is kept again
 */
export const keepConsent = async (
  session: Session,
  record: ConsentRecord,
  at: Instant,
): Promise<{ readonly id: PublicId; readonly repeated: boolean }> => {
  const rows = await session.run(INSERT, [
    record.personId,
    record.publicId,
    record.requestKey,
    record.kind,
    record.purpose,
    record.sourceKey,
    record.recipientKey,
    record.recordClass,
    record.relation,
    record.way,
    record.wording,
    isoInstant(record.actedAt),
    record.until === null ? null : isoInstant(record.until),
    record.representative?.bytes ?? null,
    record.representative?.keyId ?? null,
    record.actor,
    record.staffNumber,
    record.witness,
    record.institutionKey,
    record.check,
    record.scan?.object ?? null,
    record.scan?.mediaType ?? null,
    record.scan?.size ?? null,
    isoInstant(at),
  ]);
  if (rows.length > 0) return { id: record.publicId, repeated: false };
  const [known] = await session.run<{ public_id: PublicId }>(UNDER_KEY, [record.personId, record.requestKey]);
  return { id: known?.public_id ?? record.publicId, repeated: true };
};

/** Every act of these persons, the latest first. */
export const readConsentRows = (session: Session, persons: readonly string[]): Promise<ConsentRow[]> =>
  session.run<ConsentRow>(ROWS_OF_PERSONS, [persons]);

/** One act by its public id. */
export const readConsentRow = async (session: Session, id: PublicId): Promise<ConsentRow | undefined> =>
  (await session.run<ConsentRow>(BY_ID, [id]))[0];
