import { inflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type DataSet, dataSet, writeDataSet, writeMeta } from '../../src/adapters/dicom/write-part10.ts';
import { compressedAs, partsOf, storeFiles } from './dicom-web-bodies.ts';
import { instanceOf, type TestInstance } from './imaging-bench.ts';
import { type RealSystem, realSystem } from './real-system.ts';

const STUDY = '2.25.4911';
const SERIES = `${STUDY}.1`;
const MIXED = '2.25.4912';
const ENHANCED = '2.25.4913';
const MANY = '2.25.4914';

const slice = (index: number, study = STUDY): TestInstance =>
  instanceOf({
    StudyInstanceUID: study,
    SeriesInstanceUID: `${study}.1`,
    SOPInstanceUID: `${study}.1.${index}`,
    PatientID: 'M-PICTURE-1',
    InstanceNumber: index,
    WindowCenter: 128,
    WindowWidth: 256,
    // Four columns of values, ten apart.
    PixelData: new Uint8Array(Uint16Array.from({ length: 16 }, (_, at) => (at % 4) * 10 + index).buffer),
  });

const element = (tag: number, vr: DataSet[number]['vr'], value: DataSet[number]['value']) => ({
  tag,
  vr,
  value,
});
const windowOf = (center: string, width: string, more: DataSet = []) =>
  element(0x0028_9132, 'SQ', [
    [element(0x0028_1050, 'DS', center), element(0x0028_1051, 'DS', width), ...more],
  ]);

/** Two frames, each 0, 100, 200 and 300 in its columns: one with a window of its own, one with that of all. */
const enhanced = (): TestInstance => {
  const transferSyntaxUid = '1.2.840.10008.1.2.1';
  const sopClassUid = '1.2.840.10008.5.1.4.1.1.2.1';
  const elements = [
    ...dataSet({
      SOPClassUID: sopClassUid,
      SOPInstanceUID: `${ENHANCED}.1.1`,
      Modality: 'CT',
      StudyDate: '20261118',
      PatientName: 'Zhang^San',
      PatientID: 'M-PICTURE-1',
      StudyInstanceUID: ENHANCED,
      SeriesInstanceUID: `${ENHANCED}.1`,
      InstanceNumber: 1,
      SamplesPerPixel: 1,
      PhotometricInterpretation: 'MONOCHROME2',
      NumberOfFrames: 2,
      Rows: 1,
      Columns: 4,
      BitsAllocated: 16,
      BitsStored: 12,
      HighBit: 11,
      PixelRepresentation: 0,
    }),
    element(0x5200_9229, 'SQ', [
      [
        windowOf('0.5', '201'),
        element(0x0028_9145, 'SQ', [[element(0x0028_1052, 'DS', '-100'), element(0x0028_1053, 'DS', '1')]]),
      ],
    ]),
    element(0x5200_9230, 'SQ', [[windowOf('100', '200', [element(0x0028_1056, 'CS', 'LINEAR_EXACT')])], []]),
    ...dataSet({
      PixelData: new Uint8Array(Uint16Array.from({ length: 8 }, (_, at) => (at % 4) * 100).buffer),
    }),
  ];
  return {
    sopClassUid,
    sopInstanceUid: `${ENHANCED}.1.1`,
    transferSyntaxUid,
    bytes: writeDataSet(elements, { transferSyntaxUid, charset: 'ISO_IR 192' }),
  };
};

const fileOf = (instance: TestInstance): Buffer => Buffer.concat([writeMeta(instance), instance.bytes]);

let system: RealSystem;
beforeAll(async () => {
  system = await realSystem();
  // JPEG XL, which nothing here decodes.
  const closed = compressedAs('1.2.840.10008.1.2.4.110', slice(2, MIXED), Buffer.from('ffd8ffd9', 'hex'));
  await storeFiles(system, [slice(1), slice(2), slice(3), slice(1, MIXED), closed, enhanced()].map(fileOf));
});
afterAll(() => system.stop());

const call = (path: string, accept = 'image/png', method = 'GET') =>
  fetch(`${system.url}/dicom-web${path}`, {
    method,
    headers: { authorization: `Bearer ${system.key}`, accept },
  });

/** Greys of the first row of a PNG as we write it, each the difference to its left. */
const rowOf = (png: Uint8Array): number[] => {
  const bytes = Buffer.from(png);
  const raw = inflateSync(bytes.subarray(41, 41 + bytes.readUInt32BE(33)));
  let value = 0;
  return Array.from(
    { length: bytes.readUInt32BE(16) },
    (_, x) => (value = (value + (raw[1 + x] ?? 0)) & 255),
  );
};
const rowAt = async (path: string): Promise<number[]> =>
  rowOf(new Uint8Array(await (await call(path)).arrayBuffer()));

const SLICE = `/studies/${STUDY}/series/${SERIES}/instances/${SERIES}.1`;
const PARTS = 'multipart/related; type="image/png"';

describe('rendered pictures (PS3.18 §8.3.5)', () => {
  test('are of the window that is asked for, and of its function', async () => {
    expect(await rowAt(`${SLICE}/rendered`)).toEqual([1, 11, 21, 31]);
    expect(await rowAt(`${SLICE}/rendered?window=11,20,linear-exact`)).toEqual([0, 128, 255, 255]);
    const sigmoid = [1, 11, 21, 31].map((value) =>
      Math.round(255 / (1 + Math.exp((-4 * (value - 11)) / 20))),
    );
    expect(await rowAt(`${SLICE}/rendered?window=11,20,sigmoid`)).toEqual(sigmoid);
    const bad = await call(`${SLICE}/rendered?window=11,20,cubic`);
    expect([bad.status, await bad.json()]).toEqual([400, expect.objectContaining({ place: 'query.window' })]);
  });

  test('are of the region that is asked for, turned over and scaled; the same picture is not taken for another', async () => {
    expect(await rowAt(`${SLICE}/rendered?viewport=2,2,1,0,2,2`)).toEqual([11, 21]);
    expect(await rowAt(`${SLICE}/rendered?viewport=2,2,1,0,-2,2`)).toEqual([21, 11]);
    expect(await rowAt(`${SLICE}/rendered?viewport=8,8`)).toHaveLength(8);
    expect(await rowAt(`${SLICE}/frames/1/rendered?viewport=2,9`)).toHaveLength(2);
    const beside = await call(`${SLICE}/rendered?viewport=2,2,4,0`);
    expect([beside.status, await beside.json()]).toEqual([
      400,
      expect.objectContaining({ place: 'query.viewport' }),
    ]);
  });

  test('thumbnails take a viewport without a region', async () => {
    for (const level of [`/studies/${STUDY}`, `/studies/${STUDY}/series/${SERIES}`, SLICE]) {
      expect((await rowAt(`${level}/thumbnail?viewport=3,3`)).length, level).toBe(3);
      expect((await call(`${level}/thumbnail?viewport=3,3,0,0,1,1`)).status).toBe(400);
    }
    expect((await call(`${SLICE}/thumbnail`, 'text/html')).status).toBe(406);
  });

  test.each([
    ['a study', `/studies/${STUDY}/rendered`, 3],
    ['a series', `/studies/${STUDY}/series/${SERIES}/rendered`, 3],
    ['an instance', `${SLICE}/rendered`, 1],
    [
      'an instance of two frames',
      `/studies/${ENHANCED}/series/${ENHANCED}.1/instances/${ENHANCED}.1.1/rendered`,
      2,
    ],
  ])('of %s come in several parts to whoever asks for that', async (_what, path, count) => {
    const answer = await call(path, PARTS);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^multipart\/related; type="image\/png"; boundary=/);
    expect(answer.headers.get('etag')).toMatch(/^"/);
    expect(answer.headers.get('warning')).toBeNull();
    const parts = await partsOf(answer);
    expect(parts.map((part) => part.toString('latin1', 1, 4))).toEqual(
      Array.from({ length: count }, () => 'PNG'),
    );
    const head = await call(path, PARTS, 'HEAD');
    expect([head.status, (await head.arrayBuffer()).byteLength, head.headers.get('etag')]).toEqual([
      200,
      0,
      answer.headers.get('etag'),
    ]);
  });

  test('come in the order of the study, each as it is drawn alone', async () => {
    const parts = await partsOf(await call(`/studies/${STUDY}/rendered`, PARTS));
    expect(parts.map(rowOf)).toEqual([1, 2, 3].map((index) => [0, 10, 20, 30].map((value) => value + index)));
    const jpeg = await partsOf(
      await call(`/studies/${STUDY}/rendered`, 'multipart/related; type="image/jpeg"'),
    );
    expect(jpeg.map((part) => part.readUInt16BE(0))).toEqual([0xffd8, 0xffd8, 0xffd8]);
  });

  test('say how many frames nothing here draws, and refuse where there is no other', async () => {
    const answer = await call(`/studies/${MIXED}/rendered`, PARTS);
    expect(answer.headers.get('warning')).toBe('299 huren "1 frames cannot be drawn here and are left out"');
    expect(await partsOf(answer)).toHaveLength(1);
    const closed = await call(`/studies/${MIXED}/series/${MIXED}.1/instances/${MIXED}.1.2/rendered`, PARTS);
    expect([closed.status, await closed.json()]).toEqual([
      406,
      expect.objectContaining({ code: 'FRAME_NOT_RENDERED' }),
    ]);
  });

  test('are refused where there are more than 500 of them', async () => {
    const frames = instanceOf({
      StudyInstanceUID: MANY,
      SeriesInstanceUID: `${MANY}.1`,
      SOPInstanceUID: `${MANY}.1.1`,
      PatientID: 'M-PICTURE-1',
      NumberOfFrames: 501,
      PixelData: new Uint8Array(501 * 32),
    });
    await storeFiles(system, [fileOf(frames)]);
    const all = await call(`/studies/${MANY}/rendered`, PARTS);
    expect([all.status, await all.json()]).toEqual([
      413,
      expect.objectContaining({ code: 'PICTURES_TOO_MANY', detail: '501/500' }),
    ]);
    const some = `/studies/${MANY}/series/${MANY}.1/instances/${MANY}.1.1/frames`;
    expect(await partsOf(await call(`${some}/1,501/rendered`, PARTS))).toHaveLength(2);
    expect((await call(`${some}/502/rendered`, PARTS)).status).toBe(404);
    expect((await call(`${some}/1,2/rendered`, 'image/png')).status).toBe(406);
    expect(await partsOf(await call(`${some}/1,2/rendered`, '*/*'))).toHaveLength(2);
  });

  test('count what they move, each', async () => {
    const counted: number[] = [];
    const counting = vi.spyOn(system.imaging.traffic, 'count');
    counting.mockImplementation((_key, _way, bytes) => void counted.push(bytes));
    const parts = await partsOf(await call(`/studies/${STUDY}/rendered`, PARTS));
    expect(counted).toEqual(parts.map(({ length }) => length));
    counting.mockRestore();
  });
});

describe('pictures of enhanced images', () => {
  const frame = (number: number) =>
    `/studies/${ENHANCED}/series/${ENHANCED}.1/instances/${ENHANCED}.1.1/frames/${number}/rendered`;

  test('are drawn by what functional groups say of each frame', async () => {
    // -100, 0, 100 and 200 of the modality.
    expect(await rowAt(frame(1))).toEqual([0, 0, 128, 255]);
    expect(await rowAt(frame(2))).toEqual([0, 128, 255, 255]);
    expect(await rowAt(`${frame(2)}?window=0,200,linear-exact`)).toEqual([0, 128, 255, 255]);
  });
});
