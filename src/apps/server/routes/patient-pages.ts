import { z } from 'zod';
import type { Clock } from '../../../kernel/instant.ts';
import { findPatientPage, otherRolePage, type SearchEcho } from '../../../web/patient-pages.ts';
import { personSearchRequestShape } from '../../../web/wire/order-check-request.ts';
import type { PersonSearchAnswer } from '../../../web/wire/order-check-answer.ts';
import type { Actor, CheckFlows, StaffActor } from '../flows-port.ts';
import { goTo, page, type Route, route, signedInRoute } from '../route.ts';
import type { CorrectionFlows } from './corrections.ts';
import { valueOf } from './order-checks.ts';
import { type PageCall } from './declared.ts';

const formShape = z.strictObject({
  by: z.enum(['national-id', 'record-number', 'name']),
  text: z.string().max(100),
  birthDate: z.string().max(10).default(''),
  encounter: z.string().max(64).default(''),
});

/** Pages admit staff alone, so their actor is always a person. */
export const staffOf = (actor: Actor): StaffActor => actor as StaffActor;

/** Home and the search for a patient. Home says how many tickets about errors have news for the viewer. */
export const patientPageRoutes = (
  flows: CheckFlows,
  { countNews }: Pick<CorrectionFlows, 'countNews'>,
  clock: Clock,
): Route[] => {
  const render = async (
    call: PageCall,
    echo: SearchEcho,
    found: PersonSearchAnswer | null,
    message: string | null,
  ) => {
    const [marked, news] = await Promise.all([
      flows.markedChecks(call.actor, call.origin),
      countNews(call.actor),
    ]);
    const { checks } = valueOf(marked);
    const viewer = staffOf(call.actor);
    const view = {
      viewer,
      formToken: call.formToken,
      at: clock(),
      echo,
      found,
      message,
      marked: checks,
      news,
    };
    return page(findPatientPage(view), message === null ? 200 : 400);
  };
  return [
    signedInRoute({
      operationId: 'homePage',
      method: 'GET',
      path: '/',
      surface: 'page',
      summary: { zh: '首页：找患者', en: 'Home: find a patient; patients go on to their own app' },
      access: { kind: 'signed-in', right: 'session:hold' },
      limits: { bodyBytes: 1, perMinute: 600 },
      input: {},
      answers: [
        { status: 200, description: 'The page', mediaType: 'text/html' },
        {
          status: 303,
          description: 'On to where this role works, or to the own data of a patient',
          mediaType: 'none',
        },
      ],
      async handle({ actor: staff, ...call }) {
        if (staff.kind === 'patient') return goTo('/me');
        if (staff.role === 'institution-it' || staff.role === 'operator') return goTo('/institution');
        if (staff.role === 'registrar') return goTo('/desk');
        if (staff.role === 'regulator') return goTo('/oversight/cases');
        if (staff.role === 'privacy-officer') return goTo('/privacy');
        if (staff.role !== 'doctor')
          return page(otherRolePage(staff, call.formToken, await countNews(staff)));
        const blank = { by: 'national-id', text: '', birthDate: '', encounter: '' } as const;
        return render({ ...call, actor: staff }, blank, null, null);
      },
    }),
    route({
      operationId: 'findPatient',
      method: 'POST',
      path: '/patients',
      surface: 'page',
      summary: { zh: '找患者（表单）', en: 'Finds a patient, by form' },
      access: { kind: 'right', right: 'person:search' },
      limits: { bodyBytes: 4 * 1024, perMinute: 120 },
      input: { body: formShape },
      answers: [
        { status: 200, description: 'The people found', mediaType: 'text/html' },
        { status: 400, description: 'The form again with what is wrong', mediaType: 'text/html' },
      ],
      async handle(call) {
        const { by, text, birthDate, encounter } = call.body;
        const wanted = {
          by,
          text,
          ...(birthDate === '' ? {} : { birthDate }),
          ...(encounter.trim() === '' ? {} : { encounter }),
        };
        const request = personSearchRequestShape.safeParse(wanted);
        if (!request.success)
          return render(call, call.body, null, '请填写号码或姓名；出生日期格式为 年-月-日。');
        const found = await flows.searchPersons(call.actor, request.data, call.origin);
        if (!found.ok && found.reason.status < 500) return render(call, call.body, null, found.reason.zh);
        return render(call, call.body, valueOf(found), null);
      },
    }),
  ];
};
