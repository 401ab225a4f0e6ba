import type { ReactNode } from 'react';

/** A column: its name, and what it says of a row. */
export interface Column<Row> {
  readonly name: string;
  readonly of: (row: Row) => ReactNode;
  /** `number` is aligned to compare, `code` is shown letter by letter. */
  readonly kind?: 'number' | 'code';
}

/**
 * A table of figures; on a phone each row is a card that names what it says, so that no column lies out of sight.
 *
 * @param columns the first one says what a row is about
 */
export const FigureTable = <Row,>({
  labelledBy,
  columns,
  rows,
  keyOf,
}: {
  /** Id of the heading that names the table. */
  readonly labelledBy: string;
  readonly columns: readonly [Column<Row>, ...Column<Row>[]];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
}) => {
  const [subject, ...others] = columns;
  return (
    <div className="scroll" tabIndex={0} role="region" aria-labelledby={labelledBy}>
      <table className="grid cards">
        <thead>
          <tr>
            {columns.map(({ name, kind }) => (
              <th key={name} scope="col" className={kind === 'number' ? kind : undefined}>
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)}>
              <th scope="row" className={subject.kind}>
                {subject.of(row)}
              </th>
              {others.map(({ name, kind, of }) => (
                <td key={name} className={kind} data-label={name}>
                  {of(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
};
