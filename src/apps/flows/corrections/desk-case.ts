import { markStepsSeen } from '../../../adapters/postgres/correction-steps.ts';
import type { CorrectionRow } from '../../../adapters/postgres/corrections.ts';
import { type ComparableRecord, readComparableRecords } from '../../../adapters/postgres/linked-records.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import { disputesIdentity, isOpen, REMEDIES_OF } from '../../../correction/index.ts';
import { raiser } from '../../../kernel/fault.ts';
import { ok } from '../../../kernel/result.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { CorrectionCase } from '../../../web/wire/correction.ts';
import type { CorrectionFlows } from '../../server/routes/corrections.ts';
import { readOwnCheck } from '../checks/kept-check.ts';
import { auditOf, type FlowDependencies } from '../dependencies.ts';
import { institutionAnswer } from '../present.ts';
import { affectedDecisions, reviewsOfCheck } from './affected-decisions.ts';
import { CORRECTION_FLOW_FAULTS } from './correction-faults.ts';
import { deskAddressee } from './keep-step.ts';
import { discloseCorrections, presentOne, readVisibleCorrection } from './read-corrections.ts';

const raise = raiser(CORRECTION_FLOW_FAULTS);

type Sameness = CorrectionCase['linkedRecords'][number]['name'];

const sameness = (left: string | null, right: string | null): Sameness =>
  left === null || right === null ? 'not-stated' : left === right ? 'same' : 'different';

const statedSex = ({ sex }: ComparableRecord): string | null =>
  sex === 'male' || sex === 'female' ? sex : null;

/**
 * The records that are held to be the same patient as the report's own, each compared with it. Whether they agree is all
 * the desk needs to know of other institutions' patients.
 */
const linkedRecords = async (
  { database, clock }: FlowDependencies,
  { person_id }: CorrectionRow,
  { snapshot }: RulingSnapshot,
): Promise<CorrectionCase['linkedRecords']> => {
  const { members } = await clusterOf(database, person_id);
  const records = await readComparableRecords(
    database,
    members.map(({ personId }) => personId),
  );
  const own = records.find(({ personId }) => personId === person_id);
  if (!own) return [];
  const rules = snapshot.rulesAt(clock());
  return records
    .filter((record) => record !== own)
    .map((record) => ({
      record: record.publicId,
      institutionZh: institutionAnswer(rules, record.issuer as InstitutionCode).nameZh,
      grade: members.find(({ personId }) => personId === record.personId)?.grade ?? 'none',
      name: sameness(own.name, record.name),
      sex: sameness(statedSex(own), statedSex(record)),
      birthDate: sameness(own.birthDate, record.birthDate),
      nationalId: sameness(own.nationalId, record.nationalId),
    }));
};

/** A ticket before the desk of the institution that issued its report, and the reviews of a doctor's own decision. */
export const correctionCases = (
  dependencies: FlowDependencies,
): Pick<CorrectionFlows, 'openCase' | 'reviews'> => ({
  async openCase(actor, id, origin) {
    const { database, clock } = dependencies;
    const visible = await readVisibleCorrection(dependencies, actor, id);
    if (!visible.parties.includes('source')) throw raise('CORRECTION_UNKNOWN');
    const { row, ruling } = visible;
    const needsRecords = disputesIdentity(row) && isOpen(row.state);
    const [correction, affected, records] = await Promise.all([
      presentOne(dependencies, actor, visible),
      affectedDecisions(dependencies, database, row),
      needsRecords ? linkedRecords(dependencies, row, ruling) : [],
    ]);
    await discloseCorrections(dependencies, actor, origin, [row], 'correction.open-case');
    await markStepsSeen(database, row.person_id, id, deskAddressee(row.institution_id), clock());
    const { content: rules } = ruling.snapshot.rulesAt(clock()).correctionRules;
    return ok({
      correction,
      decisions: affected.decisions,
      decisionsTruncated: affected.truncated,
      linkedRecords: records,
      unfoundedReasons: rules.unfoundedReasons.map(({ code, text }) => ({ code, text })),
      remedies: REMEDIES_OF[row.kind].filter((remedy) => remedy !== 'parted' || records.length > 0),
    });
  },
  async reviews(actor, check, origin) {
    const row = await readOwnCheck(dependencies, actor, check);
    const { reviews, basis } = await reviewsOfCheck(dependencies, row);
    await keepAudit(
      dependencies.database,
      row.person_id,
      dependencies.clock(),
      auditOf(dependencies, actor, origin, {
        institutionKey: row.institution_id,
        action: 'order-check.read-reviews',
        resource: `order-check/${check}`,
        basis,
        outcome: 'disclosed',
      }),
    );
    return ok({ reviews });
  },
});
