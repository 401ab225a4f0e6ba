import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readRepository } from './tidy.ts';

const apps = ['kit', 'clinician', 'institution', 'patient', 'viewer'];
const sources = readRepository('src/web').flatMap(({ path, text }) =>
  /\.tsx?$/.test(path) && !/\.test\.tsx?$/.test(path) && text !== undefined ? [{ path, text }] : [],
);
const english = (app: string): Record<string, string> =>
  JSON.parse(readFileSync(join(import.meta.dirname, '..', 'src', 'web', app, 'en.json'), 'utf8')) as Record<
    string,
    string
  >;

/** Sentences that an app's sources hand to `t`. */
const sentencesOf = (app: string): string[] =>
  sources
    .filter(({ path }) => path.startsWith(`src/web/${app}/`))
    .flatMap(({ text }) =>
      [...text.matchAll(/\bt\(\s*'((?:[^'\\]|\\.)+)'/g)].map(([, sentence]) => sentence as string),
    );

describe.each(apps)('the browser app %s', (app) => {
  test('says nothing that has no English', () => {
    const known = { ...english('kit'), ...english(app) };
    expect(sentencesOf(app).filter((sentence) => !Object.hasOwn(known, sentence))).toEqual([]);
  });

  test('has no English for what it does not say', () => {
    const text = sources
      .filter(({ path }) => path.startsWith(`src/web/${app}/`) || /^src\/web\/[\w-]*words/.test(path))
      .map((source) => source.text)
      .join('\n');
    expect(Object.keys(english(app)).filter((sentence) => !text.includes(sentence))).toEqual([]);
  });
});
