import { expect, test } from 'vitest';
import { isUid } from './uids.ts';

test('a UID has digits and single dots and at most 64 characters', () => {
  expect(isUid('1.2.840.10008.5.1.4.1.1.2')).toBe(true);
  expect(isUid('2.25.' + '9'.repeat(39))).toBe(true);
  expect(isUid('1.2.03')).toBe(true);
  for (const text of ['', '1..2', '.1', '1.', '1.2a', '../etc', '1.2\0', '1'.repeat(65), '1.2 '])
    expect(isUid(text), text).toBe(false);
});
