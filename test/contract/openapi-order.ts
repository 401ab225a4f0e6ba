import { EXAMPLE_ID_NUMBER } from '../browser/example-flows.ts';

const ITEMS = [
  { line: 1, code: 'DR01' },
  { line: 2, code: 'K01' },
  { line: 3, code: 'LFT12' },
  { line: 4, code: 'GLU' },
  { line: 5, code: 'NEW01' },
  { line: 6, code: 'CREA' },
];
/** An order with everything an ordering system can state, for the operations that take one. */
export const ORDER = {
  patient: { identifiers: [{ type: 'national-id', number: EXAMPLE_ID_NUMBER }] },
  encounter: { class: '住院', number: 'V1', inpatientNumber: 'Z1', insuranceNumber: 'YB1' },
  request: { number: 'SQ1' },
  doctor: { staffNumber: '1001' },
  department: { code: 'EK', name: '儿科' },
  diagnoses: [{ code: 'J18.9' }],
  purpose: '术前',
  interventions: [{ kind: 'transfusion', at: '2026-11-20T08:00:00+08:00' }],
  items: ITEMS,
};
