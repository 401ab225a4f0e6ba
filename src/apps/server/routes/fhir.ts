import { z } from 'zod';
import { capabilityStatement } from '../../../adapters/fhir/capability-statement.ts';
import { operationOutcome } from '../../../adapters/fhir/operation-outcome.ts';
import type { FhirResource } from '../../../adapters/fhir/result-resources.ts';
import { DAY_MS, instant, parseInstant } from '../../../kernel/instant.ts';
import type { Fault } from '../../../kernel/fault.ts';
import { serverFault } from '../problem.ts';
import {
  type Answer,
  type AnswerShape,
  type Limits,
  publicRoute,
  type Route,
  scopedRoute,
} from '../route.ts';
import { valueOf } from './order-checks.ts';
import type { EverythingSearch, FhirFlows, ResultSearch, SearchedSpan, SearchedToken } from './fhir-port.ts';

const FHIR_TYPE = 'application/fhir+json';

const READING: Limits = { bodyBytes: 1, perMinute: 300_000 };
const SEARCHING: Limits = { bodyBytes: 8 * 1024, perMinute: 300_000 };

const COUNT_DEFAULT = 50;
const COUNT_MAX = 200;

const ANSWERS: readonly AnswerShape[] = [{ status: 200, description: 'The resource', mediaType: FHIR_TYPE }];

const resource = (value: FhirResource): Answer => ({
  kind: 'text',
  status: 200,
  mediaType: `${FHIR_TYPE}; charset=utf-8`,
  text: JSON.stringify(value),
});

const refusal = (fault: Fault) => ({
  mediaType: `${FHIR_TYPE}; charset=utf-8`,
  bytes: Buffer.from(JSON.stringify(operationOutcome(fault)), 'utf8'),
});

/** Ids of FHIR; whether there is such a resource is another question. */
const idParams = z.strictObject({ id: z.string().regex(/^[A-Za-z0-9.-]{1,64}$/) });

const wordShape = z.string().min(1).max(200);
/** Once or several times in one address. */
const manyShape = z.union([wordShape, z.array(wordShape).max(8)]).optional();

/** Parameters of a search for results. One that is not here is refused, so that nothing is searched less strictly than asked. */
const resultQuery = z.strictObject({
  patient: wordShape,
  category: manyShape,
  code: manyShape,
  date: manyShape,
  _id: manyShape,
  _lastUpdated: manyShape,
  _sort: z.literal('-date').optional().describe('The only order there is: the newest first'),
  _include: manyShape,
  _count: z.coerce.number().int().min(1).max(COUNT_MAX).default(COUNT_DEFAULT),
  _cursor: wordShape.optional(),
  _format: z.literal(['json', 'application/json', FHIR_TYPE]).optional(),
});

type ResultQuery = z.output<typeof resultQuery>;

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

const tokenOf = (text: string): SearchedToken => {
  const bar = text.lastIndexOf('|');
  return bar < 0
    ? { system: null, code: text }
    : { system: text.slice(0, bar) || null, code: text.slice(bar + 1) };
};

/** A civil day is meant in Beijing, where the results are made. */
const dayStart = (text: string): number | undefined =>
  /^\d{4}-\d{2}-\d{2}$/.test(text) ? parseInstant(`${text}T00:00:00+08:00`) : undefined;

/** @throws INPUT_INVALID */
const spanOf =
  (place: string) =>
  (text: string): SearchedSpan => {
    const [, prefix = 'eq', value = ''] = /^(eq|ge|gt|le|lt)?(\d.*)$/.exec(text) ?? [];
    const day = dayStart(value);
    const start = day ?? parseInstant(value);
    if (start === undefined) throw serverFault('INPUT_INVALID', { place: `query.${place}` });
    const from = instant(start);
    const after = instant(day === undefined ? start + 1 : start + DAY_MS);
    switch (prefix) {
      case 'ge':
        return { from, before: null };
      case 'gt':
        return { from: after, before: null };
      case 'le':
        return { from: null, before: after };
      case 'lt':
        return { from: null, before: from };
      default:
        return { from, before: after };
    }
  };

/** @throws INPUT_INVALID for a cursor that we did not give */
const offsetOf = (cursor: string | undefined): number => {
  if (cursor === undefined) return 0;
  const [, after] = /^after (\d{1,5})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1')) ?? [];
  if (after === undefined) throw serverFault('INPUT_INVALID', { place: 'query._cursor' });
  return Number(after);
};

const INCLUDES = {
  Observation: ['Observation:subject', 'Observation:patient'],
  DiagnosticReport: ['DiagnosticReport:result', 'DiagnosticReport:subject', 'DiagnosticReport:patient'],
} as const;

const searchOf = (type: keyof typeof INCLUDES, query: ResultQuery, base: string): ResultSearch => {
  const includes = listOf(query._include);
  const known: readonly string[] = INCLUDES[type];
  if (includes.some((each) => !known.includes(each)))
    throw serverFault('INPUT_INVALID', { place: 'query._include' });
  const codes = listOf(query.code)
    .flatMap((each) => each.split(','))
    .filter(Boolean);
  const categories = listOf(query.category)
    .flatMap((each) => each.split(','))
    .filter(Boolean);
  const kept = new URLSearchParams();
  const { _cursor: _asked, _count, ...others } = query;
  for (const [name, value] of Object.entries(others))
    for (const each of listOf(value)) kept.append(name, each);
  kept.append('_count', String(_count));
  return {
    patient: query.patient.replace(/^Patient\//, ''),
    categories: categories.map((each) => tokenOf(each).code),
    codes: codes.map(tokenOf),
    spans: listOf(query.date).map(spanOf('date')),
    updated: listOf(query._lastUpdated).map(spanOf('_lastUpdated')),
    ids: query._id === undefined ? null : listOf(query._id).flatMap((each) => each.split(',')),
    count: query._count,
    offset: offsetOf(query._cursor),
    includes,
    address: `${base}/${type}?${kept.toString()}`,
    base,
  };
};

const EVERYTHING = ['Patient', 'DiagnosticReport', 'Observation'] as const;

const everythingQuery = z.strictObject({
  start: wordShape.optional().describe('From this day on'),
  end: wordShape.optional().describe('Until this day'),
  _type: manyShape,
  _count: z.coerce.number().int().min(1).max(COUNT_MAX).default(COUNT_DEFAULT),
  _cursor: wordShape.optional(),
});

/** @throws INPUT_INVALID */
const everythingOf = (
  id: string,
  query: z.output<typeof everythingQuery>,
  base: string,
): EverythingSearch => {
  const asked = listOf(query._type).flatMap((each) => each.split(','));
  const types = EVERYTHING.filter((type) => asked.length === 0 || asked.includes(type));
  if (asked.some((each) => !EVERYTHING.some((type) => type === each)))
    throw serverFault('INPUT_INVALID', { place: 'query._type' });
  const kept = new URLSearchParams();
  const { _cursor: _asked, _count, ...others } = query;
  for (const [name, value] of Object.entries(others))
    for (const each of listOf(value)) kept.append(name, each);
  kept.append('_count', String(_count));
  return {
    types,
    spans: [
      ...(query.start === undefined ? [] : [spanOf('start')(`ge${query.start}`)]),
      ...(query.end === undefined ? [] : [spanOf('end')(`le${query.end}`)]),
    ],
    count: query._count,
    offset: offsetOf(query._cursor),
    address: `${base}/Patient/${id}/$everything?${kept.toString()}`,
    base,
  };
};

const resultRoutes = (flows: FhirFlows, type: 'Observation' | 'DiagnosticReport', zh: string): Route[] => [
  scopedRoute({
    operationId: `fhirRead${type}`,
    method: 'GET',
    path: `/fhir/${type}/{id}`,
    surface: 'fhir',
    summary: { zh: `FHIR：读取${zh}`, en: `FHIR R4: reads one ${type}` },
    access: { kind: 'right', right: 'fhir-result:read' },
    scope: { resource: type, interaction: 'read' },
    limits: READING,
    input: { params: idParams },
    answers: ANSWERS,
    refusal,
    handle: async ({ actor, params, origin }) =>
      resource(valueOf(await flows.read(actor, type, params.id, origin))),
  }),
  scopedRoute({
    operationId: `fhirSearch${type}`,
    method: 'GET',
    path: `/fhir/${type}`,
    surface: 'fhir',
    summary: { zh: `FHIR：检索${zh}`, en: `FHIR R4: searches ${type} of one patient` },
    access: { kind: 'right', right: 'fhir-result:read' },
    scope: { resource: type, interaction: 'search' },
    limits: READING,
    input: { query: resultQuery },
    answers: ANSWERS,
    refusal,
    handle: async ({ actor, query, address, origin }) =>
      resource(valueOf(await flows.search(actor, type, searchOf(type, query, `${address}/fhir`), origin))),
  }),
  scopedRoute({
    operationId: `fhirSearch${type}ByForm`,
    method: 'POST',
    path: `/fhir/${type}/_search`,
    surface: 'fhir',
    summary: { zh: `FHIR：检索${zh}（表单）`, en: `FHIR R4: the same search by form` },
    access: { kind: 'right', right: 'fhir-result:read' },
    scope: { resource: type, interaction: 'search' },
    limits: SEARCHING,
    input: { body: resultQuery },
    answers: ANSWERS,
    refusal,
    handle: async ({ actor, body, address, origin }) =>
      resource(valueOf(await flows.search(actor, type, searchOf(type, body, `${address}/fhir`), origin))),
  }),
];

/** The FHIR R4 read interface. Nobody is looked up by an address: people are searched by POST alone. */
export const fhirRoutes = (flows: FhirFlows): Route[] => [
  publicRoute({
    operationId: 'fhirMetadata',
    method: 'GET',
    path: '/fhir/metadata',
    surface: 'fhir',
    summary: { zh: 'FHIR：能力说明', en: 'FHIR R4: what this interface can do' },
    limits: { bodyBytes: 1, perMinute: 600 },
    input: { query: z.looseObject({}) },
    answers: ANSWERS,
    refusal,
    handle: async ({ address }) => resource(capabilityStatement(`${address}/fhir`)),
  }),
  scopedRoute({
    operationId: 'fhirReadPatient',
    method: 'GET',
    path: '/fhir/Patient/{id}',
    surface: 'fhir',
    summary: { zh: 'FHIR：读取患者', en: 'FHIR R4: reads one Patient' },
    access: { kind: 'right', right: 'fhir-patient:read' },
    scope: { resource: 'Patient', interaction: 'read' },
    limits: READING,
    input: { params: idParams },
    answers: ANSWERS,
    refusal,
    handle: async ({ actor, params, origin }) =>
      resource(valueOf(await flows.readPatient(actor, params.id, origin))),
  }),
  scopedRoute({
    operationId: 'fhirSearchPatient',
    method: 'POST',
    path: '/fhir/Patient/_search',
    surface: 'fhir',
    summary: {
      zh: 'FHIR：按证件号或病历号找患者',
      en: 'FHIR R4: finds a Patient by identifier; by POST, so that no address names a person',
    },
    access: { kind: 'right', right: 'fhir-patient:read' },
    scope: { resource: 'Patient', interaction: 'search' },
    limits: { ...SEARCHING, perMinute: 600 },
    input: { body: z.strictObject({ identifier: wordShape }) },
    answers: ANSWERS,
    refusal,
    handle: async ({ actor, body, address, origin }) =>
      resource(
        valueOf(await flows.searchPatients(actor, tokenOf(body.identifier), `${address}/fhir`, origin)),
      ),
  }),
  scopedRoute({
    operationId: 'fhirEverything',
    method: 'GET',
    path: '/fhir/Patient/{id}/$everything',
    surface: 'fhir',
    summary: {
      zh: 'FHIR：读取患者的全部结果（分页）',
      en: 'FHIR R4: a Patient with all reports and results that may be seen, in pages',
    },
    access: { kind: 'right', right: 'fhir-result:read' },
    scope: { resource: 'Patient', interaction: 'read' },
    limits: READING,
    input: { params: idParams, query: everythingQuery },
    answers: ANSWERS,
    refusal,
    handle: async ({ actor, params, query, address, origin }) => {
      const search = everythingOf(params.id, query, `${address}/fhir`);
      return resource(valueOf(await flows.everything(actor, params.id, search, origin)));
    },
  }),
  ...resultRoutes(flows, 'Observation', '结果'),
  ...resultRoutes(flows, 'DiagnosticReport', '报告'),
];
