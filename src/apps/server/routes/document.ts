import { readFileSync } from 'node:fs';
import { openApiDocument } from '../openapi.ts';
import { json, publicRoute, type Route } from '../route.ts';

const STYLE = ['page', 'verdict', 'small-and-print', 'notice']
  .map((name) => readFileSync(new URL(`../../../web/style/${name}.css`, import.meta.url), 'utf8'))
  .join('\n');

/** The published document of all other routes and of itself, and the style sheet. */
export const documentRoutes = (others: () => readonly Route[]): Route[] => [
  publicRoute({
    operationId: 'openApiDocument',
    method: 'GET',
    path: '/openapi.json',
    surface: 'plain',
    summary: { zh: '接口文档', en: 'This document' },
    purpose: 'none',
    limits: { bodyBytes: 1, perMinute: 600 },
    input: {},
    answers: [{ status: 200, description: 'OpenAPI 3.1', mediaType: 'application/json' }],
    handle: async () => json(openApiDocument(others())),
  }),
  publicRoute({
    operationId: 'styleSheet',
    method: 'GET',
    path: '/assets/huren.css',
    surface: 'plain',
    summary: { zh: '样式表', en: 'The style sheet' },
    purpose: 'none',
    limits: { bodyBytes: 1, perMinute: 6_000 },
    input: {},
    answers: [{ status: 200, description: 'Style sheet', mediaType: 'text/css' }],
    handle: async () => ({ kind: 'text', status: 200, mediaType: 'text/css; charset=utf-8', text: STYLE }),
  }),
];
