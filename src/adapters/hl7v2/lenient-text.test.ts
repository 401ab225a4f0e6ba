import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeText } from './charset.ts';
import { decodePieces, holdsByteMark, markedText, showBytes } from './lenient-text.ts';

const back = (pieces: ReturnType<typeof decodePieces>): Buffer =>
  Buffer.concat(
    pieces.map((piece) => ('hex' in piece ? Buffer.from(piece.hex, 'hex') : Buffer.from(piece.text, 'utf8'))),
  );

test('no byte is lost or made up, whatever the bytes are', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      expect(back(decodePieces(bytes, 'utf-8'))).toEqual(Buffer.from(bytes));
    }),
  );
});

test('a text without broken bytes is one piece', () => {
  const bytes = encodeText('张䶮𠮷', 'gb18030') ?? new Uint8Array();
  expect(decodePieces(bytes, 'gb18030')).toEqual([{ text: '张䶮𠮷' }]);
});

test('a broken byte stands in its place, and what follows it is read again', () => {
  const bytes = Buffer.concat([Buffer.from('PID|李'), Buffer.from([0xd1]), Buffer.from('|男\rOBX|1')]);
  expect(showBytes(bytes, 'utf-8')).toEqual({
    lines: [[{ text: 'PID|李' }, { hex: 'D1' }, { text: '|男' }], [{ text: 'OBX|1' }]],
    undecodable: 1,
    cut: false,
  });
  const text = markedText(decodePieces(bytes, 'utf-8'));
  expect(text).toBe('PID|李⟪D1⟫|男\rOBX|1');
  expect(holdsByteMark(text)).toBe(true);
  expect(holdsByteMark(text.replace('⟪D1⟫', '明'))).toBe(false);
});

test('a message in another set altogether is shown byte by byte without end', () => {
  const bytes = Buffer.alloc(5_000, 0xd1);
  const shown = showBytes(bytes, 'utf-8');
  expect(shown.undecodable).toBe(5_000);
  expect(back(decodePieces(bytes, 'utf-8'))).toEqual(bytes);
});
