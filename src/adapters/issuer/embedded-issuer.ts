import type { IncomingMessage, ServerResponse } from 'node:http';
import type Provider from 'oidc-provider';
import { putApplicationContext } from '../postgres/application-tokens.ts';
import type { Account } from '../postgres/accounts.ts';
import { instant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { issuerKeysChangedAt } from './issuer-keys.ts';
import { ISSUER_COOKIES, ISSUER_PATH, LIVES } from './issuer-terms.ts';
import type { KeyNetwork } from './published-keys.ts';
import type { StoreDependencies } from './provider-store.ts';

/** A request of an app that waits for a person's answer. */
export interface WaitingRequest {
  readonly uid: string;
  readonly applicationCode: string;
  readonly scopes: readonly string[];
  /** Token of an EHR launch; null for a standalone one. */
  readonly launch: string | null;
}

/** What the person answered. */
export interface Approval {
  readonly account: Account;
  readonly scopes: readonly string[];
  /** The patient the app is to see; null for none in particular. */
  readonly patient: PublicId | null;
  /** When the person signed in, in epoch seconds. */
  readonly at: number;
}

/** The OpenID Connect issuer inside the program. */
export interface EmbeddedIssuer {
  /** Answers a call to one of the issuer's endpoints on the raw connection. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** The request behind a page; undefined when it is over or there is none. */
  waiting(uid: string): Promise<WaitingRequest | undefined>;
  /** Grants what was approved; gives the address at which the browser goes on. */
  approve(uid: string, approval: Approval): Promise<string | undefined>;
  /** Tells the app that the person said no; gives the address at which the browser goes on. */
  deny(uid: string, why: string): Promise<string | undefined>;
}

/** What the issuer works with. */
export interface IssuerDependencies extends StoreDependencies {
  /** File of the keys that sign ID tokens. */
  readonly issuerKeyFile: string;
  /** Address at which callers reach us, without a slash at the end. */
  readonly url: () => string;
  /** Path below it of the FHIR interface: what every access token is for. */
  readonly fhirPath: string;
  /** Path of the page that asks the person, for one request. */
  readonly askPath: (uid: string) => string;
  /** How published keys of apps are fetched; absent in the product. */
  readonly keyNetwork?: KeyNetwork;
  readonly newPublicId: () => PublicId;
  /** Told what went wrong in the library by no fault of a caller. */
  readonly onError: (error: unknown) => void;
  /** The page for an error that cannot be sent to an app. */
  readonly errorPage: (code: string) => string;
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

const wordsOf = (scope: unknown): string[] => (text(scope) ?? '').split(' ').filter((word) => word !== '');

/** Cookies of the library's own session: who is signed in says our session, asked anew at every request of an app. */
const withoutLibrarySession = (cookie: string): string =>
  cookie
    .split(/; */)
    .filter((pair) => !pair.startsWith(`${ISSUER_COOKIES.session}=`))
    .join('; ');

/**
 * An app's request with `prompt=consent`: the person is asked at every request, and the library gives a refresh token only
 * where that was said in advance.
 */
const withConsentAsked = (whole: string): string =>
  whole.startsWith(`${ISSUER_PATH}/auth?`) && !new URLSearchParams(whole.split('?')[1]).has('prompt')
    ? `${whole}&prompt=consent`
    : whole;

/**
 * Builds the issuer of one installation. The library is loaded and set up at the first call, for a platform without apps
 * never needs it; and set up anew when its keys were rotated.
 */
export const embeddedIssuer = (dependencies: IssuerDependencies): EmbeddedIssuer => {
  const { database, clock, issuerKeyFile, url, fhirPath } = dependencies;
  let built: { readonly provider: Provider; readonly issuer: string; readonly keysOf: number } | undefined;

  const provider = async (): Promise<Provider> => {
    const { setUpProvider } = await import('./provider.ts');
    // No wait from here on: of two first calls at the same moment one makes the keys.
    const issuer = url() + ISSUER_PATH;
    const keysOf = issuerKeysChangedAt(issuerKeyFile);
    if (built && built.issuer === issuer && built.keysOf === keysOf && keysOf !== 0) return built.provider;
    built = {
      provider: setUpProvider(issuer, dependencies),
      issuer,
      keysOf: issuerKeysChangedAt(issuerKeyFile),
    };
    return built.provider;
  };

  const find = async (uid: string) => (await provider()).Interaction.find(uid);

  const finish = async (
    interaction: NonNullable<Awaited<ReturnType<typeof find>>>,
    result: Record<string, unknown>,
  ): Promise<string> => {
    interaction.result = result;
    await interaction.save(Math.max(1, interaction.exp - Math.floor(Date.now() / 1000)));
    return interaction.returnTo;
  };

  return {
    async answer(request, response) {
      const { cookie } = request.headers;
      if (cookie !== undefined) request.headers.cookie = withoutLibrarySession(cookie);
      // Under which address we are known was decided by us, not by what a caller writes: the library makes its own
      // addresses out of these.
      const { host, protocol } = new URL(url());
      Object.assign(request.headers, {
        host,
        'x-forwarded-host': host,
        'x-forwarded-proto': protocol.slice(0, -1),
      });
      const library = await provider();
      // As mounting frameworks do it: the library finds from both where it is mounted.
      const whole = withConsentAsked(request.url ?? '');
      request.url = whole.slice(ISSUER_PATH.length) || '/';
      Object.assign(request, { originalUrl: whole });
      await library.callback()(request, response);
    },

    async waiting(uid) {
      const interaction = await find(uid);
      if (!interaction) return undefined;
      const { params } = interaction;
      return {
        uid,
        applicationCode: text(params['client_id']) ?? '',
        scopes: wordsOf(params['scope']),
        launch: text(params['launch']),
      };
    },

    async approve(uid, { account, scopes, patient, at }) {
      const interaction = await find(uid);
      if (!interaction) return undefined;
      const library = await provider();
      const grant = new library.Grant({
        accountId: account.subject,
        clientId: text(interaction.params['client_id']) ?? '',
      });
      grant.addOIDCScope(scopes.join(' '));
      grant.addResourceScope(url() + fhirPath, scopes.join(' '));
      const refused = wordsOf(interaction.params['scope']).filter((scope) => !scopes.includes(scope));
      if (refused.length > 0) {
        grant.rejectOIDCScope(refused.join(' '));
        grant.rejectResourceScope(url() + fhirPath, refused.join(' '));
      }
      const grantId = await grant.save();
      const now = clock();
      await putApplicationContext(
        database,
        grantId,
        {
          accountId: account.accountId,
          patient,
          applicationCode: text(interaction.params['client_id']) ?? '',
          scopes,
        },
        { now, expiresAt: instant(now + LIVES.Grant * 1000) },
      );
      return finish(interaction, {
        login: { accountId: account.subject, remember: false, ts: at },
        consent: { grantId },
      });
    },

    async deny(uid, why) {
      const interaction = await find(uid);
      return interaction && finish(interaction, { error: 'access_denied', error_description: why });
    },
  };
};
