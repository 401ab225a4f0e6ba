import type { Instant } from '../../kernel/instant.ts';
import type { DemonstrationPerson } from './person.ts';
import type { PrintedResult } from './printed-result.ts';
import type { DemonstrationInstitution } from './region.ts';
import type { LaboratoryService, SpecimenKind } from './laboratory-services.ts';

/** Kinds of encounter. */
export type EncounterClass = 'outpatient' | 'emergency' | 'inpatient' | 'health-check';

/** Somebody's stay at an institution, as far as its messages state it. */
export interface Encounter {
  readonly institution: DemonstrationInstitution;
  readonly at: Instant;
  readonly encounterClass: EncounterClass;
  /** 门诊号/住院号 and 就诊流水号 in one. */
  readonly number: string;
  readonly department: string;
  readonly doctor: { readonly staffNumber: string; readonly name: string };
  readonly diagnosis: { readonly code: string; readonly text: string };
}

/** Where a report stands when its message is sent: OBR-25. */
export type SentStatus = 'preliminary' | 'final' | 'corrected' | 'withdrawn';

interface ReportBase {
  readonly encounter: Encounter;
  readonly reportNumber: string;
  readonly orderNumber: string;
  readonly status: SentStatus;
  readonly orderedAt: Instant;
  /** null: the laboratory does not state it. */
  readonly collectedAt: Instant | null;
  readonly receivedAt: Instant;
  readonly reportedAt: Instant;
  readonly reporter: string;
  readonly verifier: string;
  /** Number of the withdrawn report that this one replaces. */
  readonly replaces?: string;
}

/** A laboratory report on its way. */
export interface LaboratoryReport extends ReportBase {
  readonly kind: 'laboratory';
  readonly service: LaboratoryService;
  readonly performer: DemonstrationInstitution;
  readonly specimen: SpecimenKind;
  readonly barcode: string;
  /** null: the laboratory does not say. */
  readonly fasting: boolean | null;
  /** Words as the laboratory writes them: 溶血, 脂血. Only systems that send a specimen segment can say it. */
  readonly specimenState: string | null;
  readonly results: readonly PrintedResult[];
}

/** An imaging or ECG report on its way. */
export interface ExaminationReport extends ReportBase {
  readonly kind: 'examination';
  readonly item: string;
  readonly side: 'left' | 'right' | null;
  readonly findings: string;
  readonly impression: string;
  readonly studyUid: string;
}

/** Any report on its way. */
export type PlannedReport = LaboratoryReport | ExaminationReport;

/** How an institution knows a person: what its clerks wrote down. */
export interface PersonRecord {
  readonly institution: DemonstrationInstitution;
  readonly recordNumber: string;
  readonly name: string;
  readonly sex: DemonstrationPerson['sex'];
  readonly birthDate: string;
  readonly nationalId: string | null;
  readonly document: DemonstrationPerson['document'] | null;
  readonly motherId: string | null;
  readonly phone: string;
  readonly address: string;
  readonly birthOrder: number | null;
  readonly multipleBirth: boolean;
}

/** What a hospital's system sends. */
export type PlannedMessage = {
  readonly record: PersonRecord;
  readonly sentAt: Instant;
} & (
  | { readonly type: 'report'; readonly report: PlannedReport }
  | { readonly type: 'order'; readonly encounter: Encounter; readonly lines: readonly OrderLine[] }
  | { readonly type: 'registration'; readonly event: 'A04' | 'A28' | 'A31' }
  | { readonly type: 'merge'; readonly retired: PersonRecord }
);

/** One ordered service of an ORM. */
export interface OrderLine {
  readonly orderNumber: string;
  readonly code: string;
  readonly nameZh: string;
  readonly control: 'NW' | 'CA';
}
