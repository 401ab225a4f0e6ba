import { z } from 'zod';
import type { Clock } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  privacyCasePage,
  privacyQueuePage,
  privacySearchPage,
  watchedPersonsPage,
} from '../../../web/privacy-pages.ts';
import {
  findingRequestShape,
  type LogFound,
  type LogSearch,
  logSearchShape,
  watchRequestShape,
} from '../../../web/wire/privacy.ts';
import { type Answer, type AnswerShape, goTo, type Limits, page, type Route, route } from '../route.ts';
import { valueOf } from './order-checks.ts';
import { staffOf } from './patient-pages.ts';
import type { PrivacyDesk } from './privacy-port.ts';
import { idParams, type PageCall, THE_PAGE } from './declared.ts';

const READING: Limits = { bodyBytes: 1, perMinute: 600 };
const WRITING: Limits = { bodyBytes: 8 * 1024, perMinute: 60 };

// A form that is not filled in well comes back with what is wrong, not as a problem.
const searchForm = z.strictObject({
  reason: z.string().max(200).default(''),
  nationalId: z.string().max(30).default(''),
  staff: z.string().max(64).default(''),
  purpose: z.string().max(20).default(''),
  days: z.string().max(5).default('7'),
});
const findingForm = z.strictObject({
  finding: z.string().max(20).default(''),
  text: z.string().max(1_000).default(''),
});
const watchForm = z.strictObject({
  nationalId: z.string().max(30).default(''),
  note: z.string().max(200).default(''),
});

const done: readonly AnswerShape[] = [
  { status: 303, description: 'Recorded', mediaType: 'none' },
  { status: 400, description: 'The page again with what is wrong', mediaType: 'text/html' },
];

const caseRoutes = (desk: PrivacyDesk, frameOf: (call: PageCall) => Frame): Route[] => {
  const renderCase = async (call: PageCall, id: PublicId, message: string | null): Promise<Answer> => {
    const detail = valueOf(await desk.read(call.actor, id, call.origin));
    return page(privacyCasePage({ ...frameOf(call), detail, message }), message === null ? 200 : 400);
  };
  return [
    route({
      operationId: 'privacyQueue',
      method: 'GET',
      path: '/privacy',
      surface: 'page',
      summary: { zh: '待审查的访问', en: 'Looks that the privacy officer has to review' },
      access: { kind: 'right', right: 'privacy-case:work' },
      limits: READING,
      input: { query: z.strictObject({ closed: z.literal('yes').optional() }) },
      answers: THE_PAGE,
      async handle(call) {
        const closed = call.query.closed === 'yes';
        const [cases, rules] = await Promise.all([
          desk.queue(call.actor, closed).then(valueOf),
          desk.rules(call.actor),
        ]);
        return page(privacyQueuePage({ ...frameOf(call), cases, closed, rules }));
      },
    }),
    route({
      operationId: 'privacyCase',
      method: 'GET',
      path: '/privacy/cases/{id}',
      surface: 'page',
      summary: { zh: '一件访问审查', en: 'One case with its evidence' },
      access: { kind: 'right', right: 'privacy-case:work' },
      limits: READING,
      input: { params: idParams },
      answers: THE_PAGE,
      handle: (call) => renderCase(call, call.params.id as PublicId, null),
    }),
    route({
      operationId: 'findInPrivacyCase',
      method: 'POST',
      path: '/privacy/cases/{id}',
      surface: 'page',
      summary: { zh: '记录审查结论', en: 'Keeps the finding about a case' },
      access: { kind: 'right', right: 'privacy-case:work' },
      limits: WRITING,
      input: { params: idParams, body: findingForm },
      answers: done,
      async handle(call) {
        const id = call.params.id as PublicId;
        const request = findingRequestShape.safeParse(call.body);
        if (!request.success) return renderCase(call, id, '请选择结论，并写明理由（不少于 4 个字）。');
        const found = await desk.find(call.actor, id, request.data, call.origin);
        if (!found.ok && found.reason.status !== 404) return renderCase(call, id, found.reason.zh);
        valueOf(found);
        return goTo(`/privacy/cases/${id}`);
      },
    }),
  ];
};

const searchRoutes = (desk: PrivacyDesk, frameOf: (call: PageCall) => Frame): Route[] => {
  const render = (
    call: PageCall,
    draft: Partial<LogSearch>,
    found: LogFound | null,
    message: string | null,
  ): Answer =>
    page(privacySearchPage({ ...frameOf(call), draft, found, message }), message === null ? 200 : 400);
  return [
    route({
      operationId: 'accessLogSearchPage',
      method: 'GET',
      path: '/privacy/search',
      surface: 'page',
      summary: { zh: '查访问日志（表单）', en: 'The form to search the access log' },
      access: { kind: 'right', right: 'access-log:search' },
      limits: READING,
      input: {},
      answers: THE_PAGE,
      handle: async (call) => render(call, {}, null, null),
    }),
    route({
      operationId: 'searchAccessLog',
      method: 'POST',
      path: '/privacy/search',
      surface: 'page',
      summary: { zh: '查访问日志', en: 'Searches the access log of the own institution, for a reason' },
      access: { kind: 'right', right: 'access-log:search' },
      limits: WRITING,
      input: { body: searchForm },
      answers: [...THE_PAGE, { status: 400, description: 'What is wrong', mediaType: 'text/html' }],
      async handle(call) {
        const request = logSearchShape.safeParse(call.body);
        if (!request.success) {
          const { reason, staff } = call.body;
          return render(call, { reason, staff }, null, '请写明查询理由（不少于 4 个字），并检查号码与天数。');
        }
        const found = await desk.search(call.actor, request.data, call.origin);
        if (!found.ok) return render(call, request.data, null, found.reason.zh);
        return render(call, request.data, found.value, null);
      },
    }),
  ];
};

const watchRoutes = (desk: PrivacyDesk, frameOf: (call: PageCall) => Frame): Route[] => {
  const render = async (call: PageCall, message: string | null): Promise<Answer> => {
    const watched = valueOf(await desk.watched(call.actor, call.origin));
    return page(watchedPersonsPage({ ...frameOf(call), watched, message }), message === null ? 200 : 400);
  };
  return [
    route({
      operationId: 'watchedPersonsPage',
      method: 'GET',
      path: '/privacy/watched',
      surface: 'page',
      summary: { zh: '重点关注人员', en: 'Persons whose records draw the curious' },
      access: { kind: 'right', right: 'watched-person:keep' },
      limits: READING,
      input: {},
      answers: THE_PAGE,
      handle: (call) => render(call, null),
    }),
    route({
      operationId: 'watchPerson',
      method: 'POST',
      path: '/privacy/watched',
      surface: 'page',
      summary: { zh: '加入重点关注', en: 'Begins to watch over a person' },
      access: { kind: 'right', right: 'watched-person:keep' },
      limits: WRITING,
      input: { body: watchForm },
      answers: done,
      async handle(call) {
        const request = watchRequestShape.safeParse(call.body);
        if (!request.success) return render(call, '请填写身份证号和原因。');
        const kept = await desk.watch(call.actor, request.data, call.origin);
        return kept.ok ? goTo('/privacy/watched') : render(call, kept.reason.zh);
      },
    }),
    route({
      operationId: 'unwatchPerson',
      method: 'POST',
      path: '/privacy/watched/{id}/removal',
      surface: 'page',
      summary: { zh: '移出重点关注', en: 'Stops watching over a person' },
      access: { kind: 'right', right: 'watched-person:keep' },
      limits: WRITING,
      input: { params: idParams },
      answers: done,
      async handle(call) {
        valueOf(await desk.unwatch(call.actor, call.params.id as PublicId, call.origin));
        return goTo('/privacy/watched');
      },
    }),
  ];
};

/** What every page of the desk is framed with. */
type Frame = Pick<Parameters<typeof privacyQueuePage>[0], 'viewer' | 'formToken' | 'at'>;

/** The pages of an institution's privacy officer. */
export const privacyRoutes = (desk: PrivacyDesk, clock: Clock): Route[] => {
  const frameOf = ({ actor, formToken }: PageCall): Frame => ({
    viewer: staffOf(actor),
    formToken,
    at: clock(),
  });
  return [...caseRoutes(desk, frameOf), ...searchRoutes(desk, frameOf), ...watchRoutes(desk, frameOf)];
};
