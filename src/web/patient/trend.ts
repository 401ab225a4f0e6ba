import type { History, HistoryItem, HistoryPoint } from '../kit/history.ts';

/** One value on the chart, in units of the drawing. */
export interface TrendMark {
  readonly x: number;
  readonly y: number;
  readonly place: number;
  readonly isMarked: boolean;
}

/** The interval that a laboratory printed, where its values lie. */
interface TrendBand {
  readonly x: number;
  readonly width: number;
  readonly top: number;
  readonly bottom: number;
}

/** A chart of one item over time. */
export interface Trend {
  readonly marks: readonly TrendMark[];
  /** Lines between values that may be compared; nothing is joined otherwise. */
  readonly lines: readonly string[];
  readonly bands: readonly TrendBand[];
  /** Values that are in no unit of the item or are no numbers: in the table only. */
  readonly left: number;
  /** Of the values drawn, in the item's unit. */
  readonly lowest: number;
  readonly highest: number;
  readonly from: string;
  readonly to: string;
}

/** Size of the drawing; text stands outside of it, so that it may be stretched. */
export const TREND_SIZE = { width: 320, height: 140, margin: 12 } as const;

const isDrawn = ({ value, standing, disputed, comparator }: HistoryPoint): boolean =>
  value !== null &&
  comparator === null &&
  !disputed &&
  (standing === 'final' || standing === 'corrected' || standing === 'preliminary');

/**
 * The chart of an item; null when fewer than two values can be drawn. Time is to scale; every value has the band of its own
 * laboratory; a line joins neighbours of one curve only.
 */
export const trendOf = (
  { reports }: Pick<History, 'reports'>,
  item: Pick<HistoryItem, 'points'>,
): Trend | null => {
  const timeOf = ({ report }: HistoryPoint): number => Date.parse(reports[report]?.anchorAt ?? '');
  const drawn = item.points
    .map((point, place) => ({ point, place, time: timeOf(point) }))
    .filter(({ point }) => isDrawn(point))
    .reverse();
  const [first] = drawn;
  const last = drawn[drawn.length - 1];
  if (!first || !last || drawn.length < 2) return null;
  const heights = drawn.flatMap(({ point }) =>
    [point.value, point.low, point.high].filter((each) => each !== null),
  );
  const values = drawn.map(({ point }) => point.value as number);
  const minimum = Math.min(...heights);
  const maximum = Math.max(...heights);
  const { width, height, margin } = TREND_SIZE;
  const span = last.time - first.time || 1;
  const xOf = (time: number): number => margin + ((time - first.time) / span) * (width - 2 * margin);
  const yOf = (value: number): number =>
    height - margin - ((value - minimum) / (maximum - minimum || 1)) * (height - 2 * margin);
  const marks = drawn.map(({ point, place, time }) => ({
    x: xOf(time),
    y: yOf(point.value as number),
    place,
    isMarked: point.flag !== null && point.flag !== 'normal',
  }));
  const bands = drawn.flatMap(({ point }, index): TrendBand[] => {
    if (point.low === null && point.high === null) return [];
    const x = (marks[index] as TrendMark).x;
    const left = index === 0 ? 0 : ((marks[index - 1] as TrendMark).x + x) / 2;
    const right = index === marks.length - 1 ? width : (x + (marks[index + 1] as TrendMark).x) / 2;
    const top = point.high === null ? 0 : yOf(point.high);
    const bottom = point.low === null ? height : yOf(point.low);
    return [{ x: left, width: right - left, top, bottom }];
  });
  const curves = new Map<number, string[]>();
  drawn.forEach(({ point }, index) => {
    if (point.curve === null) return;
    const { x, y } = marks[index] as TrendMark;
    const path = curves.get(point.curve) ?? [];
    path.push(`${path.length === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`);
    curves.set(point.curve, path);
  });
  return {
    marks,
    lines: [...curves.values()].filter((path) => path.length > 1).map((path) => path.join(' ')),
    bands,
    left: item.points.length - drawn.length,
    lowest: Math.min(...values),
    highest: Math.max(...values),
    from: reports[first.point.report]?.anchorAt ?? '',
    to: reports[last.point.report]?.anchorAt ?? '',
  };
};
