import { randomBytes } from 'node:crypto';
import { sha256Hex } from '../../kernel/content-hash.ts';
import { type Instant, instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import { type Session, statement } from './database.ts';

/** How long a launch may be on its way: the doctor's browser takes it up at once, perhaps signing in first. */
export const APPLICATION_LAUNCH_MS = 15 * 60_000;

/** A launch of an app for one doctor and one patient. */
export interface ApplicationLaunch {
  readonly applicationCode: string;
  readonly institution: InstitutionCode;
  /** 工号 of the only doctor who may take it up. */
  readonly staffNumber: string;
  readonly person: PublicId;
}

const SWEEP = statement(
  'application-launches.sweep',
  'delete from application_launches where expires_at < $1 returning token_hash',
);
const INSERT = statement(
  'application-launches.insert',
  `insert into application_launches (token_hash, application_id, institution, staff_number, person_public_id, created_by, expires_at)
   select $1, application_id, $3::text, $4::text, $5::uuid, $6::text, $7::timestamptz from applications
   where code = $2 and disabled_at is null returning token_hash`,
);
const FIND = statement(
  'application-launches.find',
  `select a.code, l.institution, l.staff_number, l.person_public_id
   from application_launches l join applications a on a.application_id = l.application_id
   where l.token_hash = $1 and l.expires_at > $2 and l.used_at is null`,
);
const USE = statement(
  'application-launches.use',
  `update application_launches set used_at = $2 where token_hash = $1 and used_at is null and expires_at > $2
   returning token_hash`,
);

/**
 * Makes one and gives its token, which says nothing of the patient.
 *
 * @param by name of the actor who made it
 * @returns undefined when there is no such application, or it is shut out
 */
export const makeApplicationLaunch = async (
  session: Session,
  launch: ApplicationLaunch,
  by: string,
  at: Instant,
): Promise<string | undefined> => {
  const token = randomBytes(32).toString('base64url');
  await session.run(SWEEP, [isoInstant(at)]);
  const made = await session.run(INSERT, [
    sha256Hex(token),
    launch.applicationCode,
    launch.institution,
    launch.staffNumber,
    launch.person,
    by,
    isoInstant(instant(at + APPLICATION_LAUNCH_MS)),
  ]);
  return made.length === 1 ? token : undefined;
};

/** What a launch was made for; undefined when it is nobody's, over or was taken up. */
export const findApplicationLaunch = async (
  session: Session,
  token: string,
  at: Instant,
): Promise<ApplicationLaunch | undefined> => {
  const [row] = await session.run<{
    code: string;
    institution: string;
    staff_number: string;
    person_public_id: string;
  }>(FIND, [sha256Hex(token), isoInstant(at)]);
  return (
    row && {
      applicationCode: row.code,
      institution: row.institution as InstitutionCode,
      staffNumber: row.staff_number,
      person: row.person_public_id as PublicId,
    }
  );
};

/** Takes a launch up; false when it had been, by whichever process. */
export const useApplicationLaunch = async (session: Session, token: string, at: Instant): Promise<boolean> =>
  (await session.run(USE, [sha256Hex(token), isoInstant(at)])).length === 1;
