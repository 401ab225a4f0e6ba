import { createHash } from 'node:crypto';
import { createReadStream, openAsBlob } from 'node:fs';
import { AwsClient } from 'aws4fetch';
import { Fault, raiser } from '../../kernel/fault.ts';
import { OBJECT_FAULTS } from './faults.ts';

/** A bucket of an S3-compatible store, addressed by path: `ENDPOINT/BUCKET/PREFIX/…`. */
export interface S3Place {
  /** `https://s3.example.cn`, without a slash at the end. */
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  /** In front of every key, without a slash at the end; empty: none. */
  readonly prefix: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What of S3 objects are kept with: four requests, each signed (AWS Signature Version 4). */
export interface S3Bucket {
  /** Stores a file whole; the store compares it with its SHA-256, which is part of the signature. */
  put(key: string, path: string): Promise<void>;
  /** Reads a part. @returns the bytes, and how many the whole has @throws OBJECT_MISSING */
  read(
    key: string,
    from: number,
    length: number,
  ): Promise<{ readonly bytes: Buffer; readonly whole: number }>;
  remove(key: string): Promise<void>;
}

const raise = raiser(OBJECT_FAULTS);
const READ_WITHIN_MS = 30_000;
/** Five gigabytes, the most of one request, over a line of 10 MB a second. */
const PUT_WITHIN_MS = 10 * 60_000;
const RETRIES = 3;
const FULL = /^(InsufficientStorage|XMinioStorageFull|QuotaExceeded)/;

const sha256OfFile = async (path: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path)) hash.update(piece as Buffer);
  return hash.digest('hex');
};

const failure = async (response: Response): Promise<Fault> => {
  const text = await response.text().catch(() => '');
  const code = /<Code>(\w{1,64})<\/Code>/.exec(text)?.[1] ?? '';
  if (response.status === 404 && code !== 'NoSuchBucket') return raise('OBJECT_MISSING');
  const detail = `S3 ${response.status} ${code}`.trim();
  const isFull = response.status === 507 || FULL.test(code);
  return raise(isFull ? 'OBJECT_STORE_FULL' : 'OBJECT_STORE_UNREACHABLE', { detail });
};

/** Speaks to one bucket. */
export const s3Bucket = (place: S3Place): S3Bucket => {
  const { endpoint, region, bucket, prefix, accessKeyId, secretAccessKey } = place;
  const client = new AwsClient({ accessKeyId, secretAccessKey, region, service: 's3', retries: RETRIES });
  const urlOf = (key: string): string =>
    [endpoint, bucket, prefix, key].filter((part) => part !== '').join('/');
  const call = async (
    method: 'PUT' | 'GET' | 'DELETE',
    key: string,
    withinMs: number,
    rest: { readonly headers?: Record<string, string>; readonly body?: Blob } = {},
  ): Promise<Response> => {
    try {
      return await client.fetch(urlOf(key), { method, signal: AbortSignal.timeout(withinMs), ...rest });
    } catch (cause) {
      if (cause instanceof Fault) throw cause;
      const code =
        ((cause as Error).cause as NodeJS.ErrnoException | undefined)?.code ?? (cause as Error).name;
      throw raise('OBJECT_STORE_UNREACHABLE', { detail: `S3 ${code}`, cause });
    }
  };
  return {
    async put(key, path) {
      const body = await openAsBlob(path);
      const headers = { 'x-amz-content-sha256': await sha256OfFile(path) };
      const response = await call('PUT', key, PUT_WITHIN_MS, { headers, body });
      if (!response.ok) throw await failure(response);
      await response.arrayBuffer();
    },
    async read(key, from, length) {
      const range = `bytes=${from}-${from + length - 1}`;
      const response = await call('GET', key, READ_WITHIN_MS, { headers: { range } });
      if (!response.ok) throw await failure(response);
      const whole = Number(/\/(\d+)$/.exec(response.headers.get('content-range') ?? '')?.[1]);
      // A store that gives all where a part was asked for is none that objects can be kept in.
      if (response.status !== 206 || !Number.isSafeInteger(whole))
        throw raise('OBJECT_STORE_UNREACHABLE', { detail: 'S3 gives no ranges' });
      return { bytes: Buffer.from(await response.arrayBuffer()), whole };
    },
    async remove(key) {
      const response = await call('DELETE', key, READ_WITHIN_MS);
      if (!response.ok && response.status !== 404) throw await failure(response);
      await response.arrayBuffer();
    },
  };
};
