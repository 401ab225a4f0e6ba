import { type Instant, isoInstant } from '../../kernel/instant.ts';
import { civilDateText } from '../../kernel/civil-day.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { ResultFlag, Standing } from '../../result/index.ts';

/** A FHIR R4 resource as it travels. */
export type FhirResource = { readonly resourceType: string; readonly id?: string } & Readonly<
  Record<string, unknown>
>;

/** A person as FHIR states people; numbers are asked by and never sent back. */
export interface FhirPatient {
  readonly id: PublicId;
  readonly name: string | null;
  readonly sex: string | null;
  /** `YYYY-MM-DD`. */
  readonly birthDate: string | null;
}

/** One line of a report, all of which its reader may see. */
export interface FhirLine {
  readonly report: PublicId;
  readonly ordinal: number;
  readonly standing: Standing;
  readonly isLaboratory: boolean;
  /** Institution whose code it is, and the code and name as that institution printed them. */
  readonly reporter: string;
  readonly localCode: string;
  readonly localName: string;
  /** Code and names of the catalogue; null for what waits for its mapping. */
  readonly item: {
    readonly code: string;
    readonly nameZh: string;
    readonly nameEn: string;
    readonly loinc: string | null;
  } | null;
  readonly performerZh: string;
  readonly collectedAt: Instant | null;
  readonly isDayOnly: boolean;
  readonly reportedAt: Instant | null;
  /** When its report last changed here. */
  readonly updatedAt: Instant;
  readonly valueText: string;
  readonly valueNumber: number | null;
  readonly comparator: string | null;
  readonly unitText: string;
  /** UCUM; null where the unit is not understood. */
  readonly unit: string | null;
  readonly referenceText: string;
  readonly flag: ResultFlag | null;
  readonly specimenZh: string | null;
  readonly methodZh: string | null;
}

/** A report of which its reader may see at least a line. */
export interface FhirReport {
  readonly id: PublicId;
  readonly kind: string;
  readonly title: string;
  readonly standing: Standing;
  readonly reporter: string;
  readonly reporterZh: string;
  readonly reportNumber: string;
  readonly collectedAt: Instant | null;
  readonly isDayOnly: boolean;
  readonly reportedAt: Instant | null;
  /** By what results are ordered and searched: collected, else received, else reported. */
  readonly orderedBy: Instant;
  /** When it last changed here. */
  readonly updatedAt: Instant;
  /** 诊断意见; null where there is none, or where it may speak of what is not shown. */
  readonly conclusion: string | null;
  readonly lines: readonly FhirLine[];
}

/** System of the codes of our catalogue. */
export const ITEM_SYSTEM = 'urn:huren:item';
const LOINC = 'http://loinc.org';
const UCUM = 'http://unitsofmeasure.org';
const CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';
const SECTION = 'http://terminology.hl7.org/CodeSystem/v2-0074';
const INTERPRETATION = 'http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation';
const ABSENT = 'http://terminology.hl7.org/CodeSystem/data-absent-reason';

/** System of an institution's own codes for what it reports. */
export const localSystem = (institution: string): string => `urn:huren:institution:${institution}:code`;

/** Id of a line: its report's and its place in it. */
export const observationId = (report: string, ordinal: number): string => `${report}.${ordinal}`;

/** Report and place out of the id of an observation; null for an id that none can have. */
export const readObservationId = (
  id: string,
): { readonly report: string; readonly ordinal: number } | null => {
  const [, report, ordinal] = /^([0-9a-f-]{36})\.([1-9]\d{0,3})$/.exec(id) ?? [];
  return report === undefined || ordinal === undefined ? null : { report, ordinal: Number(ordinal) };
};

/**
 * Where a result stands, in the words of FHIR. What was taken back after it was issued is `entered-in-error` there, and
 * then no value is sent: it may be another person's, and a client that skips the status would show it.
 */
const STATUS: Readonly<Record<Standing, string>> = {
  preliminary: 'preliminary',
  final: 'final',
  corrected: 'corrected',
  cancelled: 'cancelled',
  withdrawn: 'entered-in-error',
  'entered-in-error': 'entered-in-error',
  'not-obtained': 'cancelled',
};

const FLAG_CODES: Readonly<Record<ResultFlag, string>> = {
  normal: 'N',
  abnormal: 'A',
  high: 'H',
  low: 'L',
  positive: 'POS',
  critical: 'AA',
  'critical-high': 'HH',
  'critical-low': 'LL',
};

const COMPARATORS: readonly string[] = ['<', '<=', '>=', '>'];

const moment = (at: Instant, isDayOnly: boolean): string => (isDayOnly ? civilDateText(at) : isoInstant(at));

const when = ({
  collectedAt,
  isDayOnly,
  reportedAt,
}: Pick<FhirLine, 'collectedAt' | 'isDayOnly' | 'reportedAt'>) => ({
  ...(collectedAt === null ? {} : { effectiveDateTime: moment(collectedAt, isDayOnly) }),
  ...(reportedAt === null ? {} : { issued: isoInstant(reportedAt) }),
});

const hasValue = (standing: Standing): boolean =>
  standing === 'preliminary' || standing === 'final' || standing === 'corrected';

/** A number with a unit that is understood is a quantity; everything else is what was printed. */
const valueOf = (line: FhirLine): Readonly<Record<string, unknown>> => {
  if (!hasValue(line.standing) || line.valueText === '')
    return { dataAbsentReason: { coding: [{ system: ABSENT, code: 'unknown' }] } };
  const { valueNumber, comparator, unit, unitText } = line;
  const isQuantity =
    valueNumber !== null && unit !== null && (comparator === null || COMPARATORS.includes(comparator));
  if (!isQuantity) return { valueString: unitText === '' ? line.valueText : `${line.valueText} ${unitText}` };
  return {
    valueQuantity: {
      value: valueNumber,
      ...(comparator === null ? {} : { comparator }),
      ...(unit === '' ? {} : { unit: unitText, system: UCUM, code: unit }),
    },
  };
};

/** One line of a report. */
export const observationOf = (line: FhirLine, patient: PublicId): FhirResource => {
  const { item } = line;
  return {
    resourceType: 'Observation',
    id: observationId(line.report, line.ordinal),
    meta: { lastUpdated: isoInstant(line.updatedAt) },
    status: STATUS[line.standing],
    category: [{ coding: [{ system: CATEGORY, code: line.isLaboratory ? 'laboratory' : 'imaging' }] }],
    code: {
      coding: [
        ...(item?.loinc ? [{ system: LOINC, code: item.loinc }] : []),
        ...(item ? [{ system: ITEM_SYSTEM, code: item.code, display: item.nameZh }] : []),
        ...(line.localCode === ''
          ? []
          : [{ system: localSystem(line.reporter), code: line.localCode, display: line.localName }]),
      ],
      text: line.localName,
    },
    subject: { reference: `Patient/${patient}` },
    ...when(line),
    performer: [{ display: line.performerZh }],
    ...valueOf(line),
    ...(line.flag !== null && hasValue(line.standing)
      ? { interpretation: [{ coding: [{ system: INTERPRETATION, code: FLAG_CODES[line.flag] }] }] }
      : {}),
    ...(line.methodZh === null ? {} : { method: { text: line.methodZh } }),
    ...(line.specimenZh === null ? {} : { specimen: { display: line.specimenZh } }),
    ...(line.referenceText === '' ? {} : { referenceRange: [{ text: line.referenceText }] }),
  };
};

/** A report with references to the lines that its reader may see, and to no other. */
export const diagnosticReportOf = (report: FhirReport, patient: PublicId): FhirResource => ({
  resourceType: 'DiagnosticReport',
  id: report.id,
  meta: { lastUpdated: isoInstant(report.updatedAt) },
  identifier: [{ system: `urn:huren:institution:${report.reporter}:report`, value: report.reportNumber }],
  status: STATUS[report.standing],
  category: [{ coding: [{ system: SECTION, code: report.kind === 'laboratory' ? 'LAB' : 'RAD' }] }],
  code: { text: report.title },
  subject: { reference: `Patient/${patient}` },
  ...when(report),
  performer: [{ display: report.reporterZh }],
  result: report.lines.map(({ ordinal }) => ({
    reference: `Observation/${observationId(report.id, ordinal)}`,
  })),
  ...(report.conclusion === null || !hasValue(report.standing) ? {} : { conclusion: report.conclusion }),
});

/** FHIR's words for sex as the index keeps it. */
const GENDERS: Readonly<Record<string, string>> = { male: 'male', female: 'female', other: 'other' };

/** A person. */
export const patientOf = ({ id, name, sex, birthDate }: FhirPatient): FhirResource => ({
  resourceType: 'Patient',
  id,
  ...(name === null ? {} : { name: [{ text: name }] }),
  gender: GENDERS[sex ?? ''] ?? 'unknown',
  ...(birthDate === null ? {} : { birthDate }),
});

/** One page of a search. */
export interface SearchPage {
  readonly matches: readonly FhirResource[];
  readonly included: readonly FhirResource[];
  /** How many match in all. */
  readonly total: number;
  /** Address of this page and of the next one. */
  readonly self: string;
  readonly next: string | null;
  /** Base address of the interface. */
  readonly base: string;
}

/** A page of a search as a Bundle. */
export const searchBundle = ({ matches, included, total, self, next, base }: SearchPage): FhirResource => {
  const entry = (mode: 'match' | 'include') => (resource: FhirResource) => ({
    fullUrl: `${base}/${resource.resourceType}/${resource.id}`,
    resource,
    search: { mode },
  });
  return {
    resourceType: 'Bundle',
    type: 'searchset',
    total,
    link: [{ relation: 'self', url: self }, ...(next === null ? [] : [{ relation: 'next', url: next }])],
    entry: [...matches.map(entry('match')), ...included.map(entry('include'))],
  };
};
