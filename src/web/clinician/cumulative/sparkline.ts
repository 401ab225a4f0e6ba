import type { History, HistoryItem, HistoryPoint } from '../../kit/history.ts';

/** One value on the small curve, in pixels of the box. */
export interface SparkPoint {
  readonly x: number;
  readonly y: number;
  readonly curve: number | null;
  readonly isOut: boolean;
}

/** What to draw: bands of the single laboratories, lines that may be drawn, points. */
export interface Sparkline {
  readonly points: readonly SparkPoint[];
  /** Polylines of at least two values. */
  readonly lines: readonly (readonly SparkPoint[])[];
  readonly bands: readonly {
    readonly x: number;
    readonly width: number;
    readonly y: number;
    readonly height: number;
  }[];
}

const POINTS_MAX = 8;

interface Placed {
  readonly point: HistoryPoint & { readonly value: number };
  readonly at: number;
}

/** Values of an item that have a place on its axis, the oldest first. */
export const drawnPoints = (
  item: Pick<HistoryItem, 'points'>,
  history: Pick<History, 'reports'>,
): readonly Placed[] =>
  [...item.points].reverse().flatMap((point) => {
    const at = Date.parse(history.reports[point.report]?.anchorAt ?? '');
    return point.value === null || Number.isNaN(at) ? [] : [{ point: { ...point, value: point.value }, at }];
  });

/** What counts no more, or not yet, does not stand between two values that do. */
const isPassedOver = ({ finding }: HistoryPoint): boolean =>
  finding === 'not-issued' || finding === 'disputed';

/**
 * Which values a line may join, as runs of places, the oldest first: neighbours in time on the same curve. A value of
 * another curve between two of them is a gap, never something a line runs past.
 */
export const joinedRuns = (points: readonly HistoryPoint[]): readonly (readonly number[])[] => {
  const runs: number[][] = [];
  let last: number | null = null;
  for (const [index, point] of points.entries()) {
    if (isPassedOver(point)) continue;
    const run = runs.at(-1);
    if (run && point.curve !== null && point.curve === last) run.push(index);
    else runs.push([index]);
    last = point.curve;
  }
  return runs;
};

/** Is the value outside the interval of its own laboratory? */
const isOutside = ({ value, low, high }: Placed['point']): boolean =>
  (low !== null && value < low) || (high !== null && value > high);

/**
 * The small curve of a row: the last eight values on an equal scale of time, the interval of each value's own laboratory
 * behind it, and lines only inside one curve.
 */
export const sparkline = (
  item: Pick<HistoryItem, 'points'>,
  history: Pick<History, 'reports'>,
  width: number,
  height: number,
): Sparkline => {
  const placed = drawnPoints(item, history).slice(-POINTS_MAX);
  const margin = 4;
  const times = placed.map(({ at }) => at);
  const values = placed.flatMap(({ point: { value, low, high } }) =>
    [value, low, high].filter((each) => each !== null),
  );
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const [bottom, top] = [Math.min(...values), Math.max(...values)];
  const xOf = (at: number): number =>
    last === first ? width / 2 : margin + ((at - first) / (last - first)) * (width - 2 * margin);
  const yOf = (value: number): number =>
    top === bottom
      ? height / 2
      : height - margin - ((value - bottom) / (top - bottom)) * (height - 2 * margin);
  const points = placed.map(
    ({ point, at }): SparkPoint => ({
      x: xOf(at),
      y: yOf(point.value),
      curve: point.curve,
      isOut: isOutside(point),
    }),
  );
  const lines: SparkPoint[][] = [];
  for (const run of joinedRuns(placed.map(({ point }) => point)))
    if (run.length > 1) lines.push(run.map((index) => points[index] as SparkPoint));
  const bands = placed.flatMap(({ point: { low, high } }, index) => {
    if (low === null && high === null) return [];
    const here = points[index] as SparkPoint;
    const from = index === 0 ? 0 : (here.x + (points[index - 1] as SparkPoint).x) / 2;
    const to = index === points.length - 1 ? width : (here.x + (points[index + 1] as SparkPoint).x) / 2;
    const y = high === null ? 0 : yOf(high);
    return [{ x: from, width: to - from, y, height: (low === null ? height : yOf(low)) - y }];
  });
  return { points, lines, bands };
};
