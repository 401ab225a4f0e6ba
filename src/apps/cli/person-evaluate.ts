import { parse } from 'csv-parse/sync';
import {
  byPersonId,
  type Candidate,
  type CannotLink,
  decideCandidates,
  type IncomingPatient,
  joinObstacle,
  type LinkEdge,
  clustersOf,
  type LinkGrade,
  lifelongNumber,
  matchKeysOf,
  PHONE_HOLDERS_MAXIMUM,
  type PersonIdentifierType,
  personProfile,
  type PersonProfile,
} from '../../person/index.ts';

/** What the matching rules did on a labelled set of source records. */
export interface MatchingScore {
  readonly records: number;
  readonly truePairs: number;
  /** Pairs of records in one cluster: all links, and strong links alone. */
  readonly linked: PairScore;
  readonly strong: PairScore;
  /** Share of the true pairs that are in one cluster or wait for a person to join them. */
  readonly recallAfterReview: number;
  readonly reviews: number;
  /** Reviews of two records that really are one person. */
  readonly reviewsOfOnePerson: number;
  readonly clustersWithTwoPersons: number;
  readonly strongGroupsWithTwoPersons: number;
  readonly wrongLinksByRule: Readonly<Record<string, number>>;
  readonly linksByRule: Readonly<Record<string, number>>;
  readonly reviewsByRule: Readonly<Record<string, number>>;
}

/** Pairwise precision, recall and F1. */
export interface PairScore {
  readonly pairs: number;
  readonly wrong: number;
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** A source record with the person it truly belongs to. */
export interface LabelledRecord {
  readonly id: string;
  readonly person: string;
  readonly patient: IncomingPatient;
}

const DOCUMENT_TYPES: Readonly<Record<string, PersonIdentifierType>> = {
  '01': 'national-id',
  '03': 'passport',
  '06': 'hk-macao-permit',
  '07': 'taiwan-permit',
};

const SEXES: Readonly<Record<string, IncomingPatient['sex']>> = { 1: 'male', 2: 'female', 9: 'not-stated' };

/**
 * Reads a labelled set: records.csv with columns rec_id, hospital, id_type, id_no, name, sex, birth_date, phone,
 * address, mi_no, ehc_id, mother_id_no, and truth.csv with rec_id, person_id.
 */
export const readLabelledRecords = (recordsCsv: string, truthCsv: string): LabelledRecord[] => {
  type Row = Readonly<Record<string, string>>;
  const truth = new Map(
    (parse(truthCsv, { columns: true }) as Row[]).map((row) => [
      row['rec_id'] as string,
      row['person_id'] as string,
    ]),
  );
  return (parse(recordsCsv, { columns: true }) as Row[]).map((row) => {
    const column = (name: string) => row[name] ?? '';
    const identifiers = [
      { type: DOCUMENT_TYPES[column('id_type')] ?? 'other', issuer: 'CN', number: column('id_no') },
      { type: 'insurance-number' as const, issuer: 'CN', number: column('mi_no') },
      { type: 'health-card-index' as const, issuer: 'CN', number: column('ehc_id') },
    ].filter(({ number }) => number !== '');
    const mother = column('mother_id_no');
    return {
      id: column('rec_id'),
      person: truth.get(column('rec_id')) ?? '',
      patient: {
        identifiers,
        name: column('name') || null,
        sex: SEXES[column('sex')] ?? 'unknown',
        birthDate: column('birth_date')
          ? { at: 0 as never, precision: 'day', text: column('birth_date') }
          : null,
        phones: column('phone') ? [column('phone')] : [],
        address: column('address') || null,
        motherIdentifiers: mother ? [{ type: 'national-id', issuer: 'CN', number: mother }] : [],
        birthOrder: null,
        multipleBirth: false,
        deceased: false,
      },
    };
  });
};

const pairCount = (size: number) => (size * (size - 1)) / 2;

/** Counts pairs inside groups, and how many of them join two persons. */
const scorePairs = (
  groups: readonly (readonly string[])[],
  personOf: ReadonlyMap<string, string>,
  truePairs: number,
): PairScore => {
  let pairs = 0;
  let right = 0;
  for (const group of groups) {
    pairs += pairCount(group.length);
    const sizes = new Map<string, number>();
    for (const id of group) {
      const person = personOf.get(id) as string;
      sizes.set(person, (sizes.get(person) ?? 0) + 1);
    }
    for (const size of sizes.values()) right += pairCount(size);
  }
  const precision = pairs === 0 ? 1 : right / pairs;
  const recall = right / truePairs;
  return {
    pairs,
    wrong: pairs - right,
    precision,
    recall,
    f1: (2 * precision * recall) / (precision + recall),
  };
};

const mixed = (groups: readonly (readonly string[])[], personOf: ReadonlyMap<string, string>) =>
  groups.filter((group) => new Set(group.map((id) => personOf.get(id))).size > 1).length;

/**
 * Feeds the records to the rules one by one, as messages would arrive, and scores the clusters against the truth. The
 * same rules and the same join check as the person index, in memory.
 */
export const evaluateMatching = (records: readonly LabelledRecord[]): MatchingScore => {
  const profiles = new Map<string, PersonProfile>();
  const holders = new Map<string, string[]>();
  const personOf = new Map(records.map(({ id, person }) => [id, person]));
  const nationalIds = new Map<string, string>();
  const clusterOf = new Map<string, string[]>();
  const edges: LinkEdge[] = [];
  const noCannotLinks: CannotLink[] = [];
  const counts = { wrong: {}, links: {}, reviews: {} } as Record<string, Record<string, number>>;
  const count = (table: string, rule: string) => {
    const row = counts[table] as Record<string, number>;
    row[rule] = (row[rule] ?? 0) + 1;
  };
  const reviewed: { left: string; right: string }[] = [];
  for (const { id, patient } of records) {
    const profile = personProfile(patient);
    const keys = matchKeysOf(profile);
    const shared = new Set<string>();
    const found = new Set<string>();
    for (const { kind, text } of keys) {
      const held = holders.get(text) ?? [];
      if (kind === 'phone') {
        const people = new Set(held.map((other) => profiles.get(other)?.name.form));
        if (people.size > PHONE_HOLDERS_MAXIMUM) {
          shared.add(text.slice('phone|'.length));
          continue;
        }
      }
      for (const other of held) found.add(other);
    }
    const candidates: Candidate<string>[] = [...found].sort(byPersonId).map((other) => ({
      id: other,
      profile: profiles.get(other) as PersonProfile,
    }));
    profiles.set(id, profile);
    clusterOf.set(id, [id]);
    const number = lifelongNumber(profile)?.number;
    if (number) nationalIds.set(id, number);
    for (const decision of decideCandidates(profile, candidates, shared)) {
      if (decision.outcome === 'apart') continue;
      const left = clusterOf.get(id) as string[];
      const right = clusterOf.get(decision.id) as string[];
      const obstacle = left === right ? undefined : joinObstacle(left, right, nationalIds, noCannotLinks);
      if (decision.outcome === 'review' || obstacle) {
        reviewed.push({ left: id, right: decision.id });
        count('reviews', obstacle ?? decision.rule);
        continue;
      }
      edges.push({ left: id, right: decision.id, grade: decision.grade as LinkGrade });
      count('links', decision.rule);
      if (personOf.get(id) !== personOf.get(decision.id)) count('wrong', decision.rule);
      if (left === right) continue;
      const joined = [...left, ...right];
      for (const member of joined) clusterOf.set(member, joined);
    }
    for (const { text } of keys) {
      const held = holders.get(text);
      if (held) held.push(id);
      else holders.set(text, [id]);
    }
  }
  const ids = records.map(({ id }) => id);
  const clusters = clustersOf(ids, edges, noCannotLinks);
  const bySize = new Map<string, number>();
  for (const { person } of records) bySize.set(person, (bySize.get(person) ?? 0) + 1);
  const truePairs = [...bySize.values()].reduce((sum, size) => sum + pairCount(size), 0);
  const all = clusters.map(({ members }) => members);
  const strong = clusters.flatMap(({ strongGroups }) => strongGroups);
  const rightReviews = reviewed.filter(({ left, right }) => personOf.get(left) === personOf.get(right));
  const afterReview = clustersOf(
    ids,
    [...edges, ...rightReviews.map((pair) => ({ ...pair, grade: 'weak' as const }))],
    [],
  );
  return {
    records: records.length,
    truePairs,
    linked: scorePairs(all, personOf, truePairs),
    strong: scorePairs(strong, personOf, truePairs),
    recallAfterReview: scorePairs(
      afterReview.map(({ members }) => members),
      personOf,
      truePairs,
    ).recall,
    reviews: reviewed.length,
    reviewsOfOnePerson: rightReviews.length,
    clustersWithTwoPersons: mixed(all, personOf),
    strongGroupsWithTwoPersons: mixed(strong, personOf),
    wrongLinksByRule: counts['wrong'] ?? {},
    linksByRule: counts['links'] ?? {},
    reviewsByRule: counts['reviews'] ?? {},
  };
};
