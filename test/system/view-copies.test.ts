import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { decodeFrame } from '../../src/adapters/dicom/codecs.ts';
import { type FrameCopier, frameCopier } from '../../src/adapters/dicom/frame-copier.ts';
import { writeMeta } from '../../src/adapters/dicom/write-part10.ts';
import type { ContentHash } from '../../src/adapters/objects/image-objects.ts';
import {
  type Database,
  type SqlValue,
  type Statement,
  statement,
} from '../../src/adapters/postgres/database.ts';
import { seriesToCopy } from '../../src/adapters/postgres/imaging-view-copies.ts';
import { closeQuietSeries } from '../../src/apps/flows/imaging/close-series.ts';
import { type ObjectFinding, verifyObjects } from '../../src/apps/flows/imaging/verify-objects.ts';
import { copyOneSeries } from '../../src/apps/flows/imaging/view-copies.ts';
import { readViewCopyIndex } from '../../src/apps/flows/imaging/view-copy-reading.ts';
import { startCopying } from '../../src/apps/worker/copying.ts';
import { instant } from '../../src/kernel/instant.ts';
import { CT_STORAGE, instanceOf, type TestInstance } from './imaging-bench.ts';
import { type RealSystem, realSystem } from './real-system.ts';

const RPCL = '1.2.840.10008.1.2.4.202';
const AS_COPY = { accept: `image/jphc; transfer-syntax=${RPCL}, application/octet-stream; q=0.5` };

let system: RealSystem;
let copier: FrameCopier;
beforeAll(async () => {
  system = await realSystem();
  copier = frameCopier();
});
afterAll(async () => {
  await copier.close();
  await system.stop();
});

let studies = 0;
let study: string;
let series: string;
beforeEach(() => {
  study = `2.25.52${++studies}`;
  series = `${study}.1`;
});

const pixelsOf = (seed: number, length = 512): Uint8Array =>
  Uint8Array.from({ length }, (_, at) => (at % 2 === 0 ? (at * seed) % 251 : seed % 16));

const slice = (number: number, attributes: Partial<Parameters<typeof instanceOf>[0]> = {}): TestInstance =>
  instanceOf({
    StudyInstanceUID: study,
    SeriesInstanceUID: series,
    SOPInstanceUID: `${series}.${number}`,
    PatientID: `M-COPY-${studies}`,
    InstanceNumber: number,
    Rows: 16,
    Columns: 16,
    PixelData: pixelsOf(number),
    ...attributes,
  });

const send = async (instances: readonly TestInstance[]): Promise<void> => {
  for (const instance of instances) {
    const response = await fetch(`${system.url}/dicom-web/studies`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${system.key}`,
        'content-type': 'multipart/related; type="application/dicom"; boundary=b',
      },
      body: Buffer.concat([
        Buffer.from('--b\r\nContent-Type: application/dicom\r\n\r\n'),
        writeMeta({ ...instance, sopClassUid: CT_STORAGE }),
        instance.bytes,
        Buffer.from('\r\n--b--\r\n'),
      ]),
    });
    expect(response.status).toBe(200);
  }
};
const close = () => closeQuietSeries(system.imaging, instant(Date.now() + 3_600_000_000));
const copyAll = async (): Promise<void> => {
  for (;;) {
    const [next] = await seriesToCopy(system.imaging.database, 1);
    if (!next) return;
    await copyOneSeries({ ...system.imaging, copier }, next);
  }
};

const frame = (
  number: number,
  frames: string,
  headers: Readonly<Record<string, string>>,
): Promise<Response> =>
  fetch(
    `${system.url}/dicom-web/studies/${study}/series/${series}/instances/${series}.${number}/frames/${frames}`,
    { headers: { authorization: `Bearer ${system.key}`, ...headers } },
  );
const bytesOf = async (response: Response): Promise<Buffer> => Buffer.from(await response.arrayBuffer());

const ROW = statement(
  'test.view-copy-row',
  `select v.index_object, v.frames_object, v.copied, v.left_as_they_are, v.left_reason, v.bytes from view_copies v
   join series s on s.person_id = v.person_id and s.series_id = v.series_id where s.series_uid = $1`,
);
const row = async () =>
  (
    await system.imaging.database.run<{
      index_object: string | null;
      frames_object: string | null;
      copied: number;
      left_as_they_are: number;
      left_reason: string | null;
    }>(ROW, [series])
  )[0];

const COMING = statement(
  'test.series-coming',
  "update series set last_at = now() + interval '1 hour' where series_uid = $1",
);
const files = (): readonly string[] =>
  readdirSync(system.imageFolder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

describe('a closed series', () => {
  test('is copied, and its frames are given to whoever asks for them so', async () => {
    await send([slice(1), slice(2)]);
    await close();
    await copyAll();
    expect(await row()).toMatchObject({ copied: 2, left_as_they_are: 0, left_reason: null });
    const response = await frame(2, '1', AS_COPY);
    expect(response.headers.get('content-type')).toBe(`image/jphc; transfer-syntax=${RPCL}`);
    expect(response.headers.get('huren-view-copy')).toBe('of=1.2.840.10008.1.2.1');
    expect(response.headers.get('cache-control')).toBe('private, no-cache');
    const { bytes } = await decodeFrame(await bytesOf(response), RPCL);
    expect(Buffer.compare(bytes, pixelsOf(2))).toBe(0);
    // Known by its own name.
    const again = await frame(2, '1', { ...AS_COPY, 'if-none-match': response.headers.get('etag') ?? '' });
    expect(again.status).toBe(304);
    const range = await frame(2, '1', { ...AS_COPY, range: 'bytes=0-1' });
    expect([range.status, (await bytesOf(range)).toString('hex')]).toEqual([206, 'ff4f']);
  });

  test('gives its original byte for byte to everybody else', async () => {
    await send([slice(1)]);
    await close();
    await copyAll();
    for (const accept of [
      'application/octet-stream',
      'application/octet-stream; transfer-syntax=*',
      `application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1`,
      'application/octet-stream, image/jphc; q=0.9',
    ]) {
      const response = await frame(1, '1', { accept });
      expect((await bytesOf(response)).equals(pixelsOf(1)), accept).toBe(true);
      expect(response.headers.get('huren-view-copy'), accept).toBeNull();
      const { headers } = await frame(1, '1', AS_COPY);
      expect(response.headers.get('etag')).not.toBe(headers.get('etag'));
    }
  });

  test('gives several frames of a copy in parts, in the order asked for', async () => {
    const moving = slice(1, { NumberOfFrames: 3, PixelData: pixelsOf(7, 3 * 512) });
    await send([moving]);
    await close();
    await copyAll();
    const response = await frame(1, '3,1', {
      accept: `multipart/related; type="image/jphc"; transfer-syntax=${RPCL}`,
    });
    expect(response.headers.get('content-type')).toContain('type="image/jphc"');
    const body = (await bytesOf(response)).toString('latin1');
    const parts = body
      .split(/\r\n--|^--/)
      .slice(1, -1)
      .map((part) => Buffer.from(part.slice(part.indexOf('\r\n\r\n') + 4), 'latin1'));
    const decoded = await Promise.all(parts.map((part) => decodeFrame(part, RPCL)));
    const whole = Buffer.from(pixelsOf(7, 3 * 512));
    const wanted = [whole.subarray(1024), whole.subarray(0, 512)];
    expect(decoded.map(({ bytes }, at) => Buffer.compare(bytes, wanted[at] as Buffer))).toEqual([0, 0]);
  });

  test('before it is copied gives the original, or says that no copy can be had', async () => {
    await send([slice(1)]);
    await close();
    expect((await bytesOf(await frame(1, '1', AS_COPY))).equals(pixelsOf(1))).toBe(true);
    expect((await frame(1, '1', { accept: 'image/jphc' })).status).toBe(406);
  });

  test('leaves what cannot be copied as it is, and says why', async () => {
    const odd = slice(2, { PhotometricInterpretation: 'PALETTE COLOR', SamplesPerPixel: 1 });
    const short = slice(3, { PixelData: pixelsOf(3).subarray(0, 100) });
    await send([slice(1), odd, short]);
    await close();
    await copyAll();
    const kept = await row();
    expect(kept).toMatchObject({ copied: 1, left_as_they_are: 2, left_reason: 'colour' });
    const { copied, left } = await readViewCopyIndex(system.imaging, kept?.index_object ?? '');
    expect(copied.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual([`${series}.1`]);
    expect(left.map(({ reason }) => reason)).toEqual(['colour', 'malformed']);
    const response = await frame(2, '1', AS_COPY);
    expect(response.headers.get('huren-view-copy')).toBeNull();
    expect((await bytesOf(response)).equals(pixelsOf(2))).toBe(true);
  });

  test('of which nothing can be copied has no object, and is not looked at again', async () => {
    await send([slice(1, { PhotometricInterpretation: 'PALETTE COLOR' })]);
    await close();
    const before = files().length;
    await copyAll();
    expect(await row()).toMatchObject({ index_object: null, frames_object: null, copied: 0 });
    expect(files()).toHaveLength(before);
  });
});

describe('a copy', () => {
  test('is made again when an image is added, and the earlier one leaves nothing behind', async () => {
    await send([slice(1)]);
    await close();
    await copyAll();
    const earlier = await row();
    await send([slice(2)]);
    expect((await frame(1, '1', AS_COPY)).headers.get('huren-view-copy')).not.toBeNull();
    await close();
    await copyAll();
    expect(await row()).toMatchObject({ copied: 2 });
    for (const gone of [earlier?.index_object, earlier?.frames_object])
      await expect(system.imaging.images.open(gone as ContentHash)).rejects.toMatchObject({
        code: 'OBJECT_MISSING',
      });
    expect((await verifyObjects(system.imaging, () => undefined)).findings).toBe(0);
  });

  test('made twice is the same bytes, so a crash between its objects and its row leaves nothing over', async () => {
    await send([slice(1), slice(2)]);
    await close();
    const [waiting] = await seriesToCopy(system.imaging.database, 1);
    if (!waiting) throw new Error('nothing waits');
    // A row that never came: the transaction fails behind the objects.
    const { database } = system.imaging;
    const broken = {
      ...system.imaging,
      copier,
      database: { ...database, transaction: () => Promise.reject(new Error('killed')) },
    };
    await expect(copyOneSeries(broken, waiting)).rejects.toThrow('killed');
    const afterCrash = files().length;
    expect(await row()).toBeUndefined();
    await copyAll();
    expect(files()).toHaveLength(afterCrash);
    expect(await row()).toMatchObject({ copied: 2 });
  });

  test('that is stopped half way leaves nothing but the wish', async () => {
    await send([slice(1), slice(2)]);
    await close();
    const before = files().length;
    const [waiting] = await seriesToCopy(system.imaging.database, 1);
    if (!waiting) throw new Error('nothing waits');
    const stopping = new AbortController();
    const once: FrameCopier = {
      ...copier,
      copy(original) {
        stopping.abort();
        return copier.copy(original);
      },
    };
    expect(await copyOneSeries({ ...system.imaging, copier: once }, waiting, stopping.signal)).toBe(
      'stopped',
    );
    expect(files()).toHaveLength(before);
    expect(await seriesToCopy(system.imaging.database, 1)).toHaveLength(1);
    await copyAll();
  });

  test('of a series that was closed anew meanwhile is thrown away', async () => {
    await send([slice(1)]);
    await close();
    const [waiting] = await seriesToCopy(system.imaging.database, 1);
    if (!waiting) throw new Error('nothing waits');
    await send([slice(2)]);
    await close();
    const before = files().length;
    expect(await copyOneSeries({ ...system.imaging, copier }, waiting)).toBe('overtaken');
    expect(files()).toHaveLength(before);
    await copyAll();
  });

  test('that is damaged is named by verify; whoever asks gets the original, and it is made again', async () => {
    await send([slice(1), slice(2)]);
    await close();
    const before = new Set(files());
    await copyAll();
    const kept = await row();
    const { size } = await system.imaging.images
      .open(kept?.frames_object as ContentHash)
      .then(async (object) => {
        await object.close();
        return object;
      });
    const damaged = files()
      .filter((path) => !before.has(path))
      .find((path) => readFileSync(path).length > size && readFileSync(path).length < size + 200) as string;
    const bytes = readFileSync(damaged);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] as number) ^ 1;
    writeFileSync(damaged, bytes);
    const findings: ObjectFinding[] = [];
    await verifyObjects(system.imaging, (finding) => findings.push(finding));
    expect(findings).toMatchObject([{ seriesUid: series, sopInstanceUid: null, finding: 'changed' }]);

    const response = await frame(2, '1', AS_COPY);
    expect(response.headers.get('huren-view-copy')).toBeNull();
    expect((await bytesOf(response)).equals(pixelsOf(2))).toBe(true);
    expect(await row()).toBeUndefined();
    await copyAll();
    expect((await verifyObjects(system.imaging, () => undefined)).findings).toBe(0);
  });

  test('waits while images come in', async () => {
    await send([slice(1)]);
    await close();
    const [waiting] = await seriesToCopy(system.imaging.database, 1);
    if (!waiting) throw new Error('nothing waits');
    const { database } = system.imaging;
    const events: string[] = [];
    const receiving: Database = {
      ...database,
      async run<Row>(asked: Statement, values?: readonly SqlValue[]): Promise<Row[]> {
        if (asked.name !== 'imaging.images-arriving') return database.run<Row>(asked, values);
        events.push('look');
        return events.length < 3 ? [{} as Row] : [];
      },
    };
    const watched: FrameCopier = {
      ...copier,
      copy(original) {
        events.push('copy');
        return copier.copy(original);
      },
    };
    await copyOneSeries({ ...system.imaging, database: receiving, copier: watched }, waiting);
    expect(events).toEqual(['look', 'look', 'look', 'copy']);
  });

  test('goes on all the same where images never cease to come', async () => {
    await send([slice(1)]);
    await close();
    const other = `${study}.9`;
    await send([slice(5, { SeriesInstanceUID: other, SOPInstanceUID: `${other}.5` })]);
    await system.imaging.database.run(COMING, [other]);
    await copyAll();
    expect(await row()).toMatchObject({ copied: 1 });
    await close();
    await copyAll();
  });
});

test('the worker copies what waits and stops when told to', { timeout: 150_000 }, async () => {
  await send([slice(1), slice(2)]);
  await close();
  const errors: unknown[] = [];
  const worker = startCopying(system.imaging, (error) => errors.push(error));
  try {
    await expect.poll(row, { timeout: 100_000 }).toMatchObject({ copied: 2 });
  } finally {
    await worker.stop();
  }
  expect(errors).toEqual([]);
});

test('a worker that is stopped at once leaves what it was at for the next one', async () => {
  await send([slice(1), slice(2)]);
  await close();
  const worker = startCopying(system.imaging, () => undefined);
  await worker.stop();
  await copyAll();
  expect(await row()).toMatchObject({ copied: 2, left_as_they_are: 0 });
});
