import { describe, expect, test } from 'vitest';
import type { HeaderGeometry } from '../../imaging/index.ts';
import { readDataSet } from './data-set.ts';
import { frameDisplayOf, lookedUp } from './frame-display.ts';

const LONG = new Set(['SQ', 'OW']);

/** An element in explicit little endian. */
const element = (tag: number, vr: string, value: Uint8Array): Buffer => {
  const head = Buffer.alloc(LONG.has(vr) ? 12 : 8);
  head.writeUInt16LE(tag >>> 16, 0);
  head.writeUInt16LE(tag & 0xffff, 2);
  head.write(vr, 4);
  if (LONG.has(vr)) head.writeUInt32LE(value.length, 8);
  else head.writeUInt16LE(value.length, 6);
  return Buffer.concat([head, value]);
};
const words = (...values: number[]): Buffer => Buffer.from(Uint16Array.from(values).buffer);
const item = (...elements: Buffer[]): Buffer => {
  const body = Buffer.concat(elements);
  const head = Buffer.from('feff00e000000000', 'hex');
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
};
const NOWHERE = { pixelSpacingMm: null, imagerPixelSpacingMm: null } as HeaderGeometry;

const displayOf = (elements: readonly Buffer[], geometry: Partial<HeaderGeometry> = {}, frame = 1) =>
  frameDisplayOf(
    readDataSet(Buffer.concat([element(0x0008_0060, 'CS', Buffer.from('DX')), ...elements]), true, {
      transferSyntaxUid: '1.2.840.10008.1.2.1',
      sopClassUid: '1.2.840.10008.5.1.4.1.1.1.1',
      assumedCharset: null,
    }),
    { ...NOWHERE, ...geometry },
    frame,
  );

const table = (tag: number, descriptor: Buffer, entries: Buffer, vr = 'US') =>
  element(tag, 'SQ', item(element(0x0028_3002, 'US', descriptor), element(0x0028_3006, vr, entries)));

describe('what a header asks of whoever draws it (PS3.3 C.11)', () => {
  test('is nothing where it says nothing', () => {
    expect(displayOf([])).toEqual({
      rescale: null,
      window: null,
      modalityTable: null,
      windowTable: null,
      windowFunction: 'LINEAR',
      pixelAspect: 1,
    });
  });

  test('is what functional groups say of the frame, its own before that of all, before the image (PS3.3 C.7.6.16.2.9 and .10)', () => {
    const text = (tag: number, vr: string, value: string) =>
      element(tag, vr, Buffer.from(value.padEnd(value.length + (value.length % 2))));
    const rescaled = (slope: string, intercept: string) =>
      element(
        0x0028_9145,
        'SQ',
        item(
          text(0x0028_1052, 'DS', intercept),
          text(0x0028_1053, 'DS', slope),
          text(0x0028_1054, 'LO', 'US'),
        ),
      );
    const windowed = (center: string, width: string, ...more: Buffer[]) =>
      element(
        0x0028_9132,
        'SQ',
        item(text(0x0028_1050, 'DS', center), text(0x0028_1051, 'DS', width), ...more),
      );
    const elements = [
      text(0x0028_1056, 'CS', 'LINEAR_EXACT'),
      table(0x0028_3010, words(2, 0, 12), words(0, 4095)),
      element(0x5200_9229, 'SQ', item(rescaled('2', '-1000'), windowed('40', '400'))),
      element(
        0x5200_9230,
        'SQ',
        Buffer.concat([
          item(windowed('300\\1', '1500\\2', text(0x0028_1056, 'CS', 'SIGMOID'))),
          item(rescaled('0.5', '3')),
          item(rescaled('0', '3'), windowed('x', '400')),
        ]),
      ),
    ];
    const ofAll = { rescale: { slope: 2, intercept: -1000 }, window: { center: 40, width: 400 } };
    expect(displayOf(elements, {}, 1)).toMatchObject({
      rescale: ofAll.rescale,
      window: { center: 300, width: 1500 },
      windowFunction: 'SIGMOID',
      windowTable: null,
    });
    expect(displayOf(elements, {}, 2)).toMatchObject({
      rescale: { slope: 0.5, intercept: 3 },
      window: ofAll.window,
      windowFunction: 'LINEAR',
      windowTable: null,
    });
    // What cannot be read is no reason to draw by another frame's: the image's own counts.
    expect(displayOf(elements, {}, 3)).toMatchObject({
      rescale: null,
      window: null,
      windowFunction: 'LINEAR_EXACT',
      windowTable: { bits: 12 },
    });
    const looked = element(0x0028_9132, 'SQ', item(table(0x0028_3010, words(2, 0xfff6, 8), words(255, 0))));
    const shared = element(0x5200_9229, 'SQ', item(rescaled('1', '-10'), looked));
    expect(displayOf([shared], {}, 1)).toMatchObject({ windowTable: { first: -10, bits: 8 }, window: null });
  });

  test('is a table, of words or of bytes packed in words', () => {
    const { windowTable } = displayOf([table(0x0028_3010, words(3, 10, 12), words(0, 2000, 4095), 'OW')]);
    expect([9, 10, 11, 12, 99].map((value) => windowTable && lookedUp(windowTable, value))).toEqual([
      0, 0, 2000, 4095, 4095,
    ]);
    const packed = displayOf([table(0x0028_3000, words(4, 0, 8), words(0x0201, 0x0403))]);
    expect([...(packed.modalityTable?.entries ?? [])]).toEqual([1, 2, 3, 4]);
  });

  test('is a table from a negative value on, where values have signs', () => {
    const negative = table(0x0028_3010, words(2, 65_535, 8), words(7, 9));
    const signed = displayOf([element(0x0028_0103, 'US', words(1)), negative]);
    expect(signed.windowTable?.first).toBe(-1);
    expect(displayOf([negative]).windowTable?.first).toBe(65_535);
  });

  test('is no table where the header holds less than it announces', () => {
    expect(displayOf([table(0x0028_3010, words(9, 0, 12), words(0, 2000))]).windowTable).toBeNull();
    expect(displayOf([table(0x0028_3010, words(2, 0, 0), words(0, 2000))]).windowTable).toBeNull();
  });

  test('is the shape of a pixel: of its spacing, else as stated', () => {
    const stated = element(0x0028_0034, 'IS', Buffer.from('3\\2 '));
    expect(displayOf([stated]).pixelAspect).toBe(1.5);
    expect(displayOf([stated], { pixelSpacingMm: [0.8, 0.4] }).pixelAspect).toBe(2);
    expect(displayOf([stated], { imagerPixelSpacingMm: [0.2, 0.2] }).pixelAspect).toBe(1);
    expect(displayOf([], { pixelSpacingMm: [0, 0.4] }).pixelAspect).toBe(1);
  });

  test('is a function by its name', () => {
    const named = (name: string) => displayOf([element(0x0028_1056, 'CS', Buffer.from(name))]).windowFunction;
    expect([named('SIGMOID '), named('LINEAR_EXACT'), named('CUBIC ')]).toEqual([
      'SIGMOID',
      'LINEAR_EXACT',
      'LINEAR',
    ]);
  });
});
