import type { Fault } from '../../../kernel/fault.ts';
import type { Clock } from '../../../kernel/instant.ts';
import type { Result } from '../../../kernel/result.ts';
import { departmentWorkPage } from '../../../web/department-work-page.ts';
import {
  type DepartmentWorkAnswer,
  departmentWorkAnswerShape,
  type DepartmentWorkQuery,
  departmentWorkQueryShape,
} from '../../../web/wire/department-work.ts';
import type { Actor, CallOrigin } from '../flows-port.ts';
import { json, type Limits, page, type Route, route } from '../route.ts';
import { valueOf } from './order-checks.ts';
import { staffOf } from './patient-pages.ts';
import { answers, THE_PAGE } from './declared.ts';

/** The work of the own institution's departments and doctors, as the medical affairs office (医务处) sees it. */
export type DepartmentWork = (
  actor: Actor,
  query: DepartmentWorkQuery,
  origin: CallOrigin,
) => Promise<Result<DepartmentWorkAnswer, Fault>>;

/** Counted over a month: asked for from time to time. */
const COUNTING: Limits = { bodyBytes: 1, perMinute: 60 };

/** The work of departments and doctors, for programs and as a page. */
export const departmentWorkRoutes = (work: DepartmentWork, clock: Clock): Route[] => [
  route({
    operationId: 'readDepartmentWork',
    method: 'GET',
    path: '/api/department-work',
    surface: 'api',
    summary: {
      zh: '本机构各科室、医师的核查与应答',
      en: 'Checks and answers of the own institution by department and doctor',
    },
    access: { kind: 'right', right: 'department-work:read' },
    limits: COUNTING,
    input: { query: departmentWorkQueryShape },
    answers: answers(departmentWorkAnswerShape),
    handle: async ({ actor, query, origin }) => json(valueOf(await work(actor, query, origin))),
  }),
  route({
    operationId: 'departmentWorkPage',
    method: 'GET',
    path: '/department-work',
    surface: 'page',
    summary: { zh: '科室与医师互认情况', en: 'The page of departments and doctors' },
    access: { kind: 'right', right: 'department-work:read' },
    limits: COUNTING,
    input: { query: departmentWorkQueryShape },
    answers: THE_PAGE,
    async handle({ actor, query, origin, formToken }) {
      const done = valueOf(await work(actor, query, origin));
      return page(departmentWorkPage({ viewer: staffOf(actor), formToken, at: clock(), work: done, query }));
    },
  }),
];
