import { mayReach } from '../reach.ts';
import {
  type CorrectionRow,
  disputeReport,
  keepCorrection,
  keepCorrectionState,
  lockReport,
  readCorrection,
  readCorrectionEvents,
  readDeskCorrections,
  readOwnCorrections,
} from '../../../adapters/postgres/corrections.ts';
import type { ObjectKey } from '../../../adapters/objects/file-objects.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { storeEvent } from '../../../adapters/postgres/reports.ts';
import { everLinked, markDecisions } from '../../../adapters/postgres/reports-marks.ts';
import {
  disputesIdentity,
  FIRST_STATE,
  ticketNumber,
  validateCorrection,
} from '../../../correction/index.ts';
import { canonicalJson } from '../../../kernel/canonical-json.ts';
import { raiser } from '../../../kernel/fault.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { InstitutionCode } from '../../../organisation/index.ts';
import { isNameDisclosed } from '../../../recognition/index.ts';
import type { CorrectionAnswer, CorrectionList } from '../../../web/wire/correction.ts';
import type { Actor, CallOrigin } from '../../server/flows-port.ts';
import type { CorrectionFlows } from '../../server/routes/corrections.ts';
import { CORRECTION_FLOW_FAULTS } from './correction-faults.ts';
import { auditOf, type FlowDependencies, flowFault, orderingInstitution } from '../dependencies.ts';
import { storePhoto } from '../patient-supplied/photo.ts';
import { institutionAnswer, momentAnswer } from '../present.ts';
import { findVisibleReport, type VisibleReport } from '../results/read-report.ts';

/** Told to whoever notifies the source institution. */
export const CORRECTION_TOPIC = 'correction.submitted';

const LISTED_MAX = 100;

const raise = raiser(CORRECTION_FLOW_FAULTS);

const staffNumberOf = (actor: Actor): string | null => (actor.kind === 'client' ? null : actor.staffNumber);

/** What a ticket calls a report whose own title would tell what is hidden in it. */
const PLAIN_TITLE = '检查检验报告';

const answersOf = async (
  { database, clock }: FlowDependencies,
  actor: Actor,
  ruling: RulingSnapshot,
  rows: readonly CorrectionRow[],
): Promise<CorrectionAnswer[]> => {
  const rules = ruling.snapshot.rulesAt(clock());
  const events = await readCorrectionEvents(
    database,
    [...new Set(rows.map(({ person_id }) => person_id))],
    rows.map(({ public_id }) => public_id),
  );
  const histories = Map.groupBy(events, ({ correction_public_id }) => correction_public_id);
  const institutionOf = (key: string | null) => {
    const code = key === null ? undefined : ruling.registry.institutionCode(key);
    return code === undefined ? null : institutionAnswer(rules, code);
  };
  return rows.map((row) => {
    const history = (histories.get(row.public_id) ?? []).map(({ state, occurred_at }) => ({
      state,
      at: momentAnswer(occurred_at) as string,
    }));
    const source = institutionOf(row.institution_id);
    const code = (source?.code ?? 'UNKNOWN') as InstitutionCode;
    const named = { names: [row.title], performer: code, reporter: code };
    return {
      id: row.public_id,
      ticket: row.ticket,
      report: row.report_public_id,
      reportNumber: row.report_number,
      title: isNameDisclosed(named, actor, rules) ? row.title : PLAIN_TITLE,
      reportVersion: row.report_version,
      ordinal: row.ordinal,
      institution: { code: source?.code ?? 'UNKNOWN', nameZh: source?.nameZh ?? '未知机构' },
      reportedBy: {
        institutionZh: institutionOf(row.reporting_institution_id)?.nameZh ?? null,
        doctor: row.doctor,
      },
      kind: row.kind,
      text: row.text,
      hasPhoto: row.photo_object !== null,
      disputed: row.disputed,
      state: history.at(-1)?.state ?? FIRST_STATE,
      submittedAt: momentAnswer(row.submitted_at) as string,
      history,
    };
  });
};

/** Tickets with an audit row for each: a ticket says what is wrong with somebody's result. */
const disclose = async (
  dependencies: FlowDependencies,
  actor: Actor,
  origin: CallOrigin,
  rows: readonly CorrectionRow[],
  action: string,
): Promise<void> => {
  const at = dependencies.clock();
  await dependencies.database.transaction(async (session) => {
    for (const row of rows)
      await keepAudit(
        session,
        row.person_id,
        at,
        auditOf(dependencies, actor, origin, {
          institutionKey: row.institution_id,
          action,
          resource: `correction/${row.public_id}`,
          basis: 'assumed-by-policy',
          outcome: 'disclosed',
        }),
      );
  });
};

/** Who sent a ticket may see it, and the institution that is to answer it. */
const readVisible = async (
  dependencies: FlowDependencies,
  actor: Actor,
  id: PublicId,
): Promise<{ readonly row: CorrectionRow; readonly ruling: RulingSnapshot }> => {
  const [row, ruling] = await Promise.all([
    readCorrection(dependencies.database, id),
    dependencies.snapshots.current(),
  ]);
  const source = row && ruling.registry.institutionCode(row.institution_id);
  const isDesk = mayReach(actor, 'correction-desk:work', {
    kind: 'record',
    institution: source ?? null,
    check: null,
  });
  if (!row || (row.actor !== actor.name && !isDesk)) throw raise('CORRECTION_UNKNOWN');
  return { row, ruling };
};

/** True when the report shows the value to this institution. Of a value that is hidden not even its place is told. */
const showsValue = ({ reading, visible }: VisibleReport, ordinal: number): boolean =>
  reading.content.observations.some((one, index) => (one.ordinal ?? index + 1) === ordinal && visible[index]);

const listOf = async (
  dependencies: FlowDependencies,
  actor: Actor,
  origin: CallOrigin,
  rows: readonly CorrectionRow[],
): Promise<CorrectionList> => {
  const listed = rows.slice(0, LISTED_MAX);
  const corrections = await answersOf(dependencies, actor, await dependencies.snapshots.current(), listed);
  await disclose(dependencies, actor, origin, listed, 'correction.list');
  return { corrections, truncated: rows.length > listed.length };
};

/**
 * Keeps the ticket, its first state, its audit row and the event in one commit; of a report that is said to be another
 * person's also the dispute, and the marks on every decision that weighed it.
 */
const submit =
  (dependencies: FlowDependencies): CorrectionFlows['submit'] =>
  async (actor, request, idempotencyKey, origin) => {
    const { database, clock, newPublicId, objects } = dependencies;
    const institution = orderingInstitution(actor);
    const at = clock();
    const found = await findVisibleReport(dependencies, { institution }, request.report as PublicId, at);
    if (!found) return fail(flowFault('REPORT_UNKNOWN'));
    if (request.ordinal !== undefined && !showsValue(found, request.ordinal))
      return fail(raise('CORRECTION_VALUE_UNKNOWN', { place: 'ordinal' }));
    const stated = validateCorrection(request);
    if (!stated.ok) return stated;
    const photo = request.photo ? await storePhoto(objects, request.photo) : ok(null);
    if (!photo.ok) return photo;
    const { reading, ruling } = found;
    const id = newPublicId();
    const kept = await database.transaction(async (session) => {
      const version = (await lockReport(session, reading.personId, reading.publicId)) ?? reading.version;
      const result = await keepCorrection(
        session,
        {
          personId: reading.personId,
          publicId: id,
          ticket: ticketNumber(at, id),
          requestKey: idempotencyKey === null ? id : `${actor.name} ${idempotencyKey}`,
          report: reading.publicId,
          reportVersion: version,
          ordinal: request.ordinal ?? null,
          institutionKey: reading.institutionKey,
          reportingInstitutionKey: ruling.registry.institutionKey(institution) ?? null,
          kind: stated.value.kind,
          text: stated.value.text,
          photo: photo.value,
          actor: actor.name,
          doctor: staffNumberOf(actor),
        },
        at,
      );
      if (result.repeated) return result;
      await keepCorrectionState(session, reading.personId, id, FIRST_STATE, actor.name, at);
      if (disputesIdentity(stated.value)) {
        await disputeReport(session, reading.personId, reading.publicId, id, at);
        const persons = await everLinked(session, reading.personId);
        await markDecisions(session, persons, reading.publicId, version, 'disputed', at);
      }
      await storeEvent(
        session,
        reading.personId,
        {
          topic: CORRECTION_TOPIC,
          payload: canonicalJson({ correction: id, kind: stated.value.kind, report: reading.publicId }),
        },
        at,
      );
      await keepAudit(
        session,
        reading.personId,
        at,
        auditOf(dependencies, actor, origin, {
          institutionKey: ruling.registry.institutionKey(institution) ?? null,
          action: 'correction.submit',
          resource: `correction/${id}`,
          basis: 'assumed-by-policy',
          outcome: 'recorded',
        }),
      );
      return result;
    });
    const row = await readCorrection(database, kept.id);
    if (!row) throw raise('CORRECTION_UNKNOWN');
    const [answer] = await answersOf(dependencies, actor, ruling, [row]);
    return ok(answer as CorrectionAnswer);
  };

/** Reporting errors and following what becomes of them (A10, the way in). */
export const correctionFlows = (dependencies: FlowDependencies): CorrectionFlows => ({
  submit: submit(dependencies),
  async own(actor, origin) {
    const rows = await readOwnCorrections(dependencies.database, actor.name, LISTED_MAX + 1);
    return ok(await listOf(dependencies, actor, origin, rows));
  },
  async desk(actor, origin) {
    const institution = orderingInstitution(actor);
    const { registry } = await dependencies.snapshots.current();
    const key = registry.institutionKey(institution);
    const rows = key ? await readDeskCorrections(dependencies.database, key, LISTED_MAX + 1) : [];
    return ok(await listOf(dependencies, actor, origin, rows));
  },
  async read(actor, id, origin) {
    const { row, ruling } = await readVisible(dependencies, actor, id);
    const [answer] = await answersOf(dependencies, actor, ruling, [row]);
    await disclose(dependencies, actor, origin, [row], 'correction.read');
    return ok(answer as CorrectionAnswer);
  },
  async photo(actor, id, origin) {
    const { row } = await readVisible(dependencies, actor, id);
    if (row.photo_object === null) return fail(raise('CORRECTION_UNKNOWN', { place: 'photo' }));
    await disclose(dependencies, actor, origin, [row], 'correction.photo');
    return ok({
      mediaType: row.photo_media_type as string,
      bytes: await dependencies.objects.get(row.photo_object as ObjectKey),
    });
  },
});
