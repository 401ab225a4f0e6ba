import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';

/**
 * What happened to a report that decisions may have rested on. `upheld`: it had been said to be another person's, and its
 * source has found that it is not. `other-images`: the images that lay beside it are not its patient's.
 */
export type MarkKind =
  | 'corrected'
  | 'withdrawn'
  | 'reinstated'
  | 'other-person'
  | 'disputed'
  | 'upheld'
  | 'other-item'
  | 'other-images';

// The facts of a decision are canonical JSON, so the report's public id stands in them as text exactly when the decision
// weighed that report. One person has few decisions; no second index of them is kept.
const MARK = statement(
  'reports.mark-checks',
  `insert into check_marks (person_id, check_public_id, report_public_id, report_version, kind, relied, marked_at)
   select c.person_id, c.public_id, $2::uuid, $3::integer, $4::text,
     exists (
       select 1 from check_responses r
       where r.person_id = c.person_id and r.check_public_id = c.public_id and r.kind = 'recognise'
         and r.report_public_id = $2::uuid
         and not exists (
           select 1 from check_responses u
           where u.person_id = r.person_id and u.check_public_id = r.check_public_id and u.kind = 'undo' and u.undoes = r.public_id
         )
     ), $5::timestamptz
   from order_checks c
   where c.person_id = any($1::bigint[]) and (strpos(c.facts, $6) > 0 or strpos(c.verdicts, $6) > 0)
   on conflict (person_id, check_public_id, report_public_id, report_version, kind) do nothing
   returning relied`,
);

const LINKED = statement(
  'reports.ever-linked',
  `select distinct other_id from person_link_events where person_id = any($1::bigint[]) and kind = 'linked'`,
);

/**
 * Everyone who has ever stood in one cluster with a person, himself included, by the append-only history of links: also
 * through others, and also where the link is gone again.
 */
export const everLinked = async (session: Session, personKey: string): Promise<readonly string[]> => {
  const found = new Set([personKey]);
  let frontier = [personKey];
  while (frontier.length > 0) {
    const rows = await session.run<{ other_id: string }>(LINKED, [frontier]);
    frontier = rows.map(({ other_id }) => other_id).filter((other) => !found.has(other));
    for (const other of frontier) found.add(other);
  }
  return [...found];
};

/**
 * Marks every decision about these persons that weighed a report, in the transaction that changes the report.
 *
 * @param persons internal keys of everyone ever linked with the report's person: a decision made under a merge that has
 *   been undone rested on the report all the same
 * @returns how many decisions were marked, and how many of them a doctor had relied on
 */
export const markDecisions = async (
  session: Session,
  persons: readonly string[],
  report: PublicId,
  version: number,
  kind: MarkKind,
  at: Instant,
): Promise<{ readonly marked: number; readonly relied: number }> => {
  const rows = await session.run<{ relied: boolean }>(MARK, [
    persons,
    report,
    version,
    kind,
    isoInstant(at),
    report,
  ]);
  return { marked: rows.length, relied: rows.filter(({ relied }) => relied).length };
};

const WEIGHED = statement(
  'reports.facts-of-decisions',
  'select facts from order_checks where person_id = any($1::bigint[])',
);
const AMONG = statement(
  'reports.of-persons-among',
  'select public_id, version from reports where person_id = any($1::bigint[]) and public_id = any($2::uuid[])',
);

const UUIDS = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;

/**
 * Marks the decisions about some persons that weighed reports of others, when the two turn out not to be one: the
 * doctor who relied on such a report must hear of it. Call it in the transaction that parts them.
 */
export const markOfOtherPerson = async (
  session: Session,
  decidedAbout: readonly string[],
  reportedOf: readonly string[],
  at: Instant,
): Promise<void> => {
  const decisions = await session.run<{ facts: string }>(WEIGHED, [decidedAbout]);
  const named = new Set(decisions.flatMap(({ facts }) => facts.match(UUIDS) ?? []));
  if (named.size === 0) return;
  const reports = await session.run<{ public_id: PublicId; version: number }>(AMONG, [
    reportedOf,
    [...named],
  ]);
  for (const { public_id, version } of reports)
    await markDecisions(session, decidedAbout, public_id, version, 'other-person', at);
};
