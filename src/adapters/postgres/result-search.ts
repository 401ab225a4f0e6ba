import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { consentColumns, type ConsentRecords, NO_CONSENT_RECORDS } from './consents.ts';
import { type Session, type SqlValue, type Statement, statement } from './database.ts';
import { inParameters, inSize, inValues } from './in-lists.ts';
import {
  type HistoryHead,
  historySelect,
  type HistoryRow,
  type SentHistoryRow,
  withHeads,
} from './result-history.ts';

/** Which results of some records are looked for. The answer may hold more than these, never less. */
export interface WantedResults {
  /** Keys of catalogue items; lines that wait for their mapping come too. null: of any item. */
  readonly items: readonly string[] | null;
  /** By what orders results: collected, else received, else reported. From the first on, before the second. */
  readonly from: Instant | null;
  readonly before: Instant | null;
  /** One report alone. */
  readonly report: PublicId | null;
  /** Also all other lines of a report of which one is wanted. */
  readonly wholeReports: boolean;
}

/** A line, with the moment of the last change of its report. */
export type SearchedRow = HistoryRow & { readonly head: HistoryHead & { readonly updated_at: number } };

const PERSON_SIZES = [1, 2, 4, 8] as const;
const ITEM_SIZES = [1, 4, 16] as const;

/** A key that no person and no item has. */
const NOBODY = '0';

type Shape = 'any' | 'items' | 'report' | 'reports-of-items';

/** The condition of one shape, its parameters in this order: bounds or report, persons, items. */
const conditionOf = (shape: Shape, persons: string, items: string): string => {
  // Of the index (person, item, moment) both arms take a range each.
  const ofItems = (row: string) =>
    `${row}.person_id ${persons} and (${row}.item_id ${items} or ${row}.item_id is null)
       and ${row}.anchor_at >= $1 and ${row}.anchor_at < $2`;
  switch (shape) {
    case 'any':
      return `l.person_id ${persons} and l.anchor_at >= $1 and l.anchor_at < $2`;
    case 'items':
      return ofItems('l');
    case 'report':
      return `l.person_id ${persons} and l.report_id in
        (select o.report_id from reports o where o.public_id = $1 and o.person_id = l.person_id)`;
    case 'reports-of-items':
      return `l.person_id ${persons} and l.report_id in
        (select m.report_id from results m where m.person_id = l.person_id and ${ofItems('m')})`;
  }
};

const statements = new Map<string, Statement>();

/** One statement for each size of lists (see in-lists.ts), and one for any. */
const statementOf = (
  shape: Shape,
  personSize: number | undefined,
  itemSize: number | undefined,
): Statement => {
  const first = shape === 'report' ? 2 : 3;
  const size = `${personSize ?? 'many'}x${itemSize ?? 'many'}`;
  const name = `result-search.${shape}-${size}`;
  const known = statements.get(name);
  if (known) return known;
  const isSized = personSize !== undefined && itemSize !== undefined;
  const persons = isSized ? `in (${inParameters(first, personSize)})` : `= any($${first}::bigint[])`;
  const items = isSized
    ? `in (${inParameters(first + personSize, itemSize)})`
    : `= any($${first + 1}::bigint[])`;
  const made = statement(name, historySelect(conditionOf(shape, persons, items), ['updated_at']));
  statements.set(name, made);
  return made;
};

// All that can be asked, so that each is prepared against the schema by a test.
for (const shape of ['any', 'items', 'report', 'reports-of-items'] as const)
  for (const personSize of [...PERSON_SIZES, undefined])
    for (const itemSize of shape === 'items' || shape === 'reports-of-items'
      ? [...ITEM_SIZES, undefined]
      : [0])
      if ((personSize === undefined) === (itemSize === undefined) || itemSize === 0)
        statementOf(shape, personSize, itemSize);

const shapeOf = ({ items, report, wholeReports }: WantedResults): Shape => {
  if (report !== null) return 'report';
  if (items === null) return 'any';
  return wholeReports ? 'reports-of-items' : 'items';
};

/** The wanted results of these records, newest first, one more than `HISTORY_MAX` at most. */
export const searchResults = async (
  session: Session,
  persons: readonly string[],
  wanted: WantedResults,
): Promise<readonly SearchedRow[]> => {
  const shape = shapeOf(wanted);
  const items = shape === 'any' || shape === 'report' ? null : (wanted.items ?? []);
  // Of nobody is asked too: what is not there must take the work of what is hidden.
  const asking = persons.length === 0 ? [NOBODY] : persons;
  const personSize = inSize(PERSON_SIZES, asking.length);
  const itemSize = items === null ? 0 : inSize(ITEM_SIZES, items.length);
  const bounds: SqlValue[] =
    shape === 'report'
      ? [wanted.report]
      : [
          wanted.from === null ? '-infinity' : isoInstant(wanted.from),
          wanted.before === null ? 'infinity' : isoInstant(wanted.before),
        ];
  const isSized = personSize !== undefined && itemSize !== undefined;
  const values: SqlValue[] = isSized
    ? [
        ...bounds,
        ...inValues(asking, personSize),
        ...(items === null ? [] : inValues(items.length === 0 ? [NOBODY] : items, itemSize)),
      ]
    : [...bounds, asking, ...(items === null ? [] : [items])];
  const asked = isSized
    ? statementOf(shape, personSize, itemSize)
    : statementOf(shape, undefined, items === null ? 0 : undefined);
  return withHeads(await session.run<SentHistoryRow>(asked, values)) as readonly SearchedRow[];
};

/** What has to be known of some records before anything of them is shown. */
export interface ResultSurvey {
  /** Reports that somebody said to be another person's, while the source has not answered. */
  readonly disputed: ReadonlySet<PublicId>;
  readonly consent: ConsentRecords;
}

const survey = (size: string, persons: string): Statement =>
  statement(
    `result-search.survey-${size}`,
    `select array(select report_public_id from disputed_reports where person_id ${persons} and ended_at is null) as disputed,
       ${consentColumns(persons)}`,
  );
const SURVEYS: ReadonlyMap<number | undefined, Statement> = new Map(
  PERSON_SIZES.map((size) => [size, survey(String(size), `in (${inParameters(1, size)})`)]),
);
const SURVEY_OF_MANY = survey('of-many', '= any($1::bigint[])');

/** Surveys the records of a cluster. */
export const surveyResults = async (session: Session, persons: readonly string[]): Promise<ResultSurvey> => {
  const asking = persons.length === 0 ? [NOBODY] : persons;
  const size = inSize(PERSON_SIZES, asking.length);
  const sized = SURVEYS.get(size);
  const [row] = await session.run<{ disputed: PublicId[] } & ConsentRecords>(
    sized ?? SURVEY_OF_MANY,
    sized && size ? inValues(asking, size) : [asking],
  );
  return { disputed: new Set(row?.disputed), consent: row ?? NO_CONSENT_RECORDS };
};
