import { dataSet, TRANSFER_SYNTAXES, writeDataSet } from '../../../adapters/dicom/write-part10.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { PREVIEW } from './series-opening.ts';

const CT_CLASS = '1.2.840.10008.5.1.4.1.1.2';
const SIDE = 512;
/** Code that has run some twenty times runs several times as fast as at first. */
const HEADERS = 20;
const PICTURES = 2;

/** A slice of nobody: air, in the form in which most slices come. */
const slice = () => {
  const elements = dataSet({
    SOPClassUID: CT_CLASS,
    SOPInstanceUID: '2.25.1',
    StudyInstanceUID: '2.25.2',
    SeriesInstanceUID: '2.25.3',
    Modality: 'CT',
    InstanceNumber: 1,
    ImagePositionPatient: [0, 0, 0],
    ImageOrientationPatient: [1, 0, 0, 0, 1, 0],
    PixelSpacing: [0.7, 0.7],
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: SIDE,
    Columns: SIDE,
    BitsAllocated: 16,
    BitsStored: 16,
    HighBit: 15,
    PixelRepresentation: 1,
    RescaleIntercept: -1024,
    RescaleSlope: 1,
    WindowCenter: -600,
    WindowWidth: 1500,
    PixelData: new Uint8Array(SIDE * SIDE * 2),
  });
  const encoding = {
    transferSyntaxUid: TRANSFER_SYNTAXES.explicitLittleEndian,
    charset: 'ISO_IR 6',
  } as const;
  return writeDataSet(elements, encoding);
};

/**
 * Does once, for nobody, what the first opening of a study after a start would wait for: starts a thread in which frames are drawn, and
 * reads and draws a slice of air. Nothing is read of any study, and nothing is kept.
 *
 * @returns whether all was read and drawn
 */
export const warmViewing = async ({
  headers,
  renderer,
}: Pick<ImagingDependencies, 'headers' | 'renderer'>): Promise<boolean> => {
  const bytes = slice();
  const frame = bytes.subarray(bytes.length - SIDE * SIDE * 2);
  const head = new Uint8Array(bytes.subarray(0, bytes.length - frame.length));
  const transferSyntaxUid = TRANSFER_SYNTAXES.explicitLittleEndian;
  const of = { head, isWhole: false, transferSyntaxUid, sopClassUid: CT_CLASS, assumedCharset: null };
  for (let done = 0; done < HEADERS; done++) {
    const read = await headers.read(of, { bulk: '/' });
    if (!read.ok) return false;
    if (done >= PICTURES) continue;
    const { pixels } = read.value.header;
    const drawn = await renderer.draw({ frame, transferSyntaxUid, pixels, drawing: PREVIEW });
    if (!drawn.ok) return false;
  }
  return true;
};
