import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';
import type { MarkKind } from './reports-marks.ts';

/** A decision that names a report, with its facts as canonical JSON. */
export interface NamingDecision {
  readonly person_id: string;
  readonly public_id: PublicId;
  readonly facts: string;
  readonly snapshot_id: string;
}

const NAMING = statement(
  'weighed-decisions.naming',
  `select person_id, public_id, facts, snapshot_id from order_checks
   where person_id = any($1::bigint[]) and strpos(facts, $2) > 0
     and ($3::timestamptz is null or checked_at >= $3) and ($4::timestamptz is null or checked_at <= $4)`,
);

/** Decisions about these persons whose facts name a report, made between two moments; null leaves a side open. */
export const readDecisionsNaming = (
  session: Session,
  persons: readonly string[],
  report: PublicId,
  from: Instant | null,
  to: Instant | null,
): Promise<NamingDecision[]> =>
  session.run<NamingDecision>(NAMING, [
    persons,
    report,
    from === null ? null : isoInstant(from),
    to === null ? null : isoInstant(to),
  ]);

const MARK_ONE = statement(
  'weighed-decisions.mark',
  `insert into check_marks (person_id, check_public_id, report_public_id, report_version, kind, relied, marked_at)
   select $1::bigint, $2::uuid, $3::uuid, $4::integer, $5::text,
     exists (
       select 1 from check_responses r
       where r.person_id = $1 and r.check_public_id = $2 and r.kind = 'recognise' and r.report_public_id = $3
         and ($6::integer[] is null or r.ordinal = any($6))
         and not exists (
           select 1 from check_responses u
           where u.person_id = r.person_id and u.check_public_id = r.check_public_id and u.kind = 'undo' and u.undoes = r.public_id)
     ), $7::timestamptz
   on conflict (person_id, check_public_id, report_public_id, report_version, kind) do nothing
   returning mark_id`,
);

/** What a mark says of a report, or of some of its results. */
export interface WeighedMark {
  readonly report: PublicId;
  readonly version: number;
  readonly kind: MarkKind;
  /** The results that it is about; null: the whole report. */
  readonly ordinals: readonly number[] | null;
  readonly at: Instant;
}

/** Marks one decision; false when it carried that mark already. */
export const markDecision = async (
  session: Session,
  decision: Pick<NamingDecision, 'person_id' | 'public_id'>,
  { report, version, kind, ordinals, at }: WeighedMark,
): Promise<boolean> => {
  const rows = await session.run(MARK_ONE, [
    decision.person_id,
    decision.public_id,
    report,
    version,
    kind,
    ordinals,
    isoInstant(at),
  ]);
  return rows.length > 0;
};
