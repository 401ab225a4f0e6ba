// `npm test`: installs what is missing, checks the sources, runs every test, and ends with one line of totals.
// `npm test -- FILTER…` runs only the tests whose path matches, without the checks.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureWebApps } from './build-web.mjs';
import { ensureInstalled, environment, run, runtime } from './toolchain.mjs';

// The longest first, because two run at a time.
const checks = [
  { name: 'types', program: 'tsc', args: ['--noEmit'] },
  { name: 'lint', program: 'oxlint', args: ['--type-aware', '--deny-warnings'] },
  // One by one: each app tells the router of its own addresses.
  ...['clinician', 'institution', 'patient', 'viewer'].map((app) => ({
    name: `types of the browser app ${app}`,
    program: 'tsc',
    args: ['--noEmit', '-p', `src/web/${app}`],
  })),
  { name: 'format', program: 'biome', args: ['format', '.'] },
  { name: 'unused code', program: 'knip', args: [] },
];

/** Makes sure of a browser, or says why the browser tests will be skipped. */
const ensureChromium = () => {
  const chromium = process.env['HUREN_CHROMIUM'] || '/usr/bin/chromium';
  if (existsSync(chromium)) return;
  const root = process.getuid?.() === 0;
  if (root && !process.env['HUREN_CHROMIUM'] && spawnSync('apt-get', ['--version']).status === 0) {
    console.log('Installing Chromium and Chinese fonts with apt-get for the browser tests.');
    const apt = (...args) =>
      spawnSync('apt-get', args, {
        stdio: ['ignore', 'ignore', 'inherit'],
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      });
    apt('update', '-qq');
    apt('install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-noto-cjk');
    if (existsSync(chromium)) return;
  }
  console.log(
    `The browser tests (test/browser) are skipped: there is no Chromium at ${chromium}. ` +
      'Install it (Debian: apt-get install chromium fonts-noto-cjk) or name one in HUREN_CHROMIUM.',
  );
};

ensureInstalled();
const filters = process.argv.slice(2);
const totals = { passed: 0, failed: 0, skipped: 0 };

/** Runs one check after the other, as long as any are waiting, and shows what each wrote once it has ended. */
const checkEach = async (waiting) => {
  for (const { name, program, args } of waiting) {
    let written = '';
    const keep = (text) => {
      written += text;
    };
    const code = await run(program, args, { stdin: 'ignore', keep });
    console.log(`\n— ${name}: ${program} ${args.join(' ')}`);
    process.stdout.write(written);
    if (code === 0) totals.passed++;
    else {
      totals.failed++;
      console.log(`✗ ${name}: failed`);
    }
  }
};

if (filters.length === 0) {
  ensureChromium();
  const waiting = checks.values();
  await Promise.all([checkEach(waiting), checkEach(waiting)]);
}

if ((await ensureWebApps()) === 0) totals.passed++;
else {
  totals.failed++;
  console.log('✗ build of the browser apps: failed');
}

const folder = mkdtempSync(join(tmpdir(), 'huren-totals-'));
const file = join(folder, 'totals.json');
const vitest = join('node_modules', 'vitest', 'vitest.mjs');
const reporters = ['--reporter=default', '--reporter=./tools/vitest-totals.ts'];
const code = await run(runtime(), [vitest, 'run', ...reporters, ...filters], {
  stdin: 'ignore',
  env: { ...environment(), VITEST_TOTALS_FILE: file },
});
const counted = existsSync(file)
  ? JSON.parse(readFileSync(file, 'utf8'))
  : { passed: 0, failed: 0, skipped: 0 };
rmSync(folder, { recursive: true, force: true });
totals.passed += counted.passed;
totals.failed += counted.failed;
totals.skipped += counted.skipped;
// A run that ended badly without a failed test (a crash, no test at all) is a failure of its own.
if (code !== 0 && counted.failed === 0) totals.failed++;

process.exitCode = totals.failed === 0 ? 0 : 1;
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
