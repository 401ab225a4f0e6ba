import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerReview } from '../../src/apps/flows/checks/answer-review.ts';
import type { Actor } from '../../src/apps/server/flows-port.ts';
import type { PublicId } from '../../src/kernel/uuid.ts';
import type { RepeatsAnswer } from '../../src/web/wire/answer-review.ts';
import { checkResponseRequestShape } from '../../src/web/wire/order-check-request.ts';
import { memberOf, type RegionBench, regionBench } from './region-bench.ts';

let bench: RegionBench;
beforeAll(async () => {
  bench = await regionBench();
});
afterAll(() => bench.drop());

const officeOf = (institution: string): Actor => ({
  kind: 'staff',
  name: 'staff:office',
  login: 'office',
  role: 'medical-affairs',
  institution: institution as never,
  staffNumber: '900002',
  department: '医务处',
  displayName: '演练医务处',
});

const repeats = async (institution = 'YX-COUNTY'): Promise<RepeatsAnswer['items']> => {
  const answer = await answerReview(bench.dependencies).repeats(officeOf(institution), {}, bench.origin);
  if (!answer.ok) throw answer.reason;
  return answer.value.items;
};

/** Orders as in a story and gives these answers, one after the other, on every line. */
const answerAll = async (key: string, ...bodies: readonly object[]): Promise<void> => {
  const { id, lines } = await bench.check(bench.orderOf(memberOf(bench, key)));
  for (const { line } of lines)
    for (const body of bodies) {
      const answered = await bench.flows.respond(
        bench.doctor,
        id as PublicId,
        checkResponseRequestShape.parse({ line, ...body }),
        null,
        bench.origin,
      );
      if (!answered.ok) throw answered.reason;
    }
};

test('HBsAg examined again before an operation under N3 is a repeat and not an avoidable one', async () => {
  await answerAll('pre-operative', { kind: 're-examine', reason: 'N3' });
  expect((await repeats()).find(({ item }) => item.code === 'LI-HBSAG')).toMatchObject({
    repeats: 1,
    avoidable: 0,
    reasons: [{ reason: 'N3', answers: 1 }],
  });
});

test('potassium examined again for another reason (N6) is avoidable, each item of the panel once', async () => {
  await answerAll('potassium-five', { kind: 're-examine', reason: 'N6', text: '患者及家属要求重新检查一次' });
  const items = await repeats();
  expect(items.find(({ item }) => item.code === 'LC-K')).toMatchObject({ repeats: 1, avoidable: 1 });
  expect(items[0]?.avoidable).toBe(1);
  expect(items.find(({ item }) => item.code === 'LI-HBSAG')?.avoidable).toBe(0);
});

test('a repeat that was taken back does not count, a recognition never does, and each institution sees its own', async () => {
  const before = await repeats();
  await answerAll('cross-province', { kind: 're-examine', reason: 'N1' }, { kind: 'undo' });
  await answerAll('namesake-one', { kind: 'recognise' });
  expect(await repeats()).toEqual(before);
  expect(await repeats('WX-CENTRAL')).toEqual([]);
});
