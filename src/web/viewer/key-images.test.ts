import { describe, expect, it } from 'vitest';
import { type MarkedImage, marksOf, toggled } from './key-images.ts';

const mark = (study: string, instance: string): MarkedImage => ({
  study,
  seriesUid: '1.2.3',
  sopInstanceUid: instance,
  frame: 1,
  number: 7,
});

describe('marks of key images', () => {
  it('are set and taken away again', () => {
    const one = mark('a', '1.1');
    const two = mark('a', '1.2');
    expect(toggled(toggled([], one), two)).toEqual([one, two]);
    expect(toggled([one, two], one)).toEqual([two]);
  });

  it('are those that were kept when the study was opened, and none where none are kept', () => {
    const { study, ...image } = mark('a', '1.1');
    expect(marksOf({ id: study, keyImages: [image] })).toEqual([mark('a', '1.1')]);
    expect(marksOf({ id: study, keyImages: null })).toEqual([]);
  });
});
