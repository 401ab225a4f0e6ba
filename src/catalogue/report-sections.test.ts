import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import sectionTable from '../../data/report-sections.json' with { type: 'json' };
import { placeInReports } from './report-sections.ts';

const catalogue = readFileSync(new URL('../../data/catalogue-draft.csv', import.meta.url), 'utf8');
const laboratoryCodes = catalogue.split('\n').flatMap((line) => /^(L[A-Z]-[A-Z0-9]+),/.exec(line)?.[1] ?? []);

describe('sections of a cumulative report', () => {
  it('name every laboratory item of the shipped catalogue once, and nothing else', () => {
    const named = sectionTable.sections.flatMap(({ items }) => items);
    expect(named.toSorted()).toEqual(laboratoryCodes.toSorted());
  });

  it('stand in the order of the printed report', () => {
    const [leukocytes, potassium] = [placeInReports('LH-WBC'), placeInReports('LC-K')];
    expect(leukocytes.section.name.zh).toBe('血常规');
    expect(leukocytes.section.place).toBeLessThan(potassium.section.place);
    expect(placeInReports('LC-ALT').place).toBeLessThan(placeInReports('LC-AST').place);
  });

  it('put what has no item last', () => {
    expect(placeInReports(null).section.code).toBe('other');
    expect(placeInReports(null).place).toBeGreaterThan(placeInReports('LC-ACP').place);
  });
});
