import { type Side, sideInName } from '../../catalogue/index.ts';
import type { StudyFacts } from '../../imaging/index.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** A study as far as its side is compared with its report's and its order's. */
export interface SidedStudy {
  readonly institutionKey: string;
  readonly report: PublicId | null;
  /** Accession number and the report's order number: an order may be known by either. */
  readonly orderNumbers: readonly string[];
  /** null before its first series is closed. */
  readonly facts: StudyFacts | null;
  /** Of its first series; null where it was not kept yet. */
  readonly sender: string | null;
}

const STUDY = statement(
  'imaging-sides.study',
  `select s.institution_id, s.report_public_id, s.accession, s.facts, (
     select c.sender from series c where c.person_id = $1 and c.study_id = $2 order by c.series_id limit 1) as sender
   from studies s where s.person_id = $1 and s.study_id = $2`,
);
const ORDER_OF_REPORT = statement(
  'imaging-sides.order-of-report',
  'select order_number from reports where person_id = any($1::bigint[]) and public_id = $2',
);
const ORDERED = statement(
  'imaging-sides.ordered',
  `select side from orders
   where person_id = any($1::bigint[]) and institution_id = $2 and placer_number = any($3::text[]) and state <> 'cancelled'`,
);
const SIDES = statement(
  'imaging-sides.of-report',
  `select side, item_id is null as is_unmapped, local_name from results
   where person_id = any($1::bigint[]) and report_public_id = $2 order by ordinal`,
);

/** What a study states, and of which report and order it is. @param persons among whose records these lie */
export const sidedStudy = async (
  session: Session,
  of: { readonly personId: string; readonly studyId: string },
  persons: readonly string[],
): Promise<SidedStudy | undefined> => {
  const [row] = await session.run<{
    institution_id: string;
    report_public_id: PublicId | null;
    accession: string | null;
    facts: string | null;
    sender: string | null;
  }>(STUDY, [of.personId, of.studyId]);
  if (!row) return undefined;
  const { report_public_id: report } = row;
  const orders =
    report === null ? [] : await session.run<{ order_number: string }>(ORDER_OF_REPORT, [persons, report]);
  const numbers = [row.accession ?? '', ...orders.map((order) => order.order_number)];
  return {
    institutionKey: row.institution_id,
    report,
    orderNumbers: [...new Set(numbers.filter((number) => number !== ''))],
    facts: row.facts === null ? null : (JSON.parse(row.facts) as StudyFacts),
    sender: row.sender,
  };
};

/** The sides that were ordered under these numbers for one of these persons. */
export const sidesOrdered = async (
  session: Session,
  persons: readonly string[],
  { institutionKey, orderNumbers }: Pick<SidedStudy, 'institutionKey' | 'orderNumbers'>,
): Promise<readonly (Side | null)[]> =>
  orderNumbers.length === 0
    ? []
    : (await session.run<{ side: Side | null }>(ORDERED, [persons, institutionKey, orderNumbers])).map(
        ({ side }) => side,
      );

/** The sides that the results of a report of one of these persons are of; of one without an item, as its name says. */
export const sidesOfReport = async (
  session: Session,
  persons: readonly string[],
  report: PublicId,
): Promise<readonly (Side | null)[]> =>
  (
    await session.run<{ side: Side | null; is_unmapped: boolean; local_name: string }>(SIDES, [
      persons,
      report,
    ])
  ).map((row) => row.side ?? (row.is_unmapped ? sideInName(row.local_name) : null));
