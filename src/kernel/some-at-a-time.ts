/**
 * Does some work for each value, so many at a time. After a failure no other is begun.
 *
 * @returns what came of each, in the order of the values
 * @throws the first failure
 */
export const someAtATime = async <Value, Done>(
  values: readonly Value[],
  atATime: number,
  work: (value: Value) => Promise<Done>,
): Promise<Done[]> => {
  const done: Done[] = [];
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < values.length) {
      const index = next++;
      try {
        done[index] = await work(values[index] as Value);
      } catch (error) {
        next = values.length;
        throw error;
      }
    }
  };
  await Promise.all(Array.from({ length: atATime }, lane));
  return done;
};
