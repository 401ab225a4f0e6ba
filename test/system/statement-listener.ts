import type { Database, Session } from '../../src/adapters/postgres/database.ts';

/**
 * The database, the names of the statements sent to it since that list was last emptied, in order, and how many rows each
 * gave, as they came: by them work is compared where a busy machine makes time say nothing.
 */
export const listening = (database: Database) => {
  const sent: string[] = [];
  const received: { readonly statement: string; readonly rows: number }[] = [];
  const hear = <Kind extends Session>(session: Kind): Kind =>
    new Proxy(session, {
      get(target, member, receiver) {
        const found: unknown = Reflect.get(target, member, receiver);
        if (member === 'run')
          return async (statement: { name: string }, ...rest: unknown[]) => {
            sent.push(statement.name);
            const rows = await (found as (...all: unknown[]) => Promise<readonly unknown[]>).call(
              target,
              statement,
              ...rest,
            );
            received.push({ statement: statement.name, rows: rows.length });
            return rows;
          };
        if (member === 'transaction')
          return (work: (session: Session) => unknown, ...rest: unknown[]) =>
            (found as (...all: unknown[]) => unknown).call(
              target,
              (inner: Session) => work(hear(inner)),
              ...rest,
            );
        return typeof found === 'function' ? (found as () => unknown).bind(target) : found;
      },
    });
  return { database: hear(database), sent, received };
};
