import { z } from 'zod';
import type { Clock } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { type CaseDraft, casePage, casesPage, caseSubjectPage } from '../../../web/oversight-pages.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import {
  caseAnswerShape,
  caseClosingShape,
  caseDecisionShape,
  caseListShape,
  caseRequestShape,
  caseSubjectAnswerShape,
} from '../../../web/wire/oversight-case.ts';
import type { Actor } from '../flows-port.ts';
import { type Answer, goTo, json, type Limits, page, type Route, route } from '../route.ts';
import { valueOf } from './order-checks.ts';
import type { OversightFlows } from './oversight-port.ts';
import { staffOf } from './patient-pages.ts';
import { idParams, THE_PAGE } from './declared.ts';

const subjectParams = z.strictObject({ id: publicIdShape, place: z.coerce.number().int().min(1).max(99) });

const READING: Limits = { bodyBytes: 1, perMinute: 600 };
const WRITING: Limits = { bodyBytes: 16 * 1024, perMinute: 60 };

const done = (schema: z.ZodType) => [
  { status: 200, description: 'Done', mediaType: 'application/json' as const, schema },
];
const AFTER_FORM = [
  { status: 303, description: 'Done; on to the case', mediaType: 'none' as const },
  { status: 400, description: 'The page again with what is wrong', mediaType: 'text/html' as const },
];

const apiRoutes = (flows: OversightFlows): Route[] => [
  route({
    operationId: 'openOversightCase',
    method: 'POST',
    path: '/api/oversight-cases',
    surface: 'api',
    summary: {
      zh: '穿透式监管：申请立案',
      en: 'Asks for a case in which named decisions and their patients may be seen',
    },
    access: { kind: 'right', right: 'oversight-case:open' },
    limits: WRITING,
    input: { body: caseRequestShape },
    answers: done(caseAnswerShape),
    handle: async ({ actor, body, origin }) => json(valueOf(await flows.open(actor, body, origin))),
  }),
  route({
    operationId: 'listOversightCases',
    method: 'GET',
    path: '/api/oversight-cases',
    surface: 'api',
    summary: { zh: '案件列表（不含患者信息）', en: 'The cases, nobody named' },
    access: { kind: 'right', right: 'oversight-case:list' },
    limits: READING,
    input: {},
    answers: done(caseListShape),
    handle: async ({ actor }) => json(valueOf(await flows.list(actor))),
  }),
  route({
    operationId: 'readOversightCase',
    method: 'GET',
    path: '/api/oversight-cases/{id}',
    surface: 'api',
    summary: { zh: '案件经过（不含患者信息）', en: 'The course of one case, nobody named' },
    access: { kind: 'right', right: 'oversight-case:list' },
    limits: READING,
    input: { params: idParams },
    answers: done(caseAnswerShape),
    handle: async ({ actor, params }) => json(valueOf(await flows.read(actor, params.id as PublicId))),
  }),
  route({
    operationId: 'decideOversightCase',
    method: 'POST',
    path: '/api/oversight-cases/{id}/decisions',
    surface: 'api',
    summary: { zh: '第二人审批案件', en: 'The second person approves or refuses a case' },
    access: { kind: 'right', right: 'oversight-case:decide' },
    limits: WRITING,
    input: { params: idParams, body: caseDecisionShape },
    answers: done(caseAnswerShape),
    handle: async ({ actor, params, body, origin }) =>
      json(valueOf(await flows.decide(actor, params.id as PublicId, body, origin))),
  }),
  route({
    operationId: 'readOversightCaseSubject',
    method: 'GET',
    path: '/api/oversight-cases/{id}/subjects/{place}',
    surface: 'api',
    summary: {
      zh: '查看已批准案件所列的一项',
      en: 'One thing that an open case names, with the patient; recorded',
    },
    access: { kind: 'right', right: 'oversight-case:read' },
    limits: READING,
    input: { params: subjectParams },
    answers: done(caseSubjectAnswerShape),
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await flows.subject(actor, params.id as PublicId, params.place, origin))),
  }),
  route({
    operationId: 'closeOversightCase',
    method: 'POST',
    path: '/api/oversight-cases/{id}/closing',
    surface: 'api',
    summary: { zh: '办结案件', en: 'Closes a case with its outcome' },
    access: { kind: 'right', right: 'oversight-case:close' },
    limits: WRITING,
    input: { params: idParams, body: caseClosingShape },
    answers: done(caseAnswerShape),
    handle: async ({ actor, params, body, origin }) =>
      json(valueOf(await flows.close(actor, params.id as PublicId, body, origin))),
  }),
];

const openingFormShape = z.strictObject({
  kind: z.string().max(40),
  reference: z.string().max(100),
  doctor: z.string().max(40).default(''),
  legalBasis: z.string().max(40),
  reason: z.string().max(1_000),
  days: z.string().max(3),
});
const decisionFormShape = z.strictObject({
  approved: z.enum(['true', 'false']),
  text: z.string().max(1_000).default(''),
});
const closingFormShape = z.strictObject({ outcome: z.string().max(40), text: z.string().max(1_000) });

const NEW_DRAFT: CaseDraft = {
  kind: 'notice',
  reference: '',
  doctor: '',
  legalBasis: 'complaint',
  reason: '',
  days: '7',
};

type PageCall = { readonly actor: Actor; readonly formToken: string };

const pageRoutes = (flows: OversightFlows, clock: Clock): Route[] => {
  const frame = ({ actor, formToken }: PageCall) => ({ viewer: staffOf(actor), formToken, at: clock() });
  const renderCases = async (call: PageCall, draft: CaseDraft, message: string | null): Promise<Answer> => {
    const list = valueOf(await flows.list(call.actor));
    return page(casesPage({ ...frame(call), list, draft, message }), message === null ? 200 : 400);
  };
  const renderCase = async (call: PageCall, id: PublicId, message: string | null): Promise<Answer> => {
    const each = valueOf(await flows.read(call.actor, id));
    return page(casePage({ ...frame(call), each, message }), message === null ? 200 : 400);
  };
  return [
    route({
      operationId: 'oversightCasesPage',
      method: 'GET',
      path: '/oversight/cases',
      surface: 'page',
      summary: { zh: '穿透式监管：案件', en: 'The cases of the authority' },
      access: { kind: 'right', right: 'oversight-case:list' },
      limits: READING,
      input: {},
      answers: THE_PAGE,
      handle: (call) => renderCases(call, NEW_DRAFT, null),
    }),
    route({
      operationId: 'openOversightCasePage',
      method: 'POST',
      path: '/oversight/cases',
      surface: 'page',
      summary: { zh: '申请立案（表单）', en: 'Asks for a case, by form' },
      access: { kind: 'right', right: 'oversight-case:open' },
      limits: WRITING,
      input: { body: openingFormShape },
      answers: AFTER_FORM,
      async handle(call) {
        const { kind, reference, doctor, legalBasis, reason, days } = call.body;
        const asked = caseRequestShape.safeParse({
          subject: { kind, reference, ...(doctor === '' ? {} : { doctor }) },
          legalBasis,
          reason,
          days,
        });
        if (!asked.success)
          return renderCases(call, call.body, '请填写编号、事由（不少于 10 字）和 1 至 30 的天数。');
        const opened = await flows.open(call.actor, asked.data, call.origin);
        if (!opened.ok && opened.reason.status < 500) return renderCases(call, call.body, opened.reason.zh);
        return goTo(`/oversight/cases/${valueOf(opened).id}`);
      },
    }),
    route({
      operationId: 'oversightCasePage',
      method: 'GET',
      path: '/oversight/cases/{id}',
      surface: 'page',
      summary: { zh: '案件', en: 'One case' },
      access: { kind: 'right', right: 'oversight-case:list' },
      limits: READING,
      input: { params: idParams },
      answers: THE_PAGE,
      handle: (call) => renderCase(call, call.params.id as PublicId, null),
    }),
    route({
      operationId: 'decideOversightCasePage',
      method: 'POST',
      path: '/oversight/cases/{id}/decision',
      surface: 'page',
      summary: { zh: '审批案件（表单）', en: 'Decides on a case, by form' },
      access: { kind: 'right', right: 'oversight-case:decide' },
      limits: WRITING,
      input: { params: idParams, body: decisionFormShape },
      answers: AFTER_FORM,
      async handle(call) {
        const id = call.params.id as PublicId;
        const decision = { approved: call.body.approved === 'true', text: call.body.text.trim() };
        const decided = await flows.decide(call.actor, id, decision, call.origin);
        if (!decided.ok && decided.reason.status !== 404 && decided.reason.status < 500)
          return renderCase(call, id, decided.reason.zh);
        return goTo(`/oversight/cases/${valueOf(decided).id}`);
      },
    }),
    route({
      operationId: 'oversightCaseSubjectPage',
      method: 'GET',
      path: '/oversight/cases/{id}/subjects/{place}',
      surface: 'page',
      summary: { zh: '案件所列的一项', en: 'One thing that an open case names' },
      access: { kind: 'right', right: 'oversight-case:read' },
      limits: READING,
      input: { params: subjectParams },
      answers: THE_PAGE,
      async handle(call) {
        const { id, place } = call.params;
        const subject = valueOf(await flows.subject(call.actor, id as PublicId, place, call.origin));
        return page(caseSubjectPage({ ...frame(call), subject }));
      },
    }),
    route({
      operationId: 'closeOversightCasePage',
      method: 'POST',
      path: '/oversight/cases/{id}/closing',
      surface: 'page',
      summary: { zh: '办结案件（表单）', en: 'Closes a case, by form' },
      access: { kind: 'right', right: 'oversight-case:close' },
      limits: WRITING,
      input: { params: idParams, body: closingFormShape },
      answers: AFTER_FORM,
      async handle(call) {
        const id = call.params.id as PublicId;
        const closing = caseClosingShape.safeParse(call.body);
        if (!closing.success) return renderCase(call, id, '请选择结论并写明说明（不少于 10 字）。');
        const closed = await flows.close(call.actor, id, closing.data, call.origin);
        if (!closed.ok && closed.reason.status !== 404 && closed.reason.status < 500)
          return renderCase(call, id, closed.reason.zh);
        return goTo(`/oversight/cases/${valueOf(closed).id}`);
      },
    }),
  ];
};

/** API and pages of the authority's cases. */
export const oversightRoutes = (flows: OversightFlows, clock: Clock): Route[] => [
  ...apiRoutes(flows),
  ...pageRoutes(flows, clock),
];
