import { describe, expect, it } from 'vitest';
import table from '../../data/specimens.json' with { type: 'json' };
import { foldWords } from './fold-words.ts';
import { understandSide } from './side.ts';
import {
  acceptedSpecimens,
  isKindOf,
  specimenFit,
  understandSpecimen,
  understandSpecimenStates,
} from './specimen.ts';

describe('specimens', () => {
  it.each([
    ['', '血清', 'serum'],
    ['SER', '', 'serum'],
    ['ser', '', 'serum'],
    ['', 'EDTA抗凝全血', 'edta-blood'],
    ['', '枸橼酸钠抗凝血浆', 'citrate-plasma'],
    ['UR', '晨尿', 'morning-urine'],
    ['BLD', '血液', 'venous-blood'],
    ['', '大便', 'stool'],
    ['', '２４小时尿', 'urine-24h'],
    ['XX', '不明', null],
    ['SER', '尿液', null],
  ])('%j %j is %j', (code, text, specimen) => {
    expect(understandSpecimen(code, text)).toBe(specimen);
  });

  it('fit an item, do not fit it, or are stated too broadly to tell', () => {
    const item = { specimens: acceptedSpecimens('血清/血浆') ?? [] };
    const fits = ['serum', 'heparin-plasma', 'venous-blood', 'edta-plasma', 'urine', null].map((one) =>
      specimenFit(item, one),
    );
    expect(fits).toEqual(['fits', 'fits', 'unclear', 'unfit', 'unfit', 'not-stated']);
  });

  it('of a 24-hour collection are not a random sample, nor the other way round', () => {
    expect(specimenFit({ specimens: acceptedSpecimens('24小时尿') ?? [] }, 'random-urine')).toBe('unfit');
    expect(specimenFit({ specimens: acceptedSpecimens('随机尿') ?? [] }, 'urine-24h')).toBe('unfit');
    expect(specimenFit({ specimens: acceptedSpecimens('24小时尿') ?? [] }, 'urine')).toBe('unclear');
  });

  it('stand in a table without contradictions: one meaning per word and code, no circles, no unknown codes', () => {
    const codes = Object.keys(table.specimens);
    const words = new Map<string, string>();
    for (const [code, entry] of Object.entries(table.specimens)) {
      for (const word of [...entry.words.map(foldWords), ...entry.hl7.map((one) => `hl7:${one}`)]) {
        expect(words.get(word) ?? code, word).toBe(code);
        words.set(word, code);
      }
      if (entry.broader !== null) {
        expect(codes).toContain(entry.broader);
        expect(isKindOf(entry.broader, code)).toBe(false);
      }
    }
    for (const accepted of Object.values(table.catalogue).flat()) expect(codes).toContain(accepted);
  });
});

describe('specimen states', () => {
  it.each([
    [['溶血'], ['haemolysed']],
    [['HEM'], ['haemolysed']],
    [['重度脂血，黄疸'], ['icteric', 'lipaemic']],
    [
      ['凝固', '量少'],
      ['clotted', 'insufficient'],
    ],
    [['合格'], []],
    [[], []],
    [['发绿'], ['other:发绿']],
  ])('%j are %j', (words, states) => {
    expect(understandSpecimenStates(words)).toEqual(states);
  });
});

describe('sides', () => {
  it.each([
    ['L', 'left'],
    ['RT', 'right'],
    ['双侧', 'both'],
    ['左侧', 'left'],
    ['X', null],
  ])('%j alone is %j', (word, side) => {
    expect(understandSide(word)).toBe(side);
  });
});
