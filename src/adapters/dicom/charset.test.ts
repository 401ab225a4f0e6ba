import { isUtf8 } from 'node:buffer';
import fc from 'fast-check';
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

  const read = (name: string, label: string, ...others: readonly string[]) => {
    const [bytes = Buffer.alloc(0), ...beside] = [name, ...others].map((text) => iconv.encode(text, label));
    const reading = readingOf([], null, [bytes, ...beside], bytes);
    return { text: reading.decode(bytes), derived: reading.derived };
  };

  test.each([
    'Müller^Jörg',
    'Conceição',
    'Conceição^João',
    'CONCEIÇÃO^JOÃO',
    'Assunção',
    'Þóra^Þórðardóttir',
    'Noëlle^Chloé',
    'Åström^Öjvind',
    'Peña^Iñaki',
    'Ñáñez^Áñez',
    'Ás^Öz',
    'ÅÄÖ',
    'Éé',
  ])('%s in Latin-1 is not taken for Chinese', (text) => {
    expect(read(text, 'latin1')).toEqual({ text, derived: null });
    expect(read('Smith^John', 'latin1', text)).toEqual({ text: 'Smith^John', derived: null });
    expect(read(text, 'utf8')).toEqual({ text, derived: 'utf-8' });
  });

  test.each([
    ['Иванов^Иван', 'windows-1251'],
    ['Достоевский^Фёдор', 'windows-1251'],
    ['Παπαδόπουλος^Γιώργος', 'iso-8859-7'],
    ['Dvořák^Jiří', 'iso-8859-2'],
    ['Łukasz^Żółć', 'iso-8859-2'],
  ])('%s in %s is not shown as a Chinese name', (text, label) => {
    expect(read(text, label).derived).toBeNull();
    expect(read(text, 'utf8')).toEqual({ text, derived: 'utf-8' });
  });

  test.each([
    '王小明',
    '郑伟',
    '谢^强',
    '魏^霞',
    '欧阳^娜娜',
    '朱^镕基',
    '陶^喆',
    '李^珺',
    '王^玥',
    '买买提·吐尔逊',
    '诺布^次仁',
    '王芳之女A',
    '李四 2',
    '王小明（急）',
    'Zhang^San=张^三',
  ])('%s is found in GBK and in UTF-8', (text) => {
    expect(read(text, 'gbk')).toEqual({ text, derived: 'gb18030' });
    expect(read(text, 'gbk', '胸部CT平扫', '5mm层厚', 'T2像')).toEqual({ text, derived: 'gb18030' });
    expect(read(text, 'utf8')).toEqual({ text, derived: 'utf-8' });
  });

  test('any name of a Chinese surname and characters of GB 2312', () => {
    const surname = fc.constantFrom(
      ...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗郑谢宋唐许邓冯韩曹魏薛闫覃佟欧',
    );
    const character = fc
      .tuple(fc.integer({ min: 0xb0, max: 0xd6 }), fc.integer({ min: 0xa1, max: 0xfe }))
      .map((pair) => iconv.decode(Buffer.from(pair), 'gb18030'));
    fc.assert(
      fc.property(surname, fc.array(character, { minLength: 1, maxLength: 2 }), (family, given) => {
        const text = `${family}^${given.join('')}`;
        expect(read(text, 'gbk')).toEqual({ text, derived: 'gb18030' });
      }),
    );
  });

  test('a text that could be of either alphabet stays as the standard means it', () => {
    // One character of Chinese, or two letters of Latin-1.
    expect(readingOf([], null, [iconv.encode('张', 'gbk')])).toMatchObject({ derived: null });
    expect(read('张', 'gbk')).toMatchObject({ derived: null });
    expect(readingOf([], null, [Buffer.from('45° 30°')])).toMatchObject({ derived: 'utf-8' });
  });
});

describe('Latin-1 that is named wrongly', () => {
  const read = (terms: readonly string[], name: Uint8Array, ...others: readonly Uint8Array[]) => {
    const reading = readingOf(terms, null, [name, ...others], name);
    return { text: reading.decode(name), derived: reading.derived, overrules: reading.overrules };
  };
  const LATIN_1 = ['ISO_IR 100'];
  const TERMS = [
    LATIN_1,
    ['iso_ir 100'],
    ['ISO 2022 IR 100'],
    ['', 'ISO 2022 IR 58'],
    ['ISO 2022 IR 6', 'ISO 2022 IR 58'],
    ['ISO_IR 100', 'ISO 2022 IR 58'],
    ['ISO 2022 IR 58'],
  ];

  test.each(TERMS)('%s over GBK', (...terms) => {
    for (const text of [
      '张^三',
      '张三',
      'Zhang^San=张^三',
      '欧阳^娜娜^^^',
      '买买提·吐尔逊'.replace('·', ' '),
      '李四 2',
    ])
      expect(read(terms, iconv.encode(text, 'gbk'))).toEqual({ text, derived: 'gb18030', overrules: true });
  });

  test.each(TERMS)('%s over UTF-8', (...terms) => {
    for (const text of ['张^三', 'Zhang^San=张^三'])
      expect(read(terms, Buffer.from(text))).toEqual({ text, derived: 'utf-8', overrules: true });
  });

  test.each([
    'Müller^Jörg',
    'Straße^Weiß',
    'Êzîdî^Şêx'.replace('Ş', 'S'),
    'Conceição^João',
    'Assunção',
    'Þóra^Þórðardóttir',
    'Óðinn^Ægir',
    'Noëlle^Chloé',
    'Zoë^Façade-Désirée',
    'Åström^Öjvind',
    'Peña^Iñaki',
    'ÅÄÖ',
    'Éé',
    'García^ÁNGEL',
    'Smith^John',
  ])('%s is what it says', (text) => {
    const bytes = Buffer.from(text, 'latin1');
    for (const terms of TERMS) expect(read(terms, bytes)).toEqual({ text, derived: null, overrules: false });
  });

  test('any name of which a word has a letter of ASCII beside one with an accent', () => {
    const plain = fc.stringMatching(/^[A-Za-z]{1,8}$/);
    const accented = fc.stringMatching(/^[À-ÖØ-öø-ÿ]{1,4}$/);
    const word = fc.tuple(plain, accented, plain).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 4 }), (words) => {
        const text = words.join('^');
        expect(read(LATIN_1, Buffer.from(text, 'latin1'))).toEqual({ text, derived: null, overrules: false });
      }),
    );
  });

  test('any Chinese name in characters of GB 2312', () => {
    const character = fc
      .tuple(fc.integer({ min: 0xb0, max: 0xd6 }), fc.integer({ min: 0xa1, max: 0xfe }))
      .map((pair) => iconv.decode(Buffer.from(pair), 'gb18030'));
    fc.assert(
      fc.property(fc.array(character, { minLength: 2, maxLength: 6 }), (characters) => {
        const text = `${characters[0]}^${characters.slice(1).join('')}`;
        const bytes = iconv.encode(text, 'gbk');
        // Few are both; those are UTF-8 by the stronger sign.
        fc.pre(!isUtf8(bytes));
        expect(read(LATIN_1, bytes)).toEqual({ text, derived: 'gb18030', overrules: true });
      }),
    );
  });

  test('stays what it says where it is doubtful', () => {
    const name = iconv.encode('张^三', 'gbk');
    const stated = { derived: null, overrules: false };
    // One character; a character that only GBK has; a text beside it that is Latin; escape sequences.
    expect(read(LATIN_1, iconv.encode('张', 'gbk'))).toMatchObject(stated);
    expect(read(LATIN_1, iconv.encode('朱^镕基', 'gbk'))).toMatchObject(stated);
    expect(read(LATIN_1, name, Buffer.from('45° Schädel', 'latin1'))).toMatchObject(stated);
    expect(read(LATIN_1, name, bytes([ESC, 0x24, 0x29, 0x41, 0xd0, 0xa1]))).toMatchObject(stated);
    // Sets in which whole names are of high bytes.
    expect(read(['ISO_IR 144'], Buffer.from([0xb8, 0xd2, 0xd0, 0xdd, 0xde, 0xd2]))).toMatchObject(stated);
    expect(readingOf(LATIN_1, null, [name])).toMatchObject(stated);
  });

  test('what is registered or found out for a study does not reach a text that is not of it', () => {
    const degrees = Buffer.from('45° tra', 'latin1');
    expect(readingOf(LATIN_1, 'gb18030', [degrees]).decode(degrees)).toBe('45° tra');
  });
});
