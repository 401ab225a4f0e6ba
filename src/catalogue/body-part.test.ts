import { describe, expect, it } from 'vitest';
import { bodyPartsContradict, bodyRegionsOf } from './body-part.ts';

describe('body parts', () => {
  it.each([
    ['KNEE', '膝关节', false],
    ['左膝关节', 'KNEE', false],
    ['ABDOMEN', '肝脏', false],
    ['CHEST', '肋骨', false],
    ['HIP', '骨盆', false],
    ['SHOULDER', '膝关节', true],
    ['HEAD', '腰椎', true],
    ['CHEST', '颅脑', true],
    ['全身', '膝关节', false],
    ['OTHER', '膝关节', false],
    ['', '膝关节', false],
  ])('%j against %j contradicts: %j', (one, other, contradict) => {
    expect(bodyPartsContradict(one, other)).toBe(contradict);
    expect(bodyPartsContradict(other, one)).toBe(contradict);
  });

  it('lie in every region that they touch', () => {
    expect([...bodyRegionsOf('髋关节')].toSorted()).toEqual(['lower-limb', 'pelvis']);
    expect(bodyRegionsOf('不知何处').size).toBe(0);
  });
});
