import { z } from 'zod';
import type { Fault } from '../../../kernel/fault.ts';
import type { Clock } from '../../../kernel/instant.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  cardEmergencyPage,
  type EmergencyDraft,
  type EmergencyView,
  emergencyPage,
} from '../../../web/emergency-pages.ts';
import {
  type EmergencyAnswer,
  type EmergencyRequest,
  emergencyAnswerShape,
  emergencyRequestShape,
} from '../../../web/wire/emergency-access.ts';
import { CARD_ASSETS } from '../card-assets.ts';
import type { CallOrigin, CheckFlows, LaunchedActor, StaffActor } from '../flows-port.ts';
import {
  type Answer,
  type AnswerShape,
  cardRoute,
  goTo,
  json,
  type Limits,
  page,
  type Route,
  route,
} from '../route.ts';
import { valueOf } from './order-checks.ts';
import { staffOf } from './patient-pages.ts';
import { answers, idParams, type PageCall } from './declared.ts';

/** Emergency access (破窗). */
export interface EmergencyFlows {
  /** Whether the actor has one open to a person. */
  state(actor: StaffActor | LaunchedActor, person: PublicId): Promise<Result<EmergencyAnswer, Fault>>;
  /** Opens one; where one is open already, that one. */
  open(
    actor: StaffActor | LaunchedActor,
    person: PublicId,
    request: EmergencyRequest,
    origin: CallOrigin,
  ): Promise<Result<EmergencyAnswer, Fault>>;
  /** Ends the one that the actor has open; where none is, nothing happens. */
  end(
    actor: StaffActor | LaunchedActor,
    person: PublicId,
    origin: CallOrigin,
  ): Promise<Result<EmergencyAnswer, Fault>>;
  /** Of whom the check of a launched doctor is. */
  personOfCheck(actor: LaunchedActor): Promise<Result<PublicId, Fault>>;
}

const READING: Limits = { bodyBytes: 1, perMinute: 600 };
/** Few: every call may check a password. */
const OPENING: Limits = { bodyBytes: 8 * 1024, perMinute: 10 };

/** Ending asks for nothing. */
const ENDING: Limits = { bodyBytes: 1024, perMinute: 60 };

const tokenParams = z.strictObject({ token: z.string() });
const noFields = z.strictObject({});
/** Pages that can end an emergency access and stay readable after it. Nothing else is gone back to. */
const PAGES_THAT_END = /^\/(?:checks\/[0-9a-f-]{36}|patients\/[0-9a-f-]{36}\/order)$/;
const endingFormShape = z.strictObject({ back: z.string().regex(PAGES_THAT_END).optional() });
const formShape = z.strictObject({
  reason: z.string().max(40).default(''),
  text: z.string().max(500).default(''),
  confirmation: z.string().max(200).default(''),
});
type Form = z.output<typeof formShape>;

const EMPTY: EmergencyDraft = { reason: '', text: '' };
const INCOMPLETE = '请选择原因，说明情况（不少于 4 个字），并完成再次确认。';

const pageAnswers: readonly AnswerShape[] = [
  { status: 200, description: 'The form', mediaType: 'text/html' },
];
const openingAnswers: readonly AnswerShape[] = [
  { status: 303, description: 'Opened; back to the patient', mediaType: 'none' },
  { status: 400, description: 'The form again with what is wrong', mediaType: 'text/html' },
];
const endingAnswers: readonly AnswerShape[] = [
  { status: 303, description: 'Ended; back to the patient', mediaType: 'none' },
];
const apiAnswers: readonly AnswerShape[] = answers(emergencyAnswerShape);

/** Tries to open one by form; what is wrong in words, or null when it is open. */
const openByForm = async (
  flows: EmergencyFlows,
  actor: StaffActor | LaunchedActor,
  person: PublicId,
  form: Form,
  origin: CallOrigin,
): Promise<string | null> => {
  const request = emergencyRequestShape.safeParse(form);
  if (!request.success) return INCOMPLETE;
  const opened = await flows.open(actor, person, request.data, origin);
  return opened.ok ? null : opened.reason.zh;
};

const apiRoutes = (flows: EmergencyFlows): Route[] => [
  route({
    operationId: 'readEmergencyAccess',
    method: 'GET',
    path: '/api/persons/{id}/emergency-access',
    surface: 'api',
    summary: {
      zh: '本人对该患者的紧急调阅是否开启（不表示有无结果）',
      en: 'Whether the caller has an emergency access open; says nothing of whether there is anything to see',
    },
    access: { kind: 'right', right: 'emergency-access:open' },
    limits: READING,
    input: { params: idParams },
    answers: apiAnswers,
    handle: async ({ actor, params }) =>
      json(valueOf(await flows.state(staffOf(actor), params.id as PublicId))),
  }),
  route({
    operationId: 'openEmergencyAccess',
    method: 'POST',
    path: '/api/persons/{id}/emergency-access',
    surface: 'api',
    summary: {
      zh: '开启紧急调阅（破窗）：限时、告知患者、事后审查',
      en: 'Opens an emergency access: for a while, told to the patient, reviewed afterwards',
    },
    access: { kind: 'right', right: 'emergency-access:open' },
    limits: OPENING,
    input: { params: idParams, body: emergencyRequestShape },
    answers: apiAnswers,
    handle: async ({ actor, params, body, origin }) =>
      json(valueOf(await flows.open(staffOf(actor), params.id as PublicId, body, origin))),
  }),
  route({
    operationId: 'endEmergencyAccess',
    method: 'POST',
    path: '/api/persons/{id}/emergency-access/ending',
    surface: 'api',
    summary: {
      zh: '提前结束本人开启的紧急调阅',
      en: 'Ends the emergency access that the caller has open, before its time',
    },
    access: { kind: 'right', right: 'emergency-access:open' },
    limits: ENDING,
    input: { params: idParams, body: noFields },
    answers: apiAnswers,
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await flows.end(staffOf(actor), params.id as PublicId, origin))),
  }),
];

const pageRoutes = (flows: EmergencyFlows, checks: CheckFlows, clock: Clock): Route[] => {
  const render = async (
    call: PageCall,
    id: PublicId,
    draft: EmergencyDraft,
    message: string | null,
  ): Promise<Answer> => {
    const viewer = staffOf(call.actor);
    const [state, person] = await Promise.all([
      flows.state(viewer, id).then(valueOf),
      checks.person(call.actor, id, call.origin).then(valueOf),
    ]);
    const view: EmergencyView = { state, person, draft, message, formToken: call.formToken };
    return page(emergencyPage({ ...view, viewer, at: clock() }), message === null ? 200 : 400);
  };
  return [
    route({
      operationId: 'emergencyAccessPage',
      method: 'GET',
      path: '/persons/{id}/emergency-access',
      surface: 'page',
      summary: { zh: '紧急调阅（表单）', en: 'The form to open an emergency access' },
      access: { kind: 'right', right: 'emergency-access:open' },
      limits: READING,
      input: { params: idParams },
      answers: pageAnswers,
      handle: (call) => render(call, call.params.id as PublicId, EMPTY, null),
    }),
    route({
      operationId: 'openEmergencyAccessPage',
      method: 'POST',
      path: '/persons/{id}/emergency-access',
      surface: 'page',
      summary: { zh: '开启紧急调阅', en: 'Opens an emergency access, by form' },
      access: { kind: 'right', right: 'emergency-access:open' },
      limits: OPENING,
      input: { params: idParams, body: formShape },
      answers: openingAnswers,
      async handle(call) {
        const id = call.params.id as PublicId;
        const wrong = await openByForm(flows, staffOf(call.actor), id, call.body, call.origin);
        return wrong === null ? goTo(`/clinician/persons/${id}`) : render(call, id, call.body, wrong);
      },
    }),
    route({
      operationId: 'endEmergencyAccessPage',
      method: 'POST',
      path: '/persons/{id}/emergency-access/ending',
      surface: 'page',
      summary: { zh: '结束紧急调阅', en: 'Ends an emergency access, by form' },
      access: { kind: 'right', right: 'emergency-access:open' },
      limits: ENDING,
      input: { params: idParams, body: endingFormShape },
      answers: endingAnswers,
      async handle({ actor, params, body, origin }) {
        valueOf(await flows.end(staffOf(actor), params.id as PublicId, origin));
        return goTo(body.back ?? `/clinician/persons/${params.id}`);
      },
    }),
  ];
};

const cardPages = (flows: EmergencyFlows, checks: CheckFlows, clock: Clock): Route[] => {
  interface CardCall {
    readonly actor: LaunchedActor;
    readonly formToken: string;
    readonly origin: CallOrigin;
    readonly params: { readonly token: string };
  }
  const render = async (
    call: CardCall,
    id: PublicId,
    draft: EmergencyDraft,
    message: string | null,
  ): Promise<Answer> => {
    const { actor } = call;
    const [state, person] = await Promise.all([
      flows.state(actor, id).then(valueOf),
      checks.person(actor, id, call.origin).then(valueOf),
    ]);
    const view: EmergencyView = { state, person, draft, message, formToken: call.formToken };
    const { staffNumber, department } = actor;
    return page(
      cardEmergencyPage({
        ...view,
        base: `/card/${call.params.token}`,
        assets: CARD_ASSETS,
        watermark: { staffNumber, department, at: clock() },
      }),
      message === null ? 200 : 400,
    );
  };
  return [
    cardRoute({
      operationId: 'cardEmergencyAccess',
      method: 'GET',
      path: '/card/{token}/emergency-access',
      surface: 'page',
      summary: { zh: '紧急调阅（卡片）', en: 'The form to open an emergency access, from the card' },
      limits: READING,
      input: { params: tokenParams },
      answers: pageAnswers,
      handle: async (call) => render(call, valueOf(await flows.personOfCheck(call.actor)), EMPTY, null),
    }),
    cardRoute({
      operationId: 'openCardEmergencyAccess',
      method: 'POST',
      path: '/card/{token}/emergency-access',
      surface: 'page',
      summary: { zh: '在卡片上开启紧急调阅', en: 'Opens an emergency access from the card, by form' },
      limits: OPENING,
      input: { params: tokenParams, body: formShape },
      answers: openingAnswers,
      async handle(call) {
        const person = valueOf(await flows.personOfCheck(call.actor));
        const wrong = await openByForm(flows, call.actor, person, call.body, call.origin);
        if (wrong !== null) return render(call, person, call.body, wrong);
        // The check was made without what the emergency opens. Where it cannot be made again, the card stays as it is.
        await checks.checkAgain(call.actor, call.origin);
        return goTo(`/card/${call.params.token}`);
      },
    }),
    cardRoute({
      operationId: 'endCardEmergencyAccess',
      method: 'POST',
      path: '/card/{token}/emergency-access/ending',
      surface: 'page',
      summary: { zh: '在卡片上结束紧急调阅', en: 'Ends an emergency access from the card, by form' },
      limits: ENDING,
      input: { params: tokenParams, body: noFields },
      answers: endingAnswers,
      async handle({ actor, params, origin }) {
        const person = valueOf(await flows.personOfCheck(actor));
        valueOf(await flows.end(actor, person, origin));
        return goTo(`/card/${params.token}`);
      },
    }),
  ];
};

/** API, pages and card of emergency access. */
export const emergencyRoutes = (flows: EmergencyFlows, checks: CheckFlows, clock: Clock): Route[] => [
  ...apiRoutes(flows),
  ...pageRoutes(flows, checks, clock),
  ...cardPages(flows, checks, clock),
];
