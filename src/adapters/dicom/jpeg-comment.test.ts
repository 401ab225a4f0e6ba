import { expect, test } from 'vitest';
import { withComment } from './jpeg-comment.ts';

const START = [0xff, 0xd8];
const JFIF = [0xff, 0xe0, 0, 7, 0x4a, 0x46, 0x49, 0x46, 0];
const REST = [0xff, 0xdb, 0, 2, 0xff, 0xd9];
const COMMENT = [0xff, 0xfe, 0, 5, 0x61, 0x62, 0x63];

test.each([
  ['behind the header of JFIF', [...START, ...JFIF], REST],
  ['at the beginning where there is none', START, REST],
])('a comment stands %s', (_, before, behind) => {
  const commented = withComment(Uint8Array.from([...before, ...behind]), 'abc');
  expect([...commented]).toEqual([...before, ...COMMENT, ...behind]);
});
