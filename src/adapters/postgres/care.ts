import type { CareBasis } from '../../access/index.ts';
import { type Instant, isoInstant } from '../../kernel/instant.ts';
import { type Session, statement } from './database.ts';

const BASIS = statement(
  'care.basis',
  `select case
     when exists (select 1 from order_checks c where c.person_id = any($1::bigint[]) and c.institution_id = $2 and c.checked_at >= $3)
       or exists (select 1 from orders o where o.person_id = any($1::bigint[]) and o.institution_id = $2 and o.stated_at >= $3)
       then 'order'
     when exists (select 1 from reports r where r.person_id = any($1::bigint[]) and r.institution_id = $2
       and coalesce(r.reported_at, r.collected_at) >= $3)
       or exists (select 1 from persons p where p.person_id = any($1::bigint[]) and p.issuer = $5 and p.stated_at >= $3)
       then 'visit'
     else (select o.basis from care_openings o where o.person_id = any($1::bigint[]) and o.institution_id = $2
       and o.open_until > $4 order by o.basis limit 1)
   end as basis`,
);

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
  const [row] = await session.run<{ basis: CareBasis | null }>(BASIS, [
    persons,
    institution.key,
    isoInstant(since),
    isoInstant(at),
    institution.code,
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
