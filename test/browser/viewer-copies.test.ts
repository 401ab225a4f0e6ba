import { createHash } from 'node:crypto';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { browserMissing, inspection, openPage } from './browser.ts';
import { STUDIES } from './example-studies.ts';
import { heldValues, ROOM } from './held-values.ts';
import { greyOf } from './pane-questions.ts';
import { dragged } from './viewer-hands.ts';
import { type ViewerBench, viewerBench } from './viewer-bench.ts';

// What is drawn from a view copy is what is drawn from the original, to the last value; and what headers ask for is drawn and measured.

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

/** A case of many steps, each of which waits for what is drawn. */
const SLOW = { timeout: 180_000 };

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
  const shown = async (): Promise<number[]> =>
    (await page.evaluate(`(() => {
      const canvas = document.querySelector('.preview canvas');
      return [...canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data].filter((_, at) => at % 4 === 0);
    })()`)) as number[];
  const expected = studies.frames('today').map(({ bytes }) => {
    const words = new Int16Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    // In the window of the lung, -600 and 1500: from -1350 to 149 (PS3.3 C.11.2.1.2.1).
    return Array.from(words, (word) => Math.min(255, Math.max(0, ((word - 1024 + 1350) * 255) / 1499)));
  });
  const alike = async (): Promise<number> => {
    const greys = await shown();
    return expected.filter((one) => one.every((value, at) => Math.abs(value - (greys[at] as number)) <= 0.51))
      .length;
  };
  await expect.poll(alike, PATIENCE).toBe(1);
  go();
  await page.locator('.pane[data-drawn=true]').waitFor(PATIENCE);
  expect(await first.count()).toBe(0);
  await context.close();
});

it('measures projections, and shows them by their own curves', SLOW, async () => {
  const { page, context } = await open('plates');
  await expect.poll(() => page.locator('.pane[data-drawn=true]').count(), PATIENCE).toBe(2);
  const pane = (at: number) => page.locator('.pane').nth(at);
  const said = (at: number) => pane(at).locator('.bottom-left').innerText();
  expect(await pane(0).locator('.edge').allInnerTexts()).toEqual(['R', 'L', 'H', 'F']);
  expect(await pane(1).locator('.edge').allInnerTexts()).toEqual(['A', 'P', 'H', 'F']);
  expect(await said(0)).toContain('按图像自带的显示曲线显示');
  expect(await said(0)).toContain('校准方式未注明');
  expect(await said(1)).toContain('窗宽 256 窗位 128');
  expect(await said(1)).toContain('S 形曲线');
  expect(await said(1)).toContain('探测器平面尺寸，放大率未校正');
  expect(await said(1)).not.toContain('反相');
  /** Grey of a pixel in the middle of a column of the picture. */
  const greyAt = (at: number, column: number) => page.evaluate(greyOf(at, column / 64)) as Promise<number>;
  for (const column of [8, 31, 56]) {
    const value = column * 4;
    const near = (grey: number, wanted: number) => expect(Math.abs(grey - wanted)).toBeLessThan(6);
    near(await greyAt(0, column + 0.5), 252 - value);
    near(await greyAt(1, column + 0.5), 255 - 255 / (1 + Math.exp((-4 * (value - 128)) / 256)));
  }
  await page.getByRole('button', { name: '测长' }).click();
  const texts = (at: number) => pane(at).locator('.canvas svg text');
  /** While it is drawn, a measure says how long it is so far. */
  const drawLength = async (at: number, wanted: number): Promise<void> => {
    const box = await pane(at).locator('.canvas').boundingBox();
    if (!box) throw new Error('no canvas');
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    // The picture is as high as its pane, or as wide.
    const side = Math.min(box.width, box.height);
    await dragged(page, [x - side / 4, y], [x + side / 4, y]);
    const length = async () => Number.parseFloat((await texts(at).first().textContent()) ?? '');
    await expect.poll(length, PATIENCE).toBeCloseTo(wanted, 0);
  };
  await drawLength(0, 6.4);
  expect(await texts(0).innerHTML()).toMatch(/毫米.*校准方式未注明/);
  await drawLength(1, 3.2);
  expect(await texts(1).innerHTML()).toMatch(/毫米.*放大率未校正/);
  await page.getByRole('button', { name: '区域', exact: true }).click();
  const box = await pane(0).locator('.canvas').boundingBox();
  if (!box) throw new Error('no canvas');
  // From its middle: both halves are an eighth of 64 pixels of 0.2 mm.
  const half = Math.min(box.width, box.height) / 8;
  const [x, y] = [box.x + box.width / 2, box.y + box.height * 0.65];
  await dragged(page, [x, y], [x + half, y + half]);
  const area = texts(0).getByText('平方毫米');
  const squared = async () => Number(/[\d.]+/.exec((await area.textContent()) ?? '')?.[0]);
  await expect.poll(squared, PATIENCE).toBeCloseTo(Math.PI * 1.6 ** 2, 0);
  await inspection('viewer-desk')(page, 'plates');
  await page.getByRole('button', { name: '测长' }).click();
  // Where the region was drawn is where it hangs.
  await page.getByRole('button', { name: '标定区域' }).click();
  await expect.poll(() => said(0), PATIENCE).toContain('标定区域内按厘米测量');
  expect(await said(0)).not.toContain('无像素间距');
  await drawLength(0, 1.6);
  expect(await texts(0).innerHTML()).toMatch(/厘米(?!.*Region)/);
  await inspection('viewer-desk')(page, 'ultrasound');
  await context.close();
});

it(
  'shows values in the high bits of their words, and values by a table of the device, as they are meant',
  SLOW,
  async () => {
    const { page, context } = await open('plates');
    const pane = page.locator('.pane').first();
    for (const [name, meant] of [
      ['高位存储', (value: number) => value],
      ['设备曲线', (value: number) => 252 - value],
    ] as const) {
      await page.getByRole('button', { name }).click();
      await expect.poll(() => pane.locator('.over').innerText(), PATIENCE).toContain('窗宽 256 窗位 128');
      // Grey by grey from left to right; the window of 256 greys shows each value as it is.
      const shown = async () => {
        const greys = (await Promise.all(
          [8, 31, 56].map((column) => page.evaluate(greyOf(0, (column + 0.5) / 64))),
        )) as number[];
        return greys.every((grey, at) => Math.abs(grey - meant(([8, 31, 56][at] as number) * 4)) < 6)
          ? 'as meant'
          : greys.join(' ');
      };
      await expect.poll(shown, PATIENCE).toBe('as meant');
    }
    await context.close();
  },
);

it('cuts a volume in three planes', async () => {
  const { page, context } = await open('today');
  await page.getByRole('button', { name: '三平面重建' }).click();
  await page.locator('.cross').nth(2).waitFor();
  const planes = page.locator('.plane');
  const letters = await planes.locator('.edge').allInnerTexts();
  expect(letters.join('')).toBe('RLAP' + 'RLHF' + 'APHF');
  const said = await planes.locator('.over').allInnerTexts();
  for (const [place, name] of ['横断面', '冠状面', '矢状面'].entries())
    for (const words of [name, '示例 男', /位置 [LRPAHF] \d+\.\d mm/, '窗宽 1500 窗位 -600'])
      expect(said[place]).toMatch(words);
  await inspection('viewer-desk')(page, 'planes');
  await context.close();
});
