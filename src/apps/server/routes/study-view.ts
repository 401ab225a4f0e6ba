import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { PublicId } from '../../../kernel/uuid.ts';
import { viewerPage } from '../../../web/viewer-page.ts';
import { keyImagesShape } from '../../../web/wire/key-image.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import { ownPersonQuery, ownStudiesShape } from '../../../web/wire/own-data.ts';
import { type ViewedStudy, viewedStudyShape } from '../../../web/wire/viewed-study.ts';
import type { CallOrigin, PatientActor, StaffActor } from '../flows-port.ts';
import { type Answer, goTo, json, type Limits, patientRoute, type Route, signedInRoute } from '../route.ts';
import { viewerFiles, viewerPolicy } from '../viewer-assets.ts';
import { valueOf } from './order-checks.ts';
import type { StudyViewing } from './study-view-port.ts';

const LIMITS: Limits = { bodyBytes: 1, perMinute: 120 };
/** Two hundred marks, each some hundred characters. */
const MARKING_LIMITS: Limits = { bodyBytes: 64 * 1024, perMinute: 120 };
const ACCESS = { kind: 'signed-in', right: 'image:read' } as const;
const INPUT = { params: z.strictObject({ id: publicIdShape }), query: ownPersonQuery } as const;

/** The viewer's page with a study in it. */
export const viewerAnswer = (study: ViewedStudy): Answer => {
  const nonce = randomBytes(16).toString('base64');
  return {
    kind: 'page',
    status: 200,
    page: viewerPage({ study, files: viewerFiles(), nonce }),
    headers: { 'content-security-policy': viewerPolicy(nonce) },
  };
};

const opened = (
  studies: StudyViewing,
  id: string,
  call: {
    readonly actor: StaffActor | PatientActor;
    readonly origin: CallOrigin;
    readonly query: { readonly person?: string | undefined };
  },
) => studies.open(call.actor, id as PublicId, call.query.person as PublicId | undefined, call.origin);

/** The viewer for whoever is signed in: doctors, and patients for their own images. */
export const studyViewRoutes = (studies: StudyViewing): Route[] => [
  patientRoute({
    operationId: 'readOwnStudies',
    method: 'GET',
    path: '/api/own/studies',
    surface: 'api',
    summary: {
      zh: '我的影像：没有对应报告的检查',
      en: 'Studies of the patient, or of a person the patient acts for, beside which no report lies',
    },
    access: { kind: 'own', right: 'own-results:read' },
    limits: LIMITS,
    input: { query: ownPersonQuery },
    answers: [
      { status: 200, description: 'The studies', mediaType: 'application/json', schema: ownStudiesShape },
    ],
    handle: async ({ actor, query, origin }) =>
      json(await studies.unreported(actor, query.person as PublicId | undefined, origin)),
  }),
  signedInRoute({
    operationId: 'viewStudy',
    method: 'GET',
    path: '/studies/{id}/view',
    surface: 'page',
    summary: {
      zh: '看影像：报告与原始图像，打开即记入访问记录',
      en: 'The viewer with a study and its report; opening it leaves a row in the access log',
    },
    access: ACCESS,
    limits: LIMITS,
    input: INPUT,
    answers: [{ status: 200, description: 'The viewer', mediaType: 'text/html' }],
    handle: async ({ params, ...call }) => viewerAnswer(valueOf(await opened(studies, params.id, call))),
  }),
  signedInRoute({
    operationId: 'viewImagesOfReport',
    method: 'GET',
    path: '/reports/{id}/images',
    surface: 'page',
    summary: { zh: '看这份报告的影像', en: 'On to the images that a report is about' },
    access: ACCESS,
    limits: LIMITS,
    input: INPUT,
    answers: [
      { status: 303, description: 'On to the viewer', mediaType: 'none' },
      { status: 404, description: 'No images, or none for this reader', mediaType: 'text/html' },
    ],
    async handle({ params, ...call }) {
      const study = valueOf(await studies.ofReport(call.actor, params.id as PublicId));
      const { person } = call.query;
      return goTo(`/studies/${study}/view${person === undefined ? '' : `?person=${person}`}`);
    },
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
    access: ACCESS,
    limits: LIMITS,
    input: INPUT,
    answers: [
      { status: 200, description: 'The study', mediaType: 'application/json', schema: viewedStudyShape },
    ],
    handle: async ({ params, ...call }) => json(valueOf(await opened(studies, params.id, call))),
  }),
  signedInRoute({
    operationId: 'markKeyImages',
    method: 'POST',
    path: '/api/studies/{id}/key-images',
    surface: 'api',
    summary: {
      zh: '保存本人在一次检查中标记的关键图像（只有本人看得到，不改动影像）',
      en: 'Keeps the key images that this reader marked of a study; nobody else sees them, and no image changes',
    },
    access: ACCESS,
    limits: MARKING_LIMITS,
    input: { params: INPUT.params, body: keyImagesShape },
    answers: [
      { status: 200, description: 'What is kept', mediaType: 'application/json', schema: keyImagesShape },
    ],
    handle: async ({ actor, params, body, origin }) =>
      json(valueOf(await studies.mark(actor, params.id as PublicId, body, origin))),
  }),
];
