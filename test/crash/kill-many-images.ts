// `node tools/with-node24.mjs test/crash/kill-many-images.ts 200`: as many kill -9 while images come as one has the patience
// for; the crash suite does a smaller number of the same rounds at every run.
import { killWhileImagesCome, registerDevice } from './image-kills.ts';
import { makeImageLanes } from './image-lanes.ts';
import type { Program } from './program.ts';
import { newSite } from './site.ts';

const DEFAULT_ROUNDS = 200;
const LANES = 4;

const rounds = Number(process.argv[2] ?? DEFAULT_ROUNDS);
if (!Number.isSafeInteger(rounds) || rounds < 1)
  throw new RangeError('the first argument is a number of rounds');

const site = await newSite();
const lanes = makeImageLanes(LANES);
let program: Program | undefined;
try {
  await registerDevice(site);
  const { unacknowledged } = await killWhileImagesCome(site, lanes, rounds, {
    running: (started) => {
      program = started;
    },
    checked: (done) => console.log(`${done} of ${rounds} kills, ${lanes.answeredCount()} answered`),
  });
  console.log(
    `${rounds} kills, ${lanes.answeredCount()} images answered and all of them there whole, ` +
      `${unacknowledged} under way when the end came, ${lanes.refused.length} refused`,
  );
  process.exitCode = lanes.refused.length === 0 && unacknowledged >= rounds ? 0 : 1;
} finally {
  await lanes.stop();
  await program?.kill();
  await site.remove();
}
