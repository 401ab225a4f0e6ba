import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exampleFiles } from '../test/contract/dimse-files.ts';
import { freePort, missingTool, startTool } from '../test/contract/dimse-tools.ts';

/** Associations that send at once, each a process of its own with its share of the files. */
const PARTS = 4;
/** A slice of CT: 512 by 512 of 16 bits. */
const SIDE = 512;
/** The UID root of the example files; two digits count how often they were renewed. */
const UID_ROOT = '2.25.77';

/** CT slices in a folder for dcmtk to send. */
export interface ImageFiles {
  readonly count: number;
  /** As written at first. */
  readonly contents: readonly Buffer[];
  /** Writes them with UIDs that nobody has seen: the same content again would be one object. */
  renew(): void;
  /** Sends all over one association. */
  sendOne(port: number): Promise<void>;
  /** Sends a quarter over each of four. */
  sendFour(port: number): Promise<void>;
  /** Sends a quarter over one, with Nagle's algorithm as dcmtk is packaged. */
  sendWithNagle(port: number): Promise<void>;
}

const run = (name: string, args: readonly string[], isQuick: boolean): Promise<void> =>
  new Promise((resolve, reject) => {
    const env = { ...process.env, ...(isQuick ? { TCP_NODELAY: '1' } : {}) };
    const child = spawn(name, [...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve() : reject(new Error(`${name} ended with ${code}`))));
  });

/** Makes so many. */
export const imageFiles = (folder: string, count: number): ImageFiles => {
  const contents = exampleFiles(join(folder, 'template'), count, undefined, SIDE).map(({ path }) =>
    readFileSync(path),
  );
  for (let part = 0; part < PARTS; part++) mkdirSync(join(folder, `part${part}`), { recursive: true });
  let written = 10;
  const send = (port: number, parts: readonly number[], isQuick = true): Promise<void> => {
    const folders = parts.map((part) => join(folder, `part${part}`));
    const as = ['-q', '-aet', 'BENCH', '-aec', 'HUREN', '+sd', '127.0.0.1', String(port)];
    return run('storescu', [...as, ...folders], isQuick);
  };
  const all = Array.from({ length: PARTS }, (_, part) => part);
  return {
    count,
    contents,
    renew() {
      const root = `2.25.${written++}`;
      for (const [at, bytes] of contents.entries()) {
        const fresh = Buffer.from(bytes);
        const next = (from: number) => fresh.indexOf(UID_ROOT, from);
        for (let place = next(0); place >= 0 && place < 4096; place = next(place + 1))
          fresh.write(root, place, 'latin1');
        // On the disk before anybody measures: else it is written there meanwhile.
        writeFileSync(join(folder, `part${at % PARTS}`, `${String(at).padStart(5, '0')}.dcm`), fresh, {
          flush: true,
        });
      }
    },
    sendOne: (port) => send(port, all),
    sendFour: async (port) => void (await Promise.all(all.map((part) => send(port, [part])))),
    sendWithNagle: (port) => send(port, [0], false),
  };
};

/** Orthanc as an archive beside ours. */
export interface RunningOrthanc {
  readonly dicomPort: number;
  readonly httpPort: number;
  /** Whether its plugin for DICOMweb is installed, a package of its own. */
  readonly hasDicomWeb: boolean;
  stop(): Promise<void>;
}

const DICOM_WEB_PLUGIN = '/usr/share/orthanc/plugins/libOrthancDicomWeb.so';

/** Starts Orthanc with its DICOMweb plugin where that is installed; undefined where Orthanc is not. */
export const startOrthanc = async (folder: string): Promise<RunningOrthanc | undefined> => {
  if (missingTool('Orthanc')) return undefined;
  const dicomPort = await freePort();
  const httpPort = await freePort();
  mkdirSync(folder, { recursive: true });
  const hasDicomWeb = existsSync(DICOM_WEB_PLUGIN);
  const configuration = join(folder, 'orthanc.json');
  writeFileSync(
    configuration,
    JSON.stringify({
      StorageDirectory: join(folder, 'storage'),
      IndexDirectory: join(folder, 'storage'),
      DicomAet: 'HUREN',
      DicomPort: dicomPort,
      DicomThreadsCount: 4,
      HttpPort: httpPort,
      HttpThreadsCount: 50,
      RemoteAccessAllowed: false,
      AuthenticationEnabled: false,
      Plugins: hasDicomWeb ? [DICOM_WEB_PLUGIN] : [],
      DicomWeb: { Enable: true, StudiesMetadata: 'Full', SeriesMetadata: 'Full' },
    }),
  );
  return { dicomPort, httpPort, hasDicomWeb, ...(await startTool('Orthanc', [configuration], dicomPort)) };
};
