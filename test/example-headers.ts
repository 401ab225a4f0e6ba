import type { InstanceHeader, SeriesUid, SopInstanceUid, StudyUid } from '../src/imaging/index.ts';

/** Members of a header to change, group by group. */
export type HeaderChange = {
  readonly [Member in keyof InstanceHeader]?: InstanceHeader[Member] extends
    | readonly unknown[]
    | null
    | string
    ? InstanceHeader[Member]
    : Partial<NonNullable<InstanceHeader[Member]>> | InstanceHeader[Member];
};

const EMPTY: InstanceHeader = {
  studyUid: '2.25.1' as StudyUid,
  seriesUid: '2.25.1.1' as SeriesUid,
  sopInstanceUid: '2.25.1.1.1' as SopInstanceUid,
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  transferSyntaxUid: '1.2.840.10008.1.2.1',
  patient: { patientId: 'P1', issuerOfPatientId: null, name: null, birthDate: null, sex: null },
  accessionNumber: null,
  requestedProcedureId: null,
  studyId: null,
  modality: 'CT',
  seriesNumber: 1,
  instanceNumber: 1,
  times: {
    studyDate: null,
    studyTime: null,
    seriesDate: null,
    seriesTime: null,
    acquisitionDate: null,
    acquisitionTime: null,
    acquisitionDateTime: null,
    contentDate: null,
    contentTime: null,
    timezoneOffset: null,
  },
  descriptions: { study: null, series: null, requestedProcedure: null, performedProcedure: null },
  anatomy: {
    bodyPartExamined: null,
    anatomicRegion: null,
    laterality: null,
    imageLaterality: null,
    viewPosition: null,
    patientPosition: null,
  },
  equipment: {
    manufacturer: null,
    modelName: null,
    stationName: null,
    deviceSerialNumber: null,
    softwareVersions: [],
    institutionName: null,
    departmentName: null,
  },
  pixels: {
    rows: 512,
    columns: 512,
    numberOfFrames: null,
    bitsAllocated: 16,
    bitsStored: 12,
    highBit: 11,
    pixelRepresentation: 0,
    samplesPerPixel: 1,
    planarConfiguration: null,
    photometricInterpretation: 'MONOCHROME2',
    rescaleSlope: 1,
    rescaleIntercept: -1024,
    windowCenters: [],
    windowWidths: [],
    lossyImageCompression: null,
    lossyRatios: [],
    lossyMethods: [],
    burnedInAnnotation: null,
  },
  geometry: {
    pixelSpacingMm: null,
    imagerPixelSpacingMm: null,
    sliceThicknessMm: null,
    spacingBetweenSlicesMm: null,
    sliceLocationMm: null,
    imagePositionPatientMm: null,
    imageOrientationPatient: null,
    frameOfReferenceUid: null,
    dataCollectionDiameterMm: null,
    reconstructionDiameterMm: null,
  },
  acquisition: {
    imageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'],
    acquisitionNumber: null,
    protocolName: null,
    convolutionKernel: null,
    contrastAgent: null,
    contrastRoute: null,
    scanningSequence: null,
    sequenceName: null,
    repetitionTimeMs: null,
    echoTimeMs: null,
    magneticFieldStrengthT: null,
    kvp: null,
    tubeCurrentMa: null,
    exposureMas: null,
    exposureTimeMs: null,
    ctdiVolMGy: null,
    areaDoseProductDGyCm2: null,
    frameTimeMs: null,
  },
  leads: null,
};

/** A header that states nothing but what is given. */
export const header = (change: HeaderChange = {}): InstanceHeader =>
  Object.fromEntries(
    Object.entries(EMPTY).map(([member, value]) => {
      const given = change[member as keyof HeaderChange];
      const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value);
      return [member, given === undefined ? value : isGroup ? { ...value, ...(given as object) } : given];
    }),
  ) as unknown as InstanceHeader;

/** An axial stack: so many slices of this thickness and distance, numbered from 1. */
export const axialStack = (
  count: number,
  thicknessMm: number,
  change: HeaderChange = {},
  series = 1,
): readonly InstanceHeader[] =>
  Array.from({ length: count }, (_, index) =>
    header({
      seriesNumber: series,
      seriesUid: `2.25.1.${series}` as SeriesUid,
      sopInstanceUid: `2.25.1.${series}.${index + 1}` as SopInstanceUid,
      instanceNumber: index + 1,
      ...change,
      geometry: {
        sliceThicknessMm: thicknessMm,
        imagePositionPatientMm: [-190, -190, index * thicknessMm],
        imageOrientationPatient: [1, 0, 0, 0, 1, 0],
        ...change.geometry,
      },
    }),
  );
