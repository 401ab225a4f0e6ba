import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import bases from '../../data/lists/legal-bases.json' with { type: 'json' };
import consentWording from '../../data/lists/consent-wording.json' with { type: 'json' };
import correctionRules from '../../data/lists/correction-rules.json' with { type: 'json' };
import imageRequirements from '../../data/lists/image-requirements.json' with { type: 'json' };
import noticeTemplates from '../../data/lists/notice-templates.json' with { type: 'json' };
import policy from '../../data/lists/policy.json' with { type: 'json' };
import reasons from '../../data/lists/reasons.json' with { type: 'json' };
import sentences from '../../data/lists/sentences.json' with { type: 'json' };
import { readListDocument } from '../../src/apps/list-document-reader.ts';
import { contentHash } from '../../src/kernel/content-hash.ts';
import { documentJson } from '../../src/recognition/index.ts';
import { ALL_CHECKS } from '../../src/recognition/checks/checks.ts';

type Privacy = (typeof policy)['content']['privacy'];

const SHIPPED: Readonly<Record<string, unknown>> = {
  sentences,
  reasons,
  policy,
  'legal-bases': bases,
  'correction-rules': correctionRules,
  'image-requirements': imageRequirements,
  'consent-wording': consentWording,
  'notice-templates': noticeTemplates,
};

/**
 * Version and beginning of the content hash of each. Whoever has published a list under a version name cannot publish another under
 * it: with a change of content goes a new version in its file, and both here.
 */
const PUBLISHED: readonly (readonly [name: string, version: string, hash: string])[] = [
  ['sentences', '2', '8a5880f294e1'],
  ['reasons', '1', 'b5479d36b778'],
  ['policy', '5', '2d2d532e4636'],
  ['legal-bases', '1', 'aa91ce733f4a'],
  ['correction-rules', '2', '7c18625b2a47'],
  ['image-requirements', 'draft-2', '5232750a53c2'],
  ['consent-wording', '2', '0ac15ebe7657'],
  ['notice-templates', '1', 'f526654332f1'],
];

describe('the shipped lists', () => {
  it.each(Object.entries(SHIPPED))('%s is a list document that can be published', (name, document) => {
    expect(readListDocument(document, name)).toMatchObject({ kind: name });
  });

  it.each(PUBLISHED)(
    '%s says what its version has always said: content that changed is a new version',
    (name, version, hash) => {
      const read = readListDocument(SHIPPED[name], name);
      expect([read.version, contentHash(documentJson(read)).slice(0, 12)]).toEqual([version, hash]);
    },
  );

  it('ask images of items that the draft catalogue has, each with its source, and are a draft', () => {
    const drafts = readFileSync(new URL('../../data/catalogue-draft.csv', import.meta.url), 'utf8');
    const known = new Set(drafts.split('\n').map((line) => line.split(',')[0]));
    const { rows } = imageRequirements.content;
    expect(rows.flatMap(({ items }) => items).filter((item) => !known.has(item))).toEqual([]);
    expect(rows.filter(({ sourceZh }) => !sourceZh.includes('草案'))).toEqual([]);
    expect(imageRequirements.status).toBe('draft');
  });

  it('ask of every item of the draft catalogue that has images which kind of images they are', () => {
    const drafts = readFileSync(new URL('../../data/catalogue-draft.csv', import.meta.url), 'utf8');
    const line = /^([^,]+),.*,(img-(ct|mr|xray|us|nm)|ecg|endoscopy),/;
    const imaged = drafts.split('\n').flatMap((each) => line.exec(each)?.[1] ?? []);
    expect(imaged).toHaveLength(259);
    const ofKind = imageRequirements.content.rows.flatMap(({ items, asks }) =>
      'modalities' in asks ? items : [],
    );
    expect(imaged.filter((item) => !ofKind.includes(item))).toEqual([]);
    // Two rows of kinds would ask for both.
    expect(ofKind.filter((item, at) => ofKind.indexOf(item) !== at)).toEqual([]);
  });

  it('say of every threshold of privacy where it comes from', () => {
    const { privacy, sources } = policy.content;
    const parts = [
      ...Object.keys(privacy).flatMap((part) => (part === 'rules' ? [] : [`privacy.${part}`])),
      ...privacy.rules.map(({ kind }) => `privacy.rules.${kind}`),
      'spokenConsentHours',
      'restrictedClasses',
    ];
    const sourced = new Set(sources.map(({ of }) => of));
    expect(parts.filter((part) => !sourced.has(part))).toEqual([]);
    expect(policy.content.restrictedClasses.map(({ opensInEmergency }) => opensInEmergency)).toEqual(
      policy.content.restrictedClasses.map(() => false),
    );
  });

  it.each<[string, (privacy: Privacy) => unknown]>([
    ['an emergency without end', (privacy) => ({ ...privacy, emergencyMinutes: 0 })],
    ['half a day of review', (privacy) => ({ ...privacy, reviewDays: 0.5 })],
    ['a rule twice', (privacy) => ({ ...privacy, rules: [...privacy.rules, { kind: 'colleague' }] })],
    ['a rule nobody knows', (privacy) => ({ ...privacy, rules: [{ kind: 'night-shift' }] })],
    [
      'a threshold of one person',
      ({ rules: _rules, ...privacy }) => ({
        ...privacy,
        rules: [{ kind: 'bulk', persons: 1, windowMinutes: 60 }],
      }),
    ],
    ['no rules at all', ({ rules: _rules, ...privacy }) => privacy],
  ])('refuse a policy with %s', (_, changed) => {
    const content = { ...policy.content, privacy: changed(policy.content.privacy) };
    expect(() => readListDocument({ ...policy, content }, 'here')).toThrow(/LIST_DOCUMENT_INVALID|privacy/);
  });

  it.each<[string, Partial<typeof correctionRules.content.calendar>]>([
    ['a holiday twice', { holidays: ['2026-01-01', '2026-01-01'] }],
    ['a day that is off and worked', { holidays: ['2026-01-04'] }],
    ['a Monday worked as a make-up day', { makeUpDays: ['2026-01-05'] }],
    ['a holiday of a year it does not name', { holidays: ['2027-01-01'] }],
    ['a day that is none', { holidays: ['2026-02-30'] }],
  ])('refuse a calendar with %s', (_, change) => {
    const calendar = { ...correctionRules.content.calendar, ...change };
    const content = { ...correctionRules.content, calendar };
    expect(() => readListDocument({ ...correctionRules, content }, 'here')).toThrow(/calendar/);
  });

  it('name for 2026 the 33 days off and the 6 weekend days worked of the published notice', () => {
    const { holidays, makeUpDays, holidayYears } = correctionRules.content.calendar;
    expect([holidays.length, makeUpDays.length]).toEqual([33, 6]);
    expect(holidayYears.map(({ year, issuedOn }) => [year, issuedOn])).toEqual([[2026, '2025-11-04']]);
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
