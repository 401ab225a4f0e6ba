import { expect, it } from 'vitest';
import { photoMediaType } from './photo.ts';

const bytesOf = (head: string) => Buffer.concat([Buffer.from(head, 'latin1'), Buffer.alloc(20)]);
const kindOf = (bytes: Uint8Array): string => {
  const found = photoMediaType(bytes);
  return found.ok ? found.value : found.reason.code;
};

it.each([
  ['\xff\xd8\xff\xe1', 'image/jpeg'],
  ['\x89PNG\r\n\x1a\n', 'image/png'],
  ['%PDF-1.7', 'application/pdf'],
  ['\0\0\0\x18ftypheic', 'PHOTO_HEIC'],
  ['\0\0\0\x20ftypmif1', 'PHOTO_HEIC'],
  ['\0\0\0\x18ftypmp42', 'PHOTO_TYPE_UNSUPPORTED'],
  ['<svg onload=', 'PHOTO_TYPE_UNSUPPORTED'],
  ['GIF89a', 'PHOTO_TYPE_UNSUPPORTED'],
])('a file that begins with %j is %s', (head, expected) => {
  expect(kindOf(bytesOf(head))).toBe(expected);
});

it('an empty file is nothing', () => {
  expect(kindOf(new Uint8Array())).toBe('PHOTO_TYPE_UNSUPPORTED');
});
