import type { NationalReason } from '../../catalogue/index.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** A doctor's answer that an examination is done again, as it stands. */
export interface RepeatRow {
  readonly public_id: PublicId;
  readonly person_id: string;
  readonly institution_id: string;
  readonly department: string | null;
  readonly local_code: string;
  readonly reason: NationalReason | null;
  readonly local_reason: string | null;
  readonly sub_reasons: readonly string[];
  readonly item_ids: readonly string[] | null;
  readonly responded_at: number;
}

const STANDING = statement(
  'repeats-of-person.standing',
  `select r.public_id, r.person_id, c.institution_id, c.department, r.local_code, r.reason, r.local_reason, r.sub_reasons,
     r.item_ids, r.responded_at
   from check_responses r join order_checks c on c.person_id = r.person_id and c.public_id = r.check_public_id
   where r.person_id = any($1::bigint[]) and r.kind = 're-examine'
     and not exists (select 1 from check_responses u where u.person_id = r.person_id and u.undoes = r.public_id)
   order by r.responded_at desc, r.response_id desc limit 200`,
);

/** The repeats that doctors decided on for these records of one person and did not take back, the newest first. */
export const readRepeats = (session: Session, persons: readonly string[]): Promise<RepeatRow[]> =>
  session.run<RepeatRow>(STANDING, [persons]);
