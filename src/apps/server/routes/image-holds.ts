import type { Fault } from '../../../kernel/fault.ts';
import type { Clock } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { imageHoldPage, imageHoldsPage } from '../../../web/image-hold-pages.ts';
import {
  imageHoldAnswerShape,
  imageHoldCaseShape,
  imageHoldListShape,
} from '../../../web/wire/image-hold.ts';
import { type AnswerShape, goTo, json, type Limits, page, type Route, route } from '../route.ts';
import { answers, idParams, type PageCall, THE_PAGE } from './declared.ts';
import type { ImageHolds } from './image-holds-port.ts';
import { valueOf } from './order-checks.ts';
import { staffOf } from './patient-pages.ts';

const READING: Limits = { bodyBytes: 1, perMinute: 600 };
const WRITING: Limits = { bodyBytes: 16 * 1024, perMinute: 120 };
const ACCESS = { kind: 'right', right: 'image-hold:work' } as const;

const DONE_OR_AGAIN: readonly AnswerShape[] = [
  { status: 303, description: 'Done; back to the case', mediaType: 'none' },
  { status: 400, description: 'The case again with what is wrong', mediaType: 'text/html' },
  { status: 409, description: 'The case as it is now: it has moved on', mediaType: 'text/html' },
];

/** What who answers can mend; everything else is a problem page. */
const isMendable = ({ status }: Fault): boolean => status === 400 || status === 409;

/** Cases of images that are kept and not shown (影像核对单), as pages and for programs. */
export const imageHoldRoutes = (holds: ImageHolds, clock: Clock): Route[] => {
  const frame = (call: PageCall) => ({
    viewer: staffOf(call.actor),
    formToken: call.formToken,
    at: clock(),
  });
  return [
    route({
      operationId: 'listImageHolds',
      method: 'GET',
      path: '/api/image-holds',
      surface: 'api',
      summary: { zh: '影像核对单', en: 'Cases of images that are kept and not shown; names nobody' },
      access: ACCESS,
      limits: READING,
      input: {},
      answers: answers(imageHoldListShape),
      handle: async ({ actor }) => json(valueOf(await holds.list(actor))),
    }),
    route({
      operationId: 'openImageHold',
      method: 'GET',
      path: '/api/image-holds/{id}',
      surface: 'api',
      summary: {
        zh: '打开一张影像核对单：两份头信息并排',
        en: 'Opens one case: what came, why it is held, both headers side by side. Recorded',
      },
      access: ACCESS,
      limits: READING,
      input: { params: idParams },
      answers: answers(imageHoldCaseShape),
      handle: async ({ actor, params, origin }) =>
        json(valueOf(await holds.open(actor, params.id as PublicId, origin))),
    }),
    route({
      operationId: 'answerImageHold',
      method: 'POST',
      path: '/api/image-holds/{id}/answers',
      surface: 'api',
      summary: { zh: '答复影像核对单或撤销答复', en: 'Answers a case, or undoes its answer' },
      access: ACCESS,
      limits: WRITING,
      input: { params: idParams, body: imageHoldAnswerShape },
      answers: answers(imageHoldCaseShape),
      handle: async ({ actor, params, body, origin }) =>
        json(valueOf(await holds.answer(actor, params.id as PublicId, body, origin))),
    }),
    route({
      operationId: 'imageHoldsPage',
      method: 'GET',
      path: '/image-holds',
      surface: 'page',
      summary: { zh: '影像核对单（页面）', en: 'The cases as a page' },
      access: ACCESS,
      limits: READING,
      input: {},
      answers: THE_PAGE,
      handle: async (call) =>
        page(imageHoldsPage({ ...frame(call), list: valueOf(await holds.list(call.actor)) })),
    }),
    route({
      operationId: 'imageHoldPage',
      method: 'GET',
      path: '/image-holds/{id}',
      surface: 'page',
      summary: { zh: '一张影像核对单（页面）', en: 'One case as a page. Recorded' },
      access: ACCESS,
      limits: READING,
      input: { params: idParams },
      answers: THE_PAGE,
      handle: async (call) => {
        const opened = valueOf(await holds.open(call.actor, call.params.id as PublicId, call.origin));
        return page(imageHoldPage({ ...frame(call), opened, message: null }));
      },
    }),
    route({
      operationId: 'answerImageHoldPage',
      method: 'POST',
      path: '/image-holds/{id}',
      surface: 'page',
      summary: { zh: '答复影像核对单或撤销答复（页面）', en: 'The same by form' },
      access: ACCESS,
      limits: WRITING,
      input: { params: idParams, body: imageHoldAnswerShape },
      answers: DONE_OR_AGAIN,
      handle: async (call) => {
        const { actor, origin, body } = call;
        const id = call.params.id as PublicId;
        const outcome = await holds.answer(actor, id, body, origin);
        if (outcome.ok || !isMendable(outcome.reason)) {
          valueOf(outcome);
          return goTo(`/image-holds/${id}`);
        }
        const opened = valueOf(await holds.open(actor, id, origin));
        return page(
          imageHoldPage({ ...frame(call), opened, message: outcome.reason.zh }),
          outcome.reason.status,
        );
      },
    }),
  ];
};
