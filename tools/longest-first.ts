import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Folders whose files take longest, the longest first: one of them begun at the end keeps one worker busy alone. */
const LONG = [
  'test/crash/kill.test.ts',
  'test/browser/viewer.test.ts',
  'test/browser/',
  'src/adapters/postgres/embedded.test.ts',
  'test/system/',
  'test/contract/',
];

const rank = ({ moduleId }: TestSpecification): number => {
  const place = LONG.findIndex((part) => moduleId.includes(`/${part}`));
  return place === -1 ? LONG.length : place;
};

/** A file with a process of its own among those that share one would end theirs. */
const shares = ({ project }: TestSpecification): number => (project.config.isolate ? 0 : 1);

/** Order of the test files: those that take longest first; among equals Vitest's own, by what it knows of them. */
export default class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const usual = await super.sort(files);
    return usual.toSorted((left, right) => shares(left) - shares(right) || rank(left) - rank(right));
  }
}
