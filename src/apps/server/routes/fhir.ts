import { z } from 'zod';
import { capabilityStatement } from '../../../adapters/fhir/capability-statement.ts';
import { serverFault } from '../problem.ts';
import { publicRoute, type Route, scopedRoute } from '../route.ts';
import type { EverythingSearch, FhirFlows, ResultSearch } from './fhir-port.ts';
import {
  FHIR_ANSWERS,
  FHIR_READING,
  FHIR_SEARCHING,
  idParams,
  includesOf,
  manyShape,
  offsetOf,
  PAGED_BY,
  refusal,
  resource,
  searchAddress,
  SEARCHED_BY_ALL,
  spanOf,
  spansOf,
  tokenOf,
  valuesOf,
  wordShape,
} from './fhir-shapes.ts';
import { searchedTypeRoutes } from './fhir-searched.ts';
import { fhirStudyRoutes } from './fhir-studies.ts';
import { valueOf } from './order-checks.ts';

/** Parameters of a search for results. One that is not here is refused, so that nothing is searched less strictly than asked. */
const resultQuery = z.strictObject({
  patient: wordShape,
  category: manyShape,
  code: manyShape,
  date: manyShape,
  _sort: z.literal('-date').optional().describe('The only order there is: the newest first'),
  ...SEARCHED_BY_ALL,
});

type ResultQuery = z.output<typeof resultQuery>;

const INCLUDES = {
  Observation: ['Observation:subject', 'Observation:patient'],
  DiagnosticReport: ['DiagnosticReport:result', 'DiagnosticReport:subject', 'DiagnosticReport:patient'],
} as const;

const searchOf = (type: keyof typeof INCLUDES, query: ResultQuery, base: string): ResultSearch => {
  return {
    patient: query.patient.replace(/^Patient\//, ''),
    categories: valuesOf(query.category).map((each) => tokenOf(each).code),
    codes: valuesOf(query.code).map(tokenOf),
    spans: spansOf('date', query.date),
    updated: spansOf('_lastUpdated', query._lastUpdated),
    ids: query._id === undefined ? null : valuesOf(query._id),
    count: query._count,
    offset: offsetOf(query._cursor),
    includes: includesOf(query._include, INCLUDES[type]),
    address: searchAddress(`${base}/${type}`, query),
    base,
  };
};

const EVERYTHING = ['Patient', 'DiagnosticReport', 'Observation', 'ImagingStudy'] as const;

const everythingQuery = z.strictObject({
  start: wordShape.optional().describe('From this day on'),
  end: wordShape.optional().describe('Until this day'),
  _type: manyShape,
  ...PAGED_BY,
});

/** @throws INPUT_INVALID */
const everythingOf = (
  id: string,
  query: z.output<typeof everythingQuery>,
  base: string,
): EverythingSearch => {
  const asked: readonly string[] = query._type === undefined ? EVERYTHING : valuesOf(query._type);
  const types = EVERYTHING.filter((type) => asked.includes(type));
  if (types.length === 0 || asked.some((each) => !EVERYTHING.some((type) => type === each)))
    throw serverFault('INPUT_INVALID', { place: 'query._type' });
  return {
    types,
    spans: [
      ...(query.start === undefined ? [] : [spanOf('start')(`ge${query.start}`)]),
      ...(query.end === undefined ? [] : [spanOf('end')(`le${query.end}`)]),
    ],
    count: query._count,
    offset: offsetOf(query._cursor),
    address: searchAddress(`${base}/Patient/${id}/$everything`, query),
    base,
  };
};

const resultRoutes = (flows: FhirFlows, type: keyof typeof INCLUDES, zh: string): Route[] =>
  searchedTypeRoutes({
    type,
    zh,
    query: resultQuery,
    read: (actor, id, _base, origin) => flows.read(actor, type, id, origin),
    search: (actor, query, base, origin) => flows.search(actor, type, searchOf(type, query, base), origin),
  });

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
