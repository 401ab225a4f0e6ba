import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, type SqlValue, statement } from './database.ts';

/** Whose checks of which time are meant; null means every department or doctor of the institution. */
export interface WorkScope {
  readonly institutionKey: string;
  readonly from: Instant;
  /** First moment after the period. */
  readonly until: Instant;
  readonly department: string | null;
  /** Staff number. */
  readonly doctor: string | null;
}

/** A department and a doctor in it, as the checks name them. */
export interface WorkPlace {
  readonly department: string | null;
  readonly doctor: string | null;
}

const IN_SCOPE = `c.institution_id = $1 and c.checked_at >= $2 and c.checked_at < $3
     and ($4::text is null or c.department = $4) and ($5::text is null or c.doctor = $5)`;
const STANDS = (response: string): string => `not exists (
       select 1 from check_responses u
       where u.person_id = ${response}.person_id and u.check_public_id = ${response}.check_public_id and u.kind = 'undo'
         and u.undoes = ${response}.public_id)`;
// An opportunity carries the moment of the check that found it first: both are written by one statement.
const OPPORTUNITIES_OF_CHECKS = `order_checks c
   join opportunities o on o.person_id = c.person_id and o.institution_id = c.institution_id and o.first_at = c.checked_at
   where ${IN_SCOPE} and o.best_grade in ('must-consider', 'may-consider')`;

const scoped = ({ institutionKey, from, until, department, doctor }: WorkScope): SqlValue[] => [
  institutionKey,
  isoInstant(from),
  isoInstant(until),
  department,
  doctor,
];

const CHECKS = statement(
  'department-work.checks',
  `select c.department, c.doctor, count(*)::integer as checks from order_checks c where ${IN_SCOPE} and c.follows is null
   group by c.department, c.doctor order by c.department, c.doctor limit $6`,
);

/** How many checks every doctor made, by department; one that was made again for the same order counts once. */
export const countChecks = (
  session: Session,
  scope: WorkScope,
  limit: number,
): Promise<(WorkPlace & { readonly checks: number })[]> => session.run(CHECKS, [...scoped(scope), limit]);

const RECOGNISABLE = statement(
  'department-work.recognisable',
  `select c.department, c.doctor, count(*)::integer as items from ${OPPORTUNITIES_OF_CHECKS} group by c.department, c.doctor`,
);

/** Ordered items for which a result must or may be considered, each counted once per encounter, by who ordered them first. */
export const countRecognisable = (
  session: Session,
  scope: WorkScope,
): Promise<(WorkPlace & { readonly items: number })[]> => session.run(RECOGNISABLE, scoped(scope));

const UNANSWERED = statement(
  'department-work.unanswered',
  `select c.department, c.doctor, count(*)::integer as items from ${OPPORTUNITIES_OF_CHECKS} and o.shown
     and not exists (
       select 1 from check_responses r
       join order_checks a on a.person_id = r.person_id and a.public_id = r.check_public_id
       where r.person_id = o.person_id and r.institution_id = o.institution_id and o.item_id = any(r.item_ids)
         and r.kind in ('recognise', 're-examine')
         and (a.public_id = c.public_id or a.follows = c.public_id or a.encounter_number = c.encounter_number or a.request_number = c.request_number)
         and ${STANDS('r')})
   group by c.department, c.doctor`,
);

/** Of these, the items that the doctor was asked about and that no check of the encounter or request has an answer to. */
export const countUnanswered = (
  session: Session,
  scope: WorkScope,
): Promise<(WorkPlace & { readonly items: number })[]> => session.run(UNANSWERED, scoped(scope));

/** How many items of a doctor's checks were answered in one way. */
export interface AnswerCountRow extends WorkPlace {
  readonly kind: 'recognise' | 're-examine';
  /** National reason of a repeat. */
  readonly reason: string | null;
  readonly items: number;
}

const ANSWERS = statement(
  'department-work.answers',
  `select c.department, c.doctor, r.kind, r.reason, sum(cardinality(r.item_ids))::integer as items
   from order_checks c join check_responses r on r.person_id = c.person_id and r.check_public_id = c.public_id
   where ${IN_SCOPE} and r.kind in ('recognise', 're-examine') and cardinality(r.item_ids) > 0 and ${STANDS('r')}
   group by c.department, c.doctor, r.kind, r.reason order by r.reason`,
);

/** Answers to the checks of the period that stand, by item. */
export const countAnswers = (session: Session, scope: WorkScope): Promise<AnswerCountRow[]> =>
  session.run<AnswerCountRow>(ANSWERS, scoped(scope));

/** A check on the list of one doctor's decisions. */
export interface WorkCheckRow extends WorkPlace {
  readonly person_id: string;
  readonly public_id: PublicId;
  readonly checked_at: number;
  readonly facts: string;
}

const LISTED = statement(
  'department-work.listed',
  `select c.person_id, c.public_id, c.checked_at, c.department, c.doctor, c.facts from order_checks c
   where ${IN_SCOPE} order by c.checked_at desc, c.check_id desc limit $6`,
);

/** The newest checks of the scope. */
export const readWorkChecks = (session: Session, scope: WorkScope, limit: number): Promise<WorkCheckRow[]> =>
  session.run<WorkCheckRow>(LISTED, [...scoped(scope), limit]);

/** Something that could be recognised, with the check that found it first. */
export interface WorkFindingRow {
  readonly check_public_id: PublicId;
  readonly item_id: string;
  readonly best_grade: 'must-consider' | 'may-consider';
}

const FINDINGS = statement(
  'department-work.findings',
  `select c.public_id as check_public_id, o.item_id, o.best_grade from ${OPPORTUNITIES_OF_CHECKS}
     and c.person_id = any($6::bigint[]) and c.public_id = any($7::uuid[]) order by o.item_id`,
);

/** What these checks found to recognise. */
export const readWorkFindings = (
  session: Session,
  scope: WorkScope,
  checks: readonly WorkCheckRow[],
): Promise<WorkFindingRow[]> =>
  session.run<WorkFindingRow>(FINDINGS, [
    ...scoped(scope),
    checks.map(({ person_id }) => person_id),
    checks.map(({ public_id }) => public_id),
  ]);

/** An answer that stands on one of the checks listed. */
export interface WorkAnswerRow {
  readonly check_public_id: PublicId;
  readonly line: number;
  readonly kind: 'recognise' | 're-examine';
  readonly reason: string | null;
  readonly item_ids: readonly string[] | null;
  readonly responded_at: number;
}

const LISTED_ANSWERS = statement(
  'department-work.listed-answers',
  `select r.check_public_id, r.line, r.kind, r.reason, r.item_ids, r.responded_at from check_responses r
   where r.person_id = any($1::bigint[]) and r.check_public_id = any($2::uuid[]) and r.kind in ('recognise', 're-examine')
     and ${STANDS('r')}
   order by r.line, r.response_id`,
);

/** The answers to these checks that stand. */
export const readWorkAnswers = (
  session: Session,
  checks: readonly WorkCheckRow[],
): Promise<WorkAnswerRow[]> =>
  session.run<WorkAnswerRow>(LISTED_ANSWERS, [
    checks.map(({ person_id }) => person_id),
    checks.map(({ public_id }) => public_id),
  ]);
