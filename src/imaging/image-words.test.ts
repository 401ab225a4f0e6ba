import { describe, expect, it } from 'vitest';
import { bodyRegionsIn } from '../catalogue/index.ts';
import { namesLocaliser, phaseIn, sideIn, viewsIn } from './image-words.ts';

describe('the words that devices send', () => {
  it.each([
    ['左膝关节MR平扫', 'left'],
    ['右膝', 'right'],
    ['双膝关节', 'both'],
    ['KNEE LT', 'left'],
    ['KNEE_R', 'right'],
    ['LKNEE', 'left'],
    ['R KNEE', 'right'],
    ['Ｌ ＫＮＥＥ', 'left'],
    ['Left Knee', 'left'],
    ['BILATERAL HIP', 'both'],
    ['左、右膝关节', 'unclear'],
    ['左侧卧位', null],
    ['胸部左侧位', null],
    ['左前斜位', null],
    ['膝关节', null],
    ['LUNG', null],
    ['RIB', null],
    ['LOCALIZER', null],
    ['', null],
  ] as const)('%s names the side %s', (text, side) => {
    expect(sideIn(text)).toBe(side);
  });

  it.each([
    ['PA', ['frontal']],
    ['胸部正侧位', ['frontal', 'lateral']],
    ['侧位', ['lateral']],
    ['LL', ['lateral']],
    ['W033 胸部 PA', ['frontal']],
    ['LAO', ['oblique']],
    ['PATIENT', []],
  ] as const)('%s names the views %j', (text, views) => {
    expect(viewsIn(text)).toEqual(views);
  });

  it.each([
    ['平扫 5mm', 'plain'],
    ['增强 动脉期', 'arterial'],
    ['门脉期 1.25', 'venous'],
    ['DELAYED 3min', 'delayed'],
    ['CHEST C+', 'enhanced'],
    ['平扫+增强', 'enhanced'],
    ['Lung 1.0', null],
  ] as const)('%s names the phase %s', (text, phase) => {
    expect(phaseIn(text)).toBe(phase);
  });

  it('tell a localiser from an image to read', () => {
    expect(['Scout', '定位像', 'Topogram  0.6'].every(namesLocaliser)).toBe(true);
    expect(['肺窗', 'LOCAL'].some(namesLocaliser)).toBe(false);
  });

  it.each([
    ['胸部CT平扫', ['chest']],
    ['CT Chest', ['chest']],
    ['腰椎MR平扫', ['abdomen', 'spine']],
    ['左膝关节MR平扫', ['lower-limb']],
    ['THORAX', ['chest']],
    ['随便什么', []],
  ] as const)('%s names regions %j of the body', (text, regions) => {
    expect([...bodyRegionsIn(text)].toSorted()).toEqual(regions);
  });
});
