import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { missingTool, runTool } from '../../../test/contract/dimse-tools.ts';
import { attributeSaying } from './corrected-attribute.ts';
import { type CorrectedHead, correctedHead, type HeaderCorrection } from './corrected-head.ts';
import { type DicomDataSet, elementOf, itemOf, readDataSet, textValues } from './data-set.ts';
import {
  type DataSet,
  dataSet,
  TRANSFER_SYNTAXES,
  writeDataSet,
  writeMeta,
  type WrittenCharset,
} from './write-part10.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const { explicitLittleEndian: EXPLICIT, implicitLittleEndian: IMPLICIT } = TRANSFER_SYNTAXES;
const DEFLATED = '1.2.840.10008.1.2.1.99';
const PIXELS = Uint8Array.from({ length: 64 }, (_, index) => (index * 37) % 256);

const CORRECTION: HeaderCorrection = {
  attributes: [
    attributeSaying('00100010', 'PN', '=李镕喆'),
    attributeSaying('00100020', 'LO', 'M-2'),
    attributeSaying('00100021', 'LO', 'YX-COUNTY'),
    attributeSaying('00100030', 'DA', '19700101'),
    attributeSaying('00100040', 'CS', 'F'),
  ],
  system: 'HUREN',
  source: 'YX-COUNTY',
  at: '20261126020000+0000',
};

const stored = (over: DataSet = [], charset: string | null = 'GB18030'): DataSet => [
  ...dataSet({
    ...(charset === null ? {} : { SpecificCharacterSet: charset.split('\\') }),
    SOPClassUID: CT,
    SOPInstanceUID: '2.25.1.1',
    StudyInstanceUID: '2.25.1',
    SeriesInstanceUID: '2.25.1.0',
    InstitutionName: '晏溪县人民医院',
    Modality: 'CT',
    PatientName: 'Zhang^San=张^三',
    PatientID: 'M-1',
    PatientBirthDate: '19660214',
    PatientSex: 'M',
    AnatomicRegionSequence: [dataSet({ CodeValue: 'T-D3000', CodeMeaning: '胸部' })],
    Rows: 4,
    Columns: 8,
    PixelData: PIXELS,
  }),
  ...over,
];

const bytesOf = (elements: DataSet, transferSyntaxUid: string, charset: WrittenCharset): Buffer =>
  writeDataSet(elements, { transferSyntaxUid, charset });

const read = (bytes: Uint8Array, transferSyntaxUid: string, assumedCharset: string | null = null) =>
  readDataSet(bytes, true, { transferSyntaxUid, sopClassUid: CT, assumedCharset });

type Made = Extract<CorrectedHead, { kind: 'corrected' }>;

/** The whole data set as it leaves: the corrected header, and what stood behind the stored one. */
const leaving = (bytes: Uint8Array, { bytes: head, from }: Made): Buffer =>
  Buffer.concat([head, bytes.subarray(from)]);

const corrected = (bytes: Uint8Array, transferSyntaxUid: string, assumed: string | null = null): Made => {
  const head = correctedHead(read(bytes, transferSyntaxUid, assumed), transferSyntaxUid, CORRECTION);
  if (head.kind !== 'corrected') throw new TypeError(JSON.stringify(head));
  return head;
};

const text = (of: DicomDataSet, tag: string): string | null => {
  const element = elementOf(of, tag);
  return element ? textValues(of, tag, element).join('\\') : null;
};
const itemIn = (of: DicomDataSet, tag: string, number = 0): DicomDataSet => {
  const item = elementOf(of, tag)?.items?.[number];
  const inner = item && itemOf(of, item);
  if (!inner) throw new TypeError(`no ${tag}`);
  return inner;
};

const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

describe.each([
  ['explicit', EXPLICIT],
  ['implicit', IMPLICIT],
] as const)('a corrected header in %s syntax', (_name, syntax) => {
  const before = bytesOf(stored(), syntax, 'GB18030');

  it('says what the person index says, keeps what it said, and names who changed it', () => {
    const after = read(leaving(before, corrected(before, syntax)), syntax);
    expect(text(after, '00100010')).toBe('=李镕喆');
    expect(['00100020', '00100021', '00100030', '00100040'].map((tag) => text(after, tag))).toEqual([
      'M-2',
      'YX-COUNTY',
      '19700101',
      'F',
    ]);
    expect(text(after, '00080005')).toBe('GB18030');
    const original = itemIn(after, '04000561');
    const values = itemIn(original, '04000550');
    expect(text(values, '00100010')).toBe('Zhang^San=张^三');
    expect(text(values, '00100020')).toBe('M-1');
    expect(text(values, '00100021')).toBe('');
    expect(['04000563', '04000564', '04000565'].map((tag) => text(original, tag))).toEqual([
      'HUREN',
      'YX-COUNTY',
      'CORRECT',
    ]);
    const equipment = itemIn(after, '0018A001');
    expect(text(equipment, '00080070')).toBe('HUREN');
    expect(text(itemIn(equipment, '0040A170'), '00080100')).toBe('109103');
  });

  it('leaves every other element and the pixels as they are', () => {
    const bytes = leaving(before, corrected(before, syntax));
    const [one, other] = [read(before, syntax), read(bytes, syntax)];
    for (const tag of ['00080080', '00080018', '00082218', '00280010'])
      expect(
        one.parsed.byteArray.subarray(
          elementOf(one, tag)?.dataOffset,
          (elementOf(one, tag)?.dataOffset ?? 0) + (elementOf(one, tag)?.length ?? 0),
        ),
        tag,
      ).toEqual(
        other.parsed.byteArray.subarray(
          elementOf(other, tag)?.dataOffset,
          (elementOf(other, tag)?.dataOffset ?? 0) + (elementOf(other, tag)?.length ?? 0),
        ),
      );
    expect(digest(bytes.subarray(-PIXELS.length))).toBe(digest(PIXELS));
  });

  it('is as stored where it says it already', () => {
    const again = leaving(before, corrected(before, syntax));
    expect(correctedHead(read(again, syntax), syntax, CORRECTION)).toEqual({ kind: 'as-stored' });
  });

  it('adds to what others changed before, and takes nothing of it away', () => {
    const once = leaving(before, corrected(before, syntax));
    const back: HeaderCorrection = {
      ...CORRECTION,
      attributes: [attributeSaying('00100020', 'LO', 'M-3')],
    };
    const head = correctedHead(read(once, syntax), syntax, back);
    if (head.kind !== 'corrected') throw new TypeError(head.kind);
    const after = read(leaving(once, head), syntax);
    expect(elementOf(after, '04000561')?.items).toHaveLength(2);
    expect(text(itemIn(itemIn(after, '04000561', 0), '04000550'), '00100020')).toBe('M-1');
    expect(text(itemIn(itemIn(after, '04000561', 1), '04000550'), '00100020')).toBe('M-2');
    expect(elementOf(after, '0018A001')?.items).toHaveLength(2);
  });
});

describe('the character set of a corrected header', () => {
  it('goes to UTF-8 where the old one cannot hold the new name, with every text', () => {
    const latin = [
      ...stored([], 'ISO_IR 100').filter(({ tag }) => ![0x0008_0080, 0x0010_0010, 0x0008_2218].includes(tag)),
      ...dataSet({ AnatomicRegionSequence: [dataSet({ CodeMeaning: 'Thorax' })] }),
      // É and é in Latin-1.
      { tag: 0x0008_0080, vr: 'LO', value: Uint8Array.of(0x48, 0xf4, 0x70, 0x20) } as const,
      { tag: 0x0010_0010, vr: 'PN', value: Uint8Array.of(0x4c, 0xe9, 0x61, 0x5e) } as const,
    ];
    const before = bytesOf(latin, EXPLICIT, 'ISO_IR 6');
    const after = read(leaving(before, corrected(before, EXPLICIT)), EXPLICIT);
    expect(text(after, '00080005')).toBe('ISO_IR 192');
    expect([text(after, '00100010'), text(after, '00080080')]).toEqual(['=李镕喆', 'Hôp']);
    // The old name keeps its bytes beside the name of its character set.
    const values = itemIn(itemIn(after, '04000561'), '04000550');
    expect(text(values, '00080005')).toBe('ISO_IR 100');
    const name = elementOf(values, '00100010');
    expect([...values.bytes.subarray(name?.dataOffset, (name?.dataOffset ?? 0) + 3)]).toEqual([
      0x4c, 0xe9, 0x61,
    ]);
  });

  it('goes to UTF-8 with codes, too, that a device wrote in Chinese', () => {
    const knee = { tag: 0x0018_0015, vr: 'CS' as const, value: '右膝' };
    const before = bytesOf(stored([knee], 'GBK'), EXPLICIT, 'GBK');
    // A character that GBK does not have.
    const correction = { ...CORRECTION, attributes: [attributeSaying('00100010', 'PN', '=李𠮷')] };
    const head = correctedHead(read(before, EXPLICIT), EXPLICIT, correction);
    if (head.kind !== 'corrected') throw new TypeError(head.kind);
    const after = read(leaving(before, head), EXPLICIT);
    expect(['00080005', '00100010', '00080080', '00180015'].map((tag) => text(after, tag))).toEqual([
      'ISO_IR 192',
      '=李𠮷',
      '晏溪县人民医院',
      '右膝',
    ]);
  });

  it('is named where the stored header named none and was read as GBK', () => {
    const before = bytesOf(stored([], null), EXPLICIT, 'GB18030');
    const after = read(leaving(before, corrected(before, EXPLICIT, 'gb18030')), EXPLICIT);
    expect([text(after, '00080005'), text(after, '00100010'), text(after, '00080080')]).toEqual([
      'GB18030',
      '=李镕喆',
      '晏溪县人民医院',
    ]);
  });

  it('stays where the new values are plain', () => {
    const before = bytesOf(stored(), EXPLICIT, 'GB18030');
    const plain = { ...CORRECTION, attributes: [attributeSaying('00100020', 'LO', 'M-9')] };
    const head = correctedHead(read(before, EXPLICIT), EXPLICIT, plain);
    expect(head.kind).toBe('corrected');
    expect(text(read(leaving(before, head as Made), EXPLICIT), '00080005')).toBe('GB18030');
  });

  it('is refused where bytes of an unknown kind may be text', () => {
    const before = bytesOf(
      [
        ...stored([], 'ISO_IR 100').filter(
          ({ tag }) => ![0x0008_0080, 0x0010_0010, 0x0008_2218].includes(tag),
        ),
        { tag: 0x0011_1001, vr: 'UN', value: Uint8Array.of(0xe9, 0xe8) },
      ],
      EXPLICIT,
      'ISO_IR 6',
    );
    expect(correctedHead(read(before, EXPLICIT), EXPLICIT, CORRECTION)).toEqual({
      kind: 'impossible',
      problem: 'charset',
    });
  });
});

it('a deflated data set is corrected in what it inflates to', () => {
  const plain = bytesOf(stored(), EXPLICIT, 'GB18030');
  const head = corrected(deflateRawSync(plain), DEFLATED);
  expect(text(read(leaving(plain, head), EXPLICIT), '00100020')).toBe('M-2');
});

describe('read by others', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'corrected-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('dcmtk finds the new name, the old one, and nothing amiss', async ({ skip }) => {
    const missing = missingTool('dcmdump');
    if (missing) skip(missing);
    const before = bytesOf(stored(), EXPLICIT, 'GB18030');
    const meta = writeMeta({ sopClassUid: CT, sopInstanceUid: '2.25.1.1', transferSyntaxUid: EXPLICIT });
    const path = join(folder, 'one.dcm');
    writeFileSync(path, Buffer.concat([meta, leaving(before, corrected(before, EXPLICIT))]));
    const { code, text: dumped } = await runTool('dcmdump', ['+U8', path]);
    expect(code).toBe(0);
    expect(dumped).not.toMatch(/^[EW]:/m);
    expect(dumped).toContain('PN [=李镕喆]');
    expect(dumped).toContain('PN [Zhang^San=张^三]');
  });
});
