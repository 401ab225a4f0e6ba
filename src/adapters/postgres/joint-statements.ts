import { type JointForm, type Statement, statement } from './database.ts';

/** How a text names the parameter at a place, counted from 1: `$3::bigint` where it is asked alone. */
export type Parameter = (place: number) => string;

/** Parameters of the ask at a place among several, whose values follow each other. */
const parametersOf =
  (types: readonly string[], ask: number): Parameter =>
  (place) =>
    `$${ask * types.length + place}::${types[place - 1]}`;

const joint = (name: string, textOf: (asks: number) => string): JointForm => {
  const made = new Map<number, Statement>();
  return {
    of(asks) {
      let one = made.get(asks);
      if (!one) {
        one = { name: `${name}-of-${asks}`, text: textOf(asks) };
        made.set(asks, one);
      }
      return one;
    },
  };
};

/**
 * Declares a read that is made for several callers at once: each ask is a row of values, and what the read gives for
 * it stands beside it. The rows of an ask keep their order, for asks are gone through one after the other.
 *
 * @param types type of each parameter
 * @param text the read; it names parameters by what it is handed and nothing else
 */
export const jointRead = (
  name: string,
  types: readonly string[],
  text: (parameter: Parameter) => string,
): Statement => {
  const columns = types.map((_type, index) => `p${index + 1}`).join(', ');
  const read = text((place) => `asked.p${place}`);
  return {
    ...statement(name, text(parametersOf(types, 0))),
    joint: joint(name, (asks) => {
      const rows = Array.from({ length: asks }, (_, ask) => {
        const values = types.map((_type, index) => parametersOf(types, ask)(index + 1));
        return `(${[ask, ...values].join(', ')})`;
      });
      return `select asked.ask, found.* from (values ${rows.join(', ')}) as asked(ask, ${columns})
   cross join lateral (${read}) as found`;
    }),
  };
};

/**
 * Declares a statement that keeps something for one caller or, in one commit, for several. It gives no rows.
 *
 * @param types type of each parameter of one ask
 * @param text the statement for so many asks as it is handed parameters of
 */
export const jointWrite = (
  name: string,
  types: readonly string[],
  text: (asks: readonly Parameter[]) => string,
): Statement => {
  const textOf = (asks: number): string =>
    text(Array.from({ length: asks }, (_, ask) => parametersOf(types, ask)));
  return { ...statement(name, textOf(1)), joint: joint(name, textOf) };
};

/** Some parameters one after the other as one array, `array[$3::bigint, $4::bigint]` for (3, 2); as `in-lists.ts` says why. */
export const arrayOf = (parameter: Parameter, first: number, count: number): string =>
  `array[${Array.from({ length: count }, (_, index) => parameter(first + index)).join(', ')}]`;

/** So many parameters of one type. */
export const typesOf = (type: string, count: number): readonly string[] =>
  Array.from({ length: count }, () => type);
