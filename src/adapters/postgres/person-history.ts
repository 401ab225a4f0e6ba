import { type Instant, isoInstant } from '../../kernel/instant.ts';
import {
  type CannotLink,
  type Cluster,
  clustersOf,
  type LinkEdge,
  type LinkGrade,
} from '../../person/index.ts';
import { type Session, statement } from './database.ts';

/** One link event at one of its ends. */
export interface LinkEvent {
  readonly eventId: string;
  readonly personId: string;
  readonly otherId: string;
  readonly kind: 'linked' | 'unlinked' | 'kept-apart' | 'allowed';
  readonly grade: LinkGrade | null;
  readonly cause: string;
  readonly evidence: readonly string[];
  readonly actor: string;
  readonly reason: string;
  readonly recordedAt: Instant;
}

const EVENTS = statement(
  'person.link-events',
  `select event_id as "eventId", person_id as "personId", other_id as "otherId", kind, grade, cause, evidence, actor,
     reason, recorded_at as "recordedAt"
   from person_link_events where person_id = any($1::bigint[]) and recorded_at <= $2::timestamptz order by event_id`,
);

const FAR_FUTURE = '9999-12-31T00:00:00Z';

/** Everything that ever happened to the links of one record, oldest first. */
export const linkHistory = (session: Session, personId: string): Promise<LinkEvent[]> =>
  session.run<LinkEvent>(EVENTS, [[personId], FAR_FUTURE]);

/**
 * The cluster in which a record stood at a past moment, rebuilt from the history of links alone: what a reader saw that
 * day.
 */
export const clusterAt = async (session: Session, personId: string, at: Instant): Promise<Cluster> => {
  const edges = new Map<string, LinkEdge>();
  const cannotLinks = new Map<string, CannotLink>();
  const reached = new Set<string>();
  for (let frontier = [personId]; frontier.length > 0; ) {
    for (const id of frontier) reached.add(id);
    for (const event of await session.run<LinkEvent>(EVENTS, [frontier, isoInstant(at)])) {
      // Each event has a row at either end; both say the same, so that the order of reading does not matter.
      const key = [event.personId, event.otherId].sort().join('|');
      const pair = { left: event.personId, right: event.otherId };
      if (event.kind === 'linked') edges.set(key, { ...pair, grade: event.grade as LinkGrade });
      else if (event.kind === 'unlinked') edges.delete(key);
      else if (event.kind === 'kept-apart') cannotLinks.set(key, pair);
      else cannotLinks.delete(key);
    }
    const linked = [...edges.values()].flatMap(({ left, right }) => [left, right]);
    frontier = [...new Set(linked)].filter((id) => !reached.has(id));
  }
  const clusters = clustersOf([...reached], [...edges.values()], [...cannotLinks.values()]);
  return clusters.find(({ members }) => members.includes(personId)) as Cluster;
};
