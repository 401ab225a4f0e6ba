import { expect, it } from 'vitest';
import { takeTurns } from './turns.ts';

it('goes on after an error, rests as told, and stops while it rests', async () => {
  const errors: unknown[] = [];
  let turns = 0;
  let third: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    third = resolve;
  });
  const worker = takeTurns(
    async () => {
      turns++;
      if (turns === 2) throw new Error('the database is gone');
      if (turns === 3) third();
      return turns < 3 ? 0 : 3_600_000;
    },
    (error) => errors.push(error),
  );
  await reached;
  await worker.stop();
  expect(turns).toBe(3);
  expect(errors).toHaveLength(1);
});
