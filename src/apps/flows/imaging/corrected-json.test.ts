import { describe, expect, it } from 'vitest';
import { attributeSaying } from '../../../adapters/dicom/corrected-attribute.ts';
import { correctedAttributes, correctedMetadata } from './corrected-json.ts';

const STORED = {
  '00080060': { vr: 'CS', Value: ['CT'] },
  '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Zhang^San', Ideographic: '张^三' }] },
  '00100020': { vr: 'LO', Value: ['P1'] },
};
const correction = (...attributes: readonly ReturnType<typeof attributeSaying>[]) => ({
  attributes,
  system: 'HUREN',
  source: 'YX-COUNTY',
  at: '20261126021500+0000',
});

describe('metadata and searches that say what the person index says now', () => {
  it('leaves what says it already as it is', () => {
    expect(correctedAttributes(STORED, null)).toEqual({ json: STORED, isCorrected: false });
    const same = correction(attributeSaying('00100020', 'LO', 'P1'));
    expect(correctedMetadata(STORED, same)).toEqual({ json: STORED, isCorrected: false });
  });

  it('puts a Chinese name into the ideographic group, empties what is not known, and keeps the rest', () => {
    const changed = correction(
      attributeSaying('00100010', 'PN', '=李四'),
      attributeSaying('00100030', 'DA', ''),
      attributeSaying('00100020', 'LO', 'P9'),
    );
    expect(correctedAttributes(STORED, changed)).toEqual({
      json: {
        '00080060': { vr: 'CS', Value: ['CT'] },
        '00100010': { vr: 'PN', Value: [{ Ideographic: '李四' }] },
        '00100020': { vr: 'LO', Value: ['P9'] },
      },
      isCorrected: true,
    });
  });

  it('says in metadata what was there, in the order of tags, beside what was corrected before', () => {
    const earlier = {
      ...STORED,
      '04000561': { vr: 'SQ', Value: [{ '04000563': { vr: 'LO', Value: ['PACS'] } }] },
    };
    const { json } = correctedMetadata(earlier, correction(attributeSaying('00100010', 'PN', 'LI^SI')));
    expect(Object.keys(json)).toEqual(['00080060', '00100010', '00100020', '0018A001', '04000561']);
    expect(json['00100010']).toEqual({ vr: 'PN', Value: [{ Alphabetic: 'LI^SI' }] });
    expect(json['04000561']?.Value).toEqual([
      { '04000563': { vr: 'LO', Value: ['PACS'] } },
      {
        '04000550': { vr: 'SQ', Value: [{ '00100010': STORED['00100010'] }] },
        '04000562': { vr: 'DT', Value: ['20261126021500+0000'] },
        '04000563': { vr: 'LO', Value: ['HUREN'] },
        '04000564': { vr: 'LO', Value: ['YX-COUNTY'] },
        '04000565': { vr: 'CS', Value: ['CORRECT'] },
      },
    ]);
    expect(json['0018A001']?.Value).toMatchObject([
      {
        '00080070': { vr: 'LO', Value: ['HUREN'] },
        '0018A002': { vr: 'DT', Value: ['20261126021500+0000'] },
        '0040A170': { vr: 'SQ', Value: [{ '00080100': { vr: 'SH', Value: ['109103'] } }] },
      },
    ]);
  });
});
