import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clustersOf, joinObstacle } from './clusters.ts';

const ids = ['2', '10', '3', '7', '5', '12'];
const pair = fc
  .tuple(fc.constantFrom(...ids), fc.constantFrom(...ids))
  .filter(([left, right]) => left !== right);
const edges = fc.array(
  fc
    .record({ pair, grade: fc.constantFrom('strong' as const, 'weak' as const) })
    .map(({ pair: [left, right], grade }) => ({
      left,
      right,
      grade,
    })),
  { maxLength: 8 },
);
const cannotLinks = fc.array(
  pair.map(([left, right]) => ({ left, right })),
  { maxLength: 3 },
);

describe('clusters', () => {
  it('hold every record exactly once, and every strong group inside its cluster', () => {
    fc.assert(
      fc.property(edges, cannotLinks, (links, apart) => {
        const clusters = clustersOf(ids, links, apart);
        expect(clusters.flatMap(({ members }) => members).toSorted()).toEqual(ids.toSorted());
        for (const { members, strongGroups } of clusters)
          expect(strongGroups.flat().toSorted()).toEqual([...members].toSorted());
      }),
    );
  });

  it('do not depend on the order of links or records', () => {
    fc.assert(
      fc.property(edges, cannotLinks, (links, apart) => {
        const backwards = clustersOf(ids.toReversed(), links.toReversed(), apart.toReversed());
        expect(backwards).toEqual(clustersOf(ids, links, apart));
      }),
    );
  });

  it('in dispute recognise nothing between members', () => {
    const strong = (left: string, right: string) => ({ left, right, grade: 'strong' as const });
    const [cluster] = clustersOf(
      ['1', '2', '3'],
      [strong('1', '2'), strong('2', '3')],
      [{ left: '1', right: '3' }],
    );
    expect(cluster).toEqual({ members: ['1', '2', '3'], strongGroups: [['1'], ['2'], ['3']] });
  });

  it('may not be joined over two national IDs or a pair found to be two people', () => {
    const numbers = new Map([
      ['1', 'a'],
      ['2', 'b'],
      ['3', 'a'],
    ]);
    expect(joinObstacle(['1'], ['2'], numbers, [])).toBe('two-national-ids');
    expect(joinObstacle(['1'], ['3'], numbers, [])).toBeUndefined();
    expect(joinObstacle(['1'], ['3'], numbers, [{ left: '3', right: '1' }])).toBe('kept-apart');
  });
});
