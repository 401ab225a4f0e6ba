import { createHash } from 'node:crypto';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { browserMissing, openPage } from './browser.ts';
import { STUDIES } from './example-studies.ts';
import { heldValues, ROOM } from './held-values.ts';
import { type ViewerBench, viewerBench } from './viewer-bench.ts';

// What is drawn from a view copy is what is drawn from the original, to the last value.

let bench: ViewerBench;
let { server, studies, browser, session } = {} as ViewerBench;
beforeAll(async () => {
  if (browserMissing) return;
  bench = await viewerBench();
  ({ server, studies, browser, session } = bench);
});
afterAll(() => bench?.stop());
beforeEach(({ skip }) => {
  if (browserMissing) skip(browserMissing);
});

/** A busy machine draws slowly. */
const PATIENCE = { timeout: 60_000 };

const open = async (
  study: keyof typeof STUDIES,
  copies?: { readonly served: Set<string> },
): Promise<{ page: Page; context: BrowserContext }> => {
  const { page, context } = await openPage(browser, 'desk', { storageState: session });
  await studies.serve(page, copies ? { copies } : {});
  await page.goto(`${server.url}/studies/${STUDIES[study]}/view`);
  await page.locator('.pane[data-drawn=true]').first().waitFor(PATIENCE);
  return { page, context };
};

it('every slice of a CT has the values of its original', async () => {
  const copies = { served: new Set<string>() };
  const { page, context } = await open('today', copies);
  const frames = studies.frames('today');
  for (const { imageId, bytes } of frames) {
    const words = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    // HU: the studies of the example have a slope of 1 and an intercept of -1024.
    const expected = createHash('sha256')
      .update(new Uint8Array(Int32Array.from(words, (word) => word - 1024).buffer))
      .digest('hex');
    await expect.poll(() => heldValues(page, imageId), PATIENCE).toBe(expected);
  }
  expect(copies.served.size).toBe(frames.length);
  await context.close();
});

it('a colour clip is drawn as from its original, and originals are shown where there is no copy', async () => {
  const copies = { served: new Set<string>() };
  const shots: Buffer[] = [];
  for (const from of [copies, undefined]) {
    const { page, context } = await open('clip', from);
    await expect.poll(() => page.locator('.top-right b').innerText(), PATIENCE).toContain('1');
    shots.push(await page.locator('.canvas canvas').first().screenshot());
    await context.close();
  }
  expect(copies.served.size).toBeGreaterThan(0);
  expect(Buffer.compare(shots[0] as Buffer, shots[1] as Buffer)).toBe(0);
});

it('the slice it opens with is there in its own pixels before the code that draws', async () => {
  const { page, context } = await openPage(browser, 'desk', { storageState: session });
  await studies.serve(page, { copies: { served: new Set<string>() } });
  let go: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    go = resolve;
  });
  await page.route(`**/assets/app/${ROOM}`, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(`${server.url}/studies/${STUDIES.today}/view`);
  const first = page.locator('.preview canvas');
  await first.waitFor(PATIENCE);
  await page.getByText('正在载入阅片工具…').waitFor();
  const shown = (await page.evaluate(`(() => {
    const canvas = document.querySelector('.preview canvas');
    return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data].filter((_, at) => at % 4 === 0);
  })()`)) as number[];
  const expected = studies.frames('today').map(({ bytes }) => {
    const words = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    // In the window of the lung, -600 and 1500.
    return Array.from(words, (word) => Math.min(255, Math.max(0, ((word - 1024 + 1350) * 255) / 1500)));
  });
  const differs = (one: readonly number[]) =>
    one.some((value, at) => Math.abs(value - (shown[at] as number)) > 0.51);
  expect(expected.filter((one) => !differs(one))).toHaveLength(1);
  go();
  await page.locator('.pane[data-drawn=true]').waitFor(PATIENCE);
  expect(await first.count()).toBe(0);
  await context.close();
});
