import { type Instant, isoInstant } from '../../kernel/instant.ts';
import { FLUSHED_WITH_THE_NEXT, type Session, statement } from './database.ts';

const CLAIM = statement(
  'cds-tokens.claim',
  `insert into cds_used_tokens (token_hash, expires_at) values ($1, $2)
   on conflict (token_hash) do nothing returning token_hash, ${FLUSHED_WITH_THE_NEXT}`,
);
const SWEEP = statement(
  'cds-tokens.sweep',
  'delete from cds_used_tokens where expires_at < $1 returning token_hash',
);

/**
 * Takes a token's id for used. False when it was used before, by whichever process. It is on the disk as soon as anything
 * is that the call goes on to keep, and nothing of a patient is answered before that.
 *
 * @param tokenHash hash of issuer and `jti`
 * @param expiresAt until when the token could be presented again
 */
export const claimToken = async (
  session: Session,
  tokenHash: string,
  expiresAt: Instant,
): Promise<boolean> => {
  const claimed = await session.run(CLAIM, [tokenHash, isoInstant(expiresAt)]);
  return claimed.length === 1;
};

/** Forgets used tokens that have expired; tells how many. */
export const sweepUsedTokens = async (session: Session, at: Instant): Promise<number> =>
  (await session.run(SWEEP, [isoInstant(at)])).length;
