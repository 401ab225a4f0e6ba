import { z } from 'zod';
import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { checkAnswersShape } from '../../../web/wire/check-answers.ts';
import {
  calledCheckAnswerShape,
  checkResponseAnswerShape,
  checkResponsesAnswerShape,
  explanationShape,
  fulfilmentAnswerShape,
  markedChecksAnswerShape,
  orderablesAnswerShape,
  orderCheckAnswerShape,
  personSearchAnswerShape,
  personSummaryShape,
  replayAnswerShape,
  reportAnswerShape,
} from '../../../web/wire/order-check-answer.ts';
import {
  checkResponseRequestShape,
  fulfilmentRequestShape,
  orderCheckRequestShape,
  personSearchRequestShape,
  publicIdShape,
} from '../../../web/wire/order-check-request.ts';
import { cardAddress } from '../../flows/card/card-address.ts';
import type { CardLinks } from '../../flows/card/card-link.ts';
import { SERVER_FAULTS } from '../faults.ts';
import type { CheckFlows } from '../flows-port.ts';
import type { Metrics } from '../metrics.ts';
import { type Answer, type AnswerShape, file, json, type Limits, type Route, route } from '../route.ts';
import { answers, idParams } from './declared.ts';

/** A small body; a hundred thousand calls a minute is above what one hospital's HIS can make. */
const SMALL: Limits = { bodyBytes: 64 * 1024, perMinute: 300_000 };

/** An Idempotency-Key as a caller may send it with an answer. Other headers are none of the handler's business. */
export const idempotencyHeaders = z.object({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,128}$/)
    .optional(),
});

/** How much of an explanation's page is opened out at once. */
export const explanationQuery = z.strictObject({ open: z.literal('all').optional() });

/** What the doctor's side is told when the check failed: never "nothing found". */
export const NOT_CHECKED = {
  code: 'ORDER_NOT_CHECKED',
  definition: SERVER_FAULTS.ORDER_NOT_CHECKED,
} as const;

/** The value, or the refusal thrown for the server's own answer to refusals. */
export const valueOf = <Value>(result: Result<Value, Fault>): Value => {
  if (result.ok) return result.value;
  throw result.reason;
};

/** What a browser may show of a foreign document; anything else is for saving only. */
const SHOWN_TYPES = ['application/pdf', 'image/jpeg', 'image/png'] as const;
/** What reading a document of a report answers. */
export const ATTACHMENT_ANSWERS: readonly AnswerShape[] = [
  ...SHOWN_TYPES,
  'application/octet-stream' as const,
].map((mediaType) => ({ status: 200, description: 'The file as it came', mediaType }));
const EXTENSIONS: Readonly<Record<string, string>> = {
  'application/pdf': 'pdf',
  'image/jpeg': 'jpg',
  'image/png': 'png',
};

/** A document of another hospital: it runs nothing, wherever it is opened. */
export const attachedFile = (stated: string, bytes: Uint8Array, name: string): Answer => {
  const mediaType = SHOWN_TYPES.find((each) => each === stated) ?? 'application/octet-stream';
  return {
    ...file(mediaType, bytes, `${name}.${EXTENSIONS[mediaType] ?? 'bin'}`),
    headers: { 'content-security-policy': "sandbox; default-src 'none'" },
  };
};

/** Counts the outcome of an order check, whichever way it ended. */
export const countCheck = async (
  metrics: Metrics,
  check: () => Promise<{ status: string; answer: Answer }>,
): Promise<Answer> => {
  try {
    const { status, answer } = await check();
    metrics.orderChecks.inc({ outcome: status });
    return answer;
  } catch (error) {
    const status = (error as { status?: number }).status ?? 500;
    metrics.orderChecks.inc({ outcome: status < 500 ? 'refused' : 'not-checked' });
    throw error;
  }
};

/** The API of the main job: check, answer, explain, replay. */
export const orderCheckRoutes = (flows: CheckFlows, metrics: Metrics, cardLinks: CardLinks): Route[] => [
  route({
    operationId: 'checkOrder',
    method: 'POST',
    path: '/api/order-checks',
    surface: 'api',
    summary: {
      zh: '开单核查：拟开项目有无可互认结果',
      en: 'Checks what is about to be ordered for results that may be recognised',
    },
    access: { kind: 'right', right: 'order-check:create' },
    limits: SMALL,
    input: { body: orderCheckRequestShape },
    answers: answers(calledCheckAnswerShape),
    failure: NOT_CHECKED,
    deadlineMs: 5_000,
    handle: ({ actor, body, origin }) =>
      countCheck(metrics, async () => {
        const answer = valueOf(await flows.check(actor, body, origin));
        const cardUrl = cardAddress(cardLinks, actor, body, answer);
        return { status: answer.status, answer: json({ ...answer, cardUrl }) };
      }),
  }),
  route({
    operationId: 'readOrderCheck',
    method: 'GET',
    path: '/api/order-checks/{id}',
    surface: 'api',
    summary: { zh: '查看一次核查及其应答、更正标记', en: 'Reads an order check with its answers and marks' },
    access: { kind: 'right', right: 'order-check:read' },
    limits: SMALL,
    input: { params: idParams },
    answers: answers(orderCheckAnswerShape),
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await flows.read(actor, params.id as PublicId, origin))),
  }),
  route({
    operationId: 'respondToOrderCheck',
    method: 'POST',
    path: '/api/order-checks/{id}/responses',
    surface: 'api',
    summary: {
      zh: '医师应答：互认、不互认（理由）或撤销',
      en: 'The doctor recognises, examines again with a reason, or undoes',
    },
    access: { kind: 'right', right: 'order-check:answer' },
    limits: SMALL,
    input: { params: idParams, headers: idempotencyHeaders, body: checkResponseRequestShape },
    answers: answers(checkResponseAnswerShape),
    handle: async ({ actor, params, headers, body, origin }) =>
      json(
        valueOf(
          await flows.respond(actor, params.id as PublicId, body, headers['idempotency-key'] ?? null, origin),
        ),
      ),
  }),
  route({
    operationId: 'readOrderCheckResponses',
    method: 'GET',
    path: '/api/order-checks/{id}/responses',
    surface: 'api',
    summary: {
      zh: '轮询医师的应答，不含结果内容',
      en: "Polls the doctor's answers; discloses no result",
    },
    access: { kind: 'right', right: 'order-check:answer' },
    limits: SMALL,
    input: { params: idParams },
    answers: answers(checkResponsesAnswerShape),
    handle: async ({ actor, params }) => json(valueOf(await flows.responses(actor, params.id as PublicId))),
  }),
  route({
    operationId: 'listOrderCheckAnswers',
    method: 'GET',
    path: '/api/order-checks/{id}/answers',
    surface: 'api',
    summary: {
      zh: '轮询：一次核查的全部应答，按先后',
      en: 'Every answer to a check in order, for systems that poll',
    },
    access: { kind: 'right', right: 'order-check:read' },
    limits: SMALL,
    input: { params: idParams },
    answers: answers(checkAnswersShape),
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await flows.answers(actor, params.id as PublicId, origin))),
  }),
  route({
    operationId: 'explainOrderCheck',
    method: 'GET',
    path: '/api/order-checks/{id}/explanation',
    surface: 'api',
    summary: {
      zh: '逐项说明核查依据',
      en: 'Every check of every candidate with its data and citation, in Chinese and English',
    },
    access: { kind: 'right', right: 'order-check:read' },
    limits: SMALL,
    input: { params: idParams },
    answers: answers(explanationShape),
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await flows.explain(actor, params.id as PublicId, origin))),
  }),
  route({
    operationId: 'replayOrderCheck',
    method: 'POST',
    path: '/api/order-checks/{id}/replay',
    surface: 'api',
    summary: {
      zh: '按当时的清单与事实重新核查，逐字节比对',
      en: 'Decides again from the stored facts and lists and compares byte for byte',
    },
    access: { kind: 'right', right: 'order-check:read' },
    limits: SMALL,
    input: { params: idParams },
    answers: answers(replayAnswerShape),
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await flows.replay(actor, params.id as PublicId, origin))),
  }),
  route({
    operationId: 'fulfilOrderCheck',
    method: 'POST',
    path: '/api/order-checks/{id}/fulfilments',
    surface: 'api',
    summary: {
      zh: '开单系统确认已撤销申请',
      en: 'The ordering system confirms that the order was cancelled',
    },
    access: { kind: 'right', right: 'order-check:fulfil' },
    limits: SMALL,
    input: { params: idParams, body: fulfilmentRequestShape },
    answers: answers(fulfilmentAnswerShape),
    handle: async ({ actor, params, body, origin }) =>
      json(valueOf(await flows.fulfil(actor, params.id as PublicId, body, origin))),
  }),
  route({
    operationId: 'readReport',
    method: 'GET',
    path: '/api/reports/{id}',
    surface: 'api',
    summary: { zh: '调阅报告', en: 'Reads a report as its institution issued it' },
    access: { kind: 'right', right: 'report:read' },
    limits: SMALL,
    input: { params: idParams },
    answers: answers(reportAnswerShape),
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await flows.report(actor, params.id as PublicId, origin))),
  }),
  route({
    operationId: 'readReportAttachment',
    method: 'GET',
    path: '/api/reports/{id}/attachments/{n}',
    surface: 'api',
    summary: { zh: '报告所附 PDF 或图片', en: 'A PDF or picture that came with a report' },
    access: { kind: 'right', right: 'report:read' },
    limits: { bodyBytes: 1, perMinute: 600 },
    input: { params: z.strictObject({ id: publicIdShape, n: z.coerce.number().int().min(1).max(99) }) },
    answers: ATTACHMENT_ANSWERS,
    async handle({ actor, params, origin }) {
      const { mediaType, bytes } = valueOf(
        await flows.attachment(actor, params.id as PublicId, params.n, origin),
      );
      return attachedFile(mediaType, bytes, `${params.id}-${params.n}`);
    },
  }),
  route({
    operationId: 'searchPersons',
    method: 'POST',
    path: '/api/person-searches',
    surface: 'api',
    summary: {
      zh: '找患者',
      en: 'Finds people by document number, record number or name; by POST, so that no URL names a person',
    },
    access: { kind: 'right', right: 'person:search' },
    limits: { bodyBytes: 4 * 1024, perMinute: 600 },
    input: { body: personSearchRequestShape },
    answers: answers(personSearchAnswerShape),
    handle: async ({ actor, body, origin }) => json(valueOf(await flows.searchPersons(actor, body, origin))),
  }),
  route({
    operationId: 'readPerson',
    method: 'GET',
    path: '/api/persons/{id}',
    surface: 'api',
    summary: {
      zh: '患者基本信息（横幅）',
      en: 'One person for the banner: name, sex, birth date, masked numbers',
    },
    access: { kind: 'right', right: 'person:read' },
    limits: { bodyBytes: 1, perMinute: 6_000 },
    input: { params: idParams },
    answers: answers(personSummaryShape),
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await flows.person(actor, params.id as PublicId, origin))),
  }),
  route({
    operationId: 'listOrderables',
    method: 'GET',
    path: '/api/orderables',
    surface: 'api',
    summary: {
      zh: '本机构可开项目与组套',
      en: "What the caller's institution can order, by its code map and panels",
    },
    access: { kind: 'right', right: 'orderable:list' },
    limits: SMALL,
    input: {},
    answers: answers(orderablesAnswerShape),
    handle: async ({ actor }) => json(valueOf(await flows.orderables(actor))),
  }),
  route({
    operationId: 'listMarkedOrderChecks',
    method: 'GET',
    path: '/api/marked-order-checks',
    surface: 'api',
    summary: {
      zh: '您曾互认、其后报告已更正的核查',
      en: "The caller's decisions that rest on a report corrected since",
    },
    access: { kind: 'right', right: 'order-check:answer' },
    limits: SMALL,
    input: {},
    answers: answers(markedChecksAnswerShape),
    handle: async ({ actor, origin }) => json(valueOf(await flows.markedChecks(actor, origin))),
  }),
];
