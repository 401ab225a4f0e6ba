import type { JsonValue } from '../kernel/canonical-json.ts';
import { contentHash } from '../kernel/content-hash.ts';
import { isoInstant, type StatedTime } from '../kernel/instant.ts';
import type {
  IncomingObservation,
  IncomingSpecimen,
  StatedCode,
  StatedStatus,
  StatedValue,
} from './incoming-report.ts';
import type { CountedReport, ResultReading } from './reading-types.ts';
import type { Standing } from './standing.ts';

/** A plain JSON object. */
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined;
}

/** An observation inside a report's content. `ordinal` and `standing` are there once it has been stored. */
export interface ObservationContent extends JsonObject {
  /** Local code, sub-id and occurrence: what makes it the same observation in the next version of the report. */
  readonly key: string;
  /** What the sender stated; a change of it is a correction. */
  readonly stated: JsonObject;
  /** How Huren read it when it came in. */
  readonly read: JsonObject;
  readonly ordinal?: number;
  readonly standing?: Standing;
}

/**
 * The neutral content of a report: what `report_versions.content` keeps as canonical JSON. `substance` is what a doctor
 * relies on (service, specimens, collection, side, findings, impression); `particulars` is everything else a laboratory
 * doctor asks for (numbers, people, institutions, further times, notes).
 */
export interface ReportContent extends JsonObject {
  readonly form: 1;
  readonly kind: string;
  readonly reportNumber: string;
  readonly substance: JsonObject;
  readonly particulars: JsonObject;
  readonly observations: readonly ObservationContent[];
}

/** What the message, not the report, says about where the report comes from. */
export interface ReportOrigin {
  /** Code of the institution for which the sender speaks. */
  readonly institution: string;
  /** MSH-7. */
  readonly sentAt: StatedTime | null;
}

const timeContent = (time: StatedTime | null): JsonObject | null =>
  time && { at: isoInstant(time.at), precision: time.precision, text: time.text };

const codeContent = (code: StatedCode | null): JsonObject | null =>
  code && {
    code: code.code,
    text: code.text,
    system: code.system,
    alternate: code.alternate && { ...code.alternate },
  };

const valueContent = (value: StatedValue): JsonObject => ({
  kind: value.kind,
  text: value.text,
  number: value.number,
  comparator: value.comparator,
  code: value.code && codeContent(value.code),
  attachment: value.attachment && {
    mediaType: value.attachment.mediaType,
    size: value.attachment.size,
    sha256: value.attachment.sha256,
  },
});

const specimenContent = (specimen: IncomingSpecimen): JsonObject => ({
  code: codeContent(specimen.code),
  states: specimen.states,
  barcode: specimen.barcode,
  collectedAt: timeContent(specimen.collectedAt),
  receivedAt: timeContent(specimen.receivedAt),
  fasting: specimen.fasting,
  timePoint: specimen.timePoint,
  pointOfCare: specimen.pointOfCare,
});

const statedContent = (observation: IncomingObservation): JsonObject => ({
  code: codeContent(observation.code),
  subId: observation.subId,
  value: valueContent(observation.value),
  unit: observation.unitText,
  reference: observation.referenceText,
  flags: observation.flags,
  status: observation.status,
  observedAt: timeContent(observation.observedAt),
  method: codeContent(observation.method),
  instrument: observation.instrument,
  reagent: observation.reagent,
  performer: observation.performer,
  notes: observation.notes,
});

const observationContent = (
  observation: IncomingObservation,
  key: string,
  reading: ResultReading,
): ObservationContent => ({
  key,
  stated: statedContent(observation),
  read: {
    item: reading.item,
    side: reading.side,
    specimen: reading.specimen,
    specimenStates: reading.specimenStates,
    methodClass: reading.methodClass,
    number: reading.valueNumber,
    comparator: reading.comparator,
    unit: reading.unit,
    flag: reading.flag,
    findings: reading.findings,
  },
});

/**
 * Keys of a report's observations, in their order: local code (its text where there is no code), sub-id, and a counter
 * for lines that repeat both. By the key an observation keeps its ordinal when a later version lists the lines in
 * another order.
 */
export const observationKeys = (observations: readonly IncomingObservation[]): readonly string[] => {
  const seen = new Map<string, number>();
  return observations.map(({ code, subId }) => {
    const name = `${code.code || code.text}|${subId}`;
    const occurrence = (seen.get(name) ?? 0) + 1;
    seen.set(name, occurrence);
    return `${name}|${occurrence}`;
  });
};

/**
 * The neutral content of a report as it came in; of an examination also the lines of the message. Attachments are replaced by media type, size and SHA-256: the bytes
 * are kept as objects.
 *
 * @param readings one per observation, in the same order
 */
export const reportContent = (
  report: CountedReport,
  readings: readonly ResultReading[],
  origin: ReportOrigin,
): ReportContent => {
  const keys = observationKeys(report.observations);
  return {
    form: 1,
    kind: report.kind,
    reportNumber: report.reportNumber,
    substance: {
      service: codeContent(report.service),
      collectedAt: timeContent(report.collectedAt),
      specimens: report.specimens.map(specimenContent),
      bodyPart: codeContent(report.bodyPart),
      side: report.side,
      modality: report.modality,
      findings: report.findings,
      impression: report.impression,
      studyUid: report.studyUid,
      lines: (report.lines ?? []).map((line) => ({
        ...statedContent(line),
        status: undefined,
        observedAt: undefined,
      })),
    },
    particulars: {
      status: report.status,
      orderControl: report.orderControl,
      orderNumber: report.orderNumber,
      replaces: report.replaces,
      reportingInstitution: origin.institution,
      orderingInstitution: report.orderingInstitution,
      orderingDepartment: report.orderingDepartment,
      orderingDoctor: report.orderingDoctor,
      reporter: report.reporter,
      verifier: report.verifier,
      diagnosis: report.diagnosisText,
      ...(report.campus === null ? {} : { campus: report.campus }),
      notes: report.notes,
      orderedAt: timeContent(report.orderedAt),
      receivedAt: timeContent(report.receivedAt),
      reportedAt: timeContent(report.reportedAt),
      verifiedAt: timeContent(report.verifiedAt),
      sentAt: timeContent(origin.sentAt),
    },
    observations: report.observations.map((observation, index) =>
      observationContent(observation, keys[index] as string, readings[index] as ResultReading),
    ),
  };
};

/** Status as the sender stated it, out of a line's or a report's stored particulars. */
export const statusOf = (stated: JsonObject): StatedStatus => stated['status'] as StatedStatus;

/** What two versions of one observation are compared by: everything stated but the status and the analysis time. */
export const observationFingerprint = (observation: ObservationContent): string =>
  contentHash({ ...observation.stated, status: undefined, observedAt: undefined });

/** What two versions of the frame of a report are compared by for a correction. */
export const substanceFingerprint = (content: ReportContent): string =>
  contentHash({ kind: content.kind, substance: content.substance });

/**
 * What makes two statements of a report the same statement: all of it but the time of sending, the lines' positions
 * and how Huren read it.
 */
export const statementFingerprint = (content: ReportContent): string =>
  contentHash({
    kind: content.kind,
    substance: content.substance,
    particulars: { ...content.particulars, sentAt: undefined },
    observations: content.observations
      .map(({ key, stated }): JsonValue => ({ key, stated }))
      .toSorted((left, right) => ((left as JsonObject)['key']! < (right as JsonObject)['key']! ? -1 : 1)),
  });
