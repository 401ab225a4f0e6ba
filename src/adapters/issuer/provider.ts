import { type Client, type Configuration, errors, type KoaContextWithOIDC, Provider } from 'oidc-provider';
import { RESOURCE_SCOPES } from '../../access/index.ts';
import { accountBySubject, recordSystemAct } from '../postgres/accounts.ts';
import { applicationByCode } from '../postgres/applications.ts';
import { applicationContext, tokenHolder } from '../postgres/application-tokens.ts';
import type { IssuerDependencies } from './embedded-issuer.ts';
import { loadIssuerKeys } from './issuer-keys.ts';
import { ISSUER_COOKIES, LAUNCH_SCOPES, LIVES } from './issuer-terms.ts';
import { fetchPublishedKeys } from './published-keys.ts';
import { providerStore } from './provider-store.ts';

const wordsOf = (scope: unknown): string[] =>
  typeof scope === 'string' ? scope.split(' ').filter((word) => word !== '') : [];

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
    // The only address that is ever asked: the library would fetch others only for features that are off.
    fetch: (address) => fetchPublishedKeys(address as string, dependencies.keyNetwork),
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
      introspection: {
        enabled: true,
        allowedPolicy: (_ctx, client, token) => mayIntrospect(dependencies, client, token),
      },
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

/** What SMART adds to a token: the patient. */
const addContext = async (ctx: KoaContextWithOIDC, { database }: IssuerDependencies): Promise<void> => {
  const body = ctx.body as Record<string, unknown> | undefined;
  const grantId = ctx.oidc.entities.AccessToken?.grantId;
  if (!body || typeof body['access_token'] !== 'string' || grantId === undefined) return;
  const context = await applicationContext(database, grantId);
  if (context?.patient) ctx.body = { ...body, patient: context.patient, need_patient_banner: true };
};

/**
 * Who may ask what a token is worth (RFC 7662): an app about its own, a resource server about any; and only who signs, for
 * everybody knows the name of a public app. Refresh tokens are nobody's to ask about.
 */
const mayIntrospect = async (
  { database }: IssuerDependencies,
  { clientId, clientAuthMethod }: Client,
  token: { readonly kind: string; readonly clientId?: string | undefined },
): Promise<boolean> => {
  if (clientAuthMethod === 'none' || token.kind === 'RefreshToken') return false;
  if (token.clientId === clientId) return true;
  // The library asks more about the token's app, and takes it for granted that it is there.
  if (!(await applicationByCode(database, token.clientId ?? ''))) return false;
  return (await applicationByCode(database, clientId))?.kind === 'resource-server';
};

/**
 * What a token is worth by our own rules, which know of accounts and apps that were shut out; and the patient, as SMART
 * asks. That somebody else than the app asked is a line of the log.
 */
const addWorth = async (ctx: KoaContextWithOIDC, dependencies: IssuerDependencies): Promise<void> => {
  const { database, keys, clock, url, fhirPath, newPublicId } = dependencies;
  const body = ctx.body as Record<string, unknown>;
  if (body['active'] !== true) return;
  const at = clock();
  const [token = ''] = wordsOf(ctx.oidc.params?.['token']);
  const holder = await tokenHolder(database, keys, token, url() + fhirPath, at);
  if (!holder) {
    ctx.body = { active: false };
    return;
  }
  const { patient, user, application } = holder;
  ctx.body = {
    ...body,
    ...(patient === null ? {} : { patient }),
    ...(user === null || user.person === null
      ? {}
      : { fhirUser: `${url()}${fhirPath}/Patient/${user.person}` }),
  };
  const asking = ctx.oidc.client?.clientId ?? '';
  if (asking !== application.code)
    await recordSystemAct(
      database,
      { at, newId: newPublicId, by: `application:${asking}`, peer: ctx.req.socket.remoteAddress ?? '' },
      'token-introspected',
      `application:${application.code}`,
      'active',
    );
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
    if (oidc?.route === 'introspection') await addWorth(ctx as KoaContextWithOIDC, dependencies);
    if (oidc?.route === 'discovery')
      ctx.body = { ...(ctx.body as object), response_modes_supported: ['query'] };
  });
};

/** Sets the library up as the issuer under this address. Whoever imports this file loads the library: some 20 MB. */
export const setUpProvider = (issuer: string, dependencies: IssuerDependencies): Provider => {
  const provider = new Provider(issuer, configurationOf(dependencies));
  addManners(provider, dependencies);
  provider.silent = true;
  // Which address is ours is written into every request by `answer`, so these headers are our own word.
  provider.proxy = true;
  provider.on('server_error', (_ctx, error) => dependencies.onError(error));
  return provider;
};
