import { recordSystemAct } from '../../../adapters/postgres/accounts.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import {
  holdByPublicId,
  type HoldStep,
  type ImageHold,
  listHolds,
  moveHold,
  stepsOfHold,
} from '../../../adapters/postgres/image-holds.ts';
import {
  conflictsOfHold,
  setConflictStates,
  setUnreadableAside,
} from '../../../adapters/postgres/imaging-conflicts.ts';
import type { ListedReading } from '../../../adapters/postgres/imaging-folding.ts';
import { matchOfStudy, setMatchState } from '../../../adapters/postgres/imaging-matches.ts';
import { recordHolders, studyUidOf } from '../../../adapters/postgres/imaging-studies.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import type { InstitutionKey } from '../../../adapters/postgres/registry.ts';
import { answersTo, type HoldAnswer, isWaiting, needsNote } from '../../../imaging/index.ts';
import { Fault } from '../../../kernel/fault.ts';
import { type Instant, isoInstant } from '../../../kernel/instant.ts';
import { fail, ok, type Result } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { ImageHoldDecision, ImageHoldList } from '../../../web/wire/image-hold.ts';
import type { Actor, CallOrigin } from '../../server/flows-port.ts';
import type { ImageHolds } from '../../server/routes/image-holds-port.ts';
import { auditOf } from '../dependencies.ts';
import type { HeldContent } from './held-content.ts';
import { imagingFault } from './imaging-faults.ts';
import type { ImagingDependencies } from './imaging-work.ts';
import { ownInstitutionKey } from './own-institution.ts';
import { identifiersOf } from './place-study.ts';
import { holdAnswer, presentHold, studyPlaceOf } from './present-hold.ts';
import { listedReading } from './series-contents.ts';
import { closeChanged, type ReadConflict, readConflicts, showOther } from './take-second.ts';

const LISTED_MAX = 200;
/** Instances of one case that one answer can show or hide. */
const ANSWERED_MAX = 10_000;

const list = async (
  dependencies: ImagingDependencies,
  actor: Actor,
): Promise<Result<ImageHoldList, Fault>> => {
  const { database, snapshots, clock } = dependencies;
  const institutionKey = await ownInstitutionKey(dependencies, actor, 'image-hold:work');
  if (institutionKey === null) return fail(imagingFault('IMAGE_HOLD_UNKNOWN'));
  const at = clock();
  const rules = (await snapshots.current()).snapshot.rulesAt(at);
  const found = await listHolds(database, institutionKey, LISTED_MAX + 1);
  const holds = await Promise.all(
    found.slice(0, LISTED_MAX).map((hold) => holdAnswer(dependencies, hold, rules, at)),
  );
  return ok({
    at: isoInstant(at),
    waiting: holds.filter(({ state }) => isWaiting(state)).length,
    overdue: holds.filter(({ due }) => due?.overdue).length,
    truncated: found.length > LISTED_MAX,
    holds,
  });
};

/** Holders of the patient numbers that hidden headers state: what is shown of them stands in their log too. */
const personsNamed = async (
  { database, keys, snapshots }: ImagingDependencies,
  institution: NonNullable<Actor['institution']>,
  hidden: readonly HeldContent[],
): Promise<readonly string[]> => {
  const { registry } = await snapshots.current();
  const identifiers = hidden.flatMap(({ read: { header } }) =>
    identifiersOf({ institution, header }, registry),
  );
  return (await recordHolders(database, keys, identifiers)).map(({ personId }) => personId);
};

/** Keeps the row of what was done with a case: in the log of everybody whose data it shows, or in the log of the system. */
const keepAct = async (
  dependencies: ImagingDependencies,
  session: Session,
  by: { readonly actor: Actor; readonly origin: CallOrigin },
  hold: ImageHold,
  act: { readonly action: string; readonly outcome: string; readonly persons: readonly string[] },
): Promise<void> => {
  const at = dependencies.clock();
  const resource = `image-hold/${hold.publicId}`;
  const persons = new Set([...(hold.personId === null ? [] : [hold.personId]), ...act.persons]);
  for (const personId of persons)
    await keepAudit(
      session,
      personId,
      at,
      auditOf(dependencies, by.actor, by.origin, {
        action: act.action,
        resource,
        basis: 'own-institution',
        outcome: act.outcome,
        institutionKey: hold.institutionKey,
      }),
    );
  if (persons.size === 0)
    await recordSystemAct(
      session,
      { at, newId: dependencies.newPublicId, by: by.actor.name, peer: by.origin.peer },
      act.action,
      resource,
      act.outcome,
    );
};

const open = async (
  dependencies: ImagingDependencies,
  actor: Actor,
  id: PublicId,
  origin: CallOrigin,
): ReturnType<ImageHolds['open']> => {
  const { database, snapshots, clock } = dependencies;
  const institutionKey = await ownInstitutionKey(dependencies, actor, 'image-hold:work');
  const hold = institutionKey === null ? undefined : await holdByPublicId(database, id);
  if (!hold || hold.institutionKey !== institutionKey || actor.institution === null)
    return fail(imagingFault('IMAGE_HOLD_UNKNOWN'));
  const at = clock();
  const rules = (await snapshots.current()).snapshot.rulesAt(at);
  const { answer, hidden } = await presentHold(dependencies, hold, rules, at);
  const persons = await personsNamed(dependencies, actor.institution, hidden);
  await database.transaction((session) =>
    keepAct(dependencies, session, { actor, origin }, hold, {
      action: 'image-hold.open',
      outcome: 'disclosed',
      persons,
    }),
  );
  return ok(answer);
};

/** What an answer, or the undoing of one, changes about the instances. */
const change = async (
  session: Session,
  hold: ImageHold,
  answer: HoldAnswer,
  isUndone: boolean,
  conflicts: readonly ReadConflict[],
  by: { readonly by: string; readonly at: Instant },
  readListed: ListedReading,
): Promise<ReadonlySet<string>> => {
  const place = studyPlaceOf(hold);
  if (answer === 'set-aside') await setUnreadableAside(session, hold.publicId, isUndone ? null : by);
  if (!place || answer === 'set-aside' || answer === 'explained') return new Set();
  const answered = answer === 'take-second' ? 'taken' : 'kept-first';
  await setConflictStates(session, place.personId, hold.publicId, {
    state: isUndone ? 'open' : answered,
    ...by,
  });
  if (hold.reason === 'two-patients') {
    const match = await matchOfStudy(session, place);
    if (match?.reason === 'two-patients')
      await setMatchState(session, match, { ...by, state: isUndone ? 'open' : 'apart', chosen: null });
  }
  if (answer !== 'take-second') return new Set();
  return showOther(
    session,
    hold.institutionKey as InstitutionKey,
    place,
    hold.reason,
    conflicts,
    isUndone ? 'first' : 'second',
    { at: by.at, readListed },
  );
};

/** What is answered, or which answer is undone; fails for what cannot be. */
const answerMeant = (
  hold: ImageHold,
  { kind, note, seen }: ImageHoldDecision,
  steps: readonly HoldStep[],
): HoldAnswer => {
  if (kind === 'undo') {
    const last = steps.at(-1)?.step;
    if (hold.state !== 'answered' || last === undefined || last === 'undo' || last === 'settled')
      throw imagingFault('IMAGE_HOLD_MOVED_ON');
    return last;
  }
  if (!isWaiting(hold.state) || hold.instances !== seen) throw imagingFault('IMAGE_HOLD_MOVED_ON');
  if (!answersTo(hold.reason).includes(kind)) throw imagingFault('IMAGE_HOLD_IMPOSSIBLE');
  if (needsNote(kind) && note === '') throw imagingFault('IMAGE_HOLD_NOTE_MISSING', { place: 'note' });
  return kind;
};

const answer = async (
  dependencies: ImagingDependencies,
  actor: Actor,
  id: PublicId,
  decision: ImageHoldDecision,
  origin: CallOrigin,
): ReturnType<ImageHolds['answer']> => {
  const { database, clock } = dependencies;
  const institutionKey = await ownInstitutionKey(dependencies, actor, 'image-hold:work');
  const seen = institutionKey === null ? undefined : await holdByPublicId(database, id);
  if (!seen || seen.institutionKey !== institutionKey) return fail(imagingFault('IMAGE_HOLD_UNKNOWN'));
  const place = studyPlaceOf(seen);
  try {
    const meant = answerMeant(seen, decision, await stepsOfHold(database, id));
    // Objects are read before anything is locked.
    const conflicts =
      place && meant === 'take-second'
        ? await readConflicts(
            dependencies,
            await conflictsOfHold(database, place.personId, id, ANSWERED_MAX),
            (await studyUidOf(database, place)).charsetDerived,
          )
        : [];
    if (meant === 'take-second' && conflicts.length < seen.instances)
      throw imagingFault('IMAGE_HOLD_IMPOSSIBLE');
    const changed = await database.transaction(async (session) => {
      const isUndone = decision.kind === 'undo';
      const at = clock();
      const isMoved = await moveHold(session, seen, isUndone ? 'reopened' : 'answered', {
        step: decision.kind,
        note: decision.note,
        instances: seen.instances,
        actor: actor.name,
        takenAt: at,
      });
      if (!isMoved) throw imagingFault('IMAGE_HOLD_MOVED_ON');
      const series = await change(
        session,
        seen,
        meant,
        isUndone,
        conflicts,
        { by: actor.name, at },
        listedReading(dependencies),
      );
      await keepAct(dependencies, session, { actor, origin }, seen, {
        action: `image-hold.${decision.kind}`,
        outcome: 'recorded',
        persons: [],
      });
      return series;
    });
    if (place) await closeChanged(dependencies, place, changed);
  } catch (error) {
    if (error instanceof Fault && error.status < 500) return fail(error);
    throw error;
  }
  return open(dependencies, actor, id, origin);
};

/** Cases of images that are kept and not shown, before the institution that sent them. */
export const imageHolds = (dependencies: ImagingDependencies): ImageHolds => ({
  list: (actor) => list(dependencies, actor),
  open: (actor, id, origin) => open(dependencies, actor, id, origin),
  answer: (actor, id, decision, origin) => answer(dependencies, actor, id, decision, origin),
});
