import { deflateRawSync } from 'node:zlib';
import { elementWriter } from '../../src/adapters/dicom/element-writer.ts';
import { encodingOf } from '../../src/adapters/dicom/transfer-syntax.ts';
import {
  codeItem,
  dataSet,
  type Encoding,
  type EncapsulatedFrames,
  TRANSFER_SYNTAXES,
  writeDataSet,
  writeMeta,
} from '../../src/adapters/dicom/write-part10.ts';

/** An instance before it is mutated: its data set as it is parsed, and how that goes into a file. */
export interface Seed {
  readonly transferSyntaxUid: string;
  readonly meta: Buffer;
  /** Of a deflated one: what it inflates to. */
  readonly dataSet: Buffer;
}

const CT_STORAGE = '1.2.840.10008.5.1.4.1.1.2';
const DEFLATED = '1.2.840.10008.1.2.1.99';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
/** JPEG baseline, JPEG lossless, JPEG-LS, JPEG 2000, MPEG-4, HTJ2K, RLE. */
const COMPRESSED = [
  '1.2.840.10008.1.2.4.50',
  '1.2.840.10008.1.2.4.70',
  TRANSFER_SYNTAXES.jpegLsLossless,
  '1.2.840.10008.1.2.4.90',
  '1.2.840.10008.1.2.4.102',
  TRANSFER_SYNTAXES.htj2kLossless,
  TRANSFER_SYNTAXES.rleLossless,
];

const metaOf = (transferSyntaxUid: string): Buffer =>
  writeMeta({ sopClassUid: CT_STORAGE, sopInstanceUid: '2.25.3', transferSyntaxUid });

const NAME = 'Zhang^San=张^三';
const UIDS = {
  SOPClassUID: CT_STORAGE,
  SOPInstanceUID: '2.25.3',
  StudyInstanceUID: '2.25.1',
  SeriesInstanceUID: '2.25.2',
};

const written = (encoding: Encoding, pixels: Uint8Array | EncapsulatedFrames): Buffer =>
  writeDataSet(
    [
      ...dataSet({
        ...UIDS,
        SpecificCharacterSet: 'GB18030',
        PatientName: NAME,
        PatientID: 'M1',
        AnatomicRegionSequence: [codeItem('51185008', 'SCT', '胸部'), codeItem('1', '2', '3')],
        NumberOfFrames: 3,
        Rows: 2,
        Columns: 2,
        BitsAllocated: 16,
        PixelData: pixels,
      }),
      // A sequence that came as bytes of an unknown kind, and a private element.
      {
        tag: 0x0008_1140,
        vr: 'UN',
        value: writeDataSet(dataSet({ AnatomicRegionSequence: [codeItem('1', '2', '3')] }), {
          ...encoding,
          transferSyntaxUid: TRANSFER_SYNTAXES.implicitLittleEndian,
        }).subarray(8),
      },
      { tag: 0x0009_1001, vr: 'UN', value: Uint8Array.of(1, 2, 3, 4) },
    ],
    encoding,
  );

/** Explicit big endian is retired, and still sent; our writer does not write it. */
const bigEndian = (): Buffer => {
  const writer = elementWriter(encodingOf(BIG_ENDIAN));
  const text = (tag: string, vr: string, value: string) => writer.element(tag, vr, Buffer.from(value));
  const short = (tag: string, value: number) =>
    writer.element(tag, 'US', Uint8Array.of(value >> 8, value & 255));
  return Buffer.concat([
    text('00080005', 'CS', 'ISO_IR 192'),
    text('00080016', 'UI', UIDS.SOPClassUID),
    text('00080018', 'UI', UIDS.SOPInstanceUID),
    writer.sequence('00082218', [text('00080100', 'SH', '51185008'), text('00080100', 'SH', '1')]),
    text('00100010', 'PN', NAME),
    text('00100020', 'LO', 'M1'),
    text('0020000D', 'UI', UIDS.StudyInstanceUID),
    text('0020000E', 'UI', UIDS.SeriesInstanceUID),
    text('00280008', 'IS', '3'),
    short('00280010', 2),
    short('00280011', 2),
    short('00280100', 16),
    writer.element('7FE00010', 'OW', new Uint8Array(24)),
  ]);
};

/** Every kind of encoding that is stored: native, deflated, big endian, and compressed with and without an offset table. */
export const seeds = (): readonly Seed[] => {
  const frames = [new Uint8Array(6), new Uint8Array(4), new Uint8Array(8)];
  const of = (
    transferSyntaxUid: string,
    undefinedLengths: boolean,
    pixels: Uint8Array | EncapsulatedFrames = new Uint8Array(24),
  ): Seed => ({
    transferSyntaxUid,
    meta: metaOf(transferSyntaxUid),
    dataSet: written({ transferSyntaxUid, charset: 'GB18030', undefinedLengths }, pixels),
  });
  return [
    ...[false, true].flatMap((undefinedLengths) => [
      of(TRANSFER_SYNTAXES.explicitLittleEndian, undefinedLengths),
      of(TRANSFER_SYNTAXES.implicitLittleEndian, undefinedLengths),
      of(DEFLATED, undefinedLengths),
    ]),
    ...COMPRESSED.map((syntax, at) => of(syntax, at % 2 === 0, { frames, offsetTable: at % 2 === 0 })),
    { transferSyntaxUid: BIG_ENDIAN, meta: metaOf(BIG_ENDIAN), dataSet: bigEndian() },
  ];
};

/** The file of a seed whose data set may have been mutated. */
export const fileOf = ({ transferSyntaxUid, meta }: Seed, dataSetBytes: Uint8Array): Buffer =>
  Buffer.concat([meta, transferSyntaxUid === DEFLATED ? deflateRawSync(dataSetBytes) : dataSetBytes]);
