import { z } from 'zod';
import { serverFault } from '../problem.ts';
import { type Route, scopedRoute } from '../route.ts';
import type { FhirFlows, StudySearch } from './fhir-port.ts';
import { searchedTypeRoutes } from './fhir-searched.ts';
import {
  FHIR_ANSWERS,
  FHIR_READING,
  idParams,
  includesOf,
  manyShape,
  offsetOf,
  refusal,
  resource,
  searchAddress,
  SEARCHED_BY_ALL,
  spansOf,
  tokenOf,
  valuesOf,
  wordShape,
} from './fhir-shapes.ts';
import { valueOf } from './order-checks.ts';

/** Parameters of a search for studies. One that is not here is refused, so that nothing is searched less strictly than asked. */
const studyQuery = z.strictObject({
  patient: wordShape.optional().describe('Required, unless an identifier is a Study Instance UID'),
  identifier: manyShape,
  started: manyShape,
  status: manyShape,
  modality: manyShape,
  _sort: z.literal('-started').optional().describe('The only order there is: the newest first'),
  ...SEARCHED_BY_ALL,
});

const INCLUDES: readonly string[] = ['ImagingStudy:subject', 'ImagingStudy:patient', 'ImagingStudy:endpoint'];
const STATUSES: readonly string[] = ['registered', 'available', 'cancelled', 'entered-in-error', 'unknown'];

/** @throws INPUT_INVALID */
const searchOf = (query: z.output<typeof studyQuery>, base: string): StudySearch => {
  const statuses = valuesOf(query.status).map((each) => tokenOf(each).code);
  if (statuses.some((each) => !STATUSES.includes(each)))
    throw serverFault('INPUT_INVALID', { place: 'query.status' });
  const identifiers = valuesOf(query.identifier).map(tokenOf);
  if (query.patient === undefined && identifiers.length !== 1)
    throw serverFault('INPUT_INVALID', { place: 'query.patient' });
  return {
    patient: query.patient?.replace(/^Patient\//, '') ?? null,
    identifiers,
    statuses,
    modalities: valuesOf(query.modality).map((each) => tokenOf(each).code),
    spans: spansOf('started', query.started),
    updated: spansOf('_lastUpdated', query._lastUpdated),
    ids: query._id === undefined ? null : valuesOf(query._id),
    count: query._count,
    offset: offsetOf(query._cursor),
    includes: includesOf(query._include, INCLUDES),
    address: searchAddress(`${base}/ImagingStudy`, query),
    base,
  };
};

/** ImagingStudy by FHIR R4: what was examined and where the images are read; the images themselves are DICOMweb's. */
export const fhirStudyRoutes = (flows: FhirFlows): Route[] => [
  ...searchedTypeRoutes({
    type: 'ImagingStudy',
    zh: '影像检查',
    query: studyQuery,
    read: (actor, id, _base, origin) => flows.readStudy(actor, id, origin),
    search: (actor, query, base, origin) => flows.searchStudies(actor, searchOf(query, base), origin),
  }),
  scopedRoute({
    operationId: 'fhirReadEndpoint',
    method: 'GET',
    path: '/fhir/Endpoint/{id}',
    surface: 'fhir',
    summary: { zh: 'FHIR：影像的读取地址', en: 'FHIR R4: where the images of studies are read' },
    access: { kind: 'right', right: 'fhir-result:read' },
    scope: { resource: 'ImagingStudy', interaction: 'read' },
    limits: FHIR_READING,
    input: { params: idParams },
    answers: FHIR_ANSWERS,
    refusal,
    handle: async ({ params, address }) =>
      resource(valueOf(flows.readEndpoint(params.id, `${address}/fhir`))),
  }),
];
