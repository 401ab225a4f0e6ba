import { civilDateText } from '../../kernel/civil-day.ts';
import { instant } from '../../kernel/instant.ts';
import type { History } from '../kit/history.ts';
import type { HistoryReport } from '../wire/result-history.ts';

/** One report with its place in the history. */
export interface PlacedReport {
  readonly place: number;
  readonly report: HistoryReport;
}

/** What one hospital found out about the person on one day. */
export interface Visit {
  readonly key: string;
  readonly day: string;
  /** Place in the history's institutions. */
  readonly institution: number;
  readonly reports: readonly PlacedReport[];
}

/** The visits in a history, the newest first: reports of one hospital on one civil day belong together. */
export const visitsOf = ({ reports }: Pick<History, 'reports'>): readonly Visit[] => {
  const visits = new Map<string, Visit & { readonly reports: PlacedReport[] }>();
  reports.forEach((report, place) => {
    const day = civilDateText(instant(Date.parse(report.anchorAt)));
    const key = `${day} ${report.institution}`;
    const known = visits.get(key);
    if (known) known.reports.push({ place, report });
    else visits.set(key, { key, day, institution: report.institution, reports: [{ place, report }] });
  });
  return [...visits.values()];
};

/** How many values of a report its laboratory marked, so that a card may say where to look. */
export const markedIn = ({ sections }: Pick<History, 'sections'>, place: number): number =>
  sections.reduce(
    (total, { items }) =>
      total +
      items.reduce(
        (marked, { points }) =>
          marked +
          points.filter(({ report, flag }) => report === place && flag !== null && flag !== 'normal').length,
        0,
      ),
    0,
  );
