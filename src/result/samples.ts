import { type Instant, parseInstant, type StatedTime, type TimePrecision } from '../kernel/instant.ts';
import type {
  IncomingObservation,
  IncomingReport,
  StatedCode,
  StatedStatus,
  StatedValue,
} from './incoming-report.ts';
import { reportContent } from './report-content.ts';
import type { IncomingStatement } from './report-state.ts';
import type { ResultReading } from './reading-types.ts';

/** A moment of an ISO 8601 text; throws for anything else, which would be a slip of the test. */
export const moment = (text: string): Instant => {
  const at = parseInstant(text);
  if (at === undefined) throw new Error(`not a moment: ${text}`);
  return at;
};

/** A time as a sender states it, to the minute unless said otherwise. */
export const stated = (text: string, precision: TimePrecision = 'minute'): StatedTime => ({
  at: moment(text),
  precision,
  text,
});

/** A local code of coding system `L`. */
export const code = (local: string, text = local): StatedCode => ({ code: local, text, system: 'L' });

const numeric = (text: string): StatedValue => ({ kind: 'numeric', text, number: Number(text) });

/** A value of words. */
export const words = (text: string): StatedValue => ({ kind: 'text', text });

/** A final potassium of 4.1 mmol/L, but for the changes. */
export const observation = (changes: Partial<IncomingObservation> = {}): IncomingObservation => ({
  place: 'OBX[1]',
  code: code('K', '钾'),
  subId: '',
  value: numeric('4.1'),
  unitText: 'mmol/L',
  referenceText: '3.5-5.3',
  flags: [],
  status: 'final',
  observedAt: null,
  method: null,
  instrument: null,
  reagent: null,
  performer: null,
  notes: [],
  ...changes,
});

/** A final laboratory report R1 of one potassium, collected at 8:00 and reported at 10:00 in China, but for the changes. */
export const report = (changes: Partial<IncomingReport> = {}): IncomingReport => ({
  place: 'OBR[1]',
  kind: 'laboratory',
  reportNumber: 'R1',
  orderNumber: 'A1',
  replaces: null,
  service: code('SH', '电解质'),
  status: 'final',
  orderControl: 'RE',
  orderedAt: null,
  collectedAt: stated('2026-11-20T08:00:00+08:00'),
  receivedAt: null,
  reportedAt: stated('2026-11-20T10:00:00+08:00'),
  verifiedAt: null,
  orderingInstitution: null,
  campus: null,
  orderingDoctor: null,
  orderingDepartment: null,
  reporter: null,
  verifier: null,
  diagnosisText: null,
  specimens: [],
  bodyPart: null,
  side: null,
  modality: null,
  observations: [observation()],
  notes: [],
  findings: null,
  impression: null,
  studyUid: null,
  ...changes,
});

/** A reading that understood nothing: the status machine does not look at it. */
const plainReading = (line: IncomingObservation): ResultReading => ({
  place: line.place,
  localCode: line.code.code,
  localName: line.code.text,
  item: null,
  side: null,
  specimen: null,
  specimenStates: [],
  fasting: null,
  timePoint: null,
  pointOfCare: false,
  collectedAt: null,
  receivedAt: null,
  methodClass: null,
  valueText: line.value.text,
  valueNumber: null,
  comparator: null,
  unitText: line.unitText,
  unit: null,
  referenceText: line.referenceText,
  flag: null,
  performer: null,
  findings: ['unmapped'],
});

const readingsOf = (incoming: IncomingReport): readonly ResultReading[] =>
  incoming.observations.map(plainReading);

/** A statement sent (MSH-7) and arriving at the given times. */
export const statement = (
  incoming: IncomingReport,
  sentAt: string | null = '2026-11-20T10:00:30+08:00',
): IncomingStatement => ({
  content: reportContent(incoming, readingsOf(incoming), {
    institution: 'H1',
    sentAt: sentAt === null ? null : stated(sentAt, 'second'),
  }),
  arrivedAt: moment('2026-11-20T12:00:00+08:00'),
});

/** A line with that local code, value and status. */
export const line = (local: string, value: string, status: StatedStatus = 'final'): IncomingObservation =>
  observation({ place: `OBX[${local}]`, code: code(local), value: numeric(value), status });
