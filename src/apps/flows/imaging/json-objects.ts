import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import type { ContentHash, ImageObjects } from '../../../adapters/objects/image-objects.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Keeps JSON as an object, compressed. */
export const putJson = async (images: ImageObjects, text: string): Promise<ContentHash> =>
  images.put(await compress(text));

/** Reads what `putJson` kept. @throws OBJECT_MISSING, OBJECT_DAMAGED */
export const getJson = async <Value>(images: ImageObjects, content: string): Promise<Value> =>
  JSON.parse((await decompress(await images.get(content as ContentHash))).toString('utf8')) as Value;
