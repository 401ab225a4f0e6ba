import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Fault } from '../../../kernel/fault.ts';
import type { Clock } from '../../../kernel/instant.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { patientSuppliedPage } from '../../../web/patient-supplied-page.ts';
import {
  type PatientSuppliedAnswer,
  type PatientSuppliedList,
  type PatientSuppliedRequest,
  patientSuppliedAnswerShape,
  patientSuppliedListShape,
  patientSuppliedRequestShape,
} from '../../../web/wire/patient-supplied.ts';
import type { Actor, CallOrigin, CheckFlows } from '../flows-port.ts';
import { type Photo, PHOTO_ANSWERS, PHOTO_UPLOAD, photoFileName } from '../photo.ts';
import { type Answer, file, goTo, json, type Limits, page, type Route, route } from '../route.ts';
import { idempotencyHeaders, valueOf } from './order-checks.ts';
import { staffOf } from './patient-pages.ts';
import { answers, idParams, type PageCall, THE_PAGE } from './declared.ts';

/** Paper and film that patients bring (患者自带、未核验). */
export interface PatientSuppliedFlows {
  /** The same key again is the same paper and writes nothing. */
  record(
    actor: Actor,
    person: PublicId,
    request: PatientSuppliedRequest,
    idempotencyKey: string | null,
    origin: CallOrigin,
  ): Promise<Result<PatientSuppliedAnswer, Fault>>;
  list(actor: Actor, person: PublicId, origin: CallOrigin): Promise<Result<PatientSuppliedList, Fault>>;
  photo(actor: Actor, supplied: PublicId, origin: CallOrigin): Promise<Result<Photo, Fault>>;
}

const READING: Limits = { bodyBytes: 1, perMinute: 600 };

/** A form sends every field, an empty one as an empty text; the photo is left out when none was chosen. */
const formShape = z.strictObject({
  idempotencyKey: z.uuid(),
  institution: z.string().max(100).default(''),
  item: z.string().max(100).default(''),
  examinedOn: z.string().max(10).default(''),
  value: z.string().max(1_000).default(''),
  note: z.string().max(500).default(''),
  photo: patientSuppliedRequestShape.shape.photo.optional(),
});

const apiRoutes = (flows: PatientSuppliedFlows): Route[] => [
  route({
    operationId: 'recordPatientSupplied',
    method: 'POST',
    path: '/api/persons/{id}/patient-supplied',
    surface: 'api',
    summary: {
      zh: '登记患者自带的纸质报告或胶片（附照片，未核验）',
      en: 'Records paper or film that the patient brought, with a photo; nothing in it is verified',
    },
    access: { kind: 'right', right: 'patient-supplied:record' },
    limits: PHOTO_UPLOAD,
    upload: true,
    input: { params: idParams, headers: idempotencyHeaders, body: patientSuppliedRequestShape },
    answers: answers(patientSuppliedAnswerShape),
    handle: async ({ actor, params, headers, body, origin }) =>
      json(
        valueOf(
          await flows.record(actor, params.id as PublicId, body, headers['idempotency-key'] ?? null, origin),
        ),
      ),
  }),
  route({
    operationId: 'listPatientSupplied',
    method: 'GET',
    path: '/api/persons/{id}/patient-supplied',
    surface: 'api',
    summary: { zh: '患者自带资料列表', en: 'Everything that the patient brought' },
    access: { kind: 'right', right: 'patient-supplied:read' },
    limits: READING,
    input: { params: idParams },
    answers: answers(patientSuppliedListShape),
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await flows.list(actor, params.id as PublicId, origin))),
  }),
  route({
    operationId: 'readPatientSuppliedPhoto',
    method: 'GET',
    path: '/api/patient-supplied/{id}/photo',
    surface: 'api',
    summary: { zh: '患者自带资料的照片', en: 'The photo of paper or film' },
    access: { kind: 'right', right: 'patient-supplied:read' },
    limits: READING,
    input: { params: idParams },
    answers: PHOTO_ANSWERS,
    async handle({ actor, params, origin }) {
      const { mediaType, bytes } = valueOf(await flows.photo(actor, params.id as PublicId, origin));
      return file(mediaType, bytes, photoFileName(params.id, mediaType));
    },
  }),
];

const pageRoutes = (flows: PatientSuppliedFlows, checks: CheckFlows, clock: Clock): Route[] => {
  const render = async (
    call: PageCall,
    id: PublicId,
    draft: Readonly<Record<'institution' | 'item' | 'examinedOn' | 'value' | 'note', string>>,
    message: string | null,
  ): Promise<Answer> => {
    const [person, { supplied }] = await Promise.all([
      checks.person(call.actor, id, call.origin).then(valueOf),
      flows.list(call.actor, id, call.origin).then(valueOf),
    ]);
    const view = {
      viewer: staffOf(call.actor),
      formToken: call.formToken,
      at: clock(),
      person,
      supplied,
      draft,
      message,
      idempotencyKey: randomUUID(),
    };
    return page(patientSuppliedPage(view), message === null ? 200 : 400);
  };
  const empty = { institution: '', item: '', examinedOn: '', value: '', note: '' };
  return [
    route({
      operationId: 'patientSuppliedPage',
      method: 'GET',
      path: '/patients/{id}/supplied',
      surface: 'page',
      summary: {
        zh: '患者自带资料：列表与登记',
        en: 'What the patient brought, and the form to record more',
      },
      access: { kind: 'right', right: 'patient-supplied:record' },
      limits: READING,
      input: { params: idParams },
      answers: THE_PAGE,
      handle: (call) => render(call, call.params.id as PublicId, empty, null),
    }),
    route({
      operationId: 'recordPatientSuppliedPage',
      method: 'POST',
      path: '/patients/{id}/supplied',
      surface: 'page',
      summary: { zh: '登记患者自带资料（表单）', en: 'Records paper or film, by form' },
      access: { kind: 'right', right: 'patient-supplied:record' },
      limits: PHOTO_UPLOAD,
      upload: true,
      input: { params: idParams, body: formShape },
      answers: [
        { status: 303, description: 'Kept; back to the list', mediaType: 'none' },
        { status: 400, description: 'The form again with what is wrong', mediaType: 'text/html' },
      ],
      async handle(call) {
        const id = call.params.id as PublicId;
        const { idempotencyKey, photo, ...draft } = call.body;
        const given = Object.fromEntries(Object.entries(draft).filter(([, text]) => text.trim() !== ''));
        const request = patientSuppliedRequestShape.safeParse({ ...given, photo });
        if (!request.success)
          return render(call, id, draft, '请填写出具机构、项目并附照片；日期格式为 年-月-日。');
        const kept = await flows.record(call.actor, id, request.data, idempotencyKey, call.origin);
        if (!kept.ok && kept.reason.status !== 404 && kept.reason.status < 500)
          return render(call, id, draft, kept.reason.zh);
        valueOf(kept);
        return goTo(`/patients/${id}/supplied`);
      },
    }),
  ];
};

/** API and page of paper and film that patients bring. */
export const patientSuppliedRoutes = (
  flows: PatientSuppliedFlows,
  checks: CheckFlows,
  clock: Clock,
): Route[] => [...apiRoutes(flows), ...pageRoutes(flows, checks, clock)];
