import { describe, expect, it } from 'vitest';
import { firstPart } from './dicomweb.ts';
import { angleLines, lengthLines, pointLines, regionLines } from './measured-words.ts';
import { commandOf } from './use-keys.ts';

const measured = (stats: Record<string, unknown>) => ({ cachedStats: { t: stats } });

describe('what a measurement says', () => {
  it('gives a length its unit, and says pixels where there are no millimetres', () => {
    expect(lengthLines(measured({ length: 12.345, unit: 'mm' }), 't', null)).toEqual(['12.3 毫米']);
    expect(lengthLines(measured({ length: 40, unit: 'px' }), 't', '未校正')).toEqual(['40.0 像素']);
    expect(lengthLines(measured({}), 't', null)).toEqual([]);
  });

  it('says below millimetres what they are measured at', () => {
    expect(lengthLines(measured({ length: 19.36, unit: 'mm' }), 't', '放大率未校正')).toEqual([
      '19.4 毫米',
      '放大率未校正',
    ]);
    expect(regionLines(measured({ area: 47.06, areaUnit: 'mm²' }), 't', '放大率未校正')).toEqual([
      '面积 47.1 平方毫米',
      '放大率未校正',
    ]);
  });

  it('names the unit of a calibrated region of ultrasound', () => {
    expect(lengthLines(measured({ length: 2.42, unit: 'cm US Region' }), 't', null)).toEqual(['2.4 厘米']);
    expect(regionLines(measured({ area: 3.1, areaUnit: 'cm² US Region' }), 't', null)).toEqual([
      '面积 3.1 平方厘米',
    ]);
  });

  it('calls the values of a CT by their name, those of nothing else', () => {
    const stats = { area: 20, areaUnit: 'mm²', mean: 35.4, stdDev: 12.2, min: -10, max: 80 };
    expect(regionLines(measured({ ...stats, modalityUnit: 'HU' }), 't', null)).toEqual([
      '面积 20.0 平方毫米',
      'CT 值 35 ± 12 HU',
      '-10 ~ 80 HU',
    ]);
    expect(regionLines(measured({ ...stats, modalityUnit: '' }), 't', null)[1]).toBe('均值 35 ± 12');
    expect(pointLines(measured({ value: -780, modalityUnit: 'HU' }), 't')).toEqual(['CT 值 -780 HU']);
    expect(angleLines(measured({ angle: 90 }), 't')).toEqual(['90.0°']);
    expect(angleLines(measured({ angle: Number.NaN }), 't')).toEqual([]);
  });
});

describe('the keys', () => {
  it('scroll, choose windows and tools', () => {
    expect(commandOf('ArrowDown')).toEqual({ kind: 'scroll', by: 1 });
    expect(commandOf('PageUp')).toEqual({ kind: 'scroll', by: -10 });
    expect(commandOf('3')).toEqual({ kind: 'window', number: 3 });
    expect(commandOf('L')).toEqual({ kind: 'tool', letter: 'l' });
    expect(commandOf(' ')).toEqual({ kind: 'act', act: 'play' });
    expect(commandOf(']')).toEqual({ kind: 'series', step: 1 });
    expect(commandOf('q')).toBeNull();
    expect(commandOf('Tab')).toBeNull();
  });
});

describe('a multipart answer', () => {
  const encode = (text: string) => new TextEncoder().encode(text);
  const TYPE = 'multipart/related; type="application/dicom"; boundary="b1"';

  it('gives its first part', () => {
    const part = firstPart(encode('--b1\r\nContent-Type: application/dicom\r\n\r\nDICM\r\n--b1--'), TYPE);
    expect(new TextDecoder().decode(part ?? undefined)).toBe('DICM');
  });

  it('is broken without an end, and whole where it is not multipart', () => {
    expect(firstPart(encode('--b1\r\n\r\nDIC'), TYPE)).toBeNull();
    expect(firstPart(encode('DICM'), 'application/dicom')).toEqual(encode('DICM'));
  });
});
