import type { LaboratoryReport, PersonRecord } from '../../src/apps/demonstration/events.ts';
import { nationalId } from '../../src/apps/demonstration/identity-numbers.ts';
import { localCatalogueOf } from '../../src/apps/demonstration/local-codes.ts';
import type { DemonstrationInstitution } from '../../src/apps/demonstration/region.ts';
import { writeHl7 } from '../../src/apps/demonstration/write-hl7.ts';
import { HOUR_MS, instant, type Instant } from '../../src/kernel/instant.ts';

/** Who sends the numbered reports. */
export const SENDING: DemonstrationInstitution = 'WX-CENTRAL';

const ANALYTES = ['LC-ALT', 'LC-AST', 'LC-TBIL', 'LC-ALB', 'LC-CREA', 'LC-UREA', 'LC-GLU', 'LC-K'] as const;

/** The items that the sender has mapped, in a fixed order. */
const items = (): readonly string[] => {
  const { analytes } = localCatalogueOf(SENDING);
  return ANALYTES.filter((item) => analytes.get(item)?.mapped);
};

/** A message whose every effect is known beforehand. */
export interface NumberedReport {
  readonly controlId: string;
  readonly reportNumber: string;
  /** Which version of the report it makes, when all before it were taken. */
  readonly version: number;
  readonly person: number;
  /** Values in the order of the report, different in every message. */
  readonly values: readonly string[];
  readonly bytes: Uint8Array;
}

/** The national ID of an invented person by number. */
export const nationalIdOf = (person: number): string => {
  const day = new Date(Date.UTC(1950, 0, 1) + Math.floor(person / 900) * 86_400_000);
  return nationalId(
    '420281',
    day.toISOString().slice(0, 10).replaceAll('-', ''),
    String(100 + (person % 900)),
  );
};

/** The record number of an invented person at the sender. */
export const recordNumberOf = (person: number): string => `M${String(person).padStart(9, '0')}`;

const recordOf = (person: number): PersonRecord => ({
  institution: SENDING,
  recordNumber: recordNumberOf(person),
  name: `测试${String(person)
    .split('')
    .map((digit) => '零一二三四五六七八九'[Number(digit)])
    .join('')}`,
  sex: person % 2 === 0 ? 'female' : 'male',
  birthDate: nationalIdOf(person).slice(6, 14),
  nationalId: nationalIdOf(person),
  document: null,
  motherId: null,
  phone: '',
  address: '',
  birthOrder: null,
  multipleBirth: false,
});

/** The name of an invented person as its messages write it. */
export const nameOf = (person: number): string => recordOf(person).name;

/** What a numbered report is about. `serial` is unique in the run and goes into every value. */
export interface ReportPlan {
  readonly serial: number;
  /** How many values, at most eight. A correction has as many as what it corrects: lines it leaves out would stay. */
  readonly lines: number;
  readonly reportNumber: string;
  readonly version: number;
  readonly person: number;
  readonly now: Instant;
  readonly controlId?: string;
}

/** Writes a laboratory report whose values are different from those of any other. */
export const numberedReport = ({
  serial,
  lines,
  reportNumber,
  version,
  person,
  now,
  controlId = `C${String(serial).padStart(8, '0')}`,
}: ReportPlan): NumberedReport => {
  const known = items();
  const reported = known.slice(0, lines);
  const values = reported.map((_item, line) => `${serial}.${line}`);
  const at = instant(now - 5 * HOUR_MS + version * 60_000);
  const report: LaboratoryReport = {
    kind: 'laboratory',
    encounter: {
      institution: SENDING,
      at,
      encounterClass: 'outpatient',
      number: `MZ${reportNumber}`,
      department: '0301',
      doctor: { staffNumber: '140233', name: '陶远舟' },
      diagnosis: { code: 'K29.500', text: '慢性胃炎' },
    },
    reportNumber,
    orderNumber: `S${reportNumber}`,
    status: version === 1 ? 'final' : 'corrected',
    orderedAt: instant(at - 4 * HOUR_MS),
    collectedAt: instant(at - 3 * HOUR_MS),
    receivedAt: instant(at - 2 * HOUR_MS),
    reportedAt: at,
    reporter: '140611',
    verifier: '140612',
    service: 'LIVER',
    performer: SENDING,
    specimen: 'serum',
    barcode: `T${reportNumber}`,
    fasting: null,
    specimenState: null,
    results: reported.map((item, line) => ({
      item,
      valueType: 'NM',
      value: values[line] as string,
      unitText: 'U/L',
      referenceText: '9～50',
      flag: '',
    })),
  };
  const bytes = writeHl7({ type: 'report', sentAt: at, record: recordOf(person), report }, controlId);
  return { controlId, reportNumber, version, person, values, bytes };
};
