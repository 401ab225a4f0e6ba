import { readFileSync } from 'node:fs';
import type { Example } from './openapi-papers.ts';

/** A script of the built apps, by the name that its content gave it. */
const builtScript = (): string => {
  const manifest = JSON.parse(
    readFileSync(new URL('../../dist/web/manifest.json', import.meta.url), 'utf8'),
  ) as Record<string, { file: string }>;
  return manifest['clinician/index.html']?.file ?? 'missing.js';
};

/** How the addresses of the browser apps are driven, by their names in the document. */
export const webAppExamples = (person: string): Record<string, Example> => ({
  webAppFile: { as: 'nobody', id: builtScript(), status: 200 },
  webAppClinician: { as: 'doctor', status: 200 },
  webAppClinicianPersonsId: { as: 'doctor', id: person, status: 200 },
  webAppClinicianDecisions: { as: 'doctor', status: 200 },
  webAppInstitution: { as: 'technician', status: 200 },
  webAppInstitutionMessages: { as: 'technician', query: '?state=open', status: 200 },
  webAppInstitutionMessagesId: { as: 'technician', status: 200 },
  webAppInstitutionImages: { as: 'technician', status: 200 },
  webAppInstitutionCodes: { as: 'technician', status: 200 },
  webAppInstitutionTest: { as: 'technician', status: 200 },
  webAppInstitutionSenders: { as: 'technician', status: 200 },
});
