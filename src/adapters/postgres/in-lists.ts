/**
 * Lists of values as single parameters: `item_id in ($3, $4, …)`. With an array parameter PostgreSQL finds every plan
 * made for the actual array cheaper than the general one and so plans each call anew, which costs several times the
 * reading itself. A statement is needed for every size, so sizes are few and a shorter list repeats its last value,
 * which changes nothing in an `in` list.
 */

/** The parameters of an `in` list: `$3, $4, $5` for (3, 3). */
export const inParameters = (first: number, count: number): string =>
  Array.from({ length: count }, (_, index) => `$${first + index}`).join(', ');

/** The smallest of the ascending sizes that holds so many values; undefined when none does. */
export const inSize = (sizes: readonly number[], count: number): number | undefined =>
  sizes.find((size) => size >= count);

/** The values, the last repeated until there are `size` of them. There must be at least one. */
export const inValues = <Value>(values: readonly Value[], size: number): Value[] => {
  const last = values.at(-1);
  if (last === undefined) throw new RangeError('an in list needs a value');
  return Array.from({ length: size }, (_, index) => values[index] ?? last);
};
