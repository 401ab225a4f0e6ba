import type { ObjectKey } from '../../../adapters/objects/file-objects.ts';
import { markStepsSeen } from '../../../adapters/postgres/correction-steps.ts';
import {
  type CorrectionRow,
  countDeskCorrections,
  type DeskCountRow,
  readCorrection,
  readDeskCorrections,
  readOwnCorrections,
} from '../../../adapters/postgres/corrections.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import { keepAudit } from '../../../adapters/postgres/order-checks.ts';
import { CORRECTION_STATES, isOpen, type TicketParty } from '../../../correction/index.ts';
import { raiser } from '../../../kernel/fault.ts';
import { isoInstant } from '../../../kernel/instant.ts';
import { fail, ok } from '../../../kernel/result.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type {
  CorrectionAnswer,
  CorrectionDesk,
  CorrectionList,
  DeskQuery,
} from '../../../web/wire/correction.ts';
import type { CallOrigin } from '../../server/flows-port.ts';
import type { CorrectionFlows } from '../../server/routes/corrections.ts';
import { auditOf, type FlowDependencies, orderingInstitution } from '../dependencies.ts';
import { CORRECTION_FLOW_FAULTS } from './correction-faults.ts';
import {
  institutionOf,
  isReporter,
  isSourceDesk,
  NO_OWN_DATA,
  type OwnData,
  presentCorrections,
  staffNumberOf,
  type TicketActor,
} from './present-correction.ts';

const LISTED_MAX = 100;

const raise = raiser(CORRECTION_FLOW_FAULTS);

/**
 * Tickets with an audit row for each: a ticket says what is wrong with somebody's result. The institution is that of
 * whoever looks, as everywhere in the log: its officer looks into it, whosever report it was.
 */
export const discloseCorrections = async (
  dependencies: FlowDependencies,
  actor: TicketActor,
  origin: CallOrigin,
  rows: readonly CorrectionRow[],
  action: string,
  own: OwnData = NO_OWN_DATA,
): Promise<void> => {
  const at = dependencies.clock();
  const institution = institutionOf(actor);
  const { registry } = await dependencies.snapshots.current();
  const institutionKey = institution === null ? null : (registry.institutionKey(institution) ?? null);
  await dependencies.database.transaction(async (session) => {
    for (const row of rows)
      await keepAudit(
        session,
        row.person_id,
        at,
        auditOf(dependencies, actor, origin, {
          institutionKey,
          action,
          resource: `correction/${row.public_id}`,
          basis: own.basis ?? 'own-institution',
          outcome: 'disclosed',
        }),
      );
  });
};

/** A ticket with the parts that somebody has in it. */
export interface VisibleCorrection {
  readonly row: CorrectionRow;
  readonly ruling: RulingSnapshot;
  readonly parties: readonly TicketParty[];
}

/**
 * A ticket, for those who follow it as its reporter and for the institution that is to answer it.
 *
 * @param own whose data are a patient's own
 * @throws CORRECTION_UNKNOWN for everybody else, as where there is none
 */
export const readVisibleCorrection = async (
  { database, snapshots }: FlowDependencies,
  actor: TicketActor,
  id: PublicId,
  own: OwnData = NO_OWN_DATA,
): Promise<VisibleCorrection> => {
  const [row, ruling] = await Promise.all([readCorrection(database, id), snapshots.current()]);
  const parties: TicketParty[] = [];
  if (row && isReporter(actor, row, ruling, own)) parties.push('reporter');
  if (row && isSourceDesk(actor, row, ruling)) parties.push('source');
  if (!row || parties.length === 0) throw raise('CORRECTION_UNKNOWN');
  return { row, ruling, parties };
};

/** One ticket as an answer. */
export const presentOne = async (
  { database, clock }: FlowDependencies,
  actor: TicketActor,
  { row, ruling, parties }: VisibleCorrection,
): Promise<CorrectionAnswer> => {
  const [answer] = await presentCorrections(database, actor, ruling, [row], () => parties, clock());
  return answer as CorrectionAnswer;
};

/** Reads one ticket; whoever is told of it has seen how far it has come. */
export const readOne = async (
  dependencies: FlowDependencies,
  actor: TicketActor,
  id: PublicId,
  origin: CallOrigin,
  own: OwnData = NO_OWN_DATA,
): Promise<CorrectionAnswer> => {
  const visible = await readVisibleCorrection(dependencies, actor, id, own);
  const answer = await presentOne(dependencies, actor, visible);
  await discloseCorrections(dependencies, actor, origin, [visible.row], 'correction.read', own);
  await markStepsSeen(dependencies.database, visible.row.person_id, id, actor.name, dependencies.clock());
  return answer;
};

/**
 * Tickets that somebody follows as their reporter.
 *
 * @param shownOf which of them may be told of
 */
export const listOwn = async (
  dependencies: FlowDependencies,
  actor: TicketActor,
  origin: CallOrigin,
  own: OwnData = NO_OWN_DATA,
  shownOf: (rows: readonly CorrectionRow[]) => Promise<readonly CorrectionRow[]> = async (rows) => rows,
): Promise<CorrectionList> => {
  const { database, clock, snapshots } = dependencies;
  const ruling = await snapshots.current();
  const institution = institutionOf(actor);
  const key = institution === null ? null : (ruling.registry.institutionKey(institution) ?? null);
  const number = staffNumberOf(actor);
  const takesForPatients = actor.kind === 'staff' && actor.role === 'registrar';
  const rows = await readOwnCorrections(
    database,
    {
      actor: actor.name,
      staff: key && number ? { number, institutionKey: key } : null,
      deskOf: takesForPatients ? key : null,
      persons: own.records,
    },
    LISTED_MAX + 1,
  );
  const followed = rows.slice(0, LISTED_MAX).filter((row) => isReporter(actor, row, ruling, own));
  const listed = await shownOf(followed);
  const corrections = await presentCorrections(database, actor, ruling, listed, () => ['reporter'], clock());
  await discloseCorrections(dependencies, actor, origin, listed, 'correction.list', own);
  return { corrections, truncated: rows.length > LISTED_MAX };
};

const statesOf = (state: DeskQuery['state']) =>
  state === 'all' ? null : state === 'open' ? CORRECTION_STATES.filter(isOpen) : [state];

const countsAnswer = (counts: readonly DeskCountRow[]): CorrectionDesk['counts'] => {
  const countOf = (state: string): number => counts.find((each) => each.state === state)?.tickets ?? 0;
  return {
    open: CORRECTION_STATES.filter(isOpen).reduce((sum, state) => sum + countOf(state), 0),
    overdue: counts.reduce((sum, { overdue }) => sum + overdue, 0),
    states: Object.fromEntries(
      CORRECTION_STATES.map((state) => [state, countOf(state)]),
    ) as CorrectionDesk['counts']['states'],
  };
};

/** Reading tickets: one's own, a desk's queue, one with its photo. */
export const correctionReading = (
  dependencies: FlowDependencies,
): Pick<CorrectionFlows, 'own' | 'desk' | 'read' | 'photo'> => ({
  async own(actor, origin) {
    return ok(await listOwn(dependencies, actor, origin));
  },
  async desk(actor, query, origin) {
    const { database, clock, snapshots } = dependencies;
    const institution = orderingInstitution(actor);
    const at = clock();
    const ruling = await snapshots.current();
    const rules = ruling.snapshot.rulesAt(at);
    const key = ruling.registry.institutionKey(institution);
    const filter = {
      states: statesOf(query.state),
      kind: query.kind ?? null,
      dueBefore: query.overdue ? at : null,
    };
    const [rows, counts] = key
      ? await Promise.all([
          readDeskCorrections(database, key, filter, LISTED_MAX + 1),
          countDeskCorrections(database, key, at),
        ])
      : [[], []];
    const listed = rows.slice(0, LISTED_MAX);
    const corrections = await presentCorrections(database, actor, ruling, listed, () => ['source'], at);
    await discloseCorrections(dependencies, actor, origin, listed, 'correction.list');
    return ok({
      corrections,
      truncated: rows.length > listed.length,
      at: isoInstant(at),
      holidayYears: (rules.correctionRules.content.calendar.holidayYears ?? []).map(({ year, titleZh }) => ({
        year,
        titleZh,
      })),
      counts: countsAnswer(counts),
    });
  },
  async read(actor, id, origin) {
    return ok(await readOne(dependencies, actor, id, origin));
  },
  async photo(actor, id, origin) {
    const { row } = await readVisibleCorrection(dependencies, actor, id);
    if (row.photo_object === null) return fail(raise('CORRECTION_UNKNOWN', { place: 'photo' }));
    await discloseCorrections(dependencies, actor, origin, [row], 'correction.photo');
    return ok({
      mediaType: row.photo_media_type as string,
      bytes: await dependencies.objects.get(row.photo_object as ObjectKey),
    });
  },
});
