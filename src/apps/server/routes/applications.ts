import { z } from 'zod';
import { RESOURCE_SCOPES } from '../../../access/index.ts';
import type { EmbeddedIssuer } from '../../../adapters/issuer/embedded-issuer.ts';
import { ISSUER_PATH, LAUNCH_SCOPES } from '../../../adapters/issuer/issuer-terms.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { askPage } from '../../../web/application-pages.ts';
import type { PersonSummary } from '../../../web/wire/order-check-answer.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import { FHIR_PATH } from '../application-tokens.ts';
import type { CallOrigin, CheckFlows, PatientActor, StaffActor } from '../flows-port.ts';
import { serverFault } from '../problem.ts';
import {
  type Answer,
  goTo,
  json,
  page,
  passThroughRoute,
  publicRoute,
  type Route,
  route,
  signedInRoute,
} from '../route.ts';
import { leadingTo } from '../security-headers.ts';
import type { ApplicationFlows } from './application-port.ts';
import { valueOf } from './order-checks.ts';

/** Where the issuer sends a browser to be asked. */
export const askPath = (uid: string): string => `/authorise/${uid}`;

const uidParams = z.strictObject({ uid: z.string().regex(/^[\w-]{1,64}$/) });

const decisionShape = z.strictObject({
  decision: z.enum(['allow', 'deny']),
  patient: publicIdShape.optional(),
});

const searchShape = z.strictObject({
  by: z.enum(['national-id', 'record-number']),
  text: z.string().trim().min(1).max(100),
});

const launchShape = z.strictObject({
  application: z.string().min(1).max(64).describe('Code (client_id) of the app'),
  staffNumber: z.string().trim().min(1).max(32).describe('工号 of the doctor, who signs in as always'),
  person: publicIdShape.describe('The patient, as `POST /api/person-searches` names them'),
});

const launchAnswerShape = z.strictObject({
  launch: z.string().describe('Good once, for a quarter of an hour'),
  address: z.string().describe('Where to send the browser of the doctor'),
});

/** SMART App Launch 2.x, `.well-known/smart-configuration`. */
const smartShape = z.strictObject({
  issuer: z.string(),
  jwks_uri: z.string(),
  authorization_endpoint: z.string(),
  token_endpoint: z.string(),
  revocation_endpoint: z.string(),
  introspection_endpoint: z.string(),
  grant_types_supported: z.array(z.string()),
  token_endpoint_auth_methods_supported: z.array(z.string()),
  token_endpoint_auth_signing_alg_values_supported: z.array(z.string()),
  scopes_supported: z.array(z.string()),
  response_types_supported: z.array(z.string()),
  code_challenge_methods_supported: z.array(z.string()),
  capabilities: z.array(z.string()),
});

/**
 * What is true of this server, and nothing else. `sso-openid-connect` is not claimed: `fhirUser` names patients, but no
 * Practitioner, because the FHIR interface serves none.
 */
const CAPABILITIES = [
  'launch-ehr',
  'launch-standalone',
  'client-public',
  'client-confidential-asymmetric',
  'context-ehr-patient',
  'context-standalone-patient',
  'context-banner',
  'permission-offline',
  'permission-patient',
  'permission-user',
  'permission-v1',
  'permission-v2',
] as const;

const smartConfiguration = (url: string): z.output<typeof smartShape> => {
  const issuer = url + ISSUER_PATH;
  return {
    issuer,
    jwks_uri: `${issuer}/jwks`,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    revocation_endpoint: `${issuer}/token/revocation`,
    introspection_endpoint: `${issuer}/token/introspection`,
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
    token_endpoint_auth_signing_alg_values_supported: ['RS384', 'ES384'],
    scopes_supported: [...LAUNCH_SCOPES, ...RESOURCE_SCOPES],
    response_types_supported: ['code'],
    code_challenge_methods_supported: ['S256'],
    capabilities: [...CAPABILITIES],
  };
};

/** What the routes of apps work with. */
export interface ApplicationPages {
  readonly issuer: EmbeddedIssuer;
  readonly applications: ApplicationFlows;
  readonly flows: Pick<CheckFlows, 'searchPersons'>;
  /** Address at which callers reach us, without a slash at the end. */
  readonly ownUrl: () => string;
}

interface AskCall {
  readonly actor: StaffActor | PatientActor;
  readonly params: { readonly uid: string };
  readonly askedFor: string | null;
  readonly formToken: string;
  readonly origin: CallOrigin;
}

const issuerRoutes = (issuer: EmbeddedIssuer): Route[] => {
  const limits = { bodyBytes: 32 * 1024, perMinute: 600 };
  const schema = z.looseObject({});
  const oauth = [
    {
      status: 200,
      description: 'As OAuth 2.0 and OpenID Connect say',
      mediaType: 'application/json',
      schema,
    },
    { status: 400, description: 'Refused; `error` says why', mediaType: 'application/json', schema },
    { status: 401, description: 'The app could not prove itself', mediaType: 'application/json', schema },
  ] as const;
  const browser = [
    { status: 303, description: 'On to the page that asks, or back to the app', mediaType: 'none' },
    { status: 400, description: 'Refused; nothing is sent to an app', mediaType: 'text/html' },
    { status: 400, description: 'The same for a program', mediaType: 'application/json', schema },
  ] as const;
  const keySet = [
    { status: 200, description: 'A JWK set', mediaType: 'application/jwk-set+json', schema },
  ] as const;
  const endpoint = (
    operationId: string,
    method: 'GET' | 'POST',
    path: string,
    summary: Route['summary'],
    answers: Route['answers'],
  ): Route =>
    passThroughRoute({
      operationId,
      method,
      path: ISSUER_PATH + path,
      summary,
      limits,
      answers,
      ...(answers === browser ? {} : { crossOrigin: true }),
      passThrough: (request, response) => issuer.answer(request, response),
    });
  return [
    endpoint(
      'issuerConfiguration',
      'GET',
      '/.well-known/openid-configuration',
      { zh: '签发者元数据', en: 'Metadata of the issuer (OpenID Connect Discovery)' },
      oauth,
    ),
    endpoint('issuerKeys', 'GET', '/jwks', { zh: '签发者公钥', en: 'Public keys of the issuer' }, keySet),
    endpoint(
      'issuerAuthorisation',
      'GET',
      '/auth',
      { zh: '应用请求授权', en: 'An app asks to act in a person’s name' },
      browser,
    ),
    endpoint(
      'issuerResumption',
      'GET',
      '/auth/{uid}',
      { zh: '答复后返回应用', en: 'Back to the app after the person answered' },
      browser,
    ),
    endpoint(
      'issuerToken',
      'POST',
      '/token',
      { zh: '换取访问令牌', en: 'Gives tokens for a code, a refresh token or the word of a backend' },
      oauth,
    ),
    endpoint(
      'issuerRevocation',
      'POST',
      '/token/revocation',
      { zh: '撤销令牌', en: 'Revokes a token (RFC 7009)' },
      oauth,
    ),
    endpoint(
      'issuerIntrospection',
      'POST',
      '/token/introspection',
      {
        zh: '查询令牌是否有效',
        en: 'Says what an access token is worth (RFC 7662), to the app or a resource server',
      },
      oauth,
    ),
  ];
};

/** Apps: the endpoints of the embedded issuer, the page that asks the person, launches by a hospital's system. */
export const applicationRoutes = ({ issuer, applications, flows, ownUrl }: ApplicationPages): Route[] => {
  /** The request must have been begun in this browser, or somebody could have another person answer theirs. */
  const requireOwn = ({ params, askedFor }: Pick<AskCall, 'askedFor' | 'params'>): void => {
    if (askedFor !== params.uid) throw serverFault('NOT_FOUND');
  };

  const ask = async (
    call: AskCall,
    found: readonly PersonSummary[] | null = null,
    message: string | null = null,
  ): Promise<Answer> => {
    const { actor, formToken } = call;
    const request = valueOf(await applications.ask(actor, call.params.uid, call.origin));
    const viewer = actor.kind === 'staff' ? actor : null;
    const view = { ...request, viewer, formToken, found, message };
    return {
      ...page(askPage(view), message === null ? 200 : 400),
      headers: leadingTo(request.formTargets),
    };
  };

  const LIMITS = { bodyBytes: 4 * 1024, perMinute: 120 };
  const elsewhere = {
    status: 404,
    description: 'No such request was begun in this browser',
    mediaType: 'text/html',
  } as const;
  const access = { kind: 'signed-in', right: 'application:approve' } as const;

  return [
    ...issuerRoutes(issuer),
    publicRoute({
      operationId: 'smartConfiguration',
      method: 'GET',
      path: `${FHIR_PATH}/.well-known/smart-configuration`,
      surface: 'plain',
      summary: { zh: 'SMART 应用接入元数据', en: 'What SMART apps may rely on here (SMART App Launch 2.x)' },
      limits: { bodyBytes: 1, perMinute: 600 },
      input: {},
      answers: [
        { status: 200, description: 'The metadata', mediaType: 'application/json', schema: smartShape },
      ],
      handle: async () => ({
        ...json(smartConfiguration(ownUrl())),
        headers: { 'access-control-allow-origin': '*' },
      }),
    }),
    signedInRoute({
      operationId: 'askForApplication',
      method: 'GET',
      path: '/authorise/{uid}',
      surface: 'page',
      summary: { zh: '应用授权页', en: 'Asks whether an app may act in the person’s name' },
      access,
      limits: LIMITS,
      input: { params: uidParams },
      answers: [{ status: 200, description: 'The question', mediaType: 'text/html' }, elsewhere],
      async handle(call) {
        requireOwn(call);
        return ask(call);
      },
    }),
    signedInRoute({
      operationId: 'findPatientForApplication',
      method: 'POST',
      path: '/authorise/{uid}/patient',
      surface: 'page',
      summary: { zh: '为应用选择患者', en: 'Finds the patient whom an app is to see' },
      access,
      limits: LIMITS,
      input: { params: uidParams, body: searchShape },
      answers: [
        { status: 200, description: 'The question with the people found', mediaType: 'text/html' },
        elsewhere,
      ],
      async handle(call) {
        requireOwn(call);
        const { actor, origin, body } = call;
        if (actor.kind !== 'staff') throw serverFault('NOT_PERMITTED');
        const { persons } = valueOf(await flows.searchPersons(actor, body, origin));
        return ask(call, persons);
      },
    }),
    signedInRoute({
      operationId: 'decideForApplication',
      method: 'POST',
      path: '/authorise/{uid}',
      surface: 'page',
      summary: { zh: '允许或拒绝应用', en: 'Lets an app act in the person’s name, or not' },
      access,
      limits: LIMITS,
      input: { params: uidParams, body: decisionShape },
      answers: [{ status: 303, description: 'On to the app', mediaType: 'none' }, elsewhere],
      async handle(call) {
        requireOwn(call);
        const { actor, origin, params, body } = call;
        const next =
          body.decision === 'allow'
            ? await applications.approve(actor, params.uid, (body.patient ?? null) as PublicId | null, origin)
            : await applications.deny(actor, params.uid, origin);
        return goTo(valueOf(next));
      },
    }),
    route({
      operationId: 'launchApplication',
      method: 'POST',
      path: '/api/application-launches',
      surface: 'api',
      summary: { zh: '为医生和患者启动应用', en: 'Launches an app for one doctor and one patient' },
      access: { kind: 'right', right: 'application:launch' },
      limits: LIMITS,
      input: { body: launchShape },
      answers: [
        { status: 200, description: 'The launch', mediaType: 'application/json', schema: launchAnswerShape },
      ],
      handle: async ({ actor, body, origin }) =>
        json(valueOf(await applications.launch(actor, { ...body, person: body.person as PublicId }, origin))),
    }),
  ];
};
