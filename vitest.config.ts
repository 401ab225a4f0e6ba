import { configDefaults, defineConfig, type TestUserConfig } from 'vitest/config';
import LongestFirst from './tools/longest-first.ts';

/** Files with a process of their own: they measure its memory, replace modules in it, or run programs for minutes. */
const ALONE = [
  'test/crash/**/*.test.ts',
  'test/system/bad-images.test.ts',
  'test/system/ingest-images.test.ts',
  'tools/citus-lint.test.ts',
];

const ofEveryFile: TestUserConfig = {
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // Of two cores a third is idle under two workers: a browser, a database or a disk is waited for.
  maxWorkers: 3,
  expect: { requireAssertions: true },
};

export default defineConfig({
  test: {
    ...ofEveryFile,
    globalSetup: ['tools/vitest-database.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { ...ofEveryFile, name: 'alone', include: ALONE } },
      {
        test: {
          ...ofEveryFile,
          name: 'together',
          // Loading the program anew for every file costs more than most files take.
          isolate: false,
          setupFiles: ['tools/vitest-as-found.ts'],
          include: ['src/**/*.test.{ts,tsx}', 'test/**/*.test.ts', 'tools/**/*.test.ts'],
          exclude: [...configDefaults.exclude, ...ALONE],
        },
      },
    ],
  },
});
