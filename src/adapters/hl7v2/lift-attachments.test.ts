import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { liftAttachments } from './lift-attachments.ts';
import { readLargeMessage } from './read-large.ts';
import { readHl7Message } from './read-message.ts';
import type { SenderDefaults } from './reading.ts';

const SENDER: SenderDefaults = {
  charset: 'utf-8',
  zone: 'Asia/Shanghai',
  institution: 'H',
  dialect: {},
};
/** Larger than what is read at once, of every byte value, and of a length that needs padding. */
const PDF = Buffer.concat([
  Buffer.from('%PDF-1.7\n'),
  Buffer.from(Array.from({ length: 1_100_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff)),
]);
const BASE64 = PDF.toString('base64');
const ADDRESS_ALPHABET = PDF.toString('base64url');
const HALF = BASE64.length >> 1;

const message = (data: string, encoding = 'Base64', [f, c, r, e, s] = '|^~\\&'.split('')): string =>
  [
    `MSH${f}${c}${r}${e}${s}${f}LIS${f}H${f}${f}${f}20261101080000+0800${f}${f}ORU${c}R01${f}M1${f}P${f}2.5`,
    `PID${f}1${f}${f}MR1${c}${c}${c}H${c}MR${f}${f}LIFTED0${f}${f}19800101${f}M`,
    `OBR${f}1${f}O1${f}R1${f}GLU${c}葡萄糖${c}L${f}${f}${f}20261101080000${f}${f}${f}${f}${f}${f}${f}${f}${f}${f}${f}${f}${f}${f}${f}20261101090000${f}${f}LAB${f}F`,
    `OBX${f}1${f}ED${f}PDF${c}报告${f}${f}${c}AP${c}PDF${c}${encoding}${c}${data}${f}${f}${f}${f}${f}${f}F`,
    `OBX${f}2${f}NM${f}GLU${c}葡萄糖${c}L${f}${f}5.6${f}mmol/L${f}3.9-6.1${f}${f}${f}${f}F`,
  ].join('\r');

const same = async (bytes: Buffer): Promise<boolean> => {
  const lifted = readLargeMessage(bytes, await liftAttachments(bytes), SENDER);
  return isDeepStrictEqual(structuredClone(lifted), structuredClone(readHl7Message(bytes, SENDER)));
};

describe('a long attachment, lifted out of its message', () => {
  it('leaves a mark that the message does not contain elsewhere, and comes out as it went in', async () => {
    const lifted = await liftAttachments(Buffer.from(message(BASE64)));
    const [[mark, attachment] = []] = lifted?.attachments ?? [];
    expect(mark).toBe('LIFTEDX0');
    expect(Buffer.from(attachment?.bytes ?? []).equals(PDF)).toBe(true);
    expect(Buffer.from(lifted?.rest ?? []).toString()).toBe(message('LIFTEDX0'));
  });

  it.each([
    ['as usual', message(BASE64), true],
    ['with the encoding in small letters', message(BASE64, 'base64'), true],
    ['with other delimiters', message(BASE64, 'Base64', ['#', '@', '*', '%', '$']), true],
    ['in the last field of the message', message(BASE64).split('\r').slice(0, 4).join('\r'), true],
    ['without its padding', message(BASE64.replace(/=+$/, '')), true],
    ['followed by a repetition', message(`${BASE64}~^AP^PDF^Base64^JVBERi0x`), true],
    ['in lines', message(`${BASE64.slice(0, HALF)}\\.br\\${BASE64.slice(HALF)}`), false],
    ['as hex', message(PDF.toString('hex'), 'Hex'), false],
    ['in the alphabet of addresses', message(ADDRESS_ALPHABET), false],
    ['with a letter too many', message(`${BASE64.replace(/=+$/, '')}AA`), false],
    ['with padding in its middle', message(`${BASE64.slice(0, HALF)}=${BASE64.slice(HALF)}`), false],
    [
      'with what no encoding has in its middle',
      message(`${BASE64.slice(0, HALF)}!${BASE64.slice(HALF)}`),
      false,
    ],
    ['of a message that is refused for another reason', message(BASE64).replace('|5.6|', '|5,6.|'), true],
    ['of a message with a control character behind it', message(BASE64).replace('|5.6|', '|5\u0000|'), true],
  ])('%s: says what it would have said at once', async (_, text, isLifted) => {
    const bytes = Buffer.from(text);
    expect((await liftAttachments(bytes)) !== undefined).toBe(isLifted);
    expect(await same(bytes)).toBe(true);
  });

  it('is not looked for in what is no message', async () => {
    expect(await liftAttachments(Buffer.from(`Base64^${BASE64}`))).toBe(undefined);
  });
});
