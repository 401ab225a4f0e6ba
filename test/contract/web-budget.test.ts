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

  it('has no charts in it: they come when one is opened', () => {
    const entry = manifest['clinician/index.html'] as Chunk;
    expect(entry.dynamicImports).toEqual(['clinician/trend/trend.tsx']);
    const trend = manifest['clinician/trend/trend.tsx'] as Chunk;
    expect(firstLoad('clinician/index.html').has(trend.file)).toBe(false);
    expect(gzipKilobytes([trend.file])).toBeGreaterThan(100);
  });
});
