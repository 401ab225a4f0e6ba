import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import policy from '../../data/lists/policy.json' with { type: 'json' };
import reasons from '../../data/lists/reasons.json' with { type: 'json' };
import sentences from '../../data/lists/sentences.json' with { type: 'json' };
import { readListDocument } from '../../src/apps/list-document-reader.ts';
import { ALL_CHECKS } from '../../src/recognition/checks/checks.ts';

describe('the shipped lists', () => {
  it.each([
    ['sentences', sentences],
    ['reasons', reasons],
    ['policy', policy],
  ])('%s is a list document that can be published', (name, document) => {
    expect(readListDocument(document, name)).toMatchObject({ kind: name });
  });

  const rules = readdirSync(new URL('../../data/tier-rules/', import.meta.url));

  it('hold the seven direction rule sets of the research notes, as drafts', () => {
    expect(rules).toHaveLength(7);
    for (const name of rules) {
      const text = readFileSync(new URL(`../../data/tier-rules/${name}`, import.meta.url), 'utf8');
      expect(readListDocument(JSON.parse(text), name)).toMatchObject({ kind: 'tier-rules', status: 'draft' });
    }
  });

  it('offer machine-found sub-reasons only for findings that exist', () => {
    const exists = new Set(ALL_CHECKS.flatMap(({ findings }) => Object.keys(findings)));
    const named = reasons.content.subReasons.flatMap((sub) => sub.findings ?? []);
    expect(named.filter((finding) => !exists.has(finding))).toEqual([]);
  });

  it('name the six national situations, of which the sixth needs ten characters', () => {
    expect(reasons.content.national.map(({ code, textMinimum }) => [code, textMinimum])).toEqual([
      ['N1', 0],
      ['N2', 0],
      ['N3', 0],
      ['N4', 0],
      ['N5', 0],
      ['N6', 10],
    ]);
  });
});
