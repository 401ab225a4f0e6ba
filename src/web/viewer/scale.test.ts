import { describe, expect, it } from 'vitest';
import type { DicomJson } from './dicom-json.ts';
import { hasCentimetres, scaleOf } from './scale.ts';

const header = (modality: string, change: Record<string, unknown[]>): DicomJson =>
  Object.fromEntries(
    Object.entries({ '00080060': [modality], ...change }).map(([tag, Value]) => [tag, { vr: 'UN', Value }]),
  );
const kindOf = (instance: DicomJson) => scaleOf(instance, 1)?.kind;

const SPACING = { '00280030': [0.2, 0.2] };
const DETECTOR = { '00181164': [0.2, 0.2] };

describe('what pixels are measured at (PS3.3 §10.7)', () => {
  it('is the body itself in a slice', () => {
    expect(scaleOf(header('CT', { '00280030': [0.8, 0.4] }), 1)).toEqual({
      spacingMm: [0.8, 0.4],
      kind: 'plane',
      magnification: null,
    });
  });

  it('is told by a projection, or is unstated', () => {
    expect(kindOf(header('DX', { ...SPACING, '00280A02': ['GEOMETRY'] }))).toBe('geometry');
    expect(kindOf(header('DX', { ...SPACING, '00280A02': ['FIDUCIAL'] }))).toBe('fiducial');
    expect(kindOf(header('CR', SPACING))).toBe('unstated');
    expect(kindOf(header('DX', { '00280030': [0.17, 0.17], ...DETECTOR }))).toBe('unstated');
  });

  it('is the detector where its spacing is given for both, or alone', () => {
    expect(kindOf(header('DX', { ...SPACING, ...DETECTOR }))).toBe('detector');
    expect(scaleOf(header('MG', DETECTOR), 1)).toEqual({
      spacingMm: [0.2, 0.2],
      kind: 'detector',
      magnification: null,
    });
  });

  it('is the detector by the factor that the device estimates', () => {
    const found = scaleOf(header('MG', { ...DETECTOR, '00181114': [1.25] }), 1);
    expect(found).toEqual({ spacingMm: [0.16, 0.16], kind: 'magnification', magnification: 1.25 });
    expect(kindOf(header('MG', { ...DETECTOR, '00181114': [0] }))).toBe('detector');
  });

  it('is nothing without a spacing that can be', () => {
    expect(scaleOf(header('CR', {}), 1)).toBeNull();
    expect(scaleOf(header('CR', { '00280030': [0, 0] }), 1)).toBeNull();
  });

  it('is a centimetre in regions of ultrasound that say so', () => {
    const region = (...units: number[]) =>
      header('US', {
        '00186011': [
          { '00186024': { vr: 'US', Value: [units[0]] }, '00186026': { vr: 'US', Value: [units[1]] } },
        ],
      });
    expect(hasCentimetres(region(3, 3))).toBe(true);
    // A spectrum: seconds by centimetres a second.
    expect(hasCentimetres(region(4, 7))).toBe(false);
    expect(hasCentimetres(header('US', {}))).toBe(false);
  });
});
