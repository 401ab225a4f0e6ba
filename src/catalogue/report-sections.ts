import sectionTable from '../../data/report-sections.json' with { type: 'json' };
import type { Bilingual } from '../kernel/bilingual.ts';

/** A section of a cumulative report (血常规, 肝功能 …) with its place among the others. */
export interface ReportSection {
  readonly code: string;
  readonly name: Bilingual;
  /** From 0 on, in the order in which laboratory reports in China print them. */
  readonly place: number;
}

/** Where an item stands in a cumulative report. */
export interface PlaceInReports {
  readonly section: ReportSection;
  /** Place inside the section; items that the table does not name stand after those it does. */
  readonly place: number;
}

const SECTIONS: readonly ReportSection[] = sectionTable.sections.map(({ code, zh, en }, place) => ({
  code,
  name: { zh, en },
  place,
}));
const LAST = SECTIONS.at(-1) as ReportSection;

const PLACES: ReadonlyMap<string, PlaceInReports> = new Map(
  sectionTable.sections.flatMap(({ items }, index) =>
    items.map((item, place): [string, PlaceInReports] => [
      item,
      { section: SECTIONS[index] as ReportSection, place },
    ]),
  ),
);

/** The place of a laboratory item in a cumulative report; null for what has no item yet. */
export const placeInReports = (item: string | null): PlaceInReports =>
  (item !== null && PLACES.get(item)) || { section: LAST, place: Number.MAX_SAFE_INTEGER };
