import { z } from 'zod';
import { partsTag } from '../../../adapters/dicomweb/entity-tag.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import { viewedStudyShape } from '../../../web/wire/viewed-study.ts';
import { CARD_TOKEN_CHARACTERS_MAX } from '../../flows/card/card-link.ts';
import { launchQueryShape } from '../../flows/card/launch-desk.ts';
import { VIEWING_PASS_CHARACTERS_MAX } from '../../flows/imaging/viewing-pass.ts';
import { flowFault } from '../../flows/dependencies.ts';
import type { CallOrigin, CheckFlows } from '../flows-port.ts';
import { type Answer, cardRoute, goTo, json, launchRoute, publicRoute, type Route } from '../route.ts';
import { cardRefusal } from './card.ts';
import {
  framesAnswer,
  metadataAnswer,
  partsAnswer,
  pictureAnswer,
  videoAnswer,
} from './dicom-web-answers.ts';
import type { DicomWebAddress } from './dicom-web-port.ts';
import { pictureRequest } from './picture-request.ts';
import { valueOf } from './order-checks.ts';
import type { PassedViewing, PassHolder } from './passed-viewing-port.ts';
import { viewerAnswer } from './study-view.ts';

const uid = z.string().regex(/^[0-9.]{1,64}$/);
const pass = z.string().max(VIEWING_PASS_CHARACTERS_MAX);
const passParams = z.strictObject({ pass });
const seriesParams = z.strictObject({ pass, study: uid, series: uid });
const instanceParams = seriesParams.extend({ instance: uid });
const frameParams = instanceParams.extend({ frame: z.string().regex(/^\d{1,9}$/) });
const negotiation = z.looseObject({
  accept: z.string().max(2_000).optional(),
  'accept-encoding': z.string().max(500).optional(),
  'if-none-match': z.string().max(500).optional(),
  range: z.string().max(100).optional(),
  'if-range': z.string().max(200).optional(),
});
const text = z.string().max(200).optional();
const versionQuery = z.strictObject({ version: text });
/** The preview's own page says in its address what it accepts, so that every browser gets the picture that is held. */
const pictureQuery = versionQuery.extend({ viewport: text, accept: text });
const frameQuery = versionQuery.extend({ accept: text });

/** As the viewer names it to a `<video>` element, which has no headers to set. */
const videoQuery = z.strictObject({ accept: z.literal('video/mp4') });

const holderOf = (call: {
  readonly params: { readonly pass: string };
  readonly origin: CallOrigin;
}): PassHolder => ({ pass: call.params.pass, origin: call.origin });

const addressOf = (params: {
  readonly study: string;
  readonly series: string;
  readonly instance?: string;
}): DicomWebAddress => ({
  study: params.study,
  series: params.series,
  instance: params.instance ?? null,
});

const SERIES = '/viewing/{pass}/studies/{study}/series/{series}';
const LIMITS = { bodyBytes: 1, perMinute: 60_000 };
const PARTS = [{ status: 200, description: 'Parts as stored', mediaType: 'multipart/related' }] as const;
const PICTURE = [{ status: 200, description: 'A picture', mediaType: 'image/jpeg' }] as const;

const studyRoute = (viewing: PassedViewing): Route =>
  publicRoute({
    operationId: 'passedStudy',
    method: 'GET',
    path: '/viewing/{pass}/study',
    surface: 'api',
    summary: {
      zh: '凭看图凭证：这次检查现在的情况（上传中时）',
      en: 'By a pass: the study as it stands by now',
    },
    limits: { bodyBytes: 1, perMinute: 120 },
    input: { params: passParams },
    answers: [
      { status: 200, description: 'The study', mediaType: 'application/json', schema: viewedStudyShape },
    ],
    handle: async ({ params, origin }) => json(valueOf(await viewing.open(params.pass, origin))),
  });

const imageRoutes = ({ images }: PassedViewing): Route[] => [
  publicRoute({
    operationId: 'passedMetadata',
    method: 'GET',
    path: `${SERIES}/metadata`,
    surface: 'api',
    summary: { zh: '凭看图凭证：序列元数据', en: 'By a pass: metadata of a series' },
    limits: LIMITS,
    input: { params: seriesParams, query: versionQuery, headers: negotiation },
    answers: [
      { status: 200, description: 'Data sets in the DICOM JSON model', mediaType: 'application/dicom+json' },
    ],
    handle: async (call) =>
      metadataAnswer(
        await images.metadata(holderOf(call), addressOf(call.params)),
        call.headers,
        call.query.version,
      ),
  }),
  publicRoute({
    operationId: 'passedInstance',
    method: 'GET',
    path: `${SERIES}/instances/{instance}`,
    surface: 'api',
    summary: { zh: '凭看图凭证：影像原件', en: 'By a pass: an instance as stored' },
    limits: LIMITS,
    input: { params: instanceParams, headers: negotiation },
    answers: PARTS,
    handle: async (call) => {
      const parts = await images.instances(holderOf(call), addressOf(call.params));
      return partsAnswer(parts, 'application/dicom', call.headers, {
        etag: partsTag(parts),
        isLasting: false,
      });
    },
  }),
  publicRoute({
    operationId: 'passedFrame',
    method: 'GET',
    path: `${SERIES}/instances/{instance}/frames/{frame}`,
    surface: 'api',
    summary: { zh: '凭看图凭证：一帧原始像素', en: 'By a pass: a frame as stored, or of the view copy' },
    limits: LIMITS,
    input: { params: frameParams, query: frameQuery, headers: negotiation },
    answers: [...PARTS, { status: 200, description: 'The frame, of the view copy', mediaType: 'image/jphc' }],
    handle: async (call) => {
      const { frame, ...address } = call.params;
      return framesAnswer(
        `${address.instance}|${frame}`,
        1,
        call.headers,
        (copy) => images.frames(holderOf(call), addressOf(address), [Number(frame)], copy),
        call.query,
      );
    },
  }),
  publicRoute({
    operationId: 'passedPreview',
    method: 'GET',
    path: `${SERIES}/rendered`,
    surface: 'api',
    summary: { zh: '凭看图凭证：预览图', en: 'By a pass: the preview of a series' },
    limits: LIMITS,
    input: { params: seriesParams, query: pictureQuery, headers: negotiation },
    answers: PICTURE,
    handle: async (call) =>
      pictureAnswer(
        await images.picture(
          holderOf(call),
          addressOf(call.params),
          null,
          pictureRequest(call.query, call.headers),
        ),
        call.headers,
        call.query.version,
      ),
  }),
  publicRoute({
    operationId: 'passedVideo',
    method: 'GET',
    path: `${SERIES}/instances/{instance}/rendered`,
    surface: 'api',
    summary: { zh: '凭看图凭证：视频', en: 'By a pass: the video of an instance' },
    limits: LIMITS,
    input: { params: instanceParams, query: videoQuery, headers: negotiation },
    answers: [
      { status: 200, description: 'The video', mediaType: 'video/mp4' },
      { status: 206, description: 'A range of it', mediaType: 'video/mp4' },
    ],
    handle: async (call) =>
      videoAnswer(
        await images.video(holderOf(call), addressOf(call.params)),
        call.headers,
        call.query.accept,
      ),
  }),
  publicRoute({
    operationId: 'passedThumbnail',
    method: 'GET',
    path: `${SERIES}/thumbnail`,
    surface: 'api',
    summary: { zh: '凭看图凭证：缩略图', en: 'By a pass: a small picture of a series' },
    limits: LIMITS,
    input: { params: seriesParams, query: versionQuery, headers: negotiation },
    answers: PICTURE,
    handle: async (call) =>
      pictureAnswer(
        await images.thumbnail(holderOf(call), addressOf(call.params)),
        call.headers,
        call.query.version,
      ),
  }),
];

const viewerOf = (token: string): Answer => goTo(`/viewing/${token}`);

/** The viewer for those who have no session: behind a share, behind a card, behind an address that a client signed. */
export const passedViewingRoutes = (
  viewing: PassedViewing,
  flows: Pick<CheckFlows, 'shownReport'>,
): Route[] => [
  publicRoute({
    operationId: 'viewByPass',
    method: 'GET',
    path: '/viewing/{pass}',
    surface: 'page',
    summary: { zh: '凭看图凭证看影像', en: 'The viewer with the one study of a pass' },
    limits: { bodyBytes: 1, perMinute: 120 },
    input: { params: passParams },
    answers: [
      { status: 200, description: 'The viewer', mediaType: 'text/html' },
      { status: 404, description: 'A pass that ended, or none', mediaType: 'text/html' },
    ],
    handle: async ({ params, origin }) => viewerAnswer(valueOf(await viewing.open(params.pass, origin))),
  }),
  studyRoute(viewing),
  ...imageRoutes(viewing),
  cardRoute({
    operationId: 'imagesOnCard',
    method: 'GET',
    path: '/card/{token}/reports/{report}/images',
    surface: 'page',
    refusal: cardRefusal,
    summary: { zh: '从卡片看影像', en: 'On to the images of a report that the card shows' },
    limits: { bodyBytes: 1, perMinute: 300 },
    input: {
      params: z.strictObject({ token: z.string().max(CARD_TOKEN_CHARACTERS_MAX), report: publicIdShape }),
    },
    answers: [
      { status: 303, description: 'On to the viewer', mediaType: 'none' },
      { status: 404, description: 'No images, or none for this reader', mediaType: 'text/html' },
    ],
    async handle({ actor, params }) {
      const report = params.report as PublicId;
      if (!(await flows.shownReport(actor, actor.check, report))) throw flowFault('REPORT_UNKNOWN');
      return viewerOf(valueOf(await viewing.forCard(actor, report)));
    },
  }),
  launchRoute({
    operationId: 'invokeImageDisplay',
    method: 'GET',
    path: '/IHEInvokeImageDisplay',
    surface: 'page',
    refusal: cardRefusal,
    summary: {
      zh: '打开影像（IHE IID，RAD-106），须带一次性签名',
      en: 'IHE Invoke Image Display (RAD-106), with a signature that is good once',
    },
    limits: { bodyBytes: 1, perMinute: 60_000 },
    input: { query: launchQueryShape },
    answers: [
      { status: 303, description: 'On to the viewer', mediaType: 'none' },
      { status: 404, description: 'No images, or none for this reader', mediaType: 'text/html' },
      { status: 409, description: 'Two patients have this number', mediaType: 'text/html' },
    ],
    async handle({ actor, query }) {
      const doctor = { staffNumber: query.staff, department: query.department ?? null };
      const wanted = { studyUid: query.studyUID, accession: query.accessionNumber };
      return viewerOf(valueOf(await viewing.forClient(actor, doctor, wanted)));
    },
  }),
];
