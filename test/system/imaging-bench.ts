import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frameRenderer } from '../../src/adapters/dicom/frame-renderer.ts';
import { headerReader } from '../../src/adapters/dicom/header-reader.ts';
import {
  type DataSet,
  dataSet,
  type DicomValue,
  TRANSFER_SYNTAXES,
  writeDataSet,
  type WrittenCharset,
} from '../../src/adapters/dicom/write-part10.ts';
import type { WrittenKeyword } from '../../src/adapters/dicom/written-attributes.ts';
import { fileImages } from '../../src/adapters/objects/image-objects.ts';
import type { ImagingDependencies } from '../../src/apps/flows/imaging/imaging-work.ts';
import { type ReceiveOutcome, type Receiving, receiving } from '../../src/apps/flows/imaging/receive.ts';
import { trafficCounter } from '../../src/apps/flows/imaging/traffic.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { type IngestBench, ingestBench, testKeys } from './ingest-fixtures.ts';

/** A bench of messages with a store of images beside it. */
export interface ImagingBench extends IngestBench {
  readonly imaging: ImagingDependencies;
  readonly receiving: Receiving;
  readonly folder: string;
  /** Sends one instance as an institution. */
  send(instance: TestInstance, institution?: string): Promise<ReceiveOutcome>;
}

/** One instance of a test, as its sender encodes it. */
export interface TestInstance {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  readonly bytes: Uint8Array;
}

export const CT_STORAGE = '1.2.840.10008.5.1.4.1.1.2';

/** Opens a fresh one. */
export const imagingBench = async (): Promise<ImagingBench> => {
  const bench = await ingestBench();
  const folder = mkdtempSync(join(tmpdir(), 'images-'));
  const headers = headerReader();
  const renderer = frameRenderer(1);
  const imaging: ImagingDependencies = {
    ...bench.dependencies,
    images: fileImages(folder, testKeys),
    headers,
    renderer,
    traffic: trafficCounter(bench.dependencies),
  };
  const doors = receiving(imaging);
  return {
    ...bench,
    imaging,
    receiving: doors,
    folder,
    async send({ bytes, ...of }, institution = 'JIANG-1') {
      const instance = await doors.begin({
        ...of,
        institution: institution as InstitutionCode,
        sender: 'test',
        assumedCharset: null,
      });
      await instance.write(bytes);
      return instance.finish();
    },
    async drop() {
      await headers.close();
      await renderer.close();
      await bench.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** What a slice says where a test does not. */
const USUAL: Partial<Record<WrittenKeyword, DicomValue>> = {
  SpecificCharacterSet: 'GB18030',
  PatientName: 'Zhang^San=张^三',
  PatientBirthDate: '19660214',
  PatientSex: 'M',
  Modality: 'CT',
  StudyDate: '20261118',
  StudyTime: '091500',
  StudyDescription: '胸部CT平扫',
  SeriesNumber: 1,
  InstanceNumber: 1,
  Rows: 4,
  Columns: 4,
  SamplesPerPixel: 1,
  BitsAllocated: 16,
  BitsStored: 12,
  HighBit: 11,
  PixelRepresentation: 0,
  PhotometricInterpretation: 'MONOCHROME2',
  PixelData: new Uint8Array(32),
};

/** Attributes of a test instance; the three UIDs must be given. */
export type Attributes = Partial<Record<WrittenKeyword, DicomValue | undefined>> & {
  readonly StudyInstanceUID: string;
  readonly SeriesInstanceUID: string;
  readonly SOPInstanceUID: string;
};

/** An instance with these attributes beside the usual ones. */
export const instanceOf = (
  attributes: Attributes,
  how: { readonly transferSyntaxUid?: string; readonly charset?: WrittenCharset } = {},
): TestInstance => {
  const transferSyntaxUid = how.transferSyntaxUid ?? TRANSFER_SYNTAXES.explicitLittleEndian;
  const elements: DataSet = dataSet({ SOPClassUID: CT_STORAGE, ...USUAL, ...attributes });
  return {
    sopClassUid: CT_STORAGE,
    sopInstanceUid: attributes.SOPInstanceUID,
    transferSyntaxUid,
    bytes: writeDataSet(elements, { transferSyntaxUid, charset: how.charset ?? 'GB18030' }),
  };
};
