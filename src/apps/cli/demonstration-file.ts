import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Instant } from '../../kernel/instant.ts';
import type { LoadedRegion } from '../demonstration/load.ts';
import type { Configuration } from '../configuration.ts';

/**
 * What `demonstration.json` holds. `now` is written before loading begins, so that a first start that was cut short goes
 * on with the same region; `region` when it is complete.
 */
export interface DemonstrationFile {
  readonly now: Instant;
  readonly region: LoadedRegion | null;
}

/** Where it lies. It holds the passwords and secrets of invented people, and of nobody else. */
export const demonstrationFile = ({ dataDirectory }: Pick<Configuration, 'dataDirectory'>): string =>
  join(dataDirectory, 'demonstration.json');

/** What a first start kept; undefined where no demonstration was loaded. */
export const readDemonstration = (
  configuration: Pick<Configuration, 'dataDirectory'>,
): DemonstrationFile | undefined => {
  const path = demonstrationFile(configuration);
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as DemonstrationFile) : undefined;
};

/** Keeps it, whole or not at all. */
export const writeDemonstration = (
  configuration: Pick<Configuration, 'dataDirectory'>,
  file: DemonstrationFile,
): void => {
  const path = demonstrationFile(configuration);
  writeFileSync(`${path}.new`, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
};
