import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { registerDevice, wrongImages } from './image-kills.ts';
import { type ImageLanes, makeImageLanes } from './image-lanes.ts';
import { type Lanes, makeLanes } from './lanes.ts';
import { checkOrder, dishonesty } from './order-checks.ts';
import { type Program, startProgram } from './program.ts';
import { newSite, queryRows, type Site, until } from './site.ts';
import { wrongOf } from './stored.ts';

const LANES = 4;
const DEVICES = 2;
const DISK_MB = 512;

const run = (program: string, ...args: string[]) =>
  spawnSync(program, args, { encoding: 'utf8' }) as { status: number | null; stderr: string };

/** Lets the devices send until `enough`; longer, and they would fill the disk by themselves. */
const sendImages = async (what: string, enough: () => boolean | Promise<boolean>): Promise<void> => {
  devices.start(program.dimsePort);
  try {
    await until(what, enough, 120_000);
  } finally {
    await devices.stop();
  }
};
const imagesMore = (count: number): (() => boolean) => {
  const goal = devices.answeredCount() + count;
  return () => devices.answeredCount() >= goal;
};

/** Mounts a small disk in memory; gives the reason where that is not permitted. */
const mountDisk = (folder: string): string | undefined => {
  if (process.platform !== 'linux') return 'small disks are mounted on Linux only';
  if (process.getuid?.() !== 0) return 'only root may mount a small disk to fill';
  const { status, stderr } = run('mount', '-t', 'tmpfs', '-o', `size=${DISK_MB}m,mode=711`, 'tmpfs', folder);
  return status === 0
    ? undefined
    : `a small disk cannot be mounted here: ${stderr?.trim() ?? 'no mount program'}`;
};

const parent = mkdtempSync(join(tmpdir(), 'huren-disk-'));
const folder = join(parent, 'data');
mkdirSync(folder);
const missing = mountDisk(folder);

let site: Site | undefined;
let lanes: Lanes;
let devices: ImageLanes;
let program: Program;

beforeAll(async () => {
  if (missing) return;
  // The database's user has to pass through.
  run('chmod', '711', parent);
  site = await newSite(folder);
  await registerDevice(site);
  lanes = makeLanes(LANES, site.preparedAt);
  devices = makeImageLanes(DEVICES);
  program = await startProgram(site);
});

afterAll(async () => {
  await lanes?.stop();
  await devices?.stop();
  await program?.kill();
  if (!missing) {
    // The folder itself is the disk and cannot be removed while it is mounted.
    await site?.remove().catch(() => undefined);
    run('umount', folder);
  }
  rmSync(parent, { recursive: true, force: true });
});

const FILLER = join(folder, 'filler');

/** Writes until nothing more fits. */
const fill = (): void => {
  for (let part = 0; ; part++)
    try {
      writeFileSync(`${FILLER}-${part}`, Buffer.alloc(4 * 1024 * 1024));
      if (statfsSync(folder).bavail === 0) return;
    } catch {
      return;
    }
};

const free = (): void => {
  for (let part = 0; part < DISK_MB; part++) rmSync(`${FILLER}-${part}`, { force: true });
};

describe('A full disk', () => {
  beforeEach(({ skip }) => {
    if (missing) skip(missing);
  });

  it('acknowledges nothing that it did not store, never says "nothing found", and goes on by itself once there is room', {
    timeout: 300_000,
  }, async () => {
    const open = site as Site;
    lanes.start(program.mllpPort);
    await until('messages are stored', () => lanes.acknowledgedCount() > 5 * LANES);
    expect((await checkOrder(program.url, open, 0)).status).toBe('checked');
    // Small ones go through the journal, which has made its room by the time the first are answered.
    await sendImages('images are stored', imagesMore(4 * DEVICES));
    const decisions = new Set<string>();
    for (let round = 0; round < 2; round++) {
      fill();
      // What is left of the write-ahead log's current file still takes some messages.
      await until(
        'senders are told that nothing can be stored',
        () => {
          fill();
          return lanes.sent.some(({ acknowledged, attempts }) => !acknowledged && attempts > 8);
        },
        120_000,
      );
      // Some decisions may still fit into pages that are there; each of those must have been kept.
      await until('a doctor is told that nothing could be checked', async () => {
        const answer = await checkOrder(program.url, open, 0);
        expect(dishonesty(answer)).toBeUndefined();
        if (answer.httpStatus === 200) decisions.add(answer.id);
        fill();
        return answer.httpStatus === 503;
      });
      const toldBefore = devices.toldToComeAgain.length;
      await sendImages('devices are told that nothing can be stored', () => {
        fill();
        return devices.toldToComeAgain.length > toldBefore;
      });
      const acknowledged = lanes.acknowledgedCount();
      expect(program.isAlive()).toBe(true);
      free();
      await until('messages are stored again', () => lanes.acknowledgedCount() > acknowledged + 5 * LANES);
      await until(
        'orders are checked again',
        async () => (await checkOrder(program.url, open, 0)).status === 'checked',
      );
      expect((await checkOrder(program.url, open, 0)).text).not.toContain('"nothing-found"');
      await sendImages('images are stored again', imagesMore(4 * DEVICES));
    }
    await lanes.stop();
    await lanes.settle(program.mllpPort);
    expect(lanes.refused).toEqual([]);
    expect(devices.refused).toEqual([]);
    expect([...new Set(devices.toldToComeAgain)]).toEqual([0xa700]);
    expect(await wrongImages(open, devices.sent)).toEqual([]);
    expect(await wrongOf(open, lanes.sent)).toEqual([]);
    const kept = await queryRows(open, 'select 1 from order_checks where public_id = any($1::uuid[])', [
      [...decisions],
    ]);
    expect(kept).toHaveLength(decisions.size);
    expect(await program.stop()).toBe(0);
  });
});
