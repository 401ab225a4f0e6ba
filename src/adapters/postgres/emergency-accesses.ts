import type { EmergencyReason } from '../../consent/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** An emergency access as kept. */
export interface EmergencyAccessRow {
  readonly id: PublicId;
  readonly institutionKey: string;
  /** Staff number where one is known, else the actor. */
  readonly doctor: string;
  readonly actor: string;
  readonly department: string | null;
  readonly reason: EmergencyReason;
  readonly reasonText: string;
  readonly openedAt: Instant;
  readonly endsAt: Instant;
  readonly peer: string;
}

const INSERT = statement(
  'emergency-accesses.insert',
  `insert into emergency_accesses (person_id, public_id, institution_id, doctor, actor, department, reason, reason_text,
     opened_at, ends_at, peer) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
);

/** Keeps an emergency access. */
export const keepEmergencyAccess = async (
  session: Session,
  personId: string,
  access: EmergencyAccessRow,
): Promise<void> => {
  await session.run(INSERT, [
    personId,
    access.id,
    access.institutionKey,
    access.doctor,
    access.actor,
    access.department,
    access.reason,
    access.reasonText,
    isoInstant(access.openedAt),
    isoInstant(access.endsAt),
    access.peer,
  ]);
};

const OPEN_NOW = statement(
  'emergency-accesses.open-now',
  `select public_id as id, institution_id as "institutionKey", doctor, actor, department, reason,
     reason_text as "reasonText", opened_at as "openedAt", ends_at as "endsAt", peer
   from emergency_accesses
   where person_id = any($1::bigint[]) and institution_id = $2 and doctor = $3 and coalesce(ended_at, ends_at) > $4
   order by ends_at desc limit 1`,
);

/** The emergency access that a doctor has open to a person now. */
export const readOpenEmergency = async (
  session: Session,
  persons: readonly string[],
  institutionKey: string,
  doctor: string,
  at: Instant,
): Promise<EmergencyAccessRow | undefined> =>
  (await session.run<EmergencyAccessRow>(OPEN_NOW, [persons, institutionKey, doctor, isoInstant(at)]))[0];

const END = statement(
  'emergency-accesses.end',
  `update emergency_accesses set ended_at = $3
   where person_id = any($1::bigint[]) and public_id = $2 and ended_at is null and ends_at > $3 returning public_id as id`,
);

/** Ends an emergency access before its time; false when it is over. */
export const endEmergencyAccess = async (
  session: Session,
  persons: readonly string[],
  id: PublicId,
  at: Instant,
): Promise<boolean> => (await session.run(END, [persons, id, isoInstant(at)])).length > 0;

const ENDED_AT = statement(
  'emergency-accesses.ended-at',
  `select ended_at as "endedAt" from emergency_accesses where person_id = any($1::bigint[]) and public_id = $2`,
);

/** When its doctor ended an emergency access before its time; null where nobody did. */
export const readEmergencyEnd = async (
  session: Session,
  persons: readonly string[],
  id: PublicId,
): Promise<Instant | null> =>
  (await session.run<{ endedAt: Instant | null }>(ENDED_AT, [persons, id]))[0]?.endedAt ?? null;
