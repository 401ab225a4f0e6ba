import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const LISTING = `
import { registerHooks } from 'node:module';
const loaded = [];
registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
await import(process.argv[1]);
process.stdout.write(JSON.stringify(loaded));
process.exit();
`;

/** What a thread's program loads, as addresses of files and packages. */
const loadedBy = (program: string): readonly string[] => {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const listed = execFileSync(process.execPath, ['--input-type=module', '--eval', LISTING, path], {
    encoding: 'utf8',
  });
  return JSON.parse(listed) as string[];
};

test.for(['./render-thread.ts', './copy-thread.ts'])(
  '%s loads no dictionary of names and no catalogue: each thread would hold them once more',
  (program) => {
    const loaded = loadedBy(program);
    expect(loaded.some((url) => url.endsWith('/codecs.ts'))).toBe(true);
    expect(
      loaded.filter((url) => /\/src\/(person|catalogue)\/|\/pinyin-pro\/|\/ucum-lhc\//.test(url)),
    ).toEqual([]);
  },
);
