import { afterAll, beforeAll, expect, it } from 'vitest';
import { killWhileImagesCome, registerDevice } from './image-kills.ts';
import { type ImageLanes, makeImageLanes } from './image-lanes.ts';
import type { Program } from './program.ts';
import { newSite, type Site } from './site.ts';

const LANES = 4;
/** What a machine of the continuous integration has the time for; kill-many-images.ts does any number. */
const ROUNDS = 8;

let site: Site;
let lanes: ImageLanes;
let program: Program | undefined;

beforeAll(async () => {
  site = await newSite();
  await registerDevice(site);
  lanes = makeImageLanes(LANES);
}, 300_000);

afterAll(async () => {
  await lanes?.stop();
  await program?.kill();
  await site?.remove();
});

it(`kill -9 while images come, ${ROUNDS} times: what was answered with success is there, whole, and nothing by half`, {
  timeout: 600_000,
}, async () => {
  const { unacknowledged } = await killWhileImagesCome(site, lanes, ROUNDS, {
    running: (started) => {
      program = started;
    },
  });
  // Rounds that never caught an image under way would prove nothing.
  expect(unacknowledged).toBeGreaterThanOrEqual(ROUNDS);
  expect(lanes.refused).toEqual([]);
});
