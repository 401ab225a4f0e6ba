import { Fault } from '../../kernel/fault.ts';
import type { JointForm, JointRow, SqlValue, Statement } from './database.ts';

/** Runs one statement by itself. */
type Run = <Row>(statement: Statement, values: readonly SqlValue[]) => Promise<Row[]>;

interface Ask {
  readonly values: readonly SqlValue[];
  readonly answered: (rows: never[]) => void;
  readonly failed: (error: unknown) => void;
}

/** What is asked by one statement. */
interface Asked {
  readonly statement: Statement;
  readonly form: JointForm;
  waiting: Ask[];
  flights: number;
}

/** Asks of one statement that go together at most: a long one lets the others wait no longer than a few would. */
export const ASKS_MAX = 8;
/** While so many flights of one statement are out, what is asked further waits for the next. */
const FLIGHTS_MAX = 2;

/** Asks of several callers that are sent together. */
export interface JointAsks {
  /** The rows of one caller; those of others in the same flight he never sees. */
  ask<Row>(statement: Statement, form: JointForm, values: readonly SqlValue[]): Promise<Row[]>;
  /** Sends what waits, as far as there is a flight for it: at the end of a turn of the event loop. */
  send(): void;
}

/**
 * Answers what several callers ask by the same statement at the same time by one statement. What the database and the
 * driver take for a statement, whatever it does, is then taken once for all of them; a caller who is alone waits for nobody.
 * When a flight fails, its asks are made one by one, so that nobody fails by another's values.
 *
 * @param openTurn asks for `send` to be called at the end of this turn
 */
export const jointAsks = (run: Run, openTurn: () => void): JointAsks => {
  const asked = new Map<Statement, Asked>();
  const unsent = new Set<Asked>();

  const alone = (one: Asked, { values, answered, failed }: Ask): Promise<void> =>
    run<never>(one.statement, values).then(answered, failed);

  const together = async (one: Asked, asks: readonly Ask[]): Promise<void> => {
    const rowsOf: never[][] = asks.map(() => []);
    try {
      const rows = await run<JointRow>(
        one.form.of(asks.length),
        asks.flatMap(({ values }) => values),
      );
      for (const row of rows) rowsOf[row.ask]?.push(row as never);
    } catch (error) {
      // The database is away or full: so it is for each of them, and nothing was kept.
      if (error instanceof Fault) for (const ask of asks) ask.failed(error);
      else await Promise.all(asks.map((ask) => alone(one, ask)));
      return;
    }
    for (const [place, ask] of asks.entries()) ask.answered(rowsOf[place] ?? []);
  };

  const fly = async (one: Asked, asks: readonly Ask[]): Promise<void> => {
    one.flights++;
    const [only] = asks;
    await (only && asks.length === 1 ? alone(one, only) : together(one, asks));
    one.flights--;
    if (one.waiting.length === 0) return;
    unsent.add(one);
    openTurn();
  };

  return {
    ask(statement, form, values) {
      let one = asked.get(statement);
      if (!one) {
        one = { statement, form, waiting: [], flights: 0 };
        asked.set(statement, one);
      }
      const { waiting } = one;
      unsent.add(one);
      openTurn();
      return new Promise((answered, failed) => {
        waiting.push({ values, answered, failed });
      });
    },
    send() {
      for (const one of unsent) {
        while (one.waiting.length > 0 && one.flights < FLIGHTS_MAX)
          void fly(one, one.waiting.splice(0, ASKS_MAX));
      }
      unsent.clear();
    },
  };
};
