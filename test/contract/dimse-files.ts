import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  dataSet,
  TRANSFER_SYNTAXES,
  type WrittenCharset,
  writeDataSet,
  writePart10,
} from '../../src/adapters/dicom/write-part10.ts';
import { CT } from './dimse-wire.ts';

/** A file, and the data set in it. */
export interface ExampleFile {
  readonly path: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  readonly dataSet: Buffer;
}

/** Chinese character sets as devices send them, several syntaxes, odd and even private values. */
const CHARSETS: readonly WrittenCharset[] = ['GB18030', 'GBK', 'ISO_IR 192', 'ISO_IR 6'];

/** Writes CT slices of nobody into a folder: `count` files, charsets in turn, one study, pixels different in each. */
export const exampleFiles = (
  folder: string,
  count: number,
  transferSyntaxUid: string = TRANSFER_SYNTAXES.explicitLittleEndian,
  size = 64,
  studyUid = '2.25.77',
): ExampleFile[] => {
  mkdirSync(folder, { recursive: true });
  return Array.from({ length: count }, (_, at) => {
    const sopInstanceUid = `${studyUid}.1.${at + 1}`;
    const charset = CHARSETS[at % CHARSETS.length] as WrittenCharset;
    const isChinese = charset !== 'ISO_IR 6';
    const pixels = Buffer.alloc(size * size * 2);
    for (let byte = 0; byte < pixels.length; byte++) pixels[byte] = (byte * (at + 3)) & 0xff;
    const elements = dataSet({
      SpecificCharacterSet: charset,
      SOPClassUID: CT,
      SOPInstanceUID: sopInstanceUid,
      StudyDate: '20261120',
      StudyTime: '093000',
      AccessionNumber: 'A1001',
      Modality: 'CT',
      // 張 and 镕 have trail bytes 0x8F and 0x46; 曾^ in GBK holds 0x5C and 0x5E where a careless reader splits.
      PatientName: isChinese ? 'Zeng^Rong=曾^镕乗' : 'Zeng^Rong',
      PatientID: 'P0001',
      StudyInstanceUID: studyUid,
      SeriesInstanceUID: `${studyUid}.1`,
      StudyID: '1',
      SeriesNumber: '1',
      InstanceNumber: String(at + 1),
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      Rows: size,
      Columns: size,
      BitsAllocated: 16,
      BitsStored: 16,
      HighBit: 15,
      PixelRepresentation: 0,
      PixelData: pixels,
    });
    const encoding = { transferSyntaxUid, charset };
    const instance = { sopClassUid: CT, sopInstanceUid, transferSyntaxUid };
    const path = join(folder, `${String(at + 1).padStart(4, '0')}.dcm`);
    writeFileSync(path, writePart10(instance, elements, encoding));
    return { path, sopInstanceUid, transferSyntaxUid, dataSet: writeDataSet(elements, encoding) };
  });
};

/** Length of the meta group behind its own length element, which ends at byte 144. */
export const groupBytes = (path: string): number => readFileSync(path).readUInt32LE(140);

/** The data set of a Part 10 file: what follows preamble and meta group. */
export const dataSetOfFile = (path: string): Buffer => readFileSync(path).subarray(144 + groupBytes(path));
