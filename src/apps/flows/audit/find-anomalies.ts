import {
  type EncounterRow,
  keepProgress,
  lockAnomalies,
  lookOf,
  type LookRow,
  readEncounters,
  readLooks,
  readProgress,
  readWorkplaces,
  sealedTo,
} from '../../../adapters/postgres/anomaly-looks.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import { clusterOf, lookupPersonByPublicId } from '../../../adapters/postgres/person-lookup.ts';
import { openPrivacyCase } from '../../../adapters/postgres/privacy-cases.ts';
import { readAllWatched } from '../../../adapters/postgres/watched-persons.ts';
import {
  type Anomaly,
  anomaliesOf,
  bulkOf,
  caseDueAt,
  type LookCircumstances,
} from '../../../audit/index.ts';
import { canonicalJson, type JsonValue } from '../../../kernel/canonical-json.ts';
import { civilDateText } from '../../../kernel/civil-day.ts';
import { DAY_MS, HOUR_MS, type Instant, instant, MINUTE_MS } from '../../../kernel/instant.ts';
import type { AnomalyRule, PrivacyPolicy } from '../../../recognition/index.ts';
import { publicIdOf } from '../checks/review-check.ts';
import type { FlowDependencies } from '../dependencies.ts';
import { evidenceOf } from './case-evidence.ts';

/** Looks read in one turn of a pass. */
const LOOKS_MAX = 500;
/** Looks of the actors of a turn, read back as far as the widest window of a bulk rule. */
const BULK_LOOKS_MAX = 20_000;
/** What was sealed before the first turn by more than this is history that nobody looks into any more. */
const FIRST_TURN_LOOKS_BACK_MS = DAY_MS;

/**
 * Two passes over the log: most rules are asked as soon as a look is sealed; whether there was a visit, some hours later,
 * because a doctor often looks before the visit is stated.
 */
const PASSES = ['prompt', 'late'] as const;
type Pass = (typeof PASSES)[number];

const isOfPass = (pass: Pass, { kind }: AnomalyRule): boolean =>
  (kind === 'no-encounter') === (pass === 'late');

/** What the rules are asked with. */
interface Watch {
  readonly dependencies: FlowDependencies;
  readonly session: Session;
  readonly ruling: RulingSnapshot;
  readonly at: Instant;
}

const policyFor = ({ ruling, at }: Watch, institutionKey: string): PrivacyPolicy =>
  ruling.snapshot.rulesAt(at).policyOf(ruling.registry.institutionCode(institutionKey) ?? null).privacy;

const windowMsOf = (rules: readonly AnomalyRule[]): number =>
  Math.max(0, ...rules.map((rule) => (rule.kind === 'no-encounter' ? rule.windowDays * DAY_MS : 0)));

/** Records of each person looked at: all that are the same person's. */
const membersOf = async (
  session: Session,
  looks: readonly LookRow[],
): Promise<ReadonlyMap<string, readonly string[]>> => {
  const members = new Map<string, readonly string[]>();
  for (const { personKey } of looks)
    if (!members.has(personKey)) {
      const cluster = await clusterOf(session, personKey);
      members.set(
        personKey,
        cluster.members.map(({ personId }) => personId),
      );
    }
  return members;
};

/** Records of those watched over, with the institution that does. */
const watchedRecords = async (session: Session): Promise<ReadonlySet<string>> => {
  const records = new Set<string>();
  for (const { institutionKey, person } of await readAllWatched(session)) {
    const found = await lookupPersonByPublicId(session, person);
    for (const { personId } of found?.members ?? []) records.add(`${institutionKey}|${personId}`);
  }
  return records;
};

const hasEncounter = (
  look: LookRow,
  records: readonly string[],
  encounters: ReadonlyMap<string, readonly EncounterRow[]>,
  windowMs: number,
): boolean =>
  records.some((record) =>
    (encounters.get(`${look.institutionKey}|${record}`) ?? []).some(
      ({ at }) => Math.abs(at - look.at) <= windowMs,
    ),
  );

/** Everything the rules over single looks ask about, for one turn's looks at once. */
const circumstancesOf = async (
  watch: Watch,
  pass: Pass,
  looks: readonly LookRow[],
): Promise<(look: LookRow, rules: readonly AnomalyRule[]) => LookCircumstances> => {
  const { session, ruling } = watch;
  const members = await membersOf(session, looks);
  const all = [...new Set([...members.values()].flat())];
  const widestMs = Math.max(
    0,
    ...looks.map((look) => windowMsOf(policyFor(watch, look.institutionKey).rules)),
  );
  const first = Math.min(...looks.map(({ at }) => at));
  const last = Math.max(...looks.map(({ at }) => at));
  const isLate = pass === 'late';
  const encounters = isLate
    ? await readEncounters(session, all, instant(first - widestMs), instant(last + widestMs))
    : [];
  const workplaces = isLate ? [] : await readWorkplaces(session, all);
  const watched = isLate ? new Set<string>() : await watchedRecords(session);
  const works = new Set(
    workplaces.map(
      ({ personKey, institution }) =>
        `${ruling.registry.institutionKey(institution as never) ?? ''}|${personKey}`,
    ),
  );
  const byPlace = Map.groupBy(
    encounters,
    ({ institutionKey, personKey }) => `${institutionKey}|${personKey}`,
  );
  return (look, rules) => {
    const records = members.get(look.personKey) ?? [look.personKey];
    const here = (set: ReadonlySet<string>): boolean =>
      records.some((record) => set.has(`${look.institutionKey}|${record}`));
    return {
      isColleague: here(works),
      isWatched: here(watched),
      hasEncounter: hasEncounter(look, records, byPlace, windowMsOf(rules)),
    };
  };
};

/** One case for one actor, person and day; for many persons, for one actor and day. */
const occasionOf = ({ kind, look }: Anomaly, { staffNumber }: LookRow, person: string | null): string =>
  [kind, look.institution, look.actor, staffNumber ?? '', person ?? '', civilDateText(look.at)].join('|');

const openCase = async (watch: Watch, anomaly: Anomaly, row: LookRow, rule: AnomalyRule): Promise<void> => {
  const { session, dependencies, at } = watch;
  const person = anomaly.kind === 'bulk' ? null : await publicIdOf(session, row.personKey);
  const { kind: _kind, ...thresholds } = rule;
  const evidence: JsonValue = {
    rows: [evidenceOf(row)],
    ...(anomaly.persons === undefined ? {} : { persons: anomaly.persons }),
    ...thresholds,
    ...(rule.kind === 'bulk' ? { persons: anomaly.persons ?? rule.persons, allowed: rule.persons } : {}),
  };
  await openPrivacyCase(session, {
    id: dependencies.newPublicId(),
    institutionKey: row.institutionKey,
    kind: anomaly.kind,
    occasion: occasionOf(anomaly, row, person),
    openedAt: at,
    dueAt: caseDueAt(at, policyFor(watch, row.institutionKey).reviewDays),
    actor: row.actor,
    role: row.role,
    department: row.department,
    staffNumber: row.staffNumber,
    person,
    evidence: canonicalJson(evidence),
  });
};

const findSingle = async (watch: Watch, pass: Pass, looks: readonly LookRow[]): Promise<void> => {
  const circumstances = await circumstancesOf(watch, pass, looks);
  for (const row of looks) {
    const rules = policyFor(watch, row.institutionKey).rules.filter((rule) => isOfPass(pass, rule));
    for (const anomaly of anomaliesOf(lookOf(row), circumstances(row, rules), rules)) {
      const rule = rules.find(({ kind }) => kind === anomaly.kind);
      if (rule) await openCase(watch, anomaly, row, rule);
    }
  }
};

const findBulk = async (watch: Watch, looks: readonly LookRow[], upTo: string): Promise<void> => {
  const rules = new Map(
    looks.flatMap(({ institutionKey }) => {
      const rule = policyFor(watch, institutionKey).rules.find((each) => each.kind === 'bulk');
      return rule ? [[institutionKey, rule] as const] : [];
    }),
  );
  if (rules.size === 0) return;
  const widestMs = Math.max(...[...rules.values()].map(({ windowMinutes }) => windowMinutes * MINUTE_MS));
  const first = Math.min(...looks.map(({ at }) => at));
  const after = await sealedTo(watch.session, instant(first - widestMs));
  const actors = [...new Set(looks.map(({ actor }) => actor))];
  const rows = await readLooks(watch.session, { after, upTo, limit: BULK_LOOKS_MAX }, actors);
  const byActor = Map.groupBy(rows, ({ actor, staffNumber }) => `${actor}|${staffNumber}`);
  for (const ofActor of byActor.values()) {
    const rule = rules.get(ofActor[0]?.institutionKey ?? '');
    const found = rule && bulkOf(ofActor.map(lookOf), rule);
    const row = found && ofActor.find(({ event }) => event === found.look.event);
    if (found && row) await openCase(watch, found, row, rule);
  }
};

const lateHours = (watch: Watch): number => {
  const { rules } = watch.ruling.snapshot.rulesAt(watch.at).policyOf(null).privacy;
  return rules.find((rule) => rule.kind === 'no-encounter')?.afterHours ?? 0;
};

const takePass = async (watch: Watch, pass: Pass): Promise<number> => {
  const { session, at } = watch;
  const upTo = await sealedTo(session, pass === 'late' ? instant(at - lateHours(watch) * HOUR_MS) : at);
  const after =
    (await readProgress(session, pass)) ?? (await sealedTo(session, instant(at - FIRST_TURN_LOOKS_BACK_MS)));
  if (BigInt(upTo) <= BigInt(after)) return 0;
  const looks = await readLooks(session, { after, upTo, limit: LOOKS_MAX });
  const isFull = looks.length === LOOKS_MAX;
  const reached = isFull ? (looks.at(-1)?.event ?? upTo) : upTo;
  if (looks.length > 0) {
    await findSingle(watch, pass, looks);
    if (pass === 'prompt') await findBulk(watch, looks, reached);
  }
  await keepProgress(session, pass, reached);
  return isFull ? LOOKS_MAX : 0;
};

/**
 * Asks the rules about what was sealed since the last turn and opens a case for each finding. Only what is sealed is read,
 * so no look comes in behind; one process at a time reads on.
 *
 * @returns how many looks were read in full turns: more wait then
 */
export const findAnomalies = (dependencies: FlowDependencies): Promise<number> =>
  dependencies.database.transaction(async (session) => {
    if (!(await lockAnomalies(session))) return 0;
    const ruling = await dependencies.snapshots.current();
    const watch = { dependencies, session, ruling, at: dependencies.clock() };
    let read = 0;
    for (const pass of PASSES) read += await takePass(watch, pass);
    return read;
  });
