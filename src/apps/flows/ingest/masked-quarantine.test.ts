import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ShownQuarantine } from './ingest-replay.ts';
import { maskedQuarantine } from './masked-quarantine.ts';

const shownOf = (lines: readonly string[]): ShownQuarantine => ({
  message: {} as ShownQuarantine['message'],
  bytes: Buffer.from(lines.join('\r')),
  segments: lines.map((line) => ({ place: `${line.slice(0, 3)}[1]`, fields: line.split('|') })),
  unreadable: null,
});

const maskedLines = (lines: readonly string[]): string =>
  maskedQuarantine(shownOf(lines))
    .segments.map(({ fields }) => fields.join('|'))
    .join('\r');

const HEADER = 'MSH|^~\\&|LIS|H1|HUREN|R|20261120093000||ORU^R01|C1|P|2.5.1';

const han = fc
  .array(fc.integer({ min: 0x4e00, max: 0x9fa5 }), { minLength: 2, maxLength: 5 })
  .map((codes) => String.fromCodePoint(...codes))
  .filter((name) => !name.includes('某') && !'钾谷丙转氨酶'.includes(name));
const digits = (length: number) =>
  fc
    .array(fc.integer({ min: 1, max: 9 }), { minLength: length, maxLength: length })
    .map((each) => each.join(''));

describe('a masked message', () => {
  it('says neither name nor number of a person segment, there or anywhere else', () => {
    fc.assert(
      fc.property(han, han, digits(18), digits(9), (name, relative, nationalId, record) => {
        const text = maskedLines([
          HEADER,
          `PID|1||${record}^^^H1^MR~${nationalId}^^^CN^NI||${name}||19630819|M`,
          `NK1|1|${relative}|CHD`,
          `ZZ1|${relative}`,
          `OBX|1|ST|K^钾||${name}4.1${relative}(${record})|mmol/L`,
          `PV1|1|O|||||100118^${name}^||||||||||||${nationalId}`,
        ]);
        for (const secret of [name, relative, nationalId, record, '19630819'])
          expect(text).not.toContain(secret);
        expect(text).toContain('^^^H1^MR~');
        expect(text).toContain('OBX|1|ST|K^钾||');
      }),
    );
  });

  it('has the same segments, fields and components as the message', () => {
    const lines = [HEADER, 'PID|1||A1^^^H1^MR||王^某&x~李||1963', 'OBX|1|NM|K^钾||4.1|mmol/L|3.5-5.3|N|||F'];
    const separators = (text: string): string => text.replace(/[^|^~&\r]/g, '');
    expect(separators(maskedLines(lines))).toBe(separators(lines.join('\r')));
    expect(maskedLines(lines)).toContain('OBX|1|NM|K^钾||4.1|mmol/L|3.5-5.3|N|||F');
  });

  it('takes the separators that the message declares', () => {
    const text = maskedLines([
      'MSH|@!\\&|LIS|H1',
      'PID|1||711204@@@H1@MR!X@@@CN@NI||欧阳锦程',
      'OBX|1|ST|K||711204',
    ]);
    expect(text).toContain('000000@@@H1@MR!x@@@CN@NI||某某某某');
    expect(text).not.toContain('711204');
  });

  it.each([
    ['13803119999', '00000000000'],
    ['+86 138-0311-9999', '+00 000-0000-0000'],
    ['0311-85551234', '0000-00000000'],
    ['48022519630819057X', '00000000000000000x'],
    ['20261120093000', '20261120093000'],
    ['R20261120000123', 'R20261120000123'],
  ])('shows %s in a result as %s', (value, shown) => {
    expect(maskedLines([HEADER, `OBX|1|ST|K||${value}`])).toContain(`OBX|1|ST|K||${shown}`);
  });
});
