import type { KeyRing } from '../../../adapters/keys/key-ring.ts';
import {
  type IssuerClaims,
  type OutsideIssuer,
  relyingParty,
} from '../../../adapters/outside-issuers/outside-issuer.ts';
import { accountOfIdentity } from '../../../adapters/postgres/account-identities.ts';
import { accountByStaffNumber, recordRefusal } from '../../../adapters/postgres/accounts.ts';
import type { Database } from '../../../adapters/postgres/database.ts';
import { keepIssuerSignIn, takeIssuerSignIn } from '../../../adapters/postgres/issuer-sign-ins.ts';
import type { Clock } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { OutsideSignIn, SignInCall, SignInFlows } from '../../server/routes/sign-in-port.ts';
import { flowFault } from '../dependencies.ts';

/** What signing in by another issuer works with. */
export interface OutsideDependencies {
  readonly database: Database;
  readonly keys: KeyRing;
  readonly clock: Clock;
  readonly newPublicId: () => PublicId;
  readonly issuers: readonly OutsideIssuer[];
  readonly signIn: SignInFlows;
  /** Address at which browsers reach us, without a slash at the end. */
  readonly url: () => string;
}

const textOf = (claims: IssuerClaims, name: string): string | null => {
  const value = claims[name];
  return typeof value === 'string' && value.length > 0 && value.length <= 200 ? value : null;
};

/**
 * Signing in by another issuer (OpenID Connect: authorisation code with PKCE, state and nonce). Who is unknown here is
 * refused: no account is made of what an issuer says.
 */
export const outsideSignIn = (dependencies: OutsideDependencies): OutsideSignIn => {
  const { database, keys, clock, newPublicId, issuers, signIn, url } = dependencies;
  const parties = new Map(
    issuers.map((issuer) => [issuer.code, { issuer, party: relyingParty(issuer, clock) }]),
  );

  const accountOf = async (issuer: OutsideIssuer, claims: IssuerClaims): Promise<string | undefined> => {
    const { match } = issuer;
    if (match.by === 'subject') return accountOfIdentity(database, issuer.issuer, claims.sub);
    const staffNumber = textOf(claims, match.claim);
    const institution =
      match.institution ?? (match.institutionClaim === null ? null : textOf(claims, match.institutionClaim));
    if (staffNumber === null || institution === null) return undefined;
    return (await accountByStaffNumber(database, institution, staffNumber))?.accountId;
  };

  const refuse = async (
    code: 'ISSUER_ANSWER_REFUSED' | 'ISSUER_STRANGER',
    issuerCode: string,
    why: string,
    { origin }: SignInCall,
  ): Promise<Result<never, ReturnType<typeof flowFault>>> => {
    const act = { at: clock(), newId: newPublicId, by: 'stranger', peer: origin.peer };
    await recordRefusal(database, act, null, `issuer ${issuerCode}: ${why}`);
    return fail(flowFault(code, { detail: why }));
  };

  return {
    async begin(code, nextPath, { browser }) {
      const known = parties.get(code);
      if (!known) return fail(flowFault('ISSUER_UNKNOWN'));
      const { address, challenge } = await known.party.begin(`${url()}/sign-in/from/${code}`);
      await keepIssuerSignIn(database, keys, { issuerCode: code, nextPath, ...challenge }, browser, clock());
      return ok(address);
    },

    async finish(code, answer, call) {
      const known = parties.get(code);
      if (!known) return fail(flowFault('ISSUER_UNKNOWN'));
      const { issuer, party } = known;
      const state = answer.get('state') ?? '';
      const begun = await takeIssuerSignIn(
        database,
        keys,
        { state, issuerCode: code, browser: call.browser },
        clock(),
      );
      if (!begun) return refuse('ISSUER_ANSWER_REFUSED', code, 'state', call);
      const callback = new URL(`${url()}/sign-in/from/${code}`);
      callback.search = answer.toString();
      const claims = await party.redeem(callback, begun);
      if (!claims.ok) return refuse('ISSUER_ANSWER_REFUSED', code, claims.reason, call);
      const accountId = await accountOf(issuer, claims.value);
      if (accountId === undefined) return refuse('ISSUER_STRANGER', code, 'stranger', call);
      const person = { accountId, issuerCode: code, secondFactorShown: issuer.secondFactor === 'issuer' };
      return ok(await signIn.admit(person, begun.nextPath, call));
    },

    async leave(code) {
      const known = parties.get(code);
      // Signing out here counts, whether or not the other issuer can be reached.
      return known ? known.party.endAddress(`${url()}/sign-in`).catch(() => null) : null;
    },
  };
};
