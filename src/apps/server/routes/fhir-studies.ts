import { z } from 'zod';
import { serverFault } from '../problem.ts';
import { type Route, scopedRoute } from '../route.ts';
import type { FhirFlows, StudySearch } from './fhir-port.ts';
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
import { valueOf } from './order-checks.ts';

/** Parameters of a search for studies. One that is not here is refused, so that nothing is searched less strictly than asked. */
const studyQuery = z.strictObject({
  patient: wordShape.optional().describe('Required, unless an identifier is a Study Instance UID'),
  identifier: manyShape,
  started: manyShape,
  status: manyShape,
  modality: manyShape,
  _id: manyShape,
  _lastUpdated: manyShape,
  _sort: z.literal('-started').optional().describe('The only order there is: the newest first'),
  _include: manyShape,
  _count: z.coerce.number().int().min(1).max(COUNT_MAX).default(COUNT_DEFAULT),
  _cursor: wordShape.optional(),
  _format: z.literal(['json', 'application/json', FHIR_TYPE]).optional(),
});

const INCLUDES: readonly string[] = ['ImagingStudy:subject', 'ImagingStudy:patient'];
const STATUSES: readonly string[] = ['registered', 'available', 'cancelled', 'entered-in-error', 'unknown'];

const codesOf = (value: string | readonly string[] | undefined): readonly string[] =>
  listOf(value)
    .flatMap((each) => each.split(','))
    .filter(Boolean);

/** @throws INPUT_INVALID */
const searchOf = (query: z.output<typeof studyQuery>, base: string): StudySearch => {
  const includes = listOf(query._include);
  if (includes.some((each) => !INCLUDES.includes(each)))
    throw serverFault('INPUT_INVALID', { place: 'query._include' });
  const statuses = codesOf(query.status).map((each) => tokenOf(each).code);
  if (statuses.some((each) => !STATUSES.includes(each)))
    throw serverFault('INPUT_INVALID', { place: 'query.status' });
  const identifiers = codesOf(query.identifier).map(tokenOf);
  if (query.patient === undefined && identifiers.length !== 1)
    throw serverFault('INPUT_INVALID', { place: 'query.patient' });
  const kept = new URLSearchParams();
  const { _cursor: _asked, _count, ...others } = query;
  for (const [name, value] of Object.entries(others))
    for (const each of listOf(value)) kept.append(name, each);
  kept.append('_count', String(_count));
  return {
    patient: query.patient?.replace(/^Patient\//, '') ?? null,
    identifiers,
    statuses,
    modalities: codesOf(query.modality).map((each) => tokenOf(each).code),
    spans: listOf(query.started).map(spanOf('started')),
    updated: listOf(query._lastUpdated).map(spanOf('_lastUpdated')),
    ids: query._id === undefined ? null : codesOf(query._id),
    count: query._count,
    offset: offsetOf(query._cursor),
    includes,
    address: `${base}/ImagingStudy?${kept.toString()}`,
    base,
  };
};

/** ImagingStudy by FHIR R4: what was examined and where the images are read; the images themselves are DICOMweb's. */
export const fhirStudyRoutes = (flows: FhirFlows): Route[] => [
  scopedRoute({
    operationId: 'fhirReadImagingStudy',
    method: 'GET',
    path: '/fhir/ImagingStudy/{id}',
    surface: 'fhir',
    summary: { zh: 'FHIR：读取影像检查', en: 'FHIR R4: reads one ImagingStudy' },
    access: { kind: 'right', right: 'fhir-result:read' },
    scope: { resource: 'ImagingStudy', interaction: 'read' },
    limits: FHIR_READING,
    input: { params: idParams },
    answers: FHIR_ANSWERS,
    refusal,
    handle: async ({ actor, params, address, origin }) =>
      resource(valueOf(await flows.readStudy(actor, params.id, `${address}/fhir`, origin))),
  }),
  scopedRoute({
    operationId: 'fhirSearchImagingStudy',
    method: 'GET',
    path: '/fhir/ImagingStudy',
    surface: 'fhir',
    summary: { zh: 'FHIR：检索影像检查', en: 'FHIR R4: searches ImagingStudy of one patient' },
    access: { kind: 'right', right: 'fhir-result:read' },
    scope: { resource: 'ImagingStudy', interaction: 'search' },
    limits: FHIR_READING,
    input: { query: studyQuery },
    answers: FHIR_ANSWERS,
    refusal,
    handle: async ({ actor, query, address, origin }) =>
      resource(valueOf(await flows.searchStudies(actor, searchOf(query, `${address}/fhir`), origin))),
  }),
  scopedRoute({
    operationId: 'fhirSearchImagingStudyByForm',
    method: 'POST',
    path: '/fhir/ImagingStudy/_search',
    surface: 'fhir',
    summary: { zh: 'FHIR：检索影像检查（表单）', en: 'FHIR R4: the same search by form' },
    access: { kind: 'right', right: 'fhir-result:read' },
    scope: { resource: 'ImagingStudy', interaction: 'search' },
    limits: FHIR_SEARCHING,
    input: { body: studyQuery },
    answers: FHIR_ANSWERS,
    refusal,
    handle: async ({ actor, body, address, origin }) =>
      resource(valueOf(await flows.searchStudies(actor, searchOf(body, `${address}/fhir`), origin))),
  }),
];
