import type { IncomingReport, IncomingReportMessage, StatedStatus } from '../../result/index.ts';
import { readEncounter } from './encounter.ts';
import { bodyPartOf, modalityOf, reportKind, reportText, sideOf, studyUidOf } from './examination.ts';
import type { Hl7Header } from './header.ts';
import { notesOf, readObservation, responsibleObserver } from './observation.ts';
import type { ParsedMessage, Segment } from './parse.ts';
import { codeIn, firstText, organisationIn, type Reading, staffIn } from './reading.ts';
import { readPatient } from './read-patient.ts';
import { gatherReports, type ReportGroup } from './report-groups.ts';
import { legacySpecimen, readCollectionCondition, readSpecimen } from './specimen.ts';
import { readReportStatus } from './status.ts';

/** Facts of a message that every one of its reports shares. */
interface MessageContext {
  /** Department of PV1, when the order itself names none. */
  readonly department: string | null;
  readonly diagnosisText: string | null;
  /** Campus by the sender's own place outside the report's group, e.g. MSH-4.2 or PV1-3.4. */
  readonly campus: string | null;
  /** ORU^R30 to R32 are results of point-of-care devices. */
  readonly pointOfCare: boolean;
}

/** Entity identifier (EI): the number itself, without the system that gave it. */
const entityId = (segment: Segment | null, field: number): string => segment?.get(field, 1).trim() ?? '';

/**
 * Number of the report that this one replaces. OBR-29 (parent) names it only when the report is a correction or ORC-1
 * speaks of replacement, and OBR-26 does not link to one observation of the parent: a reflex test in microbiology
 * names its parent too, and replaces nothing.
 */
const replacedReport = (
  group: ReportGroup,
  ownNumber: string,
  status: StatedStatus,
  reading: Reading,
): string | null => {
  const { obr, orc, segments } = group;
  const own = reading.ownField('replaces', segments);
  if (own) return own.text;
  const replaces = status === 'corrected' || /^(?:RU|RP|RQ)$/.test(orc?.get(1).trim().toUpperCase() ?? '');
  if (!replaces || obr.raw(26) !== '') return null;
  const [parent = ''] = obr.repetitions(29);
  const number = obr.sub(parent, 2, 1) || obr.sub(parent, 1, 1);
  return number === '' || number === ownNumber ? null : number;
};

/** OBR-32 to OBR-35 (NDL): reporter is the assistant or technician, verifier the principal interpreter. */
const staffOfReport = (group: ReportGroup, reading: Reading) => {
  const { obr, observations, segments } = group;
  const observer = observations[0] ? responsibleObserver(observations[0].obx) : null;
  const principal = staffIn(obr, 32);
  const reporter = staffIn(obr, 33) ?? staffIn(obr, 34) ?? observer ?? principal;
  // NDL-2 and NDL-3 are start and end; a name in XCN form has its given names there.
  const ended = [3, 2].map((component) => ({ component, text: obr.get(32, component) }));
  const stated = ended.find(({ text }) => /^\d{8,14}/.test(text));
  return {
    reporter: reading.ownField('reporter', segments)?.text ?? reporter,
    verifier: reading.ownField('verifier', segments)?.text ?? principal,
    verifiedAt:
      reading.ownTime('verifiedAt', segments) ??
      (stated ? reading.timeOf(stated.text, obr.placeOf(32, stated.component)) : null),
  };
};

/** Words about the collection condition: the sender's own place and OBR-13 (code, then words). */
const conditionTexts = ({ obr, segments }: ReportGroup, reading: Reading): readonly string[] => [
  reading.ownField('collectionCondition', segments)?.text ?? '',
  ...obr.repetitions(13).flatMap((one) => [obr.componentOf(one, 1), obr.componentOf(one, 2)]),
];

const readSpecimens = (group: ReportGroup, shared: MessageContext, reading: Reading) => {
  const condition = readCollectionCondition(conditionTexts(group, reading));
  const context = {
    obr: group.obr,
    segments: group.segments,
    condition: shared.pointOfCare ? { ...condition, pointOfCare: true } : condition,
  };
  if (group.specimens.length > 0) return group.specimens.map((spm) => readSpecimen(spm, context, reading));
  const specimen = legacySpecimen(context, reading);
  return specimen ? [specimen] : [];
};

/** The campus by the sender's own place for it; nothing else in a message says where something was performed. */
const campusIn = (segments: readonly Segment[], reading: Reading): string | null => {
  const stated = reading.ownField('campus', segments)?.text.trim();
  if (stated === undefined || stated === '') return null;
  return reading.defaults.dialect.campuses?.[stated] ?? stated;
};

/** Reads one ORC/OBR group. */
const readReport = (group: ReportGroup, shared: MessageContext, reading: Reading): IncomingReport => {
  const { obr, orc, segments } = group;
  const observations = group.observations.map((one) => readObservation(one, reading));
  const service = codeIn(obr, 4) ?? codeIn(obr, 44) ?? { code: '', text: '', system: '' };
  const kind = reportKind(group, service, observations, reading);
  const status = readReportStatus(obr, reading);
  const reportNumber =
    reading.ownField('reportNumber', segments)?.text ?? (entityId(obr, 3) || entityId(orc, 3));
  const specimens = kind === 'laboratory' || kind === 'other' ? readSpecimens(group, shared, reading) : [];
  const collected = specimens.find(({ collectedAt }) => collectedAt !== null)?.collectedAt ?? null;
  const received = specimens.find(({ receivedAt }) => receivedAt !== null)?.receivedAt ?? null;
  const bodyPart = kind === 'imaging' ? bodyPartOf(group, reading) : null;
  const sideTexts = [bodyPart?.text ?? '', bodyPart?.code ?? '', service.text];
  return {
    place: obr.place,
    kind,
    reportNumber,
    orderNumber: entityId(obr, 2) || entityId(orc, 2),
    replaces: replacedReport(group, reportNumber, status, reading),
    service,
    status,
    orderControl: orc?.get(1).trim().toUpperCase() ?? '',
    orderedAt: reading.time(obr, 6) ?? (orc ? reading.time(orc, 15) : null),
    collectedAt: reading.ownTime('collectedAt', segments) ?? collected ?? reading.time(obr, 7),
    receivedAt: reading.ownTime('receivedAt', segments) ?? received ?? reading.time(obr, 14),
    reportedAt: reading.ownTime('reportedAt', segments) ?? reading.time(obr, 22),
    orderingInstitution: orc ? organisationIn(orc, 21) : null,
    orderingDoctor: staffIn(obr, 16) ?? (orc ? staffIn(orc, 12) : null),
    orderingDepartment: firstText(orc?.get(17, 2) ?? '', orc?.get(17) ?? '') ?? shared.department,
    ...staffOfReport(group, reading),
    diagnosisText: firstText(obr.get(31, 2), obr.get(31)) ?? shared.diagnosisText,
    campus: campusIn(segments, reading) ?? shared.campus,
    specimens,
    bodyPart,
    side: kind === 'imaging' ? sideOf(obr, [], sideTexts) : null,
    modality: kind === 'laboratory' ? null : modalityOf(group),
    observations,
    notes: notesOf(group.notes),
    ...(kind === 'imaging' || kind === 'electrocardiogram'
      ? reportText(observations)
      : { findings: null, impression: null }),
    studyUid: studyUidOf(group, reading),
  };
};

/** A report sent as several OBR is as final as its least final part. */
const FINALITY: readonly StatedStatus[] = ['registered', 'preliminary', 'not-stated', 'final', 'corrected'];

const joinStatus = (statuses: readonly StatedStatus[], place: string, reading: Reading): StatedStatus => {
  const [first = 'not-stated'] = statuses;
  if (statuses.every((status) => status === first)) return first;
  if (statuses.some((status) => !FINALITY.includes(status))) reading.refuse('HL7_REPORT_STATUS_MIXED', place);
  if (statuses.every((status) => status === 'final' || status === 'corrected')) return 'corrected';
  return FINALITY.find((status) => statuses.includes(status)) ?? first;
};

/**
 * One report number is one report, even when its panels come as an OBR each: read apart, the second would look like a
 * correction of the first.
 */
const joinByNumber = (reports: readonly IncomingReport[], reading: Reading): readonly IncomingReport[] => {
  const parts = new Map<string, IncomingReport[]>();
  for (const report of reports) {
    const key = report.reportNumber === '' ? report.place : `number ${report.reportNumber}`;
    const known = parts.get(key);
    if (known) known.push(report);
    else parts.set(key, [report]);
  }
  return [...parts.values()].map((same) => {
    const [first] = same as [IncomingReport, ...IncomingReport[]];
    if (same.length === 1) return first;
    const joined = (texts: readonly (string | null)[]) =>
      firstText(texts.filter((text) => text !== null && text !== '').join('\n'));
    return {
      ...first,
      status: joinStatus(
        same.map((report) => report.status),
        same.at(-1)?.place ?? first.place,
        reading,
      ),
      specimens: same.flatMap((report) => report.specimens),
      observations: same.flatMap((report) => report.observations),
      notes: same.flatMap((report) => report.notes),
      findings: joined(same.map((report) => report.findings)),
      impression: joined(same.map((report) => report.impression)),
    };
  });
};

/** Diagnoses of DG1, as words, else as codes. */
const diagnosisTextOf = (message: ParsedMessage): string | null =>
  firstText(
    message.segments
      .filter((segment) => segment.name === 'DG1')
      .map((dg1) => firstText(dg1.get(4), dg1.get(3, 2), dg1.get(3)) ?? '')
      .filter((text) => text !== '')
      .join('; '),
  );

/** Reads ORU^R01 (also R30 to R32, point of care) and OUL^R22 of v2.3 to v2.8 (HL7 v2 chapter 7). */
export const readReportMessage = (
  message: ParsedMessage,
  header: Hl7Header,
  reading: Reading,
): IncomingReportMessage => {
  const { patient, visitNumbers } = readPatient(message, reading);
  const { department, encounterNumber, encounterClass } = readEncounter(message, visitNumbers, reading);
  const groups = gatherReports(message, reading);
  if (groups.length === 0) reading.refuse('HL7_REPORT_MISSING', 'OBR');
  const shared: MessageContext = {
    department,
    diagnosisText: diagnosisTextOf(message),
    campus: campusIn([message.header, ...message.segments], reading),
    pointOfCare: /^R3[0-2]$/.test(header.event),
  };
  const reports = groups.map((group) => readReport(group, shared, reading));
  return {
    kind: 'reports',
    patient,
    encounterNumber,
    encounterClass,
    sentAt: header.sentAt,
    reports: joinByNumber(reports, reading),
  };
};
