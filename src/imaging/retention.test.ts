import { describe, expect, test } from 'vitest';
import { mayRetire, RETENTION_RULES as rules, retentionOf } from './retention.ts';

const of = (encounterClass: string | null, lastContactOn = '2001-05-06', keptYears: number | null = 15) =>
  retentionOf(rules, { encounterClass, lastContactOn }, keptYears);

describe('how long images are kept', () => {
  test('for ever, unless the installation says otherwise', () => {
    expect(of('outpatient', '1950-01-01', null)).toBeNull();
    expect(mayRetire(null, '2026-11-26')).toBe(false);
  });

  test('15 years for outpatients, 30 for inpatients, the longest where nobody knows', () => {
    expect(of('outpatient')).toEqual({ until: '2016-05-06', rule: 'outpatient', years: 15 });
    expect(of('emergency')).toMatchObject({ years: 15 });
    expect(of('inpatient')).toEqual({ until: '2031-05-06', rule: 'inpatient', years: 30 });
    for (const unknown of [null, 'health-check', '']) expect(of(unknown)).toMatchObject({ years: 30 });
  });

  test('the installation can keep them longer than the law asks, and not shorter', () => {
    expect(of('outpatient', '2001-05-06', 40)).toMatchObject({ years: 40, until: '2041-05-06' });
    expect(of('inpatient', '2001-05-06', 15)).toMatchObject({ years: 30 });
  });

  test('to the day: the day itself is the first on which it may go', () => {
    expect(mayRetire(of('outpatient'), '2016-05-05')).toBe(false);
    expect(mayRetire(of('outpatient'), '2016-05-06')).toBe(true);
    expect(of('outpatient', '2008-02-29')?.until).toBe('2023-03-01');
  });

  test('each row names the article that asks for it', () => {
    for (const { source, years } of rules) {
      expect(source.article).toMatch(/^第.+条$/);
      expect(source.words).toContain(`${years}年`);
    }
  });
});
