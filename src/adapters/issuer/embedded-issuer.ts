import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Configuration, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { RESOURCE_SCOPES } from '../../access/index.ts';
import { applicationContext, putApplicationContext } from '../postgres/application-tokens.ts';
import { type Account, accountBySubject } from '../postgres/accounts.ts';
import { instant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { issuerKeysChangedAt, loadIssuerKeys } from './issuer-keys.ts';
import { providerStore, type StoreDependencies } from './provider-store.ts';

/** Path of the issuer below our own address. */
export const ISSUER_PATH = '/oidc';

/** Names of the issuer's cookies: the request of an app on its page, the way back from it, the library's own session. */
export const ISSUER_COOKIES = {
  interaction: 'huren_asked',
  resume: 'huren_asked_resume',
  session: 'huren_issuer',
} as const;

/** Scopes that are not about a resource. */
export const LAUNCH_SCOPES = [
  'openid',
  'profile',
  'fhirUser',
  'launch',
  'launch/patient',
  'offline_access',
] as const;

/** Seconds that each thing lives. Access tokens are short: what shut somebody out counts at once, but a copy lives on. */
const LIVES = {
  AccessToken: 15 * 60,
  AuthorizationCode: 60,
  ClientCredentials: 5 * 60,
  Grant: 14 * 86_400,
  IdToken: 15 * 60,
  Interaction: 15 * 60,
  RefreshToken: 14 * 86_400,
  Session: 15 * 60,
} as const;

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
  /** Told what went wrong in the library by no fault of a caller. */
  readonly onError: (error: unknown) => void;
  /** The page for an error that cannot be sent to an app. */
  readonly errorPage: (code: string) => string;
}

const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

const wordsOf = (scope: unknown): string[] => (text(scope) ?? '').split(' ').filter((word) => word !== '');

/** Whether any of these scopes is about data, so that the app must say of which server. */
const asksForData = (scopes: readonly string[]): boolean =>
  scopes.some((scope) => scope.startsWith('launch') || RESOURCE_SCOPES.includes(scope));

const isWeb = (redirectAddress: string): string | null => URL.parse(redirectAddress)?.origin ?? null;

const configurationOf = (dependencies: IssuerDependencies): Configuration => {
  const { database, url, fhirPath, askPath, errorPage, issuerKeyFile } = dependencies;
  const fhir = url() + fhirPath;
  const cookies = { httpOnly: true, sameSite: 'lax', secure: url().startsWith('https:') } as const;
  return {
    adapter: providerStore(dependencies),
    jwks: { keys: loadIssuerKeys(issuerKeyFile).map((key) => ({ ...key })) },
    cookies: { names: { ...ISSUER_COOKIES }, long: cookies, short: cookies },
    pkce: { required: () => true },
    scopes: [...LAUNCH_SCOPES, ...RESOURCE_SCOPES],
    claims: { openid: ['sub'], profile: ['name'], fhirUser: ['fhirUser'] },
    conformIdTokenClaims: false,
    responseTypes: ['code'],
    clientAuthMethods: ['none', 'private_key_jwt'],
    enabledJWA: { clientAuthSigningAlgValues: ['RS384', 'ES384'], idTokenSigningAlgValues: ['RS256'] },
    clientDefaults: { id_token_signed_response_alg: 'RS256' },
    allowOmittingSingleRegisteredRedirectUri: false,
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    ttl: { ...LIVES },
    clientBasedCORS: (_ctx, origin, client) =>
      (client.redirectUris ?? []).some((one) => isWeb(one) === origin),
    extraParams: {
      aud(_ctx, value, _client) {
        const { oidc } = _ctx;
        if (value === undefined ? asksForData(wordsOf(oidc.params?.['scope'])) : value !== fhir)
          throw new errors.InvalidRequest('aud must be the address of the FHIR server');
      },
      launch: null,
    },
    features: {
      devInteractions: { enabled: false },
      userinfo: { enabled: false },
      rpInitiatedLogout: { enabled: false },
      pushedAuthorizationRequests: { enabled: false },
      dPoP: { enabled: false },
      clientCredentials: { enabled: true },
      revocation: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => fhir,
        useGrantedResource: () => true,
        getResourceServerInfo(_ctx, resource) {
          if (resource !== fhir) throw new errors.InvalidTarget();
          return {
            scope: [...LAUNCH_SCOPES, ...RESOURCE_SCOPES].join(' '),
            audience: fhir,
            accessTokenFormat: 'opaque',
          };
        },
      },
    },
    interactions: { url: (_ctx, interaction) => askPath(interaction.uid) },
    async findAccount(_ctx, subject) {
      const account = await accountBySubject(database, subject);
      if (!account) return undefined;
      return {
        accountId: subject,
        // Only patients are resources of our FHIR interface; of staff it serves none, so none is named.
        claims: () => ({
          sub: subject,
          name: account.displayName,
          ...(account.person === null ? {} : { fhirUser: `${fhir}/Patient/${account.person}` }),
        }),
      };
    },
    renderError(ctx, out) {
      ctx.type = 'html';
      ctx.body = errorPage(out.error);
    },
  };
};

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

/** What SMART adds to a token: the patient. */
const addContext = async (ctx: KoaContextWithOIDC, { database }: IssuerDependencies): Promise<void> => {
  const body = ctx.body as Record<string, unknown> | undefined;
  const grantId = ctx.oidc.entities.AccessToken?.grantId;
  if (!body || typeof body['access_token'] !== 'string' || grantId === undefined) return;
  const context = await applicationContext(database, grantId);
  if (context?.patient) ctx.body = { ...body, patient: context.patient, need_patient_banner: true };
};

/** Makes the library keep to what we offer and say no more than that. */
const addManners = (provider: Provider, dependencies: IssuerDependencies): void => {
  provider.use(async (ctx, next) => {
    const mode = ctx.query['response_mode'];
    if (mode !== undefined && mode !== 'query') {
      ctx.status = 400;
      ctx.body = { error: 'unsupported_response_mode', error_description: 'response_mode must be query' };
      return;
    }
    await next();
    const { oidc } = ctx as KoaContextWithOIDC;
    if (oidc?.route === 'token') await addContext(ctx as KoaContextWithOIDC, dependencies);
    if (oidc?.route === 'discovery')
      ctx.body = { ...(ctx.body as object), response_modes_supported: ['query'] };
  });
};

/** Builds the issuer of one installation. The library is set up at the first call, and anew when its keys were rotated. */
export const embeddedIssuer = (dependencies: IssuerDependencies): EmbeddedIssuer => {
  const { database, clock, issuerKeyFile, url, fhirPath } = dependencies;
  let built: { readonly provider: Provider; readonly issuer: string; readonly keysOf: number } | undefined;

  const provider = (): Provider => {
    const issuer = url() + ISSUER_PATH;
    const keysOf = issuerKeysChangedAt(issuerKeyFile);
    if (built && built.issuer === issuer && built.keysOf === keysOf && keysOf !== 0) return built.provider;
    const fresh = new Provider(issuer, configurationOf(dependencies));
    addManners(fresh, dependencies);
    fresh.silent = true;
    fresh.on('server_error', (_ctx, error) => dependencies.onError(error));
    built = { provider: fresh, issuer, keysOf: issuerKeysChangedAt(issuerKeyFile) };
    return fresh;
  };

  const find = (uid: string) => provider().Interaction.find(uid);

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
      const library = provider();
      library.proxy = true;
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
      const library = provider();
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
        { accountId: account.accountId, patient },
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
