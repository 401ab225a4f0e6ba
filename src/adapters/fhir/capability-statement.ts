import type { FhirResource } from './result-resources.ts';

interface Searching {
  readonly type: string;
  readonly interactions: readonly string[];
  readonly parameters: readonly { readonly name: string; readonly type: string }[];
  readonly includes: readonly string[];
  readonly documentation?: string;
  readonly operations?: readonly { readonly name: string; readonly definition: string }[];
}

const PATIENT = { name: 'patient', type: 'reference' } as const;
const RESULT_PARAMETERS = [
  PATIENT,
  { name: 'category', type: 'token' },
  { name: 'code', type: 'token' },
  { name: 'date', type: 'date' },
  { name: '_id', type: 'token' },
  { name: '_lastUpdated', type: 'date' },
] as const;

/** What is there, and nothing that is not. */
const RESOURCES: readonly Searching[] = [
  {
    type: 'Patient',
    interactions: ['read', 'search-type'],
    parameters: [{ name: 'identifier', type: 'token' }],
    includes: [],
    operations: [
      {
        name: 'everything',
        definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything',
      },
    ],
  },
  {
    type: 'Observation',
    interactions: ['read', 'search-type'],
    parameters: RESULT_PARAMETERS,
    includes: ['Observation:subject', 'Observation:patient'],
  },
  {
    type: 'DiagnosticReport',
    interactions: ['read', 'search-type'],
    parameters: RESULT_PARAMETERS,
    includes: ['DiagnosticReport:result', 'DiagnosticReport:subject', 'DiagnosticReport:patient'],
  },
  {
    type: 'ImagingStudy',
    interactions: ['read', 'search-type'],
    parameters: [
      PATIENT,
      { name: 'identifier', type: 'token' },
      { name: 'started', type: 'date' },
      { name: 'status', type: 'token' },
      { name: 'modality', type: 'token' },
      { name: '_id', type: 'token' },
      { name: '_lastUpdated', type: 'date' },
    ],
    includes: ['ImagingStudy:subject', 'ImagingStudy:patient', 'ImagingStudy:endpoint'],
    documentation:
      'Reading one lists every instance of each series (series.instance). A search, and $everything, tells the number of instances only and tags the study SUBSETTED. The images are read at the endpoint by WADO-RS, with the credential that read the study; of an app with the scope to read ImagingStudy.',
  },
  { type: 'Endpoint', interactions: ['read'], parameters: [], includes: [] },
  {
    type: 'Consent',
    interactions: ['read', 'create', 'search-type'],
    parameters: [PATIENT],
    includes: [],
  },
  {
    type: 'AuditEvent',
    interactions: ['search-type'],
    parameters: [PATIENT],
    includes: [],
  },
];

/** `GET /fhir/metadata`. */
export const capabilityStatement = (base: string): FhirResource => ({
  resourceType: 'CapabilityStatement',
  status: 'active',
  date: '2026-11-26',
  kind: 'instance',
  software: { name: 'Huren' },
  implementation: {
    description:
      'Huren (互认): results and imaging studies of all connected institutions, read only, and the consent of patients',
    url: base,
  },
  fhirVersion: '4.0.1',
  format: ['application/fhir+json'],
  rest: [
    {
      mode: 'server',
      documentation:
        'Results are read only; consent is recorded too, by staff and registered systems. A person is opened by an order, a visit or a number that was presented; results are shown as far as the patient agreed. Patient is searched by POST alone, so that no address names a person.',
      security: {
        service: [
          {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
                code: 'SMART-on-FHIR',
              },
            ],
          },
        ],
        description: 'A SMART access token, or the key of a registered system client as bearer token',
      },
      resource: RESOURCES.map(({ type, interactions, parameters, includes, operations, documentation }) => ({
        type,
        ...(documentation === undefined ? {} : { documentation }),
        interaction: interactions.map((code) => ({ code })),
        versioning: 'no-version',
        searchInclude: includes,
        searchParam: parameters,
        ...(operations ? { operation: operations } : {}),
      })),
    },
  ],
});
