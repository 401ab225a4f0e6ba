import { z } from 'zod';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  doneShape,
  ownAccountShape,
  ownPersonQuery,
  ownRepeatsShape,
  ownReportShape,
  ownResultsQuery,
  ownResultsShape,
  ownSharesShape,
  shareMadeShape,
  shareRequestShape,
} from '../../../web/wire/own-data.ts';
import { ownNotificationsShape } from '../../../web/wire/own-notifications.ts';
import { file, json, type Limits, patientRoute, type Route } from '../route.ts';
import { valueOf } from './order-checks.ts';
import type { OwnDataFlows, OwnQuestion } from './own-data-port.ts';
import { answers, idParams } from './declared.ts';

const READING: Limits = { bodyBytes: 1, perMinute: 600 };
const ACTING: Limits = { bodyBytes: 4 * 1024, perMinute: 60 };

/** What the query says, with ids as the flows know them. */
const questionOf = (query: z.output<typeof ownResultsQuery>): OwnQuestion => ({
  person: query.person as PublicId | undefined,
  restricted: query.restricted,
});

const DONE = json({ done: true });

const readingRoutes = (flows: OwnDataFlows): Route[] => [
  patientRoute({
    operationId: 'readOwnAccount',
    method: 'GET',
    path: '/api/own',
    surface: 'api',
    summary: { zh: '本人与代办关系', en: 'Who is signed in, for whom they act, and who acts for them' },
    access: { kind: 'own', right: 'own-account:read' },
    limits: READING,
    input: {},
    answers: answers(ownAccountShape),
    handle: async ({ actor, formToken }) => json({ ...valueOf(await flows.account(actor)), formToken }),
  }),
  patientRoute({
    operationId: 'readOwnResults',
    method: 'GET',
    path: '/api/own/results',
    surface: 'api',
    summary: { zh: '我的检查检验', en: 'All results of the patient, or of a person the patient acts for' },
    access: { kind: 'own', right: 'own-results:read' },
    limits: READING,
    input: { query: ownResultsQuery },
    answers: answers(ownResultsShape),
    handle: async ({ actor, query, origin }) =>
      json(valueOf(await flows.results(actor, questionOf(query), origin))),
  }),
  patientRoute({
    operationId: 'readOwnReport',
    method: 'GET',
    path: '/api/own/reports/{id}',
    surface: 'api',
    summary: {
      zh: '我的一份报告',
      en: 'One report of the patient as its institution issued it, with its versions',
    },
    access: { kind: 'own', right: 'own-results:read' },
    limits: READING,
    input: { params: idParams, query: ownResultsQuery },
    answers: answers(ownReportShape),
    handle: async ({ actor, params, query, origin }) =>
      json(valueOf(await flows.report(actor, params.id as PublicId, questionOf(query), origin))),
  }),
  patientRoute({
    operationId: 'readOwnAttachment',
    method: 'GET',
    path: '/api/own/reports/{id}/attachments/{n}',
    surface: 'api',
    summary: { zh: '报告附件', en: 'A document that came with a report of the patient' },
    access: { kind: 'own', right: 'own-results:read' },
    limits: READING,
    input: {
      params: idParams.extend({ n: z.coerce.number().int().min(1).max(1_000) }),
      query: ownResultsQuery,
    },
    answers: [
      { status: 200, description: 'A PDF', mediaType: 'application/pdf' },
      { status: 200, description: 'A picture', mediaType: 'image/jpeg' },
      { status: 200, description: 'A picture', mediaType: 'image/png' },
      { status: 200, description: 'Anything else', mediaType: 'application/octet-stream' },
    ],
    async handle({ actor, params, query, origin }) {
      const wanted = { report: params.id as PublicId, n: params.n };
      const found = valueOf(await flows.attachment(actor, wanted, questionOf(query), origin));
      return file(found.mediaType, found.bytes, `report-${params.id}-${params.n}`);
    },
  }),
  patientRoute({
    operationId: 'readOwnRepeats',
    method: 'GET',
    path: '/api/own/repeats',
    surface: 'api',
    summary: {
      zh: '为什么又做了一次',
      en: 'Why something was done again although there was an earlier result',
    },
    access: { kind: 'own', right: 'own-results:read' },
    limits: READING,
    input: { query: ownResultsQuery },
    answers: answers(ownRepeatsShape),
    handle: async ({ actor, query, origin }) =>
      json(valueOf(await flows.repeats(actor, questionOf(query), origin))),
  }),
  patientRoute({
    operationId: 'listOwnNotifications',
    method: 'GET',
    path: '/api/own/notifications',
    surface: 'api',
    summary: {
      zh: '给患者的通知：紧急调阅及其复核结果',
      en: 'What the patient is told unasked: emergency accesses, and what was found about them',
    },
    access: { kind: 'own', right: 'own-notification:read' },
    limits: READING,
    input: { query: ownPersonQuery },
    answers: answers(ownNotificationsShape),
    handle: async ({ actor, query, origin }) =>
      json(valueOf(await flows.notifications(actor, questionOf(query), origin))),
  }),
  patientRoute({
    operationId: 'openOwnNotification',
    method: 'POST',
    path: '/api/own/notifications/{id}/readings',
    surface: 'api',
    summary: { zh: '通知已读', en: 'Keeps that a notification was opened; again changes nothing' },
    access: { kind: 'own', right: 'own-notification:read' },
    limits: ACTING,
    input: { params: idParams, body: ownPersonQuery },
    answers: answers(doneShape),
    async handle({ actor, params, body, origin }) {
      valueOf(await flows.openNotification(actor, params.id as PublicId, questionOf(body), origin));
      return DONE;
    },
  }),
  patientRoute({
    operationId: 'listOwnShares',
    method: 'GET',
    path: '/api/own/shares',
    surface: 'api',
    summary: { zh: '我的分享', en: 'Reports and studies that were shared, with every opening' },
    access: { kind: 'own', right: 'own-report:share' },
    limits: READING,
    input: { query: ownPersonQuery },
    answers: answers(ownSharesShape),
    handle: async ({ actor, query }) => json(valueOf(await flows.shares(actor, questionOf(query)))),
  }),
];

/** A patient's own data. Ids of others are answered like ids that do not exist. */
export const ownDataRoutes = (flows: OwnDataFlows): Route[] => [
  ...readingRoutes(flows),
  patientRoute({
    operationId: 'shareOwnReport',
    method: 'POST',
    path: '/api/own/shares',
    surface: 'api',
    summary: {
      zh: '分享给医生：一份报告，或一次还没有报告的检查的影像，限时二维码',
      en: 'Shows one report, or the images of one study without a report, to whoever is given the code: for some minutes, so many times',
    },
    access: { kind: 'own', right: 'own-report:share' },
    limits: ACTING,
    input: { body: shareRequestShape },
    answers: answers(shareMadeShape),
    handle: async ({ actor, body, origin }) => json(valueOf(await flows.share(actor, body, origin))),
  }),
  patientRoute({
    operationId: 'revokeOwnShare',
    method: 'POST',
    path: '/api/own/shares/{id}/revocation',
    surface: 'api',
    summary: { zh: '撤回分享', en: 'Takes a share back at once' },
    access: { kind: 'own', right: 'own-report:share' },
    limits: ACTING,
    input: { params: idParams, body: ownPersonQuery },
    answers: answers(doneShape),
    async handle({ actor, params, body, origin }) {
      valueOf(await flows.revokeShare(actor, params.id as PublicId, questionOf(body), origin));
      return DONE;
    },
  }),
  patientRoute({
    operationId: 'endOwnRepresentation',
    method: 'POST',
    path: '/api/own/representations/{id}/end',
    surface: 'api',
    summary: { zh: '结束代办', en: 'Ends a relation by which one acts for another, from either end' },
    access: { kind: 'own', right: 'own-representation:end' },
    limits: ACTING,
    input: { params: idParams },
    answers: answers(doneShape),
    async handle({ actor, params, origin }) {
      valueOf(await flows.endRepresentation(actor, params.id as PublicId, origin));
      return DONE;
    },
  }),
];
