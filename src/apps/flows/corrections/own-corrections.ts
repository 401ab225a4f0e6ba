import type { ObjectKey } from '../../../adapters/objects/file-objects.ts';
import { readReportByPublicId } from '../../../adapters/postgres/report-reading.ts';
import { raiser } from '../../../kernel/fault.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { PatientActor } from '../../server/flows-port.ts';
import type { OwnCorrectionFlows } from '../../server/routes/own-corrections.ts';
import { type FlowDependencies, flowFault } from '../dependencies.ts';
import { lineReaderOf, type OwnReader, ownReader } from '../own-data/own-reader.ts';
import { isTitleDisclosed } from '../results/line-disclosure.ts';
import { findVisibleReport } from '../results/read-report.ts';
import { CORRECTION_FLOW_FAULTS } from './correction-faults.ts';
import {
  discloseCorrections,
  listOwn,
  readOne,
  readVisibleCorrection,
  type VisibleCorrection,
} from './read-corrections.ts';
import type { OwnData } from './present-correction.ts';
import { keepSubmission } from './submit-correction.ts';
import { takeStep } from './take-step.ts';

const raise = raiser(CORRECTION_FLOW_FAULTS);

/** Somebody's own data, and as whom they are read. */
interface Own extends OwnData {
  readonly reader: OwnReader;
}

const ownDataOf = async (
  dependencies: FlowDependencies,
  actor: PatientActor,
  person: PublicId | undefined,
): Promise<Own> => {
  const reader = await ownReader(dependencies, actor, person);
  return { records: reader.members, basis: reader.basis, reader };
};

/**
 * Whether a report may be spoken of to whoever reads own data: a ticket tells in the reporter's words what the report tells.
 * Whoever acts for a patient without seeing restricted classes is told of no ticket about them.
 */
const maySpeakOf = async (
  dependencies: FlowDependencies,
  { reader }: Own,
  report: PublicId,
): Promise<boolean> => {
  if (reader.mayAskForRestricted) return true;
  const lineReader = lineReaderOf(reader, undefined);
  const found = await findVisibleReport(dependencies, lineReader, report, dependencies.clock());
  return (
    found !== undefined &&
    found.visible.every(Boolean) &&
    isTitleDisclosed(found.reading.title, found.source, lineReader, found.rules)
  );
};

/** A ticket that may be told of. @throws CORRECTION_UNKNOWN */
const readSpoken = async (
  dependencies: FlowDependencies,
  actor: PatientActor,
  id: PublicId,
  own: Own,
): Promise<VisibleCorrection> => {
  const visible = await readVisibleCorrection(dependencies, actor, id, own);
  if (!(await maySpeakOf(dependencies, own, visible.row.report_public_id))) throw raise('CORRECTION_UNKNOWN');
  return visible;
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
    if (
      !reading ||
      !own.records.includes(reading.personId) ||
      !(await maySpeakOf(dependencies, own, reading.publicId))
    )
      return fail(flowFault('REPORT_UNKNOWN'));
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
    const own = await ownDataOf(dependencies, actor, person);
    return ok(
      await listOwn(dependencies, actor, origin, own, async (rows) => {
        const shown = await Promise.all(
          rows.map(({ report_public_id }) => maySpeakOf(dependencies, own, report_public_id)),
        );
        return rows.filter((_, index) => shown[index]);
      }),
    );
  },
  async read(actor, id, person, origin) {
    const own = await ownDataOf(dependencies, actor, person);
    await readSpoken(dependencies, actor, id, own);
    return ok(await readOne(dependencies, actor, id, origin, own));
  },
  async photo(actor, id, person, origin) {
    const own = await ownDataOf(dependencies, actor, person);
    const { row } = await readSpoken(dependencies, actor, id, own);
    if (row.photo_object === null) return fail(raise('CORRECTION_UNKNOWN', { place: 'photo' }));
    await discloseCorrections(dependencies, actor, origin, [row], 'correction.photo', own);
    return ok({
      mediaType: row.photo_media_type as string,
      bytes: await dependencies.objects.get(row.photo_object as ObjectKey),
    });
  },
  async step(actor, correction, request, person, idempotencyKey, origin) {
    const own = await ownDataOf(dependencies, actor, person);
    await readSpoken(dependencies, actor, correction, own);
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
