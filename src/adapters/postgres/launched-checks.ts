import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/** How a launch names what was ordered. At least one is there. */
export interface OrderNames {
  /** 申请单号. */
  readonly order: string | null;
  /** 就诊流水号. */
  readonly encounter: string | null;
}

/** A check that a launch may be about. */
export interface LaunchedCheck {
  readonly check: PublicId;
  readonly person: PublicId;
  readonly checkedAt: number;
  /** Canonical JSON of what was decided on, with the lines that were asked about. */
  readonly facts: string;
}

interface CheckRow {
  readonly public_id: PublicId;
  readonly person: PublicId;
  readonly checked_at: number;
  readonly facts: string;
}

const CHECK = `select c.public_id, p.public_id as person, c.checked_at, c.facts
   from order_checks c join persons p on p.person_id = c.person_id`;
const CHECK_OF_ORDER = statement(
  'launched-checks.of-order',
  `${CHECK}
   where c.institution_id = $1 and c.request_number = $2
     and (c.encounter_number is null or $3::text is null or c.encounter_number = $3)
   order by c.checked_at desc limit 1`,
);
const CHECK_OF_ENCOUNTER = statement(
  'launched-checks.of-encounter',
  `${CHECK}
   where c.institution_id = $1 and c.encounter_number = $2 and ($3::text is null or c.request_number is null)
   order by c.checked_at desc limit 1`,
);

const launchedCheck = ({ public_id, person, checked_at, facts }: CheckRow): LaunchedCheck => ({
  check: public_id,
  person,
  checkedAt: checked_at,
  facts,
});

/** The latest check of an institution for an order number, else for the encounter. One of another encounter is never taken. */
export const latestCheck = async (
  session: Session,
  institutionKey: string,
  { order, encounter }: OrderNames,
): Promise<LaunchedCheck | undefined> => {
  if (order !== null) {
    const [row] = await session.run<CheckRow>(CHECK_OF_ORDER, [institutionKey, order, encounter]);
    if (row) return launchedCheck(row);
  }
  if (encounter === null) return undefined;
  const [row] = await session.run<CheckRow>(CHECK_OF_ENCOUNTER, [institutionKey, encounter, order]);
  return row && launchedCheck(row);
};

/** A line of a stored order as a check needs it. */
export interface StoredOrderLine {
  readonly person: PublicId;
  readonly placerNumber: string;
  readonly encounterNumber: string | null;
  readonly encounterClass: string | null;
  readonly localCode: string;
  readonly localName: string;
  readonly diagnoses: readonly string[];
  /** When its sender stated it last, by the sender's clock. */
  readonly statedAt: number;
}

interface OrderRow {
  readonly person: PublicId;
  readonly placer_number: string;
  readonly encounter_number: string | null;
  readonly encounter_class: string | null;
  readonly local_code: string;
  readonly local_name: string;
  readonly diagnoses: string[];
  readonly stated_at: number;
}

const STORED_COLUMNS = `p.public_id as person, o.placer_number, o.encounter_number, o.encounter_class, o.local_code,
     o.local_name, o.diagnoses, o.stated_at`;
/** More lines than one check takes. */
const LINES_MAX = 101;
const STORED_OF_ORDER = statement(
  'launched-checks.stored-of-order',
  `select ${STORED_COLUMNS} from orders o join persons p on p.person_id = o.person_id
   where o.institution_id = $1 and o.placer_number = $2 and o.state <> 'cancelled'
     and ($3::text is null or o.encounter_number is null or o.encounter_number = $3)
   order by o.order_id desc limit ${LINES_MAX}`,
);
const STORED_OF_ENCOUNTER = statement(
  'launched-checks.stored-of-encounter',
  `select ${STORED_COLUMNS} from orders o join persons p on p.person_id = o.person_id
   where o.institution_id = $1 and o.encounter_number = $2 and o.state <> 'cancelled'
   order by o.order_id desc limit ${LINES_MAX}`,
);

/**
 * Lines that an ordering system stated by message (ORM, OML) under an order number, else under an encounter, in the order
 * in which they came; of very many the latest.
 */
export const storedOrderLines = async (
  session: Session,
  institutionKey: string,
  { order, encounter }: OrderNames,
): Promise<readonly StoredOrderLine[]> => {
  const rows = await session.run<OrderRow>(
    order === null ? STORED_OF_ENCOUNTER : STORED_OF_ORDER,
    order === null ? [institutionKey, encounter] : [institutionKey, order, encounter],
  );
  return rows.toReversed().map((row) => ({
    person: row.person,
    placerNumber: row.placer_number,
    encounterNumber: row.encounter_number,
    encounterClass: row.encounter_class,
    localCode: row.local_code,
    localName: row.local_name,
    diagnoses: row.diagnoses,
    statedAt: row.stated_at,
  }));
};
