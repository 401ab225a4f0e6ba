import { z } from 'zod';
import type { Fault } from '../../../kernel/fault.ts';
import { civilTimeText } from '../../../kernel/civil-day.ts';
import { parseInstant } from '../../../kernel/instant.ts';
import type { Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  type AccessLogAnswer,
  type AccessLogLine,
  type AccessLogQuery,
  type AccessReportAnswer,
  type AccessReportRequest,
  accessLogAnswerShape,
  accessLogQueryShape,
  accessReportAnswerShape,
  accessReportRequestShape,
} from '../../../web/wire/access-log.ts';
import { publicIdShape } from '../../../web/wire/order-check-request.ts';
import { ownPersonQuery } from '../../../web/wire/own-data.ts';
import type { CallOrigin, PatientActor } from '../flows-port.ts';
import { file, json, type Limits, patientRoute, type Route } from '../route.ts';
import { valueOf } from './order-checks.ts';
import { answers } from './declared.ts';

/** 谁看过我的结果, for the patient and whoever acts for the patient. */
export interface OwnAccessLog {
  read(
    actor: PatientActor,
    query: AccessLogQuery,
    origin: CallOrigin,
  ): Promise<Result<AccessLogAnswer, Fault>>;
  /** A line that was not for a visit of the patient's. The same line again is the same case. */
  report(
    actor: PatientActor,
    line: { readonly person?: string | undefined; readonly line: PublicId },
    request: AccessReportRequest,
    origin: CallOrigin,
  ): Promise<Result<AccessReportAnswer, Fault>>;
}

const READING: Limits = { bodyBytes: 1, perMinute: 120 };

/** A cell of CSV (RFC 4180); one that a spreadsheet would run as a formula is made a text. */
const cell = (value: string): string => {
  const tamed = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n\r]/.test(tamed) ? `"${tamed.replaceAll('"', '""')}"` : tamed;
};

const momentOf = (iso: string): string => {
  const at = parseInstant(iso);
  return at === undefined ? iso : civilTimeText(at);
};

const HEAD = ['时间', '机构', '科室', '身份', '姓名', '用途', '内容', '次数', '结果'];

const csvOf = (lines: readonly AccessLogLine[], retiredBefore: string | null): string => {
  const rows = lines.map((line) => [
    momentOf(line.lastAt),
    line.institution?.nameZh ?? '',
    line.department ?? '',
    line.role.text.zh,
    line.name ?? '',
    line.purpose.text.zh,
    line.what.map(({ text }) => text.zh).join('、'),
    String(line.count),
    line.refused ? '未获准，未显示内容' : '',
  ]);
  if (retiredBefore !== null)
    rows.push([
      `${momentOf(retiredBefore)} 之前`,
      '',
      '',
      '',
      '',
      '',
      '',
      '',
      '已满保存年限，移入归档，未列出',
    ]);
  // The byte order mark tells spreadsheets that it is UTF-8.
  return `\u{feff}${[HEAD, ...rows].map((row) => row.map(cell).join(',')).join('\r\n')}\r\n`;
};

/** Pages of the log in one file: enough for years of an ordinary life. */
const EXPORT_PAGES_MAX = 50;

/** The patient's own access log. */
export const ownAccessLogRoutes = (log: OwnAccessLog): Route[] => [
  patientRoute({
    operationId: 'readOwnAccessLog',
    method: 'GET',
    path: '/api/own/access-log',
    surface: 'api',
    summary: { zh: '谁看过我的结果', en: 'Who looked at the patient’s results' },
    access: { kind: 'own', right: 'access-log:read' },
    limits: READING,
    input: { query: accessLogQueryShape },
    answers: answers(accessLogAnswerShape),
    handle: async ({ actor, query, origin }) => json(valueOf(await log.read(actor, query, origin))),
  }),
  patientRoute({
    operationId: 'exportOwnAccessLog',
    method: 'GET',
    path: '/api/own/access-log/export',
    surface: 'api',
    summary: { zh: '导出谁看过我的结果', en: 'Who looked at the patient’s results, as CSV' },
    access: { kind: 'own', right: 'access-log:read' },
    limits: { bodyBytes: 1, perMinute: 6 },
    input: { query: ownPersonQuery },
    answers: [{ status: 200, description: 'CSV in UTF-8', mediaType: 'text/csv' }],
    async handle({ actor, query: { person }, origin }) {
      const lines: AccessLogLine[] = [];
      let before: string | undefined;
      let retired: string | null = null;
      for (let pages = 0; pages < EXPORT_PAGES_MAX; pages++) {
        const answer = valueOf(await log.read(actor, { person, filter: 'all', before }, origin));
        lines.push(...answer.lines);
        retired = answer.retiredBefore;
        if (answer.next === null) break;
        before = answer.next;
      }
      return file('text/csv; charset=utf-8', Buffer.from(csvOf(lines, retired)), 'access-log.csv');
    },
  }),
  patientRoute({
    operationId: 'reportOwnAccess',
    method: 'POST',
    path: '/api/own/access-log/{id}/reports',
    surface: 'api',
    summary: {
      zh: '这不是我本次就医，我要反映',
      en: 'Reports a look that was not for a visit of the patient',
    },
    access: { kind: 'own', right: 'access-log:report' },
    limits: { bodyBytes: 8 * 1024, perMinute: 20 },
    input: {
      params: z.strictObject({ id: publicIdShape }),
      query: ownPersonQuery,
      body: accessReportRequestShape,
    },
    answers: answers(accessReportAnswerShape),
    handle: async ({ actor, params, query, body, origin }) =>
      json(
        valueOf(await log.report(actor, { person: query.person, line: params.id as PublicId }, body, origin)),
      ),
  }),
];
