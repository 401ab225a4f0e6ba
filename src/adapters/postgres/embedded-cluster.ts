import { spawnSync } from 'node:child_process';
import { chownSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { raiser } from '../../kernel/fault.ts';
import type { Binaries } from './embedded-binaries.ts';
import type { Account } from './embedded-folders.ts';
import { POSTGRES_FAULTS } from './faults.ts';

const raise = raiser(POSTGRES_FAULTS);

/** What a new cluster needs. */
export interface ClusterOptions {
  readonly binaries: Binaries;
  readonly account: Account;
  readonly passwordPath: string;
}

/** Environment and identity of the database's processes: nothing of ours is passed on. */
export const processOptions = (account: Account, cwd: string) => ({
  cwd,
  env: { LC_ALL: 'C.UTF-8', TZ: 'UTC' },
  ...(account.switches ? { uid: account.uid, gid: account.gid } : {}),
});

/**
 * Makes a cluster with one database, `huren`, UTF-8 and the collation C.UTF-8, which sorts by code point and never
 * changes with the operating system. Built beside its place and moved there when complete, so that a start cut short
 * leaves nothing behind.
 * @throws EMBEDDED_START_FAILED, EMBEDDED_NO_ORDINARY_USER
 */
export const createCluster = (cluster: string, { binaries, account, passwordPath }: ClusterOptions): void => {
  const unfinished = `${cluster}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { mode: 0o700 });
  if (account.switches) chownSync(unfinished, account.uid, account.gid);

  const run = (program: string, args: readonly string[], input: string) => {
    const { error, status, stderr, stdout } = spawnSync(join(binaries.folder, 'bin', program), args, {
      ...processOptions(account, unfinished),
      input,
      encoding: 'utf8',
    });
    if ((error as { code?: string } | undefined)?.code === 'EPERM')
      throw raise('EMBEDDED_NO_ORDINARY_USER', { detail: `uid ${account.uid}`, cause: error });
    if (error || status !== 0)
      throw raise('EMBEDDED_START_FAILED', {
        detail: `${program} ended with ${error?.message ?? status}: ${stderr?.trim().split('\n').at(-1) ?? ''}`,
        internal: `${stdout}\n${stderr}`,
      });
  };
  run(
    'initdb',
    [
      `--pgdata=${unfinished}`,
      '--username=huren',
      '--auth=scram-sha-256',
      `--pwfile=${passwordPath}`,
      '--encoding=UTF8',
      '--locale=C.UTF-8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--data-checksums',
      '--no-instructions',
    ],
    '',
  );
  run('postgres', ['--single', '-D', unfinished, 'postgres'], 'create database huren\n');
  renameSync(unfinished, cluster);
};
