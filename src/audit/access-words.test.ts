import { describe, expect, it } from 'vitest';
import { basisWords } from './access-words.ts';

/** What looks and acts are recorded to rest on, care first. */
const BASES = [
  'order',
  'visit',
  'encounter',
  'presented-number',
  'assumed-by-policy',
  'consent-code',
  'desk-visit',
  'log-export',
  'none',
  'oversight-case',
  'own-data',
  'own-institution',
  'privacy-review',
  'record',
  'report',
  'token-on-paper',
];

describe('the basis of a look', () => {
  it.each(BASES)('%s is said in words and not by its code', (basis) => {
    const { zh, en } = basisWords(basis);
    expect(zh).toMatch(/^\p{Script=Han}+$/u);
    expect(en).not.toContain('-');
  });

  it('names each basis once, without the id of the act', () => {
    expect(
      basisWords('presented-number, oversight-case 019a0000-0000-7000-8000-000000000001, encounter').zh,
    ).toBe('患者出示的号码、监管案件、本院就诊号');
  });
});
