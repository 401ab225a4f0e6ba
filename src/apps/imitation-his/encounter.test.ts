import { expect, it } from 'vitest';
import { drafts, type Encounter, feeYuan, ordered, restored, signed, withdrawn } from './encounter.ts';

const CT = { code: 'CT1', nameZh: '胸部CT', kind: 'examination', priceYuan: 280 } as const;
const CBC = { code: 'XCG', nameZh: '血常规', kind: 'laboratory', priceYuan: 20 } as const;
const empty: Encounter = {
  number: 'V1',
  face: 'soap',
  patientKey: 'child',
  requestNumber: 'R1',
  orders: [],
  prompt: { kind: 'none' },
  version: 1,
};

it('charges for what is ordered, once, and no longer for what was withdrawn', () => {
  const both = ordered(ordered(ordered(empty, CT, 'o1'), CBC, 'o2'), CT, 'o3');
  expect(feeYuan(both)).toBe(300);
  const recognised = withdrawn(both, ['o1'], '互认');
  expect(feeYuan(recognised)).toBe(20);
  expect(feeYuan(restored(recognised, 'o1'))).toBe(300);
});

it('signs what is left, whatever was asked', () => {
  const asked: Encounter = {
    ...ordered(empty, CBC, 'o1'),
    prompt: { kind: 'line', text: '本次未核查', checked: false },
  };
  const done = signed(asked);
  expect(drafts(done)).toEqual([]);
  expect(done.orders.map(({ state }) => state)).toEqual(['signed']);
  expect(done.version).toBeGreaterThan(asked.version);
});
