import { describe, expect, it } from 'vitest';
import { civilDateText } from '../kernel/civil-day.ts';
import { type Instant, instant, MINUTE_MS } from '../kernel/instant.ts';
import { accessKindOf, foldLooks, type LoggedLook, shownPurpose } from './index.ts';

const START = Date.UTC(2026, 10, 25, 8) as Instant;
let rows = 0;
const row = (minute: number, change: Partial<LoggedLook> = {}): LoggedLook => ({
  id: `row ${rows++}`,
  at: instant(START + minute * MINUTE_MS),
  actor: 'staff:doctor',
  role: 'doctor',
  staffNumber: '100118',
  institution: 'YX-COUNTY',
  action: 'report.read',
  purpose: 'treatment',
  basis: 'consented',
  outcome: 'disclosed',
  ...change,
});
const fold = (...looks: readonly LoggedLook[]) =>
  foldLooks(
    looks.toSorted((a, b) => b.at - a.at),
    civilDateText,
  ).map(({ kind, rows: folded }) => [kind, folded.length]);
const SYSTEM = { actor: 'client:his', role: 'client', staffNumber: null } as const;

describe('a log that a patient can read', () => {
  it('makes one sitting of one doctor one line, and a later one another', () => {
    expect(fold(row(0), row(4), row(9), row(60))).toEqual([
      ['person', 1],
      ['person', 3],
    ]);
  });

  it('keeps doctors, institutions, purposes and refusals apart', () => {
    expect(
      fold(
        row(0),
        row(1, { staffNumber: '100200', actor: 'staff:other' }),
        row(2, { institution: 'WX-CENTRAL' }),
        row(3, { basis: 'emergency-access' }),
        row(4, { outcome: 'refused: REPORT_UNKNOWN' }),
      ),
    ).toHaveLength(5);
  });

  it('folds what systems did by themselves into one line a day, and what they did for a doctor into his', () => {
    expect(fold(row(0, SYSTEM), row(200, SYSTEM), row(400, SYSTEM))).toEqual([['system', 3]]);
    expect(fold(row(0, SYSTEM), row(24 * 60, SYSTEM))).toHaveLength(2);
    expect(fold(row(0, { ...SYSTEM, staffNumber: '100118' }))).toEqual([['person', 1]]);
  });

  it('folds the own reading of a day, and knows systems in rows from before roles were kept', () => {
    const own = { actor: 'patient:1', role: 'patient', staffNumber: null } as const;
    expect(fold(row(0, own), row(90, own))).toEqual([['own', 2]]);
    expect(fold(row(0, { ...SYSTEM, role: null }))).toEqual([['system', 1]]);
  });

  it.each([
    ['report.read', 'report'],
    ['report-attachment.read', 'report'],
    ['results.read', 'results'],
    ['order.check', 'check'],
    ['order.recognise', 'answer'],
    ['person.search', 'search'],
    ['person.read', 'person'],
    ['never.heard-of', 'other'],
  ])('%s is about: %s', (action, kind) => {
    expect(accessKindOf(action)).toBe(kind);
  });

  it('calls a look under an emergency access one for 急救', () => {
    expect(shownPurpose('treatment', 'consented 7, emergency-access 8')).toBe('emergency');
    expect(shownPurpose('treatment', 'consented')).toBe('treatment');
  });
});
