import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Session, statement } from '../../src/adapters/postgres/database.ts';
import { publishLists } from '../../src/adapters/postgres/lists.ts';
import { drainBucket, type Handled, hasWaiting, OUTBOX_BUCKETS } from '../../src/adapters/postgres/outbox.ts';
import { demonstrationLists } from '../../src/apps/demonstration/lists.ts';
import { drainOutbox, startWorker } from '../../src/apps/worker/worker.ts';
import { instant } from '../../src/kernel/instant.ts';
import type { CodeMap } from '../../src/catalogue/index.ts';
import type { ListDocument } from '../../src/recognition/index.ts';
import { type RegionBench, regionBench } from './region-bench.ts';

let bench: RegionBench;

beforeAll(async () => {
  bench = await regionBench();
});

afterAll(() => bench.drop());

const number = async (name: string, text: string): Promise<number> => {
  const [row] = await bench.opened.database.run<{ n: number }>(statement(`test.${name}`, text));
  return row?.n ?? -1;
};

const until = async (wanted: () => Promise<boolean>): Promise<void> => {
  for (let turn = 0; turn < 400 && !(await wanted()); turn++)
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
};

describe('the worker', () => {
  it('takes what waits off the queue once, and nothing when its handler fails', async () => {
    const { database } = bench.opened;
    const waiting = await number('waiting', 'select count(*)::integer as n from outbox');
    expect(waiting).toBeGreaterThan(0);
    const failing = async (_session: Session): Promise<Handled> => {
      throw new Error('the handler fails');
    };
    for (let bucket = 0; bucket < OUTBOX_BUCKETS; bucket++)
      await drainBucket(database, bucket, 500, failing).catch(() => undefined);
    expect(await number('still-waiting', 'select count(*)::integer as n from outbox')).toBe(waiting);
    const drained = async (dependencies: typeof bench.dependencies): Promise<number> => {
      let handled = 0;
      for (let turn = await drainOutbox(dependencies); turn > 0; turn = await drainOutbox(dependencies))
        handled += turn;
      return handled;
    };
    // What was corrected or withdrawn waits until every check of that moment is kept, and then goes too.
    const early = await drained(bench.dependencies);
    expect(early).toBeLessThan(waiting);
    const { clock } = bench.dependencies;
    const late = await drained({ ...bench.dependencies, clock: () => instant(clock() + 60_000) });
    expect(early + late).toBe(waiting);
    expect(await hasWaiting(database)).toBe(false);
  });

  it('gives a waiting result its item soon after the code map that knows it is published', async () => {
    const { database } = bench.opened;
    const unmapped = 'select count(*)::integer as n from results where item_id is null';
    const before = await number('unmapped-before', unmapped);
    expect(before).toBeGreaterThan(0);
    const [code] = await database.run<{ local_code: string }>(
      statement(
        'test.unmapped-code',
        'select local_code from results where item_id is null order by local_code limit 1',
      ),
    );
    const known = demonstrationLists(bench.now).find(
      ({ kind, content }) => kind === 'code-map' && (content as CodeMap).institution === 'QL-TCM',
    ) as ListDocument<'code-map'>;
    const errors: unknown[] = [];
    const worker = startWorker(bench.dependencies, (error) => errors.push(error));
    try {
      await publishLists(
        database,
        [
          {
            ...known,
            version: 'with-one-more',
            effectiveFrom: '2026-11-01',
            content: {
              ...known.content,
              entries: [
                ...known.content.entries,
                { localCode: code?.local_code ?? '', localNameZh: '胆碱酯酶', item: 'LC-CHE' as never },
              ],
            },
          },
        ],
        { by: 'test', at: bench.now, reason: 'test' },
      );
      await until(async () => (await number('unmapped-after', unmapped)) < before);
    } finally {
      await worker.stop();
    }
    expect(errors).toEqual([]);
    expect(await number('unmapped-at-last', unmapped)).toBeLessThan(before);
  });
});
