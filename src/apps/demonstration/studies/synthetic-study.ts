import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type DataSet,
  dataSet,
  type Encoding,
  type WrittenCharset,
  writeDataSet,
  writeMeta,
} from '../../../adapters/dicom/write-part10.ts';
import type { WrittenKeyword } from '../../../adapters/dicom/written-attributes.ts';

/** What every header of the demonstration says, so that no copy of a picture can be mistaken for a patient's. */
export const SYNTHETIC_MARK = 'SYNTHETIC 演练';

/** Whom a study is of and by which numbers, as the imitation hospital's RIS knows it. */
export interface StudyContext {
  /** Names the study's UIDs and noise; the same seed makes the same bytes. */
  readonly seed: string;
  readonly patient: {
    /** Latin letters, components by `^`. */
    readonly alphabetic: string;
    /** Chinese characters, components by `^`. */
    readonly ideographic: string;
    readonly patientId: string;
    readonly issuerOfPatientId?: string;
    /** `YYYYMMDD`. */
    readonly birthDate: string;
    readonly sex: 'M' | 'F';
  };
  readonly accessionNumber: string;
  /** When the examination was made: `YYYYMMDD` and `HHMMSS` of the institution's clock. */
  readonly date: string;
  readonly time: string;
  readonly institutionName: string;
  readonly stationName: string;
  readonly charset: WrittenCharset;
  readonly transferSyntaxUid: string;
  /** True where only headers matter: nothing is drawn. */
  readonly isBlank?: boolean;
}

/** One instance, ready to be sent or filed. */
export interface SyntheticInstance {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly transferSyntaxUid: string;
  /** The data set without preamble and meta information. */
  readonly bytes: Buffer;
}

/** A study whose instances are made one after the other, as they are asked for. */
export interface SyntheticStudy {
  readonly studyUid: string;
  readonly instanceCount: number;
  instances(): Generator<SyntheticInstance>;
}

/** A UID that follows from a name: a UUID of its hash under 2.25 (PS3.5 B.2). */
export const uidOf = (name: string): string => {
  const bytes = createHash('sha256').update(`huren-demonstration/${name}`).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return `2.25.${BigInt(`0x${bytes.toString('hex')}`)}`;
};

/** Attributes by keyword. */
export type Attributes = Parameters<typeof dataSet>[0];

/** The modules patient, study and equipment, the same in every instance of a study. */
const commonAttributes = (context: StudyContext): Attributes => ({
  SpecificCharacterSet: context.charset,
  InstanceCreationDate: context.date,
  InstanceCreationTime: context.time,
  StudyInstanceUID: uidOf(`${context.seed}/study`),
  StudyID: context.accessionNumber.slice(-16),
  StudyDate: context.date,
  StudyTime: context.time,
  SeriesDate: context.date,
  SeriesTime: context.time,
  AcquisitionDate: context.date,
  AcquisitionTime: context.time,
  ContentDate: context.date,
  ContentTime: context.time,
  AccessionNumber: context.accessionNumber,
  ReferringPhysicianName: '',
  PatientName: `${context.patient.alphabetic}=${context.patient.ideographic}`,
  PatientID: context.patient.patientId,
  IssuerOfPatientID: context.patient.issuerOfPatientId,
  PatientBirthDate: context.patient.birthDate,
  PatientSex: context.patient.sex,
  PatientComments: `${SYNTHETIC_MARK}：人工合成的演练图像，不属于任何人`,
  ImageComments: SYNTHETIC_MARK,
  Manufacturer: SYNTHETIC_MARK,
  InstitutionName: context.institutionName,
  StationName: context.stationName,
  DeviceSerialNumber: context.stationName,
  BurnedInAnnotation: 'YES',
});

/** What one instance has of its own. */
export interface InstanceOwn {
  readonly sopClassUid: string;
  /** Name of its series within the study. */
  readonly series: string;
  readonly instanceNumber: number;
  readonly attributes: Readonly<Partial<Record<WrittenKeyword, Attributes[WrittenKeyword]>>>;
}

/** Puts an instance together: the study's attributes, the instance's own, and the bytes. */
export const makeInstance = (context: StudyContext, own: InstanceOwn): SyntheticInstance => {
  const { seed, transferSyntaxUid, charset } = context;
  const { sopClassUid, series, instanceNumber } = own;
  const sopInstanceUid = uidOf(`${seed}/${series}/${instanceNumber}`);
  const elements: DataSet = dataSet({
    ...commonAttributes(context),
    SOPClassUID: sopClassUid,
    SOPInstanceUID: sopInstanceUid,
    SeriesInstanceUID: uidOf(`${seed}/${series}`),
    InstanceNumber: instanceNumber,
    ...own.attributes,
  });
  const encoding: Encoding = { transferSyntaxUid, charset };
  return { sopClassUid, sopInstanceUid, transferSyntaxUid, bytes: writeDataSet(elements, encoding) };
};

/** A whole Part 10 file of an instance. */
export const part10Of = (instance: SyntheticInstance): Buffer =>
  Buffer.concat([writeMeta(instance), instance.bytes]);

/** Writes a study's files into a folder, `IM000001` and so on, and names them. */
export const writeStudy = (study: SyntheticStudy, folder: string): string[] => {
  mkdirSync(folder, { recursive: true });
  const paths: string[] = [];
  for (const instance of study.instances()) {
    const path = join(folder, `IM${String(paths.length + 1).padStart(6, '0')}`);
    writeFileSync(path, part10Of(instance));
    paths.push(path);
  }
  return paths;
};
