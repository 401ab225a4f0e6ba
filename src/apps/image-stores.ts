import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KeyRing } from '../adapters/keys/key-ring.ts';
import { fileImages, type ImageObjects } from '../adapters/objects/image-objects.ts';
import { s3Bucket } from '../adapters/objects/s3-bucket.ts';
import { s3Images } from '../adapters/objects/s3-images.ts';
import { raiser } from '../kernel/fault.ts';
import type { Configuration } from './configuration.ts';
import { APP_FAULTS } from './faults.ts';

const invalid = (detail: string, cause?: unknown) =>
  raiser(APP_FAULTS)('CONFIGURATION_INVALID', { detail, cause });

const credentialsIn = (path: string): readonly [accessKeyId: string, secretAccessKey: string] => {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw invalid('HUREN_S3_CREDENTIALS: the file cannot be read', cause);
  }
  const [accessKeyId, secretAccessKey] = text.split(/\r?\n/).map((line) => line.trim());
  if (!accessKeyId || !secretAccessKey)
    throw invalid('HUREN_S3_CREDENTIALS: two lines, access key and secret key');
  return [accessKeyId, secretAccessKey];
};

/**
 * The store at a place of the configuration: a folder, or a bucket.
 *
 * @throws CONFIGURATION_INVALID
 */
export const imageStoreAt = (
  place: string,
  { s3, objectsDirectory }: Pick<Configuration, 's3' | 'objectsDirectory'>,
  keys: KeyRing,
): ImageObjects => {
  if (!place.startsWith('s3://')) return fileImages(place, keys);
  const [, bucket, prefix = ''] =
    /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/([\w./-]*?))?\/?$/.exec(place) ?? [];
  if (bucket === undefined) throw invalid(`${place}: s3://BUCKET/PREFIX`);
  if (s3 === null)
    throw invalid(`${place}: HUREN_S3_ENDPOINT and HUREN_S3_CREDENTIALS say where and by which keys`);
  const [accessKeyId, secretAccessKey] = credentialsIn(s3.credentialsFile);
  const { endpoint, region } = s3;
  return s3Images(
    s3Bucket({ endpoint, region, bucket, prefix, accessKeyId, secretAccessKey }),
    join(objectsDirectory, 'on-the-way', bucket, prefix),
    keys,
  );
};
