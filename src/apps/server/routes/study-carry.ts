import { z } from 'zod';
import type { PublicId } from '../../../kernel/uuid.ts';
import { carryPage } from '../../../web/carry-page.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import { VIEWING_PASS_CHARACTERS_MAX } from '../../flows/imaging/viewing-pass.ts';
import type { CallOrigin } from '../flows-port.ts';
import {
  type Answer,
  type AnswerShape,
  type Limits,
  page,
  publicRoute,
  type Route,
  signedInRoute,
} from '../route.ts';
import type { PassedViewing, PassHolder } from './passed-viewing-port.ts';
import type { CarriedArchive, SignedInCarrying } from './study-carry-port.ts';

const READING: Limits = { bodyBytes: 1, perMinute: 120 };
/** Each is a whole study. */
const TAKING: Limits = { bodyBytes: 1, perMinute: 20 };

const PAGE: readonly AnswerShape[] = [
  { status: 200, description: 'What can be downloaded', mediaType: 'text/html' },
];
const ARCHIVE: readonly AnswerShape[] = [
  { status: 200, description: 'The archive', mediaType: 'application/zip' },
];

const NOT_FOR_THIS_PASS: AnswerShape = {
  status: 404,
  description: 'A pass that ended, or whose images may only be looked at',
  mediaType: 'text/html',
};

/** What each form leaves to be wished, and what it does not. */
const AS_DICOM = { form: 'dicom', only: 'all' } as const;
const AS_PICTURES = { form: 'pictures', patientModule: 'stored' } as const;
const dicomQuery = z.strictObject({ patientModule: z.enum(['stored', 'current']).default('stored') });
const picturesQuery = z.strictObject({ only: z.enum(['all', 'key-images']).default('all') });
const idParams = z.strictObject({ id: publicIdShape });
const passParams = z.strictObject({ pass: z.string().max(VIEWING_PASS_CHARACTERS_MAX) });

/** An archive as it is sent: to be saved, never to be kept by anything on the way, and with a word on its headers. */
const archiveAnswer = ({ fileName, pieces, length, isCorrected }: CarriedArchive): Answer => ({
  kind: 'stream',
  status: 200,
  mediaType: 'application/zip',
  pieces,
  length,
  headers: {
    'content-disposition': `attachment; filename="${fileName}"`,
    'cache-control': 'no-store',
    'huren-patient-module': isCorrected ? 'corrected' : 'as-stored',
  },
});

const SIGNED_IN = { kind: 'signed-in', right: 'image:read' } as const;

/** 下载影像: a study as a DICOM folder or as pictures, for whoever is signed in and may see it. */
export const studyCarryRoutes = (carrying: SignedInCarrying): Route[] => [
  signedInRoute({
    operationId: 'offerStudy',
    method: 'GET',
    path: '/studies/{id}/download',
    surface: 'page',
    summary: { zh: '下载影像：可下载的内容', en: 'What of a study can be downloaded' },
    access: SIGNED_IN,
    limits: READING,
    input: { params: idParams },
    answers: PAGE,
    handle: async ({ params: { id }, actor, origin }) =>
      page(
        carryPage({
          study: await carrying.offer({ actor, origin }, id as PublicId),
          base: `/studies/${id}`,
          back: `/studies/${id}/view`,
        }),
      ),
  }),
  signedInRoute({
    operationId: 'downloadStudy',
    method: 'GET',
    path: '/studies/{id}/dicom.zip',
    surface: 'page',
    summary: {
      zh: '下载原始影像（DICOM 文件夹，含 DICOMDIR）',
      en: 'A study as a DICOM file set with its DICOMDIR, in a zip; leaves a row in the access log',
    },
    access: SIGNED_IN,
    limits: TAKING,
    input: { params: idParams, query: dicomQuery },
    answers: ARCHIVE,
    handle: async ({ params, query, actor, origin }) =>
      archiveAnswer(
        await carrying.carry({ actor, origin }, params.id as PublicId, { ...AS_DICOM, ...query }),
      ),
  }),
  signedInRoute({
    operationId: 'downloadPictures',
    method: 'GET',
    path: '/studies/{id}/pictures.zip',
    surface: 'page',
    summary: {
      zh: '下载图片（不能用于诊断）',
      en: 'A study as pictures, not for diagnosis; leaves a row in the access log',
    },
    access: SIGNED_IN,
    limits: TAKING,
    input: { params: idParams, query: picturesQuery },
    answers: ARCHIVE,
    handle: async ({ params, query, actor, origin }) =>
      archiveAnswer(
        await carrying.carry({ actor, origin }, params.id as PublicId, { ...AS_PICTURES, ...query }),
      ),
  }),
];

const holderOf = (call: {
  readonly params: { readonly pass: string };
  readonly origin: CallOrigin;
}): PassHolder => ({ pass: call.params.pass, origin: call.origin });

/** The same for whoever a patient showed a report to, where the patient allows it. */
export const passedCarryRoutes = ({ carrying }: Pick<PassedViewing, 'carrying'>): Route[] => [
  publicRoute({
    operationId: 'offerByPass',
    method: 'GET',
    path: '/viewing/{pass}/download',
    surface: 'page',
    summary: { zh: '凭看图凭证：可下载的内容', en: 'By a pass: what of the study can be downloaded' },
    limits: READING,
    input: { params: passParams },
    answers: [...PAGE, NOT_FOR_THIS_PASS],
    handle: async (call) => {
      const base = `/viewing/${call.params.pass}`;
      return page(carryPage({ study: await carrying.offer(holderOf(call), null), base, back: base }));
    },
  }),
  publicRoute({
    operationId: 'downloadByPass',
    method: 'GET',
    path: '/viewing/{pass}/dicom.zip',
    surface: 'page',
    summary: { zh: '凭看图凭证：下载原始影像', en: 'By a pass: the study as a DICOM file set in a zip' },
    limits: TAKING,
    input: { params: passParams, query: dicomQuery },
    answers: [...ARCHIVE, NOT_FOR_THIS_PASS],
    handle: async (call) =>
      archiveAnswer(await carrying.carry(holderOf(call), null, { ...AS_DICOM, ...call.query })),
  }),
  publicRoute({
    operationId: 'picturesByPass',
    method: 'GET',
    path: '/viewing/{pass}/pictures.zip',
    surface: 'page',
    summary: { zh: '凭看图凭证：下载图片', en: 'By a pass: the study as pictures' },
    limits: TAKING,
    input: { params: passParams, query: picturesQuery },
    answers: [...ARCHIVE, NOT_FOR_THIS_PASS],
    handle: async (call) =>
      archiveAnswer(await carrying.carry(holderOf(call), null, { ...AS_PICTURES, ...call.query })),
  }),
];
