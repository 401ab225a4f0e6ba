import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Fault } from '../../../kernel/fault.ts';
import type { Clock } from '../../../kernel/instant.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { correctionFormPage, correctionPage, correctionsPage } from '../../../web/correction-pages.ts';
import {
  type CorrectionAnswer,
  type CorrectionList,
  type CorrectionRequest,
  correctionAnswerShape,
  correctionListShape,
  correctionRequestShape,
} from '../../../web/wire/correction.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import type { Actor, CallOrigin, CheckFlows } from '../flows-port.ts';
import {
  type Answer,
  type AnswerShape,
  file,
  goTo,
  json,
  type Limits,
  page,
  type Route,
  route,
} from '../route.ts';
import { type Photo, PHOTO_ANSWERS, PHOTO_UPLOAD, photoFileName } from '../photo.ts';
import { idempotencyHeaders, valueOf } from './order-checks.ts';
import { staffOf } from './patient-pages.ts';

/** Reporting errors in results, and the tickets that come of it (A10). */
export interface CorrectionFlows {
  /** The same key again gives the same ticket and writes nothing. */
  submit(
    actor: Actor,
    request: CorrectionRequest,
    idempotencyKey: string | null,
    origin: CallOrigin,
  ): Promise<Result<CorrectionAnswer, Fault>>;
  /** Tickets that this actor sent. */
  own(actor: Actor, origin: CallOrigin): Promise<Result<CorrectionList, Fault>>;
  /** Tickets about reports of the actor's institution. */
  desk(actor: Actor, origin: CallOrigin): Promise<Result<CorrectionList, Fault>>;
  read(actor: Actor, correction: PublicId, origin: CallOrigin): Promise<Result<CorrectionAnswer, Fault>>;
  photo(actor: Actor, correction: PublicId, origin: CallOrigin): Promise<Result<Photo, Fault>>;
}

const READING: Limits = { bodyBytes: 1, perMinute: 600 };

const idParams = z.strictObject({ id: publicIdShape });
const ordinalQuery = z.strictObject({ ordinal: z.coerce.number().int().min(1).optional() });
const formShape = correctionRequestShape.omit({ report: true }).extend({
  // The form's first choice, the report as a whole, travels as an empty text.
  ordinal: z.union([z.literal('').transform(() => undefined), z.coerce.number().int().min(1)]).optional(),
  idempotencyKey: z.uuid(),
});

const answers = (schema: z.ZodType): readonly AnswerShape[] => [
  { status: 200, description: 'Done', mediaType: 'application/json', schema },
];

const apiRoutes = (flows: CorrectionFlows): Route[] => [
  route({
    operationId: 'submitCorrection',
    method: 'POST',
    path: '/api/corrections',
    surface: 'api',
    summary: {
      zh: '报告结果有误（纠错），可附照片',
      en: 'Reports an error in a result, with a photo if there is one',
    },
    access: { kind: 'right', right: 'correction:submit' },
    purpose: 'treatment',
    limits: PHOTO_UPLOAD,
    upload: true,
    input: { headers: idempotencyHeaders, body: correctionRequestShape },
    answers: answers(correctionAnswerShape),
    handle: async ({ actor, headers, body, origin }) =>
      json(valueOf(await flows.submit(actor, body, headers['idempotency-key'] ?? null, origin))),
  }),
  route({
    operationId: 'listOwnCorrections',
    method: 'GET',
    path: '/api/corrections',
    surface: 'api',
    summary: { zh: '我提交的纠错单', en: 'Tickets that the caller sent' },
    access: { kind: 'right', right: 'correction:submit' },
    purpose: 'treatment',
    limits: READING,
    input: {},
    answers: answers(correctionListShape),
    handle: async ({ actor, origin }) => json(valueOf(await flows.own(actor, origin))),
  }),
  route({
    operationId: 'readCorrection',
    method: 'GET',
    path: '/api/corrections/{id}',
    surface: 'api',
    summary: { zh: '查看纠错单', en: 'One ticket with its history' },
    access: { kind: 'right', right: 'correction:read' },
    purpose: 'treatment',
    limits: READING,
    input: { params: idParams },
    answers: answers(correctionAnswerShape),
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await flows.read(actor, params.id as PublicId, origin))),
  }),
  route({
    operationId: 'readCorrectionPhoto',
    method: 'GET',
    path: '/api/corrections/{id}/photo',
    surface: 'api',
    summary: { zh: '纠错单所附照片', en: 'The photo of a ticket' },
    access: { kind: 'right', right: 'correction:read' },
    purpose: 'treatment',
    limits: READING,
    input: { params: idParams },
    answers: PHOTO_ANSWERS,
    async handle({ actor, params, origin }) {
      const { mediaType, bytes } = valueOf(await flows.photo(actor, params.id as PublicId, origin));
      return file(mediaType, bytes, photoFileName(params.id, mediaType));
    },
  }),
  route({
    operationId: 'listDeskCorrections',
    method: 'GET',
    path: '/api/correction-desk',
    surface: 'api',
    summary: { zh: '本机构报告的纠错单', en: 'Tickets about reports of the caller’s institution' },
    access: { kind: 'right', right: 'correction-desk:work' },
    purpose: 'operations',
    limits: READING,
    input: {},
    answers: answers(correctionListShape),
    handle: async ({ actor, origin }) => json(valueOf(await flows.desk(actor, origin))),
  }),
];

interface PageCall {
  readonly actor: Actor;
  readonly formToken: string;
  readonly origin: CallOrigin;
}

const pageRoutes = (flows: CorrectionFlows, checks: CheckFlows, clock: Clock): Route[] => {
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
    const view = { ...frame(call), report, draft, message, idempotencyKey: randomUUID() };
    return page(correctionFormPage(view), message === null ? 200 : 400);
  };
  return [
    route({
      operationId: 'correctionFormPage',
      method: 'GET',
      path: '/reports/{id}/correction',
      surface: 'page',
      summary: { zh: '报告有误（表单）', en: 'The form to report an error' },
      access: { kind: 'right', right: 'correction:submit' },
      purpose: 'treatment',
      limits: READING,
      input: { params: idParams, query: ordinalQuery },
      answers: [{ status: 200, description: 'The form', mediaType: 'text/html' }],
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
      purpose: 'treatment',
      limits: PHOTO_UPLOAD,
      upload: true,
      input: { params: idParams, body: formShape },
      answers: [
        { status: 303, description: 'Kept; on to the ticket', mediaType: 'none' },
        { status: 400, description: 'The form again with what is wrong', mediaType: 'text/html' },
      ],
      async handle(call) {
        const id = call.params.id as PublicId;
        const { idempotencyKey, ...body } = call.body;
        const sent = await flows.submit(call.actor, { report: id, ...body }, idempotencyKey, call.origin);
        if (!sent.ok && sent.reason.status !== 404 && sent.reason.status < 500)
          return renderForm(
            call,
            id,
            { ordinal: body.ordinal ?? null, kind: body.kind, text: body.text },
            sent.reason.zh,
          );
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
      purpose: 'treatment',
      limits: READING,
      input: { params: idParams },
      answers: [{ status: 200, description: 'The page', mediaType: 'text/html' }],
      async handle(call) {
        const correction = valueOf(await flows.read(call.actor, call.params.id as PublicId, call.origin));
        return page(correctionPage({ ...frame(call), correction }));
      },
    }),
    route({
      operationId: 'correctionsPage',
      method: 'GET',
      path: '/corrections',
      surface: 'page',
      summary: {
        zh: '纠错单列表：医师看自己提交的，机构看本机构报告的',
        en: 'Tickets: a doctor’s own, or those about the institution’s reports',
      },
      access: { kind: 'right', right: 'correction:read' },
      purpose: 'treatment',
      limits: READING,
      input: {},
      answers: [{ status: 200, description: 'The page', mediaType: 'text/html' }],
      async handle(call) {
        const isDoctor = staffOf(call.actor).role === 'doctor';
        const list = valueOf(await flows[isDoctor ? 'own' : 'desk'](call.actor, call.origin));
        return page(correctionsPage({ ...frame(call), list, isDesk: !isDoctor }));
      },
    }),
  ];
};

/** API and pages of reporting errors. */
export const correctionRoutes = (flows: CorrectionFlows, checks: CheckFlows, clock: Clock): Route[] => [
  ...apiRoutes(flows),
  ...pageRoutes(flows, checks, clock),
];
