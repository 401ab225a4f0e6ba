import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  type OpinionRequest,
  type OpinionsAnswer,
  type OpinionWithdrawal,
  opinionRequestShape,
  opinionsAnswerShape,
  opinionWithdrawalShape,
} from '../../../web/wire/consultation-opinion.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import type { Actor, CallOrigin } from '../flows-port.ts';
import { goTo, json, type Limits, type Route, route } from '../route.ts';
import { idempotencyHeaders, valueOf } from './order-checks.ts';

/** Opinions beside the reports of other institutions (会诊意见). */
export interface OpinionFlows {
  addOpinion(
    actor: Actor,
    report: PublicId,
    request: OpinionRequest,
    idempotencyKey: string | null,
    origin: CallOrigin,
  ): Promise<Result<OpinionsAnswer, Fault>>;
  /**
   * Takes an opinion back, once: a second call changes nothing.
   *
   * @returns that opinion alone, as it stands now; OPINION_UNKNOWN where there is none, or none of the actor's
   */
  withdrawOpinion(
    actor: Actor,
    report: PublicId,
    opinion: PublicId,
    request: OpinionWithdrawal,
    origin: CallOrigin,
  ): Promise<Result<OpinionsAnswer, Fault>>;
}

const LIMITS: Limits = { bodyBytes: 16 * 1024, perMinute: 120 };
const idParams = z.strictObject({ id: publicIdShape });
const opinionParams = z.strictObject({ id: publicIdShape, opinion: publicIdShape });

/** The ways to add and to withdraw a consultation opinion: by program, and by the forms on the page of the report. */
export const consultationOpinionRoutes = (flows: OpinionFlows): Route[] => [
  route({
    operationId: 'addConsultationOpinion',
    method: 'POST',
    path: '/api/reports/{id}/opinions',
    surface: 'api',
    summary: {
      zh: '为外院检查报告添加会诊意见（不改动原报告）',
      en: "Adds a consultation opinion beside another institution's report, which stays as it is",
    },
    access: { kind: 'right', right: 'consultation-opinion:add' },
    limits: LIMITS,
    input: { params: idParams, headers: idempotencyHeaders, body: opinionRequestShape },
    answers: [
      { status: 200, description: 'Kept', mediaType: 'application/json', schema: opinionsAnswerShape },
    ],
    handle: async ({ actor, params, headers, body, origin }) =>
      json(
        valueOf(
          await flows.addOpinion(
            actor,
            params.id as PublicId,
            body,
            headers['idempotency-key'] ?? null,
            origin,
          ),
        ),
      ),
  }),
  route({
    operationId: 'addConsultationOpinionPage',
    method: 'POST',
    path: '/reports/{id}/opinions',
    surface: 'page',
    summary: { zh: '添加会诊意见（表单）', en: 'Adds a consultation opinion, by form' },
    access: { kind: 'right', right: 'consultation-opinion:add' },
    limits: LIMITS,
    input: {
      params: idParams,
      body: opinionRequestShape.extend({ idempotencyKey: z.uuid().default(() => randomUUID()) }),
    },
    answers: [{ status: 303, description: 'Kept; back to the report', mediaType: 'none' }],
    async handle({ actor, params, body: { idempotencyKey, ...request }, origin }) {
      valueOf(await flows.addOpinion(actor, params.id as PublicId, request, idempotencyKey, origin));
      return goTo(`/reports/${params.id}#opinions`);
    },
  }),
  route({
    operationId: 'withdrawConsultationOpinion',
    method: 'POST',
    path: '/api/reports/{id}/opinions/{opinion}/withdrawal',
    surface: 'api',
    summary: {
      zh: '撤回本人的会诊意见（保留原文，标明已撤回）',
      en: 'Withdraws an own consultation opinion, which stays legible and is marked as withdrawn',
    },
    access: { kind: 'right', right: 'consultation-opinion:withdraw' },
    limits: LIMITS,
    input: { params: opinionParams, body: opinionWithdrawalShape },
    answers: [
      {
        status: 200,
        description: 'Withdrawn, now or before; that opinion alone',
        mediaType: 'application/json',
        schema: opinionsAnswerShape,
      },
    ],
    handle: async ({ actor, params, body, origin }) =>
      json(
        valueOf(
          await flows.withdrawOpinion(actor, params.id as PublicId, params.opinion as PublicId, body, origin),
        ),
      ),
  }),
  route({
    operationId: 'withdrawConsultationOpinionPage',
    method: 'POST',
    path: '/reports/{id}/opinions/{opinion}/withdrawal',
    surface: 'page',
    summary: { zh: '撤回会诊意见（表单）', en: 'Withdraws an own consultation opinion, by form' },
    access: { kind: 'right', right: 'consultation-opinion:withdraw' },
    limits: LIMITS,
    input: { params: opinionParams, body: opinionWithdrawalShape },
    answers: [{ status: 303, description: 'Withdrawn; back to the report', mediaType: 'none' }],
    async handle({ actor, params: { id, opinion }, body, origin }) {
      valueOf(await flows.withdrawOpinion(actor, id as PublicId, opinion as PublicId, body, origin));
      return goTo(`/reports/${id}#opinions`);
    },
  }),
];
