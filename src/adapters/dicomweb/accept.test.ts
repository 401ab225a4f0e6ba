import { expect, test } from 'vitest';
import { codedWanted } from './accept.ts';

const RPCL = '1.2.840.10008.1.2.4.202';
const LOSSLESS = '1.2.840.10008.1.2.4.201';
const wanted = (accept: string | undefined, count = 1) => codedWanted(accept, [RPCL, LOSSLESS], count);

test.each([
  ['image/jphc', 'image/jphc', LOSSLESS],
  [`image/jphc; transfer-syntax=${RPCL}`, 'image/jphc', RPCL],
  [
    `image/jphc; transfer-syntax=${RPCL}, application/octet-stream; transfer-syntax=*; q=0.5`,
    'image/jphc',
    RPCL,
  ],
  ['multipart/related; type="image/jphc"', 'image/jphc', LOSSLESS],
  [`application/octet-stream; transfer-syntax=${LOSSLESS}`, 'application/octet-stream', LOSSLESS],
  [
    `multipart/related; type="application/octet-stream"; transfer-syntax=${RPCL}`,
    'application/octet-stream',
    RPCL,
  ],
  [`*/*; q=0.1, multipart/related; type="image/jphc"; transfer-syntax=${RPCL}`, 'image/jphc', RPCL],
])('%s asks for HTJ2K', (accept, type, transferSyntax) => {
  expect(wanted(accept)).toEqual({ type, transferSyntax });
});

test.each([
  undefined,
  '*/*',
  'multipart/related; type="application/octet-stream"; transfer-syntax=*',
  'application/octet-stream, image/jphc; q=0.5',
  `application/octet-stream; transfer-syntax=1.2.840.10008.1.2.1, image/jphc`,
  'image/jpeg',
  'image/jphc; transfer-syntax=1.2.840.10008.1.2.4.203',
  'image/jphc; q=0',
])('%s asks for what is stored, or for something else', (accept) => {
  expect(wanted(accept)).toBeNull();
});

test('several frames come in parts only', () => {
  expect(wanted('image/jphc', 2)).toBeNull();
  expect(wanted('multipart/related; type="image/jphc"', 2)).not.toBeNull();
});
