import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lanes, makeLanes } from './lanes.ts';
import { type CheckAnswer, checkOrder, dishonesty } from './order-checks.ts';
import { type Program, startProgram } from './program.ts';
import { newSite, queryRows, signalDatabase, type Site, until } from './site.ts';
import { wrongOf } from './stored.ts';

const LANES = 4;

let site: Site;
let lanes: Lanes;
let program: Program;

beforeAll(async () => {
  site = await newSite();
  lanes = makeLanes(LANES, site.preparedAt);
  program = await startProgram(site);
  lanes.start(program.mllpPort);
  await until('a few messages are stored', () => lanes.acknowledgedCount() >= 2 * LANES);
});

afterAll(async () => {
  if (site) signalDatabase(site.cluster, 'SIGCONT');
  await lanes?.stop();
  await program?.kill();
  await site?.remove();
});

/** The first person of the first lane, whose first report is stored. */
const PERSON = 0;

const isChecked = ({ httpStatus, status }: CheckAnswer): boolean =>
  httpStatus === 200 && status === 'checked';

const expectRecovered = async (): Promise<void> => {
  const acknowledged = lanes.acknowledgedCount();
  await until('messages are stored again', () => lanes.acknowledgedCount() > acknowledged + 2 * LANES);
  await until('orders are checked again', async () => isChecked(await checkOrder(program.url, site, PERSON)));
  expect(program.isAlive()).toBe(true);
  expect(lanes.refused).toEqual([]);
};

describe('A lost database connection', () => {
  it('is answered with the known results before anything is lost', async () => {
    const answer = await checkOrder(program.url, site, PERSON);
    expect(isChecked(answer)).toBe(true);
    expect(answer.text).not.toContain('"nothing-found"');
  });

  it('ten times over, for every connection at once, is never "nothing found" and is mended by itself', async () => {
    let ended = 0;
    for (let round = 0; round < 10; round++) {
      const checks = Array.from({ length: 4 }, () => checkOrder(program.url, site, PERSON));
      ended += (
        await queryRows(
          site,
          `select pg_terminate_backend(pid) from pg_stat_activity
           where application_name = 'huren' and pid <> pg_backend_pid()`,
        )
      ).length;
      for (const answer of await Promise.all(checks)) expect(dishonesty(answer)).toBeUndefined();
      await expectRecovered();
    }
    expect(ended).toBeGreaterThan(20);
  });

  it('to a database that stands still is "not checked" within the deadline, and goes on when it wakes', async () => {
    signalDatabase(site.cluster, 'SIGSTOP');
    const acknowledged = lanes.acknowledgedCount();
    const answers = await Promise.all([
      checkOrder(program.url, site, PERSON),
      checkOrder(program.url, site, PERSON),
    ]);
    for (const { httpStatus, code } of answers)
      expect([httpStatus, code]).toEqual([503, 'ORDER_NOT_CHECKED']);
    const ready = await fetch(`${program.url}/readyz`);
    expect(ready.status).toBe(503);
    expect((await fetch(`${program.url}/healthz`)).status).toBe(200);
    // Only what had been committed before the stop may have been acknowledged since.
    expect(lanes.acknowledgedCount() - acknowledged).toBeLessThanOrEqual(LANES);
    signalDatabase(site.cluster, 'SIGCONT');
    await expectRecovered();
  });

  it('leaves every acknowledged message once, and accepts the others when they are repeated', async () => {
    await lanes.stop();
    await lanes.settle(program.mllpPort);
    expect(await wrongOf(site, lanes.sent)).toEqual([]);
    expect(lanes.sent.every(({ acknowledged }) => acknowledged)).toBe(true);
    expect(lanes.notStored() + lanes.sent.filter(({ attempts }) => attempts > 1).length).toBeGreaterThan(0);
    expect(program.log()).not.toMatch(/unhandled|uncaught/i);
    expect(await program.stop()).toBe(0);
  });
});
