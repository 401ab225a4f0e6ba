import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import bases from '../../data/lists/legal-bases.json' with { type: 'json' };
import correctionRules from '../../data/lists/correction-rules.json' with { type: 'json' };
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
    ['legal-bases', bases],
    ['correction-rules', correctionRules],
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

  it('cite articles only for checks that exist, and only from the three instruments that were read', () => {
    const checks = new Set(ALL_CHECKS.map(({ code }) => code));
    for (const { check, article } of bases.content.bases) {
      expect(checks.has(check), check).toBe(true);
      expect(article).toMatch(
        /^(第[一二三]条|[二三六]|[二三]（[一二四]）)(、([二三六]|[二三]（[一二四]）))*$/,
      );
    }
    // Of the Measures only the first three articles have been read; of the others the sections named.
    expect([...new Set(bases.content.bases.map(({ number }) => number))].toSorted()).toEqual([
      '国卫办医函〔2021〕392号',
      '国卫医发〔2022〕6号',
      '国卫医政发〔2024〕37号',
    ]);
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
