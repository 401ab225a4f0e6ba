import { z } from 'zod';
import { DAY_MS, type Clock, instant } from '../../../kernel/instant.ts';
import { parseCivilDay } from '../../../kernel/civil-day.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { REPRESENTATION_EVIDENCE, REPRESENTATION_RELATIONS } from '../../../person/index.ts';
import {
  deskAccessLogPage,
  deskPage,
  deskRepeatsPage,
  deskRepresentationsPage,
  deskResultsPage,
  deskVisitPage,
} from '../../../web/desk-pages.ts';
import { DOCUMENT_WORDS, PRESENT_WORDS } from '../../../web/representation-words.ts';
import type { PersonSearchAnswer } from '../../../web/wire/order-check-answer.ts';
import { personSearchRequestShape, publicIdShape } from '../../../web/wire/order-check-request.ts';
import type { Actor, CheckFlows } from '../flows-port.ts';
import { type AnswerShape, goTo, type Limits, page, type Route, route } from '../route.ts';
import type { DeskFlows } from './desk-port.ts';
import { valueOf } from './order-checks.ts';
import { staffOf } from './patient-pages.ts';
import { idParams, THE_PAGE } from './declared.ts';

const READING: Limits = { bodyBytes: 1, perMinute: 600 };
const FORM: Limits = { bodyBytes: 4 * 1024, perMinute: 120 };
const GONE_ON: readonly AnswerShape[] = [{ status: 303, description: 'Done', mediaType: 'none' }];

const searchShape = z.strictObject({
  by: z.enum(['national-id', 'record-number', 'name']),
  text: z.string().max(100),
  birthDate: z.string().max(10).default(''),
});
const beginShape = z.strictObject({
  person: publicIdShape,
  present: z.enum(Object.keys(PRESENT_WORDS) as (keyof typeof PRESENT_WORDS)[]),
  document: z.enum(Object.keys(DOCUMENT_WORDS) as (keyof typeof DOCUMENT_WORDS)[]),
});
const ticked = z
  .literal('yes')
  .optional()
  .transform((value) => value === 'yes');
const relationShape = z.strictObject({
  nationalId: z.string().trim().min(15).max(18),
  relation: z.enum(REPRESENTATION_RELATIONS),
  evidence: z.enum(REPRESENTATION_EVIDENCE),
  /** The last day on which it holds. */
  until: z.string().refine((text) => parseCivilDay(text) !== undefined),
  agreed: ticked,
  restricted: ticked,
});

type DeskCall = { readonly actor: Actor; readonly formToken: string };

/** The desk: a patient without a phone does here what others do on theirs, by the hand of whoever serves there. */
export const deskRoutes = (desk: DeskFlows, flows: CheckFlows, clock: Clock): Route[] => {
  const frame = ({ actor, formToken }: DeskCall) => ({ viewer: staffOf(actor), formToken, at: clock() });
  const visitPath = (id: string): string => `/desk/visits/${id}`;
  const home = (call: DeskCall, found: PersonSearchAnswer | null, message: string | null) =>
    page(deskPage({ ...frame(call), found, message }), message === null ? 200 : 400);
  const during = { kind: 'right', right: 'desk-visit:hold' } as const;
  return [
    route({
      operationId: 'deskPage',
      method: 'GET',
      path: '/desk',
      surface: 'page',
      summary: { zh: '服务台', en: "The desk's home" },
      access: { kind: 'right', right: 'desk:open' },
      limits: READING,
      input: {},
      answers: THE_PAGE,
      handle: async (call) => home(call, null, null),
    }),
    route({
      operationId: 'findPatientAtDesk',
      method: 'POST',
      path: '/desk/patients',
      surface: 'page',
      summary: { zh: '服务台找患者', en: 'Finds the patient who stands at the desk' },
      access: { kind: 'right', right: 'person:search' },
      limits: FORM,
      input: { body: searchShape },
      answers: [
        ...THE_PAGE,
        { status: 400, description: 'The form again with what is wrong', mediaType: 'text/html' },
      ],
      async handle(call) {
        const { by, text, birthDate } = call.body;
        const wanted = { by, text, ...(birthDate === '' ? {} : { birthDate }) };
        const request = personSearchRequestShape.safeParse(wanted);
        if (!request.success) return home(call, null, '请填写号码或姓名；出生日期格式为 年-月-日。');
        const found = await flows.searchPersons(call.actor, request.data, call.origin);
        if (!found.ok && found.reason.status < 500) return home(call, null, found.reason.zh);
        return home(call, valueOf(found), null);
      },
    }),
    route({
      operationId: 'beginDeskVisit',
      method: 'POST',
      path: '/desk/visits',
      surface: 'page',
      summary: { zh: '核对证件后开始办理', en: 'Begins a visit once a document was checked' },
      access: during,
      limits: FORM,
      input: { body: beginShape },
      answers: GONE_ON,
      async handle({ actor, body, origin }) {
        const request = { ...body, person: body.person as PublicId };
        return goTo(visitPath(valueOf(await desk.open(staffOf(actor), request, origin))));
      },
    }),
    route({
      operationId: 'deskVisitPage',
      method: 'GET',
      path: '/desk/visits/{id}',
      surface: 'page',
      summary: { zh: '办理事项', en: 'What can be done while the patient stands there' },
      access: during,
      limits: READING,
      input: { params: idParams },
      answers: THE_PAGE,
      async handle(call) {
        const { visit, shown } = await desk.visit(
          staffOf(call.actor),
          call.params.id as PublicId,
          call.origin,
        );
        return page(deskVisitPage({ ...frame(call), visit, notifications: shown }));
      },
    }),
    route({
      operationId: 'deskResultsPage',
      method: 'GET',
      path: '/desk/visits/{id}/results',
      surface: 'page',
      summary: { zh: '当面查看并打印结果', en: "The patient's results, to be printed" },
      access: during,
      limits: READING,
      input: { params: idParams, query: z.strictObject({ restricted: z.literal('shown').optional() }) },
      answers: THE_PAGE,
      async handle(call) {
        const { visit, shown } = await desk.results(
          staffOf(call.actor),
          call.params.id as PublicId,
          call.query.restricted,
          call.origin,
        );
        return page(deskResultsPage({ ...frame(call), visit, results: shown }));
      },
    }),
    route({
      operationId: 'deskRepeatsPage',
      method: 'GET',
      path: '/desk/visits/{id}/repeats',
      surface: 'page',
      summary: { zh: '当面说明为什么又做了一次', en: 'Why something was done again, told at the desk' },
      access: during,
      limits: READING,
      input: { params: idParams },
      answers: THE_PAGE,
      async handle(call) {
        const { visit, shown } = await desk.repeats(
          staffOf(call.actor),
          call.params.id as PublicId,
          call.origin,
        );
        return page(deskRepeatsPage({ ...frame(call), visit, repeats: shown.repeats }));
      },
    }),
    route({
      operationId: 'deskAccessLogPage',
      method: 'GET',
      path: '/desk/visits/{id}/access-log',
      surface: 'page',
      summary: { zh: '当面查看并打印访问记录', en: 'Who looked, to be printed' },
      access: during,
      limits: READING,
      input: { params: idParams },
      answers: THE_PAGE,
      async handle(call) {
        const { visit, shown } = await desk.accessLog(
          staffOf(call.actor),
          call.params.id as PublicId,
          call.origin,
        );
        return page(deskAccessLogPage({ ...frame(call), visit, log: shown }));
      },
    }),
    ...representationRoutes(desk, frame),
    route({
      operationId: 'endDeskVisit',
      method: 'POST',
      path: '/desk/visits/{id}/end',
      surface: 'page',
      summary: { zh: '办理完毕', en: 'Ends a visit before its time' },
      access: during,
      limits: FORM,
      input: { params: idParams },
      answers: GONE_ON,
      async handle({ actor, params }) {
        await desk.close(staffOf(actor), params.id as PublicId);
        return goTo('/desk');
      },
    }),
  ];
};

const representationRoutes = (
  desk: DeskFlows,
  frame: (call: DeskCall) => {
    readonly viewer: ReturnType<typeof staffOf>;
    formToken: string;
    at: ReturnType<Clock>;
  },
): Route[] => {
  const access = { kind: 'right', right: 'desk-visit:hold' } as const;
  const list = async (
    call: DeskCall & { readonly params: { readonly id: string } },
    message: string | null,
  ) => {
    const { visit, shown } = await desk.representations(staffOf(call.actor), call.params.id as PublicId);
    return page(
      deskRepresentationsPage({ ...frame(call), visit, relations: shown, message }),
      message === null ? 200 : 400,
    );
  };
  return [
    route({
      operationId: 'deskRepresentationsPage',
      method: 'GET',
      path: '/desk/visits/{id}/representations',
      surface: 'page',
      summary: { zh: '代办关系', en: 'Who acts for the patient' },
      access,
      limits: READING,
      input: { params: idParams },
      answers: THE_PAGE,
      handle: (call) => list(call, null),
    }),
    route({
      operationId: 'recordRepresentation',
      method: 'POST',
      path: '/desk/visits/{id}/representations',
      surface: 'page',
      summary: { zh: '登记代办人', en: 'Records who may act for the patient, on what evidence, until when' },
      access,
      limits: FORM,
      input: { params: idParams, body: relationShape },
      answers: [
        ...GONE_ON,
        { status: 400, description: 'The form again with what is wrong', mediaType: 'text/html' },
      ],
      async handle(call) {
        const { until, ...stated } = call.body;
        const recorded = await desk.recordRepresentation(
          staffOf(call.actor),
          call.params.id as PublicId,
          { ...stated, until: instant((parseCivilDay(until) as number) + DAY_MS) },
          call.origin,
        );
        if (!recorded.ok) return list(call, recorded.reason.zh);
        return goTo(`/desk/visits/${call.params.id}/representations`);
      },
    }),
    route({
      operationId: 'endRepresentation',
      method: 'POST',
      path: '/desk/visits/{id}/representations/{relation}/end',
      surface: 'page',
      summary: { zh: '结束代办', en: 'Ends a relation by which somebody acts for the patient' },
      access,
      limits: FORM,
      input: { params: idParams.extend({ relation: publicIdShape }) },
      answers: GONE_ON,
      async handle({ actor, params, origin }) {
        valueOf(
          await desk.endRepresentation(
            staffOf(actor),
            params.id as PublicId,
            params.relation as PublicId,
            origin,
          ),
        );
        return goTo(`/desk/visits/${params.id}/representations`);
      },
    }),
  ];
};
