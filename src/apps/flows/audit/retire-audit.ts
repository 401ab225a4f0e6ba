import { recordSystemAct } from '../../../adapters/postgres/accounts.ts';
import {
  findRetirable,
  keepRetirement,
  keepRetirementDecision,
  lockRetirement,
  readRetirement,
  type Retirement,
} from '../../../adapters/postgres/audit-retirements.ts';
import type { Database, Session } from '../../../adapters/postgres/database.ts';
import { decisionHindrance, RETIREMENT_ROLES, retirableBefore } from '../../../audit/index.ts';
import { type Fault, raiser } from '../../../kernel/fault.ts';
import { type Clock, type Instant, isoInstant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { AccountRole } from '../../../organisation/index.ts';
import { RETIREMENT_FAULTS } from './retirement-faults.ts';

/** Makes a fault of a retirement. */
export const raiseRetirement = raiser(RETIREMENT_FAULTS);

/** What asking and deciding work with. */
export interface RetirementDependencies {
  readonly database: Database;
  readonly clock: Clock;
  readonly newPublicId: () => PublicId;
  /** How many years the log is kept; null: for ever. */
  readonly retentionYears: number | null;
}

/** Somebody who proved who they are. */
export interface RetirementActor {
  /** `staff:LOGIN`. */
  readonly name: string;
  readonly role: AccountRole;
  /** From where. */
  readonly peer: string;
}

/** What a retirement is about, for the log: how far each book goes. */
const partsText = ({ parts }: Pick<Retirement, 'parts'>): string =>
  parts.map(({ book, sequence, rows }) => `${book} to batch ${sequence}, ${rows} rows`).join('; ');

/** Writes down an act on a retirement, in its transaction. */
export const recordRetirement = (
  { clock, newPublicId }: Pick<RetirementDependencies, 'clock' | 'newPublicId'>,
  session: Session,
  { name: by, peer }: Pick<RetirementActor, 'name' | 'peer'>,
  act: { readonly id: PublicId; readonly action: string; readonly outcome: string },
): Promise<void> =>
  recordSystemAct(
    session,
    { at: clock(), newId: newPublicId, by, peer },
    `audit-retirement.${act.action}`,
    `audit-retirement/${act.id}`,
    act.outcome,
  );

/** Whether everything before a moment is past its retention. */
export const retentionFault = (
  { retentionYears, clock }: Pick<RetirementDependencies, 'retentionYears' | 'clock'>,
  before: Instant,
): Fault | null => {
  if (retentionYears === null) return raiseRetirement('AUDIT_RETENTION_UNSET');
  const over = retirableBefore(clock(), retentionYears);
  return before <= over
    ? null
    : raiseRetirement('AUDIT_RETENTION_NOT_OVER', { place: 'before', detail: isoInstant(over) });
};

/** An operator asks that everything older than a moment leaves. Nothing happens to the log. */
export const requestRetirement = async (
  dependencies: RetirementDependencies,
  actor: RetirementActor,
  { before, reason }: Pick<Retirement, 'before' | 'reason'>,
): Promise<Result<Retirement, Fault>> => {
  const { database, clock, newPublicId } = dependencies;
  if (actor.role !== RETIREMENT_ROLES.request) return fail(raiseRetirement('AUDIT_RETIREMENT_ROLE'));
  const notOver = retentionFault(dependencies, before);
  if (notOver) return fail(notOver);
  const parts = await findRetirable(database, before);
  if (parts.length === 0) return fail(raiseRetirement('AUDIT_RETIREMENT_NOTHING'));
  const id = newPublicId();
  const asked = { id, before, reason, requestedBy: actor.name, requestedAt: clock(), parts };
  const isKept = await database.transaction(async (session) => {
    if (!(await keepRetirement(session, asked))) return false;
    const outcome = `before ${isoInstant(before)}: ${partsText(asked)}: ${reason}`;
    await recordRetirement(dependencies, session, actor, { id, action: 'request', outcome });
    return true;
  });
  if (!isKept) return fail(raiseRetirement('AUDIT_RETIREMENT_OPEN'));
  return ok((await readRetirement(database, id)) as Retirement);
};

/** The authority approves or refuses what somebody else asked for. Nothing happens to the log. */
export const decideRetirement = (
  dependencies: RetirementDependencies,
  actor: RetirementActor,
  id: PublicId,
  state: 'approved' | 'refused',
): Promise<Result<Retirement, Fault>> =>
  dependencies.database.transaction(async (session): Promise<Result<Retirement, Fault>> => {
    if (actor.role !== RETIREMENT_ROLES.decide) return fail(raiseRetirement('AUDIT_RETIREMENT_ROLE'));
    const retirement = await lockRetirement(session, id);
    if (!retirement) return fail(raiseRetirement('AUDIT_RETIREMENT_UNKNOWN'));
    const hindrance = decisionHindrance(
      { ...retirement, isArchived: retirement.archiveDigest !== null },
      actor.name,
      state,
    );
    if (hindrance)
      return fail(
        raiseRetirement(
          hindrance === 'decided' ? 'AUDIT_RETIREMENT_DECIDED' : 'AUDIT_RETIREMENT_SECOND_PERSON',
        ),
      );
    await keepRetirementDecision(session, id, { state, by: actor.name, at: dependencies.clock() });
    await recordRetirement(dependencies, session, actor, {
      id,
      action: 'decide',
      outcome: `${state}: ${partsText(retirement)}`,
    });
    return ok({ ...retirement, state, decidedBy: actor.name });
  });
