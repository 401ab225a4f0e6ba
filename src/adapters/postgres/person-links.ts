import { type Instant, isoInstant } from '../../kernel/instant.ts';
import { fail, ok, type Result } from '../../kernel/result.ts';
import {
  byPersonId,
  type CannotLink,
  type Cluster,
  clustersOf,
  joinObstacle,
  type LinkEdge,
  type LinkGrade,
  type PersonRefusal,
} from '../../person/index.ts';
import { type Session, statement } from './database.ts';
import { markOfOtherPerson } from './reports-marks.ts';

/** Why a link came or went: a rule, an institution's merge message, a member of staff, or contradicting statements. */
export type LinkCause = 'match' | 'admission' | 'staff' | 'contradiction';

/** One change of the links between two source records, as the append-only history keeps it. */
export interface LinkChange {
  /** `allowed` lifts an earlier `kept-apart`. */
  readonly kind: 'linked' | 'unlinked' | 'kept-apart' | 'allowed';
  readonly left: string;
  readonly right: string;
  readonly grade: LinkGrade | null;
  readonly cause: LinkCause;
  /** Rule and evidence codes. */
  readonly evidence: readonly string[];
}

/** Who changes links, why and when. */
export interface LinkAuthor {
  /** Account, sender or `rule`. */
  readonly actor: string;
  readonly reason: string;
  readonly at: Instant;
}

const LOCK = statement('person.lock-links', "select pg_advisory_xact_lock(hashtext('huren.person-links'))");

const CLUSTER_MEMBERS = statement(
  'person.cluster-members',
  'select members from person_clusters where person_id = any($1::bigint[])',
);
const EDGES = statement(
  'person.edges',
  `select person_id as left, other_id as right, grade from person_links
   where person_id = any($1::bigint[]) and person_id < other_id`,
);
const CANNOT_LINKS = statement(
  'person.cannot-links',
  'select person_id as left, other_id as right from person_cannot_links where person_id = any($1::bigint[])',
);
const NATIONAL_IDS = statement(
  'person.national-ids',
  `select person_id, national_id_hash from persons
   where person_id = any($1::bigint[]) and national_id_hash is not null`,
);

const EVENT_IDS = statement(
  'person.event-ids',
  "select nextval('person_link_event_ids') as event_id from generate_series(1, $1::integer)",
);
const ADD_EVENTS = statement(
  'person.add-events',
  `insert into person_link_events
     (person_id, event_id, other_id, kind, grade, cause, evidence, actor, reason, recorded_at)
   select c.person_id, c.event_id, c.other_id, c.kind, c.grade, c.cause, string_to_array(c.evidence, ','), $8, $9, $10::timestamptz
   from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[])
     as c(person_id, event_id, other_id, kind, grade, cause, evidence)`,
);
const PUT_LINKS = statement(
  'person.put-links',
  `insert into person_links (person_id, other_id, grade, cause, evidence, event_id, linked_at)
   select c.person_id, c.other_id, c.grade, c.cause, string_to_array(c.evidence, ','), c.event_id, $7::timestamptz
   from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::bigint[])
     as c(person_id, other_id, grade, cause, evidence, event_id)
   on conflict (person_id, other_id) do update set grade = excluded.grade, cause = excluded.cause,
     evidence = excluded.evidence, event_id = excluded.event_id, linked_at = excluded.linked_at`,
);
const REMOVE_LINKS = statement(
  'person.remove-links',
  `delete from person_links l using unnest($1::bigint[], $2::bigint[]) as c(person_id, other_id)
   where l.person_id = c.person_id and l.other_id = c.other_id`,
);
const PUT_CANNOT_LINKS = statement(
  'person.put-cannot-links',
  `insert into person_cannot_links (person_id, other_id, cause, event_id, recorded_at)
   select c.person_id, c.other_id, c.cause, c.event_id, $5::timestamptz
   from unnest($1::bigint[], $2::bigint[], $3::text[], $4::bigint[]) as c(person_id, other_id, cause, event_id)
   on conflict (person_id, other_id) do nothing`,
);
const REMOVE_CANNOT_LINKS = statement(
  'person.remove-cannot-links',
  `delete from person_cannot_links l using unnest($1::bigint[], $2::bigint[]) as c(person_id, other_id)
   where l.person_id = c.person_id and l.other_id = c.other_id`,
);
const PUT_CLUSTERS = statement(
  'person.put-clusters',
  `insert into person_clusters (person_id, cluster_id, version, members, strong_members)
   select c.person_id, c.cluster_id, $5::bigint, c.members::bigint[], c.strong_members::bigint[]
   from unnest($1::bigint[], $2::bigint[], $3::text[], $4::text[]) as c(person_id, cluster_id, members, strong_members)
   on conflict (person_id) do update set cluster_id = excluded.cluster_id, version = excluded.version,
     members = excluded.members, strong_members = excluded.strong_members`,
);
const REMOVE_CLUSTERS = statement(
  'person.remove-clusters',
  'delete from person_clusters where person_id = any($1::bigint[])',
);

/**
 * Takes the one lock under which links change, until the transaction ends. Whoever also needs locks on identifiers
 * takes those first.
 */
export const lockLinks = async (session: Session): Promise<void> => {
  await session.run(LOCK);
};

const pairKey = (left: string, right: string): string =>
  byPersonId(left, right) < 0 ? `${left}|${right}` : `${right}|${left}`;

/**
 * The links around some records: their whole clusters with every edge, cannot-link and national ID in them. Changes
 * are made here first and then saved at once. Only valid while the lock of {@link lockLinks} is held.
 */
export class LinkGraph {
  readonly #ids: readonly string[];
  readonly #edges: Map<string, LinkEdge>;
  readonly #cannotLinks: Map<string, CannotLink>;
  readonly #nationalIds: ReadonlyMap<string, string>;
  readonly #changes: LinkChange[] = [];

  private constructor(
    ids: readonly string[],
    edges: readonly LinkEdge[],
    cannotLinks: readonly CannotLink[],
    nationalIds: ReadonlyMap<string, string>,
  ) {
    this.#ids = ids;
    this.#edges = new Map(edges.map((edge) => [pairKey(edge.left, edge.right), edge]));
    this.#cannotLinks = new Map(cannotLinks.map((pair) => [pairKey(pair.left, pair.right), pair]));
    this.#nationalIds = nationalIds;
  }

  /** Reads the clusters of these records: four statements. */
  static async load(session: Session, personIds: readonly string[]): Promise<LinkGraph> {
    const rows = await session.run<{ members: string[] }>(CLUSTER_MEMBERS, [personIds]);
    const ids = [...new Set([...personIds, ...rows.flatMap(({ members }) => members)])].sort(byPersonId);
    const edges = await session.run<LinkEdge>(EDGES, [ids]);
    const cannotLinks = await session.run<CannotLink>(CANNOT_LINKS, [ids]);
    const held = await session.run<{ person_id: string; national_id_hash: string }>(NATIONAL_IDS, [ids]);
    return new LinkGraph(
      ids,
      edges,
      cannotLinks,
      new Map(held.map((row) => [row.person_id, row.national_id_hash])),
    );
  }

  #clusters(): Cluster[] {
    return clustersOf(this.#ids, [...this.#edges.values()], [...this.#cannotLinks.values()]);
  }

  /** The cluster of a record with the changes made so far. */
  clusterOf(personId: string): Cluster {
    const cluster = this.#clusters().find(({ members }) => members.includes(personId));
    return cluster ?? { members: [personId], strongGroups: [[personId]] };
  }

  /** The edge between two records, if there is one. */
  edge(left: string, right: string): LinkEdge | undefined {
    return this.#edges.get(pairKey(left, right));
  }

  /** Whether the pair was found to be two people. */
  keptApart(left: string, right: string): boolean {
    return this.#cannotLinks.has(pairKey(left, right));
  }

  /** The records a record is directly linked to. */
  neighbours(personId: string): string[] {
    return [...this.#edges.values()]
      .filter(({ left, right }) => left === personId || right === personId)
      .map(({ left, right }) => (left === personId ? right : left));
  }

  /** Whether the cluster of a record holds two different valid national IDs, which must not last. */
  holdsTwoNationalIds(personId: string): boolean {
    return joinObstacle(this.clusterOf(personId).members, [], this.#nationalIds, []) === 'two-national-ids';
  }

  /** Why the clusters of two records may not become one; the pair's own cannot-link counts only when `byRule`. */
  obstacle(left: string, right: string, byRule: boolean) {
    const leftMembers = this.clusterOf(left).members;
    if (leftMembers.includes(right)) return undefined;
    const pairs = [...this.#cannotLinks].filter(([key]) => byRule || key !== pairKey(left, right));
    return joinObstacle(
      leftMembers,
      this.clusterOf(right).members,
      this.#nationalIds,
      pairs.map(([, pair]) => pair),
    );
  }

  /** Makes one change; {@link save} writes it. */
  change(change: LinkChange): void {
    const key = pairKey(change.left, change.right);
    const { left, right } = change;
    if (change.kind === 'linked') this.#edges.set(key, { left, right, grade: change.grade as LinkGrade });
    else if (change.kind === 'unlinked') this.#edges.delete(key);
    else if (change.kind === 'kept-apart') this.#cannotLinks.set(key, { left, right });
    else this.#cannotLinks.delete(key);
    this.#changes.push(change);
  }

  /** Writes the changes, their history and the projections that follow. Gives the new version, or undefined without changes. */
  async save(session: Session, author: LinkAuthor): Promise<string | undefined> {
    if (this.#changes.length === 0) return undefined;
    const at = isoInstant(author.at);
    const ids = await session.run<{ event_id: string }>(EVENT_IDS, [this.#changes.length]);
    // Two rows a change, one at each end.
    const rows = this.#changes.flatMap((change, index) => {
      const eventId = (ids[index] as { event_id: string }).event_id;
      return [
        { ...change, eventId, personId: change.left, otherId: change.right },
        { ...change, eventId, personId: change.right, otherId: change.left },
      ];
    });
    type Row = (typeof rows)[number];
    const column = <Value>(of: readonly Row[], read: (row: Row) => Value) => of.map(read);
    const ends = (of: readonly Row[]) =>
      [column(of, (row) => row.personId), column(of, (row) => row.otherId)] as const;
    const evidence = (row: Row) => row.evidence.join(',');
    await session.run(ADD_EVENTS, [
      column(rows, (row) => row.personId),
      column(rows, (row) => row.eventId),
      column(rows, (row) => row.otherId),
      column(rows, (row) => row.kind),
      column(rows, (row) => row.grade),
      column(rows, (row) => row.cause),
      column(rows, evidence),
      author.actor,
      author.reason,
      at,
    ]);
    const linked = rows.filter((row) => row.kind === 'linked');
    const unlinked = rows.filter((row) => row.kind === 'unlinked');
    const keptApart = rows.filter((row) => row.kind === 'kept-apart');
    const allowed = rows.filter((row) => row.kind === 'allowed');
    if (unlinked.length > 0) await session.run(REMOVE_LINKS, ends(unlinked));
    if (linked.length > 0)
      await session.run(PUT_LINKS, [
        ...ends(linked),
        column(linked, (row) => row.grade),
        column(linked, (row) => row.cause),
        column(linked, evidence),
        column(linked, (row) => row.eventId),
        at,
      ]);
    if (allowed.length > 0) await session.run(REMOVE_CANNOT_LINKS, ends(allowed));
    if (keptApart.length > 0)
      await session.run(PUT_CANNOT_LINKS, [
        ...ends(keptApart),
        column(keptApart, (row) => row.cause),
        column(keptApart, (row) => row.eventId),
        at,
      ]);
    const version = (ids.at(-1) as { event_id: string }).event_id;
    await this.#project(session, version);
    this.#changes.length = 0;
    return version;
  }

  async #project(session: Session, version: string): Promise<void> {
    const clusters = this.#clusters();
    const alone = clusters.filter(({ members }) => members.length === 1).flatMap(({ members }) => members);
    const joined = clusters
      .filter(({ members }) => members.length > 1)
      .flatMap(({ members, strongGroups }) =>
        strongGroups.flatMap((group) =>
          group.map((personId) => ({ personId, clusterId: members[0] as string, members, group })),
        ),
      );
    const arrayText = (ids: readonly string[]) => `{${ids.join(',')}}`;
    if (alone.length > 0) await session.run(REMOVE_CLUSTERS, [alone]);
    if (joined.length > 0)
      await session.run(PUT_CLUSTERS, [
        joined.map(({ personId }) => personId),
        joined.map(({ clusterId }) => clusterId),
        joined.map(({ members }) => arrayText(members)),
        joined.map(({ group }) => arrayText(group)),
        version,
      ]);
  }
}

/** A link or a separation that somebody orders: an institution by its merge message, or a member of staff. */
export interface LinkOrder extends LinkAuthor {
  readonly personId: string;
  readonly otherId: string;
  readonly cause: 'admission' | 'staff';
}

/** What came of it. */
export interface LinkOutcome {
  /** False when it was so already. */
  readonly changed: boolean;
  /** After parting two records: the records by which they still hang together, empty when they are parted. */
  readonly stillConnectedBy: readonly string[];
}

const SAME_RECORD: PersonRefusal = { code: 'PERSON_SAME_RECORD', place: 'otherId', detail: '' };

const OBSTACLE_CODES = {
  'two-national-ids': 'PERSON_TWO_NATIONAL_IDS',
  'kept-apart': 'PERSON_KEPT_APART',
} as const;

/**
 * Declares two source records to be one person, in the caller's transaction. Lifts an earlier separation of this very
 * pair. Nothing moves: results stay under the record they arrived at and appear in the view of the cluster.
 *
 * @returns a refusal, with nothing written, when the union would hold two national IDs or another separated pair
 */
export const mergePersons = async (
  session: Session,
  order: LinkOrder & { readonly grade: LinkGrade },
): Promise<Result<LinkOutcome, PersonRefusal>> => {
  const { personId: left, otherId: right, grade, cause } = order;
  if (left === right) return fail(SAME_RECORD);
  await lockLinks(session);
  const graph = await LinkGraph.load(session, [left, right]);
  const obstacle = graph.obstacle(left, right, false);
  if (obstacle) return fail({ code: OBSTACLE_CODES[obstacle], place: 'otherId', detail: obstacle });
  const change = { left, right, cause, evidence: [cause] };
  if (graph.keptApart(left, right)) graph.change({ ...change, kind: 'allowed', grade: null });
  const existing = graph.edge(left, right);
  if (!existing || (existing.grade === 'weak' && grade === 'strong'))
    graph.change({ ...change, kind: 'linked', grade });
  const version = await graph.save(session, order);
  return ok({ changed: version !== undefined, stillConnectedBy: [] });
};

/**
 * Declares two source records to be two people: removes exactly the link between them, whatever made it, and leaves a
 * cannot-link. When other records still connect them the cluster is in dispute (nothing in it is recognised for another
 * member) until those links are settled too; the outcome names them. Decisions that weighed a report of what is now the
 * other person are marked.
 */
export const unmergePersons = async (
  session: Session,
  order: LinkOrder,
): Promise<Result<LinkOutcome, PersonRefusal>> => {
  const { personId: left, otherId: right, cause } = order;
  if (left === right) return fail(SAME_RECORD);
  await lockLinks(session);
  const graph = await LinkGraph.load(session, [left, right]);
  const change = { left, right, grade: null, cause, evidence: [cause] };
  if (graph.edge(left, right)) graph.change({ ...change, kind: 'unlinked' });
  if (!graph.keptApart(left, right)) graph.change({ ...change, kind: 'kept-apart' });
  const { members } = graph.clusterOf(left);
  const version = await graph.save(session, order);
  const stillConnectedBy = members.includes(right) ? members.filter((id) => id !== left && id !== right) : [];
  if (version !== undefined && !members.includes(right)) {
    const others = graph.clusterOf(right).members;
    await markOfOtherPerson(session, members, others, order.at);
    await markOfOtherPerson(session, others, members, order.at);
  }
  return ok({ changed: version !== undefined, stillConnectedBy });
};
