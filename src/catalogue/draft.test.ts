import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ZoneCode } from '../organisation/index.ts';
import {
  draftCatalogue,
  draftDocument,
  draftItemList,
  type DraftRow,
  readDraftCatalogue,
  xpccItemList,
} from './draft.ts';

const csv = readFileSync(new URL('../../data/catalogue-draft.csv', import.meta.url), 'utf8');

const rows: readonly DraftRow[] = (() => {
  const read = readDraftCatalogue(csv);
  if (!read.ok) throw new Error(JSON.stringify(read.reason));
  return read.value;
})();

const rowOf = (code: string): DraftRow => {
  const row = rows.find(({ item }) => item.code === code);
  if (!row) throw new Error(`no row ${code}`);
  return row;
};

const ZONE = 'TEST' as ZoneCode;

describe('the shipped catalogue draft', () => {
  it('loads whole: 587 items with codes of their own', () => {
    expect(rows).toHaveLength(587);
    expect(new Set(rows.map(({ item }) => item.code)).size).toBe(587);
  });

  it('has as many items of each category as its notes say', () => {
    const counts: Record<string, number> = {};
    for (const { item } of rows) counts[item.category] = (counts[item.category] ?? 0) + 1;
    expect(counts).toEqual({
      'lab-chem': 92,
      'lab-haem': 37,
      'lab-coag': 17,
      'lab-immuno': 85,
      'lab-urine': 28,
      'lab-micro': 19,
      'lab-molecular': 21,
      'img-xray': 64,
      'img-ct': 58,
      'img-mr': 60,
      'img-us': 39,
      'img-nm': 16,
      ecg: 12,
      function: 24,
      endoscopy: 10,
      pathology: 5,
    });
  });

  it('carries 434 LOINC codes, 48 items of the list of four provinces and 45 items with sides', () => {
    expect(rows.filter(({ item }) => item.loinc).length).toBe(434);
    expect(rows.filter(({ item }) => item.tags.some((tag) => tag.startsWith('jjjl60'))).length).toBe(48);
    expect(rows.filter(({ item }) => item.hasSide).length).toBe(45);
  });

  it('reads potassium as the list of Hubei has it', () => {
    expect(rowOf('LC-K')).toMatchObject({
      item: {
        nameZh: '钾',
        unit: 'mmol/L',
        loinc: '2823-3',
        comparability: 'A',
        grain: 'analyte',
        specimens: ['serum', 'plasma', 'heparin-plasma'],
      },
      window: { unit: 'civilDays', n: 7, zone: 'Asia/Shanghai' },
      windowBasis: 'source',
      xpccWindow: null,
    });
  });

  it('reads a same-day item as 0 civil days and a blank window as none', () => {
    expect(rowOf('LC-CKMBA').window).toEqual({ unit: 'civilDays', n: 0, zone: 'Asia/Shanghai' });
    expect(rowOf('LH-ABO').window).toBeNull();
    expect(rows.filter(({ window }) => window === null).map(({ item }) => item.code)).toHaveLength(6);
  });

  it('reads the alternative windows in hours and days', () => {
    expect(rowOf('LH-WBC').xpccWindow).toEqual({ unit: 'hours', n: 6 });
    expect(rowOf('LU-PRO').xpccWindow).toEqual({ unit: 'hours', n: 12 });
    expect(rowOf('LM-SCUL').xpccWindow).toEqual({ unit: 'civilDays', n: 3, zone: 'Asia/Shanghai' });
  });

  it('splits the triggers of the negative list and keeps brackets together', () => {
    expect(rowOf('LI-HBSAG').item.tags).toEqual(
      expect.arrayContaining([
        'neg:pre-op',
        'neg:pre-transfusion',
        'neg:abnormal',
        'win:assumption',
        'confidence:medium',
      ]),
    );
    expect(rowOf('XR-PANO').item.tags).toEqual(['confidence:medium', 'win:assumption']);
    expect(rowOf('LX-HIVRNA').item.tags).toContain('restricted-visibility');
  });

  it('gives units that are UCUM also where the draft writes [U]', () => {
    expect(rowOf('LI-CA125').item.unit).toBe('U/mL');
    expect(rowOf('LG-DD').item.unit).toBe('mg/L{FEU}');
  });

  it('becomes lists that say they are drafts', () => {
    const issue = { code: ZONE, version: '2026-11', jurisdiction: 'CN', effectiveFrom: '2026-11-23' };
    const catalogue = draftDocument('catalogue', draftCatalogue(rows), issue);
    expect([catalogue.status, catalogue.content.items.length]).toEqual(['draft', 587]);
    const list = draftItemList(rows, ZONE, ['hr-grant']);
    expect(list.rows).toHaveLength(587);
    expect(list.rows.find(({ item }) => item === 'LC-K')?.unfitSpecimenStates).toEqual(['haemolysed']);
    const strict = xpccItemList(rows, ZONE, ['hr-grant']);
    expect(strict.rows).toHaveLength(171);
    expect(strict.rows.every(({ preconditions }) => preconditions.includes('any-treatment'))).toBe(true);
  });
});

describe('a catalogue that is not in order', () => {
  const header = `${csv.slice(0, csv.indexOf('\n')).trim()}\n`;

  it.each([
    [
      'a wrong LOINC check digit',
      'X-1,钾,K,lab-chem,血清,酶法,mmol/L,2823-4,7,win:assumption;cmp:A,low',
      'loinc_code_if_sure',
      'check-digit',
    ],
    ['an unknown category', 'X-1,钾,K,lab,血清,酶法,mmol/L,,7,win:assumption,low', 'category', 'unknown'],
    [
      'an unknown specimen',
      'X-1,钾,K,lab-chem,水,酶法,mmol/L,,7,win:assumption,low',
      'specimen_or_body_part',
      'unknown',
    ],
    ['an unknown unit', 'X-1,钾,K,lab-chem,血清,酶法,mmoll,,7,win:assumption,low', 'unit_ucum', 'unknown'],
    [
      'days that are no number',
      'X-1,钾,K,lab-chem,血清,酶法,mmol/L,,一周,win:assumption,low',
      'default_validity_days',
      'not-a-number',
    ],
    ['no name', 'X-1,,K,lab-chem,血清,酶法,mmol/L,,7,win:assumption,low', 'name_zh', 'missing'],
    ['no basis of its window', 'X-1,钾,K,lab-chem,血清,酶法,mmol/L,,7,cmp:A,low', 'notes', 'missing'],
  ])('is refused for %s, naming row and column', (_name, row, column, problem) => {
    expect(readDraftCatalogue(`${header}${row}\n`)).toEqual({
      ok: false,
      reason: [{ row: 1, code: 'X-1', column, problem }],
    });
  });

  it('is refused for a code that stands twice', () => {
    const row = 'X-1,钾,K,lab-chem,血清,酶法,mmol/L,,7,win:assumption,low\n';
    expect(readDraftCatalogue(header + row + row)).toEqual({
      ok: false,
      reason: [{ row: 2, code: 'X-1', column: 'item_code', problem: 'repeated' }],
    });
  });

  it('is refused when it is not CSV', () => {
    const good = 'X-1,钾,K,lab-chem,血清,酶法,mmol/L,,7,win:assumption,low\n';
    expect(readDraftCatalogue(`${header}${good}X-2,"钾\n`)).toEqual({
      ok: false,
      reason: [{ row: 2, code: '', column: '', problem: 'unreadable' }],
    });
  });
});
