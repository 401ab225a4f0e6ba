import { expect, it } from 'vitest';
import {
  compiled,
  listRow,
  lookAt,
  moment,
  orderOf,
  resultOf,
  withRow,
} from '../../../test/example-region.ts';
import type { InterventionKind } from '../../catalogue/index.ts';
import type { PatientFacts } from '../facts.ts';

const given = (kind: InterventionKind, at: string): PatientFacts => ({
  interventions: [{ kind, at: moment(at) }],
});
const untreatedOnly = compiled(withRow(listRow('LC-K', 7, { preconditions: ['transfusion', 'infusion'] })));
const collected = resultOf('LC-K', '2026-11-19 08:00');

it.each<[string, PatientFacts, string, string]>([
  ['nothing was done', { interventions: [] }, 'no-intervention-since', 'must-consider'],
  ['nothing is known', { interventions: null }, 'interventions-not-stated', 'may-consider'],
  [
    'a transfusion after collection',
    given('transfusion', '2026-11-19 12:00'),
    'intervention-since',
    'may-consider',
  ],
  [
    'a transfusion before collection',
    given('transfusion', '2026-11-19 07:59'),
    'no-intervention-since',
    'must-consider',
  ],
  [
    'a treatment that the list does not name',
    given('antibiotic', '2026-11-19 12:00'),
    'no-intervention-since',
    'must-consider',
  ],
  [
    'some treatment, not said which',
    given('any-treatment', '2026-11-19 12:00'),
    'intervention-since',
    'may-consider',
  ],
  [
    'a transfusion planned for later today',
    given('transfusion', '2026-11-20 15:00'),
    'no-intervention-since',
    'must-consider',
  ],
])('where the window holds only without transfusion or infusion: %s', (_, patient, finding, grade) => {
  const seen = lookAt('precondition-holds', orderOf('LC-K'), collected, { snapshot: untreatedOnly, patient });
  expect(seen).toMatchObject({ finding, grade });
});

it.each<[string, string, string]>([
  ['on the day before the receipt it is open', '2026-11-19 07:00', 'intervention-time-open'],
  ['long before the receipt it does not matter', '2026-11-17 07:00', 'no-intervention-since'],
  ['after the receipt it ends the window', '2026-11-19 09:00', 'intervention-since'],
])('a window counted from the receipt: %s', (_, at, finding) => {
  const snapshot = compiled(
    withRow(listRow('LC-K', 7, { preconditions: ['infusion'], receivedTimeAllowed: true })),
  );
  const result = resultOf('LC-K', null, { receivedAt: moment('2026-11-19 08:00') });
  expect(
    lookAt('precondition-holds', orderOf('LC-K'), result, { snapshot, patient: given('infusion', at) }),
  ).toMatchObject({ finding });
});

it('a list without preconditions asks for nothing', () => {
  const seen = lookAt('precondition-holds', orderOf('LC-K'), collected, { patient: { interventions: null } });
  expect(seen).toMatchObject({ finding: 'no-precondition', grade: 'must-consider' });
});
