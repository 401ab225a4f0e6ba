import type { InstanceHeader } from './instance.ts';

/** What two headers of one instance are compared by. */
export const COMPARED_FACTS = [
  'patient-name',
  'patient-id',
  'patient-issuer',
  'patient-birth-date',
  'patient-sex',
  'accession',
  'study-uid',
  'study-description',
  'study-time',
  'modality',
  'series-uid',
  'series-number',
  'series-description',
  'body-part',
  'laterality',
  'view',
  'device',
  'instance-number',
  'acquired',
  'size',
  'frames',
  'thickness',
  'position',
  'transfer-syntax',
] as const;

/** One of `COMPARED_FACTS`. */
export type ComparedFact = (typeof COMPARED_FACTS)[number];

/** One fact of two headers, as stated; null: not stated. */
export interface FactPair {
  readonly fact: ComparedFact;
  readonly first: string | null;
  readonly second: string | null;
}

const joined = (...parts: readonly (string | number | null)[]): string | null =>
  parts.filter((part) => part !== null && part !== '').join(' ') || null;

const textOf = (header: InstanceHeader): Readonly<Record<ComparedFact, string | null>> => {
  const { patient, times, descriptions, anatomy, equipment, pixels, geometry } = header;
  return {
    'patient-name': joined(patient.name?.ideographic ?? null, patient.name?.alphabetic ?? null),
    'patient-id': patient.patientId,
    'patient-issuer': patient.issuerOfPatientId,
    'patient-birth-date': patient.birthDate,
    'patient-sex': patient.sex,
    accession: header.accessionNumber,
    'study-uid': header.studyUid,
    'study-description': descriptions.study,
    'study-time': joined(times.studyDate, times.studyTime),
    modality: header.modality,
    'series-uid': header.seriesUid,
    'series-number': joined(header.seriesNumber),
    'series-description': descriptions.series,
    'body-part': anatomy.bodyPartExamined,
    laterality: joined(anatomy.laterality, anatomy.imageLaterality),
    view: anatomy.viewPosition,
    device: joined(equipment.manufacturer, equipment.modelName, equipment.stationName),
    'instance-number': joined(header.instanceNumber),
    acquired: times.acquisitionDateTime ?? joined(times.acquisitionDate, times.acquisitionTime),
    size: pixels.columns === null || pixels.rows === null ? null : `${pixels.columns} × ${pixels.rows}`,
    frames: joined(pixels.numberOfFrames),
    thickness: joined(geometry.sliceThicknessMm),
    position: geometry.imagePositionPatientMm?.join(' / ') ?? null,
    'transfer-syntax': header.transferSyntaxUid,
  };
};

/** Lays what two headers state side by side; what neither states is left out. @param first null where there is none */
export const compareHeaders = (
  first: InstanceHeader | null,
  second: InstanceHeader | null,
): readonly FactPair[] => {
  const [one, other] = [first && textOf(first), second && textOf(second)];
  return COMPARED_FACTS.map((fact) => ({
    fact,
    first: one?.[fact] ?? null,
    second: other?.[fact] ?? null,
  })).filter((pair) => pair.first !== null || pair.second !== null);
};
