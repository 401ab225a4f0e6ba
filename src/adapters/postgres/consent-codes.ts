import { HOUR_MS, type Instant, instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { InstitutionCode } from '../../organisation/index.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type Session, statement } from './database.ts';

/** One request for consent, as a short code stands for it. */
export interface CodedRequest {
  readonly person: PublicId;
  readonly institution: InstitutionCode;
  /** 工号 of whoever showed the code. */
  readonly staffNumber: string | null;
  readonly expiresAt: Instant;
}

interface CodeRow {
  readonly person_public_id: PublicId;
  readonly institution_code: InstitutionCode;
  readonly staff_number: string | null;
  readonly expires_at: number;
}

const requestOf = (row: CodeRow): CodedRequest => ({
  person: row.person_public_id,
  institution: row.institution_code,
  staffNumber: row.staff_number,
  expiresAt: instant(row.expires_at),
});

const codeHash = (keys: Pick<KeyRing, 'hash'>, code: string): string => keys.hash('consent-code.1', code);

/** Codes and tries are of no use once they are over: what was decided stands in the registry and in the access log. */
const FORGET_CODES = statement(
  'consent-codes.forget',
  'delete from consent_codes where expires_at < $1 returning code_hash',
);
const FORGET_TRIES = statement(
  'consent-codes.forget-tries',
  'delete from consent_code_tries where hour_starts_at < $1 returning trier_hash',
);
const INSERT = statement(
  'consent-codes.insert',
  `insert into consent_codes (code_hash, person_public_id, institution_code, staff_number, made_at, expires_at)
   values ($1, $2, $3, $4, $5, $6) on conflict (code_hash) do nothing returning code_hash`,
);
/** A code that can still be opened by this account. */
const USABLE = 'code_hash = $1 and expires_at > $2 and (opened_by is null or opened_by = $3)';
const FIND = statement(
  'consent-codes.find',
  `select person_public_id, institution_code, staff_number, expires_at from consent_codes
   where ${USABLE} and (decided_key is null or decided_key = $4)`,
);
const OPEN = statement(
  'consent-codes.open',
  `update consent_codes set opened_by = $3 where ${USABLE} and decided_key is null returning code_hash`,
);
const DECIDE = statement(
  'consent-codes.decide',
  `update consent_codes set opened_by = $3, decided_key = $4
   where ${USABLE} and (decided_key is null or decided_key = $4) returning code_hash`,
);

/** Keeps a code for a request. @returns false where these digits already stand for another request: draw others */
export const keepConsentCode = async (
  session: Session,
  keys: Pick<KeyRing, 'hash'>,
  code: string,
  request: CodedRequest,
  at: Instant,
): Promise<boolean> => {
  await session.run(FORGET_CODES, [isoInstant(at)]);
  const kept = await session.run(INSERT, [
    codeHash(keys, code),
    request.person,
    request.institution,
    request.staffNumber,
    isoInstant(at),
    isoInstant(request.expiresAt),
  ]);
  return kept.length > 0;
};

/**
 * The request for which a code stands, while this account may answer it: not expired, opened by nobody else, and not
 * decided but by the very decision that is sent again.
 *
 * @param decisionKey key of the decision about to be sent; empty for none
 */
export const findConsentCode = async (
  session: Session,
  keys: Pick<KeyRing, 'hash'>,
  code: string,
  account: string,
  at: Instant,
  decisionKey: string,
): Promise<CodedRequest | undefined> => {
  const [row] = await session.run<CodeRow>(FIND, [
    codeHash(keys, code),
    isoInstant(at),
    account,
    decisionKey,
  ]);
  return row && requestOf(row);
};

/** Takes a code for this account. @returns false where another was faster, or it is over */
export const openConsentCode = async (
  session: Session,
  keys: Pick<KeyRing, 'hash'>,
  code: string,
  account: string,
  at: Instant,
): Promise<boolean> => (await session.run(OPEN, [codeHash(keys, code), isoInstant(at), account])).length > 0;

/** Spends a code on its one decision. @returns false where it was spent on another, or is over */
export const decideConsentCode = async (
  session: Session,
  keys: Pick<KeyRing, 'hash'>,
  code: string,
  account: string,
  at: Instant,
  decisionKey: string,
): Promise<boolean> =>
  (await session.run(DECIDE, [codeHash(keys, code), isoInstant(at), account, decisionKey])).length > 0;

/** Somebody, or some place, whose wrong codes are counted. */
export interface CodeTrier {
  readonly kind: 'account' | 'address';
  readonly name: string;
  /** Wrong codes that are let pass within one hour. */
  readonly triesMax: number;
}

const TAKE_TRY = statement(
  'consent-codes.take-try',
  `insert into consent_code_tries as t (trier_hash, hour_starts_at, tries) values ($1, $2, 1)
   on conflict (trier_hash, hour_starts_at) do update set tries = t.tries + 1 where t.tries < $3 returning tries`,
);
const GIVE_TRY_BACK = statement(
  'consent-codes.give-try-back',
  'update consent_code_tries set tries = tries - 1 where trier_hash = $1 and hour_starts_at = $2 returning tries',
);

const hourOf = (at: Instant): Instant => instant(Math.floor(at / HOUR_MS) * HOUR_MS);

const trierHash = (keys: Pick<KeyRing, 'hash'>, { kind, name }: CodeTrier): string =>
  keys.hash('consent-code-trier.1', `${kind} ${name}`);

/**
 * Counts a try before it is looked at, so that many at once are not more than the limit. One that was right is given back.
 *
 * @returns false where this one has no try left in this hour
 */
export const takeCodeTry = async (
  session: Session,
  keys: Pick<KeyRing, 'hash'>,
  trier: CodeTrier,
  at: Instant,
): Promise<boolean> => {
  const hour = hourOf(at);
  await session.run(FORGET_TRIES, [isoInstant(hour)]);
  const taken = await session.run(TAKE_TRY, [trierHash(keys, trier), isoInstant(hour), trier.triesMax]);
  return taken.length > 0;
};

/** Gives back the try of a code that was right. */
export const giveCodeTryBack = async (
  session: Session,
  keys: Pick<KeyRing, 'hash'>,
  trier: CodeTrier,
  at: Instant,
): Promise<void> => {
  await session.run(GIVE_TRY_BACK, [trierHash(keys, trier), isoInstant(hourOf(at))]);
};
