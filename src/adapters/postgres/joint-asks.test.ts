import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { raiser } from '../../kernel/fault.ts';
import type { SqlValue, Statement } from './database.ts';
import { POSTGRES_FAULTS } from './faults.ts';
import { ASKS_MAX, jointAsks } from './joint-asks.ts';

const raise = raiser(POSTGRES_FAULTS);
const form = { of: (asks: number): Statement => ({ name: `twice-of-${asks}`, text: '' }) };
const TWICE: Statement = { name: 'twice', text: '', joint: form };

/** A database that answers each ask with its value, twice; `refuses` says which statements it fails. */
const database = (
  refuses: (values: readonly SqlValue[], name: string) => Error | undefined = () => undefined,
) => {
  const sent: { readonly name: string; readonly values: readonly SqlValue[] }[] = [];
  let isTurnOpen = false;
  const asks = jointAsks(
    async <Row>({ name }: Statement, values: readonly SqlValue[]) => {
      sent.push({ name, values });
      await new Promise((done) => setImmediate(done));
      const error = refuses(values, name);
      if (error) throw error;
      return values.flatMap((value, ask) => [
        { ask, value },
        { ask, value },
      ]) as Row[];
    },
    () => {
      if (isTurnOpen) return;
      isTurnOpen = true;
      setImmediate(() => {
        isTurnOpen = false;
        asks.send();
      });
    },
  );
  const ask = async (value: number): Promise<readonly number[]> =>
    (await asks.ask<{ value: number }>(TWICE, form, [value])).map((row) => row.value);
  return { sent, ask };
};

const LATER = Array.from({ length: 3 }, (_, index) => index);

describe('what several ask at once', () => {
  it('gives each his own rows, however many ask and whenever', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer(), fc.constantFrom(...LATER)), { minLength: 1, maxLength: 60 }),
        async (values) => {
          const { sent, ask } = database();
          const answers = await Promise.all(
            values.map(async ([value, turns]) => {
              for (let turn = 0; turn < turns; turn++) await new Promise((done) => setImmediate(done));
              return ask(value);
            }),
          );
          expect(answers).toEqual(values.map(([value]) => [value, value]));
          expect(sent.every((flight) => flight.values.length <= ASKS_MAX)).toBe(true);
          expect(sent.flatMap((flight) => flight.values)).toHaveLength(values.length);
        },
      ),
      { numRuns: 50 },
    );
  });

  it('goes out by one statement, and by its own where nobody else asks', async () => {
    const { sent, ask } = database();
    await Promise.all([1, 2, 3].map(ask));
    await ask(4);
    expect(sent).toEqual([
      { name: 'twice-of-3', values: [1, 2, 3] },
      { name: 'twice', values: [4] },
    ]);
  });

  it('waits for a flight when two are out, so that the next takes more along', async () => {
    const { sent, ask } = database();
    await Promise.all(Array.from({ length: 2 * ASKS_MAX + 3 }, (_, value) => ask(value)));
    expect(sent.map(({ values }) => values.length)).toEqual([ASKS_MAX, ASKS_MAX, 3]);
  });

  it('is asked one by one when it fails together, so that nobody fails by the values of another', async () => {
    const { sent, ask } = database((values) => (values.includes(2) ? new Error('no twos') : undefined));
    const settled = await Promise.allSettled([1, 2, 3].map(ask));
    expect(settled.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(sent.map(({ name }) => name)).toEqual(['twice-of-3', 'twice', 'twice', 'twice']);
  });

  it('is not asked again when the database is away', async () => {
    const { sent, ask } = database(() => raise('DATABASE_UNREACHABLE'));
    const settled = await Promise.allSettled([1, 2, 3].map(ask));
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(sent).toHaveLength(1);
    expect((await Promise.allSettled([ask(4)]))[0]?.status).toBe('rejected');
    expect(sent).toHaveLength(2);
  });
});
