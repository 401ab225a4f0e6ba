import { verifyToken } from '../../adapters/cds-hooks/signed-token.ts';
import type { CdsClient, CdsClientDirectory } from '../../adapters/postgres/cds-clients.ts';
import { claimToken } from '../../adapters/postgres/cds-tokens.ts';
import type { Session } from '../../adapters/postgres/database.ts';
import type { Fault } from '../../kernel/fault.ts';
import type { Clock } from '../../kernel/instant.ts';
import { fail, ok, type Result } from '../../kernel/result.ts';
import { serverFault } from './problem.ts';

/** Tells whose a signed token is. Only the gate in `actor.ts` asks. */
export interface SignedTokens {
  /**
   * The client whose token this is, once: the same token is refused from then on by every process.
   *
   * @param path of the endpoint called; the token must name it as its audience
   */
  holderOf(token: string, path: string): Promise<Result<CdsClient, Fault>>;
}

/**
 * Signed tokens of CDS Hooks over the registered clients.
 *
 * @param baseAddresses addresses under which callers know us, without a slash at the end
 */
export const signedTokens = (options: {
  readonly database: Session;
  readonly clients: CdsClientDirectory;
  readonly clock: Clock;
  readonly baseAddresses: () => readonly string[];
}): SignedTokens => {
  const { database, clients, clock, baseAddresses } = options;
  return {
    async holderOf(token, path) {
      const verified = await verifyToken(token, {
        clientOf: clients.byIssuer,
        audiences: baseAddresses().map((base) => base + path),
        at: clock(),
      });
      if (!verified.ok) return fail(serverFault('TOKEN_REFUSED', { detail: verified.reason }));
      const { client, hash, expiresAt } = verified.value;
      return (await claimToken(database, hash, expiresAt))
        ? ok(client)
        : fail(serverFault('TOKEN_REFUSED', { detail: 'used' }));
    },
  };
};
