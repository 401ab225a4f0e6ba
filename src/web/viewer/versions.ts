import type { ViewedStudy } from '../wire/viewed-study.ts';
import { seriesAddress } from './addresses.ts';

/** Versions of the series that this page shows, by their addresses. */
const versions = new Map<string, string>();

/** Keeps which version of each series a study was opened with; of an open series there is none. */
export const keepVersions = (study: Pick<ViewedStudy, 'root' | 'studyUid' | 'series'>): void => {
  for (const { seriesUid, version } of study.series) {
    const address = seriesAddress(study, seriesUid);
    if (version === null) versions.delete(address);
    else versions.set(address, version);
  }
};

/** An address within a series, with the version that the page named: the browser keeps that for hours, and every other not at all. */
export const versionedAddress = (address: string): string => {
  const [series] = /^.*\/series\/[0-9.]+/.exec(address) ?? [];
  const version = series === undefined ? undefined : versions.get(series);
  return version === undefined ? address : `${address}?version=${version}`;
};
