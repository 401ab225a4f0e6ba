import { useTranslation } from 'react-i18next';
import type { History } from '../../kit/history.ts';
import { institutionOf, momentText } from '../words.ts';
import { isSplitSeries, PrintedValue } from './value.tsx';
import type { ItemRow, Visit } from './visits.ts';

/** Visits that fit across a landscape sheet of A4. */
const ACROSS = 8;

const inParts = <Value,>(values: readonly Value[], size: number): readonly (readonly Value[])[] =>
  Array.from({ length: Math.ceil(values.length / size) }, (_, part) =>
    values.slice(part * size, (part + 1) * size),
  );

/** The whole table for paper: a part for every eight visits, heads repeated, each value with its own interval. */
export const PrintSheet = ({
  rows,
  visits,
  history,
}: {
  readonly rows: readonly ItemRow[];
  readonly visits: readonly Visit[];
  readonly history: History;
}) => {
  const { t } = useTranslation();
  return (
    <div className="print-sheet">
      {inParts(visits, ACROSS).map((part) => (
        <table key={part[0]?.key}>
          <thead>
            <tr>
              <th scope="col">{t('项目')}</th>
              {part.map((visit) => {
                const report = history.reports[visit.reports[0] ?? -1];
                const institution = report && institutionOf(history, report);
                return (
                  <th key={visit.key} scope="col">
                    {momentText(visit.at, visit.precision)}
                    <br />
                    {institution?.own ? t('本院') : institution?.shortNameZh}
                  </th>
                );
              })}
            </tr>
          </thead>
          <tbody>
            {rows
              .filter(({ cells }) => part.some(({ key }) => cells.has(key)))
              .map((row) => (
                <tr key={row.item.code}>
                  <th scope="row">{row.item.nameZh}</th>
                  {part.map((visit) => {
                    const point = row.cells.get(visit.key);
                    return (
                      <td key={visit.key}>
                        {point ? (
                          <>
                            <PrintedValue point={point} isSplit={isSplitSeries(row.item.points)} />{' '}
                            {point.unit}
                            <br />
                            <small>{point.referenceText}</small>
                          </>
                        ) : (
                          '—'
                        )}
                      </td>
                    );
                  })}
                </tr>
              ))}
          </tbody>
        </table>
      ))}
    </div>
  );
};
