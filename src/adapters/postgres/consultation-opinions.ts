import { type Instant, isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import { type Session, statement } from './database.ts';
import type { InstitutionKey } from './registry.ts';

/** An opinion about to be kept. */
export interface NewOpinion {
  readonly personId: string;
  readonly publicId: PublicId;
  readonly requestKey: string;
  readonly report: PublicId;
  readonly reportVersion: number;
  readonly institutionKey: InstitutionKey;
  readonly actor: string;
  readonly doctorName: string;
  readonly text: string;
}

/** An opinion as it stands beside a report. */
export interface OpinionRow {
  readonly opinion_id: string;
  readonly public_id: PublicId;
  readonly report_version: number;
  readonly institution_id: InstitutionKey;
  /** Who wrote it, as audit rows name actors. */
  readonly actor: string;
  readonly doctor_name: string;
  readonly text: string;
  readonly stated_at: number;
  /** When it was withdrawn; null while it stands, together with by whom and why. */
  readonly withdrawn_at: number | null;
  readonly withdrawn_by: string | null;
  readonly withdrawal_reason: string | null;
}

/** Who takes an opinion back, and why. */
export interface NewWithdrawal {
  readonly personId: string;
  readonly opinionId: string;
  readonly actor: string;
  readonly doctorName: string;
  readonly reason: string;
}

const ADD = statement(
  'consultation-opinions.add',
  `insert into consultation_opinions (person_id, public_id, request_key, report_public_id, report_version, institution_id,
     actor, doctor_name, text, stated_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
   on conflict (person_id, request_key) do nothing returning opinion_id`,
);
const OF_REPORT = statement(
  'consultation-opinions.of-report',
  `select o.opinion_id, o.public_id, o.report_version, o.institution_id, o.actor, o.doctor_name, o.text, o.stated_at,
     w.withdrawn_at, w.doctor_name as withdrawn_by, w.reason as withdrawal_reason
   from consultation_opinions o
     left join consultation_opinion_withdrawals w on w.person_id = o.person_id and w.opinion_id = o.opinion_id
   where o.person_id = $1 and o.report_public_id = $2 order by o.opinion_id`,
);
const WITHDRAW = statement(
  'consultation-opinions.withdraw',
  `insert into consultation_opinion_withdrawals (person_id, opinion_id, actor, doctor_name, reason, withdrawn_at)
   values ($1, $2, $3, $4, $5, $6)
   on conflict (person_id, opinion_id) do nothing returning opinion_id`,
);

/** Keeps an opinion. @returns false when one was kept under the same key */
export const keepOpinion = async (session: Session, opinion: NewOpinion, at: Instant): Promise<boolean> => {
  const rows = await session.run(ADD, [
    opinion.personId,
    opinion.publicId,
    opinion.requestKey,
    opinion.report,
    opinion.reportVersion,
    opinion.institutionKey,
    opinion.actor,
    opinion.doctorName,
    opinion.text,
    isoInstant(at),
  ]);
  return rows.length > 0;
};

/** Withdraws an opinion, which stays as it was written. @returns false when it was withdrawn before */
export const withdrawOpinion = async (
  session: Session,
  { personId, opinionId, actor, doctorName, reason }: NewWithdrawal,
  at: Instant,
): Promise<boolean> => {
  const rows = await session.run(WITHDRAW, [personId, opinionId, actor, doctorName, reason, isoInstant(at)]);
  return rows.length > 0;
};

/** The opinions beside a report, the earliest first, withdrawn ones in their place. */
export const readOpinions = (session: Session, personId: string, report: PublicId): Promise<OpinionRow[]> =>
  session.run<OpinionRow>(OF_REPORT, [personId, report]);
