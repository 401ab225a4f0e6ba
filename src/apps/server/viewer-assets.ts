import { existsSync, readFileSync } from 'node:fs';
import type { ViewerFiles } from '../../web/viewer-page.ts';
import { serverFault } from './problem.ts';

/** Where `tools/build-web.mjs` puts the browser apps. */
export const BUILT = new URL('../../../dist/web/', import.meta.url);

const OPENING = 'viewer/opening.ts';
const ENTRY = 'viewer/main.tsx';
/** The app itself, which the entry runs when the first picture is there. */
const APP = 'viewer/app.tsx';
/** What draws, which the entry asks for only when it runs. */
const DRAWING = 'viewer/room.ts';

interface Chunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
}

type Manifest = Readonly<Record<string, Chunk>>;

const chunkOf = (manifest: Manifest, key: string): Chunk => {
  const chunk = manifest[key];
  if (!chunk) throw serverFault('WEB_APP_NOT_BUILT');
  return chunk;
};

const withImports = (manifest: Manifest, key: string, seen: Set<string>): Set<string> => {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of chunkOf(manifest, key).imports ?? []) withImports(manifest, next, seen);
  return seen;
};

let read: ViewerFiles | undefined;

/**
 * The viewer's files under the names that the build gave them. A page names them all, so that no browser learns of a script
 * only from the one before.
 *
 * @throws WEB_APP_NOT_BUILT
 */
export const viewerFiles = (): ViewerFiles => {
  if (read) return read;
  const file = new URL('manifest.json', BUILT);
  if (!existsSync(file)) throw serverFault('WEB_APP_NOT_BUILT');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  const seen = new Set<string>();
  /** Files of a script and of what it imports, that were not named before. */
  const filesOf = (key: string): string[] => {
    const before = seen.size;
    return [...withImports(manifest, key, seen)]
      .slice(before)
      .map((each) => chunkOf(manifest, each).file)
      .filter((name) => !name.includes('vite-browser-external'));
  };
  const opening = filesOf(OPENING);
  const entry = [...filesOf(ENTRY), ...filesOf(APP)];
  const later = filesOf(DRAWING);
  read = { opening, entry, later, styles: [...seen].flatMap((key) => chunkOf(manifest, key).css ?? []) };
  return read;
};

/** Names of scripts that run as workers, as the build makes them from their sources. */
const WORKER = /^decodeImageFrameWorker-[\w-]+\.js$/;

/**
 * What a worker's own answer must allow: a worker goes by the policy it came with, not by that of its page. It fetches and
 * compiles decoders; undefined for every other file.
 */
export const workerPolicy = (file: string): string | undefined =>
  WORKER.test(file)
    ? "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'"
    : undefined;

/** The policy of the viewer's page alone: decoders are WebAssembly and run in workers, and no other page may have either. */
export const viewerPolicy = (nonce: string, frameOrigins: readonly string[] = []): string =>
  [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "worker-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    // What is measured is drawn as SVG with places of its own.
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "media-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    `frame-ancestors ${frameOrigins.length === 0 ? "'none'" : frameOrigins.join(' ')}`,
  ].join('; ');
