import { z } from 'zod';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  consentActShape,
  consentOverviewShape,
  consentRequestShape,
  ownConsentRequestShape,
  recordedConsentShape,
} from '../../../web/wire/consent.ts';
import { codedRequestShape, typedCodeShape, typedDecisionShape } from '../../../web/wire/consent-code.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import { PHOTO_ANSWERS, PHOTO_UPLOAD, photoFileName } from '../photo.ts';
import { type AnswerShape, file, json, type Limits, patientRoute, type Route, route } from '../route.ts';
import type { ConsentFlows } from './consents-port.ts';
import { idempotencyHeaders, valueOf } from './order-checks.ts';

const READING: Limits = { bodyBytes: 1, perMinute: 6_000 };
const OWN: Limits = { bodyBytes: 16 * 1024, perMinute: 60 };

/** Nobody types faster. */
const TYPED: Limits = { bodyBytes: 4 * 1024, perMinute: 20 };

const idParams = z.strictObject({ id: publicIdShape });

const answers = (schema: z.ZodType): readonly AnswerShape[] => [
  { status: 200, description: 'Done', mediaType: 'application/json', schema },
];

/** The consent of patients: recorded and read by those who treat them, and by themselves. */
export const consentRoutes = (flows: ConsentFlows): Route[] => [
  route({
    operationId: 'recordConsent',
    method: 'POST',
    path: '/api/persons/{id}/consents',
    surface: 'api',
    summary: {
      zh: '登记患者（监护人）的同意、拒绝、撤回或告知',
      en: 'Records that a patient or guardian agreed, refused, withdrew or was informed; paper with a scan by multipart/form-data',
    },
    access: { kind: 'right', right: 'consent:record' },
    limits: { ...PHOTO_UPLOAD, perMinute: 6_000 },
    upload: true,
    input: { params: idParams, headers: idempotencyHeaders, body: consentRequestShape },
    answers: answers(recordedConsentShape),
    handle: async ({ actor, params, headers, body, origin }) =>
      json(
        valueOf(
          await flows.record(actor, params.id as PublicId, body, headers['idempotency-key'] ?? null, origin),
        ),
      ),
  }),
  route({
    operationId: 'listConsents',
    method: 'GET',
    path: '/api/persons/{id}/consents',
    surface: 'api',
    summary: {
      zh: '患者的授权情况与征求同意所用文本',
      en: 'What the patient agreed to and refused, what counts by it here, and the words in which to ask',
    },
    access: { kind: 'right', right: 'consent:read' },
    limits: READING,
    input: { params: idParams },
    answers: answers(consentOverviewShape),
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await flows.overview(actor, params.id as PublicId, origin))),
  }),
  route({
    operationId: 'readConsent',
    method: 'GET',
    path: '/api/consents/{id}',
    surface: 'api',
    summary: { zh: '一条同意记录', en: 'One act of consent that was recorded here' },
    access: { kind: 'right', right: 'consent:read' },
    limits: READING,
    input: { params: idParams },
    answers: answers(consentActShape.extend({ person: publicIdShape })),
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await flows.read(actor, params.id as PublicId, origin))),
  }),
  route({
    operationId: 'readConsentScan',
    method: 'GET',
    path: '/api/consents/{id}/scan',
    surface: 'api',
    summary: { zh: '纸质授权书的扫描件', en: 'The scan of a signed paper' },
    access: { kind: 'right', right: 'consent:read' },
    limits: READING,
    input: { params: idParams },
    answers: PHOTO_ANSWERS,
    async handle({ actor, params, origin }) {
      const { mediaType, bytes } = valueOf(await flows.scan(actor, params.id as PublicId, origin));
      return file(mediaType, bytes, photoFileName(params.id, mediaType));
    },
  }),
  patientRoute({
    operationId: 'recordOwnConsent',
    method: 'POST',
    path: '/api/own/consents',
    surface: 'api',
    summary: { zh: '本人同意、拒绝或撤回授权', en: 'The patient agrees, refuses or withdraws' },
    access: { kind: 'own', right: 'own-consent:record' },
    limits: OWN,
    input: { headers: idempotencyHeaders, body: ownConsentRequestShape },
    answers: answers(recordedConsentShape),
    handle: async ({ actor, headers, body, origin }) =>
      json(valueOf(await flows.recordOwn(actor, body, headers['idempotency-key'] ?? null, origin))),
  }),
  patientRoute({
    operationId: 'readOwnConsents',
    method: 'GET',
    path: '/api/own/consents',
    surface: 'api',
    summary: {
      zh: '本人的授权情况',
      en: 'What the patient agreed to and refused, with the words and what follows',
    },
    access: { kind: 'own', right: 'own-consent:read' },
    limits: OWN,
    input: { query: z.strictObject({ person: publicIdShape.optional() }) },
    answers: answers(consentOverviewShape),
    handle: async ({ actor, query, origin }) =>
      json(valueOf(await flows.ownOverview(actor, (query.person as PublicId | undefined) ?? null, origin))),
  }),
  patientRoute({
    operationId: 'openConsentCode',
    method: 'POST',
    path: '/api/own/consent-codes',
    surface: 'api',
    summary: {
      zh: '输入授权码，查看医院的授权请求',
      en: 'The request for consent that a short code stands for; wrong codes are limited per account and address',
    },
    access: { kind: 'own', right: 'own-consent:record' },
    limits: TYPED,
    input: { body: typedCodeShape },
    answers: answers(codedRequestShape),
    handle: async ({ actor, body, origin }) => json(valueOf(await flows.openTyped(actor, body, origin))),
  }),
  patientRoute({
    operationId: 'decideByTypedCode',
    method: 'POST',
    path: '/api/own/consent-codes/decision',
    surface: 'api',
    summary: {
      zh: '用授权码同意、拒绝或撤回',
      en: 'The one decision that a short code is good for; the same Idempotency-Key again writes nothing',
    },
    access: { kind: 'own', right: 'own-consent:record' },
    limits: TYPED,
    input: {
      headers: idempotencyHeaders,
      body: typedDecisionShape,
    },
    answers: answers(recordedConsentShape),
    handle: async ({ actor, headers, body, origin }) =>
      json(valueOf(await flows.recordTyped(actor, body, headers['idempotency-key'] ?? null, origin))),
  }),
];
