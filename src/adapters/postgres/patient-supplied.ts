import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { StoredPhoto } from './corrections.ts';
import { type Session, statement } from './database.ts';

/** Paper or film ready to be kept. */
export interface SuppliedRecord {
  readonly personId: string;
  readonly publicId: PublicId;
  readonly requestKey: string;
  readonly institutionKey: string;
  readonly actor: string;
  readonly doctor: string | null;
  readonly institutionText: string;
  readonly itemText: string;
  readonly itemCode: string | null;
  /** `YYYY-MM-DD`. */
  readonly examinedOn: string | null;
  readonly valueText: string | null;
  readonly note: string | null;
  readonly photo: StoredPhoto;
}

/** Paper or film as kept. */
export interface SuppliedRow {
  readonly person_id: string;
  readonly person_public_id: PublicId;
  readonly public_id: PublicId;
  readonly institution_id: string;
  readonly doctor: string | null;
  readonly recorded_at: number;
  readonly institution_text: string;
  readonly item_text: string;
  readonly item_code: string | null;
  readonly examined_on: string | null;
  readonly value_text: string | null;
  readonly note: string | null;
  readonly photo_object: string;
  readonly photo_media_type: 'image/jpeg' | 'image/png' | 'application/pdf';
  readonly photo_size: number;
}

const INSERT = statement(
  'patient-supplied.insert',
  `insert into patient_supplied (person_id, public_id, request_key, institution_id, actor, doctor, recorded_at, institution_text,
     item_text, item_code, examined_on, value_text, note, photo_object, photo_media_type, photo_size)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
   on conflict (person_id, request_key) do nothing returning public_id`,
);
const UNDER_KEY = statement(
  'patient-supplied.under-key',
  'select public_id from patient_supplied where person_id = $1 and request_key = $2',
);
const SUPPLIED = `select s.person_id, p.public_id as person_public_id, s.public_id, s.institution_id, s.doctor, s.recorded_at,
  s.institution_text, s.item_text, s.item_code, s.examined_on::text as examined_on, s.value_text, s.note, s.photo_object,
  s.photo_media_type, s.photo_size
from patient_supplied s join persons p on p.person_id = s.person_id`;
const BY_ID = statement('patient-supplied.by-id', `${SUPPLIED} where s.public_id = $1`);
const OF_PERSONS = statement(
  'patient-supplied.of-persons',
  `${SUPPLIED} where s.person_id = any($1::bigint[])
   order by coalesce(s.examined_on::timestamptz, s.recorded_at) desc, s.supplied_id desc`,
);

/**
 * Keeps paper or film that a patient brought.
 *
 * @returns its id; of a request sent before, the id it got then, and nothing is kept again
 */
export const keepSupplied = async (
  session: Session,
  record: SuppliedRecord,
  at: Instant,
): Promise<{ readonly id: PublicId; readonly repeated: boolean }> => {
  const rows = await session.run(INSERT, [
    record.personId,
    record.publicId,
    record.requestKey,
    record.institutionKey,
    record.actor,
    record.doctor,
    isoInstant(at),
    record.institutionText,
    record.itemText,
    record.itemCode,
    record.examinedOn,
    record.valueText,
    record.note,
    record.photo.object,
    record.photo.mediaType,
    record.photo.size,
  ]);
  if (rows.length > 0) return { id: record.publicId, repeated: false };
  const [known] = await session.run<{ public_id: PublicId }>(UNDER_KEY, [record.personId, record.requestKey]);
  return { id: known?.public_id ?? record.publicId, repeated: true };
};

/** One paper or film by its public id. */
export const readSupplied = async (session: Session, id: PublicId): Promise<SuppliedRow | undefined> =>
  (await session.run<SuppliedRow>(BY_ID, [id]))[0];

/** Everything that these persons brought, the newest examination first. */
export const readSuppliedOf = (session: Session, persons: readonly string[]): Promise<SuppliedRow[]> =>
  session.run<SuppliedRow>(OF_PERSONS, [persons]);
