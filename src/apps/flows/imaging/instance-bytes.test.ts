import { expect, test } from 'vitest';
import { readInstance } from '../../../adapters/dicom/read-instance.ts';
import { dataSet, TRANSFER_SYNTAXES, writeDataSet, writeMeta } from '../../../adapters/dicom/write-part10.ts';
import type { ManifestInstance } from '../../../imaging/index.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { readHeaderAlone } from './instance-bytes.ts';

const UIDS = {
  sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
  sopInstanceUid: '2.25.1' as ManifestInstance['sopInstanceUid'],
  transferSyntaxUid: TRANSFER_SYNTAXES.explicitLittleEndian,
};
const META = writeMeta(UIDS);
const PIXELS = 100_000;
const OBJECT = Buffer.concat([
  META,
  writeDataSet(
    dataSet({
      SOPClassUID: UIDS.sopClassUid,
      SOPInstanceUID: UIDS.sopInstanceUid,
      StudyInstanceUID: '2.25.2',
      SeriesInstanceUID: '2.25.3',
      Rows: 1,
      Columns: PIXELS / 2,
      PixelData: new Uint8Array(PIXELS),
    }),
    { transferSyntaxUid: UIDS.transferSyntaxUid, charset: 'ISO_IR 6' },
  ),
]);
const INSTANCE = {
  ...UIDS,
  content: 'c',
  size: OBJECT.length,
  pixelOffset: OBJECT.length - PIXELS,
  pixelLength: PIXELS,
} as ManifestInstance;

/** A store of one object that tells what was read of it. */
const stored = () => {
  const parts: (readonly [number, number])[] = [];
  let handed = 0;
  const images = {
    part: async (_content: string, offset: number, length: number) => {
      parts.push([offset, length]);
      // As objects give it out: within the stretch that was read.
      return [OBJECT.subarray(offset, offset + length)];
    },
    open: async () => ({
      size: OBJECT.length,
      read: async (offset: number, length: number) => OBJECT.subarray(offset, offset + length),
      close: async () => undefined,
    }),
  };
  const headers = {
    read: async (...[of, wishes]: Parameters<typeof readInstance>) => {
      handed = of.head.buffer.byteLength;
      return readInstance(of, wishes);
    },
  };
  const dependencies = { images, headers } as unknown as Pick<ImagingDependencies, 'images' | 'headers'>;
  return { parts, dependencies, handedBytes: () => handed };
};

test('of an instance whose pixels are known to begin somewhere nothing behind that is read, or handed to a thread', async () => {
  const { parts, dependencies, handedBytes } = stored();
  const read = await readHeaderAlone(dependencies, INSTANCE, null, { bulk: '/here' });
  expect(read).toMatchObject({ ok: true, value: { header: { pixels: { columns: PIXELS / 2 } } } });
  expect(JSON.parse(read.ok ? (read.value.metadata ?? '') : '')).toHaveProperty('7FE00010.BulkDataURI');
  expect(parts).toEqual([[META.length, OBJECT.length - PIXELS - META.length]]);
  expect(handedBytes()).toBe(OBJECT.length - PIXELS - META.length);
});

test('where the pixels begin elsewhere than was noted the header is read all the same', async () => {
  const { dependencies } = stored();
  const wrong = { ...INSTANCE, pixelOffset: META.length + 40 };
  const read = await readHeaderAlone(dependencies, wrong, null, { bulk: '/here' });
  expect(read).toMatchObject({ ok: true, value: { header: { pixels: { columns: PIXELS / 2 } } } });
});

test('of an instance without pixels the header is read to its end', async () => {
  const { parts, dependencies } = stored();
  const read = await readHeaderAlone(dependencies, { ...INSTANCE, pixelOffset: null }, null, {});
  expect(read.ok).toBe(true);
  expect(parts).toEqual([]);
});
