import type { SeriesUid, SopInstanceUid, StudyUid } from './uids.ts';

/**
 * A person's name by its three groups (PS3.5 §6.2.1.2): Latin letters, Chinese characters, phonetic. Components stay
 * joined by `^` as they were sent; a group that is not there is null.
 */
export interface NameGroups {
  readonly alphabetic: string | null;
  readonly ideographic: string | null;
  readonly phonetic: string | null;
}

/** The patient as the header of an instance states him. */
export interface HeaderPatient {
  /** Patient ID (0010,0020); a number only together with its issuer. */
  readonly patientId: string | null;
  /** Issuer of Patient ID (0010,0021); null: the institution that sent the instance. */
  readonly issuerOfPatientId: string | null;
  readonly name: NameGroups | null;
  /** Patient's Birth Date (0010,0030), `YYYYMMDD` as sent. */
  readonly birthDate: string | null;
  /** Patient's Sex (0010,0040): `M`, `F`, `O` as sent. */
  readonly sex: string | null;
}

/** Three numbers of the patient's coordinate system in millimetres (x to the left, y to the back, z to the head). */
export type PatientPosition = readonly [number, number, number];

/** A coded concept (PS3.3 §8.8), e.g. of Anatomic Region Sequence. */
export interface HeaderCode {
  readonly value: string;
  readonly scheme: string;
  readonly meaning: string;
}

/** Which dates and times of an instance the header states, each as sent (`YYYYMMDD`, `HHMMSS.FFFFFF`). */
export interface HeaderTimes {
  readonly studyDate: string | null;
  readonly studyTime: string | null;
  readonly seriesDate: string | null;
  readonly seriesTime: string | null;
  readonly acquisitionDate: string | null;
  readonly acquisitionTime: string | null;
  /** Acquisition DateTime (0008,002A), `YYYYMMDDHHMMSS.FFFFFF&ZZXX`. */
  readonly acquisitionDateTime: string | null;
  readonly contentDate: string | null;
  readonly contentTime: string | null;
  /** Timezone Offset From UTC (0008,0201), `+0800`; null: the institution's own zone. */
  readonly timezoneOffset: string | null;
}

/** The device that made the instance. */
export interface HeaderEquipment {
  readonly manufacturer: string | null;
  readonly modelName: string | null;
  readonly stationName: string | null;
  readonly deviceSerialNumber: string | null;
  readonly softwareVersions: readonly string[];
  /** Institution Name (0008,0080) as the device was set up; says little about who sent it. */
  readonly institutionName: string | null;
  readonly departmentName: string | null;
}

/** What the header says of the pixels. Zero or absurd values stay as sent: who draws must check, and who judges must see. */
export interface HeaderPixels {
  readonly rows: number | null;
  readonly columns: number | null;
  /** Number of Frames (0028,0008); null where the header has none (one frame if there are pixels at all). */
  readonly numberOfFrames: number | null;
  readonly bitsAllocated: number | null;
  readonly bitsStored: number | null;
  readonly highBit: number | null;
  /** 0 unsigned, 1 two's complement. */
  readonly pixelRepresentation: number | null;
  readonly samplesPerPixel: number | null;
  /** 0 colour by pixel, 1 colour by plane. */
  readonly planarConfiguration: number | null;
  readonly photometricInterpretation: string | null;
  readonly rescaleSlope: number | null;
  readonly rescaleIntercept: number | null;
  readonly windowCenters: readonly number[];
  readonly windowWidths: readonly number[];
  /** Lossy Image Compression (0028,2110): `00` or `01`. */
  readonly lossyImageCompression: string | null;
  readonly lossyRatios: readonly number[];
  readonly lossyMethods: readonly string[];
  /** Burned In Annotation (0028,0301): `YES` or `NO`. */
  readonly burnedInAnnotation: string | null;
}

/** How the image lies in the body and how finely it was taken. Lengths are millimetres. */
export interface HeaderGeometry {
  /** Pixel Spacing (0028,0030): between rows, between columns. */
  readonly pixelSpacingMm: readonly [number, number] | null;
  /** Imager Pixel Spacing (0018,1164), at the detector: projections have it where they lack Pixel Spacing. */
  readonly imagerPixelSpacingMm: readonly [number, number] | null;
  readonly sliceThicknessMm: number | null;
  readonly spacingBetweenSlicesMm: number | null;
  /** Slice Location (0020,1041): only relative, often wrong. Positions decide. */
  readonly sliceLocationMm: number | null;
  readonly imagePositionPatientMm: PatientPosition | null;
  /** Six direction cosines of row and column. */
  readonly imageOrientationPatient: readonly number[] | null;
  /**
   * Of each frame, where an image of many frames states the places of all and one orientation in its functional groups
   * (Plane Position Sequence 0020,9113); `null`: not so. Absent from headers that were kept before they were read.
   */
  readonly framePositionsMm?: readonly PatientPosition[] | null;
  readonly frameOfReferenceUid: string | null;
  /** Data Collection Diameter (0018,0090). */
  readonly dataCollectionDiameterMm: number | null;
  /** Reconstruction Diameter (0018,1100). */
  readonly reconstructionDiameterMm: number | null;
}

/** What a frame states of a contrast medium. */
export interface ContrastUsage {
  /** Contrast/Bolus Agent Administered (0018,9342); null: not stated. */
  readonly isAdministered: boolean | null;
  /** Contrast/Bolus Agent Phase (0018,9344), e.g. `ARTERIAL`; null: not stated. */
  readonly phase: string | null;
}

/** How the image was made: settings, contrast, dose. */
export interface HeaderAcquisition {
  /** Image Type (0008,0008), e.g. `ORIGINAL`, `PRIMARY`, `AXIAL`. */
  readonly imageType: readonly string[];
  readonly acquisitionNumber: number | null;
  readonly protocolName: string | null;
  /** Convolution Kernel (0018,1210), e.g. `B70f`, `LUNG`. */
  readonly convolutionKernel: string | null;
  readonly contrastAgent: string | null;
  readonly contrastRoute: string | null;
  /**
   * How frames were taken as to contrast, unlike ones only (Contrast/Bolus Usage Sequence 0018,9341); agents that went in by the
   * mouth are left out. Absent from headers that were kept before they were read.
   */
  readonly contrastUsages?: readonly ContrastUsage[];
  readonly scanningSequence: string | null;
  readonly sequenceName: string | null;
  readonly repetitionTimeMs: number | null;
  readonly echoTimeMs: number | null;
  readonly magneticFieldStrengthT: number | null;
  readonly kvp: number | null;
  readonly tubeCurrentMa: number | null;
  readonly exposureMas: number | null;
  readonly exposureTimeMs: number | null;
  /** Diffusion b-value (0018,9087), s/mm². Absent from headers that were kept before it was read. */
  readonly diffusionBValue?: number | null;
  readonly ctdiVolMGy: number | null;
  /** Dose-length product in all of a dose report (PS3.16 TID 10012), mGy·cm. Absent from headers that were kept before it was read. */
  readonly doseLengthMGyCm?: number | null;
  /** Image and Fluoroscopy Area Dose Product (0018,115E), dGy·cm². */
  readonly areaDoseProductDGyCm2: number | null;
  readonly frameTimeMs: number | null;
}

/** What part of the body, which side, from where: as sent, codes and words of the device. */
export interface HeaderAnatomy {
  /** Body Part Examined (0018,0015), e.g. `CHEST`, `KNEE`, also Chinese words. */
  readonly bodyPartExamined: string | null;
  /** Anatomic Region Sequence (0008,2218), first item. */
  readonly anatomicRegion: HeaderCode | null;
  /** Laterality (0020,0060) of the series: `L`, `R`. */
  readonly laterality: string | null;
  /** Image Laterality (0020,0062): `L`, `R`, `B`, `U`. */
  readonly imageLaterality: string | null;
  /** View Position (0018,5101), e.g. `PA`, `LL`. */
  readonly viewPosition: string | null;
  /** View Code Sequence (0054,0220). Absent from headers that were kept before it was read. */
  readonly viewCode?: HeaderCode | null;
  readonly patientPosition: string | null;
}

/** The words that describe the examination. */
export interface HeaderDescriptions {
  readonly study: string | null;
  readonly series: string | null;
  readonly requestedProcedure: string | null;
  readonly performedProcedure: string | null;
}

/**
 * The facts of ONE instance as its header states them, neutral between protocols. Everything but the UIDs may be absent;
 * what is absent is null, what may repeat and does not is empty. Texts are decoded, without padding, otherwise as sent.
 */
export interface InstanceHeader {
  readonly studyUid: StudyUid;
  readonly seriesUid: SeriesUid;
  readonly sopInstanceUid: SopInstanceUid;
  readonly sopClassUid: string;
  /** How the data set is encoded and its pixels compressed (0002,0010). */
  readonly transferSyntaxUid: string;
  readonly patient: HeaderPatient;
  /** Accession Number (0008,0050): the order or report number of the RIS. */
  readonly accessionNumber: string | null;
  /** Referring order number where the RIS uses the requested procedure for it (0040,1001). */
  readonly requestedProcedureId: string | null;
  /** Study ID (0020,0010). */
  readonly studyId: string | null;
  /** Referring Physician's Name (0008,0090). Absent from headers that were kept before it was read. */
  readonly referringPhysician?: NameGroups | null;
  readonly modality: string | null;
  readonly seriesNumber: number | null;
  readonly instanceNumber: number | null;
  readonly times: HeaderTimes;
  readonly descriptions: HeaderDescriptions;
  readonly anatomy: HeaderAnatomy;
  readonly equipment: HeaderEquipment;
  readonly pixels: HeaderPixels;
  readonly geometry: HeaderGeometry;
  readonly acquisition: HeaderAcquisition;
  /** Leads of a waveform by their channels (PS3.3 C.10.9). Absent from headers that were kept before they were read. */
  readonly leads?: number | null;
  /** By which reading (`HEADER_READING`); absent: the first. */
  readonly reading?: number;
}

/**
 * What is read of a header now; raised where more is read than before, so that headers that were kept are read again where it can
 * matter.
 *
 * 1: as first written. 2: contrast of frames, code of the view, leads, dose reports. 3: codes in Chinese.
 */
export const HEADER_READING = 3;
