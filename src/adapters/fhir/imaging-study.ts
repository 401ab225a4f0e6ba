import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { FhirResource } from './result-resources.ts';

/** One instance of a series. */
export interface FhirInstance {
  readonly uid: string;
  readonly sopClassUid: string;
  readonly number: number | null;
  /** Image Type (0008,0008) as it is written; null where it was not read. */
  readonly title: string | null;
}

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
  /** Of what it consists; absent where only their number is told. */
  readonly listed?: readonly FhirInstance[];
}

/** A study all of which its reader may see. */
export interface FhirStudy {
  readonly id: PublicId;
  readonly uid: string;
  readonly accession: string | null;
  /** Institution that made it. */
  readonly institution: string;
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
const PAYLOAD = 'http://terminology.hl7.org/CodeSystem/endpoint-payload-type';
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

/** Id of the one Endpoint there is: all images are read at the same place. */
export const ENDPOINT_ID = 'dicom-web';

/** R4 has no negative numbers. */
const numbered = (number: number | null): { readonly number?: number } =>
  number === null || number < 0 ? {} : { number };

const instanceOf = ({ uid, sopClassUid, number, title }: FhirInstance) => ({
  uid,
  sopClass: { system: 'urn:ietf:rfc:3986', code: `urn:oid:${sopClassUid}` },
  ...numbered(number),
  ...(title === null ? {} : { title }),
});

const modalityCoding = (code: string) => ({ system: MODALITY, code });

const seriesOf = (series: FhirSeries) => ({
  uid: series.uid,
  ...numbered(series.number),
  // Required; a device that states none leaves nothing to say but that.
  modality: series.modality === null ? { display: 'not stated' } : modalityCoding(series.modality),
  ...(series.description === null ? {} : { description: series.description }),
  numberOfInstances: series.instances,
  ...(series.bodyPart === null ? {} : { bodySite: { display: series.bodyPart } }),
  ...(series.laterality === null ? {} : { laterality: { display: series.laterality } }),
  ...(series.listed === undefined ? {} : { instance: series.listed.map(instanceOf) }),
});

/**
 * Where the images of all studies are read (FHIR R4 Endpoint): WADO-RS, with the same credential as FHIR.
 *
 * @param dicomWeb address of DICOMweb, without a slash at the end
 */
export const imagingEndpoint = (dicomWeb: string): FhirResource => ({
  resourceType: 'Endpoint',
  id: ENDPOINT_ID,
  status: 'active',
  connectionType: { system: CONNECTION, code: 'dicom-wado-rs' },
  name: 'Huren DICOMweb',
  payloadType: [{ coding: [{ system: PAYLOAD, code: 'any' }], text: 'DICOM' }],
  payloadMimeType: ['application/dicom', 'application/dicom+json', 'application/octet-stream'],
  address: dicomWeb,
});

/** Says that a resource is not all that reading it alone tells. */
const SUBSETTED = { system: 'http://terminology.hl7.org/CodeSystem/v3-ObservationValue', code: 'SUBSETTED' };

/**
 * A study (FHIR R4 ImagingStudy). One whose series do not list their instances says that it is not all.
 *
 * @param opensImages whether its reader may read the images where it says that they are
 */
export const imagingStudyOf = (study: FhirStudy, patient: PublicId, opensImages: boolean): FhirResource => {
  const started = startedOf(study);
  const isWhole = study.series.every(({ listed }) => listed !== undefined);
  return {
    resourceType: 'ImagingStudy',
    id: study.id,
    meta: { lastUpdated: isoInstant(study.updatedAt), ...(isWhole ? {} : { tag: [SUBSETTED] }) },
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
    ...(opensImages ? { endpoint: [{ reference: `Endpoint/${ENDPOINT_ID}` }] } : {}),
    numberOfSeries: study.series.length,
    numberOfInstances: study.instances,
    ...(study.description === null ? {} : { description: study.description }),
    series: study.series.map(seriesOf),
  };
};
