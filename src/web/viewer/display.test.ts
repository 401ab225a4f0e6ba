import { describe, expect, it } from 'vitest';
import type { ViewedSeries } from '../wire/viewed-study.ts';
import { firstWindowOf, gapWords, hang, kindOf, windowsOf } from './display.ts';

const series = (uid: string, change: Partial<ViewedSeries>): ViewedSeries => ({
  seriesUid: uid,
  number: Number(uid.split('.').at(-1)),
  modality: 'CT',
  description: null,
  bodyPart: null,
  laterality: null,
  instances: 100,
  version: null,
  ...change,
});

const window = (kernel: string | null, bodyPart: string | null, description: string | null = null) =>
  firstWindowOf({ modality: 'CT', kernel, bodyPart, description })?.id ?? null;

describe('the window in which a series opens', () => {
  it('follows kernel and part of the body', () => {
    expect(window('B70f', 'CHEST')).toBe('lung');
    expect(window('LUNG', null, '胸部平扫')).toBe('lung');
    expect(window('B31f', 'CHEST')).toBe('mediastinum');
    expect(window(null, null, '肺窗 1.0mm')).toBe('lung');
    expect(window('B70s', 'KNEE')).toBe('bone');
    expect(window('STANDARD', 'HEAD')).toBe('brain');
    expect(window(null, 'ABDOMEN')).toBe('abdomen');
  });

  it('is the device’s own where nothing is known, and always outside CT', () => {
    expect(window(null, null)).toBeNull();
    expect(firstWindowOf({ modality: 'MR', kernel: null, bodyPart: 'CHEST', description: null })).toBeNull();
  });

  it('has presets for CT values only', () => {
    expect(windowsOf('CT').map(({ id }) => id)).toEqual(
      expect.arrayContaining(['lung', 'mediastinum', 'bone', 'brain']),
    );
    expect(windowsOf('CT').length).toBeLessThanOrEqual(9);
    expect(windowsOf('MR')).toEqual([]);
  });
});

describe('hanging', () => {
  it('shows the thin slices of a CT first, never the localizer', () => {
    const study = [
      series('1.1', { description: '定位像', instances: 2 }),
      series('1.2', { description: '5mm', instances: 60 }),
      series('1.3', { description: '1mm', instances: 300 }),
    ];
    expect(hang(study, false)).toEqual({ panes: 1, series: ['1.3'] });
  });

  it('hangs two planes of an MR side by side, one on a phone', () => {
    const study = [
      series('1.1', { modality: 'MR' }),
      series('1.2', { modality: 'MR' }),
      series('1.3', { modality: 'MR' }),
    ];
    expect(hang(study, false).panes).toBe(2);
    expect(hang(study, true)).toEqual({ panes: 1, series: ['1.1'] });
  });

  it('hangs the four views of a mammography back to back', () => {
    const study = (['L MLO', 'R MLO', 'L CC', 'R CC'] as const).map((view, place) =>
      series(`1.${place}`, { modality: 'MG', description: view, instances: 1 }),
    );
    expect(hang(study, false)).toEqual({ panes: 4, series: ['1.3', '1.2', '1.1', '1.0'] });
  });

  it('leaves out what is no picture, and hangs a study without pictures', () => {
    expect(hang([series('1.1', { modality: 'SR' })], false)).toEqual({ panes: 1, series: [] });
    expect(kindOf({ modality: 'ECG' })).toBe('waveform');
    expect(kindOf({ modality: null })).toBe('pictures');
  });
});

describe('places without a slice', () => {
  it('are missing only once nothing more is coming', () => {
    expect(gapWords('receiving')).toBe('上传中，还有 {n} 处未收到');
    expect(gapWords('complete')).toBe('有 {n} 处缺层');
  });
});
