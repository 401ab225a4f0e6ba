import { encodeTextOrFault, type Hl7Charset } from '../../src/adapters/hl7v2/charset.ts';
import { readHl7Message } from '../../src/adapters/hl7v2/read-message.ts';
import type { SenderDefaults } from '../../src/adapters/hl7v2/reading.ts';
import type { IncomingAdmissionMessage, IncomingPatient } from '../../src/person/index.ts';
import type { IncomingOrderMessage } from '../../src/recognition/index.ts';
import type { IncomingObservation, IncomingReport, IncomingReportMessage } from '../../src/result/index.ts';

/** A sender as the tests know it: UTF-8, China, institution H001, no habits. */
export const SENDER: SenderDefaults = {
  charset: 'utf-8',
  zone: 'Asia/Shanghai',
  institution: 'H001',
  dialect: {},
};

/** A segment with its fields by number, as they go over the wire. */
export const line = (name: string, fields: Readonly<Record<number, string>>): string => {
  const last = Math.max(...Object.keys(fields).map(Number));
  return [name, ...Array.from({ length: last }, (_, index) => fields[index + 1] ?? '')].join('|');
};

/** A header line; MSH-18 last. */
export const msh = (type: string, controlId: string, version = '2.5.1', charset = ''): string =>
  `MSH|^~\\&|LIS|XYRMYY|HUREN|HR|20261101090000||${type}|${controlId}|P|${version}||||||${charset}`;

/** A patient line whose number and name derive from one number, so that people can be told apart. */
export const pid = (person: number | string): string =>
  `PID|1||MR${person}^^^XYRMYY^MR||患者${person}||19800101|F`;

/** An OBR line of a final laboratory report. */
export const obr = (report: string, status = 'F'): string =>
  line('OBR', {
    1: '1',
    2: `O-${report}`,
    3: report,
    4: 'GGSX^肝功能十二项',
    7: '202611010800',
    14: '202611010815',
    15: 'SER&血清',
    22: '202611010900',
    24: 'LAB',
    25: status,
  });

/** A numeric observation line. */
export const obx = (ordinal: number, value: string, status = 'F'): string =>
  `OBX|${ordinal}|NM|ALT${ordinal}^丙氨酸氨基转移酶${ordinal}||${value}|U/L|7-40|N|||${status}`;

/** A whole laboratory message of one person with so many observations. */
export const laboratoryMessage = (controlId: string, person: number | string, observations = 2): string[] => [
  msh('ORU^R01^ORU_R01', controlId),
  pid(person),
  'PV1|1|O|内科^^^XYRMYY||||||||||||||||V1',
  obr(`R-${controlId}`),
  ...Array.from({ length: observations }, (_, index) => obx(index + 1, `${person}.${index}`)),
];

/** Lines to the bytes of a message. */
export const toBytes = (
  lines: readonly string[],
  charset: Hl7Charset = 'utf-8',
  lineEnd = '\r',
): Uint8Array => encodeTextOrFault(lines.map((line) => line + lineEnd).join(''), charset);

/** Reads lines, or bytes; the code and place of the refusal when they are refused. */
export const read = (message: readonly string[] | Uint8Array, sender: Partial<SenderDefaults> = {}) => {
  const bytes = message instanceof Uint8Array ? message : toBytes(message);
  return readHl7Message(bytes, { ...SENDER, ...sender });
};

/** `CODE place` of a refusal, or `accepted`. */
export const refusalOf = (
  message: readonly string[] | Uint8Array,
  sender: Partial<SenderDefaults> = {},
): string => {
  const result = read(message, sender);
  return result.ok
    ? 'accepted'
    : `${result.reason.class} ${result.reason.code} ${result.reason.place}`.trim();
};

const contentOf = (message: readonly string[] | Uint8Array, sender: Partial<SenderDefaults>) => {
  const result = read(message, sender);
  if (!result.ok)
    throw new Error(`refused: ${result.reason.code} at ${result.reason.place} ${result.reason.detail}`);
  return result.value.message;
};

/** The reports of a message that must be accepted. */
export const readReports = (
  message: readonly string[] | Uint8Array,
  sender: Partial<SenderDefaults> = {},
): IncomingReportMessage => {
  const content = contentOf(message, sender);
  if (content.kind !== 'reports') throw new Error(`no reports but ${content.kind}`);
  return content;
};

/** The only report of a message. */
export const readOneReport = (
  message: readonly string[] | Uint8Array,
  sender: Partial<SenderDefaults> = {},
): IncomingReport => {
  const { reports } = readReports(message, sender);
  if (reports.length !== 1 || !reports[0]) throw new Error(`${reports.length} reports`);
  return reports[0];
};

/** The orders of a message that must be accepted. */
export const readOrders = (
  lines: readonly string[],
  sender: Partial<SenderDefaults> = {},
): IncomingOrderMessage => {
  const content = contentOf(lines, sender);
  if (content.kind !== 'orders') throw new Error(`no orders but ${content.kind}`);
  return content;
};

/** The admission of a message that must be accepted. */
export const readAdmission = (
  lines: readonly string[],
  sender: Partial<SenderDefaults> = {},
): IncomingAdmissionMessage => {
  const content = contentOf(lines, sender);
  if (content.kind !== 'admission') throw new Error(`no admission but ${content.kind}`);
  return content;
};

/** The patient of a PID line. */
export const readPid = (line: string, sender: Partial<SenderDefaults> = {}): IncomingPatient =>
  readAdmission([msh('ADT^A08', 'P1'), line], sender).patient;

/** The observation of an OBX line. */
export const readObx = (line: string): IncomingObservation => {
  const [observation] = readOneReport([msh('ORU^R01', 'O1'), pid(1), obr('R1'), line]).observations;
  if (!observation) throw new Error('no observation');
  return observation;
};
