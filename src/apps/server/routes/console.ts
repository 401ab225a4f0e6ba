import { z as zod } from 'zod';
import {
  consoleScopeShape,
  discardRequestShape,
  institutionsAnswerShape,
  itemsAnswerShape,
  itemsQueryShape,
  mapCodesRequestShape,
  mappingPreviewAnswerShape,
  mappingPreviewRequestShape,
  messageAnswerShape,
  messageIdShape,
  messagesAnswerShape,
  messagesQueryShape,
  messageTestAnswerShape,
  messageTestRequestShape,
  overviewAnswerShape,
  overviewQueryShape,
  publishedMapAnswerShape,
  replayRequestShape,
  replayResultShape,
  restoreMapRequestShape,
  unknownSendersAnswerShape,
  unmappedAnswerShape,
} from '../../../web/wire/console.ts';
import { json, type Limits, type Route, route } from '../route.ts';
import type { ConsoleFlows } from './console-port.ts';
import { valueOf } from './order-checks.ts';
import { answers } from './declared.ts';

const LOOKING: Limits = { bodyBytes: 64 * 1024, perMinute: 600 };
/** A message is read, stored and taken back: dearer than a look. */
const TRYING: Limits = { bodyBytes: 6 * 1024 * 1024, perMinute: 60 };

const idParams = zod.strictObject({ id: messageIdShape });

const messageRoutes = (flows: ConsoleFlows): Route[] => [
  route({
    operationId: 'listConsoleInstitutions',
    method: 'GET',
    path: '/api/console/institutions',
    surface: 'api',
    summary: { zh: '可查看的医疗机构', en: 'Institutions whose messages the caller may look at' },
    access: { kind: 'right', right: 'console:read' },
    limits: LOOKING,
    input: {},
    answers: answers(institutionsAnswerShape),
    handle: async ({ actor }) => json(await flows.institutions(actor)),
  }),
  route({
    operationId: 'readConsoleOverview',
    method: 'GET',
    path: '/api/console/overview',
    surface: 'api',
    summary: {
      zh: '消息总览：已受理、已隔离、重复、未对码',
      en: 'Messages accepted, quarantined and repeated, by sender and time, and what waits',
    },
    access: { kind: 'right', right: 'console:read' },
    limits: LOOKING,
    input: { query: overviewQueryShape },
    answers: answers(overviewAnswerShape),
    handle: async ({ actor, query }) => json(await flows.overview(actor, query.institution, query.span)),
  }),
  route({
    operationId: 'listUnknownSenders',
    method: 'GET',
    path: '/api/console/unknown-senders',
    surface: 'api',
    summary: {
      zh: '未登记的发送系统及其隔离消息数',
      en: 'Senders whose messages wait because their MSH-3 and MSH-4 are not registered',
    },
    access: { kind: 'right', right: 'unknown-sender:read' },
    limits: LOOKING,
    input: {},
    answers: answers(unknownSendersAnswerShape),
    handle: async () => json(await flows.unknownSenders()),
  }),
  route({
    operationId: 'listConsoleMessages',
    method: 'GET',
    path: '/api/console/messages',
    surface: 'api',
    summary: { zh: '消息列表', en: 'Messages, newest first; names nobody' },
    access: { kind: 'right', right: 'console:read' },
    limits: LOOKING,
    input: { query: messagesQueryShape },
    answers: answers(messagesAnswerShape),
    handle: async ({ actor, query }) => json(await flows.messages(actor, query)),
  }),
  route({
    operationId: 'readConsoleMessage',
    method: 'GET',
    path: '/api/console/messages/{id}',
    surface: 'api',
    summary: {
      zh: '打开一条消息：原文与平台的理解逐字段对照',
      en: 'Opens one message: as sent, and as understood, field by field. Recorded',
    },
    access: { kind: 'right', right: 'message:read' },
    limits: LOOKING,
    input: { params: idParams },
    answers: answers(messageAnswerShape),
    handle: async ({ actor, params, origin }) => json(valueOf(await flows.message(actor, params.id, origin))),
  }),
  route({
    operationId: 'replayConsoleMessage',
    method: 'POST',
    path: '/api/console/messages/{id}/replays',
    surface: 'api',
    summary: {
      zh: '重放隔离的消息（原样或修改后的副本）',
      en: 'Tries a quarantined message again, as sent or with an edited copy kept beside it',
    },
    access: { kind: 'right', right: 'message:mend' },
    limits: TRYING,
    input: { params: idParams, body: replayRequestShape },
    answers: answers(replayResultShape),
    handle: async ({ actor, params, body, origin }) =>
      json(valueOf(await flows.replay(actor, params.id, body, origin))),
  }),
  route({
    operationId: 'discardConsoleMessage',
    method: 'POST',
    path: '/api/console/messages/{id}/discards',
    surface: 'api',
    summary: { zh: '放弃隔离的消息（内容仍保存）', en: 'Gives a quarantined message up; it stays on record' },
    access: { kind: 'right', right: 'message:mend' },
    limits: LOOKING,
    input: { params: idParams, body: discardRequestShape },
    answers: answers(messageAnswerShape),
    handle: async ({ actor, params, body, origin }) =>
      json(valueOf(await flows.discard(actor, params.id, body.reason, origin))),
  }),
  route({
    operationId: 'testConsoleMessage',
    method: 'POST',
    path: '/api/console/message-tests',
    surface: 'api',
    summary: {
      zh: '试读一条消息，不保存',
      en: 'Reads a message and says how it would be answered; stores nothing of it',
    },
    access: { kind: 'right', right: 'message:read' },
    limits: TRYING,
    input: { body: messageTestRequestShape },
    answers: answers(messageTestAnswerShape),
    handle: async ({ actor, body, origin }) => json(await flows.test(actor, body, origin)),
  }),
];

const codeRoutes = (flows: ConsoleFlows): Route[] => [
  route({
    operationId: 'listUnmappedCodes',
    method: 'GET',
    path: '/api/console/code-map',
    surface: 'api',
    summary: {
      zh: '未对码的院内代码与建议',
      en: 'Local codes that wait for an item, with suggestions',
    },
    access: { kind: 'right', right: 'code-map:read' },
    limits: LOOKING,
    input: { query: consoleScopeShape },
    answers: answers(unmappedAnswerShape),
    handle: async ({ actor, query }) => json(await flows.unmapped(actor, query.institution)),
  }),
  route({
    operationId: 'searchConsoleItems',
    method: 'GET',
    path: '/api/console/items',
    surface: 'api',
    summary: { zh: '检索目录项目', en: 'Finds items of the catalogue by name, code or pinyin initials' },
    access: { kind: 'right', right: 'code-map:read' },
    limits: LOOKING,
    input: { query: itemsQueryShape },
    answers: answers(itemsAnswerShape),
    handle: async ({ query }) => json(await flows.items(query.search)),
  }),
  route({
    operationId: 'previewMapping',
    method: 'POST',
    path: '/api/console/code-map/previews',
    surface: 'api',
    summary: { zh: '预览对码的效果', en: 'What mapping a code would free' },
    access: { kind: 'right', right: 'code-map:read' },
    limits: LOOKING,
    input: { body: mappingPreviewRequestShape },
    answers: answers(mappingPreviewAnswerShape),
    handle: async ({ actor, body }) => json(valueOf(await flows.previewMapping(actor, body))),
  }),
  route({
    operationId: 'mapCodes',
    method: 'POST',
    path: '/api/console/code-map/entries',
    surface: 'api',
    summary: {
      zh: '确认对码，发布本机构对码表的新版本',
      en: "Maps local codes: publishes a new version of the institution's code map",
    },
    access: { kind: 'right', right: 'code-map:change' },
    limits: TRYING,
    input: { body: mapCodesRequestShape },
    answers: answers(publishedMapAnswerShape),
    handle: async ({ actor, body, origin }) => json(valueOf(await flows.mapCodes(actor, body, origin))),
  }),
  route({
    operationId: 'restoreCodeMap',
    method: 'POST',
    path: '/api/console/code-map/restorations',
    surface: 'api',
    summary: {
      zh: '撤销：恢复对码表的上一版本',
      en: 'Undoes: publishes the content of the version before again',
    },
    access: { kind: 'right', right: 'code-map:change' },
    limits: TRYING,
    input: { body: restoreMapRequestShape },
    answers: answers(publishedMapAnswerShape),
    handle: async ({ actor, body, origin }) => json(valueOf(await flows.restoreMap(actor, body, origin))),
  }),
];

/** The API of the institution console. */
export const consoleRoutes = (flows: ConsoleFlows): Route[] => [
  ...messageRoutes(flows),
  ...codeRoutes(flows),
];
