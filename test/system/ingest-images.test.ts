import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type DirectoryRecord, writeDicomDir } from '../../src/adapters/dicom/dicomdir.ts';
import { dataSet, writeMeta } from '../../src/adapters/dicom/write-part10.ts';
import { objectFault } from '../../src/adapters/objects/durable-files.ts';
import type { ArchiveBounds } from '../../src/adapters/zip/zip-entries.ts';
import type { CommandContext } from '../../src/apps/cli/command.ts';
import { ingestImages } from '../../src/apps/cli/ingest-images.ts';
import { runCommandLine } from '../../src/apps/cli/main.ts';
import type { Receiving } from '../../src/apps/flows/imaging/receive.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { zipArchive } from '../zip-archive.ts';
import { type ImagingBench, imagingBench, instanceOf, type TestInstance } from './imaging-bench.ts';
import { fresh } from './ingest-fixtures.ts';

const JIANG = 'JIANG-1' as InstitutionCode;

let bench: ImagingBench;
let folder: string;
beforeAll(async () => {
  bench = await imagingBench();
});
afterAll(() => bench.drop());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ingest-images-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return path;
};

const slice = (): TestInstance => {
  const study = `2.25.${fresh('69')}`;
  return instanceOf({
    StudyInstanceUID: study,
    SeriesInstanceUID: `${study}.1`,
    SOPInstanceUID: `${study}.1.1`,
    PatientID: fresh('M'),
  });
};
const fileOf = (instance: TestInstance): Buffer => Buffer.concat([writeMeta(instance), instance.bytes]);

/** The beginning of a slice whose pixels are so many megabytes. */
const largeSlice = (megabytes: number): { readonly instance: TestInstance; readonly head: Buffer } => {
  const instance = slice();
  const head = fileOf(instance).subarray(0, -32);
  head.writeUInt32LE(megabytes * 1024 * 1024, head.length - 4);
  return { instance, head };
};

const take = async (
  paths: readonly string[],
  over: { readonly bounds?: ArchiveBounds; readonly receiving?: Receiving } = {},
) => {
  const told: string[] = [];
  const { receipt, ended } = await ingestImages(over.receiving ?? bench.receiving, paths, {
    institution: JIANG,
    ...(over.bounds ? { bounds: over.bounds } : {}),
    onProblem: (place, code) => void told.push(`${place.replace(`${folder}/`, '')} ${code}`),
  });
  return { receipt, ended, told };
};

const isStored = async (...instances: readonly TestInstance[]): Promise<boolean[]> =>
  Promise.all(
    instances.map(
      async ({ sopInstanceUid }) =>
        (await bench.rows('select 1 from instances where sop_uid = $1', [sopInstanceUid])).length === 1,
    ),
  );

describe('a folder', () => {
  test('is gone through to its last file, whatever is broken in the middle', async () => {
    const [first, inner, last] = [slice(), slice(), slice()];
    write('a.dcm', fileOf(first));
    write('b.zip', Buffer.from('PK\u0003\u0004 copied half'));
    write('c/1/IM0001', fileOf(inner));
    write('c/readme.txt', 'open index.htm');
    write('d.dcm', fileOf(slice()).subarray(0, 400));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'e.dcm'));
    symlinkSync(folder, join(folder, 'f'));
    write('z.dcm', fileOf(last));
    expect(await take([folder])).toEqual({
      ended: 'complete',
      receipt: {
        files: 6,
        stored: 3,
        known: 0,
        held: 0,
        quarantined: 1,
        refused: 2,
        passedOver: 1,
        reasons: { ARCHIVE_UNREADABLE: 1, malformed: 1, IMAGE_FILE_UNREADABLE: 1 },
      },
      told: ['b.zip ARCHIVE_UNREADABLE', 'd.dcm malformed', 'e.dcm IMAGE_FILE_UNREADABLE'],
    });
    expect(await isStored(first, inner, last)).toEqual([true, true, true]);
    expect((await take([folder])).receipt).toMatchObject({ stored: 0, known: 3 });
  });

  test('a file that says it is DICOM and is cut off in its meta group is told, in a folder and in an archive', async () => {
    const whole = fileOf(slice());
    const zeroed = Buffer.from(whole).fill(0, 132, 300);
    write('a.dcm', whole.subarray(0, 150));
    write('b.dcm', zeroed);
    write('notes.txt', 'nothing of an image');
    write(
      'c.zip',
      zipArchive([
        { name: 'cut.dcm', bytes: whole.subarray(0, 150) },
        { name: 'notes.txt', bytes: Buffer.from('nothing') },
      ]),
    );
    const { receipt, told } = await take([folder]);
    expect(told).toEqual(['a.dcm NOT_DICOM', 'b.dcm NOT_DICOM', 'c.zip/cut.dcm NOT_DICOM']);
    expect(receipt).toMatchObject({ files: 3, refused: 3, passedOver: 2 });
  });

  test('a file that fails between two others takes neither along', async () => {
    const [first, last] = [slice(), slice()];
    const middle = slice();
    const paths = [first, middle, last].map((each, index) => write(`${index}.dcm`, fileOf(each)));
    const failing: Receiving = {
      begin: (of) =>
        of.sopInstanceUid === middle.sopInstanceUid
          ? Promise.reject(new Error('a header that nobody thought of'))
          : bench.receiving.begin(of),
    };
    const { receipt, ended, told } = await take(paths, { receiving: failing });
    expect({ ended, told }).toEqual({ ended: 'complete', told: ['1.dcm IMAGE_NOT_RECEIVED'] });
    expect(receipt).toMatchObject({ files: 3, stored: 2, refused: 1 });
    expect(await isStored(first, middle, last)).toEqual([true, false, true]);
  });

  test('ends where there is no room: what comes after would fare no better', async () => {
    const paths = [1, 2].map((each) => write(`${each}.dcm`, fileOf(slice())));
    const full: Receiving = {
      begin: () => Promise.reject(objectFault(Object.assign(new Error(), { code: 'ENOSPC' }))),
    };
    expect(await take(paths, { receiving: full })).toMatchObject({
      ended: 'unreachable',
      receipt: { files: 1 },
      told: ['1.dcm OBJECT_STORE_FULL'],
    });
  });
});

describe('a file that is named', () => {
  test('must be there, and DICOM', async () => {
    const page = write('page.html', '<!doctype html>');
    expect((await take([page, join(folder, 'absent'), '/dev/null'])).told).toEqual([
      'page.html NOT_DICOM',
      'absent IMAGE_FILE_UNREADABLE',
      '/dev/null IMAGE_FILE_UNREADABLE',
    ]);
  });

  test('is no archive when it is DICOM, whatever its preamble says', async () => {
    const instance = slice();
    const bytes = fileOf(instance);
    bytes.write('PK\u0003\u0004', 0, 'latin1');
    expect((await take([write('both.dcm', bytes)])).receipt).toMatchObject({ stored: 1 });
  });
});

const recordsOf = (files: readonly (readonly [TestInstance, readonly string[]])[]): DirectoryRecord[] =>
  files.map(([instance, fileId]) => ({
    type: 'IMAGE',
    charset: 'ISO_IR 192',
    keys: dataSet({ InstanceNumber: 1 }),
    file: { ...instance, fileId },
    lower: [],
  }));

/** A directory of these files, below a patient, a study and a series. */
const directoryOf = (files: readonly (readonly [TestInstance, readonly string[]])[]): Buffer => {
  const above = (type: string, lower: readonly DirectoryRecord[]): DirectoryRecord[] => [
    { type, charset: 'ISO_IR 192', keys: dataSet({}), file: null, lower },
  ];
  return writeDicomDir({
    id: 'TEST',
    sopInstanceUid: '2.25.69',
    patients: above('PATIENT', above('STUDY', above('SERIES', recordsOf(files)))),
  });
};

describe('a medium whose DICOMDIR is named', () => {
  test('gives the files that are listed, as its system shows their names, and tells which are absent', async () => {
    const [plain, lower, versioned, unlisted] = [slice(), slice(), slice(), slice()];
    write('cd/DICOM/IM1', fileOf(plain));
    write('cd/DICOM/im2', fileOf(lower));
    write('cd/DICOM/IM3.;1', fileOf(versioned));
    write('cd/DICOM/IM4', 'no image');
    write('cd/DICOM/UNLISTED', fileOf(unlisted));
    write('outside', fileOf(slice()));
    const directory = write(
      'cd/DICOMDIR',
      directoryOf([
        [plain, ['DICOM', 'IM1']],
        [lower, ['DICOM', 'IM2']],
        [versioned, ['DICOM', 'IM3']],
        [slice(), ['DICOM', 'IM4']],
        [slice(), ['DICOM', 'IM5']],
        [slice(), ['..', 'outside']],
        [slice(), ['DICOMDIR']],
      ]),
    );
    const { receipt, told, ended } = await take([directory]);
    expect({ told, ended }).toEqual({
      ended: 'complete',
      told: [
        'cd/DICOM/IM4 NOT_DICOM',
        'cd/DICOM/IM5 MEDIUM_FILE_ABSENT',
        'outside MEDIUM_FILE_ABSENT',
        'cd/DICOMDIR NOT_DICOM',
      ],
    });
    expect(receipt).toMatchObject({ files: 7, stored: 3, refused: 4 });
    expect(await isStored(plain, lower, versioned, unlisted)).toEqual([true, true, true, false]);
    // Its folder gives everything that lies there, and the directory is none of it.
    expect((await take([join(folder, 'cd')])).receipt).toMatchObject({ files: 4, stored: 1, passedOver: 2 });
  });

  test('is told when its directory cannot be read', async () => {
    const whole = directoryOf([[slice(), ['IM1']]]);
    const directory = write('DICOMDIR', whole.subarray(0, whole.length - 20));
    expect((await take([directory])).told).toEqual(['DICOMDIR DICOMDIR_UNREADABLE']);
  });
});

describe('an archive', () => {
  test('gives an image of more than 64 MB, and those before and behind it', {
    timeout: 120_000,
  }, async () => {
    const [first, inside, last] = [slice(), slice(), slice()];
    const { instance: large, head } = largeSlice(192);
    write('a.dcm', fileOf(first));
    write(
      'b.zip',
      zipArchive([
        { name: 'large', bytes: head, zerosMb: 192 },
        { name: '影像/2', bytes: fileOf(inside) },
        { name: 'readme.txt', bytes: Buffer.from('x') },
      ]),
    );
    write('c.dcm', fileOf(last));
    globalThis.gc?.();
    const before = process.memoryUsage.rss();
    let highest = before;
    const watched: Receiving = {
      async begin(of) {
        const instance = await bench.receiving.begin(of);
        return {
          ...instance,
          write(bytes) {
            highest = Math.max(highest, process.memoryUsage.rss());
            return instance.write(bytes);
          },
        };
      },
    };
    const { receipt, told } = await take([folder], { receiving: watched });
    expect(told).toEqual([]);
    expect(receipt).toMatchObject({ files: 4, stored: 4, passedOver: 1 });
    expect(await isStored(first, large, inside, last)).toEqual([true, true, true, true]);
    expect(highest - before).toBeLessThan(128 * 1024 * 1024);
  });

  test('a file in it that is broken, encrypted, or not what its checksum says is told; the others are stored', async () => {
    const [first, last] = [slice(), slice()];
    const damaged = slice();
    const bytes = zipArchive([
      { name: '1', bytes: fileOf(first) },
      { name: '2', bytes: fileOf(damaged), crc: 1 },
      { name: '3', bytes: fileOf(slice()), flags: 1 },
      { name: 'inner.zip', bytes: zipArchive([{ name: '4', bytes: fileOf(slice()) }]) },
      { name: '5', bytes: fileOf(last) },
    ]);
    const { receipt, told, ended } = await take([write('x.zip', bytes)]);
    expect({ told, ended }).toEqual({
      ended: 'complete',
      told: [
        'x.zip/2 ARCHIVE_ENTRY_DAMAGED',
        'x.zip/3 ARCHIVE_ENTRY_DAMAGED',
        'x.zip/inner.zip ARCHIVE_WITHIN_ARCHIVE',
      ],
    });
    expect(receipt).toMatchObject({ stored: 2, refused: 3 });
    expect(await isStored(first, damaged, last)).toEqual([true, false, true]);
  });

  test('that was copied half has no directory, and is told', async () => {
    const whole = zipArchive([{ name: '1', bytes: fileOf(slice()) }]);
    expect((await take([write('x.zip', whole.subarray(0, whole.length - 60))])).told).toEqual([
      'x.zip ARCHIVE_UNREADABLE',
    ]);
  });

  test('that unpacks to more than its bounds ends there; what comes after it is taken', async () => {
    const { instance: bomb, head } = largeSlice(8);
    const [first, beyond, last] = [slice(), slice(), slice()];
    write(
      'a.zip',
      zipArchive([
        { name: '1', bytes: fileOf(first) },
        { name: '2', bytes: head, zerosMb: 8 },
        { name: '3', bytes: fileOf(beyond) },
      ]),
    );
    write('b.zip', zipArchive([{ name: '1', bytes: fileOf(last) }]));
    const bounds = { entriesMax: 3, bytesMin: 1024 * 1024, ratioMax: 100 };
    const { told, ended } = await take([folder], { bounds });
    expect({ told, ended }).toEqual({
      ended: 'complete',
      told: ['a.zip/2 ARCHIVE_TOO_LARGE', 'a.zip ARCHIVE_TOO_LARGE'],
    });
    expect(await isStored(first, bomb, beyond, last)).toEqual([true, false, false, true]);
    const few = { ...bounds, entriesMax: 2 };
    expect((await take([join(folder, 'a.zip')], { bounds: few })).told).toEqual(['a.zip ARCHIVE_TOO_LARGE']);
  });
});

test('huren ingest --images says by its exit code that something was not taken, and where', async () => {
  write('in/a.dcm', fileOf(slice()));
  write('in/b.zip', Buffer.from('PK\u0003\u0004'));
  write('in/c.dcm', fileOf(slice()));
  const out: string[] = [];
  const notes: string[] = [];
  const context: CommandContext = {
    environment: { DATABASE_URL: bench.url, HUREN_DATA_DIR: join(folder, 'data') },
    out: (line) => void out.push(line),
    note: (line) => void notes.push(line),
    progress: () => undefined,
    signal: new AbortController().signal,
  };
  const run = (path: string) =>
    runCommandLine(['ingest', join(folder, path), '--images', '--institution', 'JIANG-1'], context);
  expect(await run('in')).toBe(1);
  expect(notes).toEqual([`${join(folder, 'in/b.zip')}: ARCHIVE_UNREADABLE`]);
  expect(out).toEqual([
    '共 3 个影像文件：存入 2，已有 0，冲突待查 0，隔离 0，未受理 1',
    '  ARCHIVE_UNREADABLE\t1',
  ]);
  expect(await run('in/a.dcm')).toBe(0);
});
