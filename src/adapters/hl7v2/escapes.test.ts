import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escapeText, unescapeText } from './escapes.ts';
import { type Delimiters, USUAL_DELIMITERS } from './parse.ts';

const asLatin1 = (bytes: Uint8Array) => Buffer.from(bytes).toString('latin1');
/** Texts are written here with a slash for every backslash, which reads better in source code. */
const backslashes = (text: string) => text.replaceAll('/', '\\');
const plain = (text: string, delimiters: Delimiters = USUAL_DELIMITERS) =>
  unescapeText(text, delimiters, asLatin1);

describe('Escape sequences', () => {
  it.each([
    ['a/F/b/S/c/T/d/R/e/E/f', 'a|b^c&d~e/f'],
    ['first/.br/second', 'first\nsecond'],
    ['x/.sp2/y/.sk3/z', 'x\n\ny   z'],
    ['/H/high/N/ low', 'high low'],
    ['/.in+4//.ti-2/text/.fi//.nf/', 'text'],
    ['/X41//X4243/', 'ABC'],
    ['/X0D0A/', '\n'],
    ['C:/temp/data', 'C:/temp/data'],
    ['C:/temp/.br/x', 'C:/temp\nx'],
    ['5/', '5/'],
    ['/Zlocal/', '/Zlocal/'],
    ['/X4/', '/X4/'],
    ['', ''],
  ])('%s (backslashes shown as slashes) reads as expected', (written, meant) => {
    expect(plain(backslashes(written))).toBe(backslashes(meant));
  });

  it('use the escape character that the message declares, and truncation only where a fifth character is declared', () => {
    const other: Delimiters = { ...USUAL_DELIMITERS, escape: '!', truncation: '#' };
    expect(plain(backslashes('a!F!b!P!c/F/'), other)).toBe(backslashes('a|b#c/F/'));
    expect(plain(backslashes('/P/'))).toBe(backslashes('/P/'));
    expect(plain(backslashes('/F/'), { ...USUAL_DELIMITERS, escape: '' })).toBe(backslashes('/F/'));
  });

  it('leave bytes that are no characters of the message as they were written', () => {
    const written = backslashes('/XFFFF/');
    expect(unescapeText(written, USUAL_DELIMITERS, () => undefined)).toBe(written);
  });

  it('bring every text through every set of delimiters', () => {
    const sets: Delimiters[] = [
      USUAL_DELIMITERS,
      { ...USUAL_DELIMITERS, truncation: '#' },
      { field: '$', component: '%', repetition: '*', escape: '!', subcomponent: '@', truncation: '' },
    ];
    fc.assert(
      fc.property(fc.constantFrom(...sets), fc.string({ unit: 'binary' }), (delimiters, text) => {
        const written = escapeText(text, delimiters);
        expect(written).not.toMatch(/[\r\n\v]/);
        expect(plain(written, delimiters)).toBe(text.replace(/\r\n?/g, '\n'));
      }),
    );
  });
});
