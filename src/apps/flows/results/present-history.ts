import { pinyin } from 'pinyin-pro';
import type { ImageEvidence } from '../../../adapters/postgres/imaging-evidence.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import { memberOf, textOf } from '../../../adapters/postgres/report-content-fields.ts';
import {
  HISTORY_MAX,
  type HistoryRow,
  type HistoryVersion,
} from '../../../adapters/postgres/result-history.ts';
import { type ItemDefinition, methodWords, placeInReports, specimenWords } from '../../../catalogue/index.ts';
import { type Instant, isoInstant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { ConsentState } from '../../../consent/index.ts';
import type { CampusCode, InstitutionCode } from '../../../organisation/index.ts';
import type { MemberGrade } from '../../../person/index.ts';
import { marksHeld } from '../../../quality/index.ts';
import { basisText, type Disclosure, type Rules, shownBasis } from '../../../recognition/index.ts';
import {
  exceedsVariation,
  IS_VARIATION_DRAFT,
  referenceChangePercent,
  seriesPoint,
  type SeriesPoint,
} from '../../../result/index.ts';
import type {
  HistoryExamination,
  HistoryExisting,
  HistoryItem,
  HistoryPoint,
  HistoryReport,
  ResultHistory,
} from '../../../web/wire/result-history.ts';
import { type Circumstances, circumstancesOfRows } from './history-circumstances.ts';
import { type LineReader, shownTitle } from './line-disclosure.ts';
import { flagAnswer, institutionAnswer, momentAnswer } from '../present.ts';
import { areImagesClosed, imagesAnswer } from './present-images.ts';

/** What was read of a person's results, and for whom. */
export interface HistoryReading {
  readonly person: PublicId;
  readonly rows: readonly HistoryRow[];
  readonly versions: readonly HistoryVersion[];
  /** Reports that somebody says are another person's. */
  readonly disputed: ReadonlySet<PublicId>;
  readonly images: ImageEvidence;
  readonly grades: ReadonlyMap<string, MemberGrade>;
  readonly reader: LineReader;
  /** What is recorded of the patient's consent; of no account to a reader without an institution. */
  readonly consent: ConsentState;
  readonly ruling: RulingSnapshot;
  readonly at: Instant;
}

/** Gives each of some things its place in a list that grows as they are met. */
const placesOf = <Value>() => {
  const places = new Map<string, number>();
  const list: Value[] = [];
  return {
    list: list as readonly Value[],
    of(key: string, make: () => Value): number {
      let place = places.get(key);
      if (place === undefined) {
        place = list.length;
        places.set(key, place);
        list.push(make());
      }
      return place;
    },
  };
};

type Places = ReturnType<typeof placesOf<ResultHistory['institutions'][number]>>;

/** Words of the value that an earlier version had, by report and ordinal, where they were others. */
const earlierValues = (versions: readonly HistoryVersion[]): ((row: HistoryRow) => string | null) => {
  const texts = new Map<string, string[]>();
  for (const { report, content } of versions)
    for (const { ordinal, stated } of content.observations) {
      const key = `${report}/${ordinal}`;
      const known = texts.get(key);
      const text = textOf(memberOf(stated['value'], 'text'));
      if (known) known.push(text);
      else texts.set(key, [text]);
    }
  if (texts.size === 0) return () => null;
  return ({ head, ordinal, value_text }) =>
    texts.get(`${head.report_public_id}/${ordinal}`)?.find((text) => text !== value_text) ?? null;
};

interface PlacedRow {
  readonly row: HistoryRow;
  readonly circumstances: Circumstances;
  /** Place in the reports. */
  readonly report: number;
  readonly series: SeriesPoint;
}

type NamedRow = Pick<PlacedRow, 'row' | 'circumstances'>;

const marksOf = (
  { row, circumstances: { item, performer } }: NamedRow,
  rules: Rules,
  at: Instant,
): readonly string[] =>
  item === null || row.head.collected_at === null
    ? []
    : marksHeld(
        rules.grantsOf(performer).map(({ index }) => index),
        item,
        {
          campus: row.campus as CampusCode | null,
          methodClass: row.method_class,
          performedAt: row.head.collected_at as Instant,
          at,
        },
      );

/** Of the entry in error not even the value is shown: it may be another person's. */
const printedText = ({ standing, value_text }: HistoryRow): string =>
  standing === 'entered-in-error' ? '' : value_text;

const initialsOf = new Map<string, string>();
const initials = (name: string): string => {
  let letters = initialsOf.get(name);
  if (letters === undefined) {
    letters = pinyin(name, { pattern: 'first', toneType: 'none', type: 'array' }).join('').toLowerCase();
    if (initialsOf.size < 5_000) initialsOf.set(name, letters);
  }
  return letters;
};

/** The unit on the axis: as a laboratory prints it, else the code. */
const unitOf = (item: ItemDefinition | null, rows: readonly PlacedRow[]): string => {
  const asPrinted = rows.find(({ row }) => !item?.unit || row.unit === item.unit);
  return asPrinted?.row.unit_text || item?.unit || '';
};

type ReferenceChange = HistoryItem['referenceChange'];
const UNKNOWN_CHANGE: ReferenceChange = { oneLaboratory: null, betweenLaboratories: null };

const referenceChangeOf = (item: ItemDefinition | null): ReferenceChange =>
  item
    ? {
        oneLaboratory: referenceChangePercent(item.code, true),
        betweenLaboratories: referenceChangePercent(item.code, false),
      }
    : UNKNOWN_CHANGE;

/** What a value is read against. */
interface Change {
  /** Place of the value before it on its curve. */
  readonly before: number;
  /** Null when it cannot be said. */
  readonly exceeds: boolean | null;
}

/** The change of each value against the one before it on its curve, by its place; rows come newest first. */
const changesOf = (
  placed: readonly PlacedRow[],
  referenceChange: ReferenceChange,
): readonly (Change | undefined)[] => {
  const changes: (Change | undefined)[] = Array.from({ length: placed.length });
  const last = new Map<string, number>();
  for (let place = placed.length - 1; place >= 0; place--) {
    const { series, circumstances } = placed[place] as PlacedRow;
    const { curve } = circumstances.track;
    if (!series.joined || series.value === null || curve === null) continue;
    const before = last.get(curve);
    last.set(curve, place);
    if (before === undefined) continue;
    const earlier = placed[before] as PlacedRow;
    const limit =
      earlier.circumstances.performer === circumstances.performer
        ? referenceChange.oneLaboratory
        : referenceChange.betweenLaboratories;
    changes[place] = {
      before,
      exceeds: exceedsVariation(earlier.series.value as number, series.value, limit),
    };
  }
  return changes;
};

/** What the answer says once for many. */
interface Dictionaries {
  readonly institutions: Places;
  readonly specimens: ReturnType<typeof placesOf<ResultHistory['specimens'][number]>>;
  readonly marks: ReturnType<typeof placesOf<string[]>>;
}

interface ItemContext extends Dictionaries {
  readonly reading: HistoryReading;
  readonly rules: Rules;
  readonly previousOf: (row: HistoryRow) => string | null;
}

type SentCircumstances = {
  -readonly [Key in keyof HistoryItem['circumstances'][number]]: HistoryItem['circumstances'][number][Key];
};

const sentCircumstances = (
  { row, circumstances }: PlacedRow,
  { reading, rules, institutions, specimens }: ItemContext,
): SentCircumstances => {
  const { reporter, performer, track } = circumstances;
  const { specimen } = row;
  return {
    localName: row.local_name,
    unit: row.unit_text,
    referenceText: row.reference_text,
    low: track.low ?? undefined,
    high: track.high ?? undefined,
    method: row.method_class === null ? undefined : methodWords(row.method_class),
    specimen: specimen === null ? undefined : specimens.of(specimen, () => specimenWords(specimen)),
    pointOfCare: row.point_of_care || undefined,
    performer: performer === reporter ? undefined : institutionPlace(performer, reading, rules, institutions),
    curve: undefined,
    finding: track.finding,
  };
};

const itemHistory = (placed: readonly PlacedRow[], context: ItemContext): HistoryItem => {
  const { reading, rules, marks, previousOf } = context;
  const [first] = placed as [PlacedRow];
  const { item, code } = first.circumstances;
  const curves = placesOf<string>();
  const circumstances = new Map<
    Circumstances,
    { readonly place: number; readonly sent: SentCircumstances }
  >();
  const referenceChange = referenceChangeOf(item);
  const changes = changesOf(placed, referenceChange);
  const nameZh = item?.nameZh ?? first.row.local_name;
  return {
    code,
    mapped: item !== null,
    nameZh,
    nameEn: item?.nameEn ?? first.row.local_name,
    initials: initials(nameZh),
    unit: unitOf(item, placed),
    comparability: item?.comparability ?? null,
    referenceChange,
    points: placed.map((each, index): HistoryPoint => {
      const { row, report, series } = each;
      const { curve, finding } = each.circumstances.track;
      let under = circumstances.get(each.circumstances);
      if (!under) {
        under = { place: circumstances.size, sent: sentCircumstances(each, context) };
        circumstances.set(each.circumstances, under);
      }
      if (series.joined && curve !== null) under.sent.curve ??= curves.of(curve, () => curve);
      const point: HistoryPoint = {
        report,
        ordinal: row.ordinal,
        under: under.place,
        text: printedText(row),
      };
      if (row.standing !== 'final') point.standing = row.standing;
      if (row.comparator !== null) point.comparator = row.comparator;
      if (!series.joined && series.finding !== finding) point.alone = series.finding;
      const held = marksOf(each, rules, reading.at);
      if (held.length > 0) point.marks = marks.of(held.join('\n'), () => [...held]);
      if (row.standing === 'entered-in-error') return point;
      const flag = flagAnswer(row.flag);
      if (flag !== null) point.flag = flag;
      const previous = previousOf(row);
      if (previous !== null) point.previous = previous;
      if (series.value !== null) point.value = series.value;
      if (series.converted) point.converted = true;
      const change = changes[index];
      if (change) {
        point.before = change.before;
        if (change.exceeds !== null) point.exceeds = change.exceeds;
      }
      return point;
    }),
    circumstances: [...circumstances.values()].map(({ sent }) => sent),
  };
};

const institutionPlace = (
  code: InstitutionCode,
  { reader }: HistoryReading,
  rules: Rules,
  institutions: Places,
): number =>
  institutions.of(code, () => ({ ...institutionAnswer(rules, code), own: code === reader.institution }));

const LIST_OF_CATEGORY: Readonly<Record<string, HistoryExamination['list']>> = {
  'img-xray': 'imaging',
  'img-ct': 'imaging',
  'img-mr': 'imaging',
  'img-us': 'imaging',
  'img-nm': 'imaging',
  ecg: 'electrocardiogram',
  pathology: 'pathology',
};

const listOf = ({ row, circumstances: { item } }: NamedRow): HistoryExamination['list'] => {
  if (item) return LIST_OF_CATEGORY[item.category] ?? 'other';
  const { kind } = row.head;
  return kind === 'imaging' || kind === 'electrocardiogram' ? kind : 'other';
};

const isExamination = ({ row: { head }, circumstances: { item } }: NamedRow): boolean =>
  item === null
    ? head.kind === 'imaging' || head.kind === 'electrocardiogram'
    : !item.category.startsWith('lab-');

const reportAnswer = (
  { row: { head }, circumstances: { reporter } }: NamedRow,
  reading: HistoryReading,
  rules: Rules,
  institutions: Places,
): HistoryReport => ({
  id: head.report_public_id,
  kind: head.kind,
  title: shownTitle(head, reporter, reading.reader, rules),
  reportNumber: head.report_number,
  institution: institutionPlace(reporter, reading, rules, institutions),
  standing: head.report_standing,
  version: head.version,
  anchorAt: isoInstant(head.anchor_at as Instant),
  collectedAt: momentAnswer(head.collected_at),
  collectedPrecision: head.collected_at === null ? null : head.collected_precision === 'm' ? 'minute' : 'day',
  receivedAt: momentAnswer(head.received_at),
  reportedAt: momentAnswer(head.reported_at),
  disputed: reading.disputed.has(head.report_public_id),
  identity: reading.grades.get(head.person_id) ?? 'weak',
});

/** Reports of which the reader may know that they exist: when, where and of what, once for each. */
const existingReports = () => {
  const found = new Map<string, { readonly existing: HistoryExisting; readonly names: Set<string> }>();
  return {
    add({ row: { head, local_name }, circumstances: { item } }: NamedRow, institution: () => number): void {
      let report = found.get(head.report_public_id);
      if (!report) {
        const existing: HistoryExisting = {
          institution: institution(),
          anchorAt: isoInstant(head.anchor_at as Instant),
          anchorPrecision: head.collected_at === null || head.collected_precision === 'd' ? 'day' : 'minute',
          items: [],
        };
        report = { existing, names: new Set() };
        found.set(head.report_public_id, report);
      }
      const nameZh = item?.nameZh ?? local_name;
      if (report.names.has(nameZh)) return;
      report.names.add(nameZh);
      report.existing.items.push({ nameZh, nameEn: item?.nameEn ?? local_name });
    },
    list: (): HistoryExisting[] => [...found.values()].map(({ existing }) => existing),
  };
};

/** A history with the basis on which it is shown, as the audit row carries it. */
export interface PresentedHistory {
  readonly history: ResultHistory;
  readonly basis: string;
}

/**
 * The history of a person's results as one reader may see it: laboratory items in the sections of a Chinese report, each
 * with its values newest first, and the examinations in lists of their own. What the reader may not see leaves no trace,
 * and free text of a report that is not shown whole stays away, for it may speak of what is left out.
 */
export const presentHistory = (reading: HistoryReading): PresentedHistory => {
  const { ruling, at, versions, consent } = reading;
  const rules = ruling.snapshot.rulesAt(at);
  const institutions: Places = placesOf();
  const reports = placesOf<HistoryReport>();
  const partly = new Set<string>();
  const closed = new Set<string>();
  const existing = existingReports();
  const disclosures = new Set<Disclosure>();
  const placed: PlacedRow[] = [];
  const circumstancesOf = circumstancesOfRows({ ...reading, rules });
  for (const row of reading.rows.slice(0, HISTORY_MAX)) {
    const { head } = row;
    const circumstances = circumstancesOf(row);
    const disclosure = circumstances.disclosureIn(head.title);
    if (disclosure.level !== 'content') {
      partly.add(head.report_public_id);
      if (disclosure.level === 'existence' && row.standing !== 'entered-in-error')
        existing.add({ row, circumstances }, () =>
          institutionPlace(circumstances.reporter, reading, rules, institutions),
        );
      continue;
    }
    disclosures.add(disclosure);
    const isDisputed = reading.disputed.has(head.report_public_id);
    if (areImagesClosed(isDisputed, circumstances.reporter, reading.reader.institution))
      closed.add(head.report_public_id);
    placed.push({
      row,
      circumstances,
      report: reports.of(head.report_public_id, () =>
        reportAnswer({ row, circumstances }, reading, rules, institutions),
      ),
      series: seriesPoint(circumstances.track, {
        standing: row.standing,
        disputed: isDisputed,
        number: row.value_number,
        comparator: row.comparator,
      }),
    });
  }
  const contents = new Map(versions.map((each) => [each.report, each.content]));
  const dictionaries: Dictionaries = { institutions, specimens: placesOf(), marks: placesOf() };
  const context: ItemContext = { ...dictionaries, reading, rules, previousOf: earlierValues(versions) };
  const items = Map.groupBy(
    placed.filter((each) => !isExamination(each)),
    ({ circumstances }) => circumstances.code,
  );
  const sections = Map.groupBy(
    [...items.values()].map((rows) => ({
      rows,
      place: placeInReports(rows[0]?.circumstances.item?.code ?? null),
    })),
    ({ place }) => place.section.code,
  );
  const basis = shownBasis(disclosures, reading.reader, consent, rules);
  const history: ResultHistory = {
    person: reading.person,
    at: isoInstant(at),
    complete: reading.rows.length <= HISTORY_MAX,
    disclosure: {
      basis,
      text: rules.sentenceOf(`disclosure.${basis}`) ?? { zh: basis, en: basis },
    },
    sections: [...sections.values()]
      .map((each) => each.toSorted((left, right) => left.place.place - right.place.place))
      .toSorted((left, right) => (left[0]?.place.section.place ?? 0) - (right[0]?.place.section.place ?? 0))
      .map((each) => {
        const { code, name } = (each[0] as (typeof each)[number]).place.section;
        return { code, name, items: each.map(({ rows }) => itemHistory(rows, context)) };
      }),
    examinations: placed.filter(isExamination).map((each): HistoryExamination => {
      const { row, report } = each;
      const { item, reporter, performer } = each.circumstances;
      const { report_public_id: id } = row.head;
      const speaks = !partly.has(id) && row.standing !== 'entered-in-error';
      const textAt = (name: string) =>
        speaks ? textOf(memberOf(contents.get(id)?.substance, name)) || null : null;
      return {
        report,
        ordinal: row.ordinal,
        list: listOf(each),
        nameZh: item?.nameZh ?? row.local_name,
        nameEn: item?.nameEn ?? row.local_name,
        side: row.side,
        standing: row.standing,
        performer: performer === reporter ? null : institutionPlace(performer, reading, rules, institutions),
        marks: [...marksOf(each, rules, at)],
        findings: textAt('findings'),
        impression: textAt('impression'),
      };
    }),
    // Of a report that is not shown whole no image is.
    reports: reports.list.map((report): HistoryReport => {
      const images = partly.has(report.id)
        ? null
        : imagesAnswer(reading.images.get(report.id as PublicId), closed.has(report.id), at);
      return images ? { ...report, images } : report;
    }),
    existing: existing.list(),
    institutions: [...institutions.list],
    specimens: [...dictionaries.specimens.list],
    marks: [...dictionaries.marks.list],
    variationIsDraft: IS_VARIATION_DRAFT,
  };
  return { history, basis: basisText(disclosures, reading.reader, consent, rules) };
};
