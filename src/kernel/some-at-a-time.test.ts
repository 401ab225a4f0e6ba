import { expect, test } from 'vitest';
import { someAtATime } from './some-at-a-time.ts';

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

test('gives what came of each in order, with no more under way than asked', async () => {
  let underWay = 0;
  let most = 0;
  const done = await someAtATime([5, 1, 3, 0, 2], 2, async (turns) => {
    underWay += 1;
    most = Math.max(most, underWay);
    for (let left = turns; left > 0; left--) await turn();
    underWay -= 1;
    return turns * 10;
  });
  expect(done).toEqual([50, 10, 30, 0, 20]);
  expect(most).toBe(2);
  expect(await someAtATime([], 2, turn)).toEqual([]);
});

test('after a failure none is begun', async () => {
  const begun: number[] = [];
  const work = async (value: number): Promise<void> => {
    begun.push(value);
    await turn();
    if (value === 2) throw new Error('two');
  };
  await expect(someAtATime([1, 2, 3, 4, 5, 6], 2, work)).rejects.toThrow('two');
  await turn();
  expect(begun).not.toContain(5);
});
