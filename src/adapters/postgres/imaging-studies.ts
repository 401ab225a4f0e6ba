import type { MatchReason } from '../../imaging/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import {
  type ContradictedField,
  identifierText,
  normaliseIdentifier,
  type StatedIdentifier,
} from '../../person/index.ts';
import type { KeyRing, Sealed } from '../keys/key-ring.ts';
import { type Session, statement } from './database.ts';
import type { StudyPlace } from './imaging-arrivals.ts';
import { personHash } from './person-rows.ts';
import type { InstitutionKey } from './registry.ts';

/** A study about to be made known. */
export interface NewStudy {
  readonly publicId: PublicId;
  readonly institution: InstitutionKey;
  readonly studyUid: string;
  readonly accession: string | null;
  readonly report: PublicId | null;
  readonly description: string | null;
  readonly studyDate: string | null;
  readonly studyTime: string | null;
  /** What the header states of the patient, sealed. */
  readonly patient: Sealed;
  readonly patientHash: string;
  readonly charsetDerived: string | null;
  readonly at: Instant;
}

const LOCK_STUDY = statement(
  'imaging.lock-study',
  "select pg_advisory_xact_lock(hashtextextended('huren.study|' || $1::text || '|' || $2::text, 0))",
);
const ADD_STUDY = statement(
  'imaging.add-study',
  `insert into studies (person_id, public_id, institution_id, study_uid, accession, report_public_id, description, modalities,
     study_date, study_time, patient_cipher, patient_key_id, patient_hash, charset_derived, series_count, instance_count,
     bytes, open_series, first_at, last_at)
   values ($1, $2, $3, $4, $5, $6, $7, '{}', $8, $9, $10, $11, $12, $13, 0, 0, 0, 0, $14, $14) returning study_id`,
);
const ADD_STUDY_KEY = statement(
  'imaging.add-study-key',
  'insert into study_keys (study_uid, institution_id, person_id, study_id) values ($1, $2, $3, $4)',
);
const ADD_ACCESSION = statement(
  'imaging.add-accession',
  `insert into study_accessions (accession, institution_id, person_id, study_id) values ($1, $2, $3, $4)
   on conflict (accession, institution_id, study_id) do nothing`,
);
const ADD_MATCH = statement(
  'imaging.add-match',
  `insert into study_matches (person_id, public_id, study_id, institution_id, reason, candidates, found_at, contradicted)
   values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (person_id, study_id) do nothing`,
);
const RECORD_HOLDERS = statement(
  'imaging.record-holders',
  'select value_hash, issuer, person_id from patient_keys where value_hash = any($1::text[])',
);
const REPORT_HOLDER = statement(
  'imaging.report-holder',
  'select person_id, report_public_id from report_keys where report_number = $1 and institution_id = $2',
);
/** Holds the making of a study of an institution, until the transaction ends. */
export const lockStudy = async (
  session: Session,
  institution: InstitutionKey,
  studyUid: string,
): Promise<void> => {
  await session.run(LOCK_STUDY, [institution, studyUid]);
};

/** Makes a study known under a person. */
export const addStudy = async (session: Session, personId: string, study: NewStudy): Promise<StudyPlace> => {
  const [row] = await session.run<{ study_id: string }>(ADD_STUDY, [
    personId,
    study.publicId,
    study.institution,
    study.studyUid,
    study.accession,
    study.report,
    study.description,
    study.studyDate,
    study.studyTime,
    study.patient.bytes,
    study.patient.keyId,
    study.patientHash,
    study.charsetDerived,
    isoInstant(study.at),
  ]);
  const { study_id: studyId } = row as { study_id: string };
  await session.run(ADD_STUDY_KEY, [study.studyUid, study.institution, personId, studyId]);
  if (study.accession !== null)
    await session.run(ADD_ACCESSION, [study.accession, study.institution, personId, studyId]);
  return { personId, studyId, patientHash: study.patientHash };
};

/** Puts a study into the worklist of those that wait for somebody's eye. */
export const addMatch = async (
  session: Session,
  place: StudyPlace,
  match: {
    readonly publicId: PublicId;
    readonly institution: InstitutionKey;
    readonly reason: MatchReason;
    readonly candidates: readonly string[];
    /** Fields in which its header contradicts the holder of its number; absent: none. */
    readonly contradicted?: readonly ContradictedField[];
    readonly at: Instant;
  },
): Promise<void> => {
  await session.run(ADD_MATCH, [
    place.personId,
    match.publicId,
    place.studyId,
    match.institution,
    match.reason,
    match.candidates,
    isoInstant(match.at),
    match.contradicted ?? [],
  ]);
};

/** Who holds these record numbers: each identifier that somebody holds, with its holder. */
export const recordHolders = async (
  session: Session,
  keys: Pick<KeyRing, 'hash'>,
  identifiers: readonly StatedIdentifier[],
): Promise<readonly { readonly identifier: StatedIdentifier; readonly personId: string }[]> => {
  const hashed = identifiers.flatMap((identifier) => {
    const known = normaliseIdentifier(identifier);
    return known
      ? [{ identifier, hash: personHash(keys, identifierText(known.type, known.issuer, known.number)) }]
      : [];
  });
  if (hashed.length === 0) return [];
  const rows = await session.run<{ value_hash: string; person_id: string }>(RECORD_HOLDERS, [
    hashed.map(({ hash }) => hash),
  ]);
  return hashed.flatMap(({ identifier, hash }) => {
    const row = rows.find(({ value_hash }) => value_hash === hash);
    return row ? [{ identifier, personId: row.person_id }] : [];
  });
};

/** The person and report that an institution's report number stands for. */
export const reportHolder = async (
  session: Session,
  institution: InstitutionKey,
  reportNumber: string,
): Promise<{ readonly personId: string; readonly report: PublicId } | undefined> => {
  const [row] = await session.run<{ person_id: string; report_public_id: PublicId }>(REPORT_HOLDER, [
    reportNumber,
    institution,
  ]);
  return row && { personId: row.person_id, report: row.report_public_id };
};

const STUDY_UID = statement(
  'imaging.study-uid',
  'select study_uid, charset_derived from studies where person_id = $1 and study_id = $2',
);

/** UID of the study of a series, and the character set by which its texts are read where they name none. */
export const studyUidOf = async (
  session: Session,
  of: { readonly personId: string; readonly studyId: string },
): Promise<{ readonly studyUid: string; readonly charsetDerived: string | null }> => {
  const [row] = await session.run<{ study_uid: string; charset_derived: string | null }>(STUDY_UID, [
    of.personId,
    of.studyId,
  ]);
  const { study_uid: studyUid, charset_derived: charsetDerived } = row as NonNullable<typeof row>;
  return { studyUid, charsetDerived };
};

const STATED_PATIENT = statement(
  'imaging.stated-patient',
  'select study_uid, patient_cipher, patient_key_id from studies where person_id = $1 and study_id = $2',
);
const RESTATE_PATIENT = statement(
  'imaging.restate-patient',
  `update studies set patient_cipher = $4, patient_key_id = $5
   where person_id = $1 and study_id = $2 and patient_cipher = $3 returning study_id`,
);

/** What the headers of a study have stated of its patient, sealed; undefined where it does not lie there (any more). */
export const statedPatient = async (
  session: Session,
  { personId, studyId }: Pick<StudyPlace, 'personId' | 'studyId'>,
): Promise<{ readonly studyUid: string; readonly patient: Sealed } | undefined> => {
  const [row] = await session.run<{ study_uid: string; patient_cipher: Buffer; patient_key_id: string }>(
    STATED_PATIENT,
    [personId, studyId],
  );
  return (
    row && {
      studyUid: row.study_uid,
      patient: { keyId: row.patient_key_id, bytes: row.patient_cipher },
    }
  );
};

/** Keeps what one more header adds. @returns false where somebody else added to it since it was read */
export const restatePatient = async (
  session: Session,
  { personId, studyId }: Pick<StudyPlace, 'personId' | 'studyId'>,
  before: Sealed,
  after: Sealed,
): Promise<boolean> =>
  (await session.run(RESTATE_PATIENT, [personId, studyId, before.bytes, after.bytes, after.keyId])).length >
  0;
