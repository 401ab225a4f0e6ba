import { createHash } from 'node:crypto';
import { chmodSync, chownSync, existsSync, lstatSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { raiser } from '../../kernel/fault.ts';
import { POSTGRES_FAULTS } from './faults.ts';

const raise = raiser(POSTGRES_FAULTS);

/** The system user under which the database runs. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
  /** True when this program is root and must switch, since PostgreSQL refuses to run as root. */
  readonly switches: boolean;
}

/** Longest socket address that Linux and macOS take, less the file name PostgreSQL adds. */
const SOCKET_FOLDER_BYTES_MAX = 103 - '/.s.PGSQL.5432'.length;

/**
 * The user for the database of this folder: ourselves, or under root the owner of the existing cluster, else the
 * system's `postgres`, else `nobody`.
 * @throws EMBEDDED_NO_ORDINARY_USER, EMBEDDED_FOLDER_FOREIGN
 */
export const chooseAccount = (dataDir: string): Account => {
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  if (uid === undefined || gid === undefined)
    throw raise('EMBEDDED_PLATFORM_UNSUPPORTED', { detail: process.platform });
  const cluster = join(dataDir, 'cluster');
  const owner = existsSync(cluster) ? statSync(cluster) : undefined;
  if (uid !== 0) {
    if (owner && owner.uid !== uid) throw raise('EMBEDDED_FOLDER_FOREIGN', { detail: dataDir });
    return { uid, gid, switches: false };
  }
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid, switches: true };
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const name of ['postgres', 'nobody']) {
    const fields = users.find((user) => user[0] === name);
    if (fields && Number(fields[2]) > 0)
      return { uid: Number(fields[2]), gid: Number(fields[3]), switches: true };
  }
  throw raise('EMBEDDED_NO_ORDINARY_USER');
};

const mayEnter = (path: string, account: Account): boolean => {
  const { mode, uid, gid } = statSync(path);
  if (uid === account.uid) return (mode & 0o100) !== 0;
  if (gid === account.gid) return (mode & 0o010) !== 0;
  return (mode & 0o001) !== 0;
};

/**
 * Makes the data folder, and sees that the database's user can enter it and every folder above it.
 * @throws EMBEDDED_FOLDER_UNREACHABLE naming the folder that is closed.
 */
export const makeFolder = (dataDir: string, account: Account): void => {
  if (!existsSync(dataDir)) mkdirSync(dataDir, { recursive: true, mode: account.switches ? 0o711 : 0o700 });
  if (!account.switches) return;
  if (!mayEnter(dataDir, account)) chmodSync(dataDir, (statSync(dataDir).mode & 0o777) | 0o011);
  for (let path = dirname(dataDir); ; path = dirname(path)) {
    if (!mayEnter(path, account)) throw raise('EMBEDDED_FOLDER_UNREACHABLE', { detail: path });
    if (path === dirname(path)) return;
  }
};

/**
 * The folder of the server's socket, closed to every other user. It lies in the data folder unless that path is too
 * long for a socket address; then under the temporary folder, and only if no one else made it.
 * @throws EMBEDDED_FOLDER_UNSAFE
 */
export const socketFolder = (dataDir: string, account: Account): string => {
  const near = join(dataDir, 'socket');
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 12);
  const path =
    Buffer.byteLength(near) <= SOCKET_FOLDER_BYTES_MAX
      ? near
      : join(tmpdir(), `huren-${account.uid}-${name}`);
  if (!existsSync(path)) {
    mkdirSync(path, { mode: 0o700 });
    if (account.switches) chownSync(path, account.uid, account.gid);
  }
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== account.uid || (found.mode & 0o077) !== 0)
    throw raise('EMBEDDED_FOLDER_UNSAFE', { detail: path });
  return path;
};
