import type { Fault } from '../../kernel/fault.ts';
import type { FhirResource } from './result-resources.ts';

/** Issue types of FHIR by HTTP status; everything else of the caller's is `invalid`, of ours `exception`. */
const ISSUE_TYPES: Readonly<Record<number, string>> = {
  401: 'login',
  403: 'forbidden',
  404: 'not-found',
  409: 'conflict',
  413: 'too-long',
  415: 'not-supported',
  429: 'throttled',
};

/** A refusal or failure as FHIR tells it: our stable code beside both sentences, never a value that was sent. */
export const operationOutcome = ({ status, code, zh, en, place }: Fault): FhirResource => ({
  resourceType: 'OperationOutcome',
  issue: [
    {
      severity: 'error',
      code: ISSUE_TYPES[status] ?? (status < 500 ? 'invalid' : 'exception'),
      details: { coding: [{ system: 'urn:huren:fault', code, display: en }], text: zh },
      ...(place === undefined ? {} : { expression: [place] }),
    },
  ],
});
