import {
  areConvertible,
  bodyPartsContradict,
  type CodeMapEntry,
  type ItemCode,
  type ItemDefinition,
  isKindOf,
  methodClassOf,
  type Side,
  sideInName,
  specimenFit,
  understandSpecimen,
  understandSpecimenStates,
  understandUnit,
} from '../catalogue/index.ts';
import type { StatedTime } from '../kernel/instant.ts';
import { resultFlag } from './flags.ts';
import type {
  IncomingObservation,
  IncomingReport,
  IncomingSpecimen,
  StatedCode,
  StatedStatus,
} from './incoming-report.ts';
import type { CountedReport, ReadingFinding, ResultReading } from './reading-types.ts';

/** What a reading looks up: the reporting institution's code map and the catalogue of the ruling snapshot. */
export interface ReadingLookups {
  readonly entryOf: (localCode: string) => CodeMapEntry | undefined;
  readonly itemOf: (code: ItemCode) => ItemDefinition | undefined;
}

/** Lookups, and the report in which the observation stands. */
export interface ReadingContext extends ReadingLookups {
  readonly report: IncomingReport;
}

/** A report as Huren counts results, with one reading per line of it. */
export interface ReportReading {
  /** The report itself, or, for an examination, the same with its lines made one. */
  readonly report: CountedReport;
  /** One per observation of that report, in order. */
  readonly readings: readonly ResultReading[];
}

const entryFor = (code: StatedCode, { entryOf }: ReadingLookups): CodeMapEntry | undefined =>
  (code.code === '' ? undefined : entryOf(code.code)) ??
  (code.alternate ? entryOf(code.alternate.code) : undefined);

/** The one specimen of the report, or several that do not differ; null when the report has none or does not say which. */
const specimenOf = (report: IncomingReport): IncomingSpecimen | null => {
  const [first, ...others] = report.specimens;
  if (!first) return null;
  const codeOf = (specimen: IncomingSpecimen): string | null =>
    specimen.code && understandSpecimen(specimen.code.code, specimen.code.text);
  return others.every((other) => codeOf(other) === codeOf(first)) ? first : null;
};

const SPAN_MS: Readonly<Record<StatedTime['precision'], number>> = {
  year: 366 * 86_400_000,
  month: 31 * 86_400_000,
  day: 86_400_000,
  hour: 3_600_000,
  minute: 60_000,
  second: 1000,
  millisecond: 1,
};

const endOf = (time: StatedTime): number => time.at + SPAN_MS[time.precision];

/** True when nothing of the first span can lie before the end of the second: no collection follows its own report. */
const isAfter = (time: StatedTime | null, other: StatedTime | null): boolean =>
  time !== null && other !== null && time.at >= endOf(other);

/** Of several statements of one time: the finest where they agree, else the earliest, which never extends a window. */
const agreedTime = (
  times: readonly (StatedTime | null)[],
): { readonly time: StatedTime | null; readonly differ: boolean } => {
  const stated = times.filter((time) => time !== null);
  let time: StatedTime | null = null;
  let differ = false;
  for (const one of stated) {
    if (!time) time = one;
    else if (one.at < endOf(time) && time.at < endOf(one))
      time = SPAN_MS[one.precision] < SPAN_MS[time.precision] ? one : time;
    else {
      differ = true;
      if (one.at < time.at) time = one;
    }
  }
  return { time, differ };
};

/** Specimen by message and code map together. */
const readSpecimen = (
  specimen: IncomingSpecimen | null,
  several: boolean,
  entry: CodeMapEntry | undefined,
  note: (finding: ReadingFinding) => void,
): string | null => {
  const word = specimen?.code ? `${specimen.code.code}${specimen.code.text}`.trim() : '';
  const mapped = entry?.specimen ?? null;
  if (several && !specimen) {
    if (mapped === null) note('specimen-contradicted');
    return mapped;
  }
  if (word === '' || !specimen?.code) return mapped;
  const stated = understandSpecimen(specimen.code.code, specimen.code.text);
  if (stated === null) {
    note('specimen-not-understood');
    return null;
  }
  if (mapped === null || isKindOf(stated, mapped)) return stated;
  if (isKindOf(mapped, stated)) return mapped;
  note('specimen-contradicted');
  return null;
};

const readSide = (
  observation: IncomingObservation,
  { report }: ReadingContext,
  entry: CodeMapEntry | undefined,
  item: ItemDefinition | undefined,
  note: (finding: ReadingFinding) => void,
): Side | null => {
  if (!item?.hasSide) return null;
  const named = entry?.side ?? sideInName(observation.code.text) ?? sideInName(report.service.text);
  if (report.side === null || named === null || named === report.side) return report.side ?? named;
  note('side-contradicted');
  return null;
};

const readUnit = (
  observation: IncomingObservation,
  entry: CodeMapEntry | undefined,
  item: ItemDefinition | undefined,
  note: (finding: ReadingFinding) => void,
): string | null => {
  const understood = understandUnit(observation.unitText);
  if (!understood) {
    note('unit-not-understood');
    return null;
  }
  const unit = understood.unit === '' ? (entry?.unit ?? '') : understood.unit;
  if (!item?.unit || observation.value.number === undefined) return unit;
  if (unit === '') note('unit-not-stated');
  else if (!areConvertible(unit, item.unit, item.code)) note('unit-unfit');
  return unit;
};

/** The mapped item; none where the message names a part of the body that the item does not have. */
const readItem = (
  entry: CodeMapEntry | undefined,
  { itemOf, report: { bodyPart } }: ReadingContext,
  note: (finding: ReadingFinding) => void,
): ItemDefinition | undefined => {
  const item = entry && itemOf(entry.item);
  if (!item) {
    note('unmapped');
    return undefined;
  }
  const itemPart = item.bodyPartZh;
  if (!bodyPart || itemPart === undefined) return item;
  if (![bodyPart.text, bodyPart.code].some((part) => bodyPartsContradict(part, itemPart))) return item;
  note('body-part-contradicted');
  return undefined;
};

const FIT_FINDINGS = { unfit: 'specimen-unfit', unclear: 'specimen-unclear' } as const;

/**
 * Reads one observation: local code to item by the institution's code map, specimen, side, unit, method and flag into
 * our codes. Nothing reported is changed: text, unit and interval stay as printed, and what is not understood is null
 * and named among the findings.
 */
export const readObservation = (observation: IncomingObservation, context: ReadingContext): ResultReading => {
  const { report } = context;
  const findings = new Set<ReadingFinding>();
  const note = (finding: ReadingFinding): void => void findings.add(finding);
  const entry = entryFor(observation.code, context);
  const item = readItem(entry, context, note);

  const specimen = specimenOf(report);
  const specimenCode = readSpecimen(specimen, report.specimens.length > 1, entry, note);
  const fit = item ? specimenFit(item, specimenCode) : 'fits';
  if (fit === 'unfit' || fit === 'unclear') note(FIT_FINDINGS[fit]);

  const collected = agreedTime([
    ...report.specimens.map(({ collectedAt }) => collectedAt),
    report.collectedAt,
  ]);
  if (collected.differ) note('collection-times-differ');
  if (collected.time?.precision === 'month' || collected.time?.precision === 'year')
    note('collection-time-coarse');
  const impossible = isAfter(collected.time, report.reportedAt);
  if (impossible) note('collected-after-report');
  const received = agreedTime([...report.specimens.map(({ receivedAt }) => receivedAt), report.receivedAt]);

  const value = {
    text: observation.value.text,
    number: observation.value.number ?? null,
    comparator: observation.value.comparator ?? null,
  };
  const states = report.specimens.flatMap((one) => one.states);
  return {
    place: observation.place,
    localCode: observation.code.code || observation.code.text,
    localName: observation.code.text || observation.code.code,
    item: item?.code ?? null,
    side: readSide(observation, context, entry, item, note),
    specimen: specimenCode,
    specimenStates: understandSpecimenStates(states),
    fasting: specimen?.fasting ?? null,
    timePoint: specimen?.timePoint ?? null,
    pointOfCare: report.specimens.some(({ pointOfCare }) => pointOfCare),
    collectedAt: impossible ? null : collected.time,
    receivedAt: received.time,
    methodClass:
      entry?.methodClass ??
      (observation.method
        ? (methodClassOf(observation.method.text) ?? methodClassOf(observation.method.code))
        : null),
    valueText: value.text,
    valueNumber: value.number,
    comparator: value.comparator,
    unitText: observation.unitText,
    unit: readUnit(observation, entry, item, note),
    referenceText: observation.referenceText,
    flag: resultFlag(observation.flags, value, observation.referenceText),
    performer: observation.performer,
    findings: [...findings],
  };
};

/** Status of an examination out of the statuses of its lines: what all say, else what the report says. */
const commonStatus = (observations: readonly IncomingObservation[]): StatedStatus => {
  const statuses = new Set(observations.map(({ status }) => status));
  const [only] = statuses;
  return statuses.size === 1 && only ? only : 'not-stated';
};

/**
 * An examination (imaging, ECG) is one result, whatever number of lines its report has: the service stands for the
 * examination unless only one of its lines is in the code map.
 */
const asOneLine = (report: IncomingReport, lookups: ReadingLookups): CountedReport => {
  const first = report.observations[0];
  const mappedLine = entryFor(report.service, lookups)
    ? undefined
    : report.observations.find(({ code }) => entryFor(code, lookups));
  const text =
    report.impression ?? report.findings ?? report.observations.map(({ value }) => value.text).join('\n');
  const performer = report.observations.find((line) => line.performer !== null)?.performer ?? null;
  const flags = report.observations.flatMap((line) => line.flags);
  return {
    ...report,
    lines: report.observations,
    observations: [
      {
        place: mappedLine?.place ?? report.place,
        code: mappedLine?.code ?? report.service,
        subId: '',
        value: { kind: text === '' ? 'empty' : 'text', text },
        unitText: '',
        referenceText: '',
        flags,
        status: commonStatus(report.observations),
        observedAt: first?.observedAt ?? null,
        method: null,
        instrument: first?.instrument ?? null,
        reagent: null,
        performer,
        notes: [],
      },
    ],
  };
};

/** Reads a whole report: every line of a laboratory report, or the one examination that an imaging or ECG report is. */
export const readReport = (report: IncomingReport, lookups: ReadingLookups): ReportReading => {
  const isExamination = report.kind === 'imaging' || report.kind === 'electrocardiogram';
  const counted: CountedReport = isExamination ? asOneLine(report, lookups) : report;
  const context: ReadingContext = { ...lookups, report: counted };
  return {
    report: counted,
    readings: counted.observations.map((line) => readObservation(line, context)),
  };
};
