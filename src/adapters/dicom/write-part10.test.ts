import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TextDecoder } from 'node:util';
import dicomParser from 'dicom-parser';
import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { missingTool, runTool } from '../../../test/contract/dimse-tools.ts';
import {
  codeItem,
  type DataSet,
  dataSet,
  type Encoding,
  TRANSFER_SYNTAXES,
  writeDataSet,
  writePart10,
} from './write-part10.ts';

const INSTANCE = { sopClassUid: '1.2.840.10008.5.1.4.1.1.7', sopInstanceUid: '2.25.42' };

const file = (elements: DataSet, encoding: Encoding): Buffer =>
  writePart10({ ...INSTANCE, transferSyntaxUid: encoding.transferSyntaxUid }, elements, encoding);

const read = (elements: DataSet, encoding: Encoding): dicomParser.DataSet =>
  dicomParser.parseDicom(file(elements, encoding));

const valueOf = (parsed: dicomParser.DataSet, tag: string, label: string): string => {
  const element = parsed.elements[tag];
  if (!element) throw new TypeError(`no ${tag}`);
  const bytes = parsed.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
  return new TextDecoder(label).decode(bytes).trimEnd();
};

const EXPLICIT = { transferSyntaxUid: TRANSFER_SYNTAXES.explicitLittleEndian, charset: 'GB18030' } as const;
const IMPLICIT = {
  transferSyntaxUid: TRANSFER_SYNTAXES.implicitLittleEndian,
  charset: 'ISO_IR 192',
} as const;

describe.each([
  ['GB18030', 'gb18030'],
  ['GBK', 'gbk'],
  ['ISO_IR 192', 'utf-8'],
] as const)('text in %s', (charset, label) => {
  it.each(Object.entries({ explicit: EXPLICIT, implicit: IMPLICIT }))(
    'is what was meant, in %s syntax',
    (_name, { transferSyntaxUid }) => {
      // 镕 has 0x46 and 喆 0x86 as second byte; 俓 ends in 0x5C, the backslash that splits values.
      const parsed = read(
        dataSet({ PatientName: 'Zhang^San=张^镕喆俓', InstitutionName: '晏溪县人民医院' }),
        { transferSyntaxUid, charset },
      );
      expect(valueOf(parsed, 'x00100010', label)).toBe('Zhang^San=张^镕喆俓');
      expect(valueOf(parsed, 'x00080080', label)).toBe('晏溪县人民医院');
    },
  );

  it('stands in a code too, where a device was set up in Chinese', () => {
    const parsed = read(dataSet({ BodyPartExamined: '右膝', Modality: 'MR' }), { ...EXPLICIT, charset });
    expect([valueOf(parsed, 'x00180015', label), parsed.string('x00080060')]).toEqual(['右膝', 'MR']);
  });
});

describe('a data set', () => {
  it('is written in ascending order of tags, each value of even length, read back as it was given', () => {
    fc.assert(
      fc.property(
        fc.record({
          PatientID: fc.string({ unit: fc.constantFrom('A', '7', '-'), minLength: 1, maxLength: 20 }),
          Rows: fc.nat(65_535),
          SliceThickness: fc.double({ min: -1e9, max: 1e9, noNaN: true }),
          CTDIvol: fc.double({ noNaN: true }),
          StudyInstanceUID: fc.constantFrom('1.2', '1.2.3', '2.25.12345'),
        }),
        fc.constantFrom<Encoding>(EXPLICIT, IMPLICIT),
        (attributes, encoding) => {
          const parsed = read(dataSet(attributes), encoding);
          // The parser hangs the meta information at the end.
          const elements = Object.values(parsed.elements).filter(({ tag }) => !tag.startsWith('x0002'));
          expect(elements.map(({ tag }) => tag)).toEqual(elements.map(({ tag }) => tag).toSorted());
          expect(elements.every(({ length }) => length % 2 === 0)).toBe(true);
          expect(parsed.string('x00100020')).toBe(attributes.PatientID);
          expect(parsed.string('x0020000d')).toBe(attributes.StudyInstanceUID);
          expect(parsed.uint16('x00280010')).toBe(attributes.Rows);
          expect(parsed.double('x00189345')).toBe(attributes.CTDIvol);
          const thickness = parsed.string('x00180050') ?? '';
          expect(thickness.length).toBeLessThanOrEqual(16);
          expect(Math.abs(Number(thickness) - attributes.SliceThickness)).toBeLessThanOrEqual(
            Math.abs(attributes.SliceThickness) * 1e-7,
          );
        },
      ),
    );
  });

  it.each([
    ['explicit, with lengths', EXPLICIT],
    ['implicit, with lengths', IMPLICIT],
    ['explicit, with delimiters', { ...EXPLICIT, undefinedLengths: true }],
  ] as const)('holds sequences inside sequences: %s', (_name, encoding) => {
    const parsed = read(
      dataSet({
        AnatomicRegionSequence: [
          dataSet({ AcquisitionContextSequence: [codeItem('1', '99X', '一'), codeItem('2', '99X', '二')] }),
        ],
        Rows: 3,
      }),
      encoding,
    );
    const inner = parsed.elements['x00082218']?.items?.[0]?.dataSet?.elements['x00400555'];
    expect(inner?.items?.map(({ dataSet: one }) => one?.string('x00080100'))).toEqual(['1', '2']);
    expect(parsed.uint16('x00280010')).toBe(3);
  });

  it('begins behind the meta information with the bytes that C-STORE carries', () => {
    const elements = dataSet({ PatientName: '张^三', Rows: 2 });
    const whole = file(elements, EXPLICIT);
    const alone = writeDataSet(elements, EXPLICIT);
    expect(whole.subarray(whole.length - alone.length)).toEqual(alone);
    const parsed = dicomParser.parseDicom(whole);
    expect(parsed.string('x00020003')).toBe(INSTANCE.sopInstanceUid);
    expect(parsed.uint32('x00020000')).toBe(whole.length - alone.length - 128 - 4 - 12);
  });
});

describe('encapsulated frames', () => {
  it.each([true, false])('lie one in a fragment, offset table %s', (offsetTable) => {
    const frames = [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5), Uint8Array.of(6)];
    const parsed = read(dataSet({ NumberOfFrames: 3, PixelData: { frames, offsetTable } }), {
      transferSyntaxUid: TRANSFER_SYNTAXES.rleLossless,
      charset: 'ISO_IR 6',
    });
    const pixels = parsed.elements['x7fe00010'];
    expect(pixels?.fragments?.map(({ length }) => length)).toEqual([4, 2, 2]);
    expect(pixels?.basicOffsetTable).toEqual(offsetTable ? [0, 12, 22] : []);
    if (pixels)
      expect(dicomParser.readEncapsulatedPixelDataFromFragments(parsed, pixels, 1).slice(0, 2)).toEqual(
        Buffer.from([4, 5]),
      );
  });
});

const dcmdumpMissing = missingTool('dcmdump');

describe('read by dcmdump of dcmtk, where it is installed', () => {
  beforeEach((context) => {
    if (dcmdumpMissing) context.skip(dcmdumpMissing);
  });

  it.each([
    ['explicit', EXPLICIT],
    ['implicit', IMPLICIT],
    ['explicit with delimiters', { ...EXPLICIT, undefinedLengths: true }],
  ] as const)('without a warning, %s', async (_name, encoding) => {
    const folder = mkdtempSync(join(tmpdir(), 'part10-'));
    try {
      const path = join(folder, 'one.dcm');
      writeFileSync(
        path,
        file(
          dataSet({
            SpecificCharacterSet: encoding.charset,
            SOPClassUID: INSTANCE.sopClassUid,
            SOPInstanceUID: INSTANCE.sopInstanceUid,
            PatientName: 'Zhang^San=张^三',
            AnatomicRegionSequence: [codeItem('39607008', 'SCT', '肺')],
            Rows: 1,
            Columns: 2,
            PixelData: Uint8Array.of(1, 2, 3, 4),
          }),
          encoding,
        ),
      );
      const run = await runTool('dcmdump', ['-v', '+U8', path]);
      expect(run.code).toBe(0);
      expect(run.text).not.toMatch(/^[WE]:/m);
      expect(run.text).toContain('[Zhang^San=张^三]');
      expect(run.text).toContain('[肺]');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
