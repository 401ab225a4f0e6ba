import { describe, expect, test } from 'vitest';
import { brokenLinks, readRepository, tidyRules } from './tidy.ts';

const files = readRepository();
const texts = files.flatMap(({ path, text }) => (text === undefined ? [] : [{ path, text }]));
const textOf = (path: string) => texts.find((file) => file.path === path)?.text ?? '';

describe('the repository keeps the house rules', () => {
  test('the files of the repository are found', () => {
    expect(texts.map((file) => file.path)).toEqual(
      expect.arrayContaining([
        'package.json',
        'package-lock.json',
        'README.md',
        'huren',
        'src/kernel/fault.ts',
        '.oxlintrc.json',
      ]),
    );
  });

  test.each(tidyRules)('$name', ({ check }) => {
    const findings = texts.flatMap((file) => check(file).map((found) => `${file.path}: ${found}`));
    expect(findings).toEqual([]);
  });

  test('there is one lockfile', () => {
    const locks = files.filter(({ path }) =>
      /(^|\/)(package-lock\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?)$/.test(path),
    );
    expect(locks.map((file) => file.path)).toEqual(['package-lock.json']);
  });

  test('every link of a document to a file of the repository leads somewhere', () => {
    const paths = new Set(files.map((file) => file.path));
    const broken = texts
      .filter(({ path }) => path.endsWith('.md'))
      .flatMap(({ path, text }) => brokenLinks(path, text, paths).map((target) => `${path}: ${target}`));
    expect(broken).toEqual([]);
  });

  test('both READMEs name every setting of the configuration', () => {
    const settings = new Set(
      textOf('src/apps/configuration.ts').match(/\b(HUREN_[A-Z_]+|DATABASE_URL)(?=:)/g),
    );
    expect(settings.size).toBeGreaterThan(5);
    for (const path of ['README.md', 'README.zh-CN.md'])
      expect(
        [...settings].filter((name) => !textOf(path).includes(name)),
        path,
      ).toEqual([]);
  });

  test('both READMEs open with the two commands', () => {
    for (const path of ['README.md', 'README.zh-CN.md']) {
      const opening = textOf(path).split('\n').slice(0, 30).join('\n');
      expect(opening, path).toContain('npm start');
      expect(opening, path).toContain('npm test');
    }
  });

  test('every decision has a number of its own and says what it decided', () => {
    const decisions = texts.filter(({ path }) => path.startsWith('docs/decisions/'));
    const numbers = decisions.map(({ path }) => /\/(\d{4})-[a-z0-9-]+\.md$/.exec(path)?.[1]);
    expect(numbers).not.toContain(undefined);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});

describe('each house rule catches what it is for', () => {
  const cases: readonly (readonly [rule: string, path: string, text: string])[] = [
    ['no file or folder has an empty name', 'src/person/utils.ts', ''],
    ['no file or folder has an empty name', 'src/helpers/person.ts', ''],
    ['no file or folder has an empty name', 'src/person/link-manager.ts', ''],
    ['no identifier has an empty name', 'src/a.ts', 'const personManager = 1;\n'],
    ['no identifier has an empty name', 'src/a.ts', 'export class Service {}\n'],
    ['identifiers and paths are ASCII', 'src/a.ts', 'const 门诊 = 1;\n'],
    ['identifiers and paths are ASCII', 'src/门诊.ts', ''],
    ['every export of src has a docstring', 'src/a.ts', 'export const a = 1;\n'],
    ['every export of src has a docstring', 'src/a.ts', '/** Says. */\n\nexport interface A {}\n'],
    ['nothing is left for later in a comment', 'src/a.ts', `// ${'TO'}${'DO'} later\n`],
    ['no test is left out or run alone', 'src/a.test.ts', `test.${'only'}('a', () => undefined);\n`],
    ['no test is left out or run alone', 'src/a.test.ts', `describe.${'sk'}${'ip'}('a', () => undefined);\n`],
    ['no test is left out or run alone', 'src/a.test.ts', `test.${'skipIf'}(true)('a', () => undefined);\n`],
    ['no check is switched off without a reason', 'src/a.ts', `// @ts-${'ign'}${'ore'}\n`],
    [
      'no check is switched off without a reason',
      'src/a.ts',
      `// oxlint-${'dis'}${'able'}-next-line no-console\n`,
    ],
    ['no path of one machine', 'docs/a.md', `See /${'tmp'}/notes for more.\n`],
    ['no name of the workshop’s own tools', 'docs/a.md', `${'Farm'}-${'Studio'}\n`],
    ['lines end plainly, and the file ends with one', 'src/a.ts', 'a \n'],
    ['lines end plainly, and the file ends with one', 'src/a.ts', 'a\r\n'],
    ['lines end plainly, and the file ends with one', 'src/a.ts', 'a'],
    ['lines end plainly, and the file ends with one', 'src/a.ts', '\ufeffa\n'],
    ['no source is longer than 600 lines', 'src/a.ts', 'a\n'.repeat(601)],
    ['the lockfile names no registry', 'package-lock.json', '"resolved": "https://registry.example/x.tgz"\n'],
  ];
  test.each(cases)('%s (%s)', (name, path, text) => {
    expect(tidyRules.find((rule) => rule.name === name)?.check({ path, text })).not.toEqual([]);
  });

  test('and lets an ordinary file pass', () => {
    const text =
      '/** A measure. */\nexport const baseUrl = 1;\n\n/** Chinese text: 门诊. */\nexport type A = "门诊";\nexport { b } from "./b.ts";\n';
    for (const rule of tidyRules)
      expect(rule.check({ path: 'src/person/a.ts', text }), rule.name).toEqual([]);
  });

  test('a link to nowhere is found, a link to a file or folder is not', () => {
    const paths = new Set(['docs/errors.md', 'docs/decisions/0001-a.md', 'README.md']);
    const text = '[a](errors.md#x) [b](decisions/) [c](../README.md) [d](https://example.org) [e](gone.md)';
    expect(brokenLinks('docs/index.md', text, paths)).toEqual(['gone.md']);
  });
});
