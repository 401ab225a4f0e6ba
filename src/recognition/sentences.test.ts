import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import sentences from '../../data/lists/sentences.json' with { type: 'json' };
import { ALL_CHECKS } from './checks/checks.ts';
import { FOLD } from './fold.ts';

const TABLE: Readonly<Record<string, { zh: string; en: string }>> = sentences.content.sentences;
const KEYS = Object.keys(TABLE);

const folder = new URL('../', import.meta.url);
const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  .map((name) => readFileSync(new URL(name.replaceAll('\\', '/'), folder), 'utf8'));

/** Keys written out in the sources, and the beginnings of those that are put together from a code. */
const written = new Set(
  sources.flatMap((text) => [...text.matchAll(/'([a-z]+(?:\.[a-z-]+)+)'/g)].map((match) => match[1])),
);
const beginnings = new Set(
  sources.flatMap((text) =>
    [...text.matchAll(/`([a-z-]+(?:\.[a-z]+)*\.)\$\{/g)].map((match) => match[1] as string),
  ),
);

describe('the sentence table', () => {
  it('has a sentence for every check, every finding, every row and every grade', () => {
    const needed = [
      ...ALL_CHECKS.flatMap(({ code }) => [`check.${code}`, `would.${code}`]),
      ...ALL_CHECKS.flatMap(({ findings }) => Object.keys(findings).map((finding) => `finding.${finding}`)),
      ...FOLD.map(({ row }) => `row.${row}`),
      ...FOLD.map(({ grade }) => `grade.${grade}`),
    ];
    expect(needed.filter((key) => TABLE[key] === undefined)).toEqual([]);
  });

  it('has no check, finding, row or grade that does not exist', () => {
    const exists = new Set([
      ...ALL_CHECKS.flatMap(({ code }) => [`check.${code}`, `would.${code}`]),
      ...ALL_CHECKS.flatMap(({ findings }) => Object.keys(findings).map((finding) => `finding.${finding}`)),
      ...FOLD.flatMap(({ row, grade }) => [`row.${row}`, `grade.${grade}`]),
    ]);
    const strange = KEYS.filter((key) => /^(check|would|finding|row|grade)\./.test(key) && !exists.has(key));
    expect(strange).toEqual([]);
  });

  it('has no key that no source uses', () => {
    const unused = KEYS.filter(
      (key) => !written.has(key) && ![...beginnings].some((start) => key.startsWith(start)),
    );
    expect(unused).toEqual([]);
  });

  it('says every sentence in both languages with the same values', () => {
    const values = (text: string): readonly string[] =>
      [
        ...new Set([...text.matchAll(/\{(\w+)/g)].map((match) => (match[1] as string).replace(/En$/, ''))),
      ].toSorted();
    for (const [key, { zh, en }] of Object.entries(TABLE)) {
      expect(zh, key).toMatch(/\S/);
      expect(en, key).toMatch(/\S/);
      expect(values(en), key).toEqual(values(zh));
    }
  });
});
