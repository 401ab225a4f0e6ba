import { Fault } from './fault.ts';

/**
 * Does some work for each value, one after the other: one that fails keeps the others from nothing. What is away for now
 * (status 503) fails them all, so none is tried behind it.
 *
 * @returns what came of each
 * @throws the first failure, when all were tried
 */
export const eachApart = async <Value, Done>(
  values: readonly Value[],
  work: (value: Value) => Promise<Done>,
): Promise<readonly Done[]> => {
  const done: Done[] = [];
  const failures: unknown[] = [];
  for (const value of values)
    try {
      done.push(await work(value));
    } catch (error) {
      if (error instanceof Fault && error.status === 503) throw error;
      failures.push(error);
    }
  if (failures.length > 0) throw failures[0];
  return done;
};
