import { z } from 'zod';
import { shareClosedPage, shareDoorPage, sharedPage } from '../../../web/share-pages.ts';
import { page, publicRoute, type Route } from '../route.ts';
import type { OwnDataFlows } from './own-data-port.ts';
import type { PassedViewing } from './passed-viewing-port.ts';

/** Who opens it, in the opener's own words; nobody has to say. */
const openerShape = z.strictObject({
  name: z.string().trim().max(40).default(''),
  place: z.string().trim().max(80).default(''),
});

const tokenParams = z.strictObject({ token: z.string().regex(/^[\w-]{32}$/) });

/**
 * The pages behind the code by which a patient shows one report or study: for everybody who holds it, while it opens.
 *
 * @param images gives a pass to the images of what was opened; absent where none are kept
 */
export const shareRoutes = (flows: OwnDataFlows, images?: Pick<PassedViewing, 'forShare'>): Route[] => [
  publicRoute({
    operationId: 'shareDoor',
    method: 'GET',
    path: '/share/{token}',
    surface: 'page',
    // Whatever previews addresses on its own (a messenger, a scanner of links) must not use the opening up.
    summary: {
      zh: '分享的报告或影像：打开之前',
      en: 'Before a shared report or study is opened; shows nothing of it',
    },
    limits: { bodyBytes: 1, perMinute: 60 },
    input: { params: tokenParams },
    answers: [
      { status: 200, description: 'The code opens something', mediaType: 'text/html' },
      { status: 410, description: 'It does not (any more)', mediaType: 'text/html' },
    ],
    async handle({ params, formToken }) {
      const looked = await flows.lookAtShare(params.token);
      return looked.state === 'open'
        ? page(shareDoorPage({ token: params.token, formToken, shows: looked.shows }))
        : page(shareClosedPage(looked), 410);
    },
  }),
  publicRoute({
    operationId: 'openShare',
    method: 'POST',
    path: '/share/{token}',
    surface: 'page',
    summary: {
      zh: '打开分享的报告或影像',
      en: 'Opens a shared report or study: uses one opening up, and leaves a row in the access log',
    },
    limits: { bodyBytes: 4_096, perMinute: 60 },
    input: { params: tokenParams, body: openerShape },
    answers: [
      { status: 200, description: 'The report, or the study', mediaType: 'text/html' },
      { status: 410, description: 'The code opens nothing (any more)', mediaType: 'text/html' },
    ],
    async handle({ params, body, origin }) {
      const opener = { name: body.name || null, place: body.place || null };
      const shared = await flows.openShare(params.token, opener, origin);
      const pass = shared && images ? await images.forShare(params.token) : null;
      return shared
        ? page(sharedPage({ ...shared, href: pass === null ? null : `/viewing/${pass}` }))
        : page(shareClosedPage(await flows.lookAtShare(params.token)), 410);
    },
  }),
];
