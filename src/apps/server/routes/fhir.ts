import { z } from 'zod';
import { capabilityStatement } from '../../../adapters/fhir/capability-statement.ts';
import { serverFault } from '../problem.ts';
import { publicRoute, type Route, scopedRoute } from '../route.ts';
import type { EverythingSearch, FhirFlows, ResultSearch } from './fhir-port.ts';
import {
  COUNT_DEFAULT,
  COUNT_MAX,
  FHIR_ANSWERS,
  FHIR_READING,
  FHIR_SEARCHING,
  FHIR_TYPE,
  idParams,
  listOf,
  manyShape,
  offsetOf,
  refusal,
  resource,
  spanOf,
  tokenOf,
  wordShape,
} from './fhir-shapes.ts';
import { fhirStudyRoutes } from './fhir-studies.ts';
import { valueOf } from './order-checks.ts';

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

const EVERYTHING = ['Patient', 'DiagnosticReport', 'Observation', 'ImagingStudy'] as const;

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
    limits: FHIR_READING,
    input: { params: idParams },
    answers: FHIR_ANSWERS,
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
    limits: FHIR_READING,
    input: { query: resultQuery },
    answers: FHIR_ANSWERS,
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
    limits: FHIR_SEARCHING,
    input: { body: resultQuery },
    answers: FHIR_ANSWERS,
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
    answers: FHIR_ANSWERS,
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
    limits: FHIR_READING,
    input: { params: idParams },
    answers: FHIR_ANSWERS,
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
    limits: { ...FHIR_SEARCHING, perMinute: 600 },
    input: { body: z.strictObject({ identifier: wordShape }) },
    answers: FHIR_ANSWERS,
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
    limits: FHIR_READING,
    input: { params: idParams, query: everythingQuery },
    answers: FHIR_ANSWERS,
    refusal,
    handle: async ({ actor, params, query, address, origin }) => {
      const search = everythingOf(params.id, query, `${address}/fhir`);
      return resource(valueOf(await flows.everything(actor, params.id, search, origin)));
    },
  }),
  ...resultRoutes(flows, 'Observation', '结果'),
  ...resultRoutes(flows, 'DiagnosticReport', '报告'),
  ...fhirStudyRoutes(flows),
];
