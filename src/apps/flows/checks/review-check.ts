import { keepAudit, readMarkedChecks } from '../../../adapters/postgres/order-checks.ts';
import { keepAuditOfEach } from '../../../adapters/postgres/recognised-orders.ts';
import { type Session, statement } from '../../../adapters/postgres/database.ts';
import { sha256Hex } from '../../../kernel/content-hash.ts';
import { DAY_MS, instant } from '../../../kernel/instant.ts';
import { ok } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import { type Replay, replay } from '../../../recognition/index.ts';
import type { MarkedChecksAnswer, OrderCheckAnswer } from '../../../web/wire/order-check-answer.ts';
import type { Actor, CallOrigin, CheckFlows } from '../../server/flows-port.ts';
import { auditOf, emergencyDoctor, type FlowDependencies } from '../dependencies.ts';
import { type KeptCheck, openKeptCheck, orderedCodes, presentationOf, readOwnCheck } from './kept-check.ts';
import { momentAnswer } from '../present.ts';
import { explanationOf } from './explain-check.ts';
import { presentCheck } from './present-check.ts';

const PERSON_PUBLIC_ID = statement(
  'review-check.person',
  'select public_id from persons where person_id = $1',
);

/** The public id of a person; null when there is none of that key. */
export const publicIdOf = async (session: Session, personId: string): Promise<PublicId | null> => {
  const [row] = await session.run<{ public_id: PublicId }>(PERSON_PUBLIC_ID, [personId]);
  return row?.public_id ?? null;
};

const keepReading = (
  dependencies: FlowDependencies,
  actor: Actor,
  origin: CallOrigin,
  check: KeptCheck['row'],
  action: string,
  basis: string,
): Promise<void> =>
  keepAudit(
    dependencies.database,
    check.person_id,
    dependencies.clock(),
    auditOf(dependencies, actor, origin, {
      institutionKey: check.institution_id,
      action,
      resource: `order-check/${check.public_id}`,
      basis,
      outcome: 'disclosed',
    }),
  );

/** One check again, as it was decided then, with today's answers and marks. */
export const readCheckFlow =
  (dependencies: FlowDependencies): CheckFlows['read'] =>
  async (actor, id, origin) => {
    const row = await readOwnCheck(dependencies, actor, id);
    const [check, person] = await Promise.all([
      openKeptCheck(dependencies, row, emergencyDoctor(actor)),
      publicIdOf(dependencies.database, row.person_id),
    ]);
    await keepReading(dependencies, actor, origin, row, 'order-check.read', check.basis);
    return ok(presentCheck(presentationOf(check, person)));
  };

/** The explanation of a decision. */
export const explainFlow =
  (dependencies: FlowDependencies): CheckFlows['explain'] =>
  async (actor, id, origin) => {
    const row = await readOwnCheck(dependencies, actor, id);
    const check = await openKeptCheck(dependencies, row, emergencyDoctor(actor));
    await keepReading(dependencies, actor, origin, row, 'order-check.explain', check.basis);
    return ok(explanationOf(check));
  };

/** Decides again with the lists and the evaluator of that day and lays the bytes side by side (U2). */
export const replayRow = async (
  { snapshots }: Pick<FlowDependencies, 'snapshots'>,
  row: KeptCheck['row'],
): Promise<Replay> =>
  replay(
    { evaluator: row.evaluator, snapshotId: row.snapshot_id, facts: row.facts, verdicts: row.verdicts },
    await snapshots.byId(row.snapshot_id),
  );

/** Replays one decision. */
export const replayFlow =
  (dependencies: FlowDependencies): CheckFlows['replay'] =>
  async (actor, id, origin) => {
    const row = await readOwnCheck(dependencies, actor, id);
    const replayed = await replayRow(dependencies, row);
    await keepReading(dependencies, actor, origin, row, 'order-check.replay', 'own-institution');
    return ok({
      id,
      outcome: replayed.outcome,
      evaluator: row.evaluator,
      snapshot: row.snapshot_id,
      storedHash: sha256Hex(row.verdicts),
      replayedHash: replayed.outcome === 'facts-erased' ? null : sha256Hex(replayed.verdicts),
    });
  };

const MARKS_SHOWN_DAYS = 90;

/** Recent decisions of the actor that relied on a report corrected or withdrawn since. */
export const markedChecksFlow =
  (dependencies: FlowDependencies): CheckFlows['markedChecks'] =>
  async (actor, origin) => {
    const { database, snapshots, clock } = dependencies;
    if (actor.institution === null) return ok({ checks: [] });
    const { registry } = await snapshots.current();
    const institutionKey = registry.institutionKey(actor.institution) ?? null;
    const rows = await readMarkedChecks(
      database,
      actor.name,
      actor.kind === 'client' ? null : actor.staffNumber,
      institutionKey,
      instant(clock() - MARKS_SHOWN_DAYS * DAY_MS),
    );
    const checks = new Map<string, MarkedChecksAnswer['checks'][number]>();
    for (const row of rows) {
      const known = checks.get(row.public_id) ?? {
        id: row.public_id,
        checkedAt: momentAnswer(row.checked_at) as string,
        itemNamesZh: [...orderedCodes(row.facts)],
        marks: [],
        reviewed: false,
      };
      known.marks.push({
        report: row.report_public_id,
        reportVersion: row.report_version,
        kind: row.kind as OrderCheckAnswer['marks'][number]['kind'],
        relied: row.relied,
        markedAt: momentAnswer(row.marked_at) as string,
      });
      checks.set(row.public_id, { ...known, reviewed: known.reviewed || row.reviewed });
    }
    await keepAuditOfEach(
      database,
      [...new Set(rows.map(({ person_id }) => person_id))],
      dependencies.newPublicId,
      clock(),
      auditOf(dependencies, actor, origin, {
        institutionKey,
        action: 'order-check.list-marked',
        resource: 'marked-order-checks',
        basis: 'own-institution',
        outcome: 'disclosed',
      }),
    );
    return ok({ checks: [...checks.values()] });
  };
