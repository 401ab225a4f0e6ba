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
  readonly public_id: PublicId;
  readonly report_version: number;
  readonly institution_id: InstitutionKey;
  readonly doctor_name: string;
  readonly text: string;
  readonly stated_at: number;
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
  `select public_id, report_version, institution_id, doctor_name, text, stated_at from consultation_opinions
   where person_id = $1 and report_public_id = $2 order by opinion_id`,
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

/** The opinions beside a report, the earliest first. */
export const readOpinions = (session: Session, personId: string, report: PublicId): Promise<OpinionRow[]> =>
  session.run<OpinionRow>(OF_REPORT, [personId, report]);
