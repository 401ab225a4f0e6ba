import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { keyRing } from '../adapters/keys/key-ring.ts';
import { imageStoreAt } from './image-stores.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'stores-'));
  writeFileSync(join(folder, 'keys'), 'ACCESS\nSECRET\n');
  writeFileSync(join(folder, 'half'), 'ACCESS\n');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const keys = keyRing({
  hashingKey: new Uint8Array(32).fill(3),
  sealingKeys: [{ id: 'test', key: new Uint8Array(32).fill(5) }],
});
const at = (place: string, credentialsFile: string | null) =>
  imageStoreAt(
    place,
    {
      objectsDirectory: folder,
      s3: credentialsFile === null ? null : { endpoint: 'http://127.0.0.1:9', region: 'r', credentialsFile },
    },
    keys,
  );

test('a folder needs nothing else', async () => {
  const images = at(join(folder, 'images'), null);
  expect(Buffer.from(await images.get(await images.put(Buffer.from('x')))).toString()).toBe('x');
});

test('a bucket needs its store and two lines of keys', () => {
  expect(at('s3://images', join(folder, 'keys'))).toBeDefined();
  expect(at('s3://images/huren/near/', join(folder, 'keys'))).toBeDefined();
  expect(() => at('s3://images', null)).toThrow(/HUREN_S3_ENDPOINT/);
  expect(() => at('s3://images', join(folder, 'half'))).toThrow(/two lines/);
  expect(() => at('s3://images', join(folder, 'none'))).toThrow(/cannot be read/);
  for (const wrong of ['s3://', 's3://UPPER', 's3://a/..?x'])
    expect(() => at(wrong, join(folder, 'keys')), wrong).toThrow(/BUCKET/);
});
