import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { registerEntity } from '../src/adapters/postgres/application-entities.ts';
import { readConfiguration } from '../src/apps/configuration.ts';
import { prepareRegion } from '../src/apps/demonstration/load.ts';
import { openInstallation } from '../src/apps/installation.ts';
import type { InstitutionCode } from '../src/organisation/index.ts';
import { exampleFiles } from '../test/contract/dimse-files.ts';
import { freePort, missingTool, startTool } from '../test/contract/dimse-tools.ts';
import { cpuSecondsOfTree, residentMb } from './measure.ts';
import { environmentOf } from './site.ts';

// How many images a second C-STORE takes, answered after they are durable and indexed: `npm run bench:dimse`. Floors of the
// same run: dcmtk's provider that throws everything away (what the sender can do), and write + fdatasync of the same files.
// Orthanc, where it is installed, in turn with us. Every side without Nagle's algorithm.

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '200' },
    rounds: { type: 'string', default: '3' },
    data: { type: 'string' },
    profile: { type: 'string' },
  },
});
const FILES = Number(values.files);
const ROUNDS = Number(values.rounds);
const PARTS = 4;
const SIDE = 512;
const ROOT = new URL('..', import.meta.url).pathname;

const missing = missingTool('storescu', 'storescp');
if (missing) {
  console.log(missing);
  process.exit(3);
}

const folder = values.data ?? mkdtempSync(join(tmpdir(), 'huren-bench-dimse-'));
mkdirSync(folder, { recursive: true });
chmodSync(folder, 0o711);

/** The UID root of the example files; two digits count the rounds. */
const UID_ROOT = '2.25.77';
const template = exampleFiles(join(folder, 'template'), FILES, undefined, SIDE).map(({ path }) =>
  readFileSync(path),
);
const files = template.map((_, at) =>
  join(folder, `part${at % PARTS}`, `${String(at).padStart(5, '0')}.dcm`),
);
for (let part = 0; part < PARTS; part++) await mkdir(join(folder, `part${part}`), { recursive: true });

/** Writes the files with UIDs that nobody has seen: the same content again would be one object. */
let written = 10;
const renew = (): void => {
  const root = `2.25.${written++}`;
  for (const [at, bytes] of template.entries()) {
    const fresh = Buffer.from(bytes);
    for (
      let place = fresh.indexOf(UID_ROOT);
      place >= 0 && place < 4096;
      place = fresh.indexOf(UID_ROOT, place + 1)
    )
      fresh.write(root, place, 'latin1');
    writeFileSync(files[at] as string, fresh);
  }
};

const run = (name: string, args: readonly string[], isQuick = true): Promise<void> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, ...(isQuick ? { TCP_NODELAY: '1' } : {}) };
    const child = spawn(name, [...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${name} ended with ${code}`))));
  });

const sendFolders = (port: number, parts: readonly number[], isQuick = true): Promise<void> =>
  run(
    'storescu',
    [
      '-q',
      '-aet',
      'BENCH',
      '-aec',
      'HUREN',
      '+sd',
      '127.0.0.1',
      String(port),
      ...parts.map((part) => join(folder, `part${part}`)),
    ],
    isQuick,
  );
const PART_NUMBERS = Array.from({ length: PARTS }, (_, part) => part);
const sendOne = (port: number): Promise<void> => sendFolders(port, PART_NUMBERS);
const sendFour = async (port: number): Promise<void> =>
  void (await Promise.all(PART_NUMBERS.map((part) => sendFolders(port, [part]))));

const seconds = async (work: () => Promise<void>): Promise<number> => {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
};

/** Images a second of each round. */
const figures = new Map<string, number[]>();
const note = (name: string, value: number): void => {
  figures.set(name, [...(figures.get(name) ?? []), value]);
};

const writeDurably = async (at: number): Promise<void> => {
  const handle = await open(join(folder, 'floor', `${at}.dcm`), 'w');
  try {
    await handle.write(template[at] as Buffer);
    await handle.datasync();
  } finally {
    await handle.close();
  }
};
const writeFloor = async (atOnce: number): Promise<void> => {
  rmSync(join(folder, 'floor'), { recursive: true, force: true });
  await mkdir(join(folder, 'floor'));
  const lane = async (first: number): Promise<void> => {
    for (let at = first; at < FILES; at += atOnce) await writeDurably(at);
  };
  await Promise.all(Array.from({ length: atOnce }, (_, first) => lane(first)));
};

/** The program with the role alone, over a fresh site. */
const startHuren = async (): Promise<{ child: ChildProcess; port: number }> => {
  const site = join(folder, 'site');
  mkdirSync(site, { recursive: true });
  chmodSync(site, 0o711);
  const environment = { ...environmentOf(site), HUREN_SIGN_IN: undefined };
  const installation = await openInstallation(readConfiguration(environment));
  await prepareRegion(installation, installation.clock());
  await registerEntity(installation.database, {
    institution: 'YX-COUNTY' as InstitutionCode,
    aeTitle: 'BENCH',
    services: ['store'],
    networks: ['127.0.0.1'],
    certificateFingerprint: null,
    listensAt: null,
    assumedCharset: null,
  });
  await installation.close();
  const profiling = values.profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${values.profile}`];
  const program = [join(ROOT, 'src/apps/cli/main.ts'), 'serve', '--roles', 'dimse'];
  const child = spawn(process.execPath, [...profiling, ...program], {
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const port = await new Promise<number>((resolve, reject) => {
    let text = '';
    child.once('exit', () => reject(new Error('the program ended while starting')));
    child.stdout?.on('data', (bytes: Buffer) => {
      text += bytes.toString();
      const found = /^DICOM: HUREN \S+:(\d+)$/m.exec(text)?.[1];
      if (found && text.includes('Huren is ready')) resolve(Number(found));
    });
  });
  return { child, port };
};

const startOrthanc = async (): Promise<{ port: number; stop(): Promise<void> } | undefined> => {
  if (missingTool('Orthanc')) return undefined;
  const port = await freePort();
  const configuration = join(folder, 'orthanc.json');
  writeFileSync(
    configuration,
    JSON.stringify({
      StorageDirectory: join(folder, 'orthanc'),
      IndexDirectory: join(folder, 'orthanc'),
      DicomAet: 'HUREN',
      DicomPort: port,
      HttpServerEnabled: false,
      DicomThreadsCount: 4,
    }),
  );
  return { port, ...(await startTool('Orthanc', [configuration], port)) };
};

renew();
const huren = await startHuren();
const orthanc = await startOrthanc();
const ignored = await freePort();
const ceiling = await startTool('storescp', ['--ignore', '-aet', 'HUREN', '+xa', String(ignored)], ignored);
const pid = huren.child.pid as number;
const databasePid = Number(
  readFileSync(join(folder, 'site', 'postgres', 'cluster', 'postmaster.pid'), 'utf8').split('\n')[0],
);
try {
  for (let round = 0; round < ROUNDS; round++) {
    note('write + fdatasync, one at a time', FILES / (await seconds(() => writeFloor(1))));
    note('write + fdatasync, four at a time', FILES / (await seconds(() => writeFloor(4))));
    note('storescp --ignore, 1 association', FILES / (await seconds(() => sendOne(ignored))));
    note('storescp --ignore, 4 associations', FILES / (await seconds(() => sendFour(ignored))));
    for (const [name, send] of [
      ['1 association', sendOne],
      ['4 associations', sendFour],
    ] as const) {
      renew();
      const cpu = () => [cpuSecondsOfTree(pid), cpuSecondsOfTree(databasePid)] as const;
      const [program, database] = cpu();
      note(`Huren, ${name}`, FILES / (await seconds(() => send(huren.port))));
      const [programAfter, databaseAfter] = cpu();
      note(`Huren, ${name}: CPU ms an image, program`, ((programAfter - program) * 1000) / FILES);
      note(`Huren, ${name}: CPU ms an image, database`, ((databaseAfter - database) * 1000) / FILES);
      if (!orthanc) continue;
      renew();
      note(`Orthanc, ${name}`, FILES / (await seconds(() => send(orthanc.port))));
    }
    renew();
    note(
      'Huren, sender with Nagle',
      FILES / PARTS / (await seconds(() => sendFolders(huren.port, [0], false))),
    );
    note('Huren, resident MB', residentMb(pid));
  }
} finally {
  huren.child.kill();
  await new Promise((resolve) => huren.child.once('exit', resolve));
  await orthanc?.stop();
  await ceiling.stop();
  if (values.data === undefined) rmSync(folder, { recursive: true, force: true });
}
console.log(
  `${FILES} CT slices of ${((template[0] as Buffer).length / 1000).toFixed(0)} kB, ${ROUNDS} rounds, images a second:`,
);
for (const [name, rounds] of figures)
  console.log(`${name.padEnd(46)} ${rounds.map((value) => value.toFixed(value < 20 ? 1 : 0)).join('  ')}`);
