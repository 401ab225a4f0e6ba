import { deflateRawSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { headerReader } from './header-reader.ts';
import { readFileStart } from './read-file-start.ts';
import { readInstance } from './read-instance.ts';
import {
  codeItem,
  type DataSet,
  dataSet,
  type Encoding,
  TRANSFER_SYNTAXES,
  writeDataSet,
  writeMeta,
} from './write-part10.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';
const UIDS = {
  SOPClassUID: CT,
  SOPInstanceUID: '2.25.3',
  StudyInstanceUID: '2.25.1',
  SeriesInstanceUID: '2.25.2',
};
const SLICE = dataSet({
  ...UIDS,
  SpecificCharacterSet: 'GB18030',
  PatientName: 'Zhang^San=张^三',
  PatientID: 'M100086',
  PatientBirthDate: '19660214',
  PatientSex: 'M',
  AccessionNumber: 'A1',
  Modality: 'CT',
  SliceThickness: 1.25,
  ImagePositionPatient: [-180, -180.5, 42],
  ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
  AnatomicRegionSequence: [codeItem('51185008', 'SCT', '胸部')],
  Rows: 2,
  Columns: 2,
  BitsAllocated: 16,
  PixelData: new Uint8Array(8),
});

const encoded = (transferSyntaxUid: string, elements = SLICE): Uint8Array =>
  writeDataSet(elements, { transferSyntaxUid, charset: 'GB18030' } satisfies Encoding);

const read = (head: Uint8Array, transferSyntaxUid: string, bulk?: string) =>
  readInstance(
    { head, isWhole: true, transferSyntaxUid, sopClassUid: CT, assumedCharset: null },
    bulk === undefined ? {} : { bulk },
  );

const SYNTAXES = [TRANSFER_SYNTAXES.explicitLittleEndian, TRANSFER_SYNTAXES.implicitLittleEndian];

describe.each(SYNTAXES)('a header in %s', (syntax) => {
  const bytes = encoded(syntax);

  test('is read with its Chinese words', () => {
    const found = read(bytes, syntax);
    if (!found.ok) throw new Error(found.reason);
    expect(found.value.header).toMatchObject({
      studyUid: '2.25.1',
      patient: {
        patientId: 'M100086',
        name: { alphabetic: 'Zhang^San', ideographic: '张^三', phonetic: null },
      },
      geometry: { sliceThicknessMm: 1.25, imagePositionPatientMm: [-180, -180.5, 42] },
      anatomy: { anatomicRegion: { value: '51185008', scheme: 'SCT', meaning: '胸部' } },
      pixels: { rows: 2, columns: 2 },
    });
    expect(found.value.pixels).toEqual({ offset: bytes.length - 8, length: 8 });
    expect(found.value.charsetDerived).toBeNull();
  });

  test('needs no more of the pixels than where they begin', () => {
    const head = { head: bytes.subarray(0, bytes.length - 8), isWhole: false, transferSyntaxUid: syntax };
    expect(readInstance({ ...head, sopClassUid: CT, assumedCharset: null }).ok).toBe(true);
  });

  test('asks for more when it is cut off before them', () => {
    const head = { head: bytes.subarray(0, 40), isWhole: false, transferSyntaxUid: syntax };
    expect(readInstance({ ...head, sopClassUid: CT, assumedCharset: null })).toEqual({
      ok: false,
      reason: 'truncated',
    });
  });

  test('gives DICOM JSON (PS3.18 annex F)', () => {
    const found = read(bytes, syntax, '/i');
    if (!found.ok) throw new Error(found.reason);
    const json = JSON.parse(found.value.metadata ?? '') as Record<string, unknown>;
    expect(json).toMatchObject({
      '00080005': { vr: 'CS', Value: ['ISO_IR 192'] },
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Zhang^San', Ideographic: '张^三' }] },
      '00180050': { vr: 'DS', Value: [1.25] },
      '00280010': { vr: 'US', Value: [2] },
      '00082218': { vr: 'SQ', Value: [{ '00080100': { vr: 'SH', Value: ['51185008'] } }] },
      '7FE00010': { BulkDataURI: '/i/bulkdata/7FE00010' },
    });
  });
});

test('a deflated data set is read, and one that inflates without end is refused', () => {
  const deflated = '1.2.840.10008.1.2.1.99';
  const plain = encoded(TRANSFER_SYNTAXES.explicitLittleEndian);
  expect(read(deflateRawSync(plain), deflated)).toMatchObject({ ok: true });
  const bomb = deflateRawSync(Buffer.alloc(64 * 1024 * 1024));
  expect(read(bomb, deflated)).toEqual({ ok: false, reason: 'inflates-too-far' });
});

test('names the UID without which it cannot be told from others', () => {
  const elements = SLICE.filter(({ tag }) => tag !== 0x0020_000d);
  const syntax = TRANSFER_SYNTAXES.explicitLittleEndian;
  expect(read(encoded(syntax, elements), syntax)).toEqual({ ok: false, reason: 'StudyInstanceUID' });
});

/** Sequences within sequences, `depth` of them. */
const nested = (depth: number): Uint8Array => {
  const open = Buffer.from([
    0x08, 0, 0x40, 0x11, 0x53, 0x51, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0, 0xe0, 0xff, 0xff, 0xff,
    0xff,
  ]);
  const close = Buffer.from([0xfe, 0xff, 0x0d, 0xe0, 0, 0, 0, 0, 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]);
  return Buffer.concat([
    ...Array.from({ length: depth }, () => open),
    ...Array.from({ length: depth }, () => close),
  ]);
};

describe('bounds', () => {
  const syntax = TRANSFER_SYNTAXES.explicitLittleEndian;

  test.each([100, 100_000])('%i sequences within each other', (depth) => {
    expect(read(nested(depth), syntax)).toEqual({ ok: false, reason: 'too-deep' });
  });

  test('more elements than anybody needs', () => {
    const items = Buffer.concat(
      Array.from({ length: 210_000 }, () =>
        Buffer.from([0xfe, 0xff, 0, 0xe0, 8, 0, 0, 0, 8, 0, 0, 1, 0x53, 0x48, 0, 0]),
      ),
    );
    const head = Buffer.from([0x08, 0, 0x40, 0x11, 0x53, 0x51, 0, 0, 0, 0, 0, 0]);
    head.writeUInt32LE(items.length, 8);
    expect(read(Buffer.concat([head, items]), syntax)).toEqual({ ok: false, reason: 'too-many-elements' });
  });

  test('an element that is longer than the data set', () => {
    const long = Buffer.from([0x08, 0, 0x40, 0x11, 0x4f, 0x42, 0, 0, 0xfe, 0xff, 0xff, 0xff, 1, 2]);
    expect(read(long, syntax)).toEqual({ ok: false, reason: 'malformed' });
  });
});

test('the thread reads as the caller would, and goes on after one that it dies of', async () => {
  const syntax = TRANSFER_SYNTAXES.explicitLittleEndian;
  const reader = headerReader();
  const of = { isWhole: true, transferSyntaxUid: syntax, sopClassUid: CT, assumedCharset: null };
  const answers = await Promise.all([
    reader.read({ ...of, head: encoded(syntax) }),
    reader.read({ ...of, head: nested(200_000) }),
    reader.read({ ...of, head: encoded(syntax) }),
  ]);
  expect(answers.map(({ ok }) => ok)).toEqual([true, false, true]);
  await reader.close();
});

describe('the beginning of a file (PS3.10 §7.1)', () => {
  const meta = { sopClassUid: CT, sopInstanceUid: '2.25.3', transferSyntaxUid: '1.2.840.10008.1.2.1' };
  const start = writeMeta(meta);

  test('is found with and without preamble, and whatever its group length says', () => {
    expect(readFileStart(start)).toEqual({ ...meta, dataSetOffset: start.length });
    expect(readFileStart(start.subarray(128))).toEqual({ ...meta, dataSetOffset: start.length - 128 });
    const wrong = Buffer.from(start);
    wrong.writeUInt32LE(7, 140);
    expect(readFileStart(wrong)).toEqual({ ...meta, dataSetOffset: start.length });
  });

  test('anything else is none', () => {
    expect(readFileStart(Buffer.from('%PDF-1.7'))).toBeNull();
    expect(readFileStart(new Uint8Array())).toBeNull();
    expect(readFileStart(start.subarray(0, start.length - 3))).toBeNull();
  });
});

describe('an image of many frames', () => {
  const group = (tag: number, ...items: DataSet[]): DataSet => [{ tag, vr: 'SQ', value: items }];
  const place = (z: number): DataSet =>
    group(0x0020_9113, dataSet({ ImagePositionPatient: [-180, -180, z] }));
  const measured = (SliceThickness: number): DataSet =>
    group(0x0028_9110, dataSet({ SliceThickness, PixelSpacing: [0.7, 0.7] }));
  const lying = (ImageOrientationPatient: readonly number[]): DataSet =>
    group(0x0020_9116, dataSet({ ImageOrientationPatient }));
  const AXIAL = lying([1, 0, 0, 0, 1, 0]);
  const RIGHT: DataSet = group(0x0020_9071, [{ tag: 0x0020_9072, vr: 'CS', value: 'R' }]);
  const headerOf = (shared: DataSet, frames: readonly DataSet[], more: DataSet = []) => {
    const syntax = TRANSFER_SYNTAXES.explicitLittleEndian;
    const elements = dataSet({
      ...UIDS,
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.2.1',
      Modality: 'CT',
      NumberOfFrames: frames.length,
    });
    const groups = [...group(0x5200_9229, shared), ...group(0x5200_9230, ...frames)];
    const found = read(encoded(syntax, [...elements, ...more, ...groups]), syntax);
    if (!found.ok) throw new Error(found.reason);
    return found.value.header;
  };
  const geometryOf = (shared: DataSet, frames: readonly DataSet[]) => headerOf(shared, frames).geometry;

  test('has its side from the anatomy of its frames', () => {
    expect(headerOf(RIGHT, [place(0)]).anatomy.imageLaterality).toBe('R');
  });

  test('has its thickness, its distances and the place of each frame from the functional groups', () => {
    expect(geometryOf([...measured(1.25), ...AXIAL], [place(0), place(1), place(2)])).toMatchObject({
      sliceThicknessMm: 1.25,
      pixelSpacingMm: [0.7, 0.7],
      imagePositionPatientMm: null,
      imageOrientationPatient: [1, 0, 0, 0, 1, 0],
      framePositionsMm: [
        [-180, -180, 0],
        [-180, -180, 1],
        [-180, -180, 2],
      ],
    });
  });

  test('is as thick as its thickest frame', () => {
    expect(
      geometryOf(AXIAL, [
        [...place(0), ...measured(1)],
        [...place(5), ...measured(5)],
      ]).sliceThicknessMm,
    ).toBe(5);
  });

  test.each([
    ['lies another way', [place(0), [...place(1), ...lying([0, 1, 0, 0, 0, -1])]]],
    ['states no place', [place(0), []]],
  ])('of which one frame %s has no places: it is no stack', (_name, frames) => {
    expect(geometryOf([...measured(1), ...AXIAL], frames).framePositionsMm).toBeNull();
  });

  const usage = (agent: string, administered: string, phase?: string): DataSet => [
    { tag: 0x0018_9337, vr: 'US', value: Number(agent) },
    { tag: 0x0018_9342, vr: 'CS', value: administered },
    ...(phase === undefined ? [] : [{ tag: 0x0018_9344, vr: 'CS', value: phase } as const]),
  ];
  const used = (...usages: DataSet[]): DataSet => group(0x0018_9341, ...usages);
  const medium = (number: number, meaning: string, route: string): DataSet => [
    ...dataSet({}),
    { tag: 0x0008_0100, vr: 'SH', value: 'X' },
    { tag: 0x0008_0102, vr: 'SH', value: 'SCT' },
    { tag: 0x0008_0104, vr: 'LO', value: meaning },
    ...group(0x0018_0014, codeItem('R', 'SCT', route)),
    { tag: 0x0018_9337, vr: 'US', value: number },
  ];
  const acquisitionOf = (frames: readonly DataSet[], ...media: DataSet[]) =>
    headerOf(AXIAL, frames, media.length === 0 ? [] : group(0x0018_0012, ...media)).acquisition;

  test('states in which phases its frames were taken, and the medium by its code', () => {
    const acquisition = acquisitionOf(
      [used(usage('1', 'NO')), used(usage('1', 'YES', 'ARTERIAL')), used(usage('1', 'YES', 'ARTERIAL'))],
      medium(1, 'Iohexol', 'Intravenous route'),
    );
    expect(acquisition.contrastUsages).toEqual([
      { isAdministered: false, phase: null },
      { isAdministered: true, phase: 'ARTERIAL' },
    ]);
    expect(acquisition).toMatchObject({ contrastAgent: 'Iohexol', contrastRoute: 'Intravenous route' });
  });

  test('says nothing of a phase by a medium that was drunk', () => {
    const acquisition = acquisitionOf(
      [used(usage('1', 'NO'), usage('2', 'YES'))],
      medium(1, 'Iohexol', 'Intravenous route'),
      medium(2, 'Barium sulfate', 'Oral route'),
    );
    expect(acquisition.contrastUsages).toEqual([{ isAdministered: false, phase: null }]);
  });

  test('has its kernel, its dose and its weighting from the functional groups', () => {
    const frame = [
      ...group(0x0018_9314, [{ tag: 0x0018_1210, vr: 'SH', value: 'B70f' }]),
      ...group(0x0018_9321, [{ tag: 0x0018_9345, vr: 'FD', value: 6.5 }]),
      ...group(0x0018_9117, [{ tag: 0x0018_9087, vr: 'FD', value: 1000 }]),
    ] as const satisfies DataSet;
    expect(headerOf(AXIAL, [frame]).acquisition).toMatchObject({
      convolutionKernel: 'B70f',
      ctdiVolMGy: 6.5,
      diffusionBValue: 1000,
    });
  });
});

const sequence = (tag: number, ...items: DataSet[]): DataSet => [{ tag, vr: 'SQ', value: items }];

test.each(SYNTAXES)('the dose of a dose report in %s, in its own unit only', (syntax) => {
  const number = (code: string, value: number, unit: string): DataSet => [
    ...sequence(0x0040_a043, codeItem(code, 'DCM', 'a dose')),
    ...sequence(0x0040_a300, [
      ...sequence(0x0040_08ea, codeItem(unit, 'UCUM', unit)),
      { tag: 0x0040_a30a, vr: 'DS', value: String(value) },
    ]),
  ];
  const doseOf = (...content: DataSet[]) => {
    const bytes = encoded(syntax, [
      ...dataSet({ ...UIDS, SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.67', Modality: 'SR' }),
      ...sequence(0x0040_a730, sequence(0x0040_a730, ...content)),
    ]);
    const found = read(bytes, syntax);
    if (!found.ok) throw new Error(found.reason);
    const { ctdiVolMGy, doseLengthMGyCm } = found.value.header.acquisition;
    return { ctdiVolMGy, doseLengthMGyCm };
  };
  expect(
    doseOf(number('113813', 412.5, 'mGy.cm'), number('113830', 7.9, 'mGy'), number('113830', 11.2, 'mGy')),
  ).toEqual({ doseLengthMGyCm: 412.5, ctdiVolMGy: 11.2 });
  expect(doseOf(number('113813', 0.4, 'Gy.cm'), number('113838', 9, 'mGy.cm'))).toEqual({
    doseLengthMGyCm: null,
    ctdiVolMGy: null,
  });
});

test.each(SYNTAXES)('the leads of an electrocardiogram in %s, each once', (syntax) => {
  const channel = (code: string | null): DataSet =>
    code === null
      ? [{ tag: 0x003a_0203, vr: 'SH', value: 'X' }]
      : sequence(0x003a_0208, codeItem(code, 'MDC', code));
  const leadsOf = (...groups: (readonly (string | null)[])[]) => {
    const bytes = encoded(syntax, [
      ...dataSet({ ...UIDS, SOPClassUID: '1.2.840.10008.5.1.4.1.1.9.1.1', Modality: 'ECG' }),
      ...sequence(0x5400_0100, ...groups.map((codes) => sequence(0x003a_0200, ...codes.map(channel)))),
    ]);
    const found = read(bytes, syntax);
    if (!found.ok) throw new Error(found.reason);
    return found.value.header.leads;
  };
  expect(leadsOf(['I', 'II', 'V1'], ['I', 'II', 'V1'])).toBe(3);
  expect(leadsOf(['I', 'II'], ['III', 'aVR'])).toBe(4);
  expect(leadsOf(['I', null])).toBeNull();
});
