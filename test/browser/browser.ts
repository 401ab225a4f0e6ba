import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from 'playwright-core';
import { expect } from 'vitest';

/** The browser the tests drive: Debian's Chromium unless the environment names another. */
export const chromiumPath = process.env['HUREN_CHROMIUM'] || '/usr/bin/chromium';

/** Why the browser tests cannot run here; undefined when they can. */
export const browserMissing = existsSync(chromiumPath)
  ? undefined
  : `there is no Chromium at ${chromiumPath}`;

/** The screens these pages must look right on: the common hospital monitor and a phone. */
export const SCREENS = {
  desk: { width: 1366, height: 768 },
  phone: { width: 375, height: 812 },
} as const;

/**
 * A browser on a busy machine is now and then asked before it has drawn. Such a test is tried once more, and the run
 * names it (`tried twice: …`): what passes only at the second attempt is to be mended, but hides nothing else.
 */
export const A_SLOW_BROWSER_AGAIN = { retry: 1 } as const;

/**
 * Starts the browser, also as root and without a network.
 *
 * @param drawing with WebGL, drawn by the processor
 */
export const openBrowser = ({ drawing = false } = {}): Promise<Browser> =>
  chromium.launch({
    executablePath: chromiumPath,
    args: [
      '--no-sandbox',
      ...(drawing
        ? ['--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--disable-dev-shm-usage']
        : ['--disable-gpu']),
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });

/** Fills in the page on which somebody signs in, wherever an address leads to it, and sends it. */
export const sendSignIn = async (
  page: Page,
  address: string,
  login: string,
  password: string,
): Promise<void> => {
  await page.goto(address);
  await page.getByLabel('登录名').fill(login);
  await page.getByLabel('密码').fill(password);
  await page.getByRole('button', { name: '登录' }).click();
};

/** A page of a fresh visitor. Our policy forbids all script, so the checker of accessibility has to go around it. */
export const openPage = async (
  browser: Browser,
  screen: keyof typeof SCREENS,
  options: Pick<BrowserContextOptions, 'javaScriptEnabled' | 'bypassCSP' | 'storageState' | 'hasTouch'> = {},
): Promise<{ page: Page; context: BrowserContext }> => {
  const context = await browser.newContext({
    viewport: SCREENS[screen],
    locale: 'zh-CN',
    bypassCSP: true,
    ...options,
  });
  context.setDefaultTimeout(30_000);
  return { page: await context.newPage(), context };
};

/**
 * What the page's own policy refused, as the browser logs it. Of a page opened with `bypassCSP: false`; there nothing can
 * be evaluated, only looked at.
 */
export const policyViolations = (page: Page): readonly string[] => {
  const refused: string[] = [];
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) refused.push(message.text());
  });
  return refused;
};

/** What nobody caught on a page, and what its console calls an error; not the browser's own line about an answer that is none. */
export const uncaughtErrors = (page: Page): readonly string[] => {
  const errors: string[] = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource:'))
      errors.push(message.text());
  });
  return errors;
};

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

// Every rule runs; of what passed nothing is written out, which takes a third of the time.
const FINDINGS = `axe.run(document, {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
}).then(({ violations }) => violations)`;

interface AxeFinding {
  readonly id: string;
  readonly impact: string | null;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

// What fades in is pale on its way: colours are judged when everything that comes to an end has come to it, and it is
// brought there at once. Layers start their motion a frame or two after they are there, hence the rounds.
const SETTLED = `(async () => {
  for (let round = 0; round < 4; round++) {
    await new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)));
    const ending = document.getAnimations().filter((each) => Number.isFinite(each.effect?.getComputedTiming().endTime));
    for (const each of ending) each.finish();
  }
})()`;

/** Serious and critical findings of axe-core by WCAG 2.0 to 2.2, A and AA, with its best practices. */
export const seriousFindings = async (page: Page): Promise<string[]> => {
  await page.evaluate(SETTLED);
  if (await page.evaluate("typeof axe === 'undefined'")) await page.evaluate(AXE);
  const findings = (await page.evaluate(FINDINGS)) as AxeFinding[];
  return findings
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary ?? ''}`).join(' | ')}`,
    );
};

/** Width in CSS pixels by which the page is wider than the screen; 0 when nothing sticks out sideways. */
export const sidewaysOverflow = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

/** Keeps a picture of the page when `HUREN_SCREENSHOTS` names a folder, for people to look at. */
export const keepPicture = async (page: Page, name: string): Promise<void> => {
  const folder = process.env['HUREN_SCREENSHOTS'];
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
};

/**
 * Looks at pages of one screen: keeps a picture under the prefix, and demands that nothing serious is found against
 * accessibility and that nothing sticks out sideways.
 */
export const inspection =
  (prefix: string) =>
  async (page: Page, name: string): Promise<void> => {
    await keepPicture(page, `${prefix}-${name}`);
    expect(await seriousFindings(page), name).toEqual([]);
    expect(await sidewaysOverflow(page), `${name} fits sideways`).toBe(0);
  };
