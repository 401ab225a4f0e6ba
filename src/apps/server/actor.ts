import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { clientByKey } from '../../adapters/postgres/accounts-clients.ts';
import { sessionHolder } from '../../adapters/postgres/accounts-sessions.ts';
import { ISSUER_COOKIES } from '../../adapters/issuer/issuer-terms.ts';
import type { TokenHolder } from '../../adapters/postgres/application-tokens.ts';
import type { Session } from '../../adapters/postgres/database.ts';
import { latestFollowUp } from '../../adapters/postgres/follow-ups.ts';
import type { Sender } from '../../adapters/postgres/senders.ts';
import {
  type AccessPurpose,
  type Grant,
  grantOf,
  type Holder,
  type Right,
  scopeLevelFor,
} from '../../access/index.ts';
import type { Fault } from '../../kernel/fault.ts';
import type { Clock } from '../../kernel/instant.ts';
import type { CardLinks } from '../flows/card/card-link.ts';
import { flowFault } from '../flows/dependencies.ts';
import type { LaunchDesk } from '../flows/card/launch-desk.ts';
import { holderOf } from '../flows/reach.ts';
import type {
  Actor,
  ApplicationActor,
  ApplicationUser,
  ClientActor,
  LaunchedActor,
  PatientActor,
} from './flows-port.ts';
import { serverFault } from './problem.ts';
import type { Answer, Route } from './route.ts';
import type { ApplicationTokens } from './application-tokens.ts';
import type { SignedTokens } from './signed-tokens.ts';
import { cardHeaders } from './security-headers.ts';

/** Everybody who can call. */
export type AnyActor = Actor | PatientActor | ApplicationActor;

/** Who is at the door: an actor or a stranger, with what the forms of a page need. */
export interface Visitor {
  readonly actor: AnyActor | null;
  /** What every form must carry back. */
  readonly formToken: string;
  readonly sessionToken: string | null;
  /** The request of an app that was begun in this browser; null for none. */
  readonly askedFor?: string | null;
  /** Why what the caller proved itself by was refused, where that says more than that it was. */
  readonly refusal?: Fault;
}

/** A visitor about whom nothing was asked. */
export const NOBODY: Visitor = { actor: null, formToken: '', sessionToken: null };

/**
 * The one place where a request gets its actor. Nothing else in the program reads a cookie, an `Authorization` header,
 * a session, a client key or an access token. `actor.test.ts` plants bypasses and expects the
 * check to find them.
 */
export interface Gate {
  /** Finds out who is asking. Gives a stranger on a page the cookie that its forms are bound to. */
  visitorOf(request: FastifyRequest, reply: FastifyReply, declared: Route): Promise<Visitor>;
  /** Opens or ends the browser's session as a handler decided. */
  applySession(reply: FastifyReply, session: NonNullable<Answer['session']>): void;
}

/**
 * How long a client's key is believed before the database is asked again: a shut-out client is out after this. An app's
 * token is asked for at every call, because a person who takes back what they allowed is told that it ends at once.
 */
export const CLIENT_CACHE_MS = 5_000;

const CLIENT_CACHE_MAX = 1_000;

/** Cookie of the embedded issuer that names the request of an app, on the page that asks the person. */
const ASKED_FOR_COOKIE = ISSUER_COOKIES.interaction;

/** How the key of a system client begins; whatever else is a bearer's is an access token. */
const CLIENT_KEY_PREFIX = 'huren_';

const digest = (purpose: string, token: string): string => hash('sha256', `${purpose}|${token}`, 'base64url');

/** A client key as a request brought it, and the client code beside it where the scheme has room for one. */
interface PresentedKey {
  readonly key: string;
  readonly code: string | null;
}

/**
 * The key in an `Authorization` header: `Bearer` and the key, or HTTP Basic (RFC 7617) with the client's code and its
 * key, because many integration engines can set nothing else.
 */
const keyPresented = (authorization: string): PresentedKey | null => {
  const bearer = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
  if (bearer) return { key: bearer, code: null };
  const basic = /^Basic +([A-Za-z0-9+/]+=*)$/i.exec(authorization)?.[1];
  if (!basic) return null;
  const pair = Buffer.from(basic, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return { code: pair.slice(0, Math.max(colon, 0)), key: pair.slice(colon + 1) };
};

const applicationUser = (user: TokenHolder['user']): ApplicationUser | null => {
  if (user === null) return null;
  const { role, person, login, institution, staffNumber, department } = user;
  if (role !== 'patient') return { kind: 'staff', login, role, institution, staffNumber, department };
  return person === null ? null : { kind: 'patient', person };
};

const applicationActor = (holder: TokenHolder): ApplicationActor | null => {
  const { application, scopes, patient } = holder;
  const user = applicationUser(holder.user);
  // A person's token without the person is nobody's, never a system's.
  if (holder.user !== null && user === null) return null;
  const own = `application:${application.code}`;
  return {
    kind: 'application',
    name:
      user === null
        ? own
        : `${own}/${user.kind === 'staff' ? `staff:${user.login}` : `patient:${user.person}`}`,
    clientCode: application.code,
    institution: user === null ? application.institution : user.kind === 'staff' ? user.institution : null,
    scopes,
    patient,
    user,
  };
};

const clientActor = (client: Pick<ClientActor, 'code' | 'institution' | 'purposes'>): ClientActor => ({
  kind: 'client',
  name: `client:${client.code}`,
  code: client.code,
  institution: client.institution,
  purposes: client.purposes,
});

/** The path parameter that carries a card token. */
const tokenOf = (request: FastifyRequest): string => {
  const { token } = (request.params ?? {}) as { token?: unknown };
  return typeof token === 'string' ? token : '';
};

/** Builds the gate. `secureCookies` is set when the browser reaches us over TLS. */
export const createGate = (options: {
  database: Session;
  clock: Clock;
  cardLinks: CardLinks;
  launchDesk: LaunchDesk;
  secureCookies: boolean;
  tokens: SignedTokens;
  applicationTokens: ApplicationTokens;
}): Gate => {
  const { database, clock, cardLinks, launchDesk, secureCookies, tokens, applicationTokens } = options;
  // The __Host- prefix makes browsers refuse the cookie from any other host or without TLS.
  const prefix = secureCookies ? '__Host-' : '';
  const sessionCookie = `${prefix}huren_session`;
  const formCookie = `${prefix}huren_form`;
  const cookieOptions = { path: '/', httpOnly: true, sameSite: 'lax', secure: secureCookies } as const;
  const clients = new Map<string, { actor: ClientActor; believedUntil: number }>();

  const clientOfKey = async (key: string): Promise<ClientActor | null> => {
    const keyDigest = digest('key', key);
    const now = clock();
    const cached = clients.get(keyDigest);
    if (cached && cached.believedUntil > now) return cached.actor;
    clients.delete(keyDigest);
    const client = await clientByKey(database, key);
    if (!client) return null;
    const actor = clientActor(client);
    if (clients.size >= CLIENT_CACHE_MAX) clients.clear();
    clients.set(keyDigest, { actor, believedUntil: now + CLIENT_CACHE_MS });
    return actor;
  };

  const actorOfKey = async (key: string): Promise<ClientActor | ApplicationActor | null> => {
    if (key.startsWith(CLIENT_KEY_PREFIX)) return clientOfKey(key);
    const holder = await applicationTokens.holderOf(key);
    return holder ? applicationActor(holder) : null;
  };

  /**
   * The doctor whom a token names. The page may be framed as soon as the token is known to be ours, so that a refusal
   * can be read inside the frame too.
   *
   * @throws CARD_LINK_INVALID also where the client that vouches was shut out since, CARD_LINK_EXPIRED
   */
  const doctorOfToken = async (token: string, reply: FastifyReply): Promise<LaunchedActor> => {
    const read = cardLinks.read(token);
    if (!read.ok) throw read.reason;
    const { grant, expiresAt } = read.value;
    const last = launchDesk.lastKnown(grant.client);
    if (last) reply.headers(cardHeaders(last.frameOrigins));
    const launch = await launchDesk.of(grant.client);
    if (launch?.client.institution !== grant.institution || !launch.client.purposes.includes('treatment'))
      throw flowFault('CARD_LINK_INVALID');
    const { frameOrigins } = launch;
    reply.headers(cardHeaders(frameOrigins));
    if (expiresAt <= clock()) throw flowFault('CARD_LINK_EXPIRED');
    const { client, institution, staffNumber, department } = grant;
    // One card: where the check was made again for the same order, that one is shown and answered.
    const check = (await latestFollowUp(database, grant.check)) ?? grant.check;
    const name = `launched:${client}/${staffNumber}`;
    return { kind: 'launched', name, client, institution, staffNumber, department, check, frameOrigins };
  };

  const actorPresenting = async ({
    key,
    code,
  }: PresentedKey): Promise<ClientActor | ApplicationActor | null> => {
    const actor = await actorOfKey(key);
    return code === null || (actor?.kind === 'client' && actor.code === code) ? actor : null;
  };

  const actorOfSession = async (token: string): Promise<Actor | PatientActor | null> => {
    const holder = await sessionHolder(database, token, clock());
    if (!holder) return null;
    const { role, person, ...staff } = holder;
    if (role !== 'patient') return { kind: 'staff', name: `staff:${staff.login}`, role, ...staff };
    return person === null ? null : { kind: 'patient', name: `patient:${person}`, person };
  };

  const visitorBySignedToken = async (bearer: string | undefined, path: string): Promise<Visitor> => {
    if (!bearer) return NOBODY;
    const holder = await tokens.holderOf(bearer, path);
    return holder.ok
      ? { ...NOBODY, actor: clientActor(holder.value) }
      : { ...NOBODY, refusal: holder.reason };
  };

  return {
    async visitorOf(request, reply, declared) {
      // The token is all that counts here: what else the browser brings along says nothing about this doctor.
      if (declared.access.kind === 'card') {
        const token = tokenOf(request);
        return {
          actor: await doctorOfToken(token, reply),
          formToken: digest('card-form', token),
          sessionToken: null,
        };
      }
      if (declared.access.kind === 'launch') {
        const { client } = await launchDesk.admit(
          request.query as Readonly<Record<string, unknown>>,
          ({ frameOrigins }) => {
            reply.headers(cardHeaders(frameOrigins));
          },
        );
        return { actor: clientActor(client), formToken: '', sessionToken: null };
      }
      const presented = keyPresented(request.headers.authorization ?? '');
      if (declared.credential === 'signed-token')
        return visitorBySignedToken(presented?.key, request.url.split('?')[0] ?? '');
      if (presented) return { actor: await actorPresenting(presented), formToken: '', sessionToken: null };
      const sessionToken = request.cookies[sessionCookie] ?? null;
      const actor = sessionToken ? await actorOfSession(sessionToken) : null;
      if (sessionToken && actor) {
        // A cookie travels by itself, so an act that comes from another site's page is refused.
        const site = request.headers['sec-fetch-site'];
        if (
          request.method !== 'GET' &&
          request.method !== 'HEAD' &&
          (site === 'cross-site' || site === 'same-site')
        )
          throw serverFault('ORIGIN_FOREIGN');
        const askedFor = request.cookies[ASKED_FOR_COOKIE] ?? null;
        return { actor, formToken: digest('form', sessionToken), sessionToken, askedFor };
      }
      let formSecret = request.cookies[formCookie];
      if (!formSecret && declared.surface === 'page' && request.method === 'GET') {
        formSecret = randomBytes(32).toString('base64url');
        reply.setCookie(formCookie, formSecret, cookieOptions);
      }
      return { actor: null, formToken: formSecret ? digest('form', formSecret) : '', sessionToken };
    },
    applySession(reply, session) {
      if (session.kind === 'begin')
        reply.setCookie(sessionCookie, session.token, {
          ...cookieOptions,
          expires: new Date(session.expiresAt),
        });
      else reply.clearCookie(sessionCookie, cookieOptions);
    },
  };
};

/**
 * A registered sender of HL7 v2 messages whose orders are to be checked: its institution's system, by its connection
 * and registration.
 *
 * @param code code of the system client in whose name a card is opened
 */
export const senderActor = (sender: Pick<Sender, 'code' | 'institution'>, code: string): ClientActor => ({
  kind: 'client',
  name: `sender:${sender.code}`,
  code,
  institution: sender.institution,
  purposes: ['treatment'],
});

/** True when a form brought back the token of the browser it was made for. An empty token is never right. */
export const isOwnForm = (visitor: Visitor, presented: unknown): boolean => {
  if (typeof presented !== 'string' || visitor.formToken === '') return false;
  const expected = Buffer.from(visitor.formToken);
  const given = Buffer.from(presented);
  return expected.length === given.length && timingSafeEqual(expected, given);
};

/** Systems act only for the purposes they were registered with. */
const serves = (actor: AnyActor, purpose: string): boolean =>
  actor.kind !== 'client' || actor.purposes.some((one) => one === purpose);

/** The right that a route asks for; null where it asks for none. */
export const rightOf = ({ access }: Pick<Route, 'access'>): Right | null => {
  switch (access.kind) {
    case 'public':
      return null;
    case 'card':
      return 'card:use';
    case 'launch':
      return 'card:launch';
    default:
      return access.right;
  }
};

/**
 * Whether one of these holders can call a route at all, by what it proves itself with: systems see no pages, and an app
 * goes only where a route names a scope.
 */
export const canKnock = (
  holder: Holder,
  { access, scope, surface }: Pick<Route, 'access' | 'scope' | 'surface'>,
): boolean => {
  if (access.kind === 'own') return holder === 'patient';
  if (access.kind === 'card') return holder === 'launched';
  if (access.kind === 'launch') return holder === 'client';
  if (access.kind === 'signed-in') return !['client', 'launched', 'application'].includes(holder);
  if (holder === 'application') return scope !== undefined;
  if (access.kind === 'holder') return holder !== 'launched';
  return holder !== 'patient' && holder !== 'launched' && !(surface === 'page' && holder === 'client');
};

/** What an app was granted must cover what the route does. */
const isInScope = (actor: AnyActor, scope: Route['scope']): boolean =>
  actor.kind !== 'application' ||
  (scope !== undefined &&
    scopeLevelFor(
      { scopes: actor.scopes, hasPatient: actor.patient !== null, hasUser: actor.user !== null },
      scope.resource,
      scope.interaction,
    ) !== null);

/** The grant by which an actor may call a route that is not for everybody; null when there is none. */
const grantOfCall = (actor: AnyActor, declared: Route): Grant | null => {
  const right = rightOf(declared);
  if (right === null || !canKnock(holderOf(actor), declared) || !isInScope(actor, declared.scope))
    return null;
  const grant = grantOf(holderOf(actor), right);
  return grant !== null && serves(actor, grant.purpose) ? grant : null;
};

/**
 * The purpose for which the visitor may call this route: that of the grant that lets it in. Default deny: who holds no
 * grant for the route's right, or a client that was not given the grant's purpose, is refused.
 *
 * @throws SIGN_IN_REQUIRED, TOKEN_REFUSED, NOT_PERMITTED
 */
export const authorise = (visitor: Visitor, declared: Route): AccessPurpose => {
  if (visitor.refusal) throw visitor.refusal;
  if (declared.access.kind === 'public') return 'operations';
  const { actor } = visitor;
  if (!actor) throw serverFault('SIGN_IN_REQUIRED');
  const grant = grantOfCall(actor, declared);
  if (!grant) throw serverFault('NOT_PERMITTED');
  return grant.purpose;
};
