import { expect, test } from 'vitest';
import { eachApart } from './each-apart.ts';
import { Fault } from './fault.ts';

const AWAY = new Fault('AWAY', { status: 503, zh: '暂不可用', en: 'away' });

const tried = async (failing: ReadonlyMap<number, Error>) => {
  const seen: number[] = [];
  const outcome = await eachApart([1, 2, 3], async (value) => {
    seen.push(value);
    const failure = failing.get(value);
    if (failure) throw failure;
    return value * 10;
  }).catch((error: unknown) => error);
  return { seen, outcome };
};

test('gives what came of each', async () => {
  expect(await tried(new Map())).toEqual({ seen: [1, 2, 3], outcome: [10, 20, 30] });
});

test('one that fails keeps the others from nothing, and its failure is told', async () => {
  const [first, second] = [new Error('first'), new Error('second')];
  const failing = new Map([
    [1, first],
    [2, second],
  ]);
  expect(await tried(failing)).toEqual({ seen: [1, 2, 3], outcome: first });
});

test('behind what is away nothing is tried', async () => {
  expect(await tried(new Map([[2, AWAY]]))).toEqual({ seen: [1, 2], outcome: AWAY });
});
