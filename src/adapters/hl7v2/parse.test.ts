import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  laboratoryMessage,
  msh,
  obr,
  obx,
  pid,
  readOneReport,
  readReports,
  refusalOf,
  toBytes,
} from '../../../test/contract/hl7v2-messages.ts';
import { parseMessage } from './parse.ts';

const parse = (text: string) => parseMessage(text, () => undefined);
const segmentsOf = (text: string) => {
  const parsed = parse(text);
  return parsed.ok ? parsed.value.segments.map((segment) => segment.text) : parsed.reason.code;
};

describe('Segments', () => {
  it.each([
    ['CR', '\r'],
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR and a stray form feed', '\r\f'],
  ])('end with %s', (_, end) => {
    const lines = [msh('ORU^R01', 'M1'), pid(1), obr('R1'), obx(1, '1')];
    expect(segmentsOf(lines.join(end) + end)).toEqual(lines);
    expect(segmentsOf(lines.join(end))).toEqual(lines);
  });

  it('may be preceded by a byte order mark and blank lines', () => {
    expect(segmentsOf('\ufeff\r\n\nMSH|^~\\&|A\r')).toEqual(['MSH|^~\\&|A']);
  });

  it('of unknown names and Z segments are kept', () => {
    expect(segmentsOf('MSH|^~\\&|A\rZXX|1\rABC\r')).toEqual(['MSH|^~\\&|A', 'ZXX|1', 'ABC']);
  });

  it('count from 1 by their name', () => {
    const parsed = parse('MSH|^~\\&|A\rOBX|1\rNTE|1\rOBX|2\r');
    expect(parsed.ok && parsed.value.segments.map(({ place }) => place)).toEqual([
      'MSH[1]',
      'OBX[1]',
      'NTE[1]',
      'OBX[2]',
    ]);
  });
});

describe('A line that is no segment', () => {
  it('is refused with its number', () => {
    expect(refusalOf([msh('ORU^R01', 'M1'), pid(1), 'nonsense', obr('R1')])).toBe(
      'AE HL7_SEGMENT_UNREADABLE',
    );
    const parsed = parse('MSH|^~\\&|A\rPID|1\rnonsense\r');
    expect(!parsed.ok && parsed.reason.detail).toBe('line 3');
  });

  it('is a line of the text when it stands inside OBX-5 of a text type or inside NTE-3', () => {
    const report = readOneReport([
      msh('ORU^R01', 'M1'),
      pid(1),
      obr('R1'),
      'OBX|1|FT|SJ^检查所见||第一行',
      '第二行',
      '',
      '第四行||||||F',
      'NTE|1||备注一',
      '备注二',
      obx(2, '1'),
    ]);
    expect(report.observations[0]).toMatchObject({
      value: { text: '第一行\n第二行\n\n第四行' },
      status: 'final',
      notes: ['备注一\n备注二'],
    });
    expect(report.observations[1]).toMatchObject({ value: { text: '1' } });
  });

  it('is refused after the text has ended, and inside a number', () => {
    expect(
      refusalOf([msh('ORU^R01', 'M1'), pid(1), obr('R1'), 'OBX|1|FT|X^Y||一', '二||||||F', '三']),
    ).toContain('HL7_SEGMENT_UNREADABLE');
    expect(refusalOf([msh('ORU^R01', 'M1'), pid(1), obr('R1'), 'OBX|1|NM|X^Y||4', '.1||||||F'])).toContain(
      'HL7_SEGMENT_UNREADABLE',
    );
  });
});

describe('Delimiters', () => {
  it.each([['MSH'], ['MSH|'], ['MSH||^'], ['MSHA^~\\&A'], ['MSH|^~\\^|'], ['MSH|^~\\&#@|'], ['MSH|1234|']])(
    '%s are refused',
    (text) => {
      expect(parse(text)).toMatchObject({
        ok: false,
        reason: { code: 'HL7_DELIMITERS_INVALID', class: 'AR' },
      });
    },
  );

  it('may be fewer than four when the sender never uses the others', () => {
    const parsed = parse('MSH|^|A^B~C\\F\\&D|\r');
    expect(parsed.ok && [parsed.value.header.get(3, 1), parsed.value.header.get(3, 2)]).toEqual([
      'A',
      'B~C\\F\\&D',
    ]);
  });
});

describe('Whole messages', () => {
  it.each([
    ['', 'AR HL7_EMPTY'],
    ['\r\n \r', 'AR HL7_EMPTY'],
    ['PID|1\rMSH|^~\\&|A\r', 'AR HL7_MSH_MISSING MSH'],
    ['MSH|^~\\&|A\rPID|1\0\r', 'AE HL7_CONTROL_CHARACTER'],
    [`${msh('ORU^R01', 'M1')}\r${msh('ORU^R01', 'M2')}\r`, 'AR HL7_SEVERAL_MESSAGES MSH[2]'],
    [`${msh('ORU^R01', '')}\r`, 'AR HL7_CONTROL_ID_MISSING MSH[1]-10'],
    [`${msh('ORU^R01', 'M1', '2.5', 'EBCDIC')}\r`, 'AR HL7_CHARSET_UNSUPPORTED MSH[1]-18'],
  ])('%j is refused: %s', (text, expected) => {
    expect(refusalOf(Buffer.from(text))).toBe(expected);
  });

  it('of types that are not used are accepted as unsupported', () => {
    for (const type of ['SIU^S12', 'MDM^T02', 'ADT^A05', 'ORU^R40', 'ACK']) {
      expect(refusalOf([msh(type, 'M1'), pid(1)])).toBe('accepted');
    }
  });

  it('read by any reader give the same values with any delimiters', () => {
    const usual = laboratoryMessage('M1', 1).join('\r');
    const swap: Readonly<Record<string, string>> = { '|': '$', '^': '%', '~': '*', '\\': '!', '&': '@' };
    const other = usual.replace(/[|^~\\&]/g, (character) => swap[character] as string);
    expect(readReports(Buffer.from(other))).toEqual(readReports(Buffer.from(usual)));
  });
});

describe('Any bytes whatever', () => {
  it('are read or refused, never thrown at the caller', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (noise) => {
        expect(() => refusalOf(noise)).not.toThrow();
        expect(() => refusalOf(Buffer.concat([toBytes(laboratoryMessage('M1', 1)), noise]))).not.toThrow();
      }),
    );
  });

  it('of half a megabyte without structure are read in linear time', () => {
    // Quadratic behaviour in any of these would take minutes.
    const big = 'x'.repeat(500_000);
    const head = [msh('ORU^R01', 'M1'), pid(1), obr('R1')].join('\r');
    const hostile = [
      `OBX|1|FT|X^Y||${'\\'.repeat(500_000)}||||||F`,
      `OBX|1|FT|X^Y||${'\\.br\\'.repeat(100_000)}||||||F`,
      `OBX|1|FT|X^Y||${'~'.repeat(500_000)}||||||F`,
      `OBX|1|CWE|X^Y||${'^'.repeat(500_000)}||||||F`,
      `OBX|1|FT|X^Y||${'a\r'.repeat(250_000)}`,
      `OBX${'|'.repeat(500_000)}`,
      `OBX|1|ED|X^Y||${'A='.repeat(250_000)}||||||F`,
      `OBX|1|NM|X^Y||${'9'.repeat(500_000)}||||||F`,
      // Nearly a number: the last character takes back every way of reading the others.
      `OBX|1|NM|X^Y||${'9'.repeat(500_000)}x||||||F`,
      `${'NTE\r'.repeat(100_000)}`,
      `PID|1||${'1^^^A^MR~'.repeat(50_000)}`,
      big,
    ];
    for (const segment of hostile) expect(refusalOf(Buffer.from(`${head}\r${segment}\r`))).not.toBe('');
  });
});
