import { describe, expect, it } from 'vitest';
import type { InstitutionCode } from '../organisation/index.ts';
import { type Asker, REACHES, type Reach, reaches, type Subject } from './index.ts';

const COUNTY = 'COUNTY' as InstitutionCode;
const CITY = 'CITY' as InstitutionCode;
const asker: Asker = { institution: COUNTY, check: 'check-1', persons: ['person-1'] };
const nowhere: Asker = { institution: null, check: null, persons: [] };

const SUBJECTS: Readonly<Record<string, Subject>> = {
  'own record': { kind: 'record', institution: COUNTY, check: 'check-2' },
  'the check let into': { kind: 'record', institution: COUNTY, check: 'check-1' },
  "another institution's check of that id": { kind: 'record', institution: CITY, check: 'check-1' },
  'foreign record': { kind: 'record', institution: CITY, check: null },
  'record of nobody': { kind: 'record', institution: null, check: null },
  'person in care': { kind: 'care', basis: 'order' },
  'person not in care': { kind: 'care', basis: null },
  'own data': { kind: 'own', person: 'person-1' },
  "somebody else's own data": { kind: 'own', person: 'person-2' },
  'own interface': { kind: 'technical', institution: COUNTY },
  'foreign interface': { kind: 'technical', institution: CITY },
  'own counts': { kind: 'counts', institution: COUNTY },
  'counts of the region': { kind: 'counts', institution: null },
  'open case': { kind: 'case', isOpen: true },
  'closed case': { kind: 'case', isOpen: false },
};

const REACHED: Readonly<Record<Reach, readonly string[]>> = {
  'own-session': [],
  'own-check': ['the check let into', 'person in care'],
  'own-institution': ['own record', 'the check let into', 'own interface', 'own counts'],
  'patient-in-care': ['own record', 'the check let into', 'person in care'],
  self: ['own data'],
  'opened-case': ['open case'],
  counts: ['own counts', 'counts of the region'],
  platform: ['own interface', 'foreign interface', 'own counts', 'counts of the region'],
};

describe('reach', () => {
  it.each(REACHES)('%s reaches what is listed and nothing else', (reach) => {
    const reached = Object.entries(SUBJECTS).flatMap(([name, subject]) =>
      reaches({ reach }, asker, subject) ? [name] : [],
    );
    expect(reached).toEqual(Object.keys(SUBJECTS).filter((name) => REACHED[reach].includes(name)));
  });

  it('gives those without an institution nothing of an institution, nor care', () => {
    for (const reach of ['own-check', 'own-institution', 'patient-in-care'] as const)
      for (const [name, subject] of Object.entries(SUBJECTS))
        expect(reaches({ reach }, nowhere, subject), `${reach}: ${name}`).toBe(false);
  });
});
