import { describe, expect, test } from 'vitest';
import { IDENTIFYING, OF_THE_IMAGE, TIMES, UIDS } from '../../../test/fixtures/confidentiality-table.ts';
import { vrOf } from './attribute-vr.ts';
import { readDataSet } from './data-set.ts';
import { dataSetWithoutPatient, metadataWithoutPatient } from './patient-left-out.ts';
import { TRANSFER_SYNTAXES, writeDataSet } from './write-part10.ts';

const ECG = '1.2.840.10008.5.1.4.1.1.9.1.1';
const DOCTOR = { tag: 0x0008_0090, vr: 'PN' as const, value: 'Li^Si' };
const ELEMENTS = [
  { tag: 0x0008_0016, vr: 'UI' as const, value: ECG },
  { tag: 0x0008_0018, vr: 'UI' as const, value: '2.25.1' },
  { tag: 0x0008_0050, vr: 'SH' as const, value: 'R0001' },
  DOCTOR,
  { tag: 0x0010_0010, vr: 'PN' as const, value: 'Zhang^San' },
  { tag: 0x0010_0020, vr: 'LO' as const, value: 'M000100108' },
  { tag: 0x0010_1030, vr: 'DS' as const, value: '70' },
  { tag: 0x0010_2154, vr: 'SH' as const, value: '13800000000' },
  { tag: 0x0020_000d, vr: 'UI' as const, value: '2.25.2' },
  {
    tag: 0x0032_1064,
    vr: 'SQ' as const,
    value: [[{ tag: 0x0008_0104, vr: 'LO' as const, value: 'ECG' }]],
  },
  {
    tag: 0x0040_a730,
    vr: 'SQ' as const,
    value: [[{ tag: 0x0010_0020, vr: 'LO' as const, value: 'M000100108' }]],
  },
  {
    tag: 0x5400_0100,
    vr: 'SQ' as const,
    value: [[{ tag: 0x003a_0005, vr: 'US' as const, value: 12 }]],
  },
];
const LEFT = ['x00080016', 'x00080018', 'x00101030', 'x0020000d', 'x54000100'];

describe('a header without its patient', () => {
  test.each([TRANSFER_SYNTAXES.explicitLittleEndian, TRANSFER_SYNTAXES.implicitLittleEndian])(
    'is what is left, as it was: %s',
    (transferSyntaxUid) => {
      const of = { transferSyntaxUid, sopClassUid: ECG };
      const bytes = writeDataSet(ELEMENTS, { transferSyntaxUid, charset: 'GB18030' });
      const left = Buffer.concat(dataSetWithoutPatient(bytes, of));
      const { parsed } = readDataSet(left, true, { ...of, assumedCharset: null });
      expect(Object.keys(parsed.elements).toSorted()).toEqual(LEFT);
      expect(parsed.elements['x54000100']?.items?.[0]?.dataSet?.uint16('x003a0005')).toBe(12);
      for (const word of ['Zhang', 'M000100108', '13800000000', 'R0001', 'Li^Si'])
        expect([left.includes(word), Buffer.from(bytes).includes(word)]).toEqual([false, true]);
    },
  );

  test('is so at every level of metadata, and without what is private', () => {
    expect(
      metadataWithoutPatient({
        '00080060': { vr: 'CS', Value: ['CT'] },
        '00091001': { vr: 'LO', Value: ['Zhang'] },
        '00100020': { vr: 'LO', Value: ['M000100108'] },
        '00101030': { vr: 'DS', Value: [70] },
        '04000561': { vr: 'SQ', Value: [{ '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Zhang' }] } }] },
        '52009229': {
          vr: 'SQ',
          Value: [
            {
              '00280030': { vr: 'DS', Value: [1, 1] },
              '0040A123': { vr: 'PN', Value: [{ Alphabetic: 'Li' }] },
            },
          ],
        },
      }),
    ).toEqual({
      '00080060': { vr: 'CS', Value: ['CT'] },
      '00101030': { vr: 'DS', Value: [70] },
      '52009229': { vr: 'SQ', Value: [{ '00280030': { vr: 'DS', Value: [1, 1] } }] },
    });
  });

  /** Attributes told of their own and within a sequence that is told. */
  const told = (tags: readonly string[]): readonly string[] => {
    const attributes = Object.fromEntries(tags.map((tag) => [tag, { vr: vrOf(tag), Value: ['told'] }]));
    const within = { ...attributes, '00081115': { vr: 'SQ', Value: [attributes] } };
    const left = metadataWithoutPatient(within);
    const inner = (left['00081115']?.Value?.[0] ?? {}) as object;
    return [...new Set([...Object.keys(left), ...Object.keys(inner)])].filter((tag) => tag !== '00081115');
  };

  test('is so of every row of the standard’s table: nothing that identifies, and all that is of the image', () => {
    expect([IDENTIFYING.length, new Set([...IDENTIFYING, ...UIDS, ...TIMES, ...OF_THE_IMAGE]).size]).toEqual([
      291, 456,
    ]);
    expect(told(IDENTIFYING)).toEqual([]);
    expect(told([...UIDS, ...TIMES, ...OF_THE_IMAGE]).toSorted()).toEqual(
      [...UIDS, ...TIMES, ...OF_THE_IMAGE].toSorted(),
    );
    expect(told(['50000005', '50003000', '00091001', '001910AB'])).toEqual([]);
  });

  test('is so of numbers that the table takes for granted within others, and of texts of structured reports', () => {
    expect(
      told(['00080051', '00201070', '00400026', '00400027', '00400031', '0040A160', '00400560', '0040A390']),
    ).toEqual([]);
    // What a picture is drawn and measured with.
    const drawn = [
      '00280030',
      '00281050',
      '00283002',
      '00409096',
      '00409225',
      '52009229',
      '00185100',
      '00200037',
      '60003000',
    ];
    expect(told(drawn).toSorted()).toEqual(drawn.toSorted());
  });
});
