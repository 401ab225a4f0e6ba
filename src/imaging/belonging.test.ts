import { expect, test } from 'vitest';
import { type BelongingFacts, belongingOf } from './belonging.ts';

const FACTS: BelongingFacts = {
  hasPatientId: true,
  holders: ['1'],
  isContradicted: false,
  isIssuedElsewhere: false,
  isCorroborated: false,
  reportHolders: [],
  isSamePerson: true,
};

test.each<[string, Partial<BelongingFacts>]>([
  ['a known number', {}],
  ['a number never seen', { holders: [] }],
  ['a number and a report of one person', { reportHolders: ['1'] }],
  [
    'another institution’s number, with name and birth date',
    { isIssuedElsewhere: true, isCorroborated: true },
  ],
])('%s decides', (_name, facts) => {
  expect(belongingOf({ ...FACTS, ...facts })).toEqual({ kind: 'by-number' });
});

test.each<[string, Partial<BelongingFacts>, string, readonly string[]]>([
  ['no number', { hasPatientId: false, holders: [], reportHolders: ['7'] }, 'no-patient-id', ['7']],
  ['two holders', { holders: ['1', '2'] }, 'number-of-two-people', ['1', '2']],
  ['another name and birth date', { isContradicted: true }, 'patient-contradicts', ['1']],
  ['another institution’s number alone', { isIssuedElsewhere: true }, 'number-of-another-institution', ['1']],
  [
    'another institution’s number that nobody has',
    { isIssuedElsewhere: true, holders: [] },
    'number-of-another-institution',
    [],
  ],
  [
    'a report of another',
    { reportHolders: ['7'], isSamePerson: false },
    'report-of-another-person',
    ['1', '7'],
  ],
  [
    'a new number on a report of a known person',
    { holders: [], reportHolders: ['7'], isSamePerson: false },
    'report-of-another-person',
    ['7'],
  ],
])('%s waits for somebody’s eye', (_name, facts, reason, candidates) => {
  expect(belongingOf({ ...FACTS, ...facts })).toEqual({ kind: 'apart', reason, candidates });
});
