import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { TicketParty } from '../../../correction/index.ts';
import {
  type CorrectionAnswer,
  type CorrectionCase,
  type CorrectionDesk,
  type CorrectionList,
  type CorrectionOnBehalf,
  type CorrectionRequest,
  type CorrectionStepRequest,
  correctionAnswerShape,
  correctionCaseShape,
  correctionDeskShape,
  correctionListShape,
  correctionOnBehalfShape,
  correctionRequestShape,
  correctionStepShape,
  decisionReviewsShape,
  type DecisionReviews,
  type DeskQuery,
  deskQueryShape,
} from '../../../web/wire/correction.ts';
import type { Actor, CallOrigin } from '../flows-port.ts';
import { file, json, type Limits, type Route, route } from '../route.ts';
import { type Photo, PHOTO_ANSWERS, PHOTO_UPLOAD, photoFileName } from '../photo.ts';
import { idempotencyHeaders, valueOf } from './order-checks.ts';
import type { OwnCorrectionFlows } from './own-corrections.ts';
import { answers, idParams } from './declared.ts';

/** Reporting errors in results, and the tickets that come of it (A10). */
export interface CorrectionFlows {
  /** The same for patients, who see their own. */
  readonly patients: OwnCorrectionFlows;
  /** The same key again gives the same ticket and writes nothing. */
  submit(
    actor: Actor,
    request: CorrectionRequest,
    idempotencyKey: string | null,
    origin: CallOrigin,
  ): Promise<Result<CorrectionAnswer, Fault>>;
  /** What a registrar takes down for a patient. The same key again gives the same ticket. */
  submitOnBehalf(
    actor: Actor,
    request: CorrectionOnBehalf,
    idempotencyKey: string | null,
    origin: CallOrigin,
  ): Promise<Result<CorrectionAnswer, Fault>>;
  /** The report of the actor's own institution that has this number. */
  findOwnReport(actor: Actor, reportNumber: string): Promise<Result<PublicId, Fault>>;
  /** Institutions that issue reports here, for the form of a registrar. */
  issuers(): Promise<readonly { readonly code: string; readonly nameZh: string }[]>;
  /** How many tickets have news for this actor, as their reporter or at the desk that is to answer them. */
  countNews(actor: Actor): Promise<number>;
  /** Tickets that this actor follows as their reporter. */
  own(actor: Actor, origin: CallOrigin): Promise<Result<CorrectionList, Fault>>;
  /** Tickets about reports of the actor's institution. */
  desk(actor: Actor, query: DeskQuery, origin: CallOrigin): Promise<Result<CorrectionDesk, Fault>>;
  /** Reading a ticket is having seen it. */
  read(actor: Actor, correction: PublicId, origin: CallOrigin): Promise<Result<CorrectionAnswer, Fault>>;
  photo(actor: Actor, correction: PublicId, origin: CallOrigin): Promise<Result<Photo, Fault>>;
  /** One ticket before the desk that is to answer it, with the decisions that hang on it. */
  openCase(actor: Actor, correction: PublicId, origin: CallOrigin): Promise<Result<CorrectionCase, Fault>>;
  /** One step of a ticket as its reporter or as its desk. The same key again changes nothing. */
  takeStep(
    actor: Actor,
    party: TicketParty,
    correction: PublicId,
    request: CorrectionStepRequest,
    idempotencyKey: string | null,
    origin: CallOrigin,
  ): Promise<Result<CorrectionAnswer, Fault>>;
  /** One decision decided again because reports it weighed were put right. */
  reviews(actor: Actor, check: PublicId, origin: CallOrigin): Promise<Result<DecisionReviews, Fault>>;
}

const READING: Limits = { bodyBytes: 1, perMinute: 600 };

const STEPS: Limits = { bodyBytes: 16 * 1024, perMinute: 120 };

/** The API of reporting errors and of the tickets that come of it. */
export const correctionRoutes = (flows: CorrectionFlows): Route[] => [
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
    access: { kind: 'right', right: 'correction:follow' },
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
    limits: READING,
    input: { query: deskQueryShape },
    answers: answers(correctionDeskShape),
    handle: async ({ actor, query, origin }) => json(valueOf(await flows.desk(actor, query, origin))),
  }),
  route({
    operationId: 'openCorrectionCase',
    method: 'GET',
    path: '/api/correction-desk/{id}',
    surface: 'api',
    summary: {
      zh: '待处理的纠错单：受影响的互认核查、可选的理由与更正方式',
      en: 'One ticket before its desk: affected decisions, reasons and remedies to choose from',
    },
    access: { kind: 'right', right: 'correction-desk:work' },
    limits: READING,
    input: { params: idParams },
    answers: answers(correctionCaseShape),
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await flows.openCase(actor, params.id as PublicId, origin))),
  }),
  route({
    operationId: 'takeDeskCorrectionStep',
    method: 'POST',
    path: '/api/correction-desk/{id}/steps',
    surface: 'api',
    summary: {
      zh: '出具机构处理纠错单：受理、核实、询问、更正、不成立、回访',
      en: 'A step of the source institution: accept, investigate, ask, correct, refuse, follow up',
    },
    access: { kind: 'right', right: 'correction-desk:work' },
    limits: STEPS,
    input: { params: idParams, headers: idempotencyHeaders, body: correctionStepShape },
    answers: answers(correctionAnswerShape),
    handle: async ({ actor, params, headers, body, origin }) =>
      json(
        valueOf(
          await flows.takeStep(
            actor,
            'source',
            params.id as PublicId,
            body,
            headers['idempotency-key'] ?? null,
            origin,
          ),
        ),
      ),
  }),
  route({
    operationId: 'takeCorrectionStep',
    method: 'POST',
    path: '/api/corrections/{id}/steps',
    surface: 'api',
    summary: {
      zh: '反映人答复询问，或确认已知晓处理结果',
      en: 'A step of the reporter: an answer to a question, or that the outcome has been heard',
    },
    access: { kind: 'right', right: 'correction:follow' },
    limits: STEPS,
    input: { params: idParams, headers: idempotencyHeaders, body: correctionStepShape },
    answers: answers(correctionAnswerShape),
    handle: async ({ actor, params, headers, body, origin }) =>
      json(
        valueOf(
          await flows.takeStep(
            actor,
            'reporter',
            params.id as PublicId,
            body,
            headers['idempotency-key'] ?? null,
            origin,
          ),
        ),
      ),
  }),
  route({
    operationId: 'submitCorrectionOnBehalf',
    method: 'POST',
    path: '/api/corrections-on-behalf',
    surface: 'api',
    summary: {
      zh: '服务台代患者提交纠错（凭报告单号与身份证号）',
      en: 'A registrar reports an error for a patient, by the number of the report and the identity card',
    },
    access: { kind: 'right', right: 'correction:submit-on-behalf' },
    limits: { ...PHOTO_UPLOAD, perMinute: 20 },
    upload: true,
    input: { headers: idempotencyHeaders, body: correctionOnBehalfShape },
    answers: answers(correctionAnswerShape),
    handle: async ({ actor, headers, body, origin }) =>
      json(valueOf(await flows.submitOnBehalf(actor, body, headers['idempotency-key'] ?? null, origin))),
  }),
  route({
    operationId: 'readDecisionReviews',
    method: 'GET',
    path: '/api/order-checks/{id}/reviews',
    surface: 'api',
    summary: {
      zh: '一次核查在报告更正后的重新核查（原结论不变）',
      en: 'What a decision would have been with the corrected reports; the decision itself stands',
    },
    access: { kind: 'right', right: 'order-check:read' },
    limits: READING,
    input: { params: idParams },
    answers: answers(decisionReviewsShape),
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await flows.reviews(actor, params.id as PublicId, origin))),
  }),
];
