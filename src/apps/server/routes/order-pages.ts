import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { checkPage } from '../../../web/check-page.ts';
import type { OpenEmergency } from '../../../web/emergency-strip.ts';
import { explanationPage } from '../../../web/explanation-page.ts';
import { type OrderDraft, orderPage } from '../../../web/order-page.ts';
import { reportPage } from '../../../web/report-page.ts';
import type { OrderablesAnswer } from '../../../web/wire/order-check-answer.ts';
import { type OrderCheckRequest, orderCheckRequestShape } from '../../../web/wire/order-check-request.ts';
import type { CheckFlows, StaffActor } from '../flows-port.ts';
import type { Metrics } from '../metrics.ts';
import { type Answer, goTo, type Limits, page, type Route, route } from '../route.ts';
import { countCheck, explanationQuery, NOT_CHECKED, valueOf } from './order-checks.ts';
import { staffOf } from './patient-pages.ts';
import { isUnderFourteen } from '../../flows/consent/present-consent.ts';
import { spokenConsentFormShape } from './consent-form.ts';
import type { ConsentFlows } from './consents-port.ts';
import type { EmergencyFlows } from './emergency-access.ts';
import { type AnswerRefusal, giveAnswers, responseFormShape, severalOf } from './response-form.ts';
import { idParams, type PageCall, THE_PAGE } from './declared.ts';

const LIMITS: Limits = { bodyBytes: 64 * 1024, perMinute: 300 };

/** The order form. Sides travel as `side.CODE`, one field per item that has sides. */
const orderFormShape = z
  .object({
    act: z.enum(['narrow', 'check']).default('check'),
    encounterClass: z.string().max(16),
    encounterNumber: z.string().trim().max(64).default(''),
    purpose: z.string().max(16),
    serialMonitoring: z.literal('yes').optional(),
    diagnosisCode: z.string().trim().max(32).default(''),
    typed: z.string().max(50).default(''),
    code: severalOf(z.string().max(64)),
  })
  .catchall(z.string().max(8));

const EMPTY_DRAFT: OrderDraft = {
  encounterClass: '门诊',
  encounterNumber: '',
  purpose: '诊疗',
  serialMonitoring: false,
  diagnosisCode: '',
  codes: [],
  sides: {},
  typed: '',
};

const draftOf = (form: z.output<typeof orderFormShape>): OrderDraft => ({
  encounterClass: form.encounterClass,
  encounterNumber: form.encounterNumber,
  purpose: form.purpose,
  serialMonitoring: form.serialMonitoring === 'yes',
  diagnosisCode: form.diagnosisCode,
  codes: form.code,
  sides: Object.fromEntries(
    Object.entries(form)
      .filter(([name]) => name.startsWith('side.'))
      .map(([name, side]) => [name.slice('side.'.length), String(side)]),
  ),
  typed: form.typed,
});

/** The request of an order draft, or the sentence that says what is still missing. */
const requestOf = (
  draft: OrderDraft,
  person: string,
  staff: StaffActor,
  { orderables }: OrderablesAnswer,
): OrderCheckRequest | string => {
  const chosen = orderables.filter(({ code }) => draft.codes.includes(code));
  if (chosen.length === 0) return '请至少勾选一个拟开项目。';
  const sideless = chosen.filter(({ code, hasSide }) => hasSide && !draft.sides[code]);
  if (sideless.length > 0) return `请选择侧别：${sideless.map(({ nameZh }) => nameZh).join('、')}。`;
  const request = orderCheckRequestShape.safeParse({
    patient: { person },
    encounter: {
      class: draft.encounterClass,
      ...(draft.encounterNumber && { number: draft.encounterNumber }),
    },
    ...(staff.staffNumber && { doctor: { staffNumber: staff.staffNumber, name: staff.displayName } }),
    ...(staff.department && { department: { name: staff.department } }),
    diagnoses: draft.diagnosisCode ? [{ code: draft.diagnosisCode }] : [],
    purpose: draft.purpose,
    serialMonitoring: draft.serialMonitoring,
    items: chosen.map(({ code, nameZh, hasSide }, index) => ({
      line: index + 1,
      code,
      name: nameZh,
      ...(hasSide && { side: draft.sides[code] }),
    })),
  });
  return request.success ? request.data : '填写的内容有误，请检查就诊类型、检查目的、流水号和诊断编码。';
};

/** The pages of the main job: tick what to order, see the verdicts, answer, see the reasons and the report. */
export const orderPageRoutes = (
  flows: CheckFlows,
  consents: ConsentFlows,
  emergencies: Pick<EmergencyFlows, 'state'> | undefined,
  metrics: Metrics,
  clock: Clock,
): Route[] => {
  // Nobody but a doctor can have one open.
  const emergencyOf = async (viewer: StaffActor, person: string | null): Promise<OpenEmergency | null> =>
    emergencies === undefined || person === null || viewer.role !== 'doctor'
      ? null
      : valueOf(await emergencies.state(viewer, person as PublicId));

  const renderOrder = async (
    call: PageCall,
    id: PublicId,
    draft: OrderDraft,
    message: string | null,
    consentRefusal: string | null = null,
  ): Promise<Answer> => {
    const person = valueOf(await flows.person(call.actor, id, call.origin));
    const orderables = valueOf(await flows.orderables(call.actor));
    const overview = valueOf(await consents.overview(call.actor, id, call.origin));
    const viewer = staffOf(call.actor);
    const consent =
      overview.level === 'existence'
        ? {
            action: `/patients/${id}/consents`,
            formToken: call.formToken,
            key: randomUUID(),
            needsGuardian: overview.needsGuardian,
            existing: [overview.wording.spokenZh],
            refusal: consentRefusal,
          }
        : null;
    const view = {
      viewer,
      formToken: call.formToken,
      at: clock(),
      person,
      orderables,
      draft,
      message,
      consent,
      emergency: await emergencyOf(viewer, id),
    };
    return page(orderPage(view), message === null && consentRefusal === null ? 200 : 400);
  };

  const renderCheck = async (
    call: PageCall,
    id: PublicId,
    refusal: AnswerRefusal | null,
    consentRefusal: string | null = null,
  ): Promise<Answer> => {
    const check = valueOf(await flows.read(call.actor, id, call.origin));
    const person =
      check.person === null
        ? null
        : valueOf(await flows.person(call.actor, check.person as PublicId, call.origin));
    const viewer = staffOf(call.actor);
    const mayAnswer = viewer.role === 'doctor';
    const view = {
      viewer,
      formToken: call.formToken,
      at: clock(),
      check,
      person,
      refusal,
      newKey: randomUUID,
      mayAnswer,
      needsGuardian: isUnderFourteen(person?.birthDate ?? null, clock()),
      consentRefusal,
      emergency: await emergencyOf(viewer, check.person),
    };
    return page(checkPage(view), refusal === null && consentRefusal === null ? 200 : 400);
  };

  return [
    route({
      operationId: 'orderPage',
      method: 'GET',
      path: '/patients/{id}/order',
      surface: 'page',
      summary: { zh: '勾选拟开项目', en: 'Tick what is to be ordered' },
      access: { kind: 'right', right: 'order-page:open' },
      limits: LIMITS,
      input: { params: idParams },
      answers: [{ status: 200, description: 'The form', mediaType: 'text/html' }],
      handle: (call) => renderOrder(call, call.params.id as PublicId, EMPTY_DRAFT, null),
    }),
    route({
      operationId: 'consentOnOrderPage',
      method: 'POST',
      path: '/patients/{id}/consents',
      surface: 'page',
      summary: {
        zh: '开单前登记口头同意（表单）',
        en: 'Records consent by word of mouth before anything is ordered, by form',
      },
      access: { kind: 'right', right: 'consent:record' },
      limits: LIMITS,
      input: { params: idParams, body: spokenConsentFormShape },
      answers: [
        { status: 303, description: 'Recorded; on to the results', mediaType: 'none' },
        { status: 400, description: 'Refused; the page again with the reason', mediaType: 'text/html' },
      ],
      async handle(call) {
        const id = call.params.id as PublicId;
        const { relation, idempotencyKey } = call.body;
        const request = { kind: 'consented', way: 'spoken', recipient: 'own-institution', relation } as const;
        const recorded = await consents.record(call.actor, id, request, idempotencyKey, call.origin);
        if (!recorded.ok && recorded.reason.status === 400)
          return renderOrder(call, id, EMPTY_DRAFT, null, recorded.reason.zh);
        valueOf(recorded);
        return goTo(`/clinician/persons/${id}`);
      },
    }),
    route({
      operationId: 'checkOrderPage',
      method: 'POST',
      path: '/patients/{id}/order',
      surface: 'page',
      summary: { zh: '核查拟开项目（表单）', en: 'Checks what was ticked, by form' },
      access: { kind: 'right', right: 'order-check:create' },
      limits: LIMITS,
      input: { params: idParams, body: orderFormShape },
      answers: [
        { status: 303, description: 'Checked; on to the verdicts', mediaType: 'none' },
        { status: 200, description: 'The form with the list narrowed', mediaType: 'text/html' },
        { status: 400, description: 'The form again with what is missing', mediaType: 'text/html' },
      ],
      failure: NOT_CHECKED,
      deadlineMs: 10_000,
      async handle(call) {
        const id = call.params.id as PublicId;
        const draft = draftOf(call.body);
        if (call.body.act === 'narrow') return renderOrder(call, id, draft, null);
        const orderables = valueOf(await flows.orderables(call.actor));
        const request = requestOf(draft, id, staffOf(call.actor), orderables);
        if (typeof request === 'string') return renderOrder(call, id, draft, request);
        return countCheck(metrics, async () => {
          const answer = valueOf(await flows.check(call.actor, request, call.origin));
          return { status: answer.status, answer: goTo(`/checks/${answer.id}`) };
        });
      },
    }),
    route({
      operationId: 'checkPage',
      method: 'GET',
      path: '/checks/{id}',
      surface: 'page',
      summary: { zh: '核查结果', en: 'The verdicts with their reasons' },
      access: { kind: 'right', right: 'order-check:read' },
      limits: LIMITS,
      input: { params: idParams },
      answers: THE_PAGE,
      handle: (call) => renderCheck(call, call.params.id as PublicId, null),
    }),
    route({
      operationId: 'respondPage',
      method: 'POST',
      path: '/checks/{id}/responses',
      surface: 'page',
      summary: { zh: '应答（表单）', en: 'The answer to one line, by form' },
      access: { kind: 'right', right: 'order-check:answer' },
      limits: LIMITS,
      input: { params: idParams, body: responseFormShape },
      answers: [
        { status: 303, description: 'Recorded; back to the verdicts', mediaType: 'none' },
        { status: 400, description: 'Refused; the page again with the reason', mediaType: 'text/html' },
      ],
      async handle(call) {
        const id = call.params.id as PublicId;
        const refusal = await giveAnswers(flows, call.actor, id, call.body, call.origin);
        if (refusal) return renderCheck(call, id, refusal);
        return goTo(`/checks/${id}${call.body.line > 0 ? `#line-${call.body.line}` : ''}`);
      },
    }),
    route({
      operationId: 'consentOnCheckPage',
      method: 'POST',
      path: '/checks/{id}/consents',
      surface: 'page',
      summary: {
        zh: '登记口头同意，并立即调阅（表单）',
        en: 'Records consent by word of mouth and opens what it opens, by form',
      },
      access: { kind: 'right', right: 'consent:record' },
      limits: LIMITS,
      input: { params: idParams, body: spokenConsentFormShape },
      answers: [
        { status: 303, description: 'Recorded; back to the verdicts', mediaType: 'none' },
        { status: 400, description: 'Refused; the page again with the reason', mediaType: 'text/html' },
      ],
      async handle(call) {
        const id = call.params.id as PublicId;
        const { relation, idempotencyKey } = call.body;
        const recorded = await consents.recordOnCheck(
          call.actor,
          id,
          { relation },
          idempotencyKey,
          call.origin,
        );
        if (!recorded.ok && recorded.reason.status === 400)
          return renderCheck(call, id, null, recorded.reason.zh);
        valueOf(recorded);
        return goTo(`/checks/${id}`);
      },
    }),
    route({
      operationId: 'explanationPage',
      method: 'GET',
      path: '/checks/{id}/explanation',
      surface: 'page',
      summary: { zh: '核查依据', en: 'Every check with its data and citation' },
      access: { kind: 'right', right: 'order-check:read' },
      limits: LIMITS,
      input: { params: idParams, query: explanationQuery },
      answers: THE_PAGE,
      async handle(call) {
        const explanation = valueOf(await flows.explain(call.actor, call.params.id as PublicId, call.origin));
        return page(
          explanationPage({
            viewer: staffOf(call.actor),
            formToken: call.formToken,
            at: clock(),
            explanation,
            isAllOpen: call.query.open === 'all',
          }),
        );
      },
    }),
    route({
      operationId: 'reportPage',
      method: 'GET',
      path: '/reports/{id}',
      surface: 'page',
      summary: { zh: '原报告', en: 'The report as its institution issued it' },
      access: { kind: 'right', right: 'report:read' },
      limits: LIMITS,
      input: { params: idParams },
      answers: THE_PAGE,
      async handle(call) {
        const report = valueOf(await flows.report(call.actor, call.params.id as PublicId, call.origin));
        const person = valueOf(await flows.person(call.actor, report.person as PublicId, call.origin));
        const viewer = staffOf(call.actor);
        return page(
          reportPage({
            viewer,
            formToken: call.formToken,
            at: clock(),
            report,
            person,
            emergency: await emergencyOf(viewer, report.person),
          }),
        );
      },
    }),
  ];
};
