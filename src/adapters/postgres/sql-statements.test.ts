import fc from 'fast-check';
import { expect, test } from 'vitest';
import { splitSql } from './sql-statements.ts';

const texts = (sql: string) => splitSql(sql).map((statement) => statement.text);

test('statements end at semicolons outside quotes, dollar quotes and comments', () => {
  expect(
    texts(`select 'a;b'; select "c;d" ; select $$e;f$$; select $x$ $$;$$ ;$x$; select 1 -- g;h\n;`),
  ).toEqual([`select 'a;b'`, `select "c;d"`, `select $$e;f$$`, `select $x$ $$;$$ ;$x$`, `select 1 -- g;h`]);
});

test('doubled quotes and backslash escapes stay inside their literal', () => {
  expect(texts(`select 'it''s;'; select E'\\';'; select '\\'; select 2`)).toEqual([
    `select 'it''s;'`,
    `select E'\\';'`,
    `select '\\'`,
    'select 2',
  ]);
});

test('block comments nest, and a dollar inside a name or a parameter opens nothing', () => {
  expect(texts('select /* a; /* b; */ c; */ 1; select a$b$ from t; select $1; select $2')).toEqual([
    'select /* a; /* b; */ c; */ 1',
    'select a$b$ from t',
    'select $1',
    'select $2',
  ]);
});

test('a statement carries the comment lines before it and the line it starts on', () => {
  expect(splitSql('-- first\n\n-- second\ncreate table t (\n  -- inner\n  n int\n);\n\nselect 1')).toEqual([
    { text: 'create table t (\n  -- inner\n  n int\n)', comments: ['first', 'second'], line: 4 },
    { text: 'select 1', comments: [], line: 9 },
  ]);
});

test('an empty text, comments alone and stray semicolons give no statement', () => {
  expect(texts('')).toEqual([]);
  expect(texts(' ;; -- only this\n/* and this */ ;')).toEqual([]);
});

const piece = fc.oneof(
  fc.constantFrom(
    'select',
    'n',
    '1',
    '"a;b"',
    "'c;''d'",
    '$$e;$$',
    '$t$;$t$',
    '/* ; */',
    '-- ;\n',
    ' ',
    '\n',
    '(',
    ')',
  ),
);

test('splitting what was joined gives the same statements again', () => {
  const statement = fc
    .array(piece, { minLength: 1, maxLength: 8 })
    .map((pieces) => `select ${pieces.join(' ')} x`);
  fc.assert(
    fc.property(fc.array(statement, { maxLength: 6 }), (statements) => {
      expect(texts(statements.join(' ;\n'))).toEqual(statements);
    }),
  );
});

test('any text is split without failing, and no statement is empty', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("'", '"', '$', '-', '/', '*', ';', 'a', '\\', '\n', 'E') }),
      (sql) => {
        for (const statement of splitSql(sql)) expect(statement.text).not.toBe('');
      },
    ),
  );
});
