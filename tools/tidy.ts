import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const UNTOLD = new Set(['node_modules', '.git', 'dist', 'coverage', '.huren']);
const TEXT =
  /\.(tsx?|mjs|md|sql|json|jsonc|yml|yaml|html|css)$|(^|\/)(huren|run|LICENSE|NOTICE|\.[a-z]+rc(\.json)?|\.gitignore)$/;

/** A file of the repository, as the house rules see it. */
export interface RepositoryFile {
  /** Path from the root, with forward slashes. */
  readonly path: string;
  /** Undefined for what is not text of ours: fixtures as hospitals send them, images, archives. */
  readonly text: string | undefined;
}

/** Every file of the repository except what git ignores. */
export const readRepository = (folder = ''): RepositoryFile[] =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry): RepositoryFile[] => {
    if (UNTOLD.has(entry.name)) return [];
    const path = folder ? `${folder}/${entry.name}` : entry.name;
    if (entry.isDirectory()) return readRepository(path);
    if (!entry.isFile() || path.endsWith('.log')) return [];
    const isOurs = TEXT.test(path) && !path.startsWith('test/fixtures/');
    return [{ path, text: isOurs ? readFileSync(join(root, path), 'utf8') : undefined }];
  });

/** A house rule: what it finds wrong in one file, each with its line. */
export interface TidyRule {
  readonly name: string;
  readonly check: (file: { readonly path: string; readonly text: string }) => string[];
}

const isCode = (path: string) => /\.(tsx?|mjs)$/.test(path);
const isTest = (path: string) => /\.test\.tsx?$/.test(path);

/** Gives `line: what` for each line in which the pattern is found. */
const lines = (text: string, pattern: RegExp): string[] =>
  text.split('\n').flatMap((line, index) => {
    const found = pattern.exec(line);
    return found ? [`${index + 1}: ${found[0].trim()}`] : [];
  });

// Words that this file may not contain whole, because it is read by its own rules.
const word = (...parts: string[]) => parts.join('');

// These say nothing even as part of a name.
const emptyParts = new Set(['util', 'utils', 'helper', 'helpers', 'misc', 'manager', 'managers', 'impl']);
// These say nothing alone; within a name they may (a base URL, a zone in common).
const emptyAlone = new Set(['common', 'service', 'services', 'base']);

const DECLARATION =
  /^\s*(?:export )?(?:default )?(?:async )?(?:const|let|function\*?|class|interface|type)\s+([^\s=({:<,;]+)/;
const EXPORT =
  /^export (?:declare |default |abstract |async )*(?:const|let|function\*?|class|interface|type)\s+(?!\{)([\w$]+)/;

const camelWords = (name: string): string[] =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[\s_$]+/);

const SIZE_LINES_MAX = 600;

/** The house rules that can be checked by reading one file. */
export const tidyRules: readonly TidyRule[] = [
  {
    name: 'no file or folder has an empty name',
    check: ({ path }) =>
      path.split('/').filter((segment) => {
        const stem = segment.split('.')[0] ?? '';
        return emptyAlone.has(stem) || stem.split('-').some((part) => emptyParts.has(part));
      }),
  },
  {
    name: 'no identifier has an empty name',
    check: ({ path, text }) =>
      isCode(path)
        ? text.split('\n').flatMap((line, index) => {
            const name = DECLARATION.exec(line)?.[1] ?? '';
            const isLocal = line.startsWith(' ');
            const isEmpty =
              (!isLocal && emptyAlone.has(name.toLowerCase())) ||
              camelWords(name).some((part) => emptyParts.has(part));
            return isEmpty ? [`${index + 1}: ${name}`] : [];
          })
        : [],
  },
  {
    name: 'identifiers and paths are ASCII',
    check: ({ path, text }) => {
      const foreign = /[^\x20-\x7e]/;
      if (foreign.test(path)) return [path];
      if (!isCode(path)) return [];
      return text.split('\n').flatMap((line, index) => {
        const name = DECLARATION.exec(line)?.[1] ?? '';
        return foreign.test(name) ? [`${index + 1}: ${name}`] : [];
      });
    },
  },
  {
    name: 'every export of src has a docstring',
    check: ({ path, text }) => {
      if (!path.startsWith('src/') || !/\.tsx?$/.test(path) || isTest(path)) return [];
      const all = text.split('\n');
      return all.flatMap((line, index) => {
        const name = EXPORT.exec(line)?.[1];
        return name && !all[index - 1]?.trimEnd().endsWith('*/') ? [`${index + 1}: ${name}`] : [];
      });
    },
  },
  {
    name: 'nothing is left for later in a comment',
    check: ({ text }) =>
      lines(
        text,
        new RegExp(`\\b(${word('TO', 'DO')}|${word('FIX', 'ME')}|${word('XX', 'X')}|${word('HA', 'CK')})\\b`),
      ),
  },
  {
    name: 'no test is left out or run alone',
    check: ({ path, text }) => {
      if (!isCode(path)) return [];
      return lines(
        text,
        new RegExp(
          `\\b(test|it|describe|suite)(\\.\\w+)*\\.(only|${word('sk', 'ip')}|to${'do'}|skipIf|runIf|fails)\\b`,
        ),
      );
    },
  },
  {
    name: 'no check is switched off without a reason',
    check: ({ path, text }) =>
      isCode(path)
        ? lines(
            text,
            new RegExp(
              `@ts-(${word('ign', 'ore')}|${word('noch', 'eck')})|(oxlint|eslint|biome)-(${word('dis', 'able')}|${word('ign', 'ore')})(?!.*--)`,
            ),
          )
        : [],
  },
  {
    name: 'no path of one machine',
    check: ({ path, text }) =>
      path === 'package-lock.json' ? [] : lines(text, /(?<![\w.~}$])\/(work|tmp|root|home)\/[\w.]+/),
  },
  {
    name: 'no name of the workshop’s own tools',
    check: ({ text }) =>
      lines(
        text,
        new RegExp([word('farm', '-studio'), word('anth', 'ropic'), word('Cla', 'ude')].join('|'), 'i'),
      ),
  },
  {
    name: 'lines end plainly, and the file ends with one',
    check: ({ path, text }) => {
      if (path === 'package-lock.json') return [];
      const found = [...lines(text, /[ \t]+$/), ...lines(text, /\r/)];
      if (text.startsWith('\ufeff')) found.push('1: byte order mark');
      if (text !== '' && !text.endsWith('\n')) found.push('no newline at the end');
      return found;
    },
  },
  {
    name: 'no source is longer than 600 lines',
    check: ({ path, text }) => {
      const count = text.split('\n').length - 1;
      return isCode(path) && count > SIZE_LINES_MAX ? [`${count} lines`] : [];
    },
  },
  {
    name: 'the lockfile names no registry',
    check: ({ path, text }) => (path === 'package-lock.json' ? lines(text, /"resolved": "http/) : []),
  },
];

/** Links of a Markdown text to files of the repository that are not there. */
export const brokenLinks = (path: string, text: string, paths: ReadonlySet<string>): string[] => {
  const folder = path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '';
  return [...text.matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map((found) => found[1] as string)
    .filter((target) => {
      const full = join(folder, target).replace(/\/$/, '');
      return !paths.has(full) && ![...paths].some((other) => other.startsWith(`${full}/`));
    });
};
