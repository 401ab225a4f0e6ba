import type { TableLayout } from '../src/adapters/postgres/citus-ddl.ts';

/** A statement, or a table, that would not work on Citus. */
export interface CitusFinding {
  /** File and line, name of the statement, or table. */
  readonly place: string;
  readonly rule: string;
}

/** What the lint reads of a schema: the catalogue of a plain PostgreSQL to which the migrations were applied. */
export interface SchemaCatalogue {
  readonly columns: readonly {
    readonly table: string;
    readonly name: string;
    readonly type: string;
    readonly notNull: boolean;
    readonly generated: boolean;
    readonly fromSequence: boolean;
  }[];
  /** Primary keys, unique and exclusion constraints, and unique indexes; columns that are expressions are null. */
  readonly keys: readonly {
    readonly table: string;
    readonly name: string;
    readonly columns: readonly (string | null)[];
  }[];
  readonly foreignKeys: readonly {
    readonly table: string;
    readonly name: string;
    readonly columns: readonly string[];
    readonly target: string;
    readonly targetColumns: readonly string[];
    /** pg_constraint codes: a no action, r restrict, c cascade, n set null, d set default. */
    readonly onDelete: string;
    readonly onUpdate: string;
  }[];
  /** Triggers, rules, inheritance, partitions of partitions: things a distributed or reference table may not have. */
  readonly burdens: readonly { readonly table: string; readonly what: string }[];
}

/** The structural rules: keys, foreign keys, identity columns and what a table may not carry. */
export const lintSchema = (catalogue: SchemaCatalogue, layouts: readonly TableLayout[]): CitusFinding[] => {
  const findings: CitusFinding[] = [];
  const report = (place: string, rule: string) => findings.push({ place, rule });
  const layoutOf = new Map(layouts.map((layout) => [layout.table, layout]));
  const columnOf = (table: string, name: string) =>
    catalogue.columns.find((column) => column.table === table && column.name === name);

  const typeOf = new Map<string, string>();
  for (const layout of layouts) {
    if (layout.kind !== 'distributed') continue;
    const column = columnOf(layout.table, layout.column);
    if (!column) {
      report(layout.table, `the distribution column ${layout.column} does not exist`);
      continue;
    }
    if (!column.notNull) report(layout.table, 'the distribution column is not null');
    if (column.generated) report(layout.table, 'the distribution column is not generated');
    const type = typeOf.get(layout.column) ?? column.type;
    typeOf.set(layout.column, type);
    if (type !== column.type)
      report(layout.table, `the distribution column ${layout.column} has one type everywhere`);
  }
  for (const key of catalogue.keys) {
    const layout = layoutOf.get(key.table);
    if (layout?.kind === 'distributed' && !key.columns.includes(layout.column))
      report(`${key.table}.${key.name}`, 'the distribution column stands in every key');
  }
  for (const column of catalogue.columns)
    if (column.fromSequence && column.type !== 'bigint' && layoutOf.get(column.table)?.kind !== 'local')
      report(`${column.table}.${column.name}`, 'a column numbered by a sequence is bigint');
  for (const burden of catalogue.burdens)
    if (layoutOf.get(burden.table)?.kind !== 'local') report(burden.table, `no ${burden.what}`);

  for (const key of catalogue.foreignKeys) {
    const from = layoutOf.get(key.table);
    const to = layoutOf.get(key.target);
    const place = `${key.table}.${key.name}`;
    if (!from || !to) continue;
    if ('nd'.includes(key.onDelete)) report(place, 'no foreign key sets null or a default on delete');
    if ('cnd'.includes(key.onUpdate)) report(place, 'no foreign key acts on update');
    if (from.kind === 'local' && to.kind === 'distributed')
      report(place, 'no foreign key from a local to a distributed table');
    if (from.kind === 'reference' && to.kind !== 'reference')
      report(place, 'a reference table refers only to reference tables');
    if (from.kind !== 'distributed') continue;
    if (to.kind === 'local') report(place, 'no foreign key from a distributed to a local table');
    if (to.kind !== 'distributed') continue;
    const position = key.columns.indexOf(from.column);
    const colocated = columnOf(key.table, from.column)?.type === columnOf(key.target, to.column)?.type;
    if (position < 0 || key.targetColumns[position] !== to.column || !colocated)
      report(place, 'a foreign key between distributed tables joins their distribution columns');
  }
  return findings;
};

/** A statement without comments and the contents of its literals, in lower case, with single spaces. */
const skeleton = (sql: string): string =>
  sql
    .replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, ' ')
    .replaceAll(/'(?:[^']|'')*'/g, "''")
    .toLowerCase()
    .replaceAll(/\s+/g, ' ')
    .trim();

/** The parts of a statement by parenthesis: the outermost text, and each parenthesised text of its own. */
const levels = (sql: string): string[] => {
  const found: string[] = [];
  const open = [''];
  for (const character of sql) {
    if (character === '(') open.push('');
    else if (character === ')' && open.length > 1) {
      found.push(open.pop() as string);
      open.push(`${open.pop()}()`);
    } else open.push(`${open.pop()}${character}`);
  }
  return [...found, ...open];
};

const VOLATILE = /\b(random|clock_timestamp|gen_random_uuid|uuidv7|uuidv4|nextval|timeofday)\s*\(/;
const CLOCK =
  /\b(now|transaction_timestamp|statement_timestamp)\s*\(|\bcurrent_(timestamp|date|time)\b|\blocaltime/;

/** Rules that one pattern over the skeleton decides. */
const patterns: readonly { readonly rule: string; readonly found: (sql: string) => boolean }[] = [
  { rule: 'no merge', found: (sql) => /^(with .*)?\bmerge into\b/.test(sql) },
  {
    rule: 'no grouping sets, rollup or cube',
    found: (sql) => /\b(grouping sets|rollup|cube)\s*\(/.test(sql),
  },
  { rule: 'no recursive query', found: (sql) => /\bwith recursive\b/.test(sql) },
  {
    rule: 'no row comparison with a subquery',
    found: (sql) => /\(\s*[a-z_.]+\s*,[^()]*\)\s*(not )?in\s*\(\s*(select|with)\b/.test(sql),
  },
  {
    rule: 'no lateral limit over unnest',
    found: (sql) => /\bunnest\s*\(/.test(sql) && /\blateral\s*\([^)]*\blimit\b/.test(sql),
  },
  {
    rule: 'no correlated subquery beside unnest in insert … select',
    found: (sql) =>
      /\binsert into\b/.test(sql) && /\bfrom unnest\s*\(/.test(sql) && /\bnot exists\s*\(/.test(sql),
  },
  {
    rule: 'no clock or volatile function in do update set',
    found: (sql) => {
      const set = /\bdo update set\b(.*)$/.exec(sql)?.[1] ?? '';
      const until = set.split(/\b(?:where|returning)\b/)[0] ?? '';
      return CLOCK.test(until) || VOLATILE.test(until);
    },
  },
  {
    rule: 'no volatile function in update',
    found: (sql) => {
      const set = /\bupdate [a-z_]+(?: (?:as )?[a-z_]+)? set\b(.*)$/.exec(sql)?.[1];
      return set !== undefined && VOLATILE.test(set.split(/\breturning\b/)[0] ?? '');
    },
  },
  {
    rule: 'no subquery within values',
    found: (sql) =>
      /\binsert into\b/.test(sql) && /\bvalues\s*\((?:[^()]|\([^()]*\))*\(\s*select\b/.test(sql),
  },
  { rule: 'no alter sequence', found: (sql) => sql.startsWith('alter sequence') },
  { rule: 'no trigger', found: (sql) => /^create (or replace )?(constraint )?trigger\b/.test(sql) },
  { rule: 'no rule', found: (sql) => /^create (or replace )?rule\b/.test(sql) },
  { rule: 'no cluster', found: (sql) => /^cluster\b|^alter table .*\bcluster on\b/.test(sql) },
  { rule: 'no detach concurrently', found: (sql) => /\bdetach partition\b.*\bconcurrently\b/.test(sql) },
  { rule: 'no prepared transaction', found: (sql) => sql.startsWith('prepare transaction') },
  {
    rule: 'the runner opens and closes the transaction',
    found: (sql) => /^(begin|commit|rollback|start transaction)\b/.test(sql),
  },
  {
    rule: 'a column is added without an inline check, unique or primary key, and without a sequence',
    found: (sql) =>
      sql.startsWith('alter table') &&
      /\badd (?:column )?(?!constraint\b)[^,]*\b(check|unique|primary key|serial|bigserial|identity)\b/.test(
        sql,
      ),
  },
];

/** Tables named after from, join, update, into, using or table on one level of a statement, with the words between left out. */
const tablesOf = (level: string): string[] =>
  [...level.matchAll(/\b(?:from|join|update|into|using|table|,)\s+(?:only )?([a-z_][a-z_0-9]*)\b/g)].map(
    (found) => found[1] as string,
  );

/** The rules over the text of one statement, of a migration or of the program. */
export const lintStatement = (
  place: string,
  text: string,
  layouts: readonly TableLayout[],
): CitusFinding[] => {
  const sql = skeleton(text);
  const rules = patterns.filter((pattern) => pattern.found(sql)).map((pattern) => pattern.rule);
  const layoutOf = new Map(layouts.map((layout) => [layout.table, layout]));
  const used = new Set(levels(sql).flatMap(tablesOf));

  for (const table of used) {
    const layout = layoutOf.get(table);
    if (layout?.kind !== 'distributed') continue;
    const { column } = layout;
    const set = new RegExp(`\\bupdate ${table}\\b[^()]*? set\\b(.*)$`)
      .exec(sql)?.[1]
      ?.split(/\b(?:where|from|returning)\b/)[0];
    if (set && new RegExp(`(^|,)\\s*${column}\\s*=`).test(set))
      rules.push('the distribution column is never updated');
    if (
      new RegExp(`^alter table (?:only )?${table}\\b.*\\b(alter|drop|rename)( column)? ${column}\\b`).test(
        sql,
      )
    )
      rules.push('the distribution column is never altered');
    const locked = levels(sql).find(
      (level) => / for (no key )?(update|share|key share)\b/.test(level) && tablesOf(level).includes(table),
    );
    if (locked && !new RegExp(`\\b${column} = (\\$\\d+|'')`).test(locked))
      rules.push('rows are locked only of one distribution value (… = $n)');
  }
  for (const level of levels(sql)) {
    const columns = new Set(
      tablesOf(level).flatMap((table) => {
        const layout = layoutOf.get(table);
        return layout?.kind === 'distributed' ? [layout.column] : [];
      }),
    );
    if (columns.size > 1) rules.push('tables distributed by different columns are not joined');
  }
  return [...new Set(rules)].map((rule) => ({ place, rule }));
};

/** The rules over the program's own sources: what Citus does to row counts and to the fields of an error. */
export const lintSource = (path: string, source: string): CitusFinding[] => {
  const findings: CitusFinding[] = [];
  source.split('\n').forEach((line, index) => {
    const place = `${path}:${index + 1}`;
    if (/\.rowCount\b/.test(line))
      findings.push({ place, rule: 'rows are counted by returning, never by rowCount' });
    if (/\berr(or)?\)?\.constraint\b|\bas \{ constraint\b/.test(line))
      findings.push({ place, rule: 'an error’s constraint name is never read' });
  });
  return findings;
};
