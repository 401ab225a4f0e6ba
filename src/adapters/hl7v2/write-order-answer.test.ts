import { describe, expect, it } from 'vitest';
import { peekHeader } from './header.ts';
import { parseMessage } from './parse.ts';
import { heldText, writeOrderAnswer } from './write-order-answer.ts';

const message = (charset: string): string =>
  [
    `MSH|^~\\&|HIS|H|HUREN|HR|20261123110000+0800||ORM^O01|M1|P|2.5.1||||||${charset}`,
    'PID|1||1^^^H^MR||A',
    'ORC|XO|P1|F1',
    'OBR|1|P1|F1|K^K',
  ].join('\r');

const answerIn = (charset: string, note: string): Buffer => {
  const text = message(charset);
  const header = peekHeader(Buffer.from(text));
  const parsed = parseMessage(text, () => undefined);
  if (!header || !parsed.ok) throw new Error('the message is readable');
  const written = writeOrderAnswer(
    header,
    parsed.value,
    { general: [note], orders: [[]] },
    {
      at: 0 as never,
      controlId: 'A1',
    },
  );
  return Buffer.from(written ?? []);
};

describe('a note in a character set that lacks some of its characters', () => {
  it.each([
    ['5.1 ×10⁹/L', '5.1 ×10^9/L'],
    ['×10¹²/L', '×10^12/L'],
    ['10⁻³', '10^-3'],
    ['1.73㎡ 5µg', '1.73㎡ 5μg'],
    ['𠮷某', '〓某'],
    ['钾 4.1', '钾 4.1'],
  ])('writes %s as %s in GBK', (text, held) => {
    expect(heldText(text, 'gbk')).toBe(held);
  });

  it('loses nothing in GB 18030 and UTF-8', () => {
    for (const charset of ['gb18030', 'utf-8'] as const)
      expect(heldText('𠮷 ×10⁹/L', charset)).toBe('𠮷 ×10⁹/L');
  });
});

describe('the answer to an order', () => {
  it('escapes the delimiters inside a note', () => {
    const text = answerIn('UNICODE UTF-8', 'a|b^c&d~e').toString();
    expect(text).toContain('NTE|1|O|a\\F\\b\\S\\c\\T\\d\\R\\e\r');
  });

  it('takes the numbers over and says what became of the change', () => {
    expect(answerIn('UNICODE UTF-8', '').toString()).toContain('\rORC|XR|P1|F1\rOBR|1|P1|F1|K^K\r');
  });

  it('gives way to UTF-8 where the set has no Chinese, and says so', () => {
    const text = answerIn('8859/1', '未核查').toString('utf8');
    expect(text).toContain('未核查');
    expect(text.split('|')[17]?.split('\r')[0]).toBe('UNICODE UTF-8');
  });
});
