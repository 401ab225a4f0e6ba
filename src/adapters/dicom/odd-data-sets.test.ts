import { describe, expect, test } from 'vitest';
import type { JsonDataSet } from './dicom-json.ts';
import { readInstance } from './read-instance.ts';
import {
  codeItem,
  type DataElement,
  dataSet,
  type DicomValue,
  TRANSFER_SYNTAXES,
  type WrittenCharset,
  writeDataSet,
} from './write-part10.ts';
import type { WrittenKeyword } from './written-attributes.ts';

const { explicitLittleEndian: EXPLICIT, implicitLittleEndian: IMPLICIT } = TRANSFER_SYNTAXES;
const CT = '1.2.840.10008.5.1.4.1.1.2';
const UIDS = {
  SOPClassUID: CT,
  SOPInstanceUID: '2.25.3',
  StudyInstanceUID: '2.25.1',
  SeriesInstanceUID: '2.25.2',
};
const REGION = '00082218';
const CHEST = codeItem('51185008', 'SCT', '胸部');

const written = (
  attributes: Partial<Record<WrittenKeyword, DicomValue>>,
  charset: WrittenCharset = 'GB18030',
  more: readonly DataElement[] = [],
): Buffer =>
  writeDataSet([...dataSet({ ...UIDS, SpecificCharacterSet: charset, ...attributes }), ...more], {
    transferSyntaxUid: EXPLICIT,
    charset,
  });

const read = (head: Uint8Array, sopClassUid = CT, transferSyntaxUid: string = EXPLICIT) =>
  readInstance(
    { head, isWhole: true, transferSyntaxUid, sopClassUid, assumedCharset: null },
    { bulk: '/i', path: `${REGION}.1.00080104` },
  );

const found = (head: Uint8Array, sopClassUid?: string, transferSyntaxUid?: string) => {
  const instance = read(head, sopClassUid, transferSyntaxUid);
  if (!instance.ok) throw new Error(instance.reason);
  return { ...instance.value, json: JSON.parse(instance.value.metadata ?? '') as JsonDataSet };
};

/** The data set with an element of group 8 where group 20 begins. */
const withElement = (bytes: Buffer): Buffer => {
  const whole = written({});
  const at = whole.indexOf(Buffer.from('20000d00', 'hex'));
  return Buffer.concat([whole.subarray(0, at), bytes, whole.subarray(at)]);
};

/** An element of group 8 that names no kind. */
const unknown = (value: Uint8Array, length = value.length): Buffer => {
  const head = Buffer.from('08001822554e000000000000', 'hex');
  head.writeUInt32LE(length, 8);
  return Buffer.concat([head, value]);
};

/** Items as implicit little endian has them, without the head of their sequence. */
const IMPLICIT_ITEMS = writeDataSet(dataSet({ AnatomicRegionSequence: [CHEST] }), {
  transferSyntaxUid: IMPLICIT,
  charset: 'GB18030',
}).subarray(8);

describe('a sequence written as bytes of an unknown kind (UN, PS3.5 §6.2.2)', () => {
  const end = Buffer.from('feffdde000000000', 'hex');
  test.each([
    ['with its length', unknown(IMPLICIT_ITEMS)],
    ['without', unknown(Buffer.concat([IMPLICIT_ITEMS, end]), 0xffff_ffff)],
  ])('%s is read as the sequence that it is', (_name, element) => {
    const { header, json, value } = found(withElement(element));
    expect(header.anatomy.anatomicRegion).toEqual({ value: '51185008', scheme: 'SCT', meaning: '胸部' });
    expect(json[REGION]).toMatchObject({ vr: 'SQ', Value: [{ '00080104': { Value: ['胸部'] } }] });
    expect(value).toMatchObject({ vr: 'LO', length: 4 });
  });

  test.each([
    ['that is none', Buffer.from('plain bytes ')],
    ['whose item reaches beyond it', Buffer.from('feff00e0f0000000' + '08000001', 'hex')],
  ])('one %s stays bytes, and nothing is made of it', (_name, value) => {
    const { header, json } = found(withElement(unknown(value)));
    expect(header.anatomy.anatomicRegion).toBeNull();
    expect(json[REGION]).toEqual({ vr: 'UN', InlineBinary: value.toString('base64') });
  });
});

describe('lengths', () => {
  const sequence = writeDataSet(dataSet({ AnatomicRegionSequence: [CHEST] }), {
    transferSyntaxUid: EXPLICIT,
    charset: 'GB18030',
    undefinedLengths: true,
  });
  const delimited = (tag: string): Buffer => {
    const bytes = Buffer.from(sequence);
    bytes.writeUInt32LE(0xffff_ffff, bytes.lastIndexOf(Buffer.from(tag, 'hex')) + 4);
    return withElement(bytes);
  };

  test('an end of a sequence (FFFE,E0DD) of length FFFFFFFF ends it all the same', () => {
    const { header, json } = found(delimited('feffdde0'));
    expect(header).toMatchObject({ studyUid: '2.25.1', anatomy: { anatomicRegion: { value: '51185008' } } });
    expect(json[REGION]?.Value).toHaveLength(1);
  });

  test('an end of an item of that length is refused', () => {
    expect(read(delimited('feff0de0'))).toEqual({ ok: false, reason: 'malformed' });
  });

  test('odd ones are taken as they are, and the next element is found behind them', () => {
    const odd = withElement(Buffer.from('080030104c4f0300' + '616263', 'hex'));
    const { header, json } = found(odd);
    expect(header.descriptions.study).toBe('abc');
    expect(header.studyUid).toBe('2.25.1');
    expect(json['00081030']).toEqual({ vr: 'LO', Value: ['abc'] });
  });
});

test('a number of frames that is no number is none, and the text is kept', () => {
  const pixels = { Rows: 2, Columns: 2, BitsAllocated: 16, PixelData: new Uint8Array(8) };
  const { header, json } = found(written({ ...pixels, NumberOfFrames: 'abc' }));
  expect(header.pixels.numberOfFrames).toBeNull();
  expect(json['00280008']).toEqual({ vr: 'IS', Value: ['abc'] });
});

describe('several names in one element', () => {
  // 俓 ends in 0x5C and 乗 stands before = in GBK: a reader that splits bytes finds three names, or half ones.
  test.each<WrittenCharset>(['GB18030', 'GBK', 'ISO_IR 192'])(
    '%s: are split behind the decoding',
    (charset) => {
      const names: DataElement = {
        tag: 0x0010_1001,
        vr: 'PN',
        value: ['Zhang^Jing=张^俓', 'Zeng^Rong=曾^镕乗'],
      };
      const { json } = found(written({ PatientName: 'Zhang^Jing=张^俓' }, charset, [names]));
      expect(json['00101001']?.Value).toEqual([
        { Alphabetic: 'Zhang^Jing', Ideographic: '张^俓' },
        { Alphabetic: 'Zeng^Rong', Ideographic: '曾^镕乗' },
      ]);
      expect(json['00100010']?.Value).toEqual([{ Alphabetic: 'Zhang^Jing', Ideographic: '张^俓' }]);
    },
  );
});

describe('documents and reports', () => {
  const document = (sopClassUid: string, mime: string, bytes: Uint8Array): Buffer =>
    written({ SOPClassUID: sopClassUid, Modality: 'DOC' }, 'GB18030', [
      { tag: 0x0042_0010, vr: 'ST', value: '检查报告' },
      { tag: 0x0042_0011, vr: 'OB', value: bytes },
      { tag: 0x0042_0012, vr: 'LO', value: mime },
    ]);

  test.each([
    ['PDF', '1.2.840.10008.5.1.4.1.1.104.1', 'application/pdf', '%PDF-1.7 <script>'],
    ['STL', '1.2.840.10008.5.1.4.1.1.104.3', 'model/stl', 'solid x'],
  ])('an encapsulated %s has no pixels, and its document only an address', (_name, sopClass, mime, text) => {
    const { pixels, header, json } = found(document(sopClass, mime, Buffer.from(text)), sopClass);
    expect(pixels).toBeNull();
    expect(header.sopClassUid).toBe(sopClass);
    expect(json['00420010']?.Value).toEqual(['检查报告']);
    expect(json['00420011']).toEqual({ vr: 'OB', BulkDataURI: '/i/bulkdata/00420011' });
  });

  test('a structured report with links is text that names them, and nothing follows one', () => {
    const link: DataElement = { tag: 0x0040_a160, vr: 'UT', value: '见 https://example.org/?a=1&b=<2>' };
    const url: DataElement = { tag: 0x0008_1190, vr: 'UT', value: 'javascript:alert(1)' };
    const { pixels, json } = found(
      written({ SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.11', Modality: 'SR' }, 'GB18030', [
        { tag: 0x0040_a730, vr: 'SQ', value: [[url, link]] },
      ]),
    );
    expect(pixels).toBeNull();
    expect(json['0040A730']?.Value).toMatchObject([
      { '00081190': { Value: ['javascript:alert(1)'] }, '0040A160': { Value: [link.value] } },
    ]);
  });
});
