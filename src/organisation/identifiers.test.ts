import { expect, it } from 'vitest';
import { institutionIdentifierProblem } from './identifiers.ts';

it.each([
  ['uscc', '91350100M000100Y43', null],
  ['uscc', '91350100M000100Y44', 'check-digit'],
  ['ws218', '47000328133010211A1001', null],
  ['ws218', '47000328133010211A100', 'length'],
  ['ws218', '470003281330102110A100', 'characters'],
  ['nhsa', 'H33010200001', null],
  ['nhsa', '330102000012', 'characters'],
  ['nhsa', 'H3301020001', 'length'],
] as const)('%s %s: %s', (type, value, problem) => {
  expect(institutionIdentifierProblem({ type, value })).toBe(problem);
});
