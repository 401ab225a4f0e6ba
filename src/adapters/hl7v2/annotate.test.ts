import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { annotateHl7Message } from './annotate.ts';
import { readHl7Message } from './read-message.ts';
import type { SenderDefaults } from './reading.ts';

const DEFAULTS: SenderDefaults = {
  charset: 'utf-8',
  zone: 'Asia/Shanghai',
  institution: 'H1',
  dialect: { fields: { barcode: 'OBR-20' } },
};

const MESSAGE = [
  'MSH|^~\\&|LIS|H1|||20261120||ORU^R01|M1|P|2.5.1||||||UNICODE UTF-8',
  'PID|1||P1^^^H1^MR||张䶮||19800101|M|||甲路\\T\\乙路||||||||||||||||||',
  'OBR|1|A1|R1|BIO^生化|||20261120080000|||||||||||||BC77||20261120090000|||F',
  'OBX|1|NM|K^钾||4.1|mmol/L|3.5-5.3|N|||F',
  'ZZZ|x',
].join('\r');

const annotate = (text: string) => annotateHl7Message(Buffer.from(text), DEFAULTS);
const fieldAt = (text: string, place: string) =>
  annotate(text)
    .segments.flatMap(({ fields }) => fields)
    .find((field) => field.place === place);

describe('the annotation of a message', () => {
  test('reads exactly as ingest does, whatever the bytes are', () => {
    const bytes = Buffer.from(MESSAGE);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (index, byte) => {
        const changed = Buffer.from(bytes);
        changed[index] = byte;
        const taken = readHl7Message(changed, DEFAULTS);
        const shown = annotateHl7Message(changed, DEFAULTS);
        if (taken.ok) expect(shown.read).toEqual(taken);
        else expect(shown.refusals[0]?.code).toBe(taken.reason.code);
      }),
    );
  });

  test('says which fields the reading used', () => {
    expect(fieldAt(MESSAGE, 'OBX[1]-5')?.isRead).toBe(true);
    expect(fieldAt(MESSAGE, 'MSH[1]-18')?.isRead).toBe(true);
    expect(fieldAt(MESSAGE, 'OBX[1]-1')?.isRead).toBe(false);
    expect(fieldAt(MESSAGE, 'ZZZ[1]-1')).toMatchObject({ isRead: false, named: undefined });
  });

  test('names fields with their clause, and places that the sender keeps by agreement', () => {
    expect(fieldAt(MESSAGE, 'OBX[1]-6')?.named).toEqual({
      name: { zh: '单位', en: 'Unit' },
      clause: 'HL7 v2.5.1 §7.4.2.6',
    });
    expect(fieldAt(MESSAGE, 'OBR[1]-20')?.own).toBe('barcode');
  });

  test('resolves escapes in components and keeps what was sent', () => {
    expect(fieldAt(MESSAGE, 'PID[1]-11')).toMatchObject({
      raw: '甲路\\T\\乙路',
      repetitions: [[{ number: 1, text: '甲路&乙路' }]],
    });
  });

  test('finds everything that is wrong, the reason of the refusal first', () => {
    const wrong = MESSAGE.replace('20261120080000', '20261320080000').replace(/F(?=\rZZZ)/, 'Q');
    expect(annotate(wrong).refusals.map(({ code, place }) => [code, place])).toEqual([
      ['HL7_STATUS_UNKNOWN', 'OBX[1]-11'],
      ['HL7_TIME_IMPOSSIBLE', 'OBR[1]-7'],
    ]);
  });

  test('shows the segments of a message with an undecodable byte, and the field it is in', () => {
    const bytes = Buffer.from(MESSAGE.replace('张䶮', 'XX'));
    bytes[bytes.indexOf('XX')] = 0xd1;
    const shown = annotateHl7Message(bytes, DEFAULTS);
    expect(shown.refusals).toMatchObject([{ code: 'HL7_BYTES_UNDECODABLE', place: 'PID[1]-5' }]);
    expect(shown.segments).toHaveLength(5);
  });
});
