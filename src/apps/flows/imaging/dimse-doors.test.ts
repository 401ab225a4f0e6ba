import { describe, expect, test } from 'vitest';
import { isFrom } from '../../../adapters/postgres/application-entities.ts';
import { storeStatus } from './dimse-doors.ts';

describe('the status of a C-STORE (PS3.4 annex B.2.3)', () => {
  const header = {} as never;

  test.each(['stored', 'known', 'other-content', 'other-series', 'two-patients'] as const)(
    'is success for what was kept: %s',
    (outcome) => {
      expect(storeStatus({ kind: 'indexed', outcome, header })).toEqual({ status: 0x0000 });
    },
  );

  test('is A900 where command and data set disagree, C000 where nothing can be read', () => {
    expect(storeStatus({ kind: 'quarantined', reason: 'sop-class-uid-differs' }).status).toBe(0xa900);
    expect(storeStatus({ kind: 'quarantined', reason: 'malformed' }).status).toBe(0xc000);
  });

  test('has a comment that fits its element', () => {
    for (const reason of [
      'StudyInstanceUID',
      'too-many-elements',
      'inflates-too-far',
      'header-too-large',
    ] as const)
      expect((storeStatus({ kind: 'quarantined', reason }).comment ?? '').length).toBeLessThanOrEqual(64);
  });
});

test('an address is recognised alone and within a network, in both families', () => {
  expect(isFrom(['10.1.2.3'], '10.1.2.3')).toBe(true);
  expect(isFrom(['10.1.0.0/16'], '10.1.2.3')).toBe(true);
  expect(isFrom(['10.1.0.0/16'], '10.2.2.3')).toBe(false);
  expect(isFrom(['fd00::/8'], 'fd12::1')).toBe(true);
  expect(isFrom(['10.1.0.0/16'], 'fd12::1')).toBe(false);
  expect(isFrom([], '10.1.2.3')).toBe(false);
});
