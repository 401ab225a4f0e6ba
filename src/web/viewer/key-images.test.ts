import { beforeEach, describe, expect, it } from 'vitest';
import { type MarkedImage, type MarkStore, readMarks, toggled, writeMarks } from './key-images.ts';

const mark = (study: string, instance: string): MarkedImage => ({
  study,
  seriesUid: '1.2.3',
  sopInstanceUid: instance,
  frame: 1,
  number: 7,
});

let kept: Map<string, string>;
let store: MarkStore;

beforeEach(() => {
  kept = new Map([['another.key', 'stays']]);
  store = {
    get length() {
      return kept.size;
    },
    key: (place) => [...kept.keys()][place] ?? null,
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
});

describe('marks of key images', () => {
  it('are set and taken away again', () => {
    const one = mark('a', '1.1');
    const two = mark('a', '1.2');
    expect(toggled(toggled([], one), two)).toEqual([one, two]);
    expect(toggled([one, two], one)).toEqual([two]);
  });

  it('are kept for their study alone, and forgotten with the last one', () => {
    writeMarks('a', [mark('a', '1.1')], store, 1);
    expect(readMarks('a', store)).toEqual([mark('a', '1.1')]);
    expect(readMarks('b', store)).toEqual([]);
    writeMarks('a', [], store, 2);
    expect([...kept.keys()]).toEqual(['another.key']);
  });

  it('are none where what is kept cannot be read', () => {
    for (const text of ['', '{', '[]', '{"marks":7}', '{"marks":[{"study":"a"}]}']) {
      kept.set('huren.key-images.a', text);
      expect(readMarks('a', store)).toEqual([]);
    }
  });

  it('make room for new ones: the studies marked longest ago go first', () => {
    for (let at = 1; at <= 205; at++) writeMarks(`s${at}`, [mark(`s${at}`, '1.1')], store, at);
    expect(readMarks('s5', store)).toEqual([]);
    expect(readMarks('s6', store)).toHaveLength(1);
    expect(readMarks('s205', store)).toHaveLength(1);
    expect(kept.get('another.key')).toBe('stays');
  });

  it('hold for the page where the browser keeps nothing', () => {
    const closed = {
      ...store,
      setItem() {
        throw new Error('no room');
      },
    };
    expect(() => writeMarks('a', [mark('a', '1.1')], closed, 1)).not.toThrow();
  });
});
