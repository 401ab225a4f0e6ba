import { type Instant, isoInstant } from '../../kernel/instant.ts';
import { type Session, statement } from './database.ts';
import type { OpportunityRecord } from './order-checks.ts';

/** A standing order line as a message stated it. */
export interface OpenOrderRow {
  readonly institution_id: string;
  readonly placer_number: string;
  readonly encounter_number: string | null;
  readonly encounter_class: string | null;
  readonly local_code: string;
  readonly requested_at: number;
  readonly diagnoses: string[];
}

const OPEN_ORDERS = statement(
  'opportunities.open-orders',
  `select institution_id, placer_number, encounter_number, encounter_class, local_code, requested_at, diagnoses
   from orders where person_id = $1 and requested_at >= $2 and state <> 'cancelled' order by order_id`,
);

/** The orders of one person since a moment that have not been cancelled. */
export const readOpenOrders = (session: Session, personId: string, since: Instant): Promise<OpenOrderRow[]> =>
  session.run<OpenOrderRow>(OPEN_ORDERS, [personId, isoInstant(since)]);

const INSERT = statement(
  'opportunities.insert',
  `insert into opportunities (person_id, institution_id, encounter_key, item_id, best_grade, encounter_class, shown, first_at)
   select $1, $2, $3, o.item_id, o.best_grade, $4, o.shown, $5
   from unnest($6::bigint[], $7::text[], $8::boolean[]) as o(item_id, best_grade, shown)
   on conflict (person_id, institution_id, encounter_key, item_id) do nothing returning item_id`,
);

/** Keeps opportunities of one order; each is counted once per encounter and item. */
export const keepOpportunities = async (
  session: Session,
  order: {
    readonly personId: string;
    readonly institutionKey: string;
    readonly encounterKey: string;
    readonly encounterClass: string;
    readonly at: Instant;
    readonly opportunities: readonly OpportunityRecord[];
  },
): Promise<void> => {
  const { opportunities } = order;
  await session.run(INSERT, [
    order.personId,
    order.institutionKey,
    order.encounterKey,
    order.encounterClass,
    isoInstant(order.at),
    opportunities.map(({ itemKey }) => itemKey),
    opportunities.map(({ bestGrade }) => bestGrade),
    opportunities.map(({ shown }) => shown),
  ]);
};
