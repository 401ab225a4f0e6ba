// Runs on whatever Node the machine has (20 or later), before anything is installed. Plain JavaScript for that reason.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, statSync, utimesSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the clone. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const programs = join(root, 'node_modules', '.bin');
const installed = join(root, 'node_modules', '.package-lock.json');
const npmHostMajor = 20;
const runtimeMajor = 24;

const isInstalled = () =>
  existsSync(installed) &&
  ['package-lock.json', 'package.json'].every(
    (name) => statSync(installed).mtimeMs >= statSync(join(root, name)).mtimeMs,
  );

/** Installs the dependencies when they are missing or older than the lockfile. Ends the process when that fails. */
export const ensureInstalled = () => {
  if (Number(process.versions.node.split('.')[0]) < npmHostMajor) {
    console.error(
      `Node ${process.versions.node} is too old to start with; Node ${npmHostMajor} or later is needed.`,
    );
    process.exit(3);
  }
  if (isInstalled()) return;
  console.error('Installing what is missing with npm install; this takes a minute the first time.');
  // Not `npm ci`: it refuses the lockfile where a registry lacks other platforms' optional binaries.
  const npm = process.env['npm_execpath'];
  // Its warnings are about peers that do not name React 19 yet: a hundred lines nobody can act on. Errors are shown.
  const install = ['install', '--loglevel=error', '--no-audit', '--no-fund'];
  const { status, error } = npm
    ? spawnSync(process.execPath, [npm, ...install], { cwd: root, stdio: ['ignore', 2, 2] })
    : spawnSync('npm', install, { cwd: root, stdio: ['ignore', 2, 2] });
  if (error || status !== 0) {
    console.error(
      `npm install failed${error ? `: ${error.message}` : ''}. It needs a reachable npm registry.`,
    );
    process.exit(3);
  }
  const now = new Date();
  utimesSync(installed, now, now);
};

/** The Node 24 that runs everything: the one npm installed, else the host's own if it is new enough. */
export const runtime = () => {
  const own = join(programs, 'node');
  if (existsSync(own)) return own;
  if (Number(process.versions.node.split('.')[0]) >= runtimeMajor) return process.execPath;
  console.error(
    `npm has no Node ${runtimeMajor} for ${process.platform} ${process.arch}; install Node ${runtimeMajor} and start again with it.`,
  );
  process.exit(3);
};

/** The environment in which `node` and every installed program are the project's own. */
export const environment = () => ({
  ...process.env,
  PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}`,
  // Compiled code is kept beside the packages it comes from, so that the next start is quicker.
  NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? join(root, 'node_modules', '.cache', 'compiled'),
});

/**
 * Runs a program to its end with our own input and output, handing signals on. Gives its exit code. A terminal sends
 * Ctrl-C to the child by itself, so that one is not sent twice. What it writes goes to `keep` instead, where that is given.
 */
export const run = (program, args, { env = environment(), stdin = 'inherit', keep } = {}) =>
  new Promise((resolve) => {
    const output = keep ? 'pipe' : 'inherit';
    const child = spawn(program, args, { cwd: root, env, stdio: [stdin, output, output] });
    for (const stream of keep ? [child.stdout, child.stderr] : [])
      stream.setEncoding('utf8').on('data', keep);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    const handOn = (signal) => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    for (const signal of signals) process.on(signal, handOn);
    const end = (code) => {
      for (const signal of signals) process.off(signal, handOn);
      resolve(code);
    };
    child.on('error', (error) => {
      console.error(`${program}: ${error.message}`);
      end(127);
    });
    // All that it wrote has come at `close`.
    child.on(keep ? 'close' : 'exit', (code, signal) => end(code ?? 128 + (constants.signals[signal] ?? 1)));
  });
