import { type Adapter, type AdapterPayload, errors } from 'oidc-provider';
import { scopesWithin } from '../../access/index.ts';
import type { Clock } from '../../kernel/instant.ts';
import { instant } from '../../kernel/instant.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type Application, applicationByCode } from '../postgres/applications.ts';
import type { Session } from '../postgres/database.ts';
import { artifactStore, type IssuerArtifact, revokeGrant } from '../postgres/issuer-artifacts.ts';

/** What the store works with. */
export interface StoreDependencies {
  readonly database: Session;
  readonly keys: KeyRing;
  readonly clock: Clock;
}

/** For what the library gives no life of its own: nothing lies here for ever. */
const LIFE_SECONDS_MAX = 14 * 86_400;

/** Kinds that are kept once and never changed: the same id again is a replay. */
const KEPT_ONCE = new Set(['ReplayDetection']);

/** What the library is told of an application: only what it registered, nothing by default. */
const clientMetadata = (application: Application): AdapterPayload => {
  const { kind, keys, keyAddress } = application;
  const isOfPerson = kind === 'public' || kind === 'confidential';
  return {
    client_id: application.code,
    client_name: application.name,
    application_type: 'web',
    redirect_uris: [...application.redirectAddresses],
    grant_types: isOfPerson
      ? ['authorization_code', 'refresh_token']
      : kind === 'backend'
        ? ['client_credentials']
        : [],
    response_types: isOfPerson ? ['code'] : [],
    token_endpoint_auth_method: kind === 'public' ? 'none' : 'private_key_jwt',
    ...(application.scopes.length === 0 ? {} : { scope: scopesWithin(application.scopes).join(' ') }),
    ...(keys === null ? {} : { jwks: { keys: keys.map((key) => ({ ...key })) } }),
    ...(keyAddress === null ? {} : { jwks_uri: keyAddress }),
  } as AdapterPayload;
};

const payloadOf = (artifact: IssuerArtifact | undefined): AdapterPayload | undefined =>
  artifact && {
    ...artifact.payload,
    ...(artifact.consumedAt === null ? {} : { consumed: Math.floor(artifact.consumedAt / 1000) }),
  };

/**
 * Where the library keeps what it issues: PostgreSQL, so that every process and every restart knows it. Registered
 * applications are its clients.
 */
export const providerStore =
  ({ database, keys, clock }: StoreDependencies) =>
  (kind: string): Adapter => {
    const artifacts = artifactStore(database, keys, kind);
    const at = (seconds = LIFE_SECONDS_MAX) => instant(clock() + seconds * 1000);
    return {
      async upsert(id, payload, expiresIn) {
        const { grantId, uid } = payload;
        if (KEPT_ONCE.has(kind)) {
          // Two calls at the same moment both found nothing: only one of them may go on.
          if (!(await artifacts.claim(id, payload, at(expiresIn)))) throw new errors.InvalidClient();
          return;
        }
        await artifacts.put(id, payload, { grantId: grantId ?? null, uid: uid ?? null }, at(expiresIn));
      },
      async find(id) {
        if (kind === 'Client') {
          const application = await applicationByCode(database, id);
          return application && clientMetadata(application);
        }
        return payloadOf(await artifacts.find(id, clock()));
      },
      findByUid: async (uid) => payloadOf(await artifacts.findByUid(uid, clock())),
      // Codes typed on another device are not offered.
      findByUserCode: async () => undefined,
      async consume(id) {
        // As above: a code or refresh token presented twice at the same moment is good for one of them.
        if (!(await artifacts.consume(id, clock()))) throw new errors.InvalidGrant('already consumed');
      },
      destroy: (id) => artifacts.remove(id),
      revokeByGrantId: (grantId) => revokeGrant(database, grantId),
    };
  };
