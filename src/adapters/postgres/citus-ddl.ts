import { raiser } from '../../kernel/fault.ts';
import { POSTGRES_FAULTS } from './faults.ts';
import type { Migration } from './migrate.ts';

const raise = raiser(POSTGRES_FAULTS);

/** How a table is laid out over the nodes of a Citus cluster. */
export type TableLayout =
  | { readonly table: string; readonly kind: 'distributed'; readonly column: string }
  | { readonly table: string; readonly kind: 'reference' | 'local' };

const CREATE_TABLE = /^create table (?:if not exists )?([a-z_][a-z_0-9]*)/i;
const PARTITION_OF = /^create table (?:if not exists )?[a-z_][a-z_0-9]*\s+partition of /i;
const DROP_TABLE = /^drop table (?:if exists )?([a-z_][a-z_0-9]*)/i;

const layoutOf = (table: string, comments: readonly string[]): TableLayout | undefined => {
  for (const comment of comments.toReversed()) {
    const column = /^distributed by ([a-z_][a-z_0-9]*)$/.exec(comment)?.[1];
    if (column) return { table, kind: 'distributed', column };
    if (comment === 'reference' || comment === 'local') return { table, kind: comment };
  }
  return undefined;
};

/**
 * The layout of every table that the migrations leave, in order of creation, read from the comment line before each
 * `create table`: `-- distributed by COLUMN`, `-- reference` or `-- local`. Partitions follow their parent.
 * @throws MIGRATION_INVALID for a table without such a line.
 */
export const readLayouts = (migrations: readonly Migration[]): TableLayout[] => {
  const layouts = new Map<string, TableLayout>();
  for (const { version, name, statements } of migrations) {
    for (const { text, comments, line } of statements) {
      const dropped = DROP_TABLE.exec(text)?.[1];
      if (dropped) layouts.delete(dropped);
      const table = CREATE_TABLE.exec(text)?.[1];
      if (!table || PARTITION_OF.test(text)) continue;
      const layout = layoutOf(table, comments);
      if (!layout)
        throw raise('MIGRATION_INVALID', {
          place: `${String(version).padStart(4, '0')}-${name}.sql:${line}`,
          detail: `table ${table} has no layout line`,
        });
      layouts.set(table, layout);
    }
  }
  return [...layouts.values()];
};

/**
 * The statements that lay the migrated, still empty schema out over a Citus cluster, for the coordinator: reference
 * tables first, because distributed ones have foreign keys to them.
 */
export const citusDdl = (migrations: readonly Migration[]): string => {
  const layouts = readLayouts(migrations);
  const references = layouts
    .filter((layout) => layout.kind === 'reference')
    .map(({ table }) => `select create_reference_table('${table}');`);
  const distributed = layouts
    .filter((layout) => layout.kind === 'distributed')
    .map(({ table, column }) => `select create_distributed_table('${table}', '${column}');`);
  const local = layouts.filter((layout) => layout.kind === 'local').map(({ table }) => table);
  return [
    '-- Run once on the coordinator, after the migrations and before any data.',
    `-- Left on the coordinator: ${['schema_migrations', ...local].join(', ')}.`,
    ...references,
    ...distributed,
    '',
  ].join('\n');
};
