import iconv from 'iconv-lite';
import { describe, expect, test } from 'vitest';
import { readingOf } from './charset.ts';

const bytes = (...parts: readonly (string | readonly number[])[]): Uint8Array =>
  Buffer.concat(
    parts.map((part) => (typeof part === 'string' ? Buffer.from(part, 'latin1') : Buffer.from(part))),
  );

const ESC = 0x1b;

describe('single-valued sets', () => {
  test.each([
    ['GB18030', 'gb18030'],
    ['GBK', 'gbk'],
    ['ISO_IR 192', 'utf8'],
    ['iso_ir 192', 'utf8'],
  ])('%s', (term, label) => {
    const text = 'Zhang^San=张^镕喆俓';
    expect(readingOf([term], null, []).decode(iconv.encode(text, label))).toBe(text);
  });

  test('four bytes of GB18030', () => {
    expect(readingOf(['GB18030'], null, []).decode(Buffer.from([0x95, 0x32, 0x82, 0x36]))).toBe('𠀀');
  });
});

describe('code extensions (PS3.3 C.12.1.1.2, PS3.5 annexes H, I, K)', () => {
  test('Japanese, as annex H.3.1 has it', () => {
    const name = bytes(
      'Yamada^Tarou=',
      [ESC, 0x24, 0x42, 0x3b, 0x33, 0x45, 0x44, ESC, 0x28, 0x42],
      '^',
      [ESC, 0x24, 0x42, 0x42, 0x40, 0x4f, 0x3a, ESC, 0x28, 0x42],
      '=',
      [ESC, 0x24, 0x42, 0x24, 0x64, 0x24, 0x5e, 0x24, 0x40, ESC, 0x28, 0x42],
      '^',
      [ESC, 0x24, 0x42, 0x24, 0x3f, 0x24, 0x6d, 0x24, 0x26, ESC, 0x28, 0x42],
    );
    expect(readingOf(['', 'ISO 2022 IR 87'], null, []).decode(name)).toBe(
      'Yamada^Tarou=山田^太郎=やまだ^たろう',
    );
  });

  test('Korean, whose designation ends with each component', () => {
    const name = bytes('Hong^Gildong=', [ESC, 0x24, 0x29, 0x43, 0xfb, 0xf3], '^', [
      ESC,
      0x24,
      0x29,
      0x43,
      0xd1,
      0xce,
      0xd4,
      0xd7,
    ]);
    expect(readingOf(['', 'ISO 2022 IR 149'], null, []).decode(name)).toBe('Hong^Gildong=洪^吉洞');
  });

  test('Chinese in GB 2312, as annex K.2 has it', () => {
    const name = bytes('Zhang^XiaoDong=', [ESC, 0x24, 0x29, 0x41, 0xd5, 0xc5], '^', [
      ESC,
      0x24,
      0x29,
      0x41,
      0xd0,
      0xa1,
      0xb6,
      0xab,
    ]);
    expect(readingOf(['', 'ISO 2022 IR 58'], null, []).decode(name)).toBe('Zhang^XiaoDong=张^小东');
  });
});

describe('sets that nobody names', () => {
  const gbk = iconv.encode('王小明', 'gbk');

  test('are found out from the bytes and said to be', () => {
    expect(readingOf([], null, [gbk])).toMatchObject({ derived: 'gb18030' });
    expect(readingOf([], null, [gbk]).decode(gbk)).toBe('王小明');
    expect(readingOf([], null, [Buffer.from('王小明')])).toMatchObject({ derived: 'utf-8' });
  });

  test('are what is registered for the sender, also where it names Latin-1', () => {
    expect(readingOf(['ISO_IR 100'], 'gbk', [gbk])).toMatchObject({ derived: 'gbk' });
    expect(readingOf(['ISO_IR 100'], null, [gbk])).toMatchObject({ derived: null });
  });

  test('are of no account where every text is ASCII', () => {
    expect(readingOf([], 'gbk', [Buffer.from('CHEST')])).toMatchObject({ derived: null });
  });

  test('Latin text is not taken for Chinese', () => {
    expect(
      readingOf([], null, [Buffer.from('Müller', 'latin1')]).decode(Buffer.from('Müller', 'latin1')),
    ).toBe('Müller');
  });
});
