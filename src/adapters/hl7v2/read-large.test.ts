import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from 'vitest';
import { READ_AT_ONCE_MAX_BYTES, readHl7MessageAside } from './read-large.ts';
import { readHl7Message } from './read-message.ts';
import type { SenderDefaults } from './reading.ts';

const SENDER: SenderDefaults = {
  charset: 'utf-8',
  zone: 'Asia/Shanghai',
  institution: 'H',
  dialect: {},
};
const PDF = Buffer.concat([Buffer.from('%PDF-1.7\n'), Buffer.alloc(READ_AT_ONCE_MAX_BYTES, 0x37)]);

/** A report with a number, the same PDF twice and a tiny one, in hex, which is not lifted. */
const message = (...last: string[]): Buffer =>
  Buffer.from(
    [
      'MSH|^~\\&|LIS|H|||20261101080000+0800||ORU^R01|M1|P|2.5|||||CHN|UNICODE UTF-8',
      'PID|1||MR1^^^H^MR||张三||19800101|M',
      'OBR|1|O1|R1|GLU^葡萄糖^L|||20261101080000|||||||||||||||20261101090000||LAB|F',
      'OBX|1|NM|GLU^葡萄糖^L||5.6|mmol/L|3.9-6.1||||F',
      `OBX|2|ED|PDF^报告||^AP^PDF^Hex^${PDF.toString('hex')}||||||F`,
      `OBX|3|ED|PDF^报告||^AP^PDF^Hex^${PDF.toString('hex')}||||||F`,
      `OBX|4|ED|PDF^报告||^AP^PDF^Hex^${PDF.subarray(0, 30).toString('hex')}||||||F`,
      ...last,
    ].join('\r'),
  );

describe('a large message out of which nothing can be lifted, read in a thread of its own', () => {
  it('says what it would have said at once, attachments included, and its bytes stay the caller’s', async () => {
    const bytes = message();
    const before = Buffer.from(bytes);
    const read = await readHl7MessageAside(bytes, SENDER);
    expect(bytes.equals(before)).toBe(true);
    // As it comes out of a thread: Node's Buffer is a plain array of bytes there.
    const atOnce = structuredClone(readHl7Message(bytes, SENDER));
    expect(read.ok).toBe(true);
    expect(isDeepStrictEqual(read, atOnce)).toBe(true);
  });

  it('is refused for the same reason and place', async () => {
    const bytes = message('OBX|5|NM|GLU^葡萄糖^L||5.6|mmol/L|||||?');
    const read = await readHl7MessageAside(bytes, SENDER);
    expect(read.ok).toBe(false);
    expect(read).toEqual(readHl7Message(bytes, SENDER));
  });

  it('leaves the event loop to others, which a message of usual size is too small for', async () => {
    const order: string[] = [];
    const large = readHl7MessageAside(message(), SENDER).then(() => order.push('large'));
    const turns = (async () => {
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      order.push('twenty turns');
    })();
    const small = readHl7MessageAside(Buffer.from('MSH|^~\\&|LIS'), SENDER).then(() => order.push('small'));
    await Promise.all([large, turns, small]);
    expect(order).toEqual(['small', 'twenty turns', 'large']);
  });
});
