import {
  CANDIDATES_PER_KIND_MAX,
  type CandidateRow,
  readCandidates,
  readToldCandidates,
  type ToldSources,
} from '../../../adapters/postgres/candidate-rows.ts';
import {
  type ImageEvidence,
  readImageEvidence,
  type ReportImages,
} from '../../../adapters/postgres/imaging-evidence.ts';
import type { PersonCluster } from '../../../adapters/postgres/person-rows.ts';
import type { RulingSnapshot } from '../../../adapters/postgres/lists.ts';
import type { Registry } from '../../../adapters/postgres/registry.ts';
import type { Session } from '../../../adapters/postgres/database.ts';
import type { ConsentState } from '../../../consent/index.ts';
import type { ItemCode, ReferenceWindow, Side } from '../../../catalogue/index.ts';
import {
  imageArrival,
  type ImageFacts,
  imageFacts,
  reportImageFacts,
  studyFacts,
} from '../../../imaging/index.ts';
import { DAY_MS, HOUR_MS, type Instant, instant } from '../../../kernel/instant.ts';
import type { PublicId } from '../../../kernel/uuid.ts';
import type { CampusCode, InstitutionCode } from '../../../organisation/index.ts';
import {
  type CandidateFacts,
  hasRefused,
  type IdentityGrade,
  type MayBeTold,
  type Rules,
  SOMEWHERE_ELSE,
} from '../../../recognition/index.ts';
import type { Standing } from '../../../result/index.ts';

const VOID: ReadonlySet<string> = new Set(['cancelled', 'withdrawn', 'entered-in-error', 'not-obtained']);
/** Void results of an item that the explanation still lists. */
const VOID_PER_ITEM_MAX = 2;
/** Nothing older is looked for, whatever a list says. */
const LOOK_BACK_DAYS_MAX = 3660;

const lengthMs = (window: ReferenceWindow): number =>
  window.unit === 'hours' ? window.n * HOUR_MS : (window.n + 1) * DAY_MS;

/**
 * How far back results of these items matter: the longest reference window that any zone of the institution gives one of
 * them, or the repeat reminder's own clock, whichever reaches further.
 */
export const lookBackStart = (
  rules: Rules,
  institution: InstitutionCode,
  items: readonly ItemCode[],
  at: Instant,
): Instant => {
  let longestMs = (rules.policyOf(institution).repeatReminderCivilDays + 1) * DAY_MS;
  for (const { zones } of [rules.pairOf(institution, institution)])
    for (const zone of zones)
      for (const item of items) {
        const window = zone.listedItem(item)?.row.window;
        if (window) longestMs = Math.max(longestMs, lengthMs(window));
      }
  return instant(at - Math.min(longestMs, LOOK_BACK_DAYS_MAX * DAY_MS));
};

/**
 * Everything about a result but its moment and value that a verdict can turn on. Among results alike in all of it the
 * newest are the strongest; unlike ones must not crowd each other out (a preliminary one the final, the left knee the right).
 */
const kindOfResult = (row: CandidateRow, disputed: ReadonlySet<PublicId>): string =>
  [
    row.item_id,
    row.person_id,
    row.performer_id,
    row.campus,
    row.standing === 'preliminary',
    row.side,
    row.specimen,
    row.specimen_states,
    row.fasting,
    row.time_point,
    row.point_of_care,
    row.method_class,
    row.unit,
    row.images,
    disputed.has(row.report_public_id),
    row.collected_at === null,
  ].join('\u0000');

/** Of each kind of result the newest, of each item a few void ones for the explanation; the order of rows is kept. */
const newestOfEachItem = (rows: readonly CandidateRow[], disputed: ReadonlySet<PublicId>): CandidateRow[] => {
  const counts = new Map<string, number>();
  return rows.filter((row) => {
    const isVoid = VOID.has(row.standing);
    const key = isVoid ? `${row.item_id} void` : kindOfResult(row, disputed);
    const count = (counts.get(key) ?? 0) + 1;
    counts.set(key, count);
    return count <= (isVoid ? VOID_PER_ITEM_MAX : CANDIDATES_PER_KIND_MAX);
  });
};

/** Who performed, when the message names an institution that no directory knows: it shares no zone with anybody. */
const UNKNOWN_PERFORMER = 'UNKNOWN' as InstitutionCode;

/** Of what and by whom a row is. Undefined when its item or its reporting institution has no code. */
const subjectOf = (
  row: CandidateRow,
  registry: Registry,
): Pick<CandidateFacts, 'item' | 'performer' | 'reporter'> | undefined => {
  const item = registry.itemCode(row.item_id);
  const reporter = registry.institutionCode(row.institution_id);
  if (!item || !reporter) return undefined;
  return { item, performer: registry.institutionCode(row.performer_id) ?? UNKNOWN_PERFORMER, reporter };
};

/**
 * A hot row in the words of the verdict. Undefined when its item or its reporting institution has no code, and when the
 * code map that rules now reads the local code as another item: what an earlier map took it for was a mistake.
 */
const candidateFacts = (
  row: CandidateRow,
  registry: Registry,
  rules: Rules,
  identity: IdentityGrade,
): CandidateFacts | undefined => {
  const subject = subjectOf(row, registry);
  if (!subject) return undefined;
  const { item, performer, reporter } = subject;
  const mapped = rules.codeMapOf(reporter).get(row.local_code)?.item;
  if (mapped !== undefined && mapped !== item) return undefined;
  return {
    report: row.report_public_id,
    ordinal: row.ordinal,
    reportVersion: row.report_version,
    item,
    side: row.side as Side | null,
    specimen: row.specimen,
    specimenStates: row.specimen_states ? row.specimen_states.split(',') : [],
    fasting: row.fasting,
    timePoint: row.time_point,
    pointOfCare: row.point_of_care,
    standing: row.standing as Standing,
    identity,
    collectedAt: row.collected_at as Instant | null,
    collectedPrecision: row.collected_at === null ? null : row.collected_precision === 'm' ? 'minute' : 'day',
    receivedAt: row.received_at as Instant | null,
    reportedAt: row.reported_at as Instant | null,
    performer,
    reporter,
    performerCampus: row.campus as CampusCode | null,
    methodClass: row.method_class,
    unit: row.unit,
    flag: row.flag,
    images: row.images as CandidateFacts['images'],
    imaging: null,
  };
};

/**
 * The same facts with what is known of the report's images: there, with what their headers amount to, or still coming in
 * (上传中). Of a report without images nothing is said here; whether they are missing is for the check.
 */
export const withImages = (
  facts: CandidateFacts,
  images: ReportImages | undefined,
  at: Instant,
): CandidateFacts => {
  if (!images || facts.images === 'not-applicable') return facts;
  const { received, studies } = images;
  const known: ImageFacts = {
    ...reportImageFacts(
      studies.map(({ facts: stated, announced }) => imageFacts(stated ?? studyFacts([]), announced)),
    ),
    ...(images.hasOtherPatient ? { hasOtherPatient: true as const } : {}),
  };
  return studies.every((study) => study.facts === null) || imageArrival(images, at) === 'receiving'
    ? { ...facts, images: 'uploading', imaging: { ...known, received } }
    : { ...facts, images: 'present', imaging: known };
};

/** Rows of one report in the words of the verdict. */
export const factsOfRows = (
  rows: readonly CandidateRow[],
  registry: Registry,
  rules: Rules,
  identity: IdentityGrade,
): readonly CandidateFacts[] => rows.flatMap((row) => candidateFacts(row, registry, rules, identity) ?? []);

/** Earlier results of one person for some items: the facts for the verdict and the rows for the card, side by side. */
export interface FoundCandidates {
  readonly facts: readonly CandidateFacts[];
  readonly rows: readonly CandidateRow[];
}

/** What is looked for. */
export interface SoughtItems {
  readonly items: readonly ItemCode[];
  /** Those that can be looked for before the patient's acts are known (`itemsToldUnlessRefused`). */
  readonly toldUnlessRefused: readonly ItemCode[];
}

/** What has to be known of a person before found rows are taken for candidates. */
export interface CandidateLimits {
  /** Reports of the person that are in dispute. */
  readonly disputed: ReadonlySet<PublicId>;
  readonly consent: Pick<ConsentState, 'acts'>;
  /** Of which results the reader may be told anything; null: of all. */
  readonly mayBeTold: MayBeTold | null;
}

/**
 * The results of some items of which something may be told, as the database is asked for them: acts name few institutions,
 * and all others are alike.
 */
const toldSources = (
  items: readonly ItemCode[],
  institution: InstitutionCode,
  { consent, mayBeTold }: CandidateLimits,
  registry: Registry,
): ToldSources => {
  const codes = new Set([institution, ...consent.acts.flatMap(({ scope }) => scope.source ?? [])]);
  const named = [...codes].flatMap((code) => {
    const key = registry.institutionKey(code);
    return key === undefined ? [] : [{ code, key }];
  });
  const institutions = [...named, { code: SOMEWHERE_ELSE, key: null }];
  const sources = items.flatMap((item) => {
    const itemKey = registry.itemKey(item);
    if (itemKey === undefined) return [];
    return institutions.flatMap((reporter) =>
      institutions.flatMap((performer) =>
        mayBeTold === null || mayBeTold({ item, reporter: reporter.code, performer: performer.code })
          ? [{ itemKey, reporterKey: reporter.key, performerKey: performer.key }]
          : [],
      ),
    );
  });
  return { named: named.map(({ key }) => key), sources };
};

/**
 * Looks for the earlier results of a person's whole cluster. What may not be told is not read at all, so that it neither
 * takes the place of another result nor leaves work behind. What can be told whatever the patient did is looked for beside
 * the limits; the rest, and everything of a patient who has refused something, after them.
 *
 * @param readLimits gives the limits for the cluster, from a read that the caller makes anyway
 */
export const findCandidates = async (
  session: Session,
  ruling: RulingSnapshot,
  cluster: PersonCluster,
  institution: InstitutionCode,
  { items, toldUnlessRefused }: SoughtItems,
  at: Instant,
  readLimits: () => Promise<CandidateLimits>,
): Promise<FoundCandidates> => {
  const { registry } = ruling;
  const keysOf = (codes: readonly ItemCode[]): string[] =>
    codes.map((code) => registry.itemKey(code)).filter((key) => key !== undefined);
  if (keysOf(items).length === 0) return { facts: [], rows: [] };
  const rules = ruling.snapshot.rulesAt(at);
  const since = lookBackStart(rules, institution, items, at);
  const grades = new Map(cluster.members.map(({ personId, grade }) => [personId, grade]));
  const persons = [...grades.keys()];
  const early = keysOf(toldUnlessRefused);
  const [before, limits] = await Promise.all([
    early.length === 0 ? [] : readCandidates(session, persons, early, since),
    readLimits(),
  ]);
  const refused = hasRefused(limits.consent);
  const rest = refused ? items : items.filter((item) => !toldUnlessRefused.includes(item));
  const after = keysOf(rest).length === 0 ? null : toldSources(rest, institution, limits, registry);
  const found = [
    ...(refused ? [] : before),
    ...(after ? await readToldCandidates(session, persons, after, since) : []),
  ];
  const { disputed, mayBeTold } = limits;
  const told =
    mayBeTold === null
      ? found
      : found.filter((row) => {
          // Institutions without a code of their own are told apart here.
          const subject = subjectOf(row, registry);
          return subject !== undefined && mayBeTold(subject);
        });
  // Only examinations have images, and most checks are of none: then nothing more is read.
  const images: ImageEvidence = told.some((row) => row.images !== 'not-applicable')
    ? await readImageEvidence(session, persons)
    : new Map();
  const facts: CandidateFacts[] = [];
  const rows: CandidateRow[] = [];
  for (const row of newestOfEachItem(told, disputed)) {
    const grade = disputed.has(row.report_public_id) ? 'disputed' : (grades.get(row.person_id) ?? 'none');
    const each = candidateFacts(row, registry, rules, grade);
    if (!each) continue;
    facts.push(withImages(each, images.get(row.report_public_id), at));
    rows.push(row);
  }
  return { facts, rows };
};
