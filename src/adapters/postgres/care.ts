import type { CareBasis } from '../../access/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import { type Session, type Statement, statement } from './database.ts';
import { inParameters, inSize, inValues } from './in-lists.ts';

const basis = (size: string, persons: string): Statement =>
  statement(
    `care.basis-${size}`,
    `select case
     when exists (select 1 from order_checks c where c.person_id ${persons} and c.institution_id = $1 and c.checked_at >= $2)
       or exists (select 1 from orders o where o.person_id ${persons} and o.institution_id = $1 and o.stated_at >= $2)
       then 'order'
     when exists (select 1 from reports r where r.person_id ${persons} and r.institution_id = $1
       and coalesce(r.reported_at, r.collected_at) >= $2)
       or exists (select 1 from persons p where p.person_id ${persons} and p.issuer = $4 and p.stated_at >= $2)
       then 'visit'
     else (select o.basis from care_openings o where o.person_id ${persons} and o.institution_id = $1
       and o.open_until > $3 order by o.basis limit 1)
   end as basis`,
  );
/** One statement for each size of cluster (see in-lists.ts), and one for any. */
const PERSON_SIZES = [1, 2, 4, 8] as const;
const BASES: ReadonlyMap<number | undefined, Statement> = new Map(
  PERSON_SIZES.map((size) => [size, basis(String(size), `in (${inParameters(5, size)})`)]),
);
const BASIS_OF_MANY = basis('of-many', '= any($5::bigint[])');

/** A key that no person has: nobody takes the same work as somebody. */
const NOBODY = '0';

/**
 * By what an institution treats somebody now; null when by nothing that is known.
 *
 * @param persons everybody of the cluster
 * @param since from when on an order, a report or an admission of the institution's own counts
 */
export const readCareBasis = async (
  session: Session,
  persons: readonly string[],
  institution: { readonly key: string; readonly code: string },
  since: Instant,
  at: Instant,
): Promise<CareBasis | null> => {
  const asking = persons.length === 0 ? [NOBODY] : persons;
  const size = inSize(PERSON_SIZES, asking.length);
  const sized = BASES.get(size);
  const [row] = await session.run<{ basis: CareBasis | null }>(sized ?? BASIS_OF_MANY, [
    institution.key,
    isoInstant(since),
    isoInstant(at),
    institution.code,
    ...(sized && size ? inValues(asking, size) : [asking]),
  ]);
  return row?.basis ?? null;
};

/** Why an institution may open somebody's data from now on. */
export interface CareOpening {
  readonly personId: string;
  readonly institutionKey: string;
  readonly actor: string;
  /** The visit's number; null where a number of the person was presented. */
  readonly encounterNumber: string | null;
  readonly openUntil: Instant;
}

const OPEN = statement(
  'care.open',
  `insert into care_openings (person_id, institution_id, actor, basis, encounter_number, opened_at, open_until)
   values ($1, $2, $3, $4, $5, $6, $7)`,
);

/** Keeps an opening. */
export const keepCareOpening = async (session: Session, opening: CareOpening, at: Instant): Promise<void> => {
  const { personId, institutionKey, actor, encounterNumber, openUntil } = opening;
  await session.run(OPEN, [
    personId,
    institutionKey,
    actor,
    encounterNumber === null ? 'presented-number' : 'encounter',
    encounterNumber,
    isoInstant(at),
    isoInstant(openUntil),
  ]);
};

const END = statement(
  'care.end',
  `update care_openings set open_until = $5
   where person_id = any($1::bigint[]) and institution_id = $2 and actor = $3 and open_until = $4`,
);

/** Ends what an actor opened until some moment, where it ends before that moment. */
export const endCareOpening = async (
  session: Session,
  persons: readonly string[],
  { institutionKey, actor, openUntil }: Pick<CareOpening, 'institutionKey' | 'actor' | 'openUntil'>,
  at: Instant,
): Promise<void> => {
  await session.run(END, [persons, institutionKey, actor, isoInstant(openUntil), isoInstant(at)]);
};
