import type { ViewedSeries, ViewedStudy } from '../wire/viewed-study.ts';
import data from './display.json' with { type: 'json' };

/** A window by its name: HU for CT. */
export interface WindowPreset {
  readonly id: string;
  readonly zh: string;
  readonly en: string;
  readonly modality: string;
  readonly centre: number;
  readonly width: number;
}

/** What a series says of itself that decides how it is first shown. */
export interface SeriesTraits {
  readonly modality: string | null;
  readonly kernel: string | null;
  readonly bodyPart: string | null;
  readonly description: string | null;
}

/** Windows of a modality, in the order of the keys 1 to 9. Only CT values mean the same on every device. */
export const windowsOf = (modality: string | null): readonly WindowPreset[] =>
  data.windows.filter((each) => each.modality === modality);

/**
 * The window in which a series opens: by kernel and part of the body, the first rule that fits. Null: as the device says,
 * which is what every modality but CT does.
 */
export const firstWindowOf = ({
  modality,
  kernel,
  bodyPart,
  description,
}: SeriesTraits): WindowPreset | null => {
  const words = `${bodyPart ?? ''} ${description ?? ''}`;
  const rule = data.firstWindow.find(
    (each) =>
      each.modality === modality &&
      (each.kernel === undefined || (kernel !== null && new RegExp(each.kernel, 'i').test(kernel))) &&
      (each.part === undefined || new RegExp(each.part, 'i').test(words)),
  );
  return data.windows.find(({ id }) => id === rule?.window) ?? null;
};

/** How a series can be shown. */
export type SeriesKind = 'pictures' | 'waveform' | 'document';

/** What a series holds, by its modality. */
export const kindOf = ({ modality }: Pick<ViewedSeries, 'modality'>): SeriesKind => {
  if (modality !== null && data.notPictures.includes(modality)) return 'document';
  return modality !== null && data.waveforms.includes(modality) ? 'waveform' : 'pictures';
};

/** Which series are hung in which number of panes. */
export interface Hanging {
  readonly panes: 1 | 2 | 4;
  /** Series by pane; shorter than `panes` where there are not so many. */
  readonly series: readonly string[];
}

/** A localizer is named so by nearly every device, and is small. */
const isLocalizer = ({ description, instances }: ViewedSeries): boolean =>
  instances <= 6 && /loc|scout|topo|survey|scanogram|定位/i.test(description ?? '');

const viewOf = ({ laterality, description }: ViewedSeries): string => {
  const words = `${laterality ?? ''} ${description ?? ''}`.toUpperCase();
  const side = /\bL\b|左|\bL(?=CC|MLO)/.test(words) ? 'L' : /\bR\b|右|\bR(?=CC|MLO)/.test(words) ? 'R' : '';
  return `${side} ${/MLO|斜/.test(words) ? 'MLO' : /CC|轴/.test(words) ? 'CC' : ''}`;
};

/**
 * Hangs a study: series that say most of it first, in as many panes as its modality asks for.
 *
 * @param narrow on a phone there is room for one
 */
export const hang = (series: readonly ViewedSeries[], narrow: boolean): Hanging => {
  const shown = series.filter((each) => kindOf(each) !== 'document');
  const [modality] = shown.map((each) => each.modality);
  const rule = data.hanging.find((each) => each.modality === modality);
  const order = rule?.order ?? [];
  const rank = (each: ViewedSeries): number => {
    const place = order.indexOf(viewOf(each));
    return place === -1 ? order.length : place;
  };
  const sorted = [...shown].sort(
    (left, right) =>
      Number(isLocalizer(left)) - Number(isLocalizer(right)) ||
      rank(left) - rank(right) ||
      // Thin slices first: they have the most pictures. Projections keep the order of their numbers.
      (rule?.perImage ? 0 : right.instances - left.instances) ||
      (left.number ?? 0) - (right.number ?? 0),
  );
  const wanted = narrow ? 1 : Math.min(rule?.panes ?? 1, Math.max(1, sorted.length));
  const panes = wanted > 2 ? 4 : wanted > 1 ? 2 : 1;
  return { panes, series: sorted.slice(0, panes).map(({ seriesUid }) => seriesUid) };
};

/** What is said of places without a slice: while images still come in, none of them is missing. */
export const gapWords = (state: ViewedStudy['state']): '有 {n} 处缺层' | '上传中，还有 {n} 处未收到' =>
  state === 'receiving' ? '上传中，还有 {n} 处未收到' : '有 {n} 处缺层';
