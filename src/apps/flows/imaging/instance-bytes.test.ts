import { describe, expect, test } from 'vitest';
import type { JsonDataSet } from '../../../adapters/dicom/dicom-json.ts';
import { readInstance } from '../../../adapters/dicom/read-instance.ts';
import {
  type DataElement,
  dataSet,
  TRANSFER_SYNTAXES,
  writeDataSet,
  writeMeta,
} from '../../../adapters/dicom/write-part10.ts';
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

/** A store of one object that tells what was read of it, and the most that was read or handed on at once. */
const stored = (object = OBJECT) => {
  const parts: (readonly [number, number])[] = [];
  let [handed, most] = [0, 0];
  const images = {
    part: async (_content: string, offset: number, length: number) => {
      parts.push([offset, length]);
      // As objects give it out: within the stretch that was read.
      return [object.subarray(offset, offset + length)];
    },
    open: async () => ({
      size: object.length,
      read: async (offset: number, length: number) => {
        most = Math.max(most, length);
        return object.subarray(offset, offset + length);
      },
      close: async () => undefined,
    }),
  };
  const headers = {
    read: async (...[of, wishes]: Parameters<typeof readInstance>) => {
      handed = of.head.buffer.byteLength;
      most = Math.max(most, of.head.length);
      return readInstance(of, wishes);
    },
  };
  const dependencies = { images, headers } as unknown as Pick<ImagingDependencies, 'images' | 'headers'>;
  return { parts, dependencies, handedBytes: () => handed, mostBytes: () => most };
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

const PDF = '1.2.840.10008.5.1.4.1.1.104.1';

describe.each(['explicitLittleEndian', 'implicitLittleEndian'] as const)(
  'of an instance that wraps a document (%s)',
  (syntax) => {
    const uids = { ...UIDS, sopClassUid: PDF, transferSyntaxUid: TRANSFER_SYNTAXES[syntax] };
    const wrapping = (documentBytes: number, behind: readonly DataElement[]) => {
      const object = Buffer.concat([
        writeMeta(uids),
        writeDataSet(
          [
            ...dataSet({
              SOPClassUID: PDF,
              SOPInstanceUID: uids.sopInstanceUid,
              StudyInstanceUID: '2.25.2',
              SeriesInstanceUID: '2.25.3',
            }),
            { tag: 0x0042_0011, vr: 'OB', value: new Uint8Array(documentBytes) },
            ...behind,
          ],
          { transferSyntaxUid: uids.transferSyntaxUid, charset: 'ISO_IR 192' },
        ),
      ]);
      const instance = { ...uids, content: 'c', size: object.length, pixelOffset: null } as ManifestInstance;
      return { object, instance };
    };
    const told = async ({ object, instance }: ReturnType<typeof wrapping>) => {
      const { dependencies, mostBytes } = stored(object);
      const read = await readHeaderAlone(dependencies, instance, null, { bulk: '/here' });
      if (!read.ok) throw new Error(read.reason);
      return { json: JSON.parse(read.value.metadata ?? '') as JsonDataSet, most: mostBytes() };
    };
    const BEHIND: readonly DataElement[] = [
      { tag: 0x0042_0012, vr: 'LO', value: 'application/pdf' },
      { tag: 0x2050_0020, vr: 'CS', value: 'IDENTITY' },
    ];

    test.each([0, 2_000, 200_000, 9_000_000])(
      'metadata tell what stands behind its %i bytes, which nobody reads',
      async (bytes) => {
        const { json, most } = await told(wrapping(bytes, BEHIND));
        expect(json['00420011']).toEqual({ vr: 'OB', BulkDataURI: '/here/bulkdata/00420011' });
        expect(json['00420012']?.Value).toEqual(['application/pdf']);
        expect(json['20500020']?.Value).toEqual(['IDENTITY']);
        expect(json['0020000D']?.Value).toEqual(['2.25.2']);
        expect(most).toBeLessThanOrEqual(128 * 1024);
      },
    );

    test('metadata tell what stands before it where nothing does behind, or nothing that can be read', async () => {
      expect(Object.keys((await told(wrapping(200_000, []))).json)).toContain('00420011');
      const { object, instance } = wrapping(200_000, BEHIND);
      const cut = object.subarray(0, -3);
      const { json } = await told({ object: cut, instance: { ...instance, size: cut.length } });
      expect(Object.keys(json)).toContain('00420011');
      expect(json['0020000D']?.Value).toEqual(['2.25.2']);
    });
  },
);
