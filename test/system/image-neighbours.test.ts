import { spawnSync } from 'node:child_process';
import { appendFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  type DimseListener,
  type DimseLimits,
  startDimseListener,
} from '../../src/adapters/dimse/listener.ts';
import { openAssociation, type RequestorAssociation } from '../../src/adapters/dimse/requestor.ts';
import { TRANSFER_SYNTAX } from '../../src/adapters/dimse/syntaxes.ts';
import { writeMeta } from '../../src/adapters/dicom/write-part10.ts';
import { type ContentHash, fileImages, type ImageObjects } from '../../src/adapters/objects/image-objects.ts';
import { registerEntity } from '../../src/adapters/postgres/application-entities.ts';
import { startDimseRole } from '../../src/apps/cli/dimse-role.ts';
import { dimseReceiver, entityDirectory } from '../../src/apps/flows/imaging/dimse-doors.ts';
import { imageReception } from '../../src/apps/flows/imaging/image-reception.ts';
import type { ImagingDependencies } from '../../src/apps/flows/imaging/imaging-work.ts';
import { receiving } from '../../src/apps/flows/imaging/receive.ts';
import type { Installation } from '../../src/apps/installation.ts';
import { createMetrics } from '../../src/apps/server/metrics.ts';
import type { StaffActor } from '../../src/apps/server/flows-port.ts';
import { Fault } from '../../src/kernel/fault.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { associatedPeer, CT, commandPdu, pData, pdv, storeCommand } from '../contract/dimse-wire.ts';
import { type ImagingBench, imagingBench, instanceOf, type TestInstance } from './imaging-bench.ts';
import { fresh, testKeys } from './ingest-fixtures.ts';

let bench: ImagingBench;
const running: DimseListener[] = [];

const register = (aeTitle: string, institution = 'JIANG-1') =>
  registerEntity(bench.database, {
    institution: institution as InstitutionCode,
    aeTitle,
    services: ['store', 'commit'],
    networks: ['127.0.0.1'],
    certificateFingerprint: null,
    listensAt: null,
    assumedCharset: null,
  });

beforeAll(async () => {
  bench = await imagingBench();
  await register('CT1');
  await register('CT2');
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((listener) => listener.close()));
});
afterAll(() => bench.drop());

/** A listener over a real store and a real database. @param over another store, or other bounds of time and number */
const door = async (
  over: { readonly limits?: Partial<DimseLimits>; readonly imaging?: ImagingDependencies } = {},
): Promise<DimseListener> => {
  const imaging = over.imaging ?? bench.imaging;
  const entities = entityDirectory(imaging.database, imaging.clock);
  const listener = await startDimseListener({
    host: '127.0.0.1',
    port: 0,
    aeTitle: 'HUREN',
    registry: entities,
    receiver: dimseReceiver(receiving(imaging), entities, () => undefined),
    limits: { closeGraceMs: 500, stopGraceMs: 500, ...over.limits },
  });
  running.push(listener);
  return listener;
};

const call = (port: number, callingAeTitle: string): Promise<RequestorAssociation> =>
  openAssociation({
    host: '127.0.0.1',
    port,
    tls: false,
    calledAeTitle: 'HUREN',
    callingAeTitle,
    proposals: [{ abstractSyntax: CT, transferSyntaxes: [TRANSFER_SYNTAX.explicitLittleEndian] }],
  });

const sliceOf = (study: string, index: number, pixels = 32): TestInstance =>
  instanceOf({
    StudyInstanceUID: study,
    SeriesInstanceUID: `${study}.1`,
    SOPInstanceUID: `${study}.1.${index}`,
    PatientID: study.slice(-12),
    InstanceNumber: index,
    PixelData: new Uint8Array(pixels),
  });

/** Sends slices of a study one after the other; the statuses. */
const sendAll = async (
  association: RequestorAssociation,
  study: string,
  count: number,
): Promise<number[]> => {
  const statuses: number[] = [];
  for (let index = 1; index <= count; index++) {
    const slice = sliceOf(study, index);
    statuses.push((await association.store(slice, slice.bytes)).status);
  }
  return statuses;
};

const rowsOf = async (study: string): Promise<number> =>
  (await bench.rows('select 1 from instances where sop_uid like $1', [`${study}.%`])).length;

const filesIn = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;

const newStudy = (): string => `2.25.${fresh('77')}`;

describe('200 associations at once', () => {
  test('are let in or told to come again, and each that comes again is served; one that was there is not disturbed', async () => {
    const { port } = await door({ limits: { maxAssociations: 64, maxAssociationsPerAe: 60 } });
    const [neighbours, theirs] = [newStudy(), newStudy()];
    const neighbour = await call(port, 'CT2');
    let refused = 0;
    // Whoever was let in stays until somebody was not: a quick machine would have served them one after the other.
    const firstRefusal = Promise.withResolvers<void>();
    const one = async (index: number): Promise<number> => {
      for (;;)
        try {
          const association = await call(port, 'CT1');
          await firstRefusal.promise;
          const slice = sliceOf(theirs, index);
          const { status } = await association.store(slice, slice.bytes);
          await association.release();
          return status;
        } catch (error) {
          // Rejected transient, by the presentation layer, local limit exceeded: try again.
          expect(error).toMatchObject({ code: 'DIMSE_ASSOCIATION_REJECTED', detail: '2/3/2' });
          refused++;
          firstRefusal.resolve();
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
    };
    const [undisturbed, ...statuses] = await Promise.all([
      sendAll(neighbour, neighbours, 40),
      ...Array.from({ length: 200 }, (_, index) => one(index + 1)),
    ]);
    await neighbour.release();
    expect(refused).toBeGreaterThan(0);
    expect(new Set(statuses)).toEqual(new Set([0]));
    expect(undisturbed).toEqual(Array.from({ length: 40 }, () => 0));
    expect(await rowsOf(theirs)).toBe(200);
    expect(await rowsOf(neighbours)).toBe(40);
  });
});

describe('an association that stalls', () => {
  test('in the middle of an instance leaves nothing of it, and its neighbour sends on meanwhile', async () => {
    const { port } = await door({ limits: { idleTimeoutMs: 1_500 } });
    const before = filesIn(bench.folder);
    const stalled = await associatedPeer(port);
    const half = sliceOf(newStudy(), 1);
    stalled.send(
      commandPdu(3, storeCommand({ affectedSopInstanceUid: half.sopInstanceUid }), true),
      pData(pdv(3, 0, half.bytes.subarray(0, half.bytes.length / 2))),
    );
    const study = newStudy();
    const neighbour = await call(port, 'CT2');
    expect(new Set(await sendAll(neighbour, study, 30))).toEqual(new Set([0]));
    await neighbour.release();
    expect(await stalled.rest()).toMatchObject([{ kind: 'abort', source: 2 }]);
    expect(await rowsOf(study)).toBe(30);
    expect(await bench.rows('select 1 from instance_keys where sop_uid = $1', [half.sopInstanceUid])).toEqual(
      [],
    );
    expect(
      await bench.rows('select 1 from quarantined_instances where sop_uid = $1', [half.sopInstanceUid]),
    ).toEqual([]);
    expect(filesIn(bench.folder)).toBe(before + 30);
  });
});

describe('a disk that fills', () => {
  let folder: string;
  let mounted = false;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'huren-full-'));
    mounted =
      process.platform === 'linux' &&
      process.getuid?.() === 0 &&
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=2m', 'tmpfs', folder]).status === 0;
  });
  afterAll(() => {
    if (mounted) spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  test('is told to whom it concerns as A700, and what fits beside it is stored and read back', async ({
    skip,
  }) => {
    if (!mounted) skip('a small disk cannot be mounted here');
    const images = fileImages(folder, testKeys);
    const { port } = await door({ imaging: { ...bench.imaging, images } });
    const [large, small] = await Promise.all([call(port, 'CT1'), call(port, 'CT2')]);
    const [filling, study] = [newStudy(), newStudy()];
    const tooLarge = sliceOf(filling, 1, 4 * 1024 * 1024);
    expect(new Set(await sendAll(small, study, 3))).toEqual(new Set([0]));
    // The same association is answered and goes on; so does its neighbour.
    expect((await large.store(tooLarge, tooLarge.bytes)).status).toBe(0xa700);
    expect(await rowsOf(filling)).toBe(0);
    const fits = sliceOf(filling, 2);
    expect((await large.store(fits, fits.bytes)).status).toBe(0);
    const last = sliceOf(study, 4);
    expect((await small.store(last, last.bytes)).status).toBe(0);
    await Promise.all([large.release(), small.release()]);
    const kept = await bench.rows<{ content: string }>(
      'select content from instances where sop_uid like $1 or sop_uid like $2',
      [`${study}.%`, `${filling}.%`],
    );
    expect(kept).toHaveLength(5);
    for (const { content } of kept) expect((await images.get(content as never)).length).toBeGreaterThan(128);
    expect(filesIn(folder)).toBe(5);
  });
});

describe('a disk that fills under the journal by which small images come', () => {
  let folder: string;
  let mounted = false;
  let images: ImageObjects | undefined;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'huren-full-'));
    mounted =
      process.platform === 'linux' &&
      process.getuid?.() === 0 &&
      spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'tmpfs', folder]).status === 0;
  });
  afterAll(async () => {
    await images?.close();
    if (mounted) spawnSync('umount', [folder]);
    rmSync(folder, { recursive: true, force: true });
  });

  /** Whether something lies in the journal: its first record is on the second page. */
  const isJournaled = (): boolean => {
    const journal = join(folder, 'journal');
    return (existsSync(journal) ? readdirSync(journal) : []).some(
      (name) => readFileSync(join(journal, name)).toString('latin1', 4096, 4100) === 'HJR1',
    );
  };
  const filler = (): string => join(folder, 'filler');
  /** Fills it to its last page. */
  const fill = (): void => {
    for (const piece of [1024 * 1024, 4096])
      try {
        for (;;) appendFileSync(filler(), Buffer.alloc(piece));
      } catch (error) {
        expect(error).toMatchObject({ code: 'ENOSPC' });
      }
  };

  test('nothing that was answered with success is lost, senders are told A700, and go on once there is room', {
    timeout: 60_000,
  }, async ({ skip }) => {
    if (!mounted) skip('a small disk cannot be mounted here');
    const store = fileImages(folder, testKeys);
    images = store;
    const beside: unknown[] = [];
    await store.keepJournal((error) => void beside.push(error));
    const { port } = await door({ imaging: { ...bench.imaging, images: store } });
    const [device, neighbour] = await Promise.all([call(port, 'CT1'), call(port, 'CT2')]);
    const [study, theirs] = [newStudy(), newStudy()];
    const answered: TestInstance[] = [];
    let count = 0;
    const send = async (by: RequestorAssociation, of: string): Promise<number> => {
      const slice = sliceOf(of, ++count);
      const { status } = await by.store(slice, slice.bytes);
      if (status === 0) answered.push(slice);
      return status;
    };
    // It makes its first room while the first ones come.
    while (!isJournaled()) {
      expect(await send(device, study)).toBe(0);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    // A segment that is being made and finds no room gives back what it had: filled again, until it is felt.
    const full = new Set<number>();
    const isOwing = () =>
      beside.some((error) => error instanceof Fault && error.code === 'OBJECT_STORE_FULL');
    while (!(full.has(0xa700) && isOwing())) {
      fill();
      full.add(await send(device, study)).add(await send(neighbour, theirs));
    }
    expect([...full].toSorted((one, other) => one - other)).toEqual([0, 0xa700]);
    const contentOf = async ({ sopInstanceUid }: TestInstance): Promise<ContentHash> =>
      (
        await bench.rows<{ content: ContentHash }>('select content from instances where sop_uid = $1', [
          sopInstanceUid,
        ])
      )[0]?.content as ContentHash;
    const isWhole = async (kept: ImageObjects, instance: TestInstance): Promise<boolean> =>
      Buffer.from(await kept.get(await contentOf(instance))).equals(
        Buffer.concat([writeMeta(instance), instance.bytes]),
      );
    // As after a crash: what lies in the journal alone cannot be had as long as there is no room, and is not missing.
    const read = await Promise.allSettled(
      answered.map((instance) => isWhole(fileImages(folder, testKeys), instance)),
    );
    for (const one of read)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'OBJECT_STORE_FULL' });
      else expect(one.value).toBe(true);
    expect(read.some(({ status }) => status === 'rejected')).toBe(true);

    rmSync(filler());
    for (let round = 0; round < 3; round++)
      expect([await send(device, study), await send(neighbour, theirs)]).toEqual([0, 0]);
    await Promise.all([device.release(), neighbour.release()]);
    expect((await rowsOf(study)) + (await rowsOf(theirs))).toBe(answered.length);
    await store.close();
    const restarted = fileImages(folder, testKeys);
    for (const instance of answered) expect(await isWhole(restarted, instance)).toBe(true);
  });
});

describe('an association that is refused at the port', () => {
  const engineer = (institution: string): StaffActor => ({
    kind: 'staff',
    name: `staff:it.${institution}`,
    login: `it.${institution}`,
    role: 'institution-it',
    institution: institution as InstitutionCode,
    staffNumber: '1',
    department: '信息科',
    displayName: '演练工程师',
  });

  test('is counted with title, address and reason, and shown to the institution whose device or network it is', async () => {
    await register('MR7', 'JIANG-2');
    const start = () =>
      startDimseRole(
        {
          ...bench.imaging,
          configuration: {
            dimse: {
              port: 0,
              tlsPort: 0,
              aeTitle: 'HUREN',
              privateStorageRoots: [],
              maxAssociations: 64,
              maxAssociationsPerAe: 1,
            },
          },
        } as unknown as Installation,
        { tls: undefined, metrics: createMetrics(), onError: () => undefined, note: () => undefined },
      );
    const role = await start();
    const port = Number(/:(\d+)$/.exec(role.addresses[0] ?? '')?.[1]);
    const refusedWith = (detail: string) => ({ code: 'DIMSE_ASSOCIATION_REJECTED', detail });
    for (let time = 0; time < 3; time++)
      await expect(call(port, 'STRANGER')).rejects.toMatchObject(refusedWith('1/1/3'));
    const first = await call(port, 'MR7');
    await expect(call(port, 'MR7')).rejects.toMatchObject(refusedWith('2/3/2'));
    await first.release();
    await role.stop();
    const reception = imageReception(bench.imaging);
    const shown = (await reception.read(engineer('JIANG-2'), undefined)).refused;
    expect(shown).toContainEqual(
      expect.objectContaining({
        callingAeTitle: 'MR7',
        remoteAddress: '127.0.0.1',
        reason: 'localLimit',
        count: 1,
      }),
    );
    expect(shown).toContainEqual(
      expect.objectContaining({ callingAeTitle: 'STRANGER', reason: 'callingAeTitle', count: 3 }),
    );
    // An institution none of whose devices call from there learns nothing of it.
    expect((await reception.read(engineer('COUNTY'), undefined)).refused).toEqual([]);
  });
});
