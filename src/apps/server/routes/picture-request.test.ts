import { describe, expect, test } from 'vitest';
import { type PictureQuery, ownThumbnail, pictureRequest, picturesRequest } from './picture-request.ts';

const asked = (query: PictureQuery) => pictureRequest(query, {});

describe('how pictures are asked for (PS3.18 §8.3.5.1)', () => {
  test('a window with each function, and one that names none as a line', () => {
    const windowOf = (window: string) => asked({ window }).window;
    expect(windowOf('40,400,linear')).toEqual({ center: 40, width: 400, windowFunction: 'LINEAR' });
    expect(windowOf('-600.5,1.5E3,sigmoid')).toEqual({
      center: -600.5,
      width: 1500,
      windowFunction: 'SIGMOID',
    });
    expect(windowOf('0.5,0.1,linear-exact')).toEqual({
      center: 0.5,
      width: 0.1,
      windowFunction: 'LINEAR_EXACT',
    });
    expect(windowOf('40,400')?.windowFunction).toBe('LINEAR');
  });

  test('a viewport: its size, the region of the image, and how it is turned over', () => {
    expect(asked({ viewport: '200,100' })).toMatchObject({ widthMax: 200, heightMax: 100, isEnlarged: true });
    expect(asked({ viewport: '200,100' }).region).toBeUndefined();
    expect(asked({ viewport: '200,100,10,20.5,-30,40' }).region).toEqual({
      left: 10,
      top: 20.5,
      width: 30,
      height: 40,
      isMirrored: true,
      isUpsideDown: false,
    });
    expect(asked({ viewport: '200,100,,,,-40' }).region).toEqual({
      left: 0,
      top: 0,
      width: null,
      height: 40,
      isMirrored: false,
      isUpsideDown: true,
    });
    expect(asked({})).toMatchObject({ widthMax: null, heightMax: null, window: null, quality: 90 });
  });

  test.each<[keyof PictureQuery, readonly string[]]>([
    [
      'window',
      [
        '',
        '40',
        '40,',
        ',400',
        '40,0',
        '40,0.5',
        '40,0.5,linear',
        '40,0,sigmoid',
        '40,-1,linear-exact',
        '40,400,LINEAR',
        '40,400,cubic',
        '40,400,linear,1',
        'NaN,400,linear',
        '0x10,400,linear',
        'Infinity,1,linear',
      ],
    ],
    [
      'viewport',
      [
        '100',
        '100,',
        ',100',
        '0,100',
        '-100,100',
        '1.5,100',
        '10001,1',
        '9999,9999',
        '100,100,a',
        '100,100,0,0,0,10',
        '100,100,0,0,x',
        '100,100,0,0,1,1,1',
        '1e3,100',
      ],
    ],
    ['quality', ['0', '101', '1.5', '-1', 'high', '1e1']],
  ])('a bad %s is refused by its name', (name, values) => {
    for (const value of values) {
      let refused: unknown;
      try {
        asked({ [name]: value });
      } catch (error) {
        refused = error;
      }
      expect(refused, value).toMatchObject({ code: 'SEARCH_INVALID', status: 400, place: `query.${name}` });
    }
  });

  test('one picture, or all in several parts', () => {
    const formOf = (accept: string | undefined, count: number | null = null) => {
      const { isMultipart, request } = picturesRequest({}, { accept }, count);
      return `${isMultipart ? 'several' : 'one'} ${request.mediaType}`;
    };
    expect(formOf(undefined)).toBe('one image/jpeg');
    expect(formOf('image/avif,image/webp,*/*;q=0.8')).toBe('one image/jpeg');
    expect(formOf('image/png')).toBe('one image/png');
    expect(formOf('multipart/related; type="image/jpeg"')).toBe('several image/jpeg');
    expect(formOf('multipart/related; type="image/png", image/jpeg;q=0.5')).toBe('several image/png');
    expect(formOf('multipart/related')).toBe('several image/jpeg');
    expect(formOf('*/*', 3)).toBe('several image/jpeg');
    expect(formOf(undefined, 1)).toBe('one image/jpeg');
    for (const [accept, count] of [
      ['image/jpeg', 2],
      ['text/html', null],
      ['multipart/related; type="image/gif"', null],
    ] as const)
      expect(() => formOf(accept, count)).toThrowError(/NOT_ACCEPTABLE/);
  });

  test('a thumbnail is drawn anew only where another is asked for, and shows all of a picture', () => {
    const own = (query: PictureQuery) => ownThumbnail(query, asked(query));
    expect([own({}), own({ accept: 'image/png' }), own({ viewport: '64,64' })]).toEqual([false, true, true]);
    expect(() => own({ viewport: '64,64,0,0,10,10' })).toThrowError(/SEARCH_INVALID/);
  });
});
