import { openBrowser } from '../test/browser/browser.ts';

// First preview and first real pixels of the viewer, cold, in Chromium that draws without a graphics card. The address is
// that of a viewer that opens without a sign-in: what 看影像 of a shared report leads to.

const [, , address, rounds = '5'] = process.argv;
if (address === undefined || !address.includes('/viewing/')) {
  console.error('node tools/with-node24.mjs bench/viewer.ts http://…/viewing/PASS [ROUNDS]');
  process.exit(2);
}

interface Measured {
  /** Milliseconds from the navigation, as the page itself counts them. */
  readonly document: number;
  readonly preview: number;
  readonly script: number;
  readonly pixels: number;
}

const READ = `(() => {
  const resources = performance.getEntriesByType('resource');
  const end = (part) => Math.max(...resources.filter(({ name }) => name.includes(part)).map(({ responseEnd }) => responseEnd));
  return {
    document: performance.getEntriesByType('navigation')[0].responseEnd,
    preview: end('/rendered'),
    script: end('/assets/app/'),
    pixels: performance.getEntriesByName('first-pixels')[0].startTime,
  };
})()`;

const measured: Measured[] = [];
for (let round = 0; round < Number(rounds); round++) {
  // A browser of its own each time: nothing is cached, no code is compiled.
  const browser = await openBrowser({ drawing: true });
  try {
    const page = await (await browser.newContext({ viewport: { width: 1366, height: 768 } })).newPage();
    await page.goto(address);
    await page.locator('.pane[data-drawn=true]').first().waitFor({ timeout: 60_000 });
    measured.push((await page.evaluate(READ)) as Measured);
  } finally {
    await browser.close();
  }
}

for (const what of ['document', 'preview', 'script', 'pixels'] as const) {
  const sorted = measured.map((each) => each[what]).toSorted((one, other) => one - other);
  const middle = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  console.log(
    `${what.padEnd(9)} median ${middle.toFixed(0)} ms  (${sorted.map((each) => each.toFixed(0)).join(' ')})`,
  );
}
