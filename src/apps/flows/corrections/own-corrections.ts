import type { ObjectKey } from '../../../adapters/objects/file-objects.ts';
import { readReportByPublicId } from '../../../adapters/postgres/report-reading.ts';
import { raiser } from '../../../kernel/fault.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { PatientActor } from '../../server/flows-port.ts';
import type { OwnCorrectionFlows } from '../../server/routes/own-corrections.ts';
import { type FlowDependencies, flowFault } from '../dependencies.ts';
import { ownReader } from '../own-data/own-reader.ts';
import { CORRECTION_FLOW_FAULTS } from './correction-faults.ts';
import { discloseCorrections, listOwn, readOne, readVisibleCorrection } from './read-corrections.ts';
import type { OwnData } from './present-correction.ts';
import { keepSubmission } from './submit-correction.ts';
import { takeStep } from './take-step.ts';

const raise = raiser(CORRECTION_FLOW_FAULTS);

const ownDataOf = async (
  dependencies: FlowDependencies,
  actor: PatientActor,
  person: PublicId | undefined,
): Promise<OwnData> => {
  const { members, basis } = await ownReader(dependencies, actor, person);
  return { records: members, basis };
};

/** A patient reports an error in an own result and follows what becomes of it. */
export const ownCorrectionFlows = (dependencies: FlowDependencies): OwnCorrectionFlows => ({
  async submit(actor, { report, ...request }, person, idempotencyKey, origin) {
    const { database, snapshots } = dependencies;
    const [own, reading, ruling] = await Promise.all([
      ownDataOf(dependencies, actor, person),
      readReportByPublicId(database, report as PublicId),
      snapshots.current(),
    ]);
    if (!reading || !own.records.includes(reading.personId)) return fail(flowFault('REPORT_UNKNOWN'));
    const { observations } = reading.content;
    const hasValue = (ordinal: number) =>
      observations.some((one, index) => (one.ordinal ?? index + 1) === ordinal);
    if (request.ordinal !== undefined && !hasValue(request.ordinal))
      return fail(raise('CORRECTION_VALUE_UNKNOWN', { place: 'ordinal' }));
    return keepSubmission(dependencies, {
      actor,
      origin,
      reading,
      ruling,
      request,
      onBehalf: null,
      idempotencyKey,
      own,
      basis: own.basis ?? 'own-data',
    });
  },
  async list(actor, person, origin) {
    return ok(await listOwn(dependencies, actor, origin, await ownDataOf(dependencies, actor, person)));
  },
  async read(actor, id, person, origin) {
    return ok(await readOne(dependencies, actor, id, origin, await ownDataOf(dependencies, actor, person)));
  },
  async photo(actor, id, person, origin) {
    const own = await ownDataOf(dependencies, actor, person);
    const { row } = await readVisibleCorrection(dependencies, actor, id, own);
    if (row.photo_object === null) return fail(raise('CORRECTION_UNKNOWN', { place: 'photo' }));
    await discloseCorrections(dependencies, actor, origin, [row], 'correction.photo', own);
    return ok({
      mediaType: row.photo_media_type as string,
      bytes: await dependencies.objects.get(row.photo_object as ObjectKey),
    });
  },
  async step(actor, correction, request, person, idempotencyKey, origin) {
    const own = await ownDataOf(dependencies, actor, person);
    return takeStep(dependencies, {
      actor,
      party: 'reporter',
      correction,
      request,
      idempotencyKey,
      origin,
      own,
    });
  },
});
