import { holderOfReportNumber } from '../../../adapters/postgres/corrections.ts';
import { lookupPerson } from '../../../adapters/postgres/person-lookup.ts';
import { readReportByPublicId } from '../../../adapters/postgres/report-reading.ts';
import { Fault, raiser } from '../../../kernel/fault.ts';
import { fail } from '../../../kernel/result.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import type { CorrectionFlows } from '../../server/routes/corrections.ts';
import type { FlowDependencies } from '../dependencies.ts';
import { CORRECTION_FLOW_FAULTS } from './correction-faults.ts';
import { NO_OWN_DATA } from './present-correction.ts';
import { keepSubmission } from './submit-correction.ts';

const raise = raiser(CORRECTION_FLOW_FAULTS);

/** The records that an identity card leads to; none where it leads to nobody, or not for certain. */
const recordsOf = async (
  { database, keys }: FlowDependencies,
  nationalId: string,
): Promise<ReadonlySet<string>> => {
  try {
    const found = await lookupPerson(database, keys, {
      identifiers: [{ type: 'national-id', issuer: 'CN', number: nationalId }],
    });
    return new Set(found?.members.map(({ personId }) => personId));
  } catch (error) {
    // A number that several people are recorded under, or that does not check, finds nobody.
    if (error instanceof Fault && error.code.startsWith('PERSON_')) return new Set();
    throw error;
  }
};

/**
 * A registrar takes down what a patient reports, from the paper in the patient's hand: number and institution of the report
 * and the identity card find it, and nothing of it is shown. A report that is not this patient's is as unknown as one that
 * does not exist.
 */
export const reportOnBehalf =
  (dependencies: FlowDependencies): CorrectionFlows['submitOnBehalf'] =>
  async (actor, request, idempotencyKey, origin) => {
    const { database, snapshots } = dependencies;
    const ruling = await snapshots.current();
    const issuer = ruling.registry.institutionKey(request.institution as InstitutionCode);
    const [holder, records] = await Promise.all([
      issuer === undefined ? undefined : holderOfReportNumber(database, issuer, request.reportNumber),
      recordsOf(dependencies, request.nationalId),
    ]);
    const isTheirs = holder !== undefined && records.has(holder.personId);
    const reading = isTheirs ? await readReportByPublicId(database, holder.report) : undefined;
    if (!reading) return fail(raise('CORRECTION_REPORT_NOT_FOUND'));
    const { kind, text, photo, relation } = request;
    return keepSubmission(dependencies, {
      actor,
      origin,
      reading,
      ruling,
      request: { kind, text, photo, ordinal: undefined },
      onBehalf: relation,
      idempotencyKey,
      own: NO_OWN_DATA,
      basis: 'desk-visit',
    });
  };
