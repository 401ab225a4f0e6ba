import type { InterventionKind, ItemCode, Side } from '../catalogue/index.ts';
import type { ImageFacts } from '../imaging/index.ts';
import type { Instant } from '../kernel/instant.ts';
import type { PublicId } from '../kernel/uuid.ts';
import type { CampusCode, InstitutionCode } from '../organisation/index.ts';
import type { Standing } from '../result/index.ts';

/** 门诊, 急诊, 住院, 体检. */
export type EncounterClass = 'outpatient' | 'emergency' | 'inpatient' | 'health-check';

/**
 * Why the doctor orders, as far as rules ask: pre-operative, pre-transfusion, forensic, disability or sick-retirement
 * assessment, serial monitoring ordered as such, screening, ordinary diagnosis and treatment.
 */
export type OrderPurpose =
  | 'diagnosis'
  | 'pre-operative'
  | 'pre-transfusion'
  | 'forensic'
  | 'disability-assessment'
  | 'serial-monitoring'
  | 'screening';

/** The ordering side of one ordered item (a panel is several of these). */
export interface OrderFacts {
  readonly institution: InstitutionCode;
  readonly campus?: CampusCode;
  readonly encounterClass: EncounterClass;
  readonly purpose: OrderPurpose;
  /** ICD-10 codes as the HIS sent them. */
  readonly diagnoses: readonly string[];
  readonly item: ItemCode;
  readonly side?: Side;
  readonly specimen?: string;
  readonly methodClass?: string;
}

/**
 * How sure the person index is that this result belongs to the patient: `same-record` (same medical record number at
 * the same institution), `strong` (ID and name and birth date, or two independent identifiers), `weak`, `none`.
 * `disputed`: whatever the index says, somebody reported that it is another person's, and the source has not answered.
 */
export type IdentityGrade = 'same-record' | 'strong' | 'weak' | 'none' | 'disputed';

/** One earlier result, as much of it as a verdict may rest on. No name, no number of a person, no value. */
export interface CandidateFacts {
  readonly report: PublicId;
  /** Place of the observation inside its report, from 1. With `report` it names the result. */
  readonly ordinal: number;
  readonly reportVersion: number;
  readonly item: ItemCode;
  readonly side: Side | null;
  readonly specimen: string | null;
  readonly specimenStates: readonly string[];
  /** null: not stated. */
  readonly fasting: boolean | null;
  readonly timePoint: string | null;
  readonly pointOfCare: boolean;
  readonly standing: Standing;
  readonly identity: IdentityGrade;
  /** Specimen collection, or acquisition of the images. null: not stated. */
  readonly collectedAt: Instant | null;
  /** Coarsest honest reading of `collectedAt`: `day` when no hour was stated. */
  readonly collectedPrecision: 'day' | 'minute' | null;
  /** Receipt in the laboratory. */
  readonly receivedAt: Instant | null;
  readonly reportedAt: Instant | null;
  /** Performed the analysis; for sent-out tests not the reporting one. Its quality basis counts. */
  readonly performer: InstitutionCode;
  readonly reporter: InstitutionCode;
  readonly performerCampus: CampusCode | null;
  readonly methodClass: string | null;
  /** UCUM; null when the unit could not be understood. Empty string: no unit stated or needed. */
  readonly unit: string | null;
  /** As `ResultFlag`, or null where the report carries none that is understood. */
  readonly flag: string | null;
  readonly images: 'not-applicable' | 'present' | 'uploading' | 'incomplete' | 'unfit' | 'absent' | 'unknown';
  /** What the headers of its images amount to; null where none have come. */
  readonly imaging: ImageFacts | null;
}

/** Facts about the patient that several candidates share. */
export interface PatientFacts {
  /** Known interventions; null when the ordering side said nothing about them. */
  readonly interventions: readonly { readonly kind: InterventionKind; readonly at: Instant }[] | null;
}
