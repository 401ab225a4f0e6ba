import type { Socket } from 'node:net';
import pg from 'pg';
import { Fault, raiser } from '../../kernel/fault.ts';
import { POSTGRES_FAULTS } from './faults.ts';
import { columnParsers } from './column-parsers.ts';
import { jointAsks } from './joint-asks.ts';

/** A named, prepared statement. The name must be unique in the program; the text has one statement. */
export interface Statement {
  readonly name: string;
  readonly text: string;
  /** How it is asked for several callers at once (`joint-statements.ts`); absent: each caller's own runs by itself. */
  readonly joint?: JointForm;
}

/** The form of a statement that does for several callers at once what it does for one. */
export interface JointForm {
  /** The statement for so many asks, two at least: their values follow each other. Its rows carry the place of their ask. */
  of(asks: number): Statement;
}

/** A row that a joint statement gives: besides its columns, whose it is, counted from 0. */
export interface JointRow {
  readonly ask: number;
}

/** Declares a named statement. The name starts with the folder's subject: `person.by-identifier`. */
export const statement = (name: string, text: string): Statement => ({ name, text });

/**
 * In the select list or `returning` of an autocommit statement: its commit is seen by everybody at once, but not waited for
 * on the disk. Only for a row whose act goes on to a commit that is waited for: the log is written in order, so that one
 * takes this one along, and after a crash neither of them happened.
 */
export const FLUSHED_WITH_THE_NEXT = "set_config('synchronous_commit', 'off', true)";

/** A value PostgreSQL can take as parameter. bigint keys travel as strings, moments as ISO 8601 texts. */
export type SqlValue =
  | null
  | boolean
  | number
  | string
  | Uint8Array
  | readonly (null | boolean | number | string | Uint8Array)[];

/** Something that runs statements: the autocommit side of the database, or one transaction. */
export interface Session {
  /**
   * Runs one statement and gives its rows. Count what `returning` gives back, never an affected-row number
   * (Citus reports rows sent, not rows inserted).
   */
  run<Row>(statement: Statement, values?: readonly SqlValue[]): Promise<Row[]>;
}

/** A statement of a batch with its values. */
export interface BatchedStatement {
  readonly statement: Statement;
  readonly values: readonly SqlValue[];
}

/** The database as the program sees it. */
export interface Database extends Session {
  /** Runs `work` in one transaction; commits when it returns, rolls back when it throws. Retries on deadlock. */
  transaction<Value>(work: (session: Session) => Promise<Value>): Promise<Value>;
  /**
   * Runs statements that do not depend on each other's rows as one transaction sent in one flight: all or nothing.
   * Never retried here: a broken constraint comes back as the driver's error and nothing was kept.
   */
  batch(statements: readonly BatchedStatement[]): Promise<void>;
  close(): Promise<void>;
}

/** Where the database is and how many connections to hold to it. */
export interface DatabaseOptions {
  readonly connectionString: string;
  /** Connections for transactions. */
  readonly transactionConnections?: number;
  /** Pipelined connections for autocommit statements. */
  readonly pipelinedConnections?: number;
  /**
   * Whether what several callers ask by one statement at the same time is asked together (default). Not on a cluster,
   * where each asks a shard of his own.
   */
  readonly jointly?: boolean;
  readonly applicationName?: string;
}

const raise = raiser(POSTGRES_FAULTS);

/** SQLSTATEs after which the same transaction may simply be tried again. */
const RETRYABLE = new Set(['40P01', '40001']);
const UNREACHABLE = /^(08|57P0|53300)/;
const ATTEMPTS_MAX = 4;

const toFault = (error: unknown, statementName: string): unknown => {
  if (error instanceof Fault) return error;
  const code = (error as { code?: string }).code ?? '';
  const text = (error as Error).message ?? '';
  if (
    UNREACHABLE.test(code) ||
    /ECONNREFUSED|ECONNRESET|EPIPE|ENOENT|ETIMEDOUT/.test(code) ||
    /Connection terminated|not queryable|timeout exceeded when trying to connect/i.test(text)
  )
    return raise('DATABASE_UNREACHABLE', { internal: `${statementName}: ${code} ${text}`, cause: error });
  if (code === '53100' || code === '53200' || code === '58030')
    return raise('DATABASE_FULL', { internal: `${statementName}: ${code} ${text}`, cause: error });
  return error;
};

const runOn = async <Row>(
  client: pg.ClientBase,
  { name, text }: Statement,
  values: readonly SqlValue[],
): Promise<Row[]> => {
  const result = await client.query({ name, text, values: values as unknown[] });
  return result.rows as Row[];
};

/** A pipelined connection for autocommit statements. */
interface Lane {
  readonly client: pg.Client;
  ready: Promise<void>;
  broken: boolean;
}

/** The socket under a client, which `pg` does not declare. */
const streamOf = (client: pg.ClientBase): Socket =>
  (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream;

/** What is asked of a client in this turn goes out together: one system call here, one wake-up there. */
const sendTogether = (client: pg.ClientBase): void => {
  const stream = streamOf(client);
  if (stream.writableCorked > 0) return;
  stream.cork();
  process.nextTick(() => stream.uncork());
};

/**
 * Opens the database. Autocommit statements are spread over a few pipelined connections (several requests in flight
 * on each); transactions take a connection of their own from a pool.
 */
export const openDatabase = (options: DatabaseOptions): Database => {
  const shared = {
    connectionString: options.connectionString,
    application_name: options.applicationName ?? 'huren',
    types: columnParsers,
    // The session zone only affects how timestamps are written to us; column-parsers.ts expects UTC.
    options: '-c timezone=UTC -c statement_timeout=60000',
    connectionTimeoutMillis: 5_000,
  };
  // Pipelined too, for `batch`; a transaction that awaits each answer is not changed by it.
  const transactions = new pg.Pool({
    ...shared,
    max: options.transactionConnections ?? 8,
    pipeline: true,
  } as pg.PoolConfig);
  transactions.on('error', () => undefined);
  // The pool listens to idle connections only. One that is lost while in use tells its loss to the statement under way,
  // and emits an error besides, which unheard would end the program.
  transactions.on('connect', (client) => client.on('error', () => undefined));

  const lanes: Lane[] = [];
  let turn = 0;
  let closed = false;
  const openLane = (): Lane => {
    const client = new pg.Client({ ...shared, pipeline: true } as pg.ClientConfig);
    const lane: Lane = { client, broken: false, ready: Promise.resolve() };
    const breakLane = () => {
      lane.broken = true;
    };
    client.on('error', breakLane);
    client.on('end', breakLane);
    lane.ready = client.connect().then(() => undefined);
    lane.ready.catch(breakLane);
    return lane;
  };
  const laneCount = options.pipelinedConnections ?? 2;
  const nextLane = (): Lane => {
    turn = (turn + 1) % laneCount;
    let lane = lanes[turn];
    if (!lane || lane.broken) {
      lane = openLane();
      lanes[turn] = lane;
    }
    return lane;
  };
  // Statements asked for in one turn of the event loop go out together: one system call here, one wake-up there.
  let loading: Lane | undefined;
  let isTurnOpen = false;
  const openTurn = (): void => {
    if (isTurnOpen) return;
    isTurnOpen = true;
    setImmediate(() => {
      joint.send();
      isTurnOpen = false;
      const loaded = loading;
      loading = undefined;
      if (loaded) streamOf(loaded.client).uncork();
    });
  };
  const laneOfThisTurn = (): Lane => {
    if (loading && !loading.broken) return loading;
    if (loading) streamOf(loading.client).uncork();
    loading = nextLane();
    streamOf(loading.client).cork();
    openTurn();
    return loading;
  };
  const runAlone = async <Row>(wanted: Statement, values: readonly SqlValue[]): Promise<Row[]> => {
    const lane = laneOfThisTurn();
    try {
      await lane.ready;
      return await runOn<Row>(lane.client, wanted, values);
    } catch (error) {
      throw toFault(error, wanted.name);
    }
  };
  const joint = jointAsks(runAlone, openTurn);
  const isJoint = options.jointly ?? true;

  return {
    async run<Row>(wanted: Statement, values: readonly SqlValue[] = []) {
      if (closed) throw raise('DATABASE_UNREACHABLE', { internal: 'database is closed' });
      return isJoint && wanted.joint
        ? joint.ask<Row>(wanted, wanted.joint, values)
        : runAlone<Row>(wanted, values);
    },
    async transaction(work) {
      for (let attempt = 1; ; attempt++) {
        let client: pg.PoolClient;
        try {
          client = await transactions.connect();
        } catch (error) {
          throw toFault(error, 'connect');
        }
        let broken: Error | undefined;
        try {
          sendTogether(client);
          // Not waited for: it goes out with the first statement, which fails where this fails.
          const begun = client.query('begin');
          begun.catch(() => undefined);
          const value = await work({
            async run(wanted, values = []) {
              sendTogether(client);
              return runOn(client, wanted, values);
            },
          });
          await begun;
          await client.query('commit');
          return value;
        } catch (error) {
          await client.query('rollback').catch((rollbackError: Error) => {
            broken = rollbackError;
          });
          if (RETRYABLE.has((error as { code?: string }).code ?? '') && attempt < ATTEMPTS_MAX) continue;
          throw toFault(error, 'transaction');
        } finally {
          client.release(broken);
        }
      }
    },
    async batch(statements) {
      let client: pg.PoolClient;
      try {
        client = await transactions.connect();
      } catch (error) {
        throw toFault(error, 'connect');
      }
      let broken: Error | undefined;
      try {
        // Held back until all of it is written: one system call here, one wake-up there.
        const stream = streamOf(client);
        const sent = () =>
          statements.map(({ statement: { name, text }, values }) =>
            client.query({ name, text, values: values as unknown[] }),
          );
        stream.cork();
        // One statement is a transaction by itself.
        const flights =
          statements.length === 1 ? sent() : [client.query('begin'), ...sent(), client.query('commit')];
        stream.uncork();
        const settled = await Promise.allSettled(flights);
        const failed = settled.find((outcome) => outcome.status === 'rejected');
        if (failed) throw failed.reason;
      } catch (error) {
        // After an error inside the batch the final commit has already rolled back; a lost connection is dropped.
        if (toFault(error, 'batch') !== error) broken = error as Error;
        throw toFault(error, 'batch');
      } finally {
        client.release(broken);
      }
    },
    async close() {
      closed = true;
      await Promise.allSettled([transactions.end(), ...lanes.map((lane) => lane?.client.end())]);
    },
  };
};
