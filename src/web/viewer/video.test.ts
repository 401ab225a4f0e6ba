import { describe, expect, it } from 'vitest';
import type { DicomJson } from './dicom-json.ts';
import { imagesOf } from './image.ts';
import { isVideo, videosOf } from './video.ts';

const instance = (number: number, over: Record<string, string | number> = {}): DicomJson =>
  Object.fromEntries(
    Object.entries({
      '00080018': `1.2.${number}`,
      '00200013': number,
      '00280010': 4,
      '00280011': 4,
      ...over,
    }).map(([tag, value]) => [tag, { vr: 'UI', Value: [value] }]),
  );
const H264 = { '00083002': '1.2.840.10008.1.2.4.102' };

describe('a video', () => {
  it.each([
    ['1.2.840.10008.1.2.4.100', true],
    ['1.2.840.10008.1.2.4.102.1', true],
    ['1.2.840.10008.1.2.4.108', true],
    ['1.2.840.10008.1.2.4.110', false],
    ['1.2.840.10008.1.2.4.90', false],
    ['1.2.840.10008.1.2.1', false],
  ])('is known by its syntax: %s', (syntax, expected) => {
    expect(isVideo(instance(1, { '00083002': syntax }))).toBe(expected);
  });

  it('is known by its class only where no syntax is said: such a class may come uncompressed', () => {
    const endoscopic = { '00080016': '1.2.840.10008.5.1.4.1.1.77.1.1.1' };
    expect(isVideo(instance(1, endoscopic))).toBe(true);
    expect(isVideo(instance(1, { ...endoscopic, '00083002': '1.2.840.10008.1.2.1' }))).toBe(false);
    expect(isVideo(instance(1, { '00080016': '1.2.840.10008.5.1.4.1.1.77.1.1' }))).toBe(false);
  });

  it('has no frames to decode, and stands among the others by its number', () => {
    expect(imagesOf(instance(1, { ...H264, '00280008': 90 }), '/s')).toEqual([]);
    expect(imagesOf(instance(1), '/s')).toHaveLength(1);
    expect(videosOf([instance(3, H264), instance(2), instance(1, H264)])).toEqual([
      { sopInstanceUid: '1.2.1', instanceNumber: 1 },
      { sopInstanceUid: '1.2.3', instanceNumber: 3 },
    ]);
  });
});
