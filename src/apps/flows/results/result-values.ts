import type { CandidateRow } from '../../../adapters/postgres/candidate-rows.ts';
import type { ExaminationText } from '../../../adapters/postgres/report-reading.ts';
import type { PublicId } from '../../../kernel/uuid.ts';

/** What a result says, beside what was decided about it. */
export interface ResultValue {
  readonly text: string;
  readonly unitText: string;
  readonly referenceText: string;
  readonly flag: string | null;
  readonly examination: ExaminationText | null;
}

/** Values by `resultKey`. */
export type ResultValues = ReadonlyMap<string, ResultValue>;

/** Names one result: report and place in it. */
export const resultKey = (report: string, ordinal: number): string => `${report}/${ordinal}`;

/** Values of the rows that were just read for a check. */
export const valuesOfRows = (
  rows: readonly CandidateRow[],
  examinations: ReadonlyMap<PublicId, ExaminationText>,
): ResultValues =>
  new Map(
    rows.map((row) => [
      resultKey(row.report_public_id, row.ordinal),
      {
        text: row.value_text,
        unitText: row.unit_text,
        referenceText: row.reference_text,
        flag: row.flag,
        examination: examinations.get(row.report_public_id) ?? null,
      },
    ]),
  );
