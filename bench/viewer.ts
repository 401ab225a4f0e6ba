import { setTimeout as delay } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { browserMissing, openBrowser } from '../test/browser/browser.ts';
import { type RunningServer, startServer } from './server-process.ts';
import { slowLine } from './slow-line.ts';
import { startFloor } from './viewer-floor.ts';
import { openViewerSite, SLICES, type ViewerSite } from './viewer-site.ts';

/** Milliseconds from the navigation, as the page itself counts them: medians of the rounds. */
export interface OpeningTimes {
  readonly preview: number;
  readonly pixels: number;
  /** Kilobytes that had come down the line by then. */
  readonly kilobytes: number;
}

/** What one kind of series gives its viewer. */
export interface ViewingTimes extends OpeningTimes {
  /** Until every slice is there, in seconds. */
  readonly allSeconds: number;
  /** Slices drawn a second while a key is held, all of them there. */
  readonly drawnPerSecond: number;
}

/** The viewer over a line, with and without a view copy, and cornerstone3D alone over the same line. */
export interface ViewerTimes {
  readonly original: ViewingTimes;
  readonly copy: ViewingTimes;
  readonly floor: Pick<OpeningTimes, 'pixels' | 'kilobytes'>;
  readonly copySeconds: number;
  readonly copyBytes: number;
}

/** A household's or clinic's line. */
const BITS_PER_SECOND = 20_000_000;
const ROUND_TRIP_MS = 20;
/** Five hundred slices take 105 s at the line's rate alone. */
const PATIENCE_MS = 240_000;

const READ = `(() => {
  const resources = performance.getEntriesByType('resource');
  return {
    preview: Math.max(0, ...resources.filter(({ name }) => name.includes('/rendered')).map(({ responseEnd }) => responseEnd)),
    pixels: performance.getEntriesByName('first-pixels')[0].startTime,
  };
})()`;

/** How many slices are drawn a second while the key for the next one is held and each is drawn as soon as it can be. */
const SCROLL = `(async () => {
  const pane = document.querySelector('.pane .canvas');
  let drawn = 0;
  pane.addEventListener('CORNERSTONE_STACK_NEW_IMAGE', () => drawn++);
  document.dispatchEvent(new KeyboardEvent('keydown', { key: 'Home', bubbles: true }));
  await new Promise((next) => setTimeout(next, 1000));
  drawn = 0;
  const from = performance.now();
  while (performance.now() - from < 4000) {
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown', bubbles: true }));
    await new Promise(requestAnimationFrame);
  }
  return (drawn * 1000) / (performance.now() - from);
})()`;

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Opens a page in a browser of its own that has drawn an empty page, with nothing cached and no code compiled, over the slow line. */
const openCold = async <Value>(
  target: number,
  path: string,
  work: (page: Page, bytesDown: () => number) => Promise<Value>,
): Promise<Value> => {
  const line = await slowLine(target, BITS_PER_SECOND, ROUND_TRIP_MS);
  const browser = await openBrowser({ drawing: true });
  try {
    const page = await (await browser.newContext({ viewport: { width: 1366, height: 768 } })).newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    await page.addInitScript('performance.setResourceTimingBufferSize(5000)');
    // The start of the browser's own drawing process is no part of opening a page: it would stand still for half a second.
    await page.goto('data:text/html,<p>.');
    await page.evaluate('new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))');
    const answer = await page.goto(`http://127.0.0.1:${line.port}${path}`, { waitUntil: 'commit' });
    // A page that tells of a failure has no picture, however long one waits.
    if (answer?.status() !== 200)
      throw new Error(`the viewer answered ${answer?.status()} instead of a page`);
    return await work(page, () => line.bytesDown());
  } finally {
    await browser.close();
    await line.close();
  }
};

const LOOK_MS = 25;

/** Waits for a condition by looking from outside: the page's policy lets nothing be evaluated in it. */
const until = async (page: Page, condition: string): Promise<void> => {
  const end = performance.now() + PATIENCE_MS;
  while (!(await page.evaluate(condition))) {
    if (performance.now() > end) throw new Error(`the page never came to ${condition}`);
    await delay(LOOK_MS);
  }
};

const untilPixels = (page: Page): Promise<void> =>
  until(page, "performance.getEntriesByName('first-pixels').length > 0");

const openings = async (
  target: number,
  path: () => string,
  rounds: number,
  say: (text: string) => void,
): Promise<OpeningTimes> => {
  const measured: OpeningTimes[] = [];
  for (let round = 0; round < rounds; round++) {
    measured.push(
      await openCold(target, path(), async (page, bytesDown) => {
        await untilPixels(page);
        const kilobytes = bytesDown() / 1000;
        return { ...((await page.evaluate(READ)) as Pick<OpeningTimes, 'preview' | 'pixels'>), kilobytes };
      }),
    );
    say(`viewer: ${JSON.stringify(measured.at(-1))}`);
  }
  return {
    preview: median(measured.map(({ preview }) => preview)),
    pixels: median(measured.map(({ pixels }) => pixels)),
    kilobytes: median(measured.map(({ kilobytes }) => kilobytes)),
  };
};

const throughAll = (
  target: number,
  path: string,
): Promise<Pick<ViewingTimes, 'allSeconds' | 'drawnPerSecond'>> =>
  openCold(target, path, async (page) => {
    await untilPixels(page);
    await until(
      page,
      `performance.getEntriesByType('resource').filter(({ name }) => name.includes('/frames/')).length >= ${SLICES}`,
    );
    const allSeconds = (await page.evaluate('performance.now() / 1000')) as number;
    // The last ones are decoded a moment after they came.
    await delay(2_000);
    return { allSeconds, drawnPerSecond: (await page.evaluate(SCROLL)) as number };
  });

const timeViewing = async (
  server: RunningServer,
  site: ViewerSite,
  rounds: number,
  say: (text: string) => void,
): Promise<ViewingTimes> => ({
  ...(await openings(server.httpPort, () => site.pass(), rounds, say)),
  ...(await throughAll(server.httpPort, site.pass())),
});

const MAIN = new URL('../src/apps/cli/main.ts', import.meta.url).pathname;

/** Serves without the worker, which would make the copy while the original is measured. */
const serving = async <Value>(
  site: ViewerSite,
  work: (server: RunningServer) => Promise<Value>,
): Promise<Value> => {
  const server = await startServer(site, [], [MAIN, 'serve', '--roles', 'http']);
  try {
    return await work(server);
  } finally {
    await server.stop();
  }
};

/**
 * Measures how soon a CT of 500 slices is seen, over a line of 20 Mbit/s, in Chromium that draws without a graphics card.
 *
 * @returns a sentence where there is no browser
 */
export const timeViewer = async (
  folder: string,
  rounds: number,
  say: (text: string) => void,
): Promise<ViewerTimes | string> => {
  if (browserMissing) return browserMissing;
  const site = await openViewerSite(folder, say);
  await site.forget();
  say(`viewer: originals, ${rounds} rounds`);
  const { original, floor } = await serving(site, async (server) => {
    const root = `http://127.0.0.1:${server.httpPort}${site.pass()}${site.series}`;
    const instances = (await (await fetch(`${root}/metadata`)).json()) as {
      readonly '00080018': { readonly Value: readonly [string] };
    }[];
    const middle = instances[Math.floor(instances.length / 2)]?.['00080018'].Value[0];
    const bare = await startFloor(folder, root, `${root}/instances/${middle}/frames/1`);
    try {
      const alone = await openings(bare.port, () => '/', rounds, say);
      return { floor: alone, original: await timeViewing(server, site, rounds, say) };
    } finally {
      await bare.close();
    }
  });
  say('viewer: making the view copy');
  const { seconds: copySeconds, bytes: copyBytes } = await site.copy();
  say(`viewer: copies, ${rounds} rounds`);
  const copy = await serving(site, (server) => timeViewing(server, site, rounds, say));
  return { original, copy, floor, copySeconds, copyBytes };
};
