import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { FhirResource } from './result-resources.ts';

/** One series of a study. */
export interface FhirSeries {
  readonly uid: string;
  readonly number: number | null;
  readonly modality: string | null;
  readonly description: string | null;
  /** As the device states them (0018,0015) and (0020,0060): no code system names either. */
  readonly bodyPart: string | null;
  readonly laterality: string | null;
  readonly instances: number;
}

/** A study all of which its reader may see. */
export interface FhirStudy {
  readonly id: PublicId;
  readonly uid: string;
  readonly accession: string | null;
  /** Institution that made it. */
  readonly institution: string;
  readonly institutionZh: string;
  readonly description: string | null;
  readonly modalities: readonly string[];
  /** `YYYYMMDD` and `HHMMSS…` in the local time of China, as the device states them. */
  readonly studyDate: string | null;
  readonly studyTime: string | null;
  readonly instances: number;
  readonly updatedAt: Instant;
  readonly series: readonly FhirSeries[];
}

const MODALITY = 'http://dicom.nema.org/resources/ontology/DCM';
const IDENTIFIER_TYPE = 'http://terminology.hl7.org/CodeSystem/v2-0203';
const CONNECTION = 'http://terminology.hl7.org/CodeSystem/endpoint-connection-type';
/** System of Study Instance UIDs as identifiers. */
export const STUDY_UID_SYSTEM = 'urn:dicom:uid';

/** System of an institution's accession numbers. */
export const accessionSystem = (institution: string): string =>
  `urn:huren:institution:${institution}:accession`;

/** When a study began: to the minute or second where a time is stated, else its day; null where not even that. */
export const startedOf = ({
  studyDate,
  studyTime,
}: Pick<FhirStudy, 'studyDate' | 'studyTime'>): string | null => {
  const [, year, month, day] = /^(\d{4})(\d{2})(\d{2})$/.exec(studyDate ?? '') ?? [];
  if (year === undefined) return null;
  const [, hour, minute, second = '00'] = /^(\d{2})(\d{2})(\d{2})?/.exec(studyTime ?? '') ?? [];
  const date = `${year}-${month}-${day}`;
  return hour === undefined ? date : `${date}T${hour}:${minute}:${second}+08:00`;
};

/** `available` as soon as one image is here; before that it is only announced. */
export const studyStatus = ({ instances }: Pick<FhirStudy, 'instances'>): 'available' | 'registered' =>
  instances > 0 ? 'available' : 'registered';

const modalityCoding = (code: string) => ({ system: MODALITY, code });

const seriesOf = (series: FhirSeries) => ({
  uid: series.uid,
  ...(series.number === null || series.number < 0 ? {} : { number: series.number }),
  // Required; a device that states none leaves nothing to say but that.
  modality: series.modality === null ? { display: 'not stated' } : modalityCoding(series.modality),
  ...(series.description === null ? {} : { description: series.description }),
  numberOfInstances: series.instances,
  ...(series.bodyPart === null ? {} : { bodySite: { display: series.bodyPart } }),
  ...(series.laterality === null ? {} : { laterality: { display: series.laterality } }),
});

/** Where its images are read. */
const endpointOf = (dicomWeb: string, { institutionZh }: FhirStudy) => ({
  resourceType: 'Endpoint',
  id: 'wado',
  status: 'active',
  connectionType: { system: CONNECTION, code: 'dicom-wado-rs' },
  name: institutionZh,
  payloadType: [{ text: 'DICOM' }],
  payloadMimeType: ['application/dicom'],
  address: dicomWeb,
});

/**
 * A study (FHIR R4 ImagingStudy). Its series carry no list of their instances: those are told by DICOMweb.
 *
 * @param dicomWeb address of DICOMweb, for readers who may use it; null for others
 */
export const imagingStudyOf = (
  study: FhirStudy,
  patient: PublicId,
  dicomWeb: string | null,
): FhirResource => {
  const started = startedOf(study);
  return {
    resourceType: 'ImagingStudy',
    id: study.id,
    meta: { lastUpdated: isoInstant(study.updatedAt) },
    ...(dicomWeb === null ? {} : { contained: [endpointOf(dicomWeb, study)] }),
    identifier: [
      { system: STUDY_UID_SYSTEM, value: `urn:oid:${study.uid}` },
      ...(study.accession === null
        ? []
        : [
            {
              type: { coding: [{ system: IDENTIFIER_TYPE, code: 'ACSN' }] },
              system: accessionSystem(study.institution),
              value: study.accession,
            },
          ]),
    ],
    status: studyStatus(study),
    modality: study.modalities.map(modalityCoding),
    subject: { reference: `Patient/${patient}` },
    ...(started === null ? {} : { started }),
    ...(dicomWeb === null ? {} : { endpoint: [{ reference: '#wado' }] }),
    numberOfSeries: study.series.length,
    numberOfInstances: study.instances,
    ...(study.description === null ? {} : { description: study.description }),
    series: study.series.map(seriesOf),
  };
};
