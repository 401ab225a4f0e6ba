import type { Side } from '../catalogue/index.ts';
import type { StatedTime } from '../kernel/instant.ts';
import type { IncomingPatient } from '../person/index.ts';

/** What kind of report it is. */
export type ReportKind = 'laboratory' | 'imaging' | 'electrocardiogram' | 'other';

/**
 * Status as the sender stated it, one vocabulary for OBR-25 (HL7 table 0123) and OBX-11 (table 0085):
 * `registered` (O, I, S, N), `preliminary` (P, A, R, partial), `final` (F), `corrected` (C), `cancelled` (X of a
 * report), `not-obtained` (OBX-11 X), `deleted` (OBX-11 D), `wrong` (OBX-11 W: wrong patient or in error),
 * `not-stated`.
 */
export type StatedStatus =
  | 'registered'
  | 'preliminary'
  | 'final'
  | 'corrected'
  | 'cancelled'
  | 'not-obtained'
  | 'deleted'
  | 'wrong'
  | 'not-stated';

/** A coded value as sent: the local code, its text and the coding system the sender named. */
export interface StatedCode {
  readonly code: string;
  readonly text: string;
  readonly system: string;
  /** Alternate coding of the same concept (CWE.4–6), e.g. LOINC beside the local code. */
  readonly alternate?: { readonly code: string; readonly text: string; readonly system: string };
}

/** For `attachment`: a document that came with a report. */
export interface IncomingAttachment {
  readonly mediaType: string;
  /** Of the decoded bytes. */
  readonly size: number;
  /** Of the decoded bytes, lower-case hex. */
  readonly sha256: string;
  /** The decoded bytes; null where they are kept already, under their hash. */
  readonly bytes: Uint8Array | null;
}

/**
 * A value as reported and as understood. `text` is always the characters received; a number is there only when the
 * characters were one (`<0.01`, `1+`, `阴性` never become a number).
 */
export interface StatedValue {
  readonly kind: 'numeric' | 'compared' | 'range' | 'ratio' | 'coded' | 'text' | 'attachment' | 'empty';
  readonly text: string;
  readonly number?: number;
  /** `<`, `<=`, `>`, `>=` for `compared`. */
  readonly comparator?: '<' | '<=' | '>' | '>=';
  readonly code?: StatedCode;
  readonly attachment?: IncomingAttachment;
}

/** One observation line of a report (OBX). */
export interface IncomingObservation {
  /** Place in the message, e.g. `OBX[3]`, for every later complaint about it. */
  readonly place: string;
  readonly code: StatedCode;
  readonly subId: string;
  readonly value: StatedValue;
  /** As printed; the unit table understands it later. */
  readonly unitText: string;
  /** Reference interval as printed. */
  readonly referenceText: string;
  /** Abnormal flags as sent (OBX-8): `H`, `L`, `HH`, `LL`, `A`, `N`, `POS` … */
  readonly flags: readonly string[];
  readonly status: StatedStatus;
  /** Time of the observation itself (OBX-14). */
  readonly observedAt: StatedTime | null;
  readonly method: StatedCode | null;
  readonly instrument: string | null;
  readonly reagent: string | null;
  /** Institution that performed the analysis as the message names it (OBX-23, OBX-15), for sent-out tests. */
  readonly performer: string | null;
  readonly notes: readonly string[];
}

/** Specimen as the message describes it (SPM, OBR-15). */
export interface IncomingSpecimen {
  readonly code: StatedCode | null;
  /** States: haemolysed, lipaemic, icteric, clotted, insufficient …, codes or words as sent (SPM-24). */
  readonly states: readonly string[];
  /** Barcode (条码号). */
  readonly barcode: string | null;
  readonly collectedAt: StatedTime | null;
  readonly receivedAt: StatedTime | null;
  readonly fasting: boolean | null;
  /** Time point of a dynamic test, e.g. `120 min`. */
  readonly timePoint: string | null;
  readonly pointOfCare: boolean;
}

/** One report (one ORC/OBR group): laboratory, imaging or ECG. */
export interface IncomingReport {
  /** Place in the message, e.g. `OBR[1]`. */
  readonly place: string;
  readonly kind: ReportKind;
  /** Report number of the performing system (OBR-3 filler order number, 报告单号). Empty when missing. */
  readonly reportNumber: string;
  /** Number of the order that asked for it (OBR-2, 申请单号). */
  readonly orderNumber: string;
  /** Number of an earlier report that this one replaces, where the sender says so (OBR-29, OBR-26 or a Z segment). */
  readonly replaces: string | null;
  readonly service: StatedCode;
  readonly status: StatedStatus;
  /** ORC-1, e.g. `CA` (cancelled), `RE`. */
  readonly orderControl: string;
  readonly orderedAt: StatedTime | null;
  /** OBR-7: collection or start of examination. */
  readonly collectedAt: StatedTime | null;
  /** OBR-14. */
  readonly receivedAt: StatedTime | null;
  /** OBR-22. */
  readonly reportedAt: StatedTime | null;
  readonly verifiedAt: StatedTime | null;
  readonly orderingInstitution: string | null;
  readonly orderingDoctor: string | null;
  readonly orderingDepartment: string | null;
  /** 检验者/报告医师 and 审核者, as sent. */
  readonly reporter: string | null;
  readonly verifier: string | null;
  readonly diagnosisText: string | null;
  /** Campus (院区) that performed, as stated: code or name; null where the message does not say. */
  readonly campus: string | null;
  readonly specimens: readonly IncomingSpecimen[];
  readonly bodyPart: StatedCode | null;
  readonly side: Side | null;
  readonly modality: string | null;
  readonly observations: readonly IncomingObservation[];
  readonly notes: readonly string[];
  /** For imaging: 检查所见 apart from 诊断意见. */
  readonly findings: string | null;
  readonly impression: string | null;
  readonly studyUid: string | null;
}

/** A message that carries reports about one patient. */
export interface IncomingReportMessage {
  readonly kind: 'reports';
  readonly patient: IncomingPatient;
  readonly encounterNumber: string | null;
  readonly encounterClass: 'outpatient' | 'emergency' | 'inpatient' | 'health-check' | null;
  readonly sentAt: StatedTime | null;
  readonly reports: readonly IncomingReport[];
}
