import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import type { DecisionRecord } from '../../recognition/index.ts';
import { type Session, statement } from './database.ts';

/** A decision decided once more with the corrected facts, ready to be kept. */
export interface DecisionReviewRecord {
  /** Internal key of the decision's person. */
  readonly personId: string;
  readonly check: PublicId;
  /** The ticket that was answered; null: nobody reported it, the corrected report came as a message. */
  readonly correction: PublicId | null;
  readonly report: PublicId;
  readonly reportVersion: number;
  readonly record: DecisionRecord;
}

/** A kept review. */
export interface DecisionReviewRow {
  readonly person_id: string;
  readonly check_public_id: PublicId;
  readonly correction_public_id: PublicId | null;
  readonly report_public_id: PublicId;
  readonly report_version: number;
  readonly reviewed_at: number;
  readonly evaluator: number;
  readonly snapshot_id: string;
  readonly facts: string;
  readonly verdicts: string;
}

const INSERT = statement(
  'decision-reviews.insert',
  `insert into decision_reviews (person_id, check_public_id, correction_public_id, report_public_id, report_version, reviewed_at,
     evaluator, snapshot_id, facts, verdicts)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
   on conflict do nothing returning review_id`,
);
const REVIEW_COLUMNS = `person_id, check_public_id, correction_public_id, report_public_id, report_version, reviewed_at, evaluator,
  snapshot_id, facts, verdicts`;
const OF_CHECK = statement(
  'decision-reviews.of-check',
  `select ${REVIEW_COLUMNS} from decision_reviews d where person_id = $1 and check_public_id = $2
     and (correction_public_id is not null or not exists (
       select 1 from decision_reviews t
       where t.person_id = d.person_id and t.check_public_id = d.check_public_id and t.report_public_id = d.report_public_id
         and t.report_version = d.report_version and t.correction_public_id is not null))
   order by review_id`,
);
const OF_CORRECTION = statement(
  'decision-reviews.of-correction',
  `select ${REVIEW_COLUMNS} from decision_reviews where correction_public_id = $1`,
);

/** Keeps a review; false when that decision had been reviewed for that ticket, or that version, before. */
export const keepDecisionReview = async (
  session: Session,
  { personId, check, correction, report, reportVersion, record }: DecisionReviewRecord,
  at: Instant,
): Promise<boolean> => {
  const rows = await session.run(INSERT, [
    personId,
    check,
    correction,
    report,
    reportVersion,
    isoInstant(at),
    record.evaluator,
    record.snapshotId,
    record.facts,
    record.verdicts,
  ]);
  return rows.length > 0;
};

/** Reviews of one decision, in order; a version that a ticket asked for is shown once. */
export const readReviewsOfCheck = (
  session: Session,
  personId: string,
  check: PublicId,
): Promise<DecisionReviewRow[]> => session.run<DecisionReviewRow>(OF_CHECK, [personId, check]);

/** Every decision that was reviewed because of one ticket. */
export const readReviewsOfCorrection = (
  session: Session,
  correction: PublicId,
): Promise<DecisionReviewRow[]> => session.run<DecisionReviewRow>(OF_CORRECTION, [correction]);

/** A decision that weighed a report: by whom, when, and whether the doctor recognised the report's result on it. */
export interface AffectedDecisionRow {
  readonly person_id: string;
  readonly public_id: PublicId;
  readonly institution_id: string;
  readonly doctor: string | null;
  readonly department: string | null;
  readonly checked_at: number;
  /** The doctor recognised a result of the report, and that stands. */
  readonly recognised: boolean;
  /** Some line of the check was to be examined again. */
  readonly re_examined: boolean;
  /** The decision carries a mark about the report, so its doctor is told. */
  readonly told: boolean;
}

const AFFECTED = statement(
  'decision-reviews.affected',
  `select c.person_id, c.public_id, c.institution_id, c.doctor, c.department, c.checked_at,
     exists (select 1 from check_responses r
      where r.person_id = c.person_id and r.check_public_id = c.public_id and r.kind = 'recognise' and r.report_public_id = $3
        and not exists (
          select 1 from check_responses u
          where u.person_id = r.person_id and u.check_public_id = r.check_public_id and u.kind = 'undo' and u.undoes = r.public_id)) as recognised,
     exists (select 1 from check_responses r
      where r.person_id = c.person_id and r.check_public_id = c.public_id and r.kind = 're-examine'
        and not exists (
          select 1 from check_responses u
          where u.person_id = r.person_id and u.check_public_id = r.check_public_id and u.kind = 'undo' and u.undoes = r.public_id)) as re_examined,
     exists (select 1 from check_marks m where m.person_id = c.person_id and m.check_public_id = c.public_id
       and m.report_public_id = $3) as told
   from order_checks c
   where c.person_id = any($1::bigint[]) and strpos(c.facts, $2) > 0
   order by c.checked_at desc limit $4`,
);

/** Decisions about these persons that weighed a report, the newest first. */
export const readAffectedDecisions = (
  session: Session,
  persons: readonly string[],
  report: PublicId,
  limit: number,
): Promise<AffectedDecisionRow[]> =>
  session.run<AffectedDecisionRow>(AFFECTED, [persons, report, report, limit]);
