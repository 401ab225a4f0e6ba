import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lanes, makeLanes } from './lanes.ts';
import { type Program, startProgram } from './program.ts';
import { databaseProcesses, killDatabase, newSite, queryRows, type Site, until } from './site.ts';
import { wrongOf } from './stored.ts';

const LANES = 6;
const ROUNDS = 50;
/** Acknowledgements of a round before its end comes; the end itself comes at once after one, or a moment later. */
const ROUND_MESSAGES = 12;

let site: Site;
let lanes: Lanes;
let program: Program | undefined;

beforeAll(async () => {
  site = await newSite();
  lanes = makeLanes(LANES, site.preparedAt);
});

afterAll(async () => {
  await lanes?.stop();
  await program?.kill();
  await site?.remove();
});

/** Resolves in the turn in which so many more messages have been acknowledged. */
const afterMore = (count: number): Promise<void> => {
  const goal = lanes.acknowledgedCount() + count;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no ${count} acknowledgements in a minute: ${program?.log().slice(-3_000)}`));
    }, 60_000);
    lanes.onAcknowledged = () => {
      if (lanes.acknowledgedCount() < goal) return;
      lanes.onAcknowledged = () => undefined;
      clearTimeout(timer);
      resolve();
    };
  });
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Load until the moment of a round's end: at an acknowledgement, or up to 40 ms after it. */
const loadRound = async (round: number): Promise<Program> => {
  program ??= await startProgram(site);
  lanes.start(program.mllpPort);
  await afterMore(ROUND_MESSAGES + (round % 7));
  if (round % 2 === 1) await pause((round * 13) % 40);
  return program;
};

describe('kill -9 under load', () => {
  it(`of program and database together, ${ROUNDS} times, loses nothing acknowledged and stores nothing twice or by half`, {
    timeout: 600_000,
  }, async () => {
    let unacknowledged = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const running = await loadRound(round);
      // Whichever dies first, the other must not go on to acknowledge what was lost.
      await (round % 2 === 0
        ? Promise.all([running.kill(), killDatabase(site.cluster)])
        : Promise.all([killDatabase(site.cluster), running.kill()]));
      program = undefined;
      await lanes.stop();
      unacknowledged += lanes.sent.filter(({ acknowledged }) => !acknowledged).length;
      if (round % 10 !== 9) continue;
      program = await startProgram(site);
      expect(await wrongOf(site, lanes.sent), `after round ${round}`).toEqual([]);
    }
    // Rounds that never caught a message under way would prove nothing.
    expect(unacknowledged).toBeGreaterThan(ROUNDS);
    expect(lanes.refused).toEqual([]);
  });

  it('of the database alone: the program starts it again and goes on by itself', {
    timeout: 300_000,
  }, async () => {
    const running = await loadRound(0);
    for (let round = 0; round < 6; round++) {
      const [postmaster] = databaseProcesses(site.cluster);
      await killDatabase(site.cluster);
      await until('another database runs', () => {
        const [other] = databaseProcesses(site.cluster);
        return other !== undefined && other !== postmaster;
      });
      await afterMore(ROUND_MESSAGES);
      expect(running.isAlive()).toBe(true);
    }
    await lanes.stop();
    expect(await wrongOf(site, lanes.sent)).toEqual([]);
    expect(lanes.refused).toEqual([]);
  });

  it('of the program alone: the next one takes over the database that was left running, and starts it again when it dies', {
    timeout: 300_000,
  }, async () => {
    for (let round = 0; round < 4; round++) {
      const running = await loadRound(round);
      const [postmaster] = databaseProcesses(site.cluster);
      await running.kill();
      await lanes.stop();
      program = await startProgram(site);
      expect(databaseProcesses(site.cluster)[0], 'the same database').toBe(postmaster);
    }
    lanes.start((program as Program).mllpPort);
    await afterMore(ROUND_MESSAGES);
    await killDatabase(site.cluster);
    await afterMore(ROUND_MESSAGES);
    await lanes.stop();
    expect(await wrongOf(site, lanes.sent)).toEqual([]);
  });

  it('leaves every message accepted once when its sender has repeated what was never acknowledged', async () => {
    program ??= await startProgram(site);
    await lanes.settle(program.mllpPort);
    expect(lanes.sent.filter(({ acknowledged }) => !acknowledged)).toEqual([]);
    expect(await wrongOf(site, lanes.sent)).toEqual([]);
    const [counted] = await queryRows<{ messages: number; results: number; quarantined: number }>(
      site,
      `select (select count(*)::integer from messages) as messages, (select count(*)::integer from results) as results,
         (select count(*)::integer from quarantined_messages) as quarantined`,
    );
    const current = new Map(lanes.sent.map(({ report }) => [report.reportNumber, report.values.length]));
    expect(counted).toEqual({
      messages: lanes.sent.length,
      results: [...current.values()].reduce((sum, count) => sum + count, 0),
      quarantined: 0,
    });
    expect(await program.stop()).toBe(0);
    program = undefined;
    expect(databaseProcesses(site.cluster), 'a clean stop ends the database').toEqual([]);
  });
});
