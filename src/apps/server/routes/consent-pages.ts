import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { CONSENT_ACT_KINDS, CONSENT_RELATIONS } from '../../../consent/index.ts';
import { type Clock, DAY_MS, instant, isoInstant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  consentDeskPage,
  type ConsentDraft,
  consentPaperPage,
  type ConsentReview,
  type NamedHospital,
} from '../../../web/consent-desk-pages.ts';
import { consentEffect, toldKind } from '../../../web/consent-effect.ts';
import { consentClosedPage, consentPhonePage } from '../../../web/consent-pages.ts';
import { type ConsentOverview, type ConsentRequest, consentRequestShape } from '../../../web/wire/consent.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import { CONSENT_TOKEN_CHARACTERS_MAX } from '../../flows/consent/consent-link.ts';
import type { Actor, CallOrigin, CheckFlows } from '../flows-port.ts';
import { PHOTO_UPLOAD } from '../photo.ts';
import { type Answer, goTo, type Limits, page, publicRoute, type Route, route } from '../route.ts';
import type { ConsentCode, ConsentFlows } from './consents-port.ts';
import { valueOf } from './order-checks.ts';
import { staffOf } from './patient-pages.ts';

const READING: Limits = { bodyBytes: 1, perMinute: 600 };
const FORM: Limits = { bodyBytes: 16 * 1024, perMinute: 120 };

const idParams = z.strictObject({ id: publicIdShape });
const tokenParams = z.strictObject({
  token: z
    .string()
    .regex(/^[\w.-]+$/)
    .max(CONSENT_TOKEN_CHARACTERS_MAX),
});

const EMPTY: ConsentDraft = {
  kind: 'consented',
  way: 'registration',
  relation: 'self',
  representative: '',
  witness: '',
  recipient: 'own-institution',
  lasts: 'until-withdrawn',
  recordClass: '',
  source: '',
};

/** What is decided, before anybody signs. */
const choiceMembers = {
  kind: z.enum(CONSENT_ACT_KINDS),
  relation: z.string().max(16),
  recipient: z.enum(['own-institution', 'all']),
  lasts: z.enum(['until-withdrawn', 'visit', 'year']),
  recordClass: z.string().max(128).default(''),
  source: z.string().trim().max(128).default(''),
};

/** A form sends every field, an empty one as an empty text. */
const deskFormShape = z.strictObject({
  idempotencyKey: z.uuid(),
  ...choiceMembers,
  way: z.string().max(16),
  representative: z.string().max(100).default(''),
  witness: z.string().max(64).default(''),
  scan: consentRequestShape.shape.scan,
});

const phoneFormShape = z.strictObject({
  idempotencyKey: z.uuid(),
  kind: z.enum(['consented', 'denied', 'withdrawn']),
  relation: z.enum(CONSENT_RELATIONS),
  representative: z.string().trim().max(100).default(''),
  scope: z.enum(['visit', 'own-institution', 'all']),
});

const CHOICE = z.strictObject(choiceMembers);

/** The hospital that a text names by its code or whole name; undefined when none or several do. */
const hospitalNamed = (hospitals: readonly NamedHospital[], text: string): NamedHospital | undefined => {
  const byCode = hospitals.find(({ code }) => code === text);
  const named = hospitals.filter(({ nameZh }) => nameZh === text);
  return byCode ?? (named.length === 1 ? named[0] : undefined);
};

const LASTS_DAYS: Readonly<Record<string, number>> = { visit: 1, year: 365 };

const PAGE = [{ status: 200, description: 'The page', mediaType: 'text/html' }] as const;

interface PageCall {
  readonly actor: Actor;
  readonly formToken: string;
  readonly origin: CallOrigin;
}

/** What the page shows beside the consent itself. */
interface Shown {
  readonly message?: string | null;
  readonly code?: ConsentCode | null;
  /** True where what was chosen is to be seen with what follows from it. */
  readonly reviewed?: boolean;
}

const NO_SUCH_HOSPITAL = '没有找到这家医院，尚未登记；请从列表中选择名称。';

const reviewOf = (
  draft: ConsentDraft,
  { wording, classes, default: fallback }: ConsentOverview,
  hospitals: readonly NamedHospital[],
  { institution }: Actor,
): ConsentReview | typeof NO_SUCH_HOSPITAL => {
  const hospital = draft.source === '' ? null : hospitalNamed(hospitals, draft.source);
  if (hospital === undefined) return NO_SUCH_HOSPITAL;
  const ofClass = classes.find(({ code }) => code === draft.recordClass);
  const reader = draft.recipient === 'all' ? undefined : hospitals.find(({ code }) => code === institution);
  const kind = toldKind(draft.kind as ConsentRequest['kind'], fallback, ofClass !== undefined);
  return {
    hospital,
    effectZh: consentEffect(wording, kind, {
      hospitalZh: hospital?.nameZh ?? null,
      classZh: ofClass?.text.zh ?? null,
      readerZh: reader?.nameZh ?? null,
    }),
  };
};

const deskRoutes = (flows: ConsentFlows, checks: CheckFlows, clock: Clock): Route[] => {
  const render = async (
    call: PageCall,
    id: PublicId,
    draft: ConsentDraft,
    { message = null, code = null, reviewed = false }: Shown = {},
  ): Promise<Answer> => {
    const [person, overview, hospitals] = await Promise.all([
      checks.person(call.actor, id, call.origin).then(valueOf),
      flows.overview(call.actor, id, call.origin).then(valueOf),
      flows.hospitals(),
    ]);
    const review = reviewed ? reviewOf(draft, overview, hospitals, call.actor) : null;
    const told = review === NO_SUCH_HOSPITAL ? NO_SUCH_HOSPITAL : message;
    const view = {
      viewer: staffOf(call.actor),
      formToken: call.formToken,
      at: clock(),
      person,
      overview,
      hospitals,
      draft,
      message: told,
      code,
      review: typeof review === 'string' ? null : review,
      idempotencyKey: randomUUID(),
    };
    return page(consentDeskPage(view), told === null ? 200 : 400);
  };
  const requestOf = (form: z.output<typeof deskFormShape>): ConsentRequest | null => {
    const {
      idempotencyKey: _key,
      lasts,
      representative,
      witness,
      recordClass,
      source,
      scan,
      ...stated
    } = form;
    const days = LASTS_DAYS[lasts];
    const request = consentRequestShape.safeParse({
      ...stated,
      ...(representative.trim() === '' ? {} : { representative }),
      ...(witness.trim() === '' ? {} : { witness }),
      ...(recordClass === '' ? {} : { recordClass }),
      ...(source === '' ? {} : { source }),
      ...(days === undefined ? {} : { until: isoInstant(instant(clock() + days * DAY_MS)) }),
      ...(scan ? { scan } : {}),
    });
    return request.success ? request.data : null;
  };
  return [
    route({
      operationId: 'consentDeskPage',
      method: 'GET',
      path: '/patients/{id}/consent',
      surface: 'page',
      summary: { zh: '授权登记', en: "A patient's consent: what counts, a code for the phone, the form" },
      access: { kind: 'right', right: 'consent:record' },
      limits: READING,
      input: { params: idParams },
      answers: PAGE,
      handle: (call) => render(call, call.params.id as PublicId, EMPTY),
    }),
    route({
      operationId: 'reviewConsentPage',
      method: 'POST',
      path: '/patients/{id}/consent/review',
      surface: 'page',
      summary: {
        zh: '登记前看清后果',
        en: 'What would follow from a decision, before anybody signs it; records nothing',
      },
      access: { kind: 'right', right: 'consent:record' },
      limits: FORM,
      input: { params: idParams, body: CHOICE },
      answers: [
        ...PAGE,
        { status: 400, description: 'The form again with what is wrong', mediaType: 'text/html' },
      ],
      handle: (call) =>
        render(call, call.params.id as PublicId, { ...EMPTY, ...call.body }, { reviewed: true }),
    }),
    route({
      operationId: 'recordConsentPage',
      method: 'POST',
      path: '/patients/{id}/consent',
      surface: 'page',
      summary: { zh: '登记授权（表单，可附扫描件）', en: 'Records an act of consent, by form, with a scan' },
      access: { kind: 'right', right: 'consent:record' },
      limits: PHOTO_UPLOAD,
      upload: true,
      input: { params: idParams, body: deskFormShape },
      answers: [
        { status: 303, description: 'Recorded; back to the page', mediaType: 'none' },
        { status: 400, description: 'The form again with what is wrong', mediaType: 'text/html' },
      ],
      async handle(call) {
        const id = call.params.id as PublicId;
        const { idempotencyKey, scan: _scan, ...draft } = call.body;
        const request = requestOf(call.body);
        if (!request)
          return render(call, id, draft, { message: '请选择决定、方式和与患者关系。', reviewed: true });
        const kept = await flows.record(call.actor, id, request, idempotencyKey, call.origin);
        if (!kept.ok && kept.reason.status !== 404 && kept.reason.status < 500)
          return render(call, id, draft, { message: kept.reason.zh, reviewed: true });
        valueOf(kept);
        return goTo(`/patients/${id}/consent`);
      },
    }),
    route({
      operationId: 'consentCodePage',
      method: 'POST',
      path: '/patients/{id}/consent-code',
      surface: 'page',
      summary: {
        zh: '出示授权二维码',
        en: 'Shows a code by which the patient decides on a phone within a quarter of an hour',
      },
      access: { kind: 'right', right: 'consent:record' },
      limits: FORM,
      input: { params: idParams, body: z.strictObject({}) },
      answers: PAGE,
      async handle(call) {
        const id = call.params.id as PublicId;
        const code = valueOf(await flows.invite(call.actor, id, call.origin));
        return render(call, id, EMPTY, { code });
      },
    }),
    route({
      operationId: 'consentPaperPage',
      method: 'GET',
      path: '/patients/{id}/consent/paper',
      surface: 'page',
      summary: { zh: '打印授权书', en: 'The paper to be signed' },
      access: { kind: 'right', right: 'consent:record' },
      limits: READING,
      input: { params: idParams },
      answers: PAGE,
      async handle(call) {
        const id = call.params.id as PublicId;
        const [person, overview] = await Promise.all([
          checks.person(call.actor, id, call.origin).then(valueOf),
          flows.overview(call.actor, id, call.origin).then(valueOf),
        ]);
        const viewer = staffOf(call.actor);
        return page(consentPaperPage({ viewer, formToken: call.formToken, at: clock(), person, overview }));
      },
    }),
  ];
};

const phoneRoutes = (flows: ConsentFlows): Route[] => {
  const render = async (
    call: { readonly formToken: string; readonly origin: CallOrigin },
    token: string,
    told: { readonly message: string | null; readonly doneZh: string | null },
  ): Promise<Answer> => {
    const invited = await flows.invited(token, call.origin);
    if (!invited) return page(consentClosedPage(), 410);
    const view = { ...invited, ...told, formToken: call.formToken, idempotencyKey: randomUUID() };
    return page(consentPhonePage(view), told.message === null ? 200 : 400);
  };
  return [
    publicRoute({
      operationId: 'consentPhonePage',
      method: 'GET',
      path: '/consent/{token}',
      surface: 'page',
      summary: {
        zh: '患者扫码授权',
        en: 'What the patient reads and decides by a code; the code is the credential and expires',
      },
      limits: { bodyBytes: 1, perMinute: 60 },
      input: { params: tokenParams },
      answers: [
        ...PAGE,
        { status: 410, description: 'The code opens nothing (any more)', mediaType: 'text/html' },
      ],
      handle: (call) => render(call, call.params.token, { message: null, doneZh: null }),
    }),
    publicRoute({
      operationId: 'decideByConsentCode',
      method: 'POST',
      path: '/consent/{token}',
      surface: 'page',
      summary: { zh: '患者扫码授权（表单）', en: 'The decision of whoever holds the code, by form' },
      limits: { bodyBytes: 4 * 1024, perMinute: 60 },
      input: { params: tokenParams, body: phoneFormShape },
      answers: [
        { status: 200, description: 'Recorded, with what follows from it', mediaType: 'text/html' },
        { status: 400, description: 'The page again with what is wrong', mediaType: 'text/html' },
        { status: 410, description: 'The code opens nothing (any more)', mediaType: 'text/html' },
      ],
      async handle(call) {
        const { token } = call.params;
        const { idempotencyKey, representative, ...act } = call.body;
        const named = representative === '' ? null : representative;
        const recorded = await flows.recordInvited(
          token,
          { ...act, representative: named },
          idempotencyKey,
          call.origin,
        );
        if (recorded.ok) return render(call, token, { message: null, doneZh: recorded.value.effectZh });
        if (recorded.reason.status >= 500) throw recorded.reason;
        return render(call, token, { message: recorded.reason.zh, doneZh: null });
      },
    }),
  ];
};

/** The desk where consent is recorded, and the page on the patient's phone. */
export const consentPageRoutes = (flows: ConsentFlows, checks: CheckFlows, clock: Clock): Route[] => [
  ...deskRoutes(flows, checks, clock),
  ...phoneRoutes(flows),
];
