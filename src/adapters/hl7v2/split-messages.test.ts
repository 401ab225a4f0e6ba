import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { laboratoryMessage, toBytes } from '../../../test/contract/hl7v2-messages.ts';
import { frameMessage } from './framing.ts';
import { splitMessages } from './split-messages.ts';

const split = (bytes: Uint8Array) => {
  const result = splitMessages(bytes);
  if (!result.ok) throw new Error(result.reason.code);
  return result.value;
};
const textOf = ({ bytes }: { bytes: Uint8Array }) => Buffer.from(bytes).toString('utf8');
const controlIds = (bytes: Uint8Array) => split(bytes).messages.map((found) => textOf(found).split('|')[9]);
const lines = (id: string) => laboratoryMessage(id, 1, 1);

describe('A file of messages', () => {
  it.each(['\r', '\n', '\r\n'])('with line end %j, parted by a blank line or by nothing', (end) => {
    const text = `${lines('A').join(end)}${end}${end}${lines('B').join(end)}${end}${lines('C').join(end)}`;
    expect(controlIds(Buffer.from(text))).toEqual(['A', 'B', 'C']);
    expect(split(Buffer.from(text)).stray).toEqual([]);
  });

  it('framed by MLLP', () => {
    const framed = Buffer.concat(['A', 'B'].map((id) => frameMessage(toBytes(lines(id)))));
    expect(controlIds(framed)).toEqual(['A', 'B']);
    expect(split(framed).messages.map(textOf)).toEqual(['A', 'B'].map((id) => lines(id).join('\r')));
  });

  it('in a batch of batches', () => {
    const text = [
      'FHS|^~\\&|X',
      'BHS|^~\\&|X',
      ...lines('A'),
      'BTS|1',
      'BHS|^~\\&|X',
      ...lines('B'),
      'BTS|1',
      'FTS|2',
    ].join('\r\n');
    const { messages, stray } = split(Buffer.from(text));
    expect([messages.map(textOf), stray]).toEqual([['A', 'B'].map((id) => lines(id).join('\r\n')), []]);
  });

  it('keeps the bytes of every message exactly, in its own character set', () => {
    const first = toBytes(lines('A'), 'gb18030');
    const second = toBytes(lines('B'), 'utf-8');
    const { messages } = split(Buffer.concat([first, second]));
    expect(messages.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).toEqual(
      [first, second].map((bytes) => Buffer.from(bytes.subarray(0, -1)).toString('hex')),
    );
  });

  it('reports what belongs to no message, with its offset', () => {
    const { messages, stray } = split(Buffer.from(`log line\r\n${lines('A').join('\r')}\x1c\rtrailing`));
    expect(messages.map(({ offset }) => offset)).toEqual([10]);
    expect(stray.map(textOf)).toEqual(['log line', 'trailing']);
  });

  it('of nothing holds nothing; UTF-16 is refused', () => {
    expect(split(new Uint8Array(0))).toEqual({ messages: [], stray: [] });
    expect(splitMessages(Buffer.from('\ufeffMSH|', 'utf16le'))).toMatchObject({
      ok: false,
      reason: { code: 'HL7_CHARSET_UNSUPPORTED' },
    });
  });

  it('with a byte order mark', () => {
    expect(controlIds(Buffer.from(`\ufeff${lines('A').join('\n')}`))).toEqual(['A']);
  });

  it('never throws and never invents bytes', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('MSH|^~\\&|', 'FHS|', 'PID|1', '\r', '\n', '\x0b', '\x1c', 'x', ' '), {
          maxLength: 40,
        }),
        (parts) => {
          const bytes = Buffer.from(parts.join(''), 'latin1');
          const { messages, stray } = split(bytes);
          for (const found of [...messages, ...stray]) {
            expect(
              Buffer.compare(
                bytes.subarray(found.offset, found.offset + found.bytes.length),
                Buffer.from(found.bytes),
              ),
            ).toBe(0);
          }
          for (const found of messages) expect(textOf(found).startsWith('MSH|')).toBe(true);
        },
      ),
    );
  });
});
