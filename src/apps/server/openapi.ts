import { z } from 'zod';
import { holdersOf, purposesOf } from '../../access/index.ts';
import { rightOf } from './actor.ts';
import { problemShape } from './problem.ts';
import { type AnswerShape, methodsOf, type Route } from './route.ts';

type JsonSchema = Record<string, unknown>;

/** JSON Schema of a shape as it travels: input before our reading of it, output as sent. */
const schemaOf = (shape: z.ZodType, io: 'input' | 'output'): JsonSchema => {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(shape, {
    io,
    target: 'draft-2020-12',
    // The bytes of a file have no JSON form; their own metadata describes them.
    unrepresentable: 'any',
  }) as JsonSchema;
  return schema;
};

const parametersOf = (route: Route): JsonSchema[] => {
  const places = [
    ['path', route.input.params],
    ['query', route.input.query],
    ['header', route.input.headers],
  ] as const;
  return places.flatMap(([place, shape]) => {
    if (!shape) return [];
    const schema = schemaOf(shape, 'input') as {
      properties?: Record<string, JsonSchema>;
      required?: string[];
    };
    return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
      name,
      in: place,
      required: place === 'path' || (schema.required ?? []).includes(name),
      schema: property,
    }));
  });
};

const FORM_TOKEN: JsonSchema = { type: 'string', description: 'Token of the page that held the form' };

const bodyOf = (route: Route): JsonSchema | undefined => {
  if (route.rawBody) {
    const { mediaTypes, description } = route.rawBody;
    const content = Object.fromEntries(
      mediaTypes.map((mediaType) => [mediaType, { schema: { type: 'string', description } }]),
    );
    return { required: true, content };
  }
  if (!route.input.body && route.surface !== 'page') return undefined;
  if (route.method !== 'POST') return undefined;
  const schema = route.input.body ? schemaOf(route.input.body, 'input') : { type: 'object', properties: {} };
  if (route.surface === 'fhir')
    return { required: true, content: { 'application/x-www-form-urlencoded': { schema } } };
  if (route.surface !== 'page')
    return {
      required: true,
      content: {
        'application/json': { schema },
        ...(route.upload ? { 'multipart/form-data': { schema } } : {}),
      },
    };
  const form = {
    ...schema,
    properties: { ...(schema['properties'] as JsonSchema), formToken: FORM_TOKEN },
    required: [...((schema['required'] as string[] | undefined) ?? []), 'formToken'],
  };
  const mediaType = route.upload ? 'multipart/form-data' : 'application/x-www-form-urlencoded';
  return { required: true, content: { [mediaType]: { schema: form } } };
};

const contentOf = ({ mediaType, schema }: AnswerShape): JsonSchema =>
  mediaType === 'none'
    ? {}
    : { [mediaType]: { schema: schema ? schemaOf(schema, 'output') : { type: 'string' } } };

/** The answers of a route by status; one that comes in several media types is described once. */
const responsesOf = ({ answers }: Route): JsonSchema => {
  const responses: Record<string, JsonSchema> = {};
  for (const answer of answers) {
    const known = responses[String(answer.status)];
    const content = { ...(known?.['content'] as JsonSchema | undefined), ...contentOf(answer) };
    responses[String(answer.status)] = {
      description: known?.['description'] ?? answer.description,
      ...(Object.keys(content).length > 0 ? { content } : {}),
    };
  }
  return responses;
};

/** How a refusal travels to the callers of a surface; absent: as a problem document. */
const REFUSAL_TYPES: Partial<Readonly<Record<Route['surface'], string>>> = {
  page: 'text/html',
  soap: 'text/xml',
  fhir: 'application/fhir+json',
};

const refusalOf = (route: Route): JsonSchema => ({
  description: 'Refused or failed; `code` says why (docs/errors.md)',
  content:
    REFUSAL_TYPES[route.surface] !== undefined
      ? { [REFUSAL_TYPES[route.surface] as string]: { schema: { type: 'string' } } }
      : { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
});

/** What proves who calls. The token in a card's path does so by itself. */
const securityOf = ({ access, credential, scope, surface }: Route): JsonSchema[] => {
  if (credential) return [...(access.kind === 'public' ? [{}] : []), { signedToken: [] }];
  const session: JsonSchema = { session: [] };
  if (access.kind === 'own' || access.kind === 'signed-in') return [session];
  if (access.kind !== 'right' && access.kind !== 'holder') return [];
  const application: JsonSchema[] = scope ? [{ accessToken: [] }] : [];
  return surface !== 'page' && holdersOf(access.right).includes('client')
    ? [{ clientKey: [] }, { clientPassword: [] }, session, ...application]
    : [session, ...application];
};

const operationOf = (route: Route): JsonSchema => {
  const open = route.access.kind === 'public';
  const right = rightOf(route);
  const requestBody = bodyOf(route);
  return {
    operationId: route.operationId,
    summary: route.summary.en,
    description: route.summary.zh,
    tags: [route.surface, ...(open ? ['public'] : [])],
    security: securityOf(route),
    ...(right === null
      ? {}
      : { 'x-right': right, 'x-holders': holdersOf(right), 'x-purposes': purposesOf(right) }),
    ...(methodsOf(route).includes('HEAD') ? { 'x-head': true } : {}),
    'x-limits': route.limits,
    parameters: parametersOf(route),
    ...(requestBody ? { requestBody } : {}),
    responses: {
      ...responsesOf(route),
      ...(open ? {} : { '401': refusalOf(route) }),
      default: refusalOf(route),
    },
  };
};

/** The OpenAPI 3.1 document of a route table, made from the same declarations that the server enforces. */
export const openApiDocument = (routes: readonly Route[]): JsonSchema => {
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    const operations = paths[route.path] ?? {};
    operations[route.method.toLowerCase()] = operationOf(route);
    paths[route.path] = operations;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Huren (互认)',
      version: '0.1.0',
      description:
        'Mutual recognition of examinations and tests between institutions. Operations tagged `public` need no sign-in; all others refuse a stranger with 401. A system client authorises with `Authorization: Bearer` and its key, or with Basic, its code and its key; staff with the session cookie of the sign-in page; a doctor whom a client let in with the token in the path of the card.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    paths,
    components: {
      schemas: { Problem: schemaOf(problemShape, 'output') },
      securitySchemes: {
        clientKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'Key of a system client (`huren client add`)',
        },
        clientPassword: {
          type: 'http',
          scheme: 'basic',
          description: 'The code of a system client as user name, its key as password',
        },
        signedToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'JWT',
          description:
            'CDS Hooks 2.0: a JWT signed with ES384 or RS384 by a registered key, with the address called as `aud`; good for one call',
        },
        accessToken: {
          type: 'http',
          scheme: 'bearer',
          description: 'Access token of a SMART app, given by the issuer of /.well-known/smart-configuration',
        },
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: 'huren_session',
          description: 'Opened by the sign-in page',
        },
      },
    },
  };
};
