import { mayReach } from '../reach.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import {
  type CheckMarkRow,
  type CheckResponseRow,
  type OrderCheckRow,
  readMarks,
  readOrderCheck,
  readResponses,
} from '../../../adapters/postgres/order-checks.ts';
import { checksAsOne, latestFollowUp } from '../../../adapters/postgres/follow-ups.ts';
import { clusterOf } from '../../../adapters/postgres/person-lookup.ts';
import type { PersonCluster } from '../../../adapters/postgres/person-rows.ts';
import { memberOf, textOf } from '../../../adapters/postgres/report-content-fields.ts';
import { readReportVersions } from '../../../adapters/postgres/result-values.ts';
import type { ConsentState } from '../../../consent/index.ts';
import type { Instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import {
  decisionBasis,
  type DisclosedDecision,
  disclose,
  type Replay,
  readFacts,
  replay,
} from '../../../recognition/index.ts';
import type { ReportContent } from '../../../result/index.ts';
import type { Actor } from '../../server/flows-port.ts';
import { consentOfRecords } from '../consent/consent-state.ts';
import { type FlowDependencies, flowFault } from '../dependencies.ts';
import type { CheckPresentation } from './present-check.ts';
import { type ResultValue, type ResultValues, resultKey } from '../results/result-values.ts';

/** What each observation of a report's content says. */
const valuesOfContent = (report: PublicId, content: ReportContent): [string, ResultValue][] => {
  const findings = textOf(content.substance['findings']);
  const impression = textOf(content.substance['impression']);
  const examination = findings === '' && impression === '' ? null : { findings, impression };
  return content.observations.map(({ ordinal, stated, read }, index) => [
    resultKey(report, ordinal ?? index + 1),
    {
      text: textOf(memberOf(stated['value'], 'text')),
      unitText: textOf(stated['unit']),
      referenceText: textOf(stated['reference']),
      flag: textOf(read['flag']) || null,
      examination,
    },
  ]);
};

/**
 * The values of what a decision shows, in the versions that it weighed. What is not shown is not read either, so that the
 * time taken does not tell that it is there.
 */
const valuesOfDecision = async (
  session: Session,
  persons: readonly string[],
  { lines }: DisclosedDecision,
): Promise<ResultValues> => {
  const versions = new Map(
    lines.flatMap(({ parts }) =>
      parts.flatMap(({ assessed }) =>
        assessed.map(({ candidate: { report, reportVersion } }) => [report, reportVersion] as const),
      ),
    ),
  );
  if (versions.size === 0) return new Map();
  const contents = await readReportVersions(
    session,
    persons,
    [...versions].map(([report, version]) => ({ report, version })),
  );
  return new Map([...contents].flatMap(([report, { content }]) => valuesOfContent(report, content)));
};

/** The id by which the ordering system knows a check: that of the first, where one was made again for the same order. */
export const firstOf = ({ public_id, follows }: Pick<OrderCheckRow, 'public_id' | 'follows'>): PublicId =>
  follows ?? public_id;

/** Ids of a check and of those that are one with it. */
export const oneWith = async (session: Session, row: OrderCheckRow): Promise<readonly PublicId[]> =>
  row.follows === null ? [row.public_id] : checksAsOne(session, row.person_id, row.follows);

/** A kept check of the actor's own institution, decided once more on its stored facts. */
export interface KeptCheck {
  readonly row: OrderCheckRow;
  readonly replayed: Extract<Replay, { outcome: 'same' | 'different' }>;
  readonly ruling: Pick<RulingSnapshot, 'snapshot' | 'snapshotId'>;
  /** Answers to it, and to the one that it goes on with: the doctor is not asked again. */
  readonly responses: readonly CheckResponseRow[];
  readonly marks: readonly CheckMarkRow[];
  readonly values: ResultValues;
  /** What is recorded of the patient's consent by now: what may be shown changes with it, what was decided does not. */
  readonly consent: ConsentState;
  /** The decision as the institution that asked may see it by now. */
  readonly shown: DisclosedDecision;
  /** On what it is shown, as audit rows carry it. */
  readonly basis: string;
}

/**
 * Reads one check that the actor may see: of his own institution. Anybody else's is as unknown as one that is not there.
 *
 * @throws ORDER_CHECK_UNKNOWN
 */
export const readOwnCheck = async (
  { database, snapshots }: Pick<FlowDependencies, 'database' | 'snapshots'>,
  actor: Actor,
  id: PublicId,
): Promise<OrderCheckRow> => {
  const [row, ruling] = await Promise.all([readOrderCheck(database, id), snapshots.current()]);
  const owner = row && ruling.registry.institutionCode(row.institution_id);
  if (!row || !mayReach(actor, 'order-check:read', { kind: 'record', institution: owner ?? null, check: id }))
    throw flowFault('ORDER_CHECK_UNKNOWN');
  return row;
};

/**
 * The same, as it stands by now: where a check was made again for the same order, that one. Everything that the ordering
 * system asks of its check, and every answer to it, goes there.
 *
 * @throws ORDER_CHECK_UNKNOWN
 */
export const readCheckInForce = async (
  dependencies: Pick<FlowDependencies, 'database' | 'snapshots'>,
  actor: Actor,
  id: PublicId,
): Promise<OrderCheckRow> => {
  const [asked, latest] = await Promise.all([
    readOwnCheck(dependencies, actor, id),
    latestFollowUp(dependencies.database, id),
  ]);
  const row = latest === undefined ? undefined : await readOrderCheck(dependencies.database, latest);
  return row ?? asked;
};

/**
 * Decides a kept check again and reads what belongs to it.
 *
 * @param doctor whose emergency access counts (`emergencyDoctor`); null where nobody's can
 * @param knownCluster the cluster of the check's person, where it is being read already; undefined where there is none
 * @throws ORDER_CHECK_UNKNOWN, DECISION_FACTS_ERASED
 */
export const openKeptCheck = async (
  dependencies: FlowDependencies,
  row: OrderCheckRow,
  doctor: string | null,
  session: Session = dependencies.database,
  knownCluster?: () => Promise<PersonCluster | undefined>,
): Promise<KeptCheck> => {
  const snapshot = await dependencies.snapshots.byId(row.snapshot_id);
  const replayed = replay(
    { evaluator: row.evaluator, snapshotId: row.snapshot_id, facts: row.facts, verdicts: row.verdicts },
    snapshot,
  );
  if (replayed.outcome === 'facts-erased') throw flowFault('DECISION_FACTS_ERASED');
  const { registry } = await dependencies.snapshots.current();
  const at = dependencies.clock();
  const reader = { institution: replayed.facts.session.institution };
  const rules = snapshot.rulesAt(row.checked_at as Instant);
  const disclosing = async () => {
    const { members } = (await knownCluster?.()) ?? (await clusterOf(session, row.person_id));
    const persons = members.map(({ personId }) => personId);
    const consent = await consentOfRecords(session, persons, registry, at, doctor);
    const shown = disclose(replayed.decision, reader, consent, rules);
    return { consent, shown, values: await valuesOfDecision(session, persons, shown) };
  };
  const [responses, marks, { consent, shown, values }] = await Promise.all([
    oneWith(session, row).then((checks) => readResponses(session, row.person_id, checks)),
    readMarks(session, row.person_id, row.public_id),
    disclosing(),
  ]);
  return {
    row,
    replayed,
    ruling: { snapshot, snapshotId: row.snapshot_id },
    responses,
    marks,
    values,
    consent,
    shown,
    basis: decisionBasis(shown, reader, consent, rules),
  };
};

/** Index of a line by the number the ordering system gave it. @throws LINE_UNKNOWN */
export const lineIndex = ({ replayed }: KeptCheck, line: number): number => {
  const index = replayed.facts.session.lines.findIndex((each, place) => (each.line ?? place + 1) === line);
  if (index < 0) throw flowFault('LINE_UNKNOWN', { place: `line ${line}` });
  return index;
};

/** A kept check as an answer about it is made. */
export const presentationOf = (check: KeptCheck, person: PublicId | null): CheckPresentation => ({
  id: check.row.public_id,
  at: check.row.checked_at as Instant,
  shown: check.shown,
  session: check.replayed.facts.session,
  ruling: check.ruling,
  person,
  values: check.values,
  responses: check.responses,
  marks: check.marks,
  consent: check.consent,
  notChecked: check.replayed.facts.search.kind === 'not-checked' ? check.replayed.facts.search.reason : null,
});

/** Names of the ordered lines of a check, for a list of checks. */
export const orderedCodes = (facts: string): readonly string[] => {
  const read = readFacts(facts);
  return 'erased' in read
    ? []
    : read.session.lines.map(({ name, localCode, item }) => name ?? localCode ?? item ?? '');
};
