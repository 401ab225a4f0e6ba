import { expect, it } from 'vitest';
import { lookAt, orderOf, resultOf } from '../../../test/example-region.ts';

it.each([
  [[], 'specimen-sound', 'must-consider'],
  [['haemolysed'], 'specimen-spoilt', 'view-only'],
  [['icteric'], 'specimen-sound', 'must-consider'],
  [['icteric', 'haemolysed'], 'specimen-spoilt', 'view-only'],
  [['other:x'], 'specimen-state-not-understood', 'may-consider'],
])(
  'potassium from a specimen described as %j, where haemolysis spoils it: %s, %s',
  (specimenStates, finding, grade) => {
    const seen = lookAt(
      'specimen-sound',
      orderOf('LC-K'),
      resultOf('LC-K', '2026-11-15 08:00', { specimenStates }),
    );
    expect(seen).toMatchObject({ finding, grade });
  },
);
