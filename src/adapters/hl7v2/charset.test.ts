import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  charsetName,
  charsetOf,
  chooseCharset,
  decodeText,
  encodeText,
  encodeTextOrFault,
  type Hl7Charset,
  undecodableOffset,
} from './charset.ts';

const CHARSETS: readonly Hl7Charset[] = [
  'utf-8',
  'gb18030',
  'gbk',
  'gb2312',
  'big5',
  'euc-kr',
  'iso-8859-1',
  'iso-8859-2',
  'iso-8859-15',
  'windows-1254',
  'ascii',
];

describe('Names of character sets', () => {
  it.each([
    ['UNICODE UTF-8', 'utf-8'],
    ['UTF-8', 'utf-8'],
    ['utf8', 'utf-8'],
    ['UNICODE', 'utf-8'],
    ['GB 18030-2000', 'gb18030'],
    ['GB18030', 'gb18030'],
    ['GBK', 'gbk'],
    ['GB2312', 'gb2312'],
    ['8859/1', 'iso-8859-1'],
    ['ISO-8859-1', 'iso-8859-1'],
    ['ISO 8859/15', 'iso-8859-15'],
    ['ASCII', 'ascii'],
    ['BIG-5', 'big5'],
    ['UNICODE UTF-16', undefined],
    ['ISO IR87', undefined],
    ['CHN', undefined],
  ])('%s means %s', (name, charset) => {
    expect(charsetOf(name)).toBe(charset);
  });

  it('are written back by HL7 table 0211 and understood again', () => {
    for (const charset of CHARSETS) expect(charsetOf(charsetName(charset))).toBe(charset);
  });
});

describe('The character set of a message', () => {
  it('is the declared one, else the default of the sender', () => {
    expect(chooseCharset(['GBK'], 'utf-8')).toBe('gbk');
    expect(chooseCharset([], 'gb18030')).toBe('gb18030');
    expect(chooseCharset([''], 'gb18030')).toBe('gb18030');
  });

  it('may be declared beside ASCII, in either order', () => {
    expect(chooseCharset(['ASCII', 'GB18030'], 'utf-8')).toBe('gb18030');
    expect(chooseCharset(['GB18030', 'ASCII'], 'utf-8')).toBe('gb18030');
  });

  it('is refused when unknown, or when two sets would have to be switched inside the message', () => {
    expect(chooseCharset(['EBCDIC'], 'utf-8')).toBe('unsupported');
    expect(chooseCharset(['8859/1', 'GB18030'], 'utf-8')).toBe('unsupported');
  });
});

describe('Decoding', () => {
  it('gives the very characters back, four-byte ones of GB18030 included', () => {
    const name = '𠮷䶮㛃·欧阳𬱖';
    const bytes = encodeText(name, 'gb18030');
    expect(bytes && decodeText(bytes, 'gb18030')).toBe(name);
    expect(Buffer.from(encodeText('𠮷', 'gb18030') ?? []).toString('hex')).toBe('9534b235');
  });

  it.each(CHARSETS)('gives back every character that could be encoded: %s', (charset) => {
    let encodable = 0;
    const changed: string[] = [];
    for (let code = 0; code <= 0xffff; code++) {
      // Surrogates are none, and the private characters that GB18030-2022 moved are not written by anybody.
      if (code >= 0xd800 && code <= 0xf8ff) continue;
      const character = String.fromCodePoint(code);
      const bytes = encodeText(character, charset);
      if (!bytes) continue;
      encodable++;
      if (decodeText(bytes, charset) !== character) changed.push(`U+${code.toString(16)}`);
    }
    expect(changed).toEqual([]);
    expect(encodable).toBeGreaterThanOrEqual(128);
  });

  it('gives back whole texts, in every set that holds them', () => {
    const sets: Hl7Charset[] = ['utf-8', 'gb18030', 'gbk', 'gb2312', 'big5', 'iso-8859-2', 'ascii'];
    const texts = fc.oneof(
      fc.string({ unit: 'grapheme-ascii' }),
      fc.string({ unit: fc.constantFrom(...'肌酐検査é鉀Č·①') }),
      fc.string({ unit: 'grapheme' }),
    );
    fc.assert(
      fc.property(fc.constantFrom(...sets), texts, (charset, text) => {
        const bytes = encodeText(text, charset);
        if (bytes && !/[\ue000-\uf8ff]/.test(text)) expect(decodeText(bytes, charset)).toBe(text);
      }),
    );
  });

  it('reads 8859/1 as itself and not as windows-1252', () => {
    expect(decodeText(Uint8Array.of(0x80, 0xe9), 'iso-8859-1')).toBe('\u0080é');
  });

  it.each<[Hl7Charset, number[], number]>([
    ['utf-8', [0x41, 0xd6, 0xd0, 0x42], 2],
    ['ascii', [0x41, 0x42, 0xd6], 2],
    ['gb18030', [0x41, 0xd6, 0xd0, 0xff, 0x42], 3],
    ['gbk', [0x41, 0x81, 0x20], 2],
  ])('refuses bytes that are no %s and tells where', (charset, list, offset) => {
    const bytes = Uint8Array.from(list);
    expect(decodeText(bytes, charset)).toBeUndefined();
    expect(undecodableOffset(bytes, charset)).toBe(offset);
  });

  it('finds the offset of one bad byte anywhere in a long message', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), (position) => {
        const bytes = new Uint8Array(20_001).fill(0x41);
        bytes[position] = 0xff;
        expect(decodeText(bytes, 'gb18030')).toBeUndefined();
        expect(undecodableOffset(bytes, 'gb18030')).toBe(position);
      }),
      { numRuns: 30 },
    );
  });

  it('never puts a replacement character where the bytes held none', () => {
    const sets: Hl7Charset[] = ['utf-8', 'gb18030', 'gbk', 'big5', 'ascii'];
    fc.assert(
      fc.property(fc.constantFrom(...sets), fc.uint8Array({ maxLength: 40 }), (charset, bytes) => {
        const isWritten = /efbfbd|8431a437/.test(Buffer.from(bytes).toString('hex'));
        expect(decodeText(bytes, charset)?.includes('\ufffd') ?? false).toBe(
          isWritten && decodeText(bytes, charset) !== undefined,
        );
      }),
      { numRuns: 2000 },
    );
  });
});

describe('Encoding', () => {
  it('refuses a text that the set has no place for, instead of writing question marks', () => {
    expect(encodeText('𠮷', 'gbk')).toBeUndefined();
    expect(encodeText('中', 'iso-8859-1')).toBeUndefined();
    expect(() => encodeTextOrFault('中', 'ascii')).toThrow(/HL7_TEXT_NOT_ENCODABLE/);
  });
});
