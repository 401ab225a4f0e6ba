import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { errorsDocument, readFaultTables } from './fault-tables.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const tables = await readFaultTables();
const codes = tables.flatMap(({ path, faults }) => Object.keys(faults).map((code) => ({ path, code })));

test('docs/errors.md says exactly what the source says (npm run errors writes it)', () => {
  expect(readFileSync(join(root, 'docs/errors.md'), 'utf8')).toBe(errorsDocument(tables));
});

test('no code is declared twice', () => {
  const seen = new Set<string>();
  expect(codes.filter(({ code }) => seen.size === seen.add(code).size)).toEqual([]);
});

test('every code is capital words, and its sentences are Chinese and English', () => {
  for (const { faults } of tables)
    for (const [code, { zh, en, status }] of Object.entries(faults)) {
      expect(code).toMatch(/^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
      expect(zh, code).toMatch(/\p{Script=Han}/u);
      expect(en, code).toMatch(/^[^\p{Script=Han}]+\.$/u);
      expect(status, code).toSatisfy((value: number) => value >= 400 && value < 600);
    }
});

test('every declared code is raised somewhere', () => {
  const source = globSync('src/**/*.ts', { cwd: root })
    .filter((path) => !path.endsWith('faults.ts') && !path.endsWith('.test.ts'))
    .map((path) => readFileSync(join(root, path), 'utf8'))
    .join('\n');
  expect(codes.filter(({ code }) => !source.includes(`'${code}'`))).toEqual([]);
});
