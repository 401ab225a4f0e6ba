import { type OpinionRow, readOpinions } from '../../../adapters/postgres/consultation-opinions.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import type { ReportReading } from '../../../adapters/postgres/report-reading.ts';
import { type Instant, instant, isoInstant } from '../../../kernel/instant.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { OpinionAnswer } from '../../../web/wire/order-check-answer.ts';
import { institutionAnswer } from '../present.ts';
import type { LineReader } from './line-disclosure.ts';

/** Whose opinion it is: only that doctor, and only as one of that institution, may take it back. */
export const isOwnOpinion = (
  row: OpinionRow,
  { institution, author }: LineReader,
  { registry }: Pick<RulingSnapshot, 'registry'>,
): boolean =>
  institution !== null &&
  row.actor === author &&
  registry.institutionCode(row.institution_id) === institution;

const withdrawalAnswer = (row: OpinionRow, isLegible: boolean): OpinionAnswer['withdrawal'] =>
  row.withdrawn_at === null
    ? null
    : {
        withdrawnAt: isoInstant(instant(row.withdrawn_at)),
        by: isLegible ? row.withdrawn_by : null,
        reason: isLegible ? row.withdrawal_reason : null,
      };

/**
 * The opinions beside a report (会诊意见), as whoever may see the whole of it is shown them. A withdrawn one is legible to
 * those who read for an institution, which may have acted on it; everybody else is told that one was withdrawn.
 */
export const opinionsOf = async (
  session: Session,
  { personId, publicId }: Pick<ReportReading, 'personId' | 'publicId'>,
  reader: LineReader,
  { registry, snapshot }: RulingSnapshot,
  at: Instant,
): Promise<OpinionAnswer[]> => {
  const rules = snapshot.rulesAt(at);
  return (await readOpinions(session, personId, publicId)).map((row) => {
    const isLegible = row.withdrawn_at === null || reader.institution !== null;
    return {
      id: row.public_id,
      institution: institutionAnswer(
        rules,
        registry.institutionCode(row.institution_id) ?? ('UNKNOWN' as InstitutionCode),
      ),
      doctor: isLegible ? row.doctor_name : null,
      text: isLegible ? row.text : null,
      reportVersion: row.report_version,
      statedAt: isoInstant(instant(row.stated_at)),
      withdrawal: withdrawalAnswer(row, isLegible),
      mayWithdraw: row.withdrawn_at === null && isOwnOpinion(row, reader, { registry }),
    };
  });
};
