import type { EChartsCoreOption } from 'echarts/core';
import { COLOURS } from '../../kit/tokens.ts';
import type { History, HistoryItem, HistoryPoint } from '../../kit/history.ts';
import { drawnPoints, joinedRuns } from '../cumulative/sparkline.ts';

/** A value on the large chart. */
export interface TrendPoint {
  readonly at: number;
  readonly value: number;
  readonly point: HistoryPoint;
  readonly isOwn: boolean;
  readonly institution: string;
}

/** Values of an item with a place on its axis, the oldest first. */
export const trendPoints = (item: HistoryItem, history: History): readonly TrendPoint[] =>
  drawnPoints(item, history).map(({ point, at }) => {
    const institution = history.institutions[history.reports[point.report]?.institution ?? -1];
    return {
      at,
      value: point.value,
      point,
      isOwn: institution?.own ?? false,
      institution: institution?.shortNameZh ?? '',
    };
  });

/** Values that span decades (AFP, hCG, D-dimer) are read on a logarithmic scale. */
export const spansDecades = (points: readonly TrendPoint[]): boolean => {
  const values = points.map(({ value }) => value);
  return values.length > 1 && Math.min(...values) > 0 && Math.max(...values) / Math.min(...values) >= 100;
};

/** One stretch of the band: the interval of one value's own laboratory, half way to its neighbours. */
export interface BandStretch {
  readonly from: number;
  readonly to: number;
  readonly low: number | null;
  readonly high: number | null;
}

/** The stepped band: every value brings its own laboratory's interval. */
export const bandStretches = (points: readonly TrendPoint[]): readonly BandStretch[] =>
  points.flatMap(({ at, point: { low, high } }, index) => {
    if (low === null && high === null) return [];
    const before = points[index - 1];
    const after = points[index + 1];
    return [{ from: before ? (before.at + at) / 2 : at, to: after ? (after.at + at) / 2 : at, low, high }];
  });

const SYMBOLS = ['circle', 'rect', 'triangle', 'diamond'];

const pointData = ({ at, value, isOwn, point }: TrendPoint, isChosen: boolean) => ({
  value: [at, value],
  symbolSize: isChosen ? 15 : 9,
  itemStyle: {
    // Own filled, others hollow: told apart without colour.
    color: isOwn ? COLOURS.primary : COLOURS.paper,
    borderColor:
      (point.high !== null && value > point.high) || (point.low !== null && value < point.low)
        ? COLOURS.high
        : COLOURS.primary,
    borderWidth: isChosen ? 3 : 2,
  },
});

interface BandApi {
  value(dimension: number): number;
  coord(value: readonly number[]): readonly [number, number];
}
interface BandParams {
  readonly coordSys: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  };
}

/** An end of the band that the laboratory leaves open reaches to the edge of the chart. */
const OPEN = -1e308;

const renderBand = ({ coordSys }: BandParams, api: BandApi) => {
  const [low, high] = [api.value(2), api.value(3)];
  const at = (value: number, edge: number) => (value === OPEN ? edge : api.coord([api.value(0), value])[1]);
  const left = Math.max(coordSys.x, api.coord([api.value(0), 1])[0] - 6);
  const right = Math.min(coordSys.x + coordSys.width, api.coord([api.value(1), 1])[0] + 6);
  const top = Math.max(coordSys.y, at(high, coordSys.y));
  const bottom = Math.min(coordSys.y + coordSys.height, at(low, coordSys.y + coordSys.height));
  return {
    type: 'rect',
    shape: { x: left, y: top, width: right - left, height: Math.max(0, bottom - top) },
    style: { fill: COLOURS.band },
    silent: true,
  };
};

/** Labels of the axis that are aimed at. */
const LABELS = 5;

/** The least of 1, 2, 5 and 10 times a power of ten that divides a span into so many labels at most. */
const evenStep = (span: number): number => {
  const wanted = span / LABELS;
  const power = 10 ** Math.floor(Math.log10(wanted));
  return ([1, 2, 5].find((each) => each * power >= wanted) ?? 10) * power;
};

/**
 * The axis holds every value and every stated limit, with some room; an open end does not stretch it. It begins and ends at
 * a label, so that all of them are evenly apart.
 */
const extentOf = (
  points: readonly TrendPoint[],
  isLogarithmic: boolean,
): { min: number; max: number; interval?: number } => {
  const all = points.flatMap(({ value, point: { low, high } }) =>
    [value, low, high].filter((each) => each !== null && (!isLogarithmic || each > 0)),
  ) as number[];
  const [min, max] = [Math.min(...all), Math.max(...all)];
  if (isLogarithmic)
    return { min: 10 ** Math.floor(Math.log10(min)), max: 10 ** Math.ceil(Math.log10(max * 1.01)) };
  const room = (max - min || Math.abs(max) || 1) * 0.1;
  const from = min >= 0 ? Math.max(0, min - room) : min - room;
  const interval = evenStep(max + room - from);
  const at = (label: number): number => Number((label * interval).toPrecision(12));
  return { min: at(Math.floor(from / interval)), max: at(Math.ceil((max + room) / interval)), interval };
};

/** The large chart: stepped band, a line per curve and none between curves, values without a curve by themselves. */
export const trendOption = (
  points: readonly TrendPoint[],
  view: {
    readonly unit: string;
    readonly isLogarithmic: boolean;
    readonly chosen: number;
    readonly nameOfCurve: (curve: number | null) => string;
  },
): EChartsCoreOption => {
  const curves = [...new Set(points.map(({ point }) => point.curve))];
  const begins = new Set(joinedRuns(points.map(({ point }) => point)).map(([first]) => first));
  return {
    animation: false,
    grid: { left: 56, right: 24, top: 36, bottom: 36 },
    legend: curves.length > 1 ? { top: 0, selectedMode: false } : undefined,
    xAxis: { type: 'time', axisLabel: { hideOverlap: true }, boundaryGap: ['4%', '4%'] },
    yAxis: {
      type: view.isLogarithmic ? 'log' : 'value',
      name: view.unit,
      ...extentOf(points, view.isLogarithmic),
      nameTextStyle: { align: 'left' },
    },
    series: [
      {
        type: 'custom',
        clip: true,
        silent: true,
        z: 1,
        renderItem: renderBand,
        encode: { x: [0, 1] },
        data: bandStretches(points).map(({ from, to, low, high }) => [from, to, low ?? OPEN, high ?? OPEN]),
      },
      ...curves.map((curve, index) => ({
        type: curve === null ? 'scatter' : 'line',
        name: view.nameOfCurve(curve),
        symbol: curve === null ? 'pin' : SYMBOLS[index % SYMBOLS.length],
        showAllSymbol: true,
        lineStyle: { color: COLOURS.soft, width: 1.5, type: index % 2 === 0 ? 'solid' : 'dashed' },
        itemStyle: { color: COLOURS.primary },
        z: 3,
        data: points.flatMap((each, place) =>
          each.point.curve === curve
            ? // Where no line may come from the value before, a place without a value breaks it.
              [...(begins.has(place) ? [[each.at, '-']] : []), pointData(each, place === view.chosen)]
            : [],
        ),
      })),
    ],
  };
};
