import { type ChildProcess, spawn } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, expect, test } from 'vitest';
import { type EmbeddedDatabase, startEmbedded } from './embedded.ts';

const folders: string[] = [];
const servers: EmbeddedDatabase[] = [];
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  for (const server of servers.splice(0)) await server.stop();
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

const settings = { shared_buffers: '16MB' };

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'huren-embedded-'));
  chmodSync(folder, 0o711);
  folders.push(folder);
  return folder;
};

const start = async (dataDir: string): Promise<EmbeddedDatabase> => {
  const server = await startEmbedded({ dataDir, settings });
  servers.push(server);
  return server;
};

const query = async (connectionString: string, text: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query(text)).rows;
  } finally {
    await client.end();
  }
};

/** Another program that starts the same folder, says how it got the server, and lives until it is killed. */
const startElsewhere = async (
  dataDir: string,
): Promise<{ child: ChildProcess; origin: string; pid: number }> => {
  const source = `
    const { startEmbedded } = await import(${JSON.stringify(new URL('./embedded.ts', import.meta.url).href)});
    const server = await startEmbedded(${JSON.stringify({ dataDir, settings })});
    process.stdout.write(server.origin + ' ' + server.pid + '\\n');
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const line = await new Promise<string>((resolve) =>
    child.stdout?.once('data', (data) => resolve(String(data))),
  );
  const [origin = '', pid = ''] = line.trim().split(' ');
  return { child, origin, pid: Number(pid) };
};

const killed = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGKILL');
  });

test('a fresh folder becomes a UTF-8 cluster sorted by code point, durable, closed to strangers', async () => {
  const folder = newFolder();
  const server = await start(folder);
  expect(server.origin).toBe('started');
  const [row] = await query(
    server.connectionString,
    `select current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit,
       current_setting('listen_addresses') as addresses, current_setting('data_checksums') as checksums,
       current_database() as name, datlocale as locale, pg_encoding_to_char(encoding) as encoding
     from pg_database where datname = current_database()`,
  );
  expect(row).toEqual({
    fsync: 'on',
    commit: 'on',
    addresses: '',
    checksums: 'on',
    name: 'huren',
    locale: 'C.UTF-8',
    encoding: 'UTF8',
  });
  expect(statSync(join(folder, 'socket')).mode & 0o077).toBe(0);
  expect(statSync(join(folder, 'password')).mode & 0o077).toBe(0);
  expect(statSync(join(folder, 'cluster')).uid).not.toBe(0);
  const wrong = server.connectionString.replace(/huren:[^@]+@/, 'huren:wrong@');
  await expect(query(wrong, 'select 1')).rejects.toMatchObject({ code: '28P01' });
});

test('a clean stop ends the server, and the next start finds the data', async () => {
  const folder = newFolder();
  const first = await start(folder);
  await query(first.connectionString, 'create table t as select 7 as seven');
  await first.stop();
  expect(existsSync(join(folder, 'cluster', 'postmaster.pid'))).toBe(false);
  await expect(query(first.connectionString, 'select 1')).rejects.toMatchObject({ code: 'ENOENT' });
  const second = await start(folder);
  expect(second.pid).not.toBe(first.pid);
  expect(await query(second.connectionString, 'select seven from t')).toEqual([{ seven: 7 }]);
});

test('a second program joins the server of a living one and leaves it running when it stops', async () => {
  const folder = newFolder();
  const other = await startElsewhere(folder);
  const joined = await startEmbedded({ dataDir: folder, settings });
  expect(joined).toMatchObject({ origin: 'joined', pid: other.pid });
  await joined.stop();
  expect(await query(joined.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  await killed(other.child);
  await start(folder);
});

test('a server orphaned by kill -9 of its program is adopted and then stopped in order', async () => {
  const folder = newFolder();
  const other = await startElsewhere(folder);
  expect(other.origin).toBe('started');
  await killed(other.child);
  const adopted = await start(folder);
  expect(adopted).toMatchObject({ origin: 'adopted', pid: other.pid });
  await adopted.stop();
  expect(existsSync(join(folder, 'cluster', 'postmaster.pid'))).toBe(false);
});

test('of two programs that start a fresh folder together, one starts and the other joins', async () => {
  const folder = newFolder();
  const both = await Promise.all([startElsewhere(folder), startElsewhere(folder)]);
  expect(both.map((one) => one.origin).toSorted()).toEqual(['joined', 'started']);
  expect(both[0]?.pid).toBe(both[1]?.pid);
  for (const { child } of both) await killed(child);
  await start(folder);
});

test('after kill -9 of program and server, what was committed is there and the rest of the start is ordinary', async () => {
  const folder = newFolder();
  const other = await startElsewhere(folder);
  const joined = await startEmbedded({ dataDir: folder, settings });
  await query(joined.connectionString, 'create table t as select generate_series(1, 5000) as n');
  process.kill(other.pid, 'SIGKILL');
  await killed(other.child);
  const again = await start(folder);
  expect(again.origin).toBe('started');
  expect(await query(again.connectionString, 'select count(*)::int as n from t')).toEqual([{ n: 5000 }]);
});

test('a stale postmaster.pid and socket lock whose number now belongs to a stranger are not in the way', async () => {
  const folder = newFolder();
  const first = await start(folder);
  await first.stop();
  const stale = `${process.pid}\n${join(folder, 'cluster')}\n1\n5432\n\n\n\nready\n`;
  writeFileSync(join(folder, 'cluster', 'postmaster.pid'), stale);
  writeFileSync(join(folder, 'socket', '.s.PGSQL.5432.lock'), stale);
  writeFileSync(join(folder, 'owner'), `${process.pid} 1`);
  writeFileSync(join(folder, 'lock'), `${process.pid} 1`);
  const again = await start(folder);
  expect(again.origin).toBe('started');
  expect(await query(again.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
});

test('a first start that was cut short is begun anew', async () => {
  const folder = newFolder();
  mkdirSync(join(folder, 'cluster.unfinished'));
  writeFileSync(join(folder, 'cluster.unfinished', 'PG_VERSION'), '18\n');
  expect((await start(folder)).origin).toBe('started');
});

test('a data folder of another major version is refused and left as it is', async () => {
  const folder = newFolder();
  await (await start(folder)).stop();
  const path = join(folder, 'cluster', 'PG_VERSION');
  writeFileSync(path, '17\n');
  await expect(startEmbedded({ dataDir: folder })).rejects.toMatchObject({ code: 'EMBEDDED_DATA_VERSION' });
  expect(readFileSync(path, 'utf8')).toBe('17\n');
});

test('a server that cannot start says why in a coded fault', async () => {
  const folder = newFolder();
  await expect(
    startEmbedded({ dataDir: folder, settings: { shared_buffers: 'many' } }),
  ).rejects.toMatchObject({
    code: 'EMBEDDED_START_FAILED',
    detail: expect.stringContaining('shared_buffers'),
  });
});

test('a long data folder moves the socket to a closed folder elsewhere, unless someone else could enter it', async () => {
  const folder = join(newFolder(), 'a'.repeat(120));
  const server = await start(folder);
  const socket = decodeURIComponent(server.connectionString.split('host=')[1] as string);
  expect(await query(server.connectionString, 'select 1 as one')).toEqual([{ one: 1 }]);
  await server.stop();
  chmodSync(socket, 0o755);
  await expect(startEmbedded({ dataDir: folder })).rejects.toMatchObject({ code: 'EMBEDDED_FOLDER_UNSAFE' });
  rmSync(socket, { recursive: true });
});

test('as root a folder that the database user cannot enter is named; an ordinary user needs no other user', async () => {
  const closed = join(newFolder(), 'closed');
  mkdirSync(closed, { mode: 0o700 });
  const inside = join(closed, 'data');
  if (process.getuid?.() === 0) {
    await expect(startEmbedded({ dataDir: inside })).rejects.toMatchObject({
      code: 'EMBEDDED_FOLDER_UNREACHABLE',
      detail: closed,
    });
  } else {
    await start(inside);
    expect(statSync(join(inside, 'cluster')).uid).toBe(process.getuid?.());
  }
});
