import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { keyRing } from '../../src/adapters/keys/key-ring.ts';
import { statement } from '../../src/adapters/postgres/database.ts';
import { clusterAt, linkHistory } from '../../src/adapters/postgres/person-history.ts';
import { resolvePerson } from '../../src/adapters/postgres/person-index.ts';
import { mergePersons, unmergePersons } from '../../src/adapters/postgres/person-links.ts';
import { instant } from '../../src/kernel/instant.ts';
import { uuidV7 } from '../../src/kernel/uuid.ts';
import {
  byPersonId,
  type CannotLink,
  type Cluster,
  clustersOf,
  joinObstacle,
  type LinkEdge,
  type LinkGrade,
} from '../../src/person/index.ts';
import { testDatabase } from './database.ts';
import { patient, record, residentNumber } from './person-fixtures.ts';

const keys = keyRing({ hashingKey: randomBytes(32), sealingKeys: [{ id: 'k1', key: randomBytes(32) }] });
const AT = Date.UTC(2026, 10, 23);
const PERSONS = 8;

const CLUSTERS = statement(
  'test.clusters',
  'select person_id, members, strong_members from person_clusters where person_id = any($1::bigint[])',
);
const EDGES = statement(
  'test.edges',
  'select person_id, other_id, grade from person_links where person_id = any($1::bigint[]) order by 1, 2',
);
const NATIONAL_IDS = statement(
  'test.national-ids',
  'select person_id, national_id_hash from persons where national_id_hash is not null',
);

let lab: Awaited<ReturnType<typeof testDatabase>>;
let series = 0;

beforeAll(async () => {
  lab = await testDatabase();
});

afterAll(() => lab.drop());

/** Some fresh persons that no rule links: names apart; the first two hold different national IDs. */
const freshPersons = async (): Promise<string[]> => {
  series++;
  const ids: string[] = [];
  for (let index = 0; index < PERSONS; index++) {
    const stated = patient({
      identifiers: [
        record('H1', `S${series}-${index}`),
        ...(index < 2 ? [residentNumber(series * 2 + index, '1970-01-01')] : []),
      ],
      name: null,
      birthDate: null,
    });
    const resolved = await lab.database.transaction((session) =>
      resolvePerson(session, keys, stated, {
        issuer: 'H1',
        at: instant(AT),
        basis: 'report',
        newPublicId: () => uuidV7(instant(AT), 1, randomBytes(8)),
        sourceRef: 'test',
      }),
    );
    if (!resolved.ok) throw new Error(resolved.reason.code);
    ids.push(resolved.value.personId);
  }
  return ids;
};

/** An order to merge or part two of the persons, by their place in the list. */
interface Step {
  readonly kind: 'merge' | 'unmerge';
  readonly left: number;
  readonly right: number;
  readonly grade: LinkGrade;
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.constantFrom('merge', 'merge', 'unmerge'),
  left: fc.nat(PERSONS - 1),
  right: fc.nat(PERSONS - 1),
  grade: fc.constantFrom('strong', 'weak'),
});

/** What the index should hold, as sets of pairs; the reference that knows no database. */
class Model {
  readonly edges = new Map<string, LinkEdge>();
  readonly cannotLinks = new Map<string, CannotLink>();
  readonly ids: readonly string[];
  readonly nationalIds: ReadonlyMap<string, string>;

  constructor(ids: readonly string[]) {
    this.ids = ids;
    this.nationalIds = new Map(ids.slice(0, 2).map((id) => [id, `number of ${id}`]));
  }

  clusters(): Cluster[] {
    return clustersOf(this.ids, [...this.edges.values()], [...this.cannotLinks.values()]);
  }

  apply({ kind, left: leftIndex, right: rightIndex, grade }: Step): void {
    const left = this.ids[leftIndex] as string;
    const right = this.ids[rightIndex] as string;
    if (left === right) return;
    const key = [left, right].sort().join('|');
    if (kind === 'unmerge') {
      this.edges.delete(key);
      this.cannotLinks.set(key, { left, right });
      return;
    }
    const membersOf = (id: string) =>
      this.clusters().find(({ members }) => members.includes(id))?.members ?? [];
    const others = [...this.cannotLinks].filter(([other]) => other !== key).map(([, pair]) => pair);
    const together = membersOf(left).includes(right);
    if (!together && joinObstacle(membersOf(left), membersOf(right), this.nationalIds, others)) return;
    this.cannotLinks.delete(key);
    if (this.edges.get(key)?.grade !== 'strong') this.edges.set(key, { left, right, grade });
  }
}

const perform = ({ kind, left, right, grade }: Step, ids: readonly string[], at: number) =>
  lab.database.transaction((session) => {
    const order = {
      personId: ids[left] as string,
      otherId: ids[right] as string,
      cause: 'staff' as const,
      actor: 'test',
      reason: 'test',
      at: instant(at),
    };
    return kind === 'merge' ? mergePersons(session, { ...order, grade }) : unmergePersons(session, order);
  });

/** The clusters as readers see them, in the form of the pure function. */
const storedClusters = async (ids: readonly string[]): Promise<Cluster[]> => {
  const rows = await lab.database.run<{ person_id: string; members: string[]; strong_members: string[] }>(
    CLUSTERS,
    [ids],
  );
  const byPerson = new Map(rows.map((row) => [row.person_id, row]));
  const clusters = new Map<string, Cluster>();
  for (const id of [...ids].sort(byPersonId)) {
    const members = byPerson.get(id)?.members ?? [id];
    const group = byPerson.get(id)?.strong_members ?? [id];
    const cluster = clusters.get(members.join());
    if (!cluster) clusters.set(members.join(), { members, strongGroups: [group] });
    else if (!cluster.strongGroups.some((known) => known.join() === group.join()))
      clusters.set(members.join(), { members, strongGroups: [...cluster.strongGroups, group] });
  }
  return [...clusters.values()];
};

const expectNoClusterWithTwoNationalIds = async (ids: readonly string[]) => {
  const rows = await lab.database.run<{ person_id: string; national_id_hash: string }>(NATIONAL_IDS);
  const hashOf = new Map(rows.map((row) => [row.person_id, row.national_id_hash]));
  for (const { members } of await storedClusters(ids)) {
    const held = new Set(members.map((id) => hashOf.get(id)).filter((hash) => hash !== undefined));
    expect(held.size).toBeLessThanOrEqual(1);
  }
};

describe('merge and unmerge', () => {
  it('follow the pure model step by step, whatever the order, and the history tells every past moment', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), async (steps) => {
        const ids = await freshPersons();
        const model = new Model(ids);
        const past: Cluster[][] = [];
        for (const [index, one] of steps.entries()) {
          await perform(one, ids, AT + (index + 1) * 1000);
          model.apply(one);
          expect(await storedClusters(ids)).toEqual(model.clusters());
          past.push(model.clusters());
        }
        for (const [index, clusters] of past.entries())
          for (const id of ids)
            expect(await clusterAt(lab.database, id, instant(AT + (index + 1) * 1000 + 1))).toEqual(
              clusters.find(({ members }) => members.includes(id)),
            );
      }),
      { numRuns: 12 },
    );
  });

  it('are exact inverses when nothing else linked the pair', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 8 }),
        fc.nat(PERSONS - 1),
        fc.nat(PERSONS - 1),
        async (before, left, right) => {
          const ids = await freshPersons();
          const model = new Model(ids);
          for (const one of before) {
            await perform(one, ids, AT);
            model.apply(one);
          }
          fc.pre(
            left !== right &&
              !model.edges.has(
                [ids[left], ids[right]]
                  .sort((one, other) => ((one ?? '') < (other ?? '') ? -1 : 1))
                  .join('|'),
              ),
          );
          const edges = await lab.database.run(EDGES, [ids]);
          await perform({ kind: 'merge', left, right, grade: 'strong' }, ids, AT);
          await perform({ kind: 'unmerge', left, right, grade: 'strong' }, ids, AT);
          expect(await lab.database.run(EDGES, [ids])).toEqual(edges);
        },
      ),
      { numRuns: 12 },
    );
  });

  it('that overlap and run at once end where their history says, never with two national IDs in one cluster', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 6, maxLength: 16 }), async (steps) => {
        const ids = await freshPersons();
        await Promise.all(steps.map((one) => perform(one, ids, AT)));
        await expectNoClusterWithTwoNationalIds(ids);
        const stored = await storedClusters(ids);
        for (const id of ids)
          expect(await clusterAt(lab.database, id, instant(AT + 1))).toEqual(
            stored.find(({ members }) => members.includes(id)),
          );
        const edges = await lab.database.run<{ person_id: string; other_id: string; grade: LinkGrade }>(
          EDGES,
          [ids],
        );
        const asEdges = edges.map(({ person_id, other_id, grade }) => ({
          left: person_id,
          right: other_id,
          grade,
        }));
        expect(
          asEdges.every((edge) =>
            edges.some((back) => back.person_id === edge.right && back.other_id === edge.left),
          ),
        ).toBe(true);
      }),
      { numRuns: 12 },
    );
  });

  it('run at once on pairs of their own give what running them one after the other gives', async () => {
    const ids = await freshPersons();
    const model = new Model(ids);
    const steps: Step[] = [
      { kind: 'merge', left: 0, right: 2, grade: 'strong' },
      { kind: 'merge', left: 2, right: 3, grade: 'weak' },
      { kind: 'merge', left: 3, right: 4, grade: 'strong' },
      { kind: 'merge', left: 4, right: 5, grade: 'strong' },
      { kind: 'merge', left: 5, right: 6, grade: 'weak' },
      { kind: 'merge', left: 6, right: 7, grade: 'strong' },
    ];
    await Promise.all(steps.map((one) => perform(one, ids, AT)));
    for (const one of steps) model.apply(one);
    expect(await storedClusters(ids)).toEqual(model.clusters());
    await Promise.all(steps.map((one) => perform({ ...one, kind: 'unmerge' }, ids, AT)));
    expect(await storedClusters(ids)).toEqual(new Model(ids).clusters());
  });

  it('refuse the union of two different valid national IDs', async () => {
    const ids = await freshPersons();
    await perform({ kind: 'merge', left: 0, right: 2, grade: 'strong' }, ids, AT);
    const refused = await perform({ kind: 'merge', left: 2, right: 1, grade: 'strong' }, ids, AT);
    expect(refused).toMatchObject({ ok: false, reason: { code: 'PERSON_TWO_NATIONAL_IDS' } });
  });

  it('say by whom two records still hang together after they were parted, and recognise nothing there', async () => {
    const ids = await freshPersons();
    await perform({ kind: 'merge', left: 2, right: 3, grade: 'strong' }, ids, AT);
    await perform({ kind: 'merge', left: 3, right: 4, grade: 'strong' }, ids, AT);
    await perform({ kind: 'merge', left: 2, right: 4, grade: 'strong' }, ids, AT);
    const parted = await perform({ kind: 'unmerge', left: 2, right: 4, grade: 'strong' }, ids, AT);
    expect(parted).toMatchObject({ ok: true, value: { changed: true, stillConnectedBy: [ids[3]] } });
    const cluster = (await storedClusters(ids)).find(({ members }) => members.includes(ids[2] as string));
    expect(cluster?.strongGroups).toEqual([[ids[2]], [ids[3]], [ids[4]]]);
  });

  it('keep every event for ever, with who did it and why', async () => {
    const ids = await freshPersons();
    await perform({ kind: 'merge', left: 2, right: 3, grade: 'weak' }, ids, AT);
    await perform({ kind: 'unmerge', left: 2, right: 3, grade: 'weak' }, ids, AT);
    await perform({ kind: 'merge', left: 3, right: 2, grade: 'weak' }, ids, AT);
    const history = await linkHistory(lab.database, ids[2] as string);
    expect(history.map(({ kind }) => kind)).toEqual([
      'linked',
      'unlinked',
      'kept-apart',
      'allowed',
      'linked',
    ]);
    expect(history.every(({ actor, reason }) => actor === 'test' && reason === 'test')).toBe(true);
  });
});
