import { civilDateText } from '../../../kernel/civil-day.ts';
import { instant } from '../../../kernel/instant.ts';
import type { HistoryReport } from '../../wire/result-history.ts';
import type { History, HistoryItem, HistoryPoint } from '../../kit/history.ts';

/** One column of the cumulative table: what one institution collected of the person on one day. */
export interface Visit {
  readonly key: string;
  /** Place in the history's institutions. */
  readonly institution: number;
  /** The earliest moment of collection, ISO 8601. */
  readonly at: string;
  /** Whether hour and minute of it are known. */
  readonly precision: 'day' | 'minute';
  /** Places in the history's reports. */
  readonly reports: readonly number[];
}

/** The values of one item by column. */
export interface ItemRow {
  readonly item: HistoryItem;
  readonly section: string;
  readonly sectionName: { readonly zh: string; readonly en: string };
  /** By the key of the visit. */
  readonly cells: ReadonlyMap<string, HistoryPoint>;
}

/** The cumulative table before anything is filtered or cut into windows. */
export interface CumulativeTable {
  /** Newest first. */
  readonly visits: readonly Visit[];
  readonly rows: readonly ItemRow[];
}

const dayOf = (report: HistoryReport): string =>
  `${report.institution} ${civilDateText(instant(Date.parse(report.anchorAt)))}`;

interface DraftVisit {
  readonly key: string;
  readonly institution: number;
  readonly reports: Set<number>;
  at: string;
  precision: 'day' | 'minute';
}

/**
 * Sorts values into columns. Tubes of one morning at one institution make one column; an item measured again on that day
 * gets a further one, so that no value is ever covered by another.
 */
export const cumulativeTable = (history: History): CumulativeTable => {
  const drafts = new Map<string, DraftVisit>();
  const columnFor = (place: number, taken: (key: string) => boolean): string => {
    const report = history.reports[place] as HistoryReport;
    const day = dayOf(report);
    let occurrence = 0;
    while (taken(`${day} ${occurrence}`)) occurrence++;
    const key = `${day} ${occurrence}`;
    const known = drafts.get(key);
    const precision = report.collectedPrecision ?? 'minute';
    if (!known)
      drafts.set(key, {
        key,
        institution: report.institution,
        reports: new Set([place]),
        at: report.anchorAt,
        precision,
      });
    else {
      known.reports.add(place);
      if (report.anchorAt < known.at) known.at = report.anchorAt;
      if (precision === 'day') known.precision = 'day';
    }
    return key;
  };
  const rows = history.sections.flatMap(({ code, name, items }) =>
    items.map((item): ItemRow => {
      const cells = new Map<string, HistoryPoint>();
      for (const point of item.points)
        cells.set(
          columnFor(point.report, (key) => cells.has(key)),
          point,
        );
      return { item, section: code, sectionName: name, cells };
    }),
  );
  const visits = [...drafts.values()]
    .map(({ reports, ...visit }): Visit => ({ ...visit, reports: [...reports] }))
    .sort((left, right) =>
      left.at === right.at ? (left.key < right.key ? -1 : 1) : left.at < right.at ? 1 : -1,
    );
  return { visits, rows };
};

/** What of the table is looked for. */
export interface RowFilter {
  readonly typed: string;
  readonly onlyAbnormal: boolean;
  /** Item codes of the present order; null: all. */
  readonly ordered: ReadonlySet<string> | null;
}

const ORDINARY: ReadonlySet<HistoryPoint['flag']> = new Set(['normal', null]);

/** True for a value that the laboratory itself calls out of the ordinary. */
export const isAbnormal = ({ flag }: HistoryPoint): boolean => !ORDINARY.has(flag);

const isNamed = ({ item, cells }: ItemRow, words: readonly string[]): boolean =>
  words.every(
    (word) =>
      item.nameZh.toLowerCase().includes(word) ||
      item.nameEn.toLowerCase().includes(word) ||
      item.code.toLowerCase().includes(word) ||
      item.initials.includes(word) ||
      [...cells.values()].some(({ localName }) => localName.toLowerCase().includes(word)),
  );

/** Rows that answer a filter: by Chinese, English or local name, code, or pinyin initials. */
export const filterRows = (rows: readonly ItemRow[], filter: RowFilter): readonly ItemRow[] => {
  const words = filter.typed.trim().toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(
    (row) =>
      (!filter.onlyAbnormal || [...row.cells.values()].some(isAbnormal)) &&
      (filter.ordered === null || filter.ordered.has(row.item.code)) &&
      isNamed(row, words),
  );
};

/** Visits that have a value in one of the rows: a filter empties no column and leaves none. */
export const visitsOf = (visits: readonly Visit[], rows: readonly ItemRow[]): readonly Visit[] =>
  visits.filter(({ key }) => rows.some(({ cells }) => cells.has(key)));
