import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { ContentHash, ImageObjects } from '../../src/adapters/objects/image-objects.ts';
import { s3Bucket } from '../../src/adapters/objects/s3-bucket.ts';
import { s3Images } from '../../src/adapters/objects/s3-images.ts';
import { tieredImages } from '../../src/adapters/objects/tiered-images.ts';
import { seriesOfStudy, studiesByUid } from '../../src/adapters/postgres/imaging-reading.ts';
import { closeQuietSeries } from '../../src/apps/flows/imaging/close-series.ts';
import { receiving } from '../../src/apps/flows/imaging/receive.ts';
import { moveNextFar, recallNext, recallOf } from '../../src/apps/flows/imaging/tiers.ts';
import { verifyObjects } from '../../src/apps/flows/imaging/verify-objects.ts';
import { Fault } from '../../src/kernel/fault.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { InstitutionCode } from '../../src/organisation/index.ts';
import { type ImagingBench, imagingBench, instanceOf } from './imaging-bench.ts';
import { testKeys } from './ingest-fixtures.ts';
import { type S3Server, s3Server } from './s3-server.ts';

const SECRET = 'not/a+secret=';
const BUCKET = 'images';
const LATER = instant(Date.parse('2100-01-01T00:00:00Z'));

let server: S3Server;
let spool: string;
let images: ImageObjects;
const imagesWith = (secretAccessKey: string): ImageObjects =>
  s3Images(
    s3Bucket({
      endpoint: server.endpoint,
      region: 'cn-test-1',
      bucket: BUCKET,
      prefix: 'huren/ct',
      accessKeyId: 'TEST',
      secretAccessKey,
    }),
    spool,
    testKeys,
  );
beforeAll(async () => {
  server = await s3Server(SECRET, BUCKET);
});
afterAll(() => server.close());
beforeEach(() => {
  spool = mkdtempSync(join(tmpdir(), 'spool-'));
  images = imagesWith(SECRET);
  return () => rmSync(spool, { recursive: true, force: true });
});

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return 'ok';
  } catch (error) {
    return error instanceof Fault ? error.code : String(error);
  }
};
const spooled = () =>
  readdirSync(spool, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()).length;

describe('image objects in a bucket', () => {
  test('that come twice at the same time are one object, and neither sender hears of the other', async () => {
    const bytes = Buffer.alloc(3_000_000, 7);
    const [one, ...others] = await Promise.all(Array.from({ length: 6 }, () => images.put(bytes)));
    expect(new Set(others)).toEqual(new Set([one]));
    expect(Buffer.compare(await images.get(one as ContentHash), bytes)).toBe(0);
    expect(spooled()).toBe(0);
  });

  test.each([0, 1, 65_536, 65_537, 3_000_000])(
    'of %i bytes come back as they were, whole and in parts',
    async (size) => {
      const bytes = Buffer.from(Uint8Array.from({ length: size }, (_, at) => (at * 7) % 251));
      const content = await images.put(bytes);
      expect(Buffer.compare(await images.get(content), bytes)).toBe(0);
      const object = await images.open(content);
      expect(object.size).toBe(size);
      for (const [from, length] of [
        [0, 10],
        [65_530, 20],
        [size - 5, 100],
      ] as const)
        if (from >= 0)
          expect(
            Buffer.from(await object.read(from, length)).equals(bytes.subarray(from, from + length)),
          ).toBe(true);
      await object.close();
      expect(spooled()).toBe(0);
    },
  );

  test('are sealed there under names that tell nothing', async () => {
    const content = await images.put(Buffer.from('Zhang^San'.repeat(100)));
    const [key, stored] = [...server.objects].at(-1) ?? [];
    expect(key).toMatch(/^\/images\/huren\/ct\/[0-9a-f]{2}\/[0-9a-f]{64}$/);
    expect(key).not.toContain(content);
    expect(stored?.includes('Zhang')).toBe(false);
  });

  test('that are missing or were altered are never given out', async () => {
    const content = await images.put(Buffer.alloc(100_000, 3));
    const [key, stored] = [...server.objects].at(-1) as [string, Buffer];
    const altered = Buffer.from(stored);
    altered[90_000] = (altered[90_000] as number) ^ 1;
    server.objects.set(key, altered);
    expect(await codeOf(images.get(content))).toBe('OBJECT_DAMAGED');
    server.objects.set(key, stored.subarray(0, 70_000));
    expect(await codeOf(images.get(content))).toBe('OBJECT_DAMAGED');
    await images.remove(content);
    expect(await codeOf(images.get(content))).toBe('OBJECT_MISSING');
    expect(await codeOf(images.remove('0'.repeat(64) as ContentHash))).toBe('ok');
  });

  test('are not there before the store has said so, and what was on its way is swept', async () => {
    server.failing = 503;
    const writer = await images.begin();
    await writer.write(Buffer.alloc(1_000, 1));
    const { durable, content } = await writer.end();
    expect(await codeOf(durable)).toBe('OBJECT_STORE_UNREACHABLE');
    server.failing = null;
    expect(await codeOf(images.get(content))).toBe('OBJECT_MISSING');
    expect(spooled()).toBe(1);
    expect(await images.sweep(LATER)).toBe(1);
    expect(spooled()).toBe(0);
  });

  test('are asked for by signed requests: another key is refused', async () => {
    const { length } = server.refused;
    expect(await codeOf(imagesWith('another').put(Buffer.from('x')))).toBe('OBJECT_STORE_UNREACHABLE');
    expect(server.refused.length).toBeGreaterThan(length);
  });

  test('of a store that is away are an error, not a missing object', async () => {
    const away = s3Images(
      s3Bucket({
        endpoint: 'http://127.0.0.1:9',
        region: 'r',
        bucket: BUCKET,
        prefix: '',
        accessKeyId: 'TEST',
        secretAccessKey: SECRET,
      }),
      spool,
      testKeys,
    );
    expect(await codeOf(away.get('0'.repeat(64) as ContentHash))).toBe('OBJECT_STORE_UNREACHABLE');
  });
});

describe('with everything else', () => {
  let bench: ImagingBench;
  beforeAll(async () => {
    bench = await imagingBench();
  });
  afterAll(() => bench.drop());
  const slice = (study: string, index: number) =>
    instanceOf({
      StudyInstanceUID: study,
      SeriesInstanceUID: `${study}.1`,
      SOPInstanceUID: `${study}.1.${index}`,
      PatientID: 'M-S3',
      InstanceNumber: index,
    });

  test('images are received into a bucket, closed and verified', async () => {
    const imaging = { ...bench.imaging, images };
    const doors = receiving(imaging);
    for (const index of [1, 2]) {
      const { bytes, ...of } = slice('2.25.3101', index);
      const instance = await doors.begin({
        ...of,
        institution: 'JIANG-1' as InstitutionCode,
        sender: 'test',
        assumedCharset: null,
      });
      await instance.write(bytes);
      expect(await instance.finish()).toMatchObject({ outcome: 'stored' });
    }
    await closeQuietSeries(imaging, LATER);
    expect(await verifyObjects(imaging, () => undefined)).toMatchObject({ findings: 0, series: 1 });
    await bench.rows("delete from series where series_uid like '2.25.3101%' returning series_id");
    await bench.rows("update studies set open_series = 1 where study_uid = '2.25.3101' returning study_id");
  });

  test('a bucket is the far tier of a folder', async () => {
    const STUDY = '2.25.3102';
    const tiers = { near: bench.imaging.images, far: images };
    const tiered = { ...bench.imaging, images: tieredImages(tiers), tiers };
    for (const index of [1, 2]) await bench.send(slice(STUDY, index));
    await closeQuietSeries(tiered, LATER);
    const before = server.objects.size;
    await moveNextFar(tiered, LATER, { after: '0' });
    expect(server.objects.size).toBe(before + 2);
    const [study] = await studiesByUid(bench.database, STUDY);
    if (!study) throw new Error('it was sent');
    expect((await seriesOfStudy(bench.database, study))[0]?.tier).toBe('far');
    expect(await verifyObjects(tiered, () => undefined)).toMatchObject({ findings: 0 });
    expect(await recallOf(tiered, study)).toMatchObject({ done: 0, total: 2 });
    expect(await recallNext(tiered)).toBe(true);
    expect(await verifyObjects(bench.imaging, () => undefined)).toMatchObject({ findings: 0 });
  });
});
