import { existsSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Chunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
}

const built = new URL('../../dist/web/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('manifest.json', built), 'utf8')) as Record<string, Chunk>;

/** Everything a browser fetches before an app can show itself: the entry, what it imports, and their style sheets. */
const firstLoad = (entry: string, seen = new Set<string>()): ReadonlySet<string> => {
  const chunk = manifest[entry];
  if (!chunk) throw new RangeError(`the build has no ${entry}`);
  seen.add(chunk.file);
  for (const sheet of chunk.css ?? []) seen.add(sheet);
  for (const next of chunk.imports ?? []) if (!seen.has(manifest[next]?.file ?? '')) firstLoad(next, seen);
  return seen;
};

const gzipKilobytes = (files: Iterable<string>): number => {
  let bytes = 0;
  for (const file of files) {
    const packed = new URL(`${file}.gz`, built);
    if (!existsSync(packed)) throw new RangeError(`${file} was built without its gzip`);
    bytes += statSync(packed).size;
  }
  return bytes / 1000;
};

describe('what the first load of a staff app costs', () => {
  it.each(['clinician', 'institution'])('%s stays below 400 kB', (app) => {
    const size = gzipKilobytes(firstLoad(`${app}/index.html`));
    expect(size).toBeGreaterThan(50);
    expect(size).toBeLessThanOrEqual(400);
  });

  it('of a patient’s phone stays below 200 kB with its page, and brings no charts library', () => {
    const files = firstLoad('patient/index.html');
    // The page itself travels as it is: it carries a nonce of its own each time.
    const page = statSync(new URL('patient/index.html', built)).size / 1000;
    const size = gzipKilobytes(files) + page;
    expect(size).toBeGreaterThan(50);
    expect(size).toBeLessThanOrEqual(200);
    const entry = manifest['patient/index.html'] as Chunk;
    expect(entry.dynamicImports).toContain('patient/report-page.tsx');
    expect(files.has((manifest['patient/report-page.tsx'] as Chunk).file)).toBe(false);
  });

  it('has no charts in it: they come when one is opened', () => {
    const entry = manifest['clinician/index.html'] as Chunk;
    expect(entry.dynamicImports).toEqual(['clinician/trend/trend.tsx']);
    const trend = manifest['clinician/trend/trend.tsx'] as Chunk;
    expect(firstLoad('clinician/index.html').has(trend.file)).toBe(false);
    expect(gzipKilobytes([trend.file])).toBeGreaterThan(100);
  });

  it('of the viewer is its frame alone: what draws comes when there is a picture to draw, an ECG needs none of it', () => {
    const files = new Set([...firstLoad('viewer/main.tsx'), ...firstLoad('viewer/app.tsx')]);
    expect(gzipKilobytes(files)).toBeLessThanOrEqual(150);
    const drawing = firstLoad('viewer/room.ts');
    expect(gzipKilobytes([...drawing].filter((file) => !files.has(file)))).toBeLessThanOrEqual(1_000);
    expect(files.has((manifest['viewer/room.ts'] as Chunk).file)).toBe(false);
  });
});
