import type { Example } from './openapi-papers.ts';

/** How each operation of the FHIR interface is driven by a hospital's system. */
export const fhirExamples = (person: string, report: string, ordinal: number, number: string) => {
  const as = 'client';
  const search = `?patient=${person}`;
  return {
    fhirMetadata: { as: 'nobody', status: 200 },
    fhirReadPatient: { as, id: person, status: 200 },
    fhirSearchPatient: {
      as,
      form: `identifier=${encodeURIComponent(`urn:oid:2.16.156.10011.1.3|${number}`)}`,
      status: 200,
    },
    fhirEverything: { as, id: person, query: '?_count=2&_type=Patient,Observation', status: 200 },
    fhirReadObservation: { as, id: `${report}.${ordinal}`, status: 200 },
    fhirSearchObservation: { as, query: search, status: 200 },
    fhirSearchObservationByForm: { as, form: `patient=${person}&category=laboratory`, status: 200 },
    fhirReadDiagnosticReport: { as, id: report, status: 200 },
    fhirSearchDiagnosticReport: { as, query: `${search}&_include=DiagnosticReport:result`, status: 200 },
    fhirReadEndpoint: { as, id: 'dicom-web', status: 200 },
    fhirSearchImagingStudy: { as, query: search, status: 200 },
    fhirSearchImagingStudyByForm: { as, form: `patient=${person}&modality=CT`, status: 200 },
    fhirSearchDiagnosticReportByForm: { as, form: `patient=Patient/${person}&_count=1`, status: 200 },
  } as const satisfies Readonly<Record<string, Example>>;
};
