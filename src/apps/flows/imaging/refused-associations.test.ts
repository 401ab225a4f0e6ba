import { afterEach, expect, test } from 'vitest';
import type { Session, SqlValue } from '../../../adapters/postgres/database.ts';
import { instant } from '../../../kernel/instant.ts';
import { type RefusalCounts, refusalCounts } from './refused-associations.ts';

const PEER = { callingAeTitle: 'CT1', remoteAddress: '10.0.0.5' };
let refusals: RefusalCounts | undefined;
afterEach(() => refusals?.stop());

test('what could not be written down is written with what came since', async () => {
  const written: unknown[][] = [];
  let isAway = true;
  const session = {
    run: async (statement: { readonly name: string }, values: readonly SqlValue[] = []) => {
      if (isAway) throw new Error('away');
      if (statement.name === 'image-reception.refuse') written.push(values.slice(1, 5));
      return [];
    },
  } as unknown as Session;
  refusals = refusalCounts(
    session,
    () => instant(Date.parse('2026-11-26T08:00:00Z')),
    () => undefined,
  );
  refusals.count(PEER, 'callingAeTitle');
  refusals.count(PEER, 'callingAeTitle');
  await expect(refusals.write()).rejects.toThrow('away');
  refusals.count(PEER, 'callingAeTitle');
  refusals.count({ ...PEER, callingAeTitle: 'MR\u0000' }, 'callingAeTitle');
  isAway = false;
  await refusals.write();
  expect(written).toEqual([
    ['CT1', '10.0.0.5', 'callingAeTitle', 3],
    ['MR?', '10.0.0.5', 'callingAeTitle', 1],
  ]);
  await refusals.write();
  expect(written).toHaveLength(2);
});
