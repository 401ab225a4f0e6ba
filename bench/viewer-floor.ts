import { readdirSync, readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** A server that has everything in memory and asks nobody who is calling. */
export interface FloorServer {
  readonly port: number;
  close(): Promise<void>;
}

const TYPES: Readonly<Record<string, string>> = {
  js: 'text/javascript',
  css: 'text/css',
  html: 'text/html',
  wasm: 'application/wasm',
};

/** Bytes of an address as they come over the line, compressed or not. */
const fetchRaw = (url: string, headers: Readonly<Record<string, string>>): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    request(url, { headers }, (answer) => {
      const pieces: Buffer[] = [];
      answer.on('data', (piece: Buffer) => pieces.push(piece));
      answer.on('end', () => resolve(Buffer.concat(pieces)));
    })
      .once('error', reject)
      .end();
  });

/** Builds the page of cornerstone3D alone and serves it with the metadata and middle slice of a series. */
export const startFloor = async (
  folder: string,
  series: string,
  middleFrame: string,
): Promise<FloorServer> => {
  const out = join(folder, 'floor');
  await build({
    root: at('viewer-floor'),
    base: '/',
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { xmlbuilder2: at('../src/web/viewer/xml-stand-in.ts') } },
    worker: { format: 'es' },
    build: {
      outDir: out,
      emptyOutDir: true,
      assetsDir: '.',
      target: 'chrome109',
      chunkSizeWarningLimit: 9_999,
    },
  });
  const files = new Map(
    readdirSync(out).map((name) => [`/${name}`, gzipSync(readFileSync(join(out, name)), { level: 9 })]),
  );
  const metadata = await fetchRaw(`${series}/metadata`, { 'accept-encoding': 'gzip' });
  const frame = await fetchRaw(middleFrame, { accept: 'application/octet-stream; transfer-syntax=*' });
  const server = createServer(({ url = '/' }, answer) => {
    const name = url === '/' ? '/index.html' : url;
    const file = url === '/metadata' ? metadata : files.get(name);
    if (file) {
      const type = url === '/metadata' ? 'application/dicom+json' : TYPES[name.split('.').at(-1) as string];
      answer.writeHead(200, { 'content-type': type, 'content-encoding': 'gzip' }).end(file);
    } else if (url.startsWith('/frames/'))
      answer
        .writeHead(200, { 'content-type': 'application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1' })
        .end(frame);
    else answer.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
};
