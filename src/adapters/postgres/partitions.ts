import type { Database } from './database.ts';
import { statement } from './database.ts';

/** Tables partitioned by month, with the column whose month decides. */
const MONTHLY_TABLES = [
  { table: 'messages', column: 'received_at' },
  { table: 'report_versions', column: 'recorded_at' },
] as const;

const MONTHS_AHEAD = 2;

const FIND_PARTITION = statement('partitions.find', 'select to_regclass($1)::text as name');

/** What `ensurePartitions` found. */
export interface PartitionReport {
  readonly created: readonly string[];
  /** Months whose rows already lie in the default partition; they stay there and are read all the same. */
  readonly left: readonly string[];
}

const monthStart = (at: number, offset: number): Date => {
  const date = new Date(at);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + offset, 1));
};

/**
 * Makes the monthly partitions of the month of `at` (epoch ms, UTC months) and of the two months after it, where they
 * are missing. Safe to call at every start and every day.
 */
export const ensurePartitions = async (database: Database, at: number): Promise<PartitionReport> => {
  const created: string[] = [];
  const left: string[] = [];
  for (const { table, column } of MONTHLY_TABLES) {
    for (let offset = 0; offset <= MONTHS_AHEAD; offset++) {
      const from = monthStart(at, offset).toISOString();
      const to = monthStart(at, offset + 1).toISOString();
      const name = `${table}_${from.slice(0, 7).replace('-', '_')}`;
      const [found] = await database.run<{ name: string | null }>(FIND_PARTITION, [name]);
      if (found?.name) continue;
      const holding = statement(
        `partitions.default-holds.${name}`,
        `select 1 as one from ${table}_default where ${column} >= $1 and ${column} < $2 limit 1`,
      );
      if ((await database.run(holding, [from, to])).length > 0) {
        left.push(name);
        continue;
      }
      await database.run(
        statement(
          `partitions.create.${name}`,
          `create table if not exists ${name} partition of ${table} for values from ('${from}') to ('${to}')`,
        ),
      );
      created.push(name);
    }
  }
  return { created, left };
};
