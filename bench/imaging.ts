import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import pg from 'pg';
import { freePort, missingTool, startTool } from '../test/contract/dimse-tools.ts';
import { type CountingClient, countingClient } from './counting-client.ts';
import { leanClient } from './http-client.ts';
import { type ImageFiles, imageFiles, type RunningOrthanc, startOrthanc } from './image-files.ts';
import { type ImageMemory, timeImageMemory } from './image-memory.ts';
import {
  buildImagingSite,
  CT_SERIES,
  CT_STUDY,
  growImagingSite,
  type ImagingSite,
  patientNumber,
} from './imaging-site.ts';
import { type LoopReport, runLoop } from './measure.ts';
import { type RunningServer, startServer } from './server-process.ts';

/** Images a second, and what one cost. */
export interface Storing {
  readonly ratePerSecond: number;
  readonly programMs: number;
  readonly databaseMs: number;
}

/** What was measured of images. Rates are medians of the rounds, which go in turn. */
export interface ImagingTimes {
  readonly storing: Readonly<Record<'one' | 'four', Storing>>;
  /** Write and `fdatasync` of the same files: one at a time, four at a time. */
  readonly writing: Readonly<Record<'one' | 'four', number>>;
  /** What a provider takes that throws everything away. */
  readonly ignoring: Readonly<Record<'one' | 'four', number>>;
  readonly orthancStoring: Readonly<Record<'one' | 'four', number>> | null;
  readonly withNagle: number;
  /** By how many instances there were. */
  readonly searches: readonly {
    readonly instances: number;
    readonly ours: LoopReport;
    readonly floor: LoopReport;
  }[];
  readonly frames: readonly { readonly instances: number; readonly ours: LoopReport }[];
  readonly framesFloor: LoopReport;
  readonly orthancFrames: LoopReport | null;
  readonly metadata: LoopReport;
  readonly metadataBytes: number;
  readonly residentMb: number;
  readonly memory: ImageMemory;
}

const SLICES = 500;
/** Enough that starting the senders is a small part of it. */
const SENT = 600;
const ROUNDS = 5;
const SEARCHERS = 8;
const FRAME_CONNECTIONS = 6;
const FRAME_BYTES = 512 * 512 * 2;
const PROGRAM = [join(new URL('..', import.meta.url).pathname, 'src/apps/cli/main.ts'), 'serve'];
/** Without the worker: it would close and fold the small series meanwhile. */
const ROLES = ['--roles', 'http,dimse'];

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[values.length >> 1] ?? Number.NaN;

const seconds = async (work: () => Promise<void>): Promise<number> => {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
};

const FRAME_HEADERS = { accept: 'multipart/related; type="application/octet-stream"; transfer-syntax=*' };

/** Fetches frames of the slices in turn; right when a whole frame came. */
const loadFrames = async (
  port: number,
  pathOf: (slice: number) => string,
  headers: Readonly<Record<string, string>>,
  lengthSeconds: number,
  clients = FRAME_CONNECTIONS,
): Promise<LoopReport> => {
  const connections = await Promise.all(
    Array.from({ length: clients }, () => countingClient('127.0.0.1', port)),
  );
  let next = 0;
  try {
    return await runLoop({
      clients,
      seconds: lengthSeconds,
      work: async (client) => {
        const connection = connections[client] as CountingClient;
        const { status, bytes } = await connection.get(pathOf((next++ % SLICES) + 1), headers);
        return status === 200 && bytes >= FRAME_BYTES;
      },
    });
  } finally {
    for (const connection of connections) connection.close();
  }
};

const framePath = (root: string) => (slice: number) =>
  `${root}/studies/${CT_STUDY}/series/${CT_SERIES}/instances/${CT_SERIES}.${slice}/frames/1`;

const keyOf = ({ clientKey }: ImagingSite) => ({ authorization: `Bearer ${clientKey}` });

const framesOf = (site: ImagingSite, server: RunningServer, lengthSeconds: number): Promise<LoopReport> =>
  loadFrames(server.httpPort, framePath('/dicom-web'), { ...FRAME_HEADERS, ...keyOf(site) }, lengthSeconds);

/** The report of the middle rate, with all failures. */
const middleOf = (reports: readonly LoopReport[]): LoopReport => {
  const sorted = reports.toSorted((one, other) => one.ratePerSecond - other.ratePerSecond);
  const middle = sorted[sorted.length >> 1] as LoopReport;
  return { ...middle, failures: reports.reduce((sum, { failures }) => sum + failures, 0) };
};

const FRAME_TURNS = 5;

/**
 * Takes frames from each in turn, so that what the machine does besides falls on all alike: the middle one of five turns counts.
 * A first, long turn of each does not: what has run for a day is not what compiles itself while it is measured.
 */
const framesInTurn = async (
  sides: readonly ((seconds: number) => Promise<LoopReport>)[],
  lengthSeconds: number,
): Promise<readonly LoopReport[]> => {
  const reports = sides.map((): LoopReport[] => []);
  for (const side of sides) await side(lengthSeconds * 2);
  for (let turn = 0; turn < FRAME_TURNS; turn++)
    for (const [at, side] of sides.entries()) reports[at]?.push(await side(lengthSeconds / 3));
  return reports.map(middleOf);
};

/** The floor of frames: the same bytes from files, by a bare HTTP server of the same runtime in a process of its own. */
const startFramesFloor = async (
  folder: string,
): Promise<{ readonly load: (seconds: number) => Promise<LoopReport>; stop(): void }> => {
  const file = join(folder, 'frame');
  writeFileSync(file, Buffer.alloc(FRAME_BYTES, 7));
  const text = `const { readFile } = require('node:fs/promises');
    require('node:http').createServer(async (_, answer) => {
      const bytes = await readFile(${JSON.stringify(file)});
      answer.writeHead(200, { 'content-length': bytes.length }).end(bytes);
    }).listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;
  const child = spawn(process.execPath, ['-e', text], { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve) =>
    child.stdout.once('data', (bytes: Buffer) => resolve(Number(bytes.toString()))),
  );
  return { load: (seconds) => loadFrames(port, () => '/', {}, seconds), stop: () => void child.kill() };
};

const loadMetadata = async (
  site: ImagingSite,
  server: RunningServer,
  lengthSeconds: number,
): Promise<{ readonly metadata: LoopReport; readonly metadataBytes: number }> => {
  const connection = await countingClient('127.0.0.1', server.httpPort);
  const path = `/dicom-web/studies/${CT_STUDY}/series/${CT_SERIES}/metadata`;
  const headers = { accept: 'application/dicom+json', 'accept-encoding': 'gzip', ...keyOf(site) };
  let metadataBytes = 0;
  try {
    const metadata = await runLoop({
      clients: 1,
      seconds: lengthSeconds,
      work: async () => {
        const { status, bytes } = await connection.get(path, headers);
        metadataBytes = bytes;
        return status === 200 && bytes > 1_000;
      },
    });
    return { metadata, metadataBytes };
  } finally {
    connection.close();
  }
};

/** Searches by patient number, any patient; right when both studies are in the answer. */
const loadSearches = async (
  site: ImagingSite,
  server: RunningServer,
  lengthSeconds: number,
): Promise<LoopReport> => {
  const clients = await Promise.all(
    Array.from({ length: SEARCHERS }, () => leanClient('127.0.0.1', server.httpPort)),
  );
  const report = await runLoop({
    clients: SEARCHERS,
    seconds: lengthSeconds,
    warmUpSeconds: 2,
    work: async (client, turn) => {
      const patient = patientNumber((turn * 7_919 + client * 104_729) % site.patients);
      const { status, body } = await (clients[client] as (typeof clients)[number]).request(
        'GET',
        `/dicom-web/studies?PatientID=${patient}`,
        { accept: 'application/dicom+json', ...keyOf(site) },
        '',
      );
      return status === 200 && body.split('"0020000D"').length - 1 === 2;
    },
  });
  for (const client of clients) client.close();
  return report;
};

/** The floor of a search: the bare indexed query for the same rows, by the same driver. */
const loadSearchFloor = async (site: ImagingSite, lengthSeconds: number): Promise<LoopReport> => {
  const lanes = await Promise.all(
    Array.from({ length: SEARCHERS }, async () => {
      const lane = new pg.Client({ connectionString: site.connectionString });
      await lane.connect();
      return lane;
    }),
  );
  const { rows: persons } = await (lanes[0] as pg.Client).query<{ person_id: string }>(
    `select distinct person_id from studies where study_uid like '2.25.88.%'`,
  );
  const report = await runLoop({
    clients: SEARCHERS,
    seconds: lengthSeconds,
    work: async (client, turn) => {
      const person = persons[(turn * 7_919 + client * 104_729) % persons.length];
      const { rows } = await (lanes[client] as pg.Client).query({
        name: 'floor-studies',
        text: 'select * from studies where person_id = $1 order by study_date desc',
        values: [person?.person_id],
      });
      return rows.length === 2;
    },
  });
  await Promise.all(lanes.map((lane) => lane.end()));
  return report;
};

const dimsePortOf = ({ folder }: ImagingSite): number =>
  Number(/^DICOM: HUREN 127\.0\.0\.1:(\d+)$/m.exec(readFileSync(join(folder, 'server.log'), 'utf8'))?.[1]);

let floors = 0;

/** Each time into a folder of its own, which stays: a file system that has just removed many files makes new ones slowly. */
const writeFloor = async (folder: string, files: ImageFiles, atOnce: number): Promise<number> => {
  const { open, mkdir } = await import('node:fs/promises');
  const place = join(folder, `floor${floors++}`);
  await mkdir(place);
  const lane = async (first: number): Promise<void> => {
    for (let at = first; at < files.count; at += atOnce) {
      const handle = await open(join(place, String(at)), 'w');
      await handle.write(files.contents[at] as Buffer);
      await handle.datasync();
      await handle.close();
    }
  };
  return (
    files.count /
    (await seconds(async () => void (await Promise.all(Array.from({ length: atOnce }, (_, at) => lane(at))))))
  );
};

type StoreTimes = Pick<ImagingTimes, 'storing' | 'writing' | 'ignoring' | 'orthancStoring' | 'withNagle'>;

/** Rounds that do not count: what has run for a day is not what compiles itself while it is measured. */
const WARM_UP_ROUNDS = 15;

/** Sends in rounds: floors, Huren and Orthanc in turn. */
const timeStoring = async (
  site: ImagingSite,
  server: RunningServer,
  folder: string,
  orthanc: RunningOrthanc | undefined,
): Promise<StoreTimes> => {
  const files = imageFiles(join(folder, 'sent'), SENT);
  const ignored = await freePort();
  const ceiling = await startTool('storescp', ['--ignore', '-aet', 'HUREN', '+xa', String(ignored)], ignored);
  const port = dimsePortOf(site);
  const noted = new Map<string, number[]>();
  const note = (name: string, value: number): void => {
    noted.set(name, [...(noted.get(name) ?? []), value]);
  };
  try {
    for (let round = 0; round < WARM_UP_ROUNDS; round++) {
      files.renew();
      await files.sendFour(port);
      if (orthanc) await files.sendFour(orthanc.dicomPort);
    }
    for (let round = 0; round < ROUNDS; round++)
      for (const [how, send, atOnce] of [
        ['one', files.sendOne, 1],
        ['four', files.sendFour, 4],
      ] as const) {
        files.renew();
        note(`writing ${how}`, await writeFloor(folder, files, atOnce));
        note(`ignoring ${how}`, SENT / (await seconds(() => send(ignored))));
        const before = server.cpu();
        note(`ours ${how}`, SENT / (await seconds(() => send(port))));
        const after = server.cpu();
        note(`program ${how}`, ((after.program - before.program) / SENT) * 1000);
        note(`database ${how}`, ((after.database - before.database) / SENT) * 1000);
        if (orthanc) note(`orthanc ${how}`, SENT / (await seconds(() => send(orthanc.dicomPort))));
      }
    files.renew();
    note('nagle', SENT / 4 / (await seconds(() => files.sendWithNagle(port))));
  } finally {
    await ceiling.stop();
  }
  const of = (name: string): number => median(noted.get(name) ?? []);
  const both = (name: string) => ({ one: of(`${name} one`), four: of(`${name} four`) });
  const storing = (how: 'one' | 'four'): Storing => ({
    ratePerSecond: of(`ours ${how}`),
    programMs: of(`program ${how}`),
    databaseMs: of(`database ${how}`),
  });
  return {
    storing: { one: storing('one'), four: storing('four') },
    writing: both('writing'),
    ignoring: both('ignoring'),
    orthancStoring: orthanc ? both('orthanc') : null,
    withNagle: of('nagle'),
  };
};

/** What the bench of images cannot do without; undefined where it is all there. */
export const missingForImages = (): string | undefined => missingTool('storescu', 'storescp');

/**
 * Measures images over real sockets: frames with the 500 slices alone and with 100,000 instances, searches at each size,
 * sending with 100,000 loaded. `sizes` are the numbers of instances at which it searches, ascending.
 */
export const timeImaging = async (
  folder: string,
  sizes: readonly number[],
  lengthSeconds: number,
  profileFolder: string | undefined,
  say: (text: string) => void,
): Promise<ImagingTimes> => {
  mkdirSync(folder, { recursive: true });
  // The embedded database may run under another uid, which must be able to pass through.
  for (const each of [dirname(folder), folder]) chmodSync(each, 0o711);
  const slices = imageFiles(join(folder, 'slices'), SLICES);
  say('images: building 500 slices');
  let site = await buildImagingSite(join(folder, 'site'), slices);
  const orthanc = await startOrthanc(join(folder, 'orthanc'));
  const profile = profileFolder ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] : [];
  const served = async <Value>(work: (server: RunningServer) => Promise<Value>): Promise<Value> => {
    const server = await startServer(site, profile, [...PROGRAM, ...ROLES]);
    try {
      return await work(server);
    } finally {
      await server.stop();
    }
  };
  try {
    const frames: { instances: number; ours: LoopReport }[] = [];
    const searches: ImagingTimes['searches'][number][] = [];
    say('images: frames of 500 slices');
    if (orthanc) {
      // The slices as they were written at first, which the archive of ours has as well.
      const original = imageFiles(join(folder, 'original'), SLICES);
      for (const [at, bytes] of original.contents.entries())
        writeFileSync(join(folder, 'original', `part${at % 4}`, `${at}.dcm`), bytes);
      await original.sendFour(orthanc.dicomPort);
    }
    const bare = await startFramesFloor(folder);
    const first = await served(async (server) => {
      const [ours, floor, theirs] = await framesInTurn(
        [
          (seconds) => framesOf(site, server, seconds),
          bare.load,
          ...(orthanc?.hasDicomWeb
            ? [
                (seconds: number) =>
                  loadFrames(orthanc.httpPort, framePath('/dicom-web'), FRAME_HEADERS, seconds),
              ]
            : []),
        ],
        lengthSeconds,
      );
      return {
        ours: ours as LoopReport,
        floor: floor as LoopReport,
        orthancFrames: theirs ?? null,
        ...(await loadMetadata(site, server, lengthSeconds / 2)),
      };
    }).finally(bare.stop);
    frames.push({ instances: site.instances, ours: first.ours });
    let stored: (StoreTimes & { residentMb: number }) | undefined;
    for (const size of sizes) {
      say(`images: growing to ${size} instances`);
      site = await growImagingSite(site, size);
      say(`images: searches among ${site.instances} instances`);
      const found = await served(async (server) => {
        const ours = await loadSearches(site, server, lengthSeconds);
        const searchFloor = await loadSearchFloor(site, lengthSeconds / 2);
        if (stored !== undefined || size < 100_000) return { ours, floor: searchFloor };
        frames.push({ instances: site.instances, ours: await framesOf(site, server, lengthSeconds) });
        say('images: sending');
        stored = {
          ...(await timeStoring(site, server, folder, orthanc)),
          residentMb: server.residentMb(),
        };
        return { ours, floor: searchFloor };
      });
      searches.push({ instances: site.instances, ...found });
    }
    if (!stored) throw new RangeError('no size has 100,000 instances');
    say('images: memory with 64 associations, and with one object of 4 GB');
    const memory = await served((server) => timeImageMemory(server, dimsePortOf(site)));
    return {
      ...stored,
      memory,
      searches,
      frames,
      framesFloor: first.floor,
      orthancFrames: first.orthancFrames,
      metadata: first.metadata,
      metadataBytes: first.metadataBytes,
    };
  } finally {
    await orthanc?.stop();
  }
};
