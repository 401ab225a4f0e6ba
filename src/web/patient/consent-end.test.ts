import type { TFunction } from 'i18next';
import { describe, expect, it } from 'vitest';
import { consentEndText } from './consent-end.ts';

const t = ((text: string, values: Readonly<Record<string, string>> = {}) =>
  text.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '')) as TFunction;

describe('the end of an agreement', () => {
  it.each([
    ['a day, by its last', '2026-11-27T16:00:00Z', '有效到 2026-11-27（含当天），之后自动失效'],
    ['an hour, by itself', '2026-11-27T01:30:00Z', '有效到 2026-11-27 09:30，之后自动失效'],
    ['nothing, until it is taken back', null, '直至撤回'],
  ])('with %s', (_, until, text) => {
    expect(consentEndText(t, until)).toBe(text);
  });
});
