// Builds the browser apps when their sources changed since the last build. `npm start` and `npm test` call it; it needs
// nothing but what npm installed.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { root, run, runtime } from './toolchain.mjs';

const output = join(root, 'dist', 'web');
const stamp = join(output, 'inputs.sha256');
const sources = ['src/web', 'src/kernel', 'vite.config.ts', 'package-lock.json'];

const filesUnder = (path) => {
  const full = join(root, path);
  const entries = readdirSync(full, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return entries.flatMap((entry) =>
    entry.isDirectory() ? filesUnder(join(path, entry.name)) : [join(path, entry.name)],
  );
};

const inputsHash = () => {
  const hash = createHash('sha256');
  for (const source of sources)
    for (const path of source.includes('.') ? [source] : filesUnder(source))
      hash
        .update(path)
        .update('\0')
        .update(readFileSync(join(root, path)))
        .update('\0');
  return hash.digest('hex');
};

/** Each file of the build once more as gzip, so that the server never compresses while somebody waits. */
const compressAll = () => {
  for (const name of readdirSync(output))
    if (/\.(js|css|html|svg|wasm)$/.test(name))
      writeFileSync(join(output, `${name}.gz`), gzipSync(readFileSync(join(output, name)), { level: 9 }));
};

/** What an app may send before it shows anything, as gzip in kB (DESIGN's budgets), by its entry. */
const FIRST_LOAD_KB = {
  'clinician/index.html': 400,
  'institution/index.html': 400,
  'patient/index.html': 200,
  'viewer/app.tsx': 150,
};

/** Files of an entry's first load: its own, those it imports at once, and their style sheets. */
const firstLoad = (manifest, key, seen = new Set()) => {
  const chunk = manifest[key];
  if (!chunk || seen.has(key)) return [];
  seen.add(key);
  const imported = (chunk.imports ?? []).flatMap((each) => firstLoad(manifest, each, seen));
  return [chunk.file, ...(chunk.css ?? []), ...imported];
};

/** Apps whose first load is over its budget, as sentences. */
const overBudget = () => {
  const manifest = JSON.parse(readFileSync(join(output, 'manifest.json'), 'utf8'));
  return Object.entries(FIRST_LOAD_KB).flatMap(([entry, budget]) => {
    const files = new Set(firstLoad(manifest, entry));
    const bytes = [...files].reduce((total, file) => total + statSync(join(output, `${file}.gz`)).size, 0);
    const kb = Math.round(bytes / 1000);
    return kb > budget
      ? [`The first load of ${entry} is ${kb} kB, more than its budget of ${budget} kB.`]
      : [];
  });
};

/** Makes sure that `dist/web` belongs to the present sources. Gives the exit code of the build, 0 when none was needed. */
export const ensureWebApps = async () => {
  const wanted = inputsHash();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return 0;
  console.error('Building the browser apps; this takes some seconds.');
  const vite = join('node_modules', 'vite', 'bin', 'vite.js');
  const code = await run(runtime(), [vite, 'build', '--logLevel', 'error'], { stdin: 'ignore' });
  if (code !== 0) return code;
  compressAll();
  const over = overBudget();
  for (const sentence of over) console.error(sentence);
  if (over.length > 0) return 1;
  writeFileSync(stamp, wanted);
  return 0;
};

// Called by itself: build now.
if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await ensureWebApps();
