import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { afterMore, killRounds, loadRound, ROUND_MESSAGES } from './kill-rounds.ts';
import { type Lanes, makeLanes } from './lanes.ts';
import { type Program, startProgram } from './program.ts';
import { databaseProcesses, killDatabase, newSite, queryRows, type Site, until } from './site.ts';
import { wrongOf } from './stored.ts';

const LANES = 6;
/** What a machine of the continuous integration has the time for; kill-many.ts does any number. */
const ROUNDS = 30;

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

/** The program, started where none runs, under load until the moment of a round's end. */
const loaded = async (round: number): Promise<Program> => {
  program ??= await startProgram(site);
  await loadRound(program, lanes, round);
  return program;
};

describe('kill -9 under load', () => {
  it(`of program and database together, ${ROUNDS} times, loses nothing acknowledged and stores nothing twice or by half`, {
    timeout: 1_200_000,
  }, async () => {
    const { unacknowledged } = await killRounds(site, lanes, ROUNDS, {
      running: (started) => {
        program = started;
      },
    });
    // Rounds that never caught a message under way would prove nothing.
    expect(unacknowledged).toBeGreaterThan(ROUNDS);
    expect(lanes.refused).toEqual([]);
  });

  it('of the database alone: the program starts it again and goes on by itself', {
    timeout: 300_000,
  }, async () => {
    const running = await loaded(0);
    for (let round = 0; round < 6; round++) {
      const [postmaster] = databaseProcesses(site.cluster);
      await killDatabase(site.cluster);
      await until('another database runs', () => {
        const [other] = databaseProcesses(site.cluster);
        return other !== undefined && other !== postmaster;
      });
      await afterMore(lanes, ROUND_MESSAGES, running.log);
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
      const running = await loaded(round);
      const [postmaster] = databaseProcesses(site.cluster);
      await running.kill();
      await lanes.stop();
      program = await startProgram(site);
      expect(databaseProcesses(site.cluster)[0], 'the same database').toBe(postmaster);
    }
    const { mllpPort, log } = program as Program;
    lanes.start(mllpPort);
    await afterMore(lanes, ROUND_MESSAGES, log);
    await killDatabase(site.cluster);
    await afterMore(lanes, ROUND_MESSAGES, log);
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
