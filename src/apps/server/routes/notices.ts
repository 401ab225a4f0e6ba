import { z } from 'zod';
import type { Clock } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  noticeFormPage,
  noticePaperPage,
  noticePatientPage,
  noticeUnknownPage,
  noticeVerifyPage,
} from '../../../web/notice-pages.ts';
import {
  noticeAnswerShape,
  noticeDraftShape,
  noticeListShape,
  noticeRequestShape,
} from '../../../web/wire/notice.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import { CARD_TOKEN_CHARACTERS_MAX } from '../../flows/card/card-link.ts';
import type { Actor, CallOrigin } from '../flows-port.ts';
import type { NoticeFlows } from '../notices-port.ts';
import {
  type Answer,
  type AnswerShape,
  cardRoute,
  file,
  goTo,
  json,
  type Limits,
  page,
  publicRoute,
  type Route,
  route,
} from '../route.ts';
import { valueOf } from './order-checks.ts';
import { answers, idParams, type PageCall, THE_PAGE } from './declared.ts';

const LIMITS: Limits = { bodyBytes: 16 * 1024, perMinute: 600 };
/** What one telephone needs, and nobody can guess tokens with. */
const PUBLIC: Limits = { bodyBytes: 1, perMinute: 30 };

const lineQuery = z.strictObject({ line: z.coerce.number().int().min(1).max(999) });
const tokenParams = z.strictObject({ token: z.string().regex(/^[\w-]{1,64}$/) });

const PDF: readonly AnswerShape[] = [{ status: 200, description: 'The PDF', mediaType: 'application/pdf' }];
const FORM_ANSWERS: readonly AnswerShape[] = [
  { status: 303, description: 'Made; on to the paper', mediaType: 'none' },
  { status: 400, description: 'The form again with what is wrong', mediaType: 'text/html' },
];

const pdfOf = async (
  flows: NoticeFlows,
  { actor, origin }: { readonly actor: Actor; readonly origin: CallOrigin },
  id: PublicId,
): Promise<Answer> =>
  file('application/pdf', valueOf(await flows.pdf(actor, id, origin)), `notice-${id}.pdf`);

const apiRoutes = (flows: NoticeFlows): Route[] => [
  route({
    operationId: 'draftNotice',
    method: 'GET',
    path: '/api/order-checks/{id}/notice-draft',
    surface: 'api',
    summary: {
      zh: '未予互认告知单草稿：该行将告知患者的内容与待确认的空格',
      en: 'What the notice about a line would tell the patient, with the blanks to confirm',
    },
    access: { kind: 'right', right: 'notice:make' },
    limits: LIMITS,
    input: { params: idParams, query: lineQuery },
    answers: answers(noticeDraftShape),
    handle: async ({ actor, params, query, origin }) =>
      json(valueOf(await flows.draft(actor, params.id as PublicId, query.line, origin))),
  }),
  route({
    operationId: 'makeNotice',
    method: 'POST',
    path: '/api/order-checks/{id}/notices',
    surface: 'api',
    summary: {
      zh: '生成未予互认告知单（入病历、上手机；纸质按需打印）',
      en: 'Makes the notice to the patient: text for the record, page for the phone, paper on request',
    },
    access: { kind: 'right', right: 'notice:make' },
    limits: LIMITS,
    input: { params: idParams, body: noticeRequestShape },
    answers: answers(noticeAnswerShape),
    handle: async ({ actor, params, body, origin }) =>
      json(valueOf(await flows.make(actor, params.id as PublicId, body, origin))),
  }),
  route({
    operationId: 'listNotices',
    method: 'GET',
    path: '/api/order-checks/{id}/notices',
    surface: 'api',
    summary: { zh: '一次核查的告知单', en: 'Notices about an order check' },
    access: { kind: 'right', right: 'notice:read' },
    limits: LIMITS,
    input: { params: idParams },
    answers: answers(noticeListShape),
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await flows.ofCheck(actor, params.id as PublicId, origin))),
  }),
  route({
    operationId: 'readNotice',
    method: 'GET',
    path: '/api/notices/{id}',
    surface: 'api',
    summary: { zh: '查看告知单', en: 'One notice' },
    access: { kind: 'right', right: 'notice:read' },
    limits: LIMITS,
    input: { params: idParams },
    answers: answers(noticeAnswerShape),
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await flows.read(actor, params.id as PublicId, origin))),
  }),
  route({
    operationId: 'printNoticePdf',
    method: 'GET',
    path: '/api/notices/{id}.pdf',
    surface: 'api',
    summary: {
      zh: '告知单 PDF（A5，计入正副本）',
      en: 'A notice as a PDF of A5; each is counted as a paper',
    },
    access: { kind: 'right', right: 'notice:read' },
    limits: { ...LIMITS, perMinute: 120 },
    input: { params: idParams },
    answers: PDF,
    handle: (call) => pdfOf(flows, call, call.params.id as PublicId),
  }),
];

/** Blanks travel as `blank.NAME`, one field each. */
const formShape = z
  .object({
    line: z.coerce.number().int().min(1).max(999),
    relation: z.string().max(16),
    informedName: z.string().trim().max(100).default(''),
    priceYuan: z.string().trim().max(10).default(''),
    doctorName: z.string().trim().max(100).default(''),
  })
  .catchall(z.string().max(1_000));

/** Where the pages of a notice lie for whoever came this way. */
interface Places {
  readonly form: (check: string) => string;
  readonly paper: (notice: string) => string;
  readonly print: (notice: string) => string;
  readonly pdf: (notice: string) => string;
  readonly back: (check: string, line: number) => string;
}

const SESSION_PLACES: Places = {
  form: (check) => `/checks/${check}/notices`,
  paper: (notice) => `/notices/${notice}`,
  print: (notice) => `/notices/${notice}/print`,
  pdf: (notice) => `/api/notices/${notice}.pdf`,
  back: (check, line) => `/checks/${check}#line-${line}`,
};

const renderForm = async (
  flows: NoticeFlows,
  clock: Clock,
  call: PageCall,
  check: PublicId,
  line: number,
  filled: Readonly<Record<string, string>>,
  message: string | null,
  places: Places,
): Promise<Answer> => {
  const draft = valueOf(await flows.draft(call.actor, check, line, call.origin));
  const view = {
    viewer: call.actor.kind === 'staff' ? call.actor : null,
    formToken: call.formToken,
    at: clock(),
    draft,
    filled,
    message,
    actionPath: places.form(check),
    backPath: places.back(check, line),
  };
  return page(noticeFormPage(view), message === null ? 200 : 400);
};

const makeByForm = async (
  flows: NoticeFlows,
  clock: Clock,
  call: PageCall & { readonly body: z.output<typeof formShape> },
  check: PublicId,
  places: Places,
): Promise<Answer> => {
  const { line, relation, informedName, priceYuan, doctorName, ...others } = call.body;
  const filled = { relation, informedName, priceYuan, doctorName, ...(others as Record<string, string>) };
  const again = (message: string) => renderForm(flows, clock, call, check, line, filled, message, places);
  const request = noticeRequestShape.safeParse({
    line,
    informed: { relation, ...(informedName === '' ? {} : { name: informedName }) },
    blanks: Object.fromEntries(
      Object.entries(others)
        .filter(([name]) => name.startsWith('blank.'))
        .map(([name, text]) => [name.slice('blank.'.length), text]),
    ),
    ...(priceYuan === '' ? {} : { priceYuan }),
    ...(doctorName === '' ? {} : { doctorName }),
  });
  if (!request.success)
    return again('请核对：告知的不是患者本人时须填写被告知人姓名，是本人时不填；费用只填数字。');
  const made = await flows.make(call.actor, check, request.data, call.origin);
  if (!made.ok && made.reason.status === 422) return again(made.reason.zh);
  return goTo(places.paper(valueOf(made).id));
};

/** The sheet, looked at (`preview`) or as one more paper (`print`). */
const paperPage = async (
  flows: NoticeFlows,
  as: 'preview' | 'print',
  { actor, formToken, origin }: PageCall,
  notice: PublicId,
  places: Places,
): Promise<Answer> => {
  const paper = valueOf(await flows[as](actor, notice, origin));
  const { id, check, line } = paper.notice;
  const links = {
    backPath: places.back(check, line),
    pdfPath: places.pdf(id),
    printPath: places.print(id),
  };
  return page(noticePaperPage({ paper, formToken, links }));
};

const pageRoutes = (flows: NoticeFlows, clock: Clock): Route[] => [
  route({
    operationId: 'noticeFormPage',
    method: 'GET',
    path: '/checks/{id}/notices',
    surface: 'page',
    summary: { zh: '告知单（确认内容）', en: 'Confirm the words of the notice' },
    access: { kind: 'right', right: 'notice:make' },
    limits: LIMITS,
    input: { params: idParams, query: lineQuery },
    answers: THE_PAGE,
    handle: (call) =>
      renderForm(flows, clock, call, call.params.id as PublicId, call.query.line, {}, null, SESSION_PLACES),
  }),
  route({
    operationId: 'makeNoticePage',
    method: 'POST',
    path: '/checks/{id}/notices',
    surface: 'page',
    summary: { zh: '生成告知单（表单）', en: 'Makes the notice, by form' },
    access: { kind: 'right', right: 'notice:make' },
    limits: LIMITS,
    input: { params: idParams, body: formShape },
    answers: FORM_ANSWERS,
    handle: (call) => makeByForm(flows, clock, call, call.params.id as PublicId, SESSION_PLACES),
  }),
  route({
    operationId: 'noticePaperPage',
    method: 'GET',
    path: '/notices/{id}',
    surface: 'page',
    summary: { zh: '告知单（预览，不计份数）', en: 'The paper as it will be; looking counts nothing' },
    access: { kind: 'right', right: 'notice:read' },
    limits: LIMITS,
    input: { params: idParams },
    answers: THE_PAGE,
    handle: (call) => paperPage(flows, 'preview', call, call.params.id as PublicId, SESSION_PLACES),
  }),
  route({
    operationId: 'printNoticePage',
    method: 'POST',
    path: '/notices/{id}/print',
    surface: 'page',
    summary: {
      zh: '告知单打印页（A5，计入正副本）',
      en: 'One more paper, to be printed: the original first, then copies',
    },
    access: { kind: 'right', right: 'notice:read' },
    limits: LIMITS,
    input: { params: idParams, body: z.strictObject({}) },
    answers: THE_PAGE,
    handle: (call) => paperPage(flows, 'print', call, call.params.id as PublicId, SESSION_PLACES),
  }),
];

const cardPlaces = (token: string): Places => ({
  form: () => `/card/${token}/notices`,
  paper: (notice) => `/card/${token}/notices/${notice}`,
  print: (notice) => `/card/${token}/notices/${notice}/print`,
  pdf: (notice) => `/card/${token}/notices/${notice}.pdf`,
  back: (_check, line) => `/card/${token}#line-${line}`,
});

const cardParams = z.strictObject({ token: z.string().max(CARD_TOKEN_CHARACTERS_MAX) });
const cardNoticeParams = cardParams.extend({ id: publicIdShape });

/** The same pages for a doctor whom his hospital's system let into the card of one check. */
const cardNoticeRoutes = (flows: NoticeFlows, clock: Clock): Route[] => [
  cardRoute({
    operationId: 'cardNoticeForm',
    method: 'GET',
    path: '/card/{token}/notices',
    surface: 'page',
    summary: { zh: '告知单（卡片）', en: 'Confirm the words of the notice, from the card' },
    limits: LIMITS,
    input: { params: cardParams, query: lineQuery },
    answers: THE_PAGE,
    handle: (call) =>
      renderForm(
        flows,
        clock,
        call,
        call.actor.check,
        call.query.line,
        {},
        null,
        cardPlaces(call.params.token),
      ),
  }),
  cardRoute({
    operationId: 'makeCardNotice',
    method: 'POST',
    path: '/card/{token}/notices',
    surface: 'page',
    summary: { zh: '生成告知单（卡片）', en: 'Makes the notice, from the card' },
    limits: LIMITS,
    input: { params: cardParams, body: formShape },
    answers: FORM_ANSWERS,
    handle: (call) => makeByForm(flows, clock, call, call.actor.check, cardPlaces(call.params.token)),
  }),
  cardRoute({
    operationId: 'cardNoticePaper',
    method: 'GET',
    path: '/card/{token}/notices/{id}',
    surface: 'page',
    summary: {
      zh: '告知单（卡片，预览）',
      en: 'The paper as it will be, from the card; looking counts nothing',
    },
    limits: LIMITS,
    input: { params: cardNoticeParams },
    answers: THE_PAGE,
    handle: (call) =>
      paperPage(flows, 'preview', call, call.params.id as PublicId, cardPlaces(call.params.token)),
  }),
  cardRoute({
    operationId: 'printCardNotice',
    method: 'POST',
    path: '/card/{token}/notices/{id}/print',
    surface: 'page',
    summary: { zh: '告知单打印页（卡片）', en: 'One more paper, to be printed, from the card' },
    limits: LIMITS,
    input: { params: cardNoticeParams, body: z.strictObject({}) },
    answers: THE_PAGE,
    handle: (call) =>
      paperPage(flows, 'print', call, call.params.id as PublicId, cardPlaces(call.params.token)),
  }),
  cardRoute({
    operationId: 'cardNoticePdf',
    method: 'GET',
    path: '/card/{token}/notices/{id}.pdf',
    surface: 'page',
    summary: { zh: '告知单 PDF（卡片）', en: 'A notice as a PDF, from the card' },
    limits: { ...LIMITS, perMinute: 120 },
    input: { params: cardNoticeParams },
    answers: PDF,
    handle: (call) => pdfOf(flows, call, call.params.id as PublicId),
  }),
];

/** For whoever holds the paper. Tells strangers nothing, asks nobody for anything, sets no cookie. */
const publicRoutes = (flows: NoticeFlows): Route[] =>
  (
    [
      ['verifyNotice', '/verify/notice/{token}', 'verify', noticeVerifyPage, '核对告知单真伪'],
      ['readNoticeByToken', '/notice/{token}', 'read', noticePatientPage, '患者查看告知单'],
    ] as const
  ).map(([operationId, path, view, render, zh]) =>
    publicRoute({
      operationId,
      method: 'GET',
      path,
      surface: 'plain',
      summary: {
        zh,
        en:
          view === 'verify'
            ? 'Whether a paper is genuine, for whoever holds it'
            : 'The notice on the patient’s phone, names masked',
      },
      limits: PUBLIC,
      input: { params: tokenParams },
      answers: [
        { status: 200, description: 'The page', mediaType: 'text/html' },
        { status: 404, description: 'No notice has this token', mediaType: 'text/html' },
      ],
      async handle({ params, origin }): Promise<Answer> {
        const notice = await flows.byToken(params.token, view, origin);
        const answer = notice === null ? page(noticeUnknownPage(), 404) : page(render(notice));
        return { ...answer, headers: { 'x-robots-tag': 'noindex' } };
      },
    }),
  );

/** API, pages and public pages of the notice to the patient. */
export const noticeRoutes = (flows: NoticeFlows, clock: Clock): Route[] => [
  ...apiRoutes(flows),
  ...pageRoutes(flows, clock),
  ...cardNoticeRoutes(flows, clock),
  ...publicRoutes(flows),
];
