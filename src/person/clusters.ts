import type { LinkGrade } from './match.ts';

/** A live link between two source records. Undirected. */
export interface LinkEdge {
  readonly left: string;
  readonly right: string;
  readonly grade: LinkGrade;
}

/** Two source records that were found to be two people. Undirected. */
export interface CannotLink {
  readonly left: string;
  readonly right: string;
}

/** One cluster: a person as far as the index knows, from the source records joined by live links. */
export interface Cluster {
  /** Ascending by number. */
  readonly members: readonly string[];
  /** The groups within which results may be recognised; every member is in exactly one. */
  readonly strongGroups: readonly (readonly string[])[];
}

/**
 * How sure the index is that a member's results are the asking person's: his own source record, reached over strong
 * links alone, or over a weak one (or asked for by an identifier that name and birth date do not confirm).
 */
export type MemberGrade = 'same-record' | 'strong' | 'weak';

/** A source record in the view of one asking person. */
export interface ClusterMember {
  readonly personId: string;
  readonly grade: MemberGrade;
}

/** Orders person ids by number; they are bigint keys in decimal. */
export const byPersonId = (left: string, right: string): number =>
  left.length - right.length || (left < right ? -1 : left > right ? 1 : 0);

const components = (
  ids: readonly string[],
  edges: readonly { readonly left: string; readonly right: string }[],
) => {
  const parent = new Map(ids.map((id) => [id, id]));
  const rootOf = (id: string): string => {
    let root = id;
    while (parent.get(root) !== root) root = parent.get(root) as string;
    for (let step = id; step !== root; ) {
      const next = parent.get(step) as string;
      parent.set(step, root);
      step = next;
    }
    return root;
  };
  for (const { left, right } of edges)
    if (parent.has(left) && parent.has(right)) parent.set(rootOf(left), rootOf(right));
  const groups = new Map<string, string[]>();
  for (const id of [...ids].sort(byPersonId)) {
    const root = rootOf(id);
    const group = groups.get(root);
    if (group) group.push(id);
    else groups.set(root, [id]);
  }
  return [...groups.values()];
};

/**
 * The clusters of a set of source records: connected components of the live links, and within each the components of
 * its strong links. A cluster that holds a pair found to be two people is in dispute: until somebody unlinks the rest
 * of the path, no member's results are recognised for another.
 */
export const clustersOf = (
  ids: readonly string[],
  edges: readonly LinkEdge[],
  cannotLinks: readonly CannotLink[],
): Cluster[] => {
  const groups = components(ids, edges);
  const clusterOf = new Map(groups.flatMap((members, index) => members.map((id) => [id, index] as const)));
  const disputed = new Set<number>();
  for (const { left, right } of cannotLinks) {
    const index = clusterOf.get(left);
    if (index !== undefined && index === clusterOf.get(right)) disputed.add(index);
  }
  const strongGroups: (readonly string[])[][] = groups.map(() => []);
  const strongEdges = edges.filter(
    ({ left, grade }) => grade === 'strong' && !disputed.has(clusterOf.get(left) as number),
  );
  for (const group of components(ids, strongEdges))
    strongGroups[clusterOf.get(group[0] as string) as number]?.push(group);
  return groups.map((members, index) => ({ members, strongGroups: strongGroups[index] as string[][] }));
};

/** Why two clusters may not become one. */
export type JoinObstacle = 'two-national-ids' | 'kept-apart';

/**
 * Whether two clusters may be joined. They never may when the union would hold two different valid national IDs; and
 * not over a pair that was found to be two people, unless it is the very pair a person now declares to be one.
 *
 * @param nationalIds keyed hash of the valid national ID by person id, where there is one
 */
export const joinObstacle = (
  left: readonly string[],
  right: readonly string[],
  nationalIds: ReadonlyMap<string, string>,
  cannotLinks: readonly CannotLink[],
): JoinObstacle | undefined => {
  const held = new Set(
    [...left, ...right].map((id) => nationalIds.get(id)).filter((hash) => hash !== undefined),
  );
  if (held.size > 1) return 'two-national-ids';
  const inLeft = new Set(left);
  const inRight = new Set(right);
  const across = cannotLinks.some(
    (pair) =>
      (inLeft.has(pair.left) && inRight.has(pair.right)) ||
      (inLeft.has(pair.right) && inRight.has(pair.left)),
  );
  return across ? 'kept-apart' : undefined;
};
