import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { PublicId } from '../../../kernel/uuid.ts';
import { viewerPage } from '../../../web/viewer-page.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import { type ViewedStudy, viewedStudyShape } from '../../../web/wire/viewed-study.ts';
import { type Answer, json, type Route, signedInRoute } from '../route.ts';
import { viewerFiles, viewerPolicy } from '../viewer-assets.ts';
import { valueOf } from './order-checks.ts';
import type { StudyViewing } from './study-view-port.ts';

const studyParams = z.strictObject({ id: publicIdShape });
const forPerson = z.strictObject({
  person: publicIdShape.optional().describe('For whom a patient asks, where not for themselves'),
});

/** The viewer's page with a study in it. */
const viewerAnswer = (study: ViewedStudy): Answer => {
  const nonce = randomBytes(16).toString('base64');
  return {
    kind: 'page',
    status: 200,
    page: viewerPage({ study, files: viewerFiles(), nonce }),
    headers: { 'content-security-policy': viewerPolicy(nonce) },
  };
};

/** The viewer for whoever is signed in: doctors, and patients for their own images. */
export const studyViewRoutes = (studies: StudyViewing): Route[] => [
  signedInRoute({
    operationId: 'viewStudy',
    method: 'GET',
    path: '/studies/{id}/view',
    surface: 'page',
    summary: {
      zh: '看影像：报告与原始图像，打开即记入访问记录',
      en: 'The viewer with a study and its report; opening it leaves a row in the access log',
    },
    access: { kind: 'signed-in', right: 'study:open' },
    limits: { bodyBytes: 1, perMinute: 120 },
    input: { params: studyParams, query: forPerson },
    answers: [{ status: 200, description: 'The viewer', mediaType: 'text/html' }],
    handle: async ({ actor, params, query, origin }) =>
      viewerAnswer(
        valueOf(
          await studies.open(actor, params.id as PublicId, query.person as PublicId | undefined, origin),
        ),
      ),
  }),
  signedInRoute({
    operationId: 'openStudy',
    method: 'GET',
    path: '/api/studies/{id}',
    surface: 'api',
    summary: {
      zh: '打开一次检查的影像（用于对比），打开即记入访问记录',
      en: 'Opens a study, e.g. to stand beside another; leaves a row in the access log',
    },
    access: { kind: 'signed-in', right: 'study:open' },
    limits: { bodyBytes: 1, perMinute: 120 },
    input: { params: studyParams, query: forPerson },
    answers: [
      { status: 200, description: 'The study', mediaType: 'application/json', schema: viewedStudyShape },
    ],
    handle: async ({ actor, params, query, origin }) =>
      json(
        valueOf(
          await studies.open(actor, params.id as PublicId, query.person as PublicId | undefined, origin),
        ),
      ),
  }),
];
