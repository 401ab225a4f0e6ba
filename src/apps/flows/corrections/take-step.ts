import { lockCorrection, readCorrectionEvents } from '../../../adapters/postgres/correction-steps.ts';
import { type CorrectionRow, lockReport, readCorrection } from '../../../adapters/postgres/corrections.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import { unmergePersons } from '../../../adapters/postgres/person-links.ts';
import { clusterOf, lookupPersonByPublicId } from '../../../adapters/postgres/person-lookup.ts';
import { readReportByPublicId, readVersionsOf } from '../../../adapters/postgres/report-reading.ts';
import { isPartTakenBack, nextTicketState, type TicketParty } from '../../../correction/index.ts';
import { canonicalJson } from '../../../kernel/canonical-json.ts';
import { sha256Hex } from '../../../kernel/content-hash.ts';
import { type Fault, raiser } from '../../../kernel/fault.ts';
import type { Instant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { isTakenBack, reportDifferences } from '../../../result/index.ts';
import type { CorrectionAnswer, CorrectionStepRequest } from '../../../web/wire/correction.ts';
import type { CallOrigin } from '../../server/flows-port.ts';
import { auditOf, type FlowDependencies } from '../dependencies.ts';
import { CORRECTION_FLOW_FAULTS } from './correction-faults.ts';
import { keepStep } from './keep-step.ts';
import { institutionOf, type OwnData, type TicketActor } from './present-correction.ts';
import { presentOne, readVisibleCorrection } from './read-corrections.ts';

const raise = raiser(CORRECTION_FLOW_FAULTS);

/** What somebody wants to do to a ticket. */
export interface WantedStep {
  readonly actor: TicketActor;
  readonly party: TicketParty;
  readonly correction: PublicId;
  readonly request: CorrectionStepRequest;
  readonly idempotencyKey: string | null;
  readonly origin: CallOrigin;
  readonly own: OwnData;
}

/** What has become of the report since the ticket was sent. */
const amendmentSince = async (session: Session, row: CorrectionRow) => {
  const report = await readReportByPublicId(session, row.report_public_id);
  if (!report) return { isAmended: false, isWithdrawn: false };
  const versions = await readVersionsOf(session, report);
  const reported = versions.find(({ version }) => version === row.report_version);
  return {
    isAmended: report.version > row.report_version,
    isWithdrawn: isPartTakenBack(row, {
      isGone: isTakenBack(report.standing),
      differences: reported ? reportDifferences(reported.content, report.content) : [],
    }),
  };
};

/**
 * Parts the record of the report from the one that turned out to be somebody else's.
 *
 * @throws CORRECTION_RECORD_UNKNOWN, CORRECTION_RECORDS_STILL_JOINED
 */
const partRecords = async (
  session: Session,
  row: CorrectionRow,
  { actor, request }: WantedStep,
  at: Instant,
): Promise<void> => {
  const other = request.record && (await lookupPersonByPublicId(session, request.record as PublicId));
  const { members } = await clusterOf(session, row.person_id);
  const isMember = other && members.some(({ personId }) => personId === other.personId);
  if (!other || !isMember || other.personId === row.person_id)
    throw raise('CORRECTION_RECORD_UNKNOWN', { place: 'record' });
  const parted = await unmergePersons(session, {
    personId: row.person_id,
    otherId: other.personId,
    cause: 'staff',
    actor: actor.name,
    reason: `correction ${row.ticket}`,
    at,
  });
  if (!parted.ok) throw raise('CORRECTION_RECORD_UNKNOWN', { place: 'record', detail: parted.reason.code });
  if (parted.value.stillConnectedBy.length > 0) throw raise('CORRECTION_RECORDS_STILL_JOINED');
};

/** The key of a step in two words: who named it how, and what it says. */
const requestKeyOf = ({ actor, request, idempotencyKey }: WantedStep): string | null =>
  idempotencyKey === null
    ? null
    : `${actor.name}/${idempotencyKey} ${sha256Hex(canonicalJson(request as never))}`;

const isKeptBefore = async (
  session: Session,
  row: CorrectionRow,
  requestKey: string | null,
): Promise<boolean> => {
  if (requestKey === null) return false;
  const events = await readCorrectionEvents(session, [row.person_id], [row.public_id]);
  const named = events.find(({ request_key }) => request_key?.split(' ')[0] === requestKey.split(' ')[0]);
  if (named && named.request_key !== requestKey) throw raise('CORRECTION_KEY_REUSED');
  return named !== undefined;
};

/** Everything but the answer: one commit, under the locks of the report and of the ticket. */
const keepWanted = (
  dependencies: FlowDependencies,
  wanted: WantedStep,
  { person_id, report_public_id }: CorrectionRow,
  institutionKey: string | null,
): Promise<Result<null, Fault>> => {
  const { actor, party, correction, request, origin } = wanted;
  const at = dependencies.clock();
  return dependencies.database.transaction(async (session): Promise<Result<null, Fault>> => {
    const version = await lockReport(session, person_id, report_public_id);
    await lockCorrection(session, person_id, correction);
    const row = await readCorrection(session, correction);
    if (!row) throw raise('CORRECTION_UNKNOWN');
    const requestKey = requestKeyOf(wanted);
    if (await isKeptBefore(session, row, requestKey)) return ok(null);
    if (row.place !== request.seen) return fail(raise('CORRECTION_MOVED_ON'));
    const { content: rules } = (await dependencies.snapshots.current()).snapshot.rulesAt(at).correctionRules;
    const stated = {
      step: request.step,
      text: request.text,
      reason: request.step === 'refuse' ? (request.reason ?? null) : null,
      remedy: request.step === 'correct' ? (request.remedy ?? null) : null,
    };
    const since =
      request.step === 'correct'
        ? await amendmentSince(session, row)
        : { isAmended: false, isWithdrawn: false };
    const next = nextTicketState(party, stated, { ...row, ...since }, rules.unfoundedReasons);
    if (!next.ok) return next;
    if (stated.remedy === 'parted') await partRecords(session, row, wanted, at);
    await keepStep(
      dependencies,
      session,
      {
        ...stated,
        row,
        state: next.value,
        party,
        actor: actor.name,
        reportVersion: version ?? row.current_version,
        requestKey,
      },
      auditOf(dependencies, actor, origin, {
        institutionKey,
        action: `correction.${request.step}`,
        resource: `correction/${correction}`,
        basis: wanted.own.basis ?? 'own-institution',
        outcome: 'recorded',
      }),
      at,
    );
    return ok(null);
  });
};

/**
 * Takes one step of a ticket. The same key again changes nothing; a step decided on what has been overtaken is refused.
 *
 * @throws CORRECTION_UNKNOWN for whoever has not that part in the ticket
 */
export const takeStep = async (
  dependencies: FlowDependencies,
  wanted: WantedStep,
): Promise<Result<CorrectionAnswer, Fault>> => {
  const { actor, party, correction, own } = wanted;
  const { row, ruling, parties } = await readVisibleCorrection(dependencies, actor, correction, own);
  if (!parties.includes(party)) throw raise('CORRECTION_UNKNOWN');
  const institution = institutionOf(actor);
  const institutionKey = institution === null ? null : (ruling.registry.institutionKey(institution) ?? null);
  const kept = await keepWanted(dependencies, wanted, row, institutionKey);
  if (!kept.ok) return kept;
  const visible = await readVisibleCorrection(dependencies, actor, correction, own);
  return ok(await presentOne(dependencies, actor, visible));
};
