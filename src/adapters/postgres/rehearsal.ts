import type { Database, Session, Statement } from './database.ts';

// Plain objects, not `statement(…)`: SQL's own PREPARE, by which those are checked, takes no savepoints.
const SAVE: Statement = { name: 'rehearsal.save', text: 'savepoint rehearsal' };
const RELEASE: Statement = { name: 'rehearsal.release', text: 'release savepoint rehearsal' };
const RETURN: Statement = { name: 'rehearsal.return', text: 'rollback to savepoint rehearsal' };

/** Ends the outer transaction without a trace. */
class RehearsalOver extends Error {}

/** A database inside one transaction: what would be a transaction of its own is a savepoint here. */
const inside = (session: Session): Database => {
  const guarded = async <Value>(work: (session: Session) => Promise<Value>): Promise<Value> => {
    await session.run(SAVE);
    try {
      const value = await work(session);
      await session.run(RELEASE);
      return value;
    } catch (error) {
      await session.run(RETURN);
      await session.run(RELEASE);
      throw error;
    }
  };
  return {
    run: (statement, values) => session.run(statement, values),
    transaction: guarded,
    batch: (statements) =>
      guarded(async (inner) => {
        for (const { statement, values } of statements) await inner.run(statement, values);
      }),
    close: () => Promise.resolve(),
  };
};

/**
 * Lets work happen for real and takes all of it back: the work sees its own writes, nobody else ever does, and only
 * what it returns is left. Locks that it takes are held until it ends, so it must be short.
 */
export const rehearse = async <Value>(
  database: Database,
  work: (rehearsal: Database) => Promise<Value>,
): Promise<Value> => {
  const done: Value[] = [];
  try {
    await database.transaction(async (session) => {
      done.length = 0;
      done.push(await work(inside(session)));
      throw new RehearsalOver();
    });
  } catch (error) {
    if (!(error instanceof RehearsalOver)) throw error;
  }
  return done[0] as Value;
};
