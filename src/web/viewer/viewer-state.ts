import type { ViewedSeries, ViewedStudy } from '../wire/viewed-study.ts';
import { hang, kindOf } from './display.ts';

/** What one pane is to show: a series of one of the studies that are open. */
export interface PaneContent {
  readonly study: ViewedStudy;
  readonly series: ViewedSeries;
}

/** What hangs where. */
export interface Layout {
  readonly panes: readonly (PaneContent | null)[];
  readonly active: number;
}

const contentOf = (study: ViewedStudy, seriesUid: string | undefined): PaneContent | null => {
  const series = study.series.find((each) => each.seriesUid === seriesUid);
  return series ? { study, series } : null;
};

/** Hangs one study as its modality asks for. */
export const hangOne = (study: ViewedStudy, narrow: boolean): Layout => {
  const { panes, series } = hang(study.series, narrow);
  return {
    panes: Array.from({ length: panes }, (_, place) => contentOf(study, series[place])),
    active: 0,
  };
};

/** Hangs the prior on the left and the present on the right, each with what says most. */
export const hangBeside = (prior: ViewedStudy, present: ViewedStudy): Layout => ({
  panes: [prior, present].map((study) => contentOf(study, hang(study.series, true).series[0])),
  active: 1,
});

/** Puts a series into the active pane. */
export const placed = (layout: Layout, content: PaneContent): Layout => ({
  ...layout,
  panes: layout.panes.map((each, place) => (place === layout.active ? content : each)),
});

/** As many panes as asked for: those that hang stay, empty ones take the series that hang nowhere yet. */
export const divided = (layout: Layout, study: ViewedStudy, count: 1 | 2 | 4): Layout => {
  const kept = count === 1 ? [layout.panes[layout.active] ?? null] : layout.panes.slice(0, count);
  const hung = new Set(kept.map((each) => each?.series.seriesUid));
  const free = study.series.filter((each) => kindOf(each) !== 'document' && !hung.has(each.seriesUid));
  const panes = Array.from({ length: count }, (_, place) => {
    const own = kept[place];
    if (own) return own;
    const series = free.shift();
    return series ? { study, series } : null;
  });
  return { panes, active: Math.min(layout.active, count - 1) };
};

/**
 * The series before or after the one in the active pane, of the same study; null at the ends.
 *
 * @param studies as they stand by now: what hangs may have been hung before the rest arrived
 */
export const neighbour = (
  layout: Layout,
  step: 1 | -1,
  studies: readonly ViewedStudy[],
): PaneContent | null => {
  const content = layout.panes[layout.active];
  if (!content) return null;
  const { series } = content;
  const study = studies.find(({ id }) => id === content.study.id) ?? content.study;
  const at = study.series.findIndex(({ seriesUid }) => seriesUid === series.seriesUid);
  const next = study.series[at + step];
  return next ? { study, series: next } : null;
};
