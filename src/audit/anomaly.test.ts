import { describe, expect, it } from 'vitest';
import { type Instant, instant, MINUTE_MS } from '../kernel/instant.ts';
import type { AnomalyRule } from '../recognition/index.ts';
import { anomaliesOf, bulkOf, type Look, type LookCircumstances } from './index.ts';

const START = Date.UTC(2026, 10, 25, 8) as Instant;
const look = (person: string, minute: number, action = 'report.read'): Look => ({
  event: `${minute}`,
  at: instant(START + minute * MINUTE_MS),
  actor: 'staff:doctor',
  institution: 'YX-COUNTY',
  person,
  action,
});
const RULES: readonly AnomalyRule[] = [
  { kind: 'colleague' },
  { kind: 'watched-person' },
  { kind: 'no-encounter', windowDays: 30, afterHours: 4 },
  { kind: 'bulk', persons: 3, windowMinutes: 10 },
];
const ORDINARY: LookCircumstances = { isColleague: false, isWatched: false, hasEncounter: true };
const kindsOf = (action: string, change: Partial<LookCircumstances>, rules = RULES) =>
  anomaliesOf(look('1', 0, action), { ...ORDINARY, ...change }, rules).map(({ kind }) => kind);

describe('rules over the log', () => {
  it.each<[string, string, Partial<LookCircumstances>, readonly string[]]>([
    ['an ordinary look', 'report.read', {}, []],
    ['a colleague', 'report.read', { isColleague: true }, ['colleague']],
    ['a watched person, even only searched for', 'person.search', { isWatched: true }, ['watched-person']],
    ['content without an encounter', 'results.read', { hasEncounter: false }, ['no-encounter']],
    ['a search without an encounter: how every visit begins', 'person.search', { hasEncounter: false }, []],
    [
      'all at once',
      'report.read',
      { isColleague: true, isWatched: true, hasEncounter: false },
      ['colleague', 'watched-person', 'no-encounter'],
    ],
  ])('%s', (_what, action, change, expected) => {
    expect(kindsOf(action, change)).toEqual(expected);
  });

  it('finds nothing by a rule that the jurisdiction left out', () => {
    expect(kindsOf('report.read', { isColleague: true, hasEncounter: false }, [])).toEqual([]);
  });
});

describe('many persons in a short time', () => {
  const rule = { kind: 'bulk', persons: 3, windowMinutes: 10 } as const;

  it('is found with the look that was one too many', () => {
    const looks = ['1', '2', '3', '4'].map((person, minute) => look(person, minute));
    expect(bulkOf(looks, rule)).toEqual({ kind: 'bulk', look: looks[3], persons: 4 });
  });

  it('is not: the same few again and again, or many over a day', () => {
    expect(
      bulkOf(
        ['1', '2', '3', '1', '2', '3', '1'].map((person, n) => look(person, n)),
        rule,
      ),
    ).toBeNull();
    expect(
      bulkOf(
        ['1', '2', '3', '4', '5', '6'].map((person, n) => look(person, n * 6)),
        rule,
      ),
    ).toBeNull();
  });

  it('counts a person as of the latest look at him', () => {
    const looks = [look('1', 0), look('2', 2), look('1', 8), look('3', 12), look('4', 13)];
    // The second has left the window, the first has not.
    expect(bulkOf(looks, rule)).toBeNull();
    expect(bulkOf([...looks, look('5', 14)], rule)?.persons).toBe(4);
  });
});
