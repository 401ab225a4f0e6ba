/** One statement of an SQL text. */
export interface SqlStatement {
  /** The statement without its closing semicolon and without the comments before it. */
  readonly text: string;
  /** The comment lines since the previous statement, without their `--`. */
  readonly comments: readonly string[];
  /** Line of the statement's first word, counted from 1. */
  readonly line: number;
}

const DOLLAR_TAG = /\$(?:[A-Za-z_][A-Za-z_0-9]*)?\$/y;

/** The end of the quoted run that opens at `start`; a doubled quote stays inside, a backslash escapes in E'...'. */
const endOfQuoted = (sql: string, start: number): number => {
  const quote = sql[start];
  const escapes = quote === "'" && /(?:^|[^A-Za-z0-9_])[eE]$/.test(sql.slice(Math.max(0, start - 2), start));
  for (let at = start + 1; at < sql.length; at++) {
    if (escapes && sql[at] === '\\') at++;
    else if (sql[at] === quote) {
      if (sql[at + 1] !== quote) return at + 1;
      at++;
    }
  }
  return sql.length;
};

/** The end of the block comment that opens at `start`; block comments nest in PostgreSQL. */
const endOfBlockComment = (sql: string, start: number): number => {
  let depth = 0;
  for (let at = start; at < sql.length; at++) {
    if (sql.startsWith('/*', at)) {
      depth++;
      at++;
    } else if (sql.startsWith('*/', at)) {
      depth--;
      at++;
      if (depth === 0) return at + 1;
    }
  }
  return sql.length;
};

const endOfDollarQuoted = (sql: string, start: number): number | undefined => {
  if (/[A-Za-z0-9_]/.test(sql[start - 1] ?? '')) return undefined;
  DOLLAR_TAG.lastIndex = start;
  const tag = DOLLAR_TAG.exec(sql)?.[0];
  if (tag === undefined) return undefined;
  const end = sql.indexOf(tag, start + tag.length);
  return end < 0 ? sql.length : end + tag.length;
};

/**
 * Splits an SQL text into its statements, for sending one by one (Citus refuses several in one message). Respects
 * quotes, dollar quotes, line comments and nested block comments.
 */
export const splitSql = (sql: string): SqlStatement[] => {
  const statements: SqlStatement[] = [];
  let comments: string[] = [];
  let start = -1;
  let at = 0;
  const close = (end: number) => {
    if (start >= 0) {
      const line = sql.slice(0, start).split('\n').length;
      statements.push({ text: sql.slice(start, end).trim(), comments, line });
      comments = [];
    }
    start = -1;
  };
  while (at < sql.length) {
    const character = sql[at] as string;
    if (sql.startsWith('--', at)) {
      const end = sql.indexOf('\n', at);
      const stop = end < 0 ? sql.length : end;
      if (start < 0) comments.push(sql.slice(at + 2, stop).trim());
      at = stop;
    } else if (sql.startsWith('/*', at)) {
      at = endOfBlockComment(sql, at);
    } else if (character === ';') {
      close(at);
      at++;
    } else if (/\s/.test(character)) {
      at++;
    } else {
      if (start < 0) start = at;
      if (character === "'" || character === '"') at = endOfQuoted(sql, at);
      else at = (character === '$' ? endOfDollarQuoted(sql, at) : undefined) ?? at + 1;
    }
  }
  close(sql.length);
  return statements;
};
