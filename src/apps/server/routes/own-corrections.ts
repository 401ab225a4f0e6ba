import { z } from 'zod';
import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  type CorrectionAnswer,
  type CorrectionList,
  type CorrectionRequest,
  type CorrectionStepRequest,
  correctionAnswerShape,
  correctionListShape,
  correctionRequestShape,
  correctionStepShape,
} from '../../../web/wire/correction.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import type { CallOrigin, PatientActor } from '../flows-port.ts';
import { type Photo, PHOTO_ANSWERS, PHOTO_UPLOAD, photoFileName } from '../photo.ts';
import { file, json, type Limits, patientRoute, type Route } from '../route.ts';
import { idempotencyHeaders, valueOf } from './order-checks.ts';
import { answers, idParams } from './declared.ts';

/**
 * What a patient reports about own results, or about those of a person the patient acts for (`person`; absent: the
 * patient). Others' are answered as if they did not exist.
 */
export interface OwnCorrectionFlows {
  /** The same key again gives the same ticket and writes nothing. */
  submit(
    actor: PatientActor,
    request: CorrectionRequest,
    person: PublicId | undefined,
    idempotencyKey: string | null,
    origin: CallOrigin,
  ): Promise<Result<CorrectionAnswer, Fault>>;
  /** What the patient sent, and what a desk took down for that person. */
  list(
    actor: PatientActor,
    person: PublicId | undefined,
    origin: CallOrigin,
  ): Promise<Result<CorrectionList, Fault>>;
  /** Reading a ticket is having seen it: it is `unseen` no more. */
  read(
    actor: PatientActor,
    correction: PublicId,
    person: PublicId | undefined,
    origin: CallOrigin,
  ): Promise<Result<CorrectionAnswer, Fault>>;
  photo(
    actor: PatientActor,
    correction: PublicId,
    person: PublicId | undefined,
    origin: CallOrigin,
  ): Promise<Result<Photo, Fault>>;
  /** An answer to the source's question (`reply`), or that the outcome has been heard (`follow-up`). */
  step(
    actor: PatientActor,
    correction: PublicId,
    request: CorrectionStepRequest,
    person: PublicId | undefined,
    idempotencyKey: string | null,
    origin: CallOrigin,
  ): Promise<Result<CorrectionAnswer, Fault>>;
}

const LIMITS: Limits = { bodyBytes: 16 * 1024, perMinute: 120 };

const personQuery = z.strictObject({
  person: publicIdShape.optional().describe('Somebody the patient acts for; absent: the patient'),
});
const personOf = ({ person }: { readonly person?: string | undefined }) => person as PublicId | undefined;

/** A patient's own tickets (A10). */
export const ownCorrectionRoutes = (flows: OwnCorrectionFlows): Route[] => [
  patientRoute({
    operationId: 'submitOwnCorrection',
    method: 'POST',
    path: '/api/own/corrections',
    surface: 'api',
    summary: {
      zh: '患者反映本人结果有误（纠错），可附照片',
      en: 'A patient reports an error in an own result, with a photo if there is one',
    },
    access: { kind: 'own', right: 'own-correction:submit' },
    limits: { ...PHOTO_UPLOAD, perMinute: 20 },
    upload: true,
    input: { query: personQuery, headers: idempotencyHeaders, body: correctionRequestShape },
    answers: answers(correctionAnswerShape),
    handle: async ({ actor, query, headers, body, origin }) =>
      json(
        valueOf(await flows.submit(actor, body, personOf(query), headers['idempotency-key'] ?? null, origin)),
      ),
  }),
  patientRoute({
    operationId: 'listPatientCorrections',
    method: 'GET',
    path: '/api/own/corrections',
    surface: 'api',
    summary: { zh: '患者的纠错单', en: 'The tickets that a patient follows' },
    access: { kind: 'own', right: 'own-correction:read' },
    limits: { ...LIMITS, bodyBytes: 1 },
    input: { query: personQuery },
    answers: answers(correctionListShape),
    handle: async ({ actor, query, origin }) =>
      json(valueOf(await flows.list(actor, personOf(query), origin))),
  }),
  patientRoute({
    operationId: 'readOwnCorrection',
    method: 'GET',
    path: '/api/own/corrections/{id}',
    surface: 'api',
    summary: { zh: '患者查看一张纠错单', en: 'One ticket that a patient follows' },
    access: { kind: 'own', right: 'own-correction:read' },
    limits: { ...LIMITS, bodyBytes: 1 },
    input: { params: idParams, query: personQuery },
    answers: answers(correctionAnswerShape),
    handle: async ({ actor, params, query, origin }) =>
      json(valueOf(await flows.read(actor, params.id as PublicId, personOf(query), origin))),
  }),
  patientRoute({
    operationId: 'readOwnCorrectionPhoto',
    method: 'GET',
    path: '/api/own/corrections/{id}/photo',
    surface: 'api',
    summary: { zh: '患者查看纠错单所附照片', en: 'The photo of a ticket that a patient follows' },
    access: { kind: 'own', right: 'own-correction:read' },
    limits: { ...LIMITS, bodyBytes: 1 },
    input: { params: idParams, query: personQuery },
    answers: PHOTO_ANSWERS,
    async handle({ actor, params, query, origin }) {
      const { mediaType, bytes } = valueOf(
        await flows.photo(actor, params.id as PublicId, personOf(query), origin),
      );
      return file(mediaType, bytes, photoFileName(params.id, mediaType));
    },
  }),
  patientRoute({
    operationId: 'takeOwnCorrectionStep',
    method: 'POST',
    path: '/api/own/corrections/{id}/steps',
    surface: 'api',
    summary: {
      zh: '患者答复询问，或确认已知晓处理结果',
      en: 'A patient answers a question of the source, or has heard the outcome',
    },
    access: { kind: 'own', right: 'own-correction:submit' },
    limits: LIMITS,
    input: {
      params: idParams,
      query: personQuery,
      headers: idempotencyHeaders,
      body: correctionStepShape,
    },
    answers: answers(correctionAnswerShape),
    handle: async ({ actor, params, query, headers, body, origin }) =>
      json(
        valueOf(
          await flows.step(
            actor,
            params.id as PublicId,
            body,
            personOf(query),
            headers['idempotency-key'] ?? null,
            origin,
          ),
        ),
      ),
  }),
];
