import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A small S3: objects by path, ranges, and signatures checked by the rules of AWS Signature Version 4. Kept in memory. */
export interface S3Server {
  readonly endpoint: string;
  readonly objects: Map<string, Buffer>;
  /** Requests refused for their signature or the hash of their content. */
  readonly refused: string[];
  /** Answers the next requests with this status instead. */
  failing: number | null;
  close(): Promise<void>;
}

const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();
const sha256 = (bytes: string | Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Makes the signature anew from the request as it came, and compares. */
const isSigned = (request: IncomingMessage, secret: string): boolean => {
  const stated =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/.exec(
      request.headers.authorization ?? '',
    );
  if (!stated) return false;
  const [, , day, region, names = '', signature] = stated as unknown as string[];
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://x');
  searchParams.sort();
  const headers = names.split(';').map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const canonical = [
    request.method,
    pathname,
    searchParams.toString(),
    headers.join(''),
    names,
    request.headers['x-amz-content-sha256'],
  ].join('\n');
  const at = String(request.headers['x-amz-date']);
  const scope = `${day}/${region}/s3/aws4_request`;
  const toSign = ['AWS4-HMAC-SHA256', at, scope, sha256(canonical)].join('\n');
  const key = ['s3', 'aws4_request'].reduce(
    (from, part) => hmac(from, part),
    hmac(hmac(`AWS4${secret}`, day as string), region as string),
  );
  return createHmac('sha256', key).update(toSign).digest('hex') === signature;
};

const refuse = (response: ServerResponse, status: number, code: string): void => {
  response
    .writeHead(status, { 'content-type': 'application/xml' })
    .end(`<?xml version="1.0"?><Error><Code>${code}</Code></Error>`);
};

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
};

/** Starts one with a bucket on a free port. */
export const s3Server = async (secret: string, bucket: string): Promise<S3Server> => {
  const objects = new Map<string, Buffer>();
  const refused: string[] = [];
  const state = { failing: null as number | null };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await bodyOf(request);
    const key = new URL(request.url ?? '/', 'http://x').pathname;
    if (state.failing !== null) return refuse(response, state.failing, 'InternalError');
    if (!isSigned(request, secret)) {
      refused.push(`${request.method} ${key}`);
      return refuse(response, 403, 'SignatureDoesNotMatch');
    }
    if (!key.startsWith(`/${bucket}/`)) return refuse(response, 404, 'NoSuchBucket');
    if (request.method === 'PUT') {
      if (request.headers['content-length'] === undefined)
        return refuse(response, 411, 'MissingContentLength');
      if (sha256(body) !== request.headers['x-amz-content-sha256'])
        return refuse(response, 400, 'XAmzContentSHA256Mismatch');
      objects.set(key, body);
      response.writeHead(200).end();
      return;
    }
    if (request.method === 'DELETE') {
      objects.delete(key);
      response.writeHead(204).end();
      return;
    }
    const found = objects.get(key);
    if (!found) return refuse(response, 404, 'NoSuchKey');
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    if (from === undefined) {
      response.writeHead(200, { 'content-length': found.length }).end(found);
      return;
    }
    const part = found.subarray(Number(from), Number(to) + 1);
    response
      .writeHead(206, {
        'content-length': part.length,
        'content-range': `bytes ${from}-${Number(from) + part.length - 1}/${found.length}`,
      })
      .end(part);
  };
  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    refused,
    get failing() {
      return state.failing;
    },
    set failing(status) {
      state.failing = status;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
