import { isDeepStrictEqual } from 'node:util';
import type { Lanes } from './lanes.ts';
import { type Program, startProgram } from './program.ts';
import { killDatabase, type Site } from './site.ts';
import { wrongOf } from './stored.ts';

/** Acknowledgements of a round before its end comes; the end itself comes at once after one, or a moment later. */
export const ROUND_MESSAGES = 12;
const CHECKED_EVERY_ROUNDS = 10;
const WAIT_MS = 60_000;

/** What so many kills left behind. */
export interface KillOutcome {
  readonly rounds: number;
  /** Messages that were under way when the end came, over all rounds; without any the rounds prove nothing. */
  readonly unacknowledged: number;
}

/** Who follows the rounds. */
export interface KillFollower {
  /** Told of the program of each round, so that it can be ended when something throws. */
  readonly running: (program: Program | undefined) => void;
  /** Told how many rounds were found whole so far. */
  readonly checked?: (rounds: number) => void;
}

/** Resolves in the turn in which so many more messages have been acknowledged. @throws with the program's log */
export const afterMore = (lanes: Lanes, count: number, log: () => string): Promise<void> => {
  const goal = lanes.acknowledgedCount() + count;
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`no ${count} acknowledgements in ${WAIT_MS} ms: ${log().slice(-3_000)}`));
    }, WAIT_MS);
    lanes.onAcknowledged = () => {
      if (lanes.acknowledgedCount() < goal) return;
      lanes.onAcknowledged = () => undefined;
      clearTimeout(timer);
      resolve();
    };
  });
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Load until the moment of a round's end: in the turn of an acknowledgement, or up to 40 ms after it. */
export const loadRound = async (program: Program, lanes: Lanes, round: number): Promise<void> => {
  lanes.start(program.mllpPort);
  await afterMore(lanes, ROUND_MESSAGES + (round % 7), program.log);
  if (round % 2 === 1) await pause((round * 13) % 40);
};

/**
 * Kills program and database together, so many times, under load, and compares what is stored with what was acknowledged
 * after every tenth round and the last.
 *
 * @throws with what is lost, doubled or stored by half, and after which round
 */
export const killRounds = async (
  site: Site,
  lanes: Lanes,
  rounds: number,
  { running, checked }: KillFollower,
): Promise<KillOutcome> => {
  let unacknowledged = 0;
  let program: Program | undefined;
  for (let round = 0; round < rounds; round++) {
    const killed = program ?? (await startProgram(site));
    running(killed);
    await loadRound(killed, lanes, round);
    // Whichever dies first, the other must not go on to acknowledge what was lost.
    await (round % 2 === 0
      ? Promise.all([killed.kill(), killDatabase(site.cluster)])
      : Promise.all([killDatabase(site.cluster), killed.kill()]));
    program = undefined;
    running(undefined);
    await lanes.stop();
    unacknowledged += lanes.sent.filter(({ acknowledged }) => !acknowledged).length;
    if (round % CHECKED_EVERY_ROUNDS !== CHECKED_EVERY_ROUNDS - 1 && round !== rounds - 1) continue;
    program = await startProgram(site);
    running(program);
    const wrong = await wrongOf(site, lanes.sent);
    if (!isDeepStrictEqual(wrong, [])) throw new Error(`after round ${round}: ${JSON.stringify(wrong)}`);
    checked?.(round + 1);
  }
  return { rounds, unacknowledged };
};
