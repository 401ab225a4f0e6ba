import type { z } from 'zod';
import type { FhirResource } from '../../../adapters/fhir/result-resources.ts';
import type { Fault } from '../../../kernel/fault.ts';
import type { Result } from '../../../kernel/result.ts';
import type { CallOrigin } from '../flows-port.ts';
import { type Route, scopedRoute } from '../route.ts';
import type { FhirActor } from './fhir-port.ts';
import { FHIR_ANSWERS, FHIR_READING, FHIR_SEARCHING, idParams, refusal, resource } from './fhir-shapes.ts';
import { valueOf } from './order-checks.ts';

/** A type of resource that is read by its id and searched by the same parameters in the address or in a form. */
export interface SearchedType<Query> {
  readonly type: 'Observation' | 'DiagnosticReport' | 'ImagingStudy';
  /** What it is called in summaries. */
  readonly zh: string;
  readonly query: z.ZodType<Query>;
  /** @param base address of the interface */
  read(actor: FhirActor, id: string, base: string, origin: CallOrigin): Promise<Result<FhirResource, Fault>>;
  search(
    actor: FhirActor,
    query: Query,
    base: string,
    origin: CallOrigin,
  ): Promise<Result<FhirResource, Fault>>;
}

/** The routes of one type. */
export const searchedTypeRoutes = <Query>({
  type,
  zh,
  query,
  read,
  search,
}: SearchedType<Query>): Route[] => {
  const shared = {
    surface: 'fhir',
    access: { kind: 'right', right: 'fhir-result:read' },
    answers: FHIR_ANSWERS,
    refusal,
  } as const;
  const searching = { ...shared, scope: { resource: type, interaction: 'search' } } as const;
  return [
    scopedRoute({
      ...shared,
      operationId: `fhirRead${type}`,
      method: 'GET',
      path: `/fhir/${type}/{id}`,
      summary: { zh: `FHIR：读取${zh}`, en: `FHIR R4: reads one ${type}` },
      scope: { resource: type, interaction: 'read' },
      limits: FHIR_READING,
      input: { params: idParams },
      handle: async ({ actor, params, address, origin }) =>
        resource(valueOf(await read(actor, params.id, `${address}/fhir`, origin))),
    }),
    scopedRoute({
      ...searching,
      operationId: `fhirSearch${type}`,
      method: 'GET',
      path: `/fhir/${type}`,
      summary: { zh: `FHIR：检索${zh}`, en: `FHIR R4: searches ${type} of one patient` },
      limits: FHIR_READING,
      input: { query },
      handle: async (call) =>
        resource(valueOf(await search(call.actor, call.query, `${call.address}/fhir`, call.origin))),
    }),
    scopedRoute({
      ...searching,
      operationId: `fhirSearch${type}ByForm`,
      method: 'POST',
      path: `/fhir/${type}/_search`,
      summary: { zh: `FHIR：检索${zh}（表单）`, en: 'FHIR R4: the same search by form' },
      limits: FHIR_SEARCHING,
      input: { body: query },
      handle: async (call) =>
        resource(valueOf(await search(call.actor, call.body, `${call.address}/fhir`, call.origin))),
    }),
  ];
};
