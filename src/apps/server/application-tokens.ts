import type { KeyRing } from '../../adapters/keys/key-ring.ts';
import { type TokenHolder, tokenHolder } from '../../adapters/postgres/application-tokens.ts';
import type { Session } from '../../adapters/postgres/database.ts';
import type { Clock } from '../../kernel/instant.ts';

/** Tells whose an access token of the embedded issuer is. Only the gate in `actor.ts` asks. */
export interface ApplicationTokens {
  /** Who holds this token now; undefined for nobody. */
  holderOf(token: string): Promise<TokenHolder | undefined>;
}

/** Path of the FHIR interface, the audience of every access token. */
export const FHIR_PATH = '/fhir';

/** Longest text taken for a token: ours are far shorter. */
const TOKEN_CHARACTERS_MAX = 200;

/**
 * Access tokens of one installation.
 *
 * @param url address at which callers reach us, without a slash at the end
 */
export const applicationTokens = (options: {
  readonly database: Session;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly url: () => string;
}): ApplicationTokens => {
  const { database, keys, clock, url } = options;
  return {
    holderOf: async (token) =>
      token.length > TOKEN_CHARACTERS_MAX
        ? undefined
        : tokenHolder(database, keys, token, url() + FHIR_PATH, clock()),
  };
};
