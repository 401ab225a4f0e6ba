import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { Right } from '../../../access/index.ts';
import { sessionAnswerShape } from '../../../web/wire/session.ts';
import type { CheckFlows } from '../flows-port.ts';
import { serverFault } from '../problem.ts';
import { type Answer, json, patientRoute, publicRoute, type Route, route } from '../route.ts';
import { valueOf } from './order-checks.ts';
import { BUILT, workerPolicy } from '../viewer-assets.ts';
import { staffOf } from './patient-pages.ts';

/**
 * One browser app: its addresses (the app itself decides what each shows) and who may open it. Addresses hold opaque ids
 * only, never a name or a number of a patient.
 */
interface WebApp {
  readonly name: 'clinician' | 'institution' | 'patient';
  readonly zh: string;
  readonly en: string;
  readonly right: Right;
  readonly paths: readonly string[];
}

const WEB_APPS: readonly WebApp[] = [
  {
    name: 'clinician',
    zh: '医生工作台',
    en: "The doctor's app",
    right: 'clinician-app:open',
    paths: ['/clinician', '/clinician/persons/{id}', '/clinician/decisions'],
  },
  {
    name: 'institution',
    zh: '机构控制台',
    en: "The institution's console",
    right: 'institution-app:open',
    paths: [
      '/institution',
      '/institution/messages',
      '/institution/messages/{id}',
      '/institution/images',
      '/institution/codes',
      '/institution/test',
      '/institution/senders',
    ],
  },
];

/** antd writes style elements under a nonce; charts set style attributes. No script but our own files. */
const policyOf = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "connect-src 'self'",
    "frame-src 'self' blob:",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join('; ');

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  // A browser compiles it while it arrives only under this type.
  wasm: 'application/wasm',
};

/** The page of an app, with a nonce of its own each time. */
const appPage = (name: WebApp['name']): Answer => {
  const file = new URL(`${name}/index.html`, BUILT);
  if (!existsSync(file)) throw serverFault('WEB_APP_NOT_BUILT');
  const nonce = randomBytes(16).toString('base64');
  return {
    kind: 'text',
    status: 200,
    mediaType: 'text/html; charset=utf-8',
    text: readFileSync(file, 'utf8').replace('STYLE-NONCE', nonce),
    headers: { 'content-security-policy': policyOf(nonce) },
  };
};

const builtFile = (name: string): Answer => {
  const extension = name.slice(name.lastIndexOf('.') + 1);
  const mediaType = MEDIA_TYPES[extension];
  const file = new URL(`${name}.gz`, BUILT);
  const policy = workerPolicy(name);
  if (!mediaType || !existsSync(file)) throw serverFault('NOT_FOUND');
  return {
    kind: 'bytes',
    status: 200,
    mediaType,
    bytes: readFileSync(file),
    headers: {
      'content-encoding': 'gzip',
      // The name changes with the content.
      'cache-control': 'public, max-age=31536000, immutable',
      ...(policy ? { 'content-security-policy': policy } : {}),
    },
  };
};

const camel = (path: string): string =>
  path.replace(/[/-]\{?(\w)(\w*)\}?/g, (_all, first: string, rest: string) => first.toUpperCase() + rest);

const idParams = (path: string) => {
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
  return names.length === 0
    ? undefined
    : z.strictObject(Object.fromEntries(names.map((name) => [name, z.string().max(64)])));
};

const PATIENT_PATHS = [
  '/me',
  '/me/reports/{id}',
  '/me/studies/{id}',
  '/me/items',
  '/me/repeats',
  '/me/shares',
  '/me/consent',
  '/me/code',
  '/me/access-log',
  '/me/feedback',
  '/me/family',
  '/me/more',
] as const;

/** The pages of the patient's app. Its addresses hold opaque ids only. */
export const patientAppRoutes = (): Route[] =>
  PATIENT_PATHS.map((path) => {
    const params = idParams(path);
    return patientRoute({
      operationId: `webApp${camel(path)}`,
      method: 'GET',
      path,
      surface: 'page',
      summary: { zh: '我的检查检验', en: "The patient's app" },
      access: { kind: 'own', right: 'patient-app:open' },
      limits: { bodyBytes: 1, perMinute: 600 },
      input: { ...(params ? { params } : {}), query: z.looseObject({}) },
      answers: [{ status: 200, description: 'The app', mediaType: 'text/html' }],
      handle: async () => appPage('patient'),
    });
  });

/** The pages and files of the browser apps, and who is signed in. */
export const webAppRoutes = (flows: CheckFlows): Route[] => [
  ...WEB_APPS.flatMap(({ name, zh, en, right, paths }) =>
    paths.map((path) => {
      const params = idParams(path);
      return route({
        operationId: `webApp${camel(path)}`,
        method: 'GET',
        path,
        surface: 'page',
        summary: { zh, en },
        access: { kind: 'right', right },
        limits: { bodyBytes: 1, perMinute: 600 },
        // The app keeps its filters in the query; the page is the same for all of them.
        input: { ...(params ? { params } : {}), query: z.looseObject({}) },
        answers: [{ status: 200, description: 'The app', mediaType: 'text/html' }],
        handle: async () => appPage(name),
      });
    }),
  ),
  publicRoute({
    operationId: 'webAppFile',
    method: 'GET',
    path: '/assets/app/{file}',
    surface: 'plain',
    summary: { zh: '页面程序文件', en: 'A script or style sheet of a browser app' },
    limits: { bodyBytes: 1, perMinute: 60_000 },
    input: { params: z.strictObject({ file: z.string().regex(/^[\w-]+(\.[\w-]+)*\.(js|css|svg|wasm)$/) }) },
    answers: [{ status: 200, description: 'The file, as gzip', mediaType: 'text/javascript' }],
    handle: async ({ params }) => builtFile(params.file),
  }),
  route({
    operationId: 'readSession',
    method: 'GET',
    path: '/api/session',
    surface: 'api',
    summary: { zh: '当前登录者', en: 'Who is signed in in this browser' },
    access: { kind: 'right', right: 'session:hold' },
    limits: { bodyBytes: 1, perMinute: 600 },
    input: {},
    answers: [
      { status: 200, description: 'Done', mediaType: 'application/json', schema: sessionAnswerShape },
    ],
    handle: async ({ actor, formToken }) =>
      json({ ...valueOf(await flows.session(staffOf(actor))), formToken }),
  }),
];
