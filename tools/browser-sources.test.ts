import { expect, test } from 'vitest';
import { readRepository } from './tidy.ts';

/** Came after Chromium 109, where Windows 7 stops; the build makes new syntax old, but adds no missing functions. */
const TOO_NEW =
  /\.(toSorted|toReversed|toSpliced|with)\(|\b(Map|Object)\.groupBy\b|\bPromise\.withResolvers\b|\bSet\.prototype/;

test('the browser apps call nothing that a browser of 2023 lacks', () => {
  const found = readRepository('src/web').flatMap(({ path, text }) =>
    /^src\/web\/(kit|clinician|institution|patient|viewer)\/.*(?<!\.test)\.tsx?$/.test(path) &&
    text !== undefined &&
    TOO_NEW.test(text)
      ? [path]
      : [],
  );
  expect(found).toEqual([]);
});
