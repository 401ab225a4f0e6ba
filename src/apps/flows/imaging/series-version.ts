import { entityTag } from '../../../adapters/dicomweb/entity-tag.ts';
import type { SeriesReading } from '../../../adapters/postgres/imaging-reading.ts';

const known = new WeakMap<SeriesReading, string>();

/** Names what a series says and consists of at one moment: another name as soon as anything of it is another. */
export const seriesTag = (series: SeriesReading): string => {
  let tag = known.get(series);
  if (tag === undefined) {
    const { seriesId, version, closedAt, instanceCount, lastAt } = series;
    tag = entityTag(seriesId, version, closedAt ?? '', instanceCount, lastAt);
    known.set(series, tag);
  }
  return tag;
};

/**
 * The version of a series' content that an address may name: of a closed series, whose content changes only by closing it
 * anew (one more image, a case that was answered). null while it is open.
 */
export const seriesVersion = (series: SeriesReading): string | null =>
  series.closedAt === null ? null : seriesTag(series);
