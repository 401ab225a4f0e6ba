import { readFileSync } from 'node:fs';
import { openApiDocument } from '../openapi.ts';
import { json, publicRoute, type Route } from '../route.ts';

const STYLE = ['page', 'verdict', 'correction', 'small-and-print', 'notice', 'image-holds']
  .map((name) => readFileSync(new URL(`../../../web/style/${name}.css`, import.meta.url), 'utf8'))
  .join('\n');

/** Two sheets that overlap: one hospital's result is also the other's. */
const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect x="3" y="3" width="18" height="22" rx="3" fill="#0958d9"/><rect x="11" y="7" width="18" height="22" rx="3" fill="#237804" fill-opacity=".85"/></svg>';

/** The published document of all other routes and of itself, and the style sheet. */
export const documentRoutes = (others: () => readonly Route[]): Route[] => [
  publicRoute({
    operationId: 'openApiDocument',
    method: 'GET',
    path: '/openapi.json',
    surface: 'plain',
    summary: { zh: '接口文档', en: 'This document' },
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
    limits: { bodyBytes: 1, perMinute: 6_000 },
    input: {},
    answers: [{ status: 200, description: 'Style sheet', mediaType: 'text/css' }],
    handle: async () => ({ kind: 'text', status: 200, mediaType: 'text/css; charset=utf-8', text: STYLE }),
  }),
  publicRoute({
    operationId: 'icon',
    method: 'GET',
    path: '/assets/huren.svg',
    surface: 'plain',
    summary: { zh: '图标', en: 'The icon of every page' },
    limits: { bodyBytes: 1, perMinute: 6_000 },
    input: {},
    answers: [{ status: 200, description: 'Picture', mediaType: 'image/svg+xml' }],
    handle: async () => ({
      kind: 'text',
      status: 200,
      mediaType: 'image/svg+xml',
      text: ICON,
      headers: { 'cache-control': 'public, max-age=86400' },
    }),
  }),
];
