import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { type HttpServer, startHttpServer } from '../../src/apps/server/server.ts';
import { DOCTOR, type RunningServer, runningServer } from '../system/http-server.ts';
import { browserMissing, openBrowser, openPage } from './browser.ts';
import { type ExampleStudies, exampleStudies, STUDIES } from './example-studies.ts';

// What is drawn from a view copy is what is drawn from the original, to the last value.

let running: RunningServer;
let server: HttpServer;
let studies: ExampleStudies;
let browser: Browser;
let session: Awaited<ReturnType<BrowserContext['storageState']>>;

beforeAll(async () => {
  if (browserMissing) return;
  running = await runningServer();
  await running.addStaff({});
  studies = exampleStudies();
  server = await startHttpServer(
    { ...running.dependencies, studies: studies.viewing },
    { host: '127.0.0.1', port: 0 },
  );
  browser = await openBrowser({ drawing: true });
  const { page, context } = await openPage(browser, 'desk');
  await page.goto(`${server.url}/`);
  await page.getByLabel('登录名').fill(DOCTOR.login);
  await page.getByLabel('密码').fill(DOCTOR.password);
  await page.getByRole('button', { name: '登录' }).click();
  await page.getByRole('heading', { name: '找患者' }).waitFor();
  session = await context.storageState();
  await context.close();
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await running?.stop();
});
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

const { file: ROOM } = (
  JSON.parse(readFileSync('dist/web/manifest.json', 'utf8')) as Record<string, { file: string }>
)['viewer/room.ts'] ?? { file: '' };

/** SHA-256 over the values of a picture as the viewer holds them, each as a 32-bit number; null while it is not there. */
const heldValues = (page: Page, imageId: string): Promise<string | null> =>
  page.evaluate(
    `(async () => {
      const { pixelsOf } = await import('/assets/app/${ROOM}');
      const pixels = pixelsOf(${JSON.stringify(imageId)});
      if (pixels === null) return null;
      const digest = await crypto.subtle.digest('SHA-256', Int32Array.from(pixels));
      return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
    })()`,
  ) as Promise<string | null>;

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
