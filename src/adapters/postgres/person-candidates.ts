import type { Instant } from '../../kernel/instant.ts';
import { isoInstant } from '../../kernel/instant.ts';
import type { PublicId } from '../../kernel/uuid.ts';
import {
  byPersonId,
  type Candidate,
  type CandidateDecision,
  decideCandidates,
  type MatchKey,
  PHONE_HOLDERS_MAXIMUM,
  type PersonProfile,
} from '../../person/index.ts';
import type { KeyRing } from '../keys/key-ring.ts';
import { type Session, statement } from './database.ts';
import { LinkGraph, lockLinks } from './person-links.ts';
import {
  PERSON_COLUMNS,
  PERSON_SOURCE,
  type PersonRow,
  readIdentifiers,
  storedProfile,
} from './person-rows.ts';

/** A match key with its keyed hash. */
export interface HashedMatchKey extends MatchKey {
  readonly hash: string;
}

/** A key held by more records than this finds nobody in particular and is left out. */
const HOLDERS_MAXIMUM = 50;

const BY_IDENTIFIERS = statement(
  'person.candidates-by-identifier',
  `select distinct person_id from match_keys where value_hash = any($1::text[]) and person_id <> $2 limit ${HOLDERS_MAXIMUM}`,
);
const BY_KEY = statement(
  'person.candidates-by-key',
  `select person_id from match_keys where value_hash = $1 and person_id <> $2 limit ${HOLDERS_MAXIMUM + 1}`,
);
const PERSONS = statement(
  'person.candidates',
  `select ${PERSON_COLUMNS} from ${PERSON_SOURCE} where p.person_id = any($1::bigint[])`,
);
const OPEN_REVIEWS = statement(
  'person.open-reviews',
  `insert into person_reviews (person_id, other_id, public_id, evidence, state, opened_at)
   select r.person_id, r.other_id, r.public_id, string_to_array(r.evidence, ','), 'open', $5::timestamptz
   from unnest($1::bigint[], $2::bigint[], $3::uuid[], $4::text[]) as r(person_id, other_id, public_id, evidence)
   on conflict (person_id, other_id) do nothing
   returning person_id`,
);

/** A pair that a person has to look at, with the rule and evidence that say why. */
export interface ReviewRequest {
  readonly left: string;
  readonly right: string;
  readonly evidence: readonly string[];
}

/** Queues pairs for review, each pair once for ever: what was settled is not asked again. Gives how many are new. */
export const openReviews = async (
  session: Session,
  requests: readonly ReviewRequest[],
  at: Instant,
  newPublicId: () => PublicId,
): Promise<number> => {
  if (requests.length === 0) return 0;
  // The later record first, so that a pair has one row whichever side asks.
  const pairs = requests.map(({ left, right, evidence }) => ({
    personId: byPersonId(left, right) > 0 ? left : right,
    otherId: byPersonId(left, right) > 0 ? right : left,
    evidence: evidence.join(','),
  }));
  const opened = await session.run(OPEN_REVIEWS, [
    pairs.map(({ personId }) => personId),
    pairs.map(({ otherId }) => otherId),
    pairs.map(() => newPublicId()),
    pairs.map(({ evidence }) => evidence),
    isoInstant(at),
  ]);
  return opened.length;
};

/** Finds the stored records that share a key with this one, and which of its phones are too widely shared to count. */
export const findCandidates = async (
  session: Session,
  keys: KeyRing,
  personId: string,
  profile: PersonProfile,
  matchKeys: readonly HashedMatchKey[],
): Promise<{ candidates: Candidate<string>[]; sharedPhones: Set<string> }> => {
  const identifierHashes = matchKeys.filter(({ kind }) => kind === 'identifier').map(({ hash }) => hash);
  const found = new Set<string>();
  const byPhone = new Map<string, string[]>();
  const sharedPhones = new Set<string>();
  if (identifierHashes.length > 0)
    for (const row of await session.run<{ person_id: string }>(BY_IDENTIFIERS, [identifierHashes, personId]))
      found.add(row.person_id);
  for (const { kind, text, hash } of matchKeys) {
    if (kind === 'identifier') continue;
    const holders = await session.run<{ person_id: string }>(BY_KEY, [hash, personId]);
    if (kind === 'phone') {
      const phone = text.slice('phone|'.length);
      if (holders.length > HOLDERS_MAXIMUM) sharedPhones.add(phone);
      else
        byPhone.set(
          phone,
          holders.map(({ person_id }) => person_id),
        );
    }
    if (holders.length <= HOLDERS_MAXIMUM) for (const row of holders) found.add(row.person_id);
  }
  if (found.size === 0) return { candidates: [], sharedPhones };
  const ids = [...found].sort(byPersonId);
  const rows = await session.run<PersonRow>(PERSONS, [ids]);
  const identifiers = await readIdentifiers(session, keys, ids);
  const candidates = rows.map((row) => ({
    id: row.person_id,
    profile: storedProfile(row, identifiers.get(row.person_id) ?? []),
  }));
  const nameOf = new Map(candidates.map(({ id, profile: other }) => [id, other.name.form]));
  for (const [phone, holders] of byPhone) {
    const people = new Set(holders.map((id) => nameOf.get(id)));
    people.delete(profile.name.form);
    if (people.size >= PHONE_HOLDERS_MAXIMUM) sharedPhones.add(phone);
  }
  return { candidates, sharedPhones };
};

/** What matching needs besides the record: when, why, and public ids for reviews. */
export interface MatchContext {
  readonly at: Instant;
  readonly reason: string;
  readonly newPublicId: () => PublicId;
}

/** What matching did with a record. */
export interface MatchOutcome {
  readonly linked: number;
  readonly reviews: number;
}

const linkOf = (personId: string, decision: CandidateDecision<string>) => ({
  kind: 'linked' as const,
  left: personId,
  right: decision.id,
  grade: decision.grade,
  cause: 'match' as const,
  evidence: [decision.rule, ...decision.evidence],
});

/**
 * Matches a record with its candidates: links, queues reviews, or leaves it alone. One link joins a cluster (strong
 * before weak), so that unlinking it really parts them; a further strong link is made only where it reaches a group
 * that the strong links had not reached. A link that would put two national IDs into one cluster, or join a pair found
 * to be two people, becomes a review.
 */
export const matchPerson = async (
  session: Session,
  keys: KeyRing,
  personId: string,
  profile: PersonProfile,
  matchKeys: readonly HashedMatchKey[],
  context: MatchContext,
): Promise<MatchOutcome> => {
  const { candidates, sharedPhones } = await findCandidates(session, keys, personId, profile, matchKeys);
  const decisions = decideCandidates(profile, candidates, sharedPhones);
  const reviews: ReviewRequest[] = decisions
    .filter(({ outcome }) => outcome === 'review')
    .map(({ id, rule, evidence }) => ({ left: personId, right: id, evidence: [rule, ...evidence] }));
  const links = decisions
    .filter(({ outcome }) => outcome === 'link')
    .sort((one, other) =>
      one.grade === other.grade ? byPersonId(one.id, other.id) : one.grade === 'strong' ? -1 : 1,
    );
  let linked = 0;
  if (links.length > 0) {
    await lockLinks(session);
    const graph = await LinkGraph.load(session, [personId, ...links.map(({ id }) => id)]);
    for (const decision of links) {
      if (graph.keptApart(personId, decision.id)) continue;
      const { members, strongGroups } = graph.clusterOf(personId);
      const reached = strongGroups.find((group) => group.includes(personId)) ?? [];
      if (decision.grade === 'strong' ? reached.includes(decision.id) : members.includes(decision.id))
        continue;
      const obstacle = graph.obstacle(personId, decision.id, true);
      if (obstacle) {
        reviews.push({
          left: personId,
          right: decision.id,
          evidence: [obstacle, decision.rule, ...decision.evidence],
        });
        continue;
      }
      graph.change(linkOf(personId, decision));
      linked++;
    }
    await graph.save(session, { actor: 'rule', reason: context.reason, at: context.at });
  }
  return { linked, reviews: await openReviews(session, reviews, context.at, context.newPublicId) };
};
