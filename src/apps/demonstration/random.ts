/**
 * A source of reproducible randomness. Streams are named: `fork` makes a stream that depends only on the names that lead
 * to it, so that drawing more in one place never changes what another place draws.
 */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** One of the values, all equally likely. */
  pick<Value>(values: readonly Value[]): Value;
  /** One of the values, with the weights beside them. */
  weighted<Value>(choices: readonly (readonly [Value, number])[]): Value;
  /** Standard normal. */
  normal(): number;
  /** A text of so many decimal digits. */
  digits(count: number): string;
  /** The stream of that name under this one. */
  fork(name: string): Random;
}

/** 32-bit FNV-1a of a text's UTF-16 units, started from another value for independent words. */
const hash32 = (text: string, start: number): number => {
  let hash = start;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return (hash ^ (hash >>> 13)) >>> 0;
};

/**
 * Opens the stream of that name. The generator is sfc32 (Chris Doty-Humphrey's small fast counter): 128 bits of state,
 * passes PractRand, four additions and shifts a number.
 */
export const randomStream = (name: string): Random => {
  let a = hash32(name, 0x811c9dc5);
  let b = hash32(name, 0x9e3779b9);
  let c = hash32(name, 0x85ebca6b);
  let counter = 1;
  const word = (): number => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + sum) | 0;
    return sum >>> 0;
  };
  for (let round = 0; round < 12; round++) word();

  const next = (): number => word() / 0x1_0000_0000;
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    whole,
    chance: (probability) => next() < probability,
    pick: (values) => values[whole(0, values.length - 1)] as (typeof values)[number],
    weighted: (choices) => {
      const total = choices.reduce((sum, [, weight]) => sum + weight, 0);
      let left = next() * total;
      for (const [value, weight] of choices) {
        left -= weight;
        if (left < 0) return value;
      }
      return (choices.at(-1) as (typeof choices)[number])[0];
    },
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    digits: (count) => Array.from({ length: count }, () => whole(0, 9)).join(''),
    fork: (child) => randomStream(`${name}/${child}`),
  };
};
