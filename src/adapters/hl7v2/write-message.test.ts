import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeText, type Hl7Charset } from './charset.ts';
import { type Delimiters, parseMessage, USUAL_DELIMITERS } from './parse.ts';
import { fieldsAt, USUAL_STYLE, writeMessage, writeText } from './write-message.ts';

const OTHER: Delimiters = {
  field: '$',
  component: '%',
  repetition: '*',
  escape: '!',
  subcomponent: '@',
  truncation: '#',
};

describe('A written message', () => {
  it('has fields, components, subcomponents and repetitions in their places', () => {
    const text = writeText([
      ['MSH', ...fieldsAt({ 3: 'LIS', 9: ['ORU', 'R01'], 10: 'M1' }, 3)],
      [
        'PID',
        ...fieldsAt({
          1: '1',
          3: {
            repeat: [
              ['1', '', '', ['H', 'OID', 'ISO'], 'MR'],
              ['2', '', '', '', 'NI'],
            ],
          },
          5: '张&三',
        }),
      ],
    ]);
    expect(text).toBe('MSH|^~\\&|LIS||||||ORU^R01|M1\rPID|1||1^^^H&OID&ISO^MR~2^^^^NI||张\\T\\三\r');
  });

  it('leaves empty trailing fields and components out', () => {
    expect(writeText([['OBX', '1', ['a', '', ''], '', '']])).toBe('OBX|1|a\r');
  });

  it('is read back exactly, in any character set that holds it, with any delimiters', () => {
    const styles: [Delimiters, Hl7Charset][] = [
      [USUAL_DELIMITERS, 'utf-8'],
      [OTHER, 'utf-8'],
      [USUAL_DELIMITERS, 'gb18030'],
      [OTHER, 'gb18030'],
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...styles),
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.string({ unit: 'grapheme', minLength: 1 }),
        ([delimiters, charset], first, second) => {
          fc.pre(first !== '""' && second !== '""' && !/[\ue000-\uf8ff]/.test(first + second));
          const bytes = writeMessage(
            [
              ['MSH', 'A'],
              ['ZZZ', [first, second], 'end'],
            ],
            { ...USUAL_STYLE, delimiters, charset },
          );
          const text = decodeText(bytes, charset) ?? '';
          const parsed = parseMessage(text, (hex) => decodeText(hex, charset));
          const segment = parsed.ok ? parsed.value.segments[1] : undefined;
          expect([segment?.get(1, 1), segment?.get(1, 2), segment?.get(2)]).toEqual([first, second, 'end']);
        },
      ),
    );
  });

  it('of characters without place in the character set is a fault', () => {
    expect(() => writeMessage([['MSH', '𠮷']], { ...USUAL_STYLE, charset: 'gbk' })).toThrow(
      /HL7_TEXT_NOT_ENCODABLE/,
    );
  });
});
