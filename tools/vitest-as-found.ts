import assert from 'node:assert/strict';
import { afterAll, vi } from 'vitest';

// Runs before every test file: one must leave the process as it found it, for the next one that runs in it.

const environment = { ...process.env };
const folder = process.cwd();
const valueOf = (name: PropertyKey): unknown => Object.getOwnPropertyDescriptor(globalThis, name)?.value;
// Libraries add globals of their own; those that were there stay what they were.
const globals = Reflect.ownKeys(globalThis).map((name) => ({ name, value: valueOf(name) }));

afterAll(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
  const variables = Object.keys({ ...environment, ...process.env });
  // Names alone: a value may be somebody's secret.
  assert.deepEqual(
    variables.filter((name) => process.env[name] !== environment[name]),
    [],
    'the file changed the environment',
  );
  assert.equal(process.cwd(), folder, 'the file changed the working folder');
  const changed = globals.filter(({ name, value }) => !Object.is(valueOf(name), value));
  assert.deepEqual(
    changed.map(({ name }) => name),
    [],
    'the file changed globals',
  );
});
