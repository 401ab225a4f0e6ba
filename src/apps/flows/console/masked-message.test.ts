import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shapeOf } from './masked-message.ts';

describe('the shape of a text', () => {
  it.each([
    ['480225196308190571', '000000000000000000'],
    ['许国栋', '某某某'],
    ['M000100020^^^WXSZXYY^MR', 'x000000000^^^xxxxxxx^xx'],
    ['3.50～5.30', '0.00～0.00'],
    ['20261123083000+0800', '00000000000000+0000'],
    ['HIV抗体 阳性(+)', 'xxx某某 某某(+)'],
    ['', ''],
  ])('of %s is %s', (text, shape) => {
    expect(shapeOf(text)).toBe(shape);
  });

  it('holds no letter, no digit and no character but its marks', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(shapeOf(text)).not.toMatch(/[a-wyzA-Z1-9]/);
        expect(shapeOf(text).replaceAll('某', '')).not.toMatch(/\p{Script=Han}/u);
      }),
    );
  });
});
