import { readOpinions } from '../../../adapters/postgres/consultation-opinions.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import type { ReportReading } from '../../../adapters/postgres/report-reading.ts';
import { type Instant, instant, isoInstant } from '../../../kernel/instant.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { ReportAnswer } from '../../../web/wire/order-check-answer.ts';
import { institutionAnswer } from '../present.ts';

/** The opinions beside a report (会诊意见), as whoever may see the whole of it is shown them. */
export const opinionsOf = async (
  session: Session,
  { personId, publicId }: Pick<ReportReading, 'personId' | 'publicId'>,
  { registry, snapshot }: RulingSnapshot,
  at: Instant,
): Promise<ReportAnswer['opinions']> => {
  const rules = snapshot.rulesAt(at);
  return (await readOpinions(session, personId, publicId)).map((row) => ({
    id: row.public_id,
    institution: institutionAnswer(
      rules,
      registry.institutionCode(row.institution_id) ?? ('UNKNOWN' as InstitutionCode),
    ),
    doctor: row.doctor_name,
    text: row.text,
    reportVersion: row.report_version,
    statedAt: isoInstant(instant(row.stated_at)),
  }));
};
