// `node tools/with-node24.mjs test/crash/kill-many.ts 200`: as many kill -9 under load as one has the patience for; the
// crash suite does a smaller number of the same rounds at every run.
import { killRounds } from './kill-rounds.ts';
import { makeLanes } from './lanes.ts';
import type { Program } from './program.ts';
import { newSite } from './site.ts';

const DEFAULT_ROUNDS = 200;
const LANES = 6;

const rounds = Number(process.argv[2] ?? DEFAULT_ROUNDS);
if (!Number.isSafeInteger(rounds) || rounds < 1)
  throw new RangeError('the first argument is a number of rounds');

const site = await newSite();
const lanes = makeLanes(LANES, site.preparedAt);
let program: Program | undefined;
try {
  const { unacknowledged } = await killRounds(site, lanes, rounds, {
    running: (started) => {
      program = started;
    },
    checked: (done) => console.log(`${done} of ${rounds} kills, ${lanes.acknowledgedCount()} acknowledged`),
  });
  console.log(
    `${rounds} kills, ${lanes.acknowledgedCount()} messages acknowledged and all of them there once, ` +
      `${unacknowledged} under way when the end came, ${lanes.refused.length} refused`,
  );
  process.exitCode = lanes.refused.length === 0 && unacknowledged > rounds ? 0 : 1;
} finally {
  await lanes.stop();
  await program?.kill();
  await site.remove();
}
