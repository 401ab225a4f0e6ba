import { expect, test } from 'vitest';
import { studiedAt } from './study-time.ts';

test.each([
  ['20261118', '091500.000', '2026-11-18 09:15'],
  ['20261118', '0915', '2026-11-18 09:15'],
  ['20261118', null, '2026-11-18'],
  ['20261118', '9915', '2026-11-18'],
  ['20240229', '2359', '2024-02-29 23:59'],
  ['20260229', '0915', null],
  ['20261399', '104500', null],
  ['20260000', '104500', null],
  ['2026', '104500', null],
  [null, '104500', null],
])('a header that states %s and %s tells %s', (studyDate, studyTime, told) => {
  expect(studiedAt({ studyDate, studyTime })).toBe(told);
});
