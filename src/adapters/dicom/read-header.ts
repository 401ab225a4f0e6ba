import {
  HEADER_READING,
  type HeaderCode,
  type InstanceHeader,
  isUid,
  type NameGroups,
  type PatientPosition,
  type SeriesUid,
  type SopInstanceUid,
  type StudyUid,
} from '../../imaging/index.ts';
import { type DicomDataSet, elementOf, itemOf, textValues } from './data-set.ts';
import { doseOfReport } from './dose-report.ts';
import { functionalGroupsOf, statedAgents } from './functional-groups.ts';
import { leadsOf } from './waveform-leads.ts';

/** Which UID of a header is missing or is none. */
export type MissingUid = 'StudyInstanceUID' | 'SeriesInstanceUID' | 'SOPInstanceUID' | 'SOPClassUID';

const textsOf = (dataSet: DicomDataSet, tag: string): readonly string[] => {
  const element = elementOf(dataSet, tag);
  return element ? textValues(dataSet, tag, element).filter((text) => text !== '') : [];
};

const textOf = (dataSet: DicomDataSet, tag: string): string | null => textsOf(dataSet, tag)[0] ?? null;

/** Numbers written as text (DS, IS); one that is none is left out. */
const numbersOf = (dataSet: DicomDataSet, tag: string): readonly number[] =>
  textsOf(dataSet, tag)
    .map(Number)
    .filter((value) => Number.isFinite(value));

const numberOf = (dataSet: DicomDataSet, tag: string): number | null => {
  const text = textOf(dataSet, tag);
  if (text === null) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
};

const unsigned = (dataSet: DicomDataSet, tag: string): number | null => {
  const element = elementOf(dataSet, tag);
  if (!element || element.length < 2 || element.dataOffset + 2 > dataSet.bytes.length) return null;
  return dataSet.parsed.uint16(`x${tag.toLowerCase()}`) ?? null;
};

const real = (dataSet: DicomDataSet, tag: string): number | null => {
  const element = elementOf(dataSet, tag);
  if (!element || element.length < 8 || element.dataOffset + 8 > dataSet.bytes.length) return null;
  const value = dataSet.parsed.double(`x${tag.toLowerCase()}`);
  return value !== undefined && Number.isFinite(value) ? value : null;
};

/** The greatest of a number that several data sets may state. */
const greatestReal = (dataSets: readonly (DicomDataSet | undefined)[], tag: string): number | null =>
  dataSets.reduce<number | null>((most, dataSet) => {
    const own = dataSet ? real(dataSet, tag) : null;
    return own === null ? most : Math.max(own, most ?? own);
  }, null);

const pairOf = (values: readonly number[]): readonly [number, number] | null =>
  values.length >= 2 ? [values[0] as number, values[1] as number] : null;

const positionOf = (values: readonly number[]): PatientPosition | null =>
  values.length === 3 ? [values[0] as number, values[1] as number, values[2] as number] : null;

/** A name's three groups. A group without anything but delimiters is not there. */
export const nameGroups = (text: string): NameGroups => {
  const [alphabetic = null, ideographic = null, phonetic = null] = text
    .split('=')
    .map((group) => group.replace(/[\^ ]+$/, '') || null);
  return { alphabetic, ideographic, phonetic };
};

const nameOf = (dataSet: DicomDataSet, tag: string): NameGroups | null => {
  const text = textOf(dataSet, tag);
  return text === null ? null : nameGroups(text);
};

const codeOf = (dataSet: DicomDataSet, tag: string): HeaderCode | null => {
  const first = elementOf(dataSet, tag)?.items?.[0];
  const item = first && itemOf(dataSet, first);
  const value = item && (textOf(item, '00080100') ?? textOf(item, '00080119'));
  return item && value
    ? { value, scheme: textOf(item, '00080102') ?? '', meaning: textOf(item, '00080104') ?? '' }
    : null;
};

const uidOf = (dataSet: DicomDataSet, tag: string, name: MissingUid): string => {
  const text = textOf(dataSet, tag) ?? '';
  return isUid(text) ? text : name;
};

/**
 * The neutral facts of an instance.
 *
 * @returns the name of a UID without which it cannot be kept apart from others
 */
export const headerOf = (
  dataSet: DicomDataSet,
  transferSyntaxUid: string,
): InstanceHeader | { readonly missing: MissingUid } => {
  const text = (tag: string) => textOf(dataSet, tag);
  const texts = (tag: string) => textsOf(dataSet, tag);
  const number = (tag: string) => numberOf(dataSet, tag);
  const numbers = (tag: string) => numbersOf(dataSet, tag);
  const short = (tag: string) => unsigned(dataSet, tag);
  const uids = {
    sopClassUid: uidOf(dataSet, '00080016', 'SOPClassUID'),
    sopInstanceUid: uidOf(dataSet, '00080018', 'SOPInstanceUID'),
    studyUid: uidOf(dataSet, '0020000D', 'StudyInstanceUID'),
    seriesUid: uidOf(dataSet, '0020000E', 'SeriesInstanceUID'),
  };
  const missing = Object.values(uids).find((uid) => !isUid(uid));
  if (missing !== undefined) return { missing: missing as MissingUid };
  const groups = functionalGroupsOf(dataSet);
  const orientation = numbers('00200037');
  const [codedAgent] = statedAgents(dataSet);
  const dose = doseOfReport(dataSet);
  return {
    studyUid: uids.studyUid as StudyUid,
    seriesUid: uids.seriesUid as SeriesUid,
    sopInstanceUid: uids.sopInstanceUid as SopInstanceUid,
    sopClassUid: uids.sopClassUid,
    transferSyntaxUid,
    patient: {
      patientId: text('00100020'),
      issuerOfPatientId: text('00100021'),
      name: nameOf(dataSet, '00100010'),
      birthDate: text('00100030'),
      sex: text('00100040'),
    },
    accessionNumber: text('00080050'),
    requestedProcedureId: text('00401001'),
    studyId: text('00200010'),
    referringPhysician: nameOf(dataSet, '00080090'),
    modality: text('00080060'),
    seriesNumber: number('00200011'),
    instanceNumber: number('00200013'),
    times: {
      studyDate: text('00080020'),
      studyTime: text('00080030'),
      seriesDate: text('00080021'),
      seriesTime: text('00080031'),
      acquisitionDate: text('00080022'),
      acquisitionTime: text('00080032'),
      acquisitionDateTime: text('0008002A'),
      contentDate: text('00080023'),
      contentTime: text('00080033'),
      timezoneOffset: text('00080201'),
    },
    descriptions: {
      study: text('00081030'),
      series: text('0008103E'),
      requestedProcedure: text('00321060'),
      performedProcedure: text('00400254'),
    },
    anatomy: {
      bodyPartExamined: text('00180015'),
      anatomicRegion:
        codeOf(dataSet, '00082218') ?? (groups?.anatomy ? codeOf(groups.anatomy, '00082218') : null),
      laterality: text('00200060'),
      imageLaterality: text('00200062') ?? (groups?.anatomy ? textOf(groups.anatomy, '00209072') : null),
      viewPosition: text('00185101'),
      viewCode: codeOf(dataSet, '00540220'),
      patientPosition: text('00185100'),
    },
    equipment: {
      manufacturer: text('00080070'),
      modelName: text('00081090'),
      stationName: text('00081010'),
      deviceSerialNumber: text('00181000'),
      softwareVersions: texts('00181020'),
      institutionName: text('00080080'),
      departmentName: text('00081040'),
    },
    pixels: {
      rows: short('00280010'),
      columns: short('00280011'),
      numberOfFrames: number('00280008'),
      bitsAllocated: short('00280100'),
      bitsStored: short('00280101'),
      highBit: short('00280102'),
      pixelRepresentation: short('00280103'),
      samplesPerPixel: short('00280002'),
      planarConfiguration: short('00280006'),
      photometricInterpretation: text('00280004'),
      rescaleSlope: number('00281053'),
      rescaleIntercept: number('00281052'),
      windowCenters: numbers('00281050'),
      windowWidths: numbers('00281051'),
      lossyImageCompression: text('00282110'),
      lossyRatios: numbers('00282112'),
      lossyMethods: texts('00282114'),
      burnedInAnnotation: text('00280301'),
    },
    geometry: {
      pixelSpacingMm: pairOf(numbers('00280030')) ?? pairOf(groups?.pixelSpacingMm ?? []),
      imagerPixelSpacingMm: pairOf(numbers('00181164')),
      sliceThicknessMm: number('00180050') ?? groups?.sliceThicknessMm ?? null,
      spacingBetweenSlicesMm: number('00180088') ?? groups?.spacingBetweenSlicesMm ?? null,
      sliceLocationMm: number('00201041'),
      imagePositionPatientMm: positionOf(numbers('00200032')),
      imageOrientationPatient:
        orientation.length === 6 ? orientation : (groups?.imageOrientationPatient ?? null),
      framePositionsMm: groups?.framePositionsMm ?? null,
      frameOfReferenceUid: text('00200052'),
      dataCollectionDiameterMm: number('00180090'),
      reconstructionDiameterMm: number('00181100'),
    },
    acquisition: {
      imageType: texts('00080008'),
      acquisitionNumber: number('00200012'),
      protocolName: text('00181030'),
      convolutionKernel: text('00181210') ?? groups?.convolutionKernel ?? null,
      contrastAgent: text('00180010') ?? codedAgent?.agent ?? null,
      contrastRoute: text('00181040') ?? codedAgent?.route ?? null,
      contrastUsages: groups?.contrastUsages ?? [],
      scanningSequence: text('00180020'),
      sequenceName: text('00180024'),
      repetitionTimeMs: number('00180080'),
      echoTimeMs: number('00180081'),
      magneticFieldStrengthT: number('00180087'),
      kvp: number('00180060'),
      tubeCurrentMa: number('00181151'),
      exposureMas: number('00181152'),
      exposureTimeMs: number('00181150'),
      diffusionBValue: greatestReal([dataSet, ...(groups?.diffusion ?? [])], '00189087'),
      ctdiVolMGy: greatestReal([dataSet, groups?.exposure], '00189345') ?? dose?.ctdiVolMGy ?? null,
      doseLengthMGyCm: dose?.doseLengthMGyCm ?? null,
      areaDoseProductDGyCm2: number('0018115E'),
      frameTimeMs: number('00181063'),
    },
    leads: leadsOf(dataSet),
    reading: HEADER_READING,
  };
};

/** Instances of the study that the sender says there are (0020,1208); null where it does not say. */
export const announcedCount = (dataSet: DicomDataSet): number | null => {
  const count = numberOf(dataSet, '00201208');
  return count !== null && Number.isInteger(count) && count > 0 && count < 1_000_000 ? count : null;
};
