import { pinyin } from 'pinyin-pro';
import type { RulingSnapshot } from '../../adapters/postgres/lists.ts';
import { memberOf, textOf } from '../../adapters/postgres/report-content-fields.ts';
import { HISTORY_MAX, type HistoryRow, type HistoryVersion } from '../../adapters/postgres/result-history.ts';
import {
  type ItemCode,
  type ItemDefinition,
  methodWords,
  placeInReports,
  specimenDefinition,
} from '../../catalogue/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { CampusCode, InstitutionCode } from '../../organisation/index.ts';
import type { MemberGrade } from '../../person/index.ts';
import { marksHeld } from '../../quality/index.ts';
import type { Rules } from '../../recognition/index.ts';
import { seriesChange, seriesPoint, type SeriesPoint } from '../../result/index.ts';
import type {
  HistoryExamination,
  HistoryItem,
  HistoryPoint,
  HistoryReport,
  ResultHistory,
} from '../../web/wire/result-history.ts';
import { isLineDisclosed, shownTitle } from './line-disclosure.ts';
import { flagAnswer, institutionAnswer, momentAnswer } from './present.ts';

/** What was read of a person's results, and for whom. */
export interface HistoryReading {
  readonly person: PublicId;
  readonly rows: readonly HistoryRow[];
  readonly versions: readonly HistoryVersion[];
  /** Reports that somebody says are another person's. */
  readonly disputed: ReadonlySet<PublicId>;
  readonly grades: ReadonlyMap<string, MemberGrade>;
  /** The reader's institution. */
  readonly institution: InstitutionCode;
  readonly ruling: RulingSnapshot;
  readonly at: Instant;
}

/** A row in the words of the lists. */
interface NamedRow {
  readonly row: HistoryRow;
  readonly item: ItemDefinition | null;
  readonly reporter: InstitutionCode;
  readonly performer: InstitutionCode;
}

/** Source of a result whose institution no list names: never shown as the reader's own. */
const UNKNOWN_SOURCE = 'UNKNOWN' as InstitutionCode;

/** The item that the code map that rules now reads, else the one it was read as when it came in. */
const namedRow = (row: HistoryRow, { ruling, at }: HistoryReading, rules: Rules): NamedRow => {
  const { registry } = ruling;
  const reporter = registry.institutionCode(row.institution_id) ?? UNKNOWN_SOURCE;
  const performer = registry.institutionCode(row.performer_id) ?? UNKNOWN_SOURCE;
  const readAs = row.item_id === null ? undefined : registry.itemCode(row.item_id);
  const code = rules.codeMapOf(reporter).get(row.local_code)?.item ?? readAs;
  const item = code === undefined ? null : (ruling.snapshot.itemOf(code, at) ?? null);
  return { row, item, reporter, performer };
};

/** May this reader see it? Both items count where the code map was corrected since. */
const isDisclosed = (named: NamedRow, { institution, ruling }: HistoryReading, rules: Rules): boolean => {
  const { row, item, reporter, performer } = named;
  const readAs = row.item_id === null ? undefined : ruling.registry.itemCode(row.item_id);
  const { local_name: localName, title } = row;
  return isLineDisclosed(
    { items: [item?.code, readAs], localName, title, performer, reporter },
    institution,
    rules,
  );
};

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
  return ({ report_public_id, ordinal, value_text }) =>
    texts.get(`${report_public_id}/${ordinal}`)?.find((text) => text !== value_text) ?? null;
};

const marksOf = ({ row, item, performer }: NamedRow, rules: Rules, at: Instant): string[] =>
  item === null || row.collected_at === null
    ? []
    : [
        ...marksHeld(
          rules.grantsOf(performer).map(({ index }) => index),
          item,
          {
            campus: row.campus as CampusCode | null,
            methodClass: row.method_class,
            performedAt: row.collected_at as Instant,
            at,
          },
        ),
      ];

const specimenWords = (code: string | null): HistoryPoint['specimen'] => {
  if (code === null) return null;
  const { zh, en } = specimenDefinition(code) ?? { zh: code, en: code };
  return { zh, en };
};

/** Of the entry in error not even the value is shown: it may be another person's. */
const printedText = ({ standing, value_text }: HistoryRow): string =>
  standing === 'entered-in-error' ? '' : value_text;

interface PlacedRow {
  readonly named: NamedRow;
  readonly report: number;
  readonly series: SeriesPoint;
}

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
  const asPrinted = rows.find(({ named }) => !item?.unit || named.row.unit === item.unit);
  return asPrinted?.named.row.unit_text || item?.unit || '';
};

const changesOf = (
  code: ItemCode | null,
  placed: readonly PlacedRow[],
): ReadonlyMap<PlacedRow, HistoryPoint['change']> => {
  const changes = new Map<PlacedRow, HistoryPoint['change']>();
  const last = new Map<string, { value: number; performer: string }>();
  for (const each of placed.toReversed()) {
    const { curve, value } = each.series;
    if (curve === null || value === null) continue;
    const later = { value, performer: each.named.performer };
    const earlier = last.get(curve);
    last.set(curve, later);
    if (!earlier) continue;
    const change = seriesChange(code, earlier, later);
    const { percent, referenceChangePercent: limit } = change;
    changes.set(each, {
      ...change,
      exceeds: percent === null || limit === null ? null : Math.abs(percent) > limit,
    });
  }
  return changes;
};

const itemHistory = (
  placed: readonly PlacedRow[],
  context: {
    readonly reading: HistoryReading;
    readonly rules: Rules;
    readonly institutions: Places;
    readonly previousOf: (row: HistoryRow) => string | null;
  },
): HistoryItem => {
  const { reading, rules, institutions, previousOf } = context;
  const [{ named: first }] = placed as [PlacedRow];
  const { item } = first;
  const curves = placesOf<string>();
  const changes = changesOf(item?.code ?? null, placed);
  const nameZh = item?.nameZh ?? first.row.local_name;
  return {
    code: item?.code ?? `${first.reporter}/${first.row.local_code}`,
    mapped: item !== null,
    nameZh,
    nameEn: item?.nameEn ?? first.row.local_name,
    initials: initials(nameZh),
    unit: unitOf(item, placed),
    comparability: item?.comparability ?? null,
    points: placed.map((each): HistoryPoint => {
      const { named, report, series } = each;
      const { row, reporter, performer } = named;
      const { curve, ...shown } = series;
      const isGone = row.standing === 'entered-in-error';
      return {
        report,
        ordinal: row.ordinal,
        text: printedText(row),
        unit: row.unit_text,
        referenceText: row.reference_text,
        flag: isGone ? null : flagAnswer(row.flag),
        standing: row.standing,
        previous: isGone ? null : previousOf(row),
        localName: row.local_name,
        method: row.method_class === null ? null : methodWords(row.method_class),
        specimen: specimenWords(row.specimen),
        pointOfCare: row.point_of_care,
        performer: performer === reporter ? null : institutionPlace(performer, reading, rules, institutions),
        marks: marksOf(named, rules, reading.at),
        ...shown,
        value: isGone ? null : shown.value,
        comparator: row.comparator,
        curve: curve === null ? null : curves.of(curve, () => curve),
        change: changes.get(each) ?? null,
      };
    }),
  };
};

const institutionPlace = (
  code: InstitutionCode,
  { institution }: HistoryReading,
  rules: Rules,
  institutions: Places,
): number => institutions.of(code, () => ({ ...institutionAnswer(rules, code), own: code === institution }));

const LIST_OF_CATEGORY: Readonly<Record<string, HistoryExamination['list']>> = {
  'img-xray': 'imaging',
  'img-ct': 'imaging',
  'img-mr': 'imaging',
  'img-us': 'imaging',
  'img-nm': 'imaging',
  ecg: 'electrocardiogram',
  pathology: 'pathology',
};

const listOf = ({ row, item }: NamedRow): HistoryExamination['list'] => {
  if (item) return LIST_OF_CATEGORY[item.category] ?? 'other';
  return row.kind === 'imaging' || row.kind === 'electrocardiogram' ? row.kind : 'other';
};

const isExamination = ({ row, item }: NamedRow): boolean =>
  item === null
    ? row.kind === 'imaging' || row.kind === 'electrocardiogram'
    : !item.category.startsWith('lab-');

const reportAnswer = (
  { row, reporter }: NamedRow,
  reading: HistoryReading,
  rules: Rules,
  institutions: Places,
): HistoryReport => ({
  id: row.report_public_id,
  kind: row.kind,
  title: shownTitle(row, reporter, reading.institution, rules),
  reportNumber: row.report_number,
  institution: institutionPlace(reporter, reading, rules, institutions),
  standing: row.report_standing,
  version: row.version,
  anchorAt: isoInstant(row.anchor_at as Instant),
  collectedAt: momentAnswer(row.collected_at),
  collectedPrecision: row.collected_at === null ? null : row.collected_precision === 'm' ? 'minute' : 'day',
  receivedAt: momentAnswer(row.received_at),
  reportedAt: momentAnswer(row.reported_at),
  disputed: reading.disputed.has(row.report_public_id),
  identity: reading.grades.get(row.person_id) ?? 'weak',
});

/**
 * The history of a person's results as one reader may see it: laboratory items in the sections of a Chinese report, each
 * with its values newest first, and the examinations in lists of their own. What the reader may not see leaves no trace,
 * and free text of a report that is not shown whole stays away, for it may speak of what is left out.
 */
export const presentHistory = (reading: HistoryReading): ResultHistory => {
  const { ruling, at, versions } = reading;
  const rules = ruling.snapshot.rulesAt(at);
  const institutions: Places = placesOf();
  const reports = placesOf<HistoryReport>();
  const partly = new Set<string>();
  const placed: PlacedRow[] = [];
  for (const row of reading.rows.slice(0, HISTORY_MAX)) {
    const named = namedRow(row, reading, rules);
    if (!isDisclosed(named, reading, rules)) {
      partly.add(row.report_public_id);
      continue;
    }
    const report = reports.of(row.report_public_id, () => reportAnswer(named, reading, rules, institutions));
    placed.push({
      named,
      report,
      series: seriesPoint(named.item, {
        ...row,
        disputed: reading.disputed.has(row.report_public_id),
        number: row.value_number,
        unitText: row.unit_text,
        referenceText: row.reference_text,
        methodClass: row.method_class,
        performer: named.performer,
        timePoint: row.time_point,
        pointOfCare: row.point_of_care,
      }),
    });
  }
  const contents = new Map(versions.map((each) => [each.report, each.content]));
  const context = { reading, rules, institutions, previousOf: earlierValues(versions) };
  const items = Map.groupBy(
    placed.filter(({ named }) => !isExamination(named)),
    ({ named: { item, reporter, row } }) => item?.code ?? `${reporter}/${row.local_code}`,
  );
  const sections = Map.groupBy(
    [...items.values()].map((rows) => ({
      rows,
      place: placeInReports(rows[0]?.named.item?.code ?? null),
    })),
    ({ place }) => place.section.code,
  );
  const disclosure = rules.sentenceOf('disclosure.assumed-by-policy');
  return {
    person: reading.person,
    at: isoInstant(at),
    complete: reading.rows.length <= HISTORY_MAX,
    disclosure: {
      basis: 'assumed-by-policy',
      text: disclosure ?? { zh: 'assumed-by-policy', en: 'assumed-by-policy' },
    },
    sections: [...sections.values()]
      .map((each) => each.toSorted((left, right) => left.place.place - right.place.place))
      .toSorted((left, right) => (left[0]?.place.section.place ?? 0) - (right[0]?.place.section.place ?? 0))
      .map((each) => {
        const { code, name } = (each[0] as (typeof each)[number]).place.section;
        return { code, name, items: each.map(({ rows }) => itemHistory(rows, context)) };
      }),
    examinations: placed
      .filter(({ named }) => isExamination(named))
      .map(({ named, report }): HistoryExamination => {
        const { row, item, reporter, performer } = named;
        const substance = contents.get(row.report_public_id)?.substance;
        const speaks = !partly.has(row.report_public_id) && row.standing !== 'entered-in-error';
        const textAt = (name: string) => (speaks ? textOf(memberOf(substance, name)) || null : null);
        return {
          report,
          ordinal: row.ordinal,
          list: listOf(named),
          nameZh: item?.nameZh ?? row.local_name,
          nameEn: item?.nameEn ?? row.local_name,
          side: row.side,
          standing: row.standing,
          performer:
            performer === reporter ? null : institutionPlace(performer, reading, rules, institutions),
          marks: marksOf(named, rules, at),
          findings: textAt('findings'),
          impression: textAt('impression'),
        };
      }),
    reports: [...reports.list],
    institutions: [...institutions.list],
  };
};
