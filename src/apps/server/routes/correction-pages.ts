import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Fault } from '../../../kernel/fault.ts';
import type { Clock } from '../../../kernel/instant.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { correctionCasePage, correctionDeskPage } from '../../../web/correction-desk-pages.ts';
import {
  correctionFormPage,
  correctionOnBehalfPage,
  correctionPage,
  correctionsPage,
  type DeskDraft,
} from '../../../web/correction-pages.ts';
import { decisionReviewsPage } from '../../../web/decision-reviews-page.ts';
import {
  correctionOnBehalfShape,
  correctionRequestShape,
  correctionStepShape,
  deskQueryShape,
  reportNumberShape,
} from '../../../web/wire/correction.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import { flowFault } from '../../flows/dependencies.ts';
import type { CheckFlows } from '../flows-port.ts';
import { PHOTO_UPLOAD } from '../photo.ts';
import { type Answer, type AnswerShape, goTo, type Limits, page, type Route, route } from '../route.ts';
import type { CorrectionFlows } from './corrections.ts';
import { valueOf } from './order-checks.ts';
import { staffOf } from './patient-pages.ts';
import { idParams, type PageCall, THE_PAGE } from './declared.ts';

const READING: Limits = { bodyBytes: 1, perMinute: 600 };
const STEPS: Limits = { bodyBytes: 16 * 1024, perMinute: 120 };

const ordinalQuery = z.strictObject({ ordinal: z.coerce.number().int().min(1).optional() });
/** A form's first choice travels as an empty text. */
const noChoice = z.literal('').transform(() => undefined);
const formShape = correctionRequestShape.omit({ report: true }).extend({
  ordinal: z.union([noChoice, z.coerce.number().int().min(1)]).optional(),
  idempotencyKey: z.uuid(),
});
const onBehalfFormShape = correctionOnBehalfShape.extend({ idempotencyKey: z.uuid() });
const stepFormShape = correctionStepShape.extend({
  record: z.union([noChoice, publicIdShape]).optional(),
  idempotencyKey: z.uuid(),
});

const KEPT_OR_AGAIN: readonly AnswerShape[] = [
  { status: 303, description: 'Kept; on to the ticket', mediaType: 'none' },
  { status: 400, description: 'The page again with what is wrong', mediaType: 'text/html' },
];

/** What a person who filled in a form can mend; everything else is a problem page. */
const refusalOf = <Value>(outcome: Result<Value, Fault>): string | null =>
  !outcome.ok && outcome.reason.status !== 404 && outcome.reason.status < 500 ? outcome.reason.zh : null;

const DESK_ROLES: ReadonlySet<string> = new Set(['institution-it', 'medical-affairs']);

/** Pages of reporting errors. */
export const correctionPageRoutes = (flows: CorrectionFlows, checks: CheckFlows, clock: Clock): Route[] => {
  const frame = (call: PageCall) => ({
    viewer: staffOf(call.actor),
    formToken: call.formToken,
    at: clock(),
  });
  const renderForm = async (
    call: PageCall,
    id: PublicId,
    draft: { readonly ordinal: number | null; readonly kind: string; readonly text: string },
    message: string | null,
  ): Promise<Answer> => {
    const report = valueOf(await checks.report(call.actor, id, call.origin));
    // Those who look after an institution open its own reports only.
    if (staffOf(call.actor).role !== 'doctor' && report.institution.code !== call.actor.institution)
      throw flowFault('REPORT_UNKNOWN');
    const view = { ...frame(call), report, draft, message, idempotencyKey: randomUUID() };
    return page(correctionFormPage(view), message === null ? 200 : 400);
  };
  const renderOnBehalf = async (call: PageCall, draft: DeskDraft, message: string | null): Promise<Answer> =>
    page(
      correctionOnBehalfPage({
        ...frame(call),
        issuers: await flows.issuers(),
        draft,
        message,
        idempotencyKey: randomUUID(),
      }),
      message === null ? 200 : 400,
    );
  const renderTicket = async (call: PageCall, id: PublicId, message: string | null): Promise<Answer> => {
    const correction = valueOf(await flows.read(call.actor, id, call.origin));
    const view = { ...frame(call), correction, message, newKey: randomUUID };
    return page(correctionPage(view), message === null ? 200 : 400);
  };
  const renderCase = async (call: PageCall, id: PublicId, message: string | null): Promise<Answer> => {
    const opened = valueOf(await flows.openCase(call.actor, id, call.origin));
    const view = { ...frame(call), opened, message, newKey: randomUUID };
    return page(correctionCasePage(view), message === null ? 200 : 400);
  };
  return [
    route({
      operationId: 'correctionFormPage',
      method: 'GET',
      path: '/reports/{id}/correction',
      surface: 'page',
      summary: { zh: '报告有误（表单）', en: 'The form to report an error' },
      access: { kind: 'right', right: 'correction:submit' },
      limits: READING,
      input: { params: idParams, query: ordinalQuery },
      answers: THE_PAGE,
      handle: (call) =>
        renderForm(
          call,
          call.params.id as PublicId,
          { ordinal: call.query.ordinal ?? null, kind: '', text: '' },
          null,
        ),
    }),
    route({
      operationId: 'submitCorrectionPage',
      method: 'POST',
      path: '/reports/{id}/correction',
      surface: 'page',
      summary: { zh: '提交纠错', en: 'Reports an error, by form' },
      access: { kind: 'right', right: 'correction:submit' },
      limits: PHOTO_UPLOAD,
      upload: true,
      input: { params: idParams, body: formShape },
      answers: KEPT_OR_AGAIN,
      async handle(call) {
        const id = call.params.id as PublicId;
        const { idempotencyKey, ...body } = call.body;
        const sent = await flows.submit(call.actor, { report: id, ...body }, idempotencyKey, call.origin);
        const refusal = refusalOf(sent);
        if (refusal !== null)
          return renderForm(
            call,
            id,
            { ordinal: body.ordinal ?? null, kind: body.kind, text: body.text },
            refusal,
          );
        return goTo(`/corrections/${valueOf(sent).id}`);
      },
    }),
    route({
      operationId: 'correctionOnBehalfPage',
      method: 'GET',
      path: '/corrections/on-behalf',
      surface: 'page',
      summary: { zh: '代患者提交纠错（表单）', en: 'The form by which a registrar reports for a patient' },
      access: { kind: 'right', right: 'correction:submit-on-behalf' },
      limits: READING,
      input: {},
      answers: THE_PAGE,
      handle: (call) =>
        renderOnBehalf(
          call,
          { institution: '', reportNumber: '', relation: 'self', kind: '', text: '' },
          null,
        ),
    }),
    route({
      operationId: 'submitCorrectionOnBehalfPage',
      method: 'POST',
      path: '/corrections/on-behalf',
      surface: 'page',
      summary: { zh: '代患者提交纠错', en: 'A registrar reports an error for a patient, by form' },
      access: { kind: 'right', right: 'correction:submit-on-behalf' },
      limits: { ...PHOTO_UPLOAD, perMinute: 20 },
      upload: true,
      input: { body: onBehalfFormShape },
      answers: KEPT_OR_AGAIN,
      async handle(call) {
        const { idempotencyKey, ...body } = call.body;
        const sent = await flows.submitOnBehalf(call.actor, body, idempotencyKey, call.origin);
        // A report that is not found is mistyped more often than anything else.
        if (!sent.ok && sent.reason.status < 500) return renderOnBehalf(call, body, sent.reason.zh);
        return goTo(`/corrections/${valueOf(sent).id}`);
      },
    }),
    route({
      operationId: 'correctionPage',
      method: 'GET',
      path: '/corrections/{id}',
      surface: 'page',
      summary: { zh: '纠错单', en: 'A ticket' },
      access: { kind: 'right', right: 'correction:read' },
      limits: READING,
      input: { params: idParams },
      answers: THE_PAGE,
      handle: (call) => renderTicket(call, call.params.id as PublicId, null),
    }),
    route({
      operationId: 'takeCorrectionStepPage',
      method: 'POST',
      path: '/corrections/{id}/steps',
      surface: 'page',
      summary: { zh: '反映人答复或确认（表单）', en: 'A step of the reporter, by form' },
      access: { kind: 'right', right: 'correction:follow' },
      limits: STEPS,
      input: { params: idParams, body: stepFormShape },
      answers: KEPT_OR_AGAIN,
      async handle(call) {
        const id = call.params.id as PublicId;
        const { idempotencyKey, ...body } = call.body;
        const taken = await flows.takeStep(call.actor, 'reporter', id, body, idempotencyKey, call.origin);
        const refusal = refusalOf(taken);
        if (refusal !== null) return renderTicket(call, id, refusal);
        return goTo(`/corrections/${valueOf(taken).id}`);
      },
    }),
    route({
      operationId: 'correctionsPage',
      method: 'GET',
      path: '/corrections',
      surface: 'page',
      summary: { zh: '我提交的纠错单', en: 'Tickets that the viewer follows' },
      access: { kind: 'right', right: 'correction:follow' },
      limits: READING,
      input: {},
      answers: THE_PAGE,
      async handle(call) {
        const list = valueOf(await flows.own(call.actor, call.origin));
        const { role } = staffOf(call.actor);
        return page(
          correctionsPage({
            ...frame(call),
            list,
            hasDesk: DESK_ROLES.has(role),
            takesForPatients: role === 'registrar',
          }),
        );
      },
    }),
    route({
      operationId: 'correctionDeskPage',
      method: 'GET',
      path: '/correction-desk',
      surface: 'page',
      summary: { zh: '本机构报告的纠错单', en: 'The queue of the institution that is to answer' },
      access: { kind: 'right', right: 'correction-desk:work' },
      limits: READING,
      input: { query: deskQueryShape },
      answers: THE_PAGE,
      async handle(call) {
        const desk = valueOf(await flows.desk(call.actor, call.query, call.origin));
        return page(correctionDeskPage({ ...frame(call), desk, query: call.query }));
      },
    }),
    route({
      operationId: 'findDeskReportPage',
      method: 'POST',
      path: '/correction-desk/reports',
      surface: 'page',
      summary: {
        zh: '按报告单号反映本机构报告的问题',
        en: 'Finds a report of the own institution by its number, to report an error in it',
      },
      access: { kind: 'right', right: 'correction-desk:work' },
      limits: STEPS,
      input: { body: reportNumberShape },
      answers: [{ status: 303, description: 'On to the form of that report', mediaType: 'none' }],
      handle: async ({ actor, body }) =>
        goTo(`/reports/${valueOf(await flows.findOwnReport(actor, body.reportNumber))}/correction`),
    }),
    route({
      operationId: 'correctionCasePage',
      method: 'GET',
      path: '/correction-desk/{id}',
      surface: 'page',
      summary: { zh: '处理纠错单', en: 'One ticket before its desk' },
      access: { kind: 'right', right: 'correction-desk:work' },
      limits: READING,
      input: { params: idParams },
      answers: THE_PAGE,
      handle: (call) => renderCase(call, call.params.id as PublicId, null),
    }),
    route({
      operationId: 'takeDeskStepPage',
      method: 'POST',
      path: '/correction-desk/{id}/steps',
      surface: 'page',
      summary: { zh: '出具机构处理纠错单（表单）', en: 'A step of the source institution, by form' },
      access: { kind: 'right', right: 'correction-desk:work' },
      limits: STEPS,
      input: { params: idParams, body: stepFormShape },
      answers: KEPT_OR_AGAIN,
      async handle(call) {
        const id = call.params.id as PublicId;
        const { idempotencyKey, ...body } = call.body;
        const taken = await flows.takeStep(call.actor, 'source', id, body, idempotencyKey, call.origin);
        const refusal = refusalOf(taken);
        if (refusal !== null) return renderCase(call, id, refusal);
        return goTo(`/correction-desk/${valueOf(taken).id}`);
      },
    }),
    route({
      operationId: 'decisionReviewsPage',
      method: 'GET',
      path: '/checks/{id}/reviews',
      surface: 'page',
      summary: {
        zh: '更正后复核',
        en: 'A decision beside what it would have been with the corrected reports',
      },
      access: { kind: 'right', right: 'order-check:read' },
      limits: READING,
      input: { params: idParams },
      answers: THE_PAGE,
      async handle(call) {
        const id = call.params.id as PublicId;
        const { reviews } = valueOf(await flows.reviews(call.actor, id, call.origin));
        return page(decisionReviewsPage({ ...frame(call), check: id, reviews }));
      },
    }),
  ];
};
