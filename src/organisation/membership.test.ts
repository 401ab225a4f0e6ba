import { describe, expect, it } from 'vitest';
import { parseInstant } from '../kernel/instant.ts';
import type { InstitutionCode } from './institution.ts';
import {
  chinaPeriod,
  commonZones,
  during,
  indexInstitutionList,
  listingOf,
  membershipsAt,
  startOfChinaDay,
} from './membership.ts';
import type { InstitutionList, Zone, ZoneCode, ZoneLevel } from './zone.ts';

const code = (text: string) => text as InstitutionCode;
const zone = (name: string, level: ZoneLevel, members: Zone['members']): Zone => ({
  code: name as ZoneCode,
  nameZh: name,
  nameEn: name,
  level,
  recognisesAllItems: false,
  members,
});

it('a day begins at midnight in China', () => {
  expect(startOfChinaDay('2026-11-20')).toBe(parseInstant('2026-11-19T16:00:00Z'));
});

it('a period holds its first moment and not its end', () => {
  const period = chinaPeriod('2026-11-01', '2026-12-01');
  expect(during(period, startOfChinaDay('2026-11-01'))).toBe(true);
  expect(during(period, startOfChinaDay('2026-12-01'))).toBe(false);
  expect(during(chinaPeriod('2026-11-01'), startOfChinaDay('2099-01-01'))).toBe(true);
});

describe('zones of an institution', () => {
  const zones = [
    zone('NATION', 'nation', [{ institution: code('A'), from: '2020-01-01' }]),
    zone('CITY-2', 'city', [{ institution: code('A'), from: '2020-01-01' }]),
    zone('CITY-1', 'city', [{ institution: code('A'), from: '2020-01-01' }]),
    zone('LEFT', 'consortium', [{ institution: code('A'), from: '2020-01-01', to: '2026-01-01' }]),
    zone('OTHERS', 'province', [{ institution: code('B'), from: '2020-01-01' }]),
  ];

  it('come narrow to wide, and only while it is a member', () => {
    const at = (date: string) =>
      (membershipsAt(zones, startOfChinaDay(date)).get(code('A')) ?? []).map((each) => each.code);
    expect(at('2025-12-31')).toEqual(['LEFT', 'CITY-1', 'CITY-2', 'NATION']);
    expect(at('2026-01-01')).toEqual(['CITY-1', 'CITY-2', 'NATION']);
    expect(at('2019-12-31')).toEqual([]);
  });

  it('are named once, however often its membership was renewed', () => {
    const renewed = zone('TWICE', 'city', [
      { institution: code('A'), from: '2020-01-01' },
      { institution: code('A'), from: '2021-01-01' },
    ]);
    expect(membershipsAt([renewed], startOfChinaDay('2026-01-01')).get(code('A'))).toEqual([renewed]);
  });

  it('are common where both are members, in the same order', () => {
    const left = membershipsAt(zones, startOfChinaDay('2026-06-01')).get(code('A')) ?? [];
    expect(left).toHaveLength(3);
    expect(commonZones(left, left.toReversed())).toEqual(left);
    expect(commonZones(left, [])).toEqual([]);
  });
});

describe('an institution list', () => {
  const list: Pick<InstitutionList, 'rows'> = {
    rows: [
      { institution: code('A'), scope: 'all', state: 'listed', from: '2025-01-01' },
      {
        institution: code('A'),
        scope: { categories: ['img-ct'] },
        state: 'suspended',
        from: '2026-06-01',
        to: '2026-07-01',
      },
      { institution: code('A'), scope: { items: ['LC-K'] }, state: 'removed', from: '2026-06-15' },
    ],
  };
  const rows = indexInstitutionList(list).get(code('A')) ?? [];
  const state = (item: string, category: string, date: string) => {
    const listing = listingOf(rows, item, category, startOfChinaDay(date));
    return listing === null ? null : `${listing.row.state} by row ${listing.place}`;
  };

  it.each([
    ['LC-K', 'lab-chem', '2024-12-31', null],
    ['LC-K', 'lab-chem', '2026-06-01', 'listed by row 1'],
    ['LC-K', 'lab-chem', '2026-06-15', 'removed by row 3'],
    ['CT-CHEST-P', 'img-ct', '2026-06-01', 'suspended by row 2'],
    ['CT-CHEST-P', 'img-ct', '2026-07-01', 'listed by row 1'],
  ])('says of %s (%s) on %s: %s', (item, category, date, expected) => {
    expect(state(item, category, date)).toBe(expected);
  });
});
