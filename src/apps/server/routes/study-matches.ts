import { z } from 'zod';
import type { Clock } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { placedStudyPage, studyMatchPage } from '../../../web/study-match-page.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import {
  placedStudyListShape,
  placedStudyQueryShape,
  studyMatchDecisionShape,
  studyMatchListShape,
} from '../../../web/wire/study-match.ts';
import { goTo, json, type Limits, page, type Route, route } from '../route.ts';
import { idParams, THE_PAGE } from './declared.ts';
import { valueOf } from './order-checks.ts';
import { staffOf } from './patient-pages.ts';
import type { MatchDecision, StudyMatches } from './study-matches-port.ts';

const READING: Limits = { bodyBytes: 1, perMinute: 600 };
const WRITING: Limits = { bodyBytes: 4 * 1024, perMinute: 120 };
const ACCESS = { kind: 'right', right: 'study-match:work' } as const;

const LIST = [
  {
    status: 200,
    description: 'The worklist',
    mediaType: 'application/json' as const,
    schema: studyMatchListShape,
  },
];

const decisionOf = (body: z.output<typeof studyMatchDecisionShape>): MatchDecision =>
  body.kind === 'give' ? { kind: 'give', person: body.person as PublicId } : body;

/** The worklist of studies that belong to nobody for now, as a page and for programs. */
export const studyMatchRoutes = (matches: StudyMatches, clock: Clock): Route[] => [
  route({
    operationId: 'listStudyMatches',
    method: 'GET',
    path: '/api/study-matches',
    surface: 'api',
    summary: { zh: '待归属影像', en: 'Studies that belong to nobody for now' },
    access: ACCESS,
    limits: READING,
    input: {},
    answers: LIST,
    handle: async ({ actor, origin }) => json(valueOf(await matches.list(actor, origin))),
  }),
  route({
    operationId: 'decideStudyMatch',
    method: 'POST',
    path: '/api/study-matches/{id}/decisions',
    surface: 'api',
    summary: {
      zh: '归入、排除或撤销',
      en: 'Gives a study to a candidate, to none of them, or undoes either',
    },
    access: ACCESS,
    limits: WRITING,
    input: { params: idParams, body: studyMatchDecisionShape },
    answers: LIST,
    handle: async ({ actor, params, body, origin }) =>
      json(valueOf(await matches.decide(actor, params.id as PublicId, decisionOf(body), origin))),
  }),
  route({
    operationId: 'findPlacedStudies',
    method: 'POST',
    path: '/api/study-matches/placed',
    surface: 'api',
    // Numbers of people do not stand in addresses.
    summary: {
      zh: '按检查号查已归入患者的影像',
      en: 'Studies that lie under a person, by accession number or UID',
    },
    access: ACCESS,
    limits: WRITING,
    input: { body: placedStudyQueryShape },
    answers: [
      {
        status: 200,
        description: 'What was found',
        mediaType: 'application/json' as const,
        schema: placedStudyListShape,
      },
    ],
    handle: async ({ actor, body, origin }) =>
      json(valueOf(await matches.placed(actor, body.number, origin))),
  }),
  route({
    operationId: 'setStudyApart',
    method: 'POST',
    path: '/api/study-matches/placed/{id}/apart',
    surface: 'api',
    summary: { zh: '不是这位患者', en: 'Takes a placed study from its person; it waits on the worklist' },
    access: ACCESS,
    limits: WRITING,
    input: { params: idParams },
    answers: LIST,
    handle: async ({ actor, params, origin }) =>
      json(valueOf(await matches.setApart(actor, params.id as PublicId, origin))),
  }),
  route({
    operationId: 'placedStudyPage',
    method: 'POST',
    path: '/study-matches/placed',
    surface: 'page',
    summary: { zh: '按检查号查已归入患者的影像（页面）', en: 'The same as a page' },
    access: ACCESS,
    limits: WRITING,
    input: { body: placedStudyQueryShape },
    answers: THE_PAGE,
    handle: async ({ actor, body, origin, formToken }) =>
      page(
        placedStudyPage({
          ...valueOf(await matches.placed(actor, body.number, origin)),
          number: body.number,
          viewer: staffOf(actor),
          formToken,
          at: clock(),
        }),
      ),
  }),
  route({
    operationId: 'setStudyApartPage',
    method: 'POST',
    path: '/study-matches/placed/{id}',
    surface: 'page',
    summary: { zh: '不是这位患者（页面）', en: 'Takes a placed study from its person, by form' },
    access: ACCESS,
    limits: WRITING,
    input: { params: idParams },
    answers: [{ status: 303, description: 'Done; on to the worklist', mediaType: 'none' }],
    handle: async ({ actor, params, origin }) => {
      const { matches: entries } = valueOf(await matches.setApart(actor, params.id as PublicId, origin));
      const entry = entries.find(({ study }) => study === params.id);
      return goTo(`/study-matches${entry ? `#match-${entry.id}` : ''}`);
    },
  }),
  route({
    operationId: 'studyMatchPage',
    method: 'GET',
    path: '/study-matches',
    surface: 'page',
    summary: { zh: '待归属影像（页面）', en: 'The worklist as a page' },
    access: ACCESS,
    limits: READING,
    input: {},
    answers: THE_PAGE,
    handle: async ({ actor, origin, formToken }) =>
      page(
        studyMatchPage({
          ...valueOf(await matches.list(actor, origin)),
          viewer: staffOf(actor),
          formToken,
          at: clock(),
        }),
      ),
  }),
  route({
    operationId: 'decideStudyMatchPage',
    method: 'POST',
    path: '/study-matches/{id}',
    surface: 'page',
    summary: { zh: '归入、排除或撤销（页面）', en: 'The same by form' },
    access: ACCESS,
    limits: WRITING,
    input: {
      params: idParams,
      body: z.strictObject({ kind: z.enum(['give', 'apart', 'undo']), person: publicIdShape.optional() }),
    },
    answers: [{ status: 303, description: 'Done; back to the worklist', mediaType: 'none' }],
    handle: async ({ actor, params, body, origin }) => {
      const decision = studyMatchDecisionShape.parse(body);
      valueOf(await matches.decide(actor, params.id as PublicId, decisionOf(decision), origin));
      // Whoever works by keyboard goes on where they were.
      return goTo(`/study-matches#match-${params.id}`);
    },
  }),
];
