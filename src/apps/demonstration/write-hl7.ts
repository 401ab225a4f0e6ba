import { DIALECTS, type Dialect } from './dialects.ts';
import type {
  Encounter,
  ExaminationReport,
  LaboratoryReport,
  PersonRecord,
  PlannedMessage,
  PlannedReport,
  SentStatus,
} from './events.ts';
import { EXAMINATION_BY_ITEM } from './examinations.ts';
import { localCatalogueOf } from './local-codes.ts';
import type { PrintedResult } from './printed-result.ts';
import { institutionDirectory } from './region.ts';
import { type Fields, hl7Time, segment, writeInDialect } from './segments.ts';
import type { SegmentContent } from '../../adapters/hl7v2/write-message.ts';
import type { SpecimenKind } from './laboratory-services.ts';

const STATUS_LETTERS: Readonly<
  Record<SentStatus, readonly [report: string, observation: string, control: string]>
> = {
  preliminary: ['P', 'P', 'RE'],
  final: ['F', 'F', 'RE'],
  corrected: ['C', 'C', 'RE'],
  withdrawn: ['X', 'D', 'CA'],
};

const CLASS_CODES = { outpatient: 'O', emergency: 'E', inpatient: 'I', 'health-check': 'T' } as const;

const SPECIMENS: Readonly<Record<SpecimenKind, readonly [code: string, text: string]>> = {
  serum: ['SER', '血清'],
  'edta-blood': ['WB', 'EDTA全血'],
  'citrate-plasma': ['PLAS', '枸橼酸血浆'],
  'citrate-blood': ['WB', '枸橼酸全血'],
  urine: ['UR', '随机尿'],
  sputum: ['SPT', '痰'],
};

const SECTIONS: Readonly<Record<string, string>> = {
  DX: 'RAD',
  MG: 'RAD',
  CT: 'CT',
  MR: 'NMR',
  US: 'RUS',
  ECG: 'EC',
};

const INSTITUTION_NAMES = new Map(
  institutionDirectory().institutions.map(({ code, nameZh }) => [code as string, nameZh]),
);

/** Where the national ID goes and under which type. */
const identifiersOf = (dialect: Dialect, record: PersonRecord): readonly (readonly string[])[] => {
  const own = [record.recordNumber, '', '', dialect.facility, 'MR'];
  if (dialect.identifiers === 'record-only') return [dialect.version === '2.3' ? [record.recordNumber] : own];
  const documentTypes = { passport: 'PPN', 'hk-macao-permit': '06', 'taiwan-permit': '07' } as const;
  return [
    own,
    ...(record.nationalId
      ? [
          [
            record.nationalId,
            '',
            '',
            dialect.version.startsWith('2.5') ? 'CHN' : 'GA',
            dialect.version >= '2.5' ? 'NNCHN' : 'NI',
          ],
        ]
      : []),
    ...(record.document ? [[record.document.number, '', '', '', documentTypes[record.document.kind]]] : []),
  ];
};

const patientSegment = (dialect: Dialect, record: PersonRecord): SegmentContent => {
  const characters = [...record.name];
  const compound = /^(欧阳|上官|司马|诸葛|万俟)/.test(record.name) ? 2 : 1;
  const name =
    dialect.nameForm === 'whole'
      ? [record.name]
      : [characters.slice(0, compound).join(''), characters.slice(compound).join('')];
  const sexLetters = record.sex === 'male' ? 'M' : 'F';
  return segment('PID', {
    1: '1',
    3: { repeat: identifiersOf(dialect, record) },
    5: name,
    7: record.birthDate,
    8: dialect.sexForm === 'letters' ? sexLetters : record.sex === 'male' ? '1' : '2',
    11: record.address,
    13: record.phone,
    ...(dialect.identifiers === 'record-only' && record.nationalId ? { 19: record.nationalId } : {}),
    ...(record.motherId ? { 21: [record.motherId, '', '', 'CHN', 'NNCHN'] } : {}),
    ...(record.multipleBirth ? { 24: 'Y' } : {}),
    ...(record.birthOrder === null ? {} : { 25: String(record.birthOrder) }),
  });
};

const visitSegment = ({ encounterClass, department, doctor, number }: Encounter): SegmentContent =>
  segment('PV1', {
    1: '1',
    2: CLASS_CODES[encounterClass],
    3: [department],
    7: [doctor.staffNumber, doctor.name],
    19: number,
  });

const header = (
  dialect: Dialect,
  message: PlannedMessage,
  type: readonly string[],
  controlId: string,
): SegmentContent =>
  segment('MSH', {
    3: dialect.application,
    4: dialect.facility,
    5: 'HUREN',
    6: 'HR',
    7: hl7Time(dialect, message.sentAt),
    9: dialect.version >= '2.4' ? type : type.slice(0, 2),
    10: controlId,
    11: 'P',
    12: dialect.version,
    ...(dialect.statedCharset === '' ? {} : { 17: 'CHN', 18: dialect.statedCharset }),
  });

const requestSegment = (
  dialect: Dialect,
  report: PlannedReport,
  service: readonly string[],
  rest: Fields,
): SegmentContent => {
  const { encounter } = report;
  return segment('OBR', {
    1: '1',
    2: report.orderNumber,
    3: report.reportNumber,
    4: service,
    6: hl7Time(dialect, report.orderedAt),
    ...(report.collectedAt === null ? {} : { 7: hl7Time(dialect, report.collectedAt) }),
    16: [encounter.doctor.staffNumber, encounter.doctor.name],
    22: hl7Time(dialect, report.reportedAt),
    25: STATUS_LETTERS[report.status][0],
    ...(report.replaces === undefined ? {} : { 29: ['', report.replaces] }),
    31: [encounter.diagnosis.code, encounter.diagnosis.text, 'I10'],
    32: [report.verifier],
    34: [report.reporter],
    ...rest,
  });
};

const orderSegment = (report: PlannedReport): SegmentContent =>
  segment('ORC', {
    1: report.replaces === undefined ? STATUS_LETTERS[report.status][2] : 'RU',
    2: report.orderNumber,
    3: report.reportNumber,
  });

const observationSegment = (
  dialect: Dialect,
  report: LaboratoryReport,
  line: PrintedResult,
  index: number,
): SegmentContent => {
  const code = localCatalogueOf(report.encounter.institution).analytes.get(line.item);
  if (!code) throw new RangeError(`${report.encounter.institution} has no code for ${line.item}`);
  const sentOut = report.performer !== report.encounter.institution;
  const performerName = INSTITUTION_NAMES.get(report.performer) ?? '';
  return segment('OBX', {
    1: String(index + 1),
    2: line.valueType,
    3: code.loinc
      ? [code.code, code.nameZh, code.system, code.loinc, code.nameZh, 'LN']
      : [code.code, code.nameZh, code.system],
    5: line.valueType === 'SN' ? line.value.split('^') : line.value,
    6: line.unitText,
    7: line.referenceText,
    8: line.flag,
    11: STATUS_LETTERS[report.status][1],
    14: report.collectedAt === null ? '' : hl7Time(dialect, report.collectedAt),
    ...(sentOut ? { 15: [report.performer, performerName, 'L'] } : {}),
    ...(code.methodClass ? { 17: [code.methodClass, code.methodZh ?? '', 'L'] } : {}),
    ...(sentOut && dialect.version >= '2.5.1'
      ? { 23: [performerName, '', '', '', '', '', '', '', '', report.performer] }
      : {}),
  });
};

const specimenSegment = (dialect: Dialect, report: LaboratoryReport): SegmentContent => {
  const [code, text] = SPECIMENS[report.specimen];
  return segment('SPM', {
    1: '1',
    2: report.barcode,
    4: [code, text, 'HL70487'],
    ...(report.collectedAt === null ? {} : { 17: hl7Time(dialect, report.collectedAt) }),
    18: hl7Time(dialect, report.receivedAt),
    ...(report.specimenState === null ? {} : { 24: ['', report.specimenState] }),
  });
};

const laboratorySegments = (dialect: Dialect, report: LaboratoryReport): readonly SegmentContent[] => {
  const panel = localCatalogueOf(report.encounter.institution).panels.get(report.service);
  if (!panel) throw new RangeError(`${report.encounter.institution} has no panel ${report.service}`);
  const [code, text] = SPECIMENS[report.specimen];
  const inRequest = dialect.specimenIn === 'OBR-15';
  return [
    orderSegment(report),
    requestSegment(dialect, report, [panel.code, panel.nameZh, 'L'], {
      ...(report.fasting ? { 13: ['F', '空腹'] } : {}),
      14: hl7Time(dialect, report.receivedAt),
      ...(inRequest ? { 15: dialect.version === '2.3' ? [text] : [code, '', text], 20: report.barcode } : {}),
      24: 'LAB',
    }),
    ...report.results.map((line, index) => observationSegment(dialect, report, line, index)),
    ...(inRequest ? [] : [specimenSegment(dialect, report)]),
  ];
};

const examinationSegments = (dialect: Dialect, report: ExaminationReport): readonly SegmentContent[] => {
  const examination = EXAMINATION_BY_ITEM.get(report.item);
  const key = report.side === null ? report.item : `${report.item}|${report.side}`;
  const code = localCatalogueOf(report.encounter.institution).examinations.get(key);
  if (!examination || !code)
    throw new RangeError(`${report.encounter.institution} has no examination ${key}`);
  const status = STATUS_LETTERS[report.status][1];
  const coded = dialect.codeStyle === 'loinc';
  const line = (index: number, id: readonly string[], text: string): SegmentContent =>
    segment('OBX', { 1: String(index), 2: 'TX', 3: id, 5: text, 11: status });
  return [
    orderSegment(report),
    requestSegment(dialect, report, [code.code, code.nameZh, code.system], {
      24: SECTIONS[examination.modality] ?? 'OTH',
    }),
    line(1, coded ? ['59776-5', '检查所见', 'LN'] : ['JCSJ', '检查所见', 'L'], report.findings),
    line(2, coded ? ['19005-8', '诊断意见', 'LN'] : ['ZDYJ', '诊断意见', 'L'], report.impression),
    ...(examination.modality === 'ECG'
      ? []
      : [segment('ZDS', { 1: [report.studyUid, 'PACS', 'Application', 'DICOM'] })]),
  ];
};

const bodySegments = (
  dialect: Dialect,
  message: PlannedMessage,
): { readonly type: readonly string[]; readonly segments: readonly SegmentContent[] } => {
  const patient = patientSegment(dialect, message.record);
  switch (message.type) {
    case 'report': {
      const { report } = message;
      const content =
        report.kind === 'laboratory'
          ? laboratorySegments(dialect, report)
          : examinationSegments(dialect, report);
      return {
        type: ['ORU', 'R01', 'ORU_R01'],
        segments: [patient, visitSegment(report.encounter), ...content],
      };
    }
    case 'order': {
      const { encounter, lines } = message;
      const doctor = [encounter.doctor.staffNumber, encounter.doctor.name];
      const orders = lines.flatMap((line, index) => [
        segment('ORC', {
          1: line.control,
          2: line.orderNumber,
          9: hl7Time(dialect, message.sentAt),
          12: doctor,
        }),
        segment('OBR', {
          1: String(index + 1),
          2: line.orderNumber,
          4: [line.code, line.nameZh, 'L'],
          16: doctor,
        }),
      ]);
      const diagnosis = segment('DG1', {
        1: '1',
        3: [encounter.diagnosis.code, encounter.diagnosis.text, 'I10'],
      });
      return {
        type: ['ORM', 'O01', 'ORM_O01'],
        segments: [patient, visitSegment(encounter), ...orders, diagnosis],
      };
    }
    case 'registration':
      return {
        type: ['ADT', message.event, message.event === 'A04' ? 'ADT_A01' : 'ADT_A05'],
        segments: [
          segment('EVN', { 1: message.event, 2: hl7Time(dialect, message.sentAt) }),
          patient,
          segment('PV1', { 1: '1', 2: 'O' }),
        ],
      };
    case 'merge':
      return {
        type: ['ADT', 'A40', 'ADT_A39'],
        segments: [
          segment('EVN', { 1: 'A40', 2: hl7Time(dialect, message.sentAt) }),
          patient,
          segment('MRG', { 1: [message.retired.recordNumber, '', '', dialect.facility, 'MR'] }),
        ],
      };
  }
};

/** A message in the dialect of the institution that sends it. */
export const writeHl7 = (message: PlannedMessage, controlId: string): Uint8Array => {
  const dialect = DIALECTS[message.record.institution];
  const { type, segments } = bodySegments(dialect, message);
  return writeInDialect(dialect, [header(dialect, message, type, controlId), ...segments]);
};
