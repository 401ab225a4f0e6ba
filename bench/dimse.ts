import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { registerEntity } from '../src/adapters/postgres/application-entities.ts';
import { readConfiguration } from '../src/apps/configuration.ts';
import { prepareRegion } from '../src/apps/demonstration/load.ts';
import { openInstallation } from '../src/apps/installation.ts';
import type { InstitutionCode } from '../src/organisation/index.ts';
import { freePort, missingTool, startTool } from '../test/contract/dimse-tools.ts';
import { imageFiles, startOrthanc } from './image-files.ts';
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
const ROOT = new URL('..', import.meta.url).pathname;

const missing = missingTool('storescu', 'storescp');
if (missing) {
  console.log(missing);
  process.exit(3);
}

const folder = values.data ?? mkdtempSync(join(tmpdir(), 'huren-bench-dimse-'));
mkdirSync(folder, { recursive: true });
chmodSync(folder, 0o711);

const files = imageFiles(folder, FILES);

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
    await handle.write(files.contents[at] as Buffer);
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

files.renew();
const huren = await startHuren();
const orthanc = await startOrthanc(join(folder, 'orthanc'));
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
    note('storescp --ignore, 1 association', FILES / (await seconds(() => files.sendOne(ignored))));
    note('storescp --ignore, 4 associations', FILES / (await seconds(() => files.sendFour(ignored))));
    for (const [name, send] of [
      ['1 association', files.sendOne],
      ['4 associations', files.sendFour],
    ] as const) {
      files.renew();
      const cpu = () => [cpuSecondsOfTree(pid), cpuSecondsOfTree(databasePid)] as const;
      const [program, database] = cpu();
      note(`Huren, ${name}`, FILES / (await seconds(() => send(huren.port))));
      const [programAfter, databaseAfter] = cpu();
      note(`Huren, ${name}: CPU ms an image, program`, ((programAfter - program) * 1000) / FILES);
      note(`Huren, ${name}: CPU ms an image, database`, ((databaseAfter - database) * 1000) / FILES);
      if (!orthanc) continue;
      files.renew();
      note(`Orthanc, ${name}`, FILES / (await seconds(() => send(orthanc.dicomPort))));
    }
    files.renew();
    note('Huren, sender with Nagle', FILES / 4 / (await seconds(() => files.sendWithNagle(huren.port))));
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
  `${FILES} CT slices of ${((files.contents[0] as Buffer).length / 1000).toFixed(0)} kB, ${ROUNDS} rounds, images a second:`,
);
for (const [name, rounds] of figures)
  console.log(`${name.padEnd(46)} ${rounds.map((value) => value.toFixed(value < 20 ? 1 : 0)).join('  ')}`);
